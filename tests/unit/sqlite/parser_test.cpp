#include "parser.hpp"

#include "rewriter.hpp"
#include "support.hpp"

namespace aludel::sqlite::test {
namespace {

std::string refused(std::string_view sql) {
  return error_of([&] { parse_table(sql); }).what();
}

TEST(parser, says_what_it_expected_and_where) {
  EXPECT_EQ(refused("CREATE TABLE t (a INT,\n  b INT NOT)"), "line 2, column 9: expected a column constraint, ',' or ')', but there is 'NOT'");
  EXPECT_EQ(refused("CREATE TABLE t (a INT"), "line 1, column 22: expected a column constraint, ',' or ')', but the statement ends");
  EXPECT_EQ(refused("CREATE TABLE t (a 'open)"), "line 1, column 19: expected a column constraint, ',' or ')', but there is an unclosed string");
  EXPECT_EQ(refused("CREATE TABLE t (a) WITH ROWID"), "line 1, column 20: expected WITHOUT ROWID or STRICT, but there is 'WITH'");
  EXPECT_EQ(refused("CREATE VIEW v AS SELECT 1"), "line 1, column 8: expected TABLE, but there is 'VIEW'");
}

TEST(parser, reads_statements_as_people_write_them) {
  EXPECT_EQ(parse_table("create temp table if not exists main.[my table] (a);").name.name, "my table");
  const ParsedIndex index = parse_index("CREATE UNIQUE INDEX IF NOT EXISTS main.ix ON t (a) WHERE a > ')' -- c\n;");
  EXPECT_EQ(index.index.name, "ix");
  EXPECT_EQ(index.table, "t");
  EXPECT_EQ(index.index.where->declared, "a > ')'");
  const ParsedObject trigger = parse_object("CREATE TRIGGER IF NOT EXISTS t1 INSTEAD OF UPDATE OF \"on\" ON main.v BEGIN SELECT 1; END; -- c");
  EXPECT_EQ(trigger.table, "v");
  EXPECT_EQ(trigger.definition, "INSTEAD OF UPDATE OF \"on\" ON main.v BEGIN SELECT 1; END");
  EXPECT_EQ(module_of(parse_object("CREATE VIRTUAL TABLE v USING FTS5(a)").definition), "fts5");
}

TEST(parser, refuses_damaged_statements_in_an_orderly_way) {
  // Cut, doubled and changed at random: every function returns or throws an Error, and a normal form is always its own normal form.
  const std::vector<std::string> seeds = {
      "CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b TEXT NOT NULL ON CONFLICT FAIL DEFAULT ('x' || 1) CHECK (b <> '') REFERENCES u (c) ON "
      "DELETE "
      "SET NULL DEFERRABLE INITIALLY DEFERRED, c AS (a * -2) STORED, CONSTRAINT k UNIQUE (b COLLATE NOCASE DESC, c), FOREIGN KEY (a, b) REFERENCES "
      "v) STRICT",
      "CREATE UNIQUE INDEX ix ON t (lower(a) DESC, b COLLATE nocase, (c)) WHERE a IN (1, 2) AND b IS NOT NULL",
      "CREATE VIEW v (x, y) AS WITH w AS (SELECT a, b FROM t AS q JOIN u USING (a)) SELECT w.a, (SELECT max(b) FROM u) FROM w, (SELECT 1) AS z ORDER "
      "BY 1",
      "CREATE TRIGGER r AFTER UPDATE OF a, b ON t WHEN NEW.a <> OLD.a BEGIN INSERT INTO u (c) VALUES (NEW.a) ON CONFLICT (c) DO UPDATE SET c = "
      "excluded.c; "
      "UPDATE t SET (a, b) = (1, 2) WHERE a IN u; DELETE FROM u; END"};
  std::mt19937_64 random(seed());
  schema::Table owner;
  owner.name.name = "t";
  for (const char* name : {"a", "b", "c"}) owner.columns.emplace_back().name = name;
  const op::Rename table_rename{{"", "t"}, "", "new name"};
  const op::Rename column_rename{{"", "t"}, "a", "z"};
  for (int i = 0; i < cases(3000); ++i) {
    std::string text = seeds[random() % seeds.size()];
    for (auto changes = random() % 4; changes > 0 && !text.empty(); --changes) {
      const std::size_t at = random() % text.size();
      const std::size_t length = random() % std::min<std::size_t>(text.size() - at + 1, 30);
      switch (random() % 4) {
        case 0:
          text.erase(at, length);
          break;
        case 1:
          text.insert(at, std::string(text, random() % text.size(), length));
          break;
        case 2:
          text[at] = "()'\"[];,.-*/ \0xX"[random() % 16];
          break;
        default:
          text.resize(at);
          break;
      }
    }
    const auto quietly = [](auto call) {
      try {
        call();
      } catch (const Error& error) {
        EXPECT_NE(error.kind(), ErrorKind::internal);
      }
    };
    SCOPED_TRACE(printable(text, 500));
    quietly([&] { parse_table(text); });
    quietly([&] { parse_index(text); });
    quietly([&] { parse_object(text); });
    quietly([&] { dialect().split(text); });
    quietly([&] {
      const std::string once = normal_definition(text);
      ASSERT_EQ(normal_definition(once), once);
    });
    const auto from = text.find_first_of("(A");
    const std::string_view part = std::string_view(text).substr(from == std::string::npos ? 0 : from);
    quietly([&] {
      const std::string expression = normal_expression(part, owner);
      ASSERT_EQ(normal_expression(expression, owner), expression) << part;
    });
    quietly([&] { default_clause(part); });
    rewriter().rewrite(part, op::TextKind::definition, {"", "v"}, table_rename);
    rewriter().rewrite(part, op::TextKind::definition, {"", "v"}, column_rename);
    rewriter().rewrite(part, op::TextKind::expression, {"", "t"}, column_rename);
    referenced_tables(part);
    ASSERT_FALSE(HasFailure());
  }
}

}  // namespace
}  // namespace aludel::sqlite::test
