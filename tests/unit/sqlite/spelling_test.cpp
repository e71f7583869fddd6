#include "spelling.hpp"

#include "render_support.hpp"

#include <aludel/diff/compare.hpp>

#include <gmock/gmock.h>

// Tables are written again as their author wrote them, wherever that still says what the schema says.
namespace aludel::test {
namespace {

using schema::Type;
using ::testing::HasSubstr;
using ::testing::Not;

/// Changes a database made by `from` into one made by `to`; what it holds then.
class Changed {
 public:
  Changed(std::string_view from, std::string_view to) : box_(from) {
    const schema::Metadata before = box_.schema();
    const schema::Metadata after = Sandbox(to).schema();
    diff::Options options;
    options.comparison = sqlite::dialect().comparison(box_.connection().server());
    options.fold_case = true;
    options.rewriter = &sqlite::dialect().rewriter();
    script_ = box_.run(diff::compare(before, after, options).operations);
    EXPECT_TRUE(diff::compare(box_.schema(), after, options).operations.empty()) << box_.dump();
  }
  std::string sql(const std::string& name) { return box_.ask("SELECT sql FROM sqlite_schema WHERE name = '" + name + "'"); }
  const dialect::Script& script() const { return script_; }

 private:
  Sandbox box_;
  dialect::Script script_;
};

TEST(SqliteSpelling, ATableIsCreatedAsItsAuthorWroteIt) {
  constexpr std::string_view text = R"(CREATE TABLE hero ( -- everyone who counts
  -- the key
  -- (never used again)
  id integer PRIMARY KEY AUTOINCREMENT NOT NULL, -- a number
  name varchar( 80 ) CONSTRAINT nn NOT NULL CONSTRAINT df DEFAULT ('x'), /* as shown */ -- and printed
  age INT /* in years */ DEFAULT (1),
  boss int REFERENCES hero(id) ON UPDATE no action ON DELETE no action,
  CHECK ("hero"."age" > 21), -- adults
  /* both */
  UNIQUE (name, boss) -- and last
))";
  Changed changed("", text);
  EXPECT_EQ(changed.sql("hero"), R"(CREATE TABLE "hero" ( -- everyone who counts
  -- the key
  -- (never used again)
  id integer PRIMARY KEY AUTOINCREMENT NOT NULL, -- a number
  name varchar( 80 ) CONSTRAINT nn NOT NULL CONSTRAINT df DEFAULT ('x'), /* as shown */ -- and printed
  age INT /* in years */ DEFAULT (1),
  boss int REFERENCES hero(id) ON UPDATE no action ON DELETE no action,
  CHECK ("hero"."age" > 21), -- adults
  /* both */
  UNIQUE (name, boss) -- and last
))");
}

TEST(SqliteSpelling, ARebuildKeepsTheCommentsAndWordsOfWhatStays) {
  Changed changed(R"(CREATE TABLE hero (
    id integer PRIMARY KEY NOT NULL, -- a number
    gone INT CHECK (gone > 0), -- goes with it
    name TEXT CONSTRAINT nn NOT NULL /* within */ DEFAULT ('x'), -- as shown
    boss int REFERENCES hero(id) ON UPDATE NO ACTION ON DELETE SET NULL,
    -- adults
    CONSTRAINT adult CHECK(id <> 13) -- or so
  ))",
                  R"(CREATE TABLE hero (
    id integer PRIMARY KEY NOT NULL,
    name TEXT NOT NULL DEFAULT 'x',
    boss int REFERENCES hero(id) ON DELETE SET NULL,
    CONSTRAINT adult CHECK(id <> 13)
  ))");
  EXPECT_EQ(changed.sql("hero"), R"(CREATE TABLE "hero" (
  id integer PRIMARY KEY NOT NULL, -- a number
  name TEXT CONSTRAINT nn NOT NULL /* within */ DEFAULT ('x'), -- as shown
  boss int REFERENCES hero(id) ON UPDATE NO ACTION ON DELETE SET NULL,
  -- adults
  CONSTRAINT adult CHECK(id <> 13) -- or so
))");
}

TEST(SqliteSpelling, OnlyTheClauseThatChangesIsExchanged) {
  const auto column = [](const std::string& from, const std::string& to) {
    Changed changed("CREATE TABLE t (x INT PRIMARY KEY, " + from + "\n)", "CREATE TABLE t (x INT PRIMARY KEY, " + to + "\n)");
    const std::string sql = changed.sql("t");
    const std::size_t first = sql.find('\n', sql.find("PRIMARY KEY")) + 3;
    return sql.substr(first, sql.rfind("\n)") - first);
  };
  EXPECT_EQ(column("a int NOT NULL DEFAULT (1) /* c */", "a bigint NOT NULL DEFAULT 1"), "a BIGINT NOT NULL DEFAULT (1) /* c */");
  EXPECT_EQ(column("a int -- why\n NOT NULL DEFAULT 1", "a int DEFAULT 1"), "a int -- why\n DEFAULT 1");
  EXPECT_EQ(column("a int DEFAULT 1 NOT NULL -- why\n", "a int DEFAULT 1"), "a int DEFAULT 1 -- why");
  EXPECT_EQ(column("a int DEFAULT 1", "a int NOT NULL DEFAULT 1"), "a int DEFAULT 1 NOT NULL");
  EXPECT_EQ(column("a int NULL DEFAULT 1", "a int NOT NULL DEFAULT 2"), "a int NOT NULL DEFAULT 2");
  EXPECT_EQ(column("a text collate nocase CHECK (a <> '')", "a text CHECK (a <> '')"), "a text CHECK (a <> '')");
  EXPECT_EQ(column("a text UNIQUE ON CONFLICT IGNORE", "a text"), "a text");
  EXPECT_EQ(column("a", "a text"), "a TEXT");
  EXPECT_EQ(column("a text", "a"), "a");
  EXPECT_EQ(column("a text CONSTRAINT c CHECK (a <> '') REFERENCES t(x) ON DELETE NO ACTION", "a text REFERENCES t(x)"),
            "a text REFERENCES t(x) ON DELETE NO ACTION");
  EXPECT_EQ(column("a text CHECK (a IN ('x', 'y')) -- two", "a text CHECK (a IN ('x', 'z'))"), "a text CHECK (\"a\" IN ('x', 'z')) -- two");
}

TEST(SqliteSpelling, WhatGoesWithoutSayingIsNotSaid) {
  constexpr std::string_view text = "CREATE TABLE t (a TEXT PRIMARY KEY, b TEXT COLLATE BINARY, c TEXT) WITHOUT ROWID";
  Changed changed(text, "CREATE TABLE t (a TEXT PRIMARY KEY, b TEXT, c INT) WITHOUT ROWID");
  EXPECT_EQ(changed.sql("t"), "CREATE TABLE \"t\" (\n  a TEXT PRIMARY KEY,\n  b TEXT COLLATE BINARY,\n  c INT\n) WITHOUT ROWID");
}

TEST(SqliteSpelling, AKeyThatBecomesAutoincrementKeepsTheRest) {
  Changed changed("CREATE TABLE t (id integer PRIMARY KEY NOT NULL, a text)",
                  "CREATE TABLE t (id integer PRIMARY KEY AUTOINCREMENT NOT NULL, a text)");
  EXPECT_THAT(changed.sql("t"), HasSubstr("id integer NOT NULL PRIMARY KEY AUTOINCREMENT,\n  a text\n"));
}

TEST(SqliteSpelling, ChecksKeepTheTablesName) {
  constexpr std::string_view from = "CREATE TABLE users (id integer PRIMARY KEY, age INT, CONSTRAINT ck CHECK(\"users\".\"age\" > 21))";
  constexpr std::string_view to = "CREATE TABLE users (id integer PRIMARY KEY, age INT, CONSTRAINT ck CHECK(\"users\".\"age\" > 22))";
  Changed changed(from, to);
  EXPECT_THAT(changed.sql("users"), HasSubstr("CONSTRAINT ck CHECK(\"users\".\"age\" > 22)"));
  // SQLite, told to follow the name, would stop at a view of the table: then it goes without.
  constexpr std::string_view view = "; CREATE VIEW v AS SELECT age FROM users";
  Changed seen(std::string(from) + std::string(view), std::string(to) + std::string(view));
  EXPECT_THAT(seen.sql("users"), HasSubstr("CONSTRAINT ck CHECK(\"age\" > 22)"));
}

TEST(SqliteSpelling, AConstraintMayGetAnotherName) {
  const auto renamed = [](const std::string& definition, const std::string& from, const std::string& to) {
    Sandbox box("CREATE TABLE p (id integer PRIMARY KEY); CREATE TABLE t (id integer PRIMARY KEY, a INT, " + definition + ")");
    box.run({op::RenameConstraint{{"", "t"}, from, to}});
    return box.ask("SELECT sql FROM sqlite_schema WHERE name = 't'");
  };
  EXPECT_THAT(renamed("CONSTRAINT c CHECK(\"t\".\"a\" > 21)", "c", "d"), HasSubstr("CONSTRAINT \"d\" CHECK(\"t\".\"a\" > 21)"));
  EXPECT_THAT(renamed("b INT CONSTRAINT c REFERENCES p(id) ON UPDATE no action", "c", "d"),
              HasSubstr("CONSTRAINT \"d\" FOREIGN KEY (\"b\") REFERENCES p(id) ON UPDATE no action"));
}

TEST(SqliteSpelling, AnAddedColumnIsSpelledAsItsAuthorDid) {
  Changed changed(
      "CREATE TABLE p (id integer PRIMARY KEY); CREATE TABLE c (id integer PRIMARY KEY)",
      "CREATE TABLE p (id integer PRIMARY KEY); CREATE TABLE c (id integer PRIMARY KEY, p int REFERENCES p(id) ON UPDATE no action ON DELETE "
      "cascade, q varchar( 9 ) DEFAULT ('x') CHECK (q <> '') -- why\n, FOREIGN KEY (q) REFERENCES p (id) ON DELETE NO ACTION)");
  EXPECT_THAT(changed.sql("c"), HasSubstr("p int REFERENCES p(id) ON UPDATE no action ON DELETE cascade"));
  EXPECT_THAT(changed.sql("c"), HasSubstr("q varchar( 9 ) DEFAULT ('x') CHECK (q <> '')"));
  EXPECT_THAT(changed.sql("c"), HasSubstr("FOREIGN KEY (q) REFERENCES p (id) ON DELETE NO ACTION"));
  Changed alone("CREATE TABLE p (id integer PRIMARY KEY)",
                "CREATE TABLE p (id integer PRIMARY KEY, q int -- of p\n, FOREIGN KEY (q) REFERENCES p (id) ON UPDATE NO ACTION)");
  EXPECT_THAT(alone.sql("p"), HasSubstr(", q int REFERENCES p (id) ON UPDATE NO ACTION)"));
}

TEST(SqliteSpelling, IndexesKeepTheirWordsAndComments) {
  Changed changed("CREATE TABLE t (a TEXT, b TEXT)",
                  "CREATE TABLE t (a TEXT, b INT); CREATE INDEX i ON t (( lower(a) ) -- folded\n, b) WHERE (b > 0)");
  EXPECT_EQ(changed.sql("i"), "CREATE INDEX \"i\" ON \"t\" (( lower(a) ) -- folded\n, b) WHERE (b > 0)");
}

TEST(SqliteSpelling, FollowsRenames) {
  Sandbox box("CREATE TABLE t (id INTEGER PRIMARY KEY, a INT /* of it */ DEFAULT (1), b TEXT, CHECK (a > 0) /* always */)");
  box.run({op::RenameColumn{{"", "t"}, "a", "c"}, set_type("t", "b", Type::string(), Type::integer())});
  EXPECT_THAT(box.ask("SELECT sql FROM sqlite_schema"), HasSubstr("INT /* of it */ DEFAULT (1)"));
  EXPECT_THAT(box.ask("SELECT sql FROM sqlite_schema"), HasSubstr("/* always */"));
  EXPECT_THAT(box.ask("SELECT sql FROM sqlite_schema"), HasSubstr("b INTEGER"));
}

TEST(SqliteSpelling, ReferencesWithoutColumnsStayWhileTheyMeanTheSame) {
  constexpr std::string_view from = "CREATE TABLE p (a INT PRIMARY KEY, b INT UNIQUE); CREATE TABLE c (x INT REFERENCES p, y TEXT)";
  Changed same(from, "CREATE TABLE p (a INT PRIMARY KEY, b INT UNIQUE); CREATE TABLE c (x INT REFERENCES p, y INT)");
  EXPECT_THAT(same.sql("c"), HasSubstr("x INT REFERENCES p,"));
  // Had the key moved to another column since, the same words would mean that.
  const schema::Metadata read = Sandbox(from).schema();
  const schema::Metadata moved = Sandbox("CREATE TABLE p (a INT UNIQUE, b INT PRIMARY KEY)").schema();
  EXPECT_THAT(sqlite::spelled_table_sql(read.tables.at({"", "c"}), read), HasSubstr("x INT REFERENCES p,"));
  EXPECT_THAT(sqlite::spelled_table_sql(read.tables.at({"", "c"}), moved), HasSubstr("REFERENCES \"p\" (\"a\")"));
}

TEST(SqliteSpelling, IsNotBelievedWhereItSaysSomethingElse) {
  schema::Table table;
  table.name.name = "t";
  table.columns = {column("a", Type::integer(), false), column("b", Type::string())};
  table.columns[0].spelling = "z TEXT DEFAULT 1 UNIQUE -- a";
  table.columns[1].spelling = "b TEXT), (c";
  table.constraints.emplace_back(check("ck", "a > 0"));
  std::get<schema::Check>(table.constraints[0]).spelling = "CHECK (a > 1)";
  table.spelling = "/* t";
  EXPECT_EQ(sqlite::spelled_table_sql(table, {}),
            "CREATE TABLE \"t\" ( /* t*/\n  \"a\" INTEGER NOT NULL, -- a\n  \"b\" TEXT,\n  CONSTRAINT \"ck\" CHECK (a > 0)\n)");
  Sandbox box;
  box.run({op::CreateTable{table, false}});
  schema::Index wrong = index("i", {"a"});
  wrong.spelling = "(b)";
  box.run({op::CreateIndex{{"", "t"}, wrong}});
}

}  // namespace
}  // namespace aludel::test
