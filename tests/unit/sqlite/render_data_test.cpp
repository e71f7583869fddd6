#include "render_support.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace aludel::test {
namespace {

using schema::Type;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

op::Sql sql(std::string text) {
  op::Sql result;
  result.sql = {{"default", std::move(text)}};
  return result;
}

TEST(SqliteData, RunsTheAuthorsSqlStatementByStatement) {
  Sandbox box("CREATE TABLE t (a TEXT)");
  op::Sql both;
  both.sql = {{"postgresql", "SELECT nonsense"}, {"sqlite", "INSERT INTO t VALUES ('a;b'); -- and\nINSERT INTO t VALUES ('c');"}};
  EXPECT_EQ(box.run({both}).statements.size(), 2u);
  EXPECT_EQ(box.ask("SELECT a FROM t"), "a;b / c");
  op::Sql others;
  others.sql = {{"postgresql", "SELECT 1"}};
  EXPECT_TRUE(box.render({others}).statements.empty());
}

TEST(SqliteData, RefusesTransactionControlByName) {
  Sandbox box;
  for (const char* text : {"BEGIN", "commit;", "END", "ROLLBACK TO x", "savepoint x", "/* hm */ RELEASE x", "PRAGMA foreign_keys = OFF",
                           "PRAGMA main.foreign_keys(0)"}) {
    const Error error = error_of([&] { box.render({sql(text)}); });
    EXPECT_EQ(error.kind(), ErrorKind::guard) << text;
    EXPECT_THAT(error.message(), HasSubstr("in a revision's SQL"));
  }
  const Error vacuum = error_of([&] { box.render({sql("VACUUM")}); });
  EXPECT_THAT(vacuum.message(), HasSubstr("VACUUM"));
  dialect::RenderOptions bare;
  bare.transaction = false;
  EXPECT_EQ(box.render({sql("VACUUM")}, bare).statements.front().boundary, dialect::Boundary::outside_transaction);
}

TEST(SqliteData, KnowsTheDeclaredEffectOfSql) {
  Sandbox box("CREATE TABLE t (a TEXT)");
  op::Sql add = sql("ALTER TABLE t ADD COLUMN b TEXT");
  add.effect = std::vector<op::Operation>{op::AddColumn{{"", "t"}, column("b", Type::string())}};
  box.run({add, op::RenameColumn{{"", "t"}, "b", "c"}});
  EXPECT_EQ(box.ask("SELECT name FROM pragma_table_info('t')"), "a / c");
}

TEST(SqliteData, InsertsAndDeletesRowsOfEveryType) {
  Sandbox box("CREATE TABLE t (a, b, c)");
  const std::vector<op::Row> rows = {{{"a", "it's \"q\"\n"}, {"b", nullptr}, {"c", Value(Bytes{std::byte{0}, std::byte{255}})}},
                                     {{"a", std::int64_t{-9223372036854775807LL - 1}}, {"b", 1.5}, {"c", true}},
                                     {{"b", "other columns"}}};
  const auto script = box.run({op::Insert{{"", "t"}, rows}});
  EXPECT_EQ(script.statements.size(), 2u);
  EXPECT_EQ(box.ask("SELECT typeof(a), typeof(b), typeof(c), c = x'00ff' FROM t LIMIT 2"), "text null blob 1 / integer real integer 0");
  box.run({op::Delete{{"", "t"}, rows}});
  EXPECT_EQ(box.ask("SELECT count(*) FROM t"), "0");
  EXPECT_EQ(error_of([&] { box.render({op::Delete{{"", "t"}, {{}}}}); }).kind(), ErrorKind::guard);
}

TEST(SqliteData, InsertsManyRowsAtOnce) {
  Sandbox box("CREATE TABLE t (a)");
  std::vector<op::Row> rows;
  for (int i = 0; i < 1000; ++i) rows.push_back({{"a", i}});
  EXPECT_LE(box.run({op::Insert{{"", "t"}, rows}}).statements.size(), 10u);
  EXPECT_EQ(box.ask("SELECT sum(a) FROM t"), "499500");
  box.run({op::Delete{{"", "t"}, rows}});
  EXPECT_EQ(box.ask("SELECT count(*) FROM t"), "0");
}

TEST(SqliteData, AssertsCallsAndIrreversibleSteps) {
  Sandbox box("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
  op::Assert empty;
  empty.query = {{"default", "SELECT count(*) FROM t;"}};
  empty.equals = 0;
  empty.message = "t must be empty";
  const Error failed = error_of([&] { run_script(box.connection(), box.render({empty})); });
  EXPECT_EQ(failed.message(), "t must be empty");
  int given = 0;
  Functions functions;
  functions["fill"] = [&](dialect::Connection& connection, const Value& arguments) {
    given = static_cast<int>(*arguments.find("n")->integer());
    connection.execute("DELETE FROM t");
  };
  run_script(box.connection(), box.render({op::Call{"fill", Value(Value::Object{{"n", 7}}), std::nullopt}, empty}), functions);
  EXPECT_EQ(given, 7);
  const Error error = error_of([&] { box.render({op::Irreversible{"mails were sent"}}); });
  EXPECT_EQ(error.kind(), ErrorKind::guard);
  EXPECT_THAT(error.message(), HasSubstr("mails were sent"));
}

std::string loss(Sandbox& box, const op::Operation& operation) {
  const auto probe = sqlite::dialect().renderer().loss_probe(operation, box.schema());
  return probe ? box.ask(probe->query) + " " + probe->what : "none";
}

TEST(SqliteLoss, CountsWhatAnOperationWouldLose) {
  Sandbox box(R"(
    CREATE TABLE hero (id INTEGER PRIMARY KEY, name TEXT, code TEXT, big INTEGER, twice INTEGER AS (id * 2));
    INSERT INTO hero (name, code, big) VALUES ('a', '007', 9007199254740993), (NULL, '12', 5), ('c', 'x1', 6);
  )");
  EXPECT_EQ(loss(box, op::DropTable{{"", "hero"}, std::nullopt}), "3 rows of hero");
  EXPECT_EQ(loss(box, op::DropColumn{{"", "hero"}, "name", std::nullopt}), "2 non-null values of hero.name");
  EXPECT_EQ(loss(box, op::DropColumn{{"", "hero"}, "twice", std::nullopt}), "none");
  EXPECT_EQ(loss(box, op::AddColumn{{"", "hero"}, column("x", Type::string())}), "none");
  EXPECT_EQ(loss(box, set_type("hero", "name", Type::string(), Type::varchar(1))), "none") << "SQLite keeps longer values all the same";
  EXPECT_EQ(loss(box, set_type("hero", "code", Type::string(), Type::integer())), "1 values of hero.code that become other ones as numbers");
  EXPECT_EQ(loss(box, set_type("hero", "big", Type::integer(), Type::real())), "1 values of hero.big that become other ones as numbers");
  EXPECT_EQ(loss(box, set_type("hero", "big", Type::integer(), Type::string())), "none");
  EXPECT_EQ(loss(box, set_type("hero", "name", Type::string(), Type::enumeration("n", {"a", "b"}))),
            "1 values of hero.name that the enumeration does not have");
  op::AlterColumn converted = set_type("hero", "code", Type::string(), Type::integer());
  converted.using_ = schema::Expression("nullif(hero.code, '12')");
  EXPECT_EQ(loss(box, converted), "1 non-null values of hero.code that `using` makes NULL");
}

// Counted is what SQLite itself makes of a text when it stores it in a column of that affinity, and nothing else: a date stays the text it is.
TEST(SqliteLoss, CountsTextsThatSqliteStoresAsOtherNumbers) {
  for (const std::string text : {"007",
                                 "7",
                                 "-7",
                                 "+7",
                                 "7.0",
                                 ".5",
                                 "5.",
                                 "1e3",
                                 "1E3",
                                 "0x10",
                                 " 5",
                                 "5 ",
                                 "12345678901234567890",
                                 "2026-11-29",
                                 "12:30",
                                 "1.2.3",
                                 "12-5",
                                 "-",
                                 "e",
                                 "",
                                 "abc",
                                 "1e",
                                 "9007199254740993"}) {
    for (const auto& [type, affinity] :
         {std::pair(Type::decimal(9, 2), "NUMERIC"), std::pair(Type::integer(), "INTEGER"), std::pair(Type::real(), "REAL")}) {
      Sandbox box(fmt::format("CREATE TABLE t (x TEXT); INSERT INTO t VALUES ('{0}'); CREATE TABLE o (x {1}); INSERT INTO o VALUES ('{0}');", text,
                              affinity));
      // '7' stored as 7.0 can be told again.
      const std::string lost = box.ask(fmt::format("SELECT CAST(x AS TEXT) <> '{0}' AND CAST(x AS TEXT) <> '{0}.0' FROM o", text));
      const std::string found = loss(box, set_type("t", "x", Type::string(), type));
      EXPECT_EQ(found.substr(0, 1), lost) << text << " as " << affinity << ": " << found;
    }
  }
}

}  // namespace
}  // namespace aludel::test
