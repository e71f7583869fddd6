#include "render_support.hpp"

#include <aludel/diff/compare.hpp>
#include <aludel/op/codec.hpp>

#include <gmock/gmock.h>

// What a SQLite database can hold besides plain tables, and that it is all there after a change.
namespace aludel::test {
namespace {

using schema::Type;
using ::testing::HasSubstr;

/// Everything at once; `hero` is what the tests alter.
constexpr std::string_view everything = R"(
  CREATE TABLE team (id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT COLLATE NOCASE NOT NULL, region TEXT, UNIQUE (code, region) ON CONFLICT FAIL);
  CREATE TABLE hero (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, -- never used again
    name VARCHAR(80) NOT NULL ON CONFLICT IGNORE COLLATE RTRIM DEFAULT 'it''s',
    age INT DEFAULT -1 CHECK (age <> 13),
    power DOUBLE DEFAULT (abs(-1.5)),
    born DEFAULT CURRENT_TIMESTAMP,
    raw BLOB DEFAULT x'ff',
    "order by" ANYTHING(3) DEFAULT TRUE,
    twice INT GENERATED ALWAYS AS (age * 2) STORED,
    thrice AS (age * 3),
    team_code TEXT, team_region TEXT,
    boss INTEGER CONSTRAINT fk_boss REFERENCES hero ON DELETE CASCADE ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT ck_name CHECK (length(name) > 0),
    CONSTRAINT uq UNIQUE (name, team_code) ON CONFLICT ROLLBACK,
    CONSTRAINT fk_team FOREIGN KEY (team_code, team_region) REFERENCES team (code, region) ON DELETE RESTRICT MATCH FULL
  );
  CREATE INDEX ix_partial ON hero (name) WHERE age > 3;
  CREATE UNIQUE INDEX ux_expression ON hero (lower(name) DESC, age COLLATE NOCASE);
  CREATE TABLE item (hero INTEGER NOT NULL REFERENCES hero (id) ON DELETE CASCADE, what TEXT);
  CREATE TABLE haunted (ghost INTEGER REFERENCES nowhere (id) ON DELETE SET DEFAULT, note TEXT);
  CREATE TABLE log (line TEXT);
  CREATE VIEW names (n) AS SELECT name /* shown */ FROM hero;
  CREATE VIEW over AS SELECT n FROM names;
  CREATE VIEW strong AS SELECT h.power FROM hero AS h;
  CREATE TRIGGER on_team AFTER DELETE ON team BEGIN UPDATE hero SET born = NULL WHERE team_code = OLD.code; END;
  CREATE TRIGGER on_names INSTEAD OF INSERT ON names BEGIN INSERT INTO hero (name) VALUES (NEW.n); END;
  CREATE TRIGGER on_hero AFTER UPDATE OF age ON hero WHEN NEW.age > 1 BEGIN
    INSERT INTO log VALUES (CASE WHEN NEW.id > 1 THEN 'many; ' ELSE 'one' END); -- "; END" is no end
  END;
  CREATE VIRTUAL TABLE lore USING fts5(body, content='hero', content_rowid='id');
  CREATE VIRTUAL TABLE places USING rtree(id, x0, x1);
  INSERT INTO team (id, code, region) VALUES (5, 'N', 'north');
  INSERT INTO hero (id, name, age, team_code, team_region, boss) VALUES (7, 'Deadpond', 28, 'N', 'north', NULL), (9, 'Rusty', 48, NULL, NULL, 7);
  INSERT INTO hero (id, name) VALUES (1000, 'gone');
  INSERT INTO item VALUES (7, 'sword'), (9, 'shield');
  DELETE FROM hero WHERE id = 1000;
  INSERT INTO lore (rowid, body) VALUES (7, 'once upon');
  INSERT INTO places VALUES (1, 0, 2);
)";

class SqliteKept : public testing::Test {
 protected:
  /// One change that SQLite cannot make in place.
  void rebuild_hero() { box_.run({set_type("hero", "raw", Type::binary(), Type::string())}); }
  /// Names may get quotes.
  std::string sql_of(const std::string& where) {
    return box_.ask("SELECT name, replace(sql, '\"', '') FROM sqlite_schema WHERE " + where + " ORDER BY name");
  }
  std::string pragma(const std::string& name, const std::string& table) { return box_.ask("PRAGMA " + name + "(" + table + ")"); }

  Sandbox box_{everything};
};

TEST_F(SqliteKept, EveryPropertyOfTheOtherColumnsKeysAndIndexes) {
  std::string columns = pragma("table_xinfo", "hero");
  const std::string keys = pragma("foreign_key_list", "hero");
  const std::string indexes = sql_of("type = 'index'");
  const std::string made = sql_of("name = 'hero'");
  rebuild_hero();
  columns.replace(columns.find("raw BLOB"), 8, "raw TEXT");
  EXPECT_EQ(pragma("table_xinfo", "hero"), columns);
  EXPECT_EQ(pragma("foreign_key_list", "hero"), keys);
  EXPECT_EQ(sql_of("type = 'index'"), indexes);
  for (const std::string kept :
       {"ON CONFLICT IGNORE", "COLLATE RTRIM", "CHECK (age <> 13)", "DEFAULT (abs(-1.5))", "DEFAULT CURRENT_TIMESTAMP", "ANYTHING(3) DEFAULT TRUE",
        "GENERATED ALWAYS AS (age * 2) STORED", "CONSTRAINT uq UNIQUE (name, team_code) ON CONFLICT ROLLBACK", "DEFERRABLE INITIALLY DEFERRED",
        "MATCH FULL", "-- never used again"}) {
    EXPECT_THAT(made, HasSubstr(kept));
    EXPECT_THAT(sql_of("name = 'hero'"), HasSubstr(kept));
  }
}

TEST_F(SqliteKept, RowsRowidsAndTheHighestNumberEverGiven) {
  const std::string rows = box_.ask("SELECT rowid, id, name, age, twice, thrice, boss FROM hero");
  rebuild_hero();
  EXPECT_EQ(box_.ask("SELECT rowid, id, name, age, twice, thrice, boss FROM hero"), rows);
  EXPECT_EQ(box_.ask("SELECT seq FROM sqlite_sequence WHERE name = 'hero'"), "1000");
  EXPECT_EQ(box_.ask("SELECT count(*) FROM sqlite_sequence"), "2");
}

TEST_F(SqliteKept, ChildRowsWithForeignKeysOn) {
  ASSERT_EQ(box_.ask("PRAGMA foreign_keys"), "1");
  rebuild_hero();
  EXPECT_EQ(box_.ask("SELECT hero, what FROM item"), "7 sword / 9 shield");
  EXPECT_EQ(box_.ask("PRAGMA foreign_keys"), "1");
  EXPECT_EQ(error_of([&] { box_.execute("INSERT INTO item VALUES (4, 'none')"); }).kind(), ErrorKind::constraint);
}

TEST_F(SqliteKept, ForeignKeysToATableThatIsNotThere) {
  const std::string keys = pragma("foreign_key_list", "haunted");
  box_.run({set_type("haunted", "note", Type::string(), Type::integer())});
  EXPECT_EQ(pragma("foreign_key_list", "haunted"), keys);
  EXPECT_THAT(sql_of("name = 'haunted'"), HasSubstr("REFERENCES nowhere (id) ON DELETE SET DEFAULT"));
}

TEST_F(SqliteKept, ViewsAndTriggersToTheLetter) {
  const std::string objects = sql_of("type IN ('view', 'trigger')");
  rebuild_hero();
  EXPECT_EQ(sql_of("type IN ('view', 'trigger')"), objects);
  box_.execute("UPDATE hero SET age = age + 1; INSERT INTO names VALUES ('new')");
  EXPECT_EQ(box_.ask("SELECT line FROM log"), "many;  / many; ");
  EXPECT_EQ(box_.ask("SELECT n FROM names WHERE n = 'new'"), "new");
}

TEST_F(SqliteKept, VirtualTablesAndWhatIsBehindThem) {
  const std::string virtual_tables = sql_of("sql LIKE 'CREATE VIRTUAL%'");
  const schema::Metadata schema = box_.schema();
  EXPECT_EQ(schema.tables.size(), 5u) << "the tables that FTS5 and the r-tree keep are not ours";
  rebuild_hero();
  EXPECT_EQ(sql_of("sql LIKE 'CREATE VIRTUAL%'"), virtual_tables);
  EXPECT_EQ(box_.ask("SELECT rowid FROM lore WHERE lore MATCH 'once'"), "7");
  EXPECT_EQ(box_.ask("SELECT id FROM places WHERE x1 > 1"), "1");
}

TEST_F(SqliteKept, AttachedDatabasesWithTablesOfTheSameName) {
  box_.execute(R"(
    ATTACH ':memory:' AS other;
    CREATE TABLE other.hero (id INTEGER PRIMARY KEY, raw TEXT);
    CREATE TABLE other.aludel_new_hero (x);
    CREATE VIEW other.seen AS SELECT raw FROM hero;
    INSERT INTO other.hero VALUES (1, 'theirs');
  )");
  const std::string theirs = "SELECT name, sql FROM other.sqlite_schema";
  const std::string before = box_.ask(theirs);
  rebuild_hero();
  EXPECT_EQ(box_.ask(theirs), before);
  EXPECT_EQ(box_.ask("SELECT raw FROM other.seen"), "theirs");
  EXPECT_EQ(box_.ask("SELECT count(*) FROM main.hero"), "2");
}

TEST_F(SqliteKept, NothingIsLeftBehindAndNothingIsBroken) {
  const std::string before = box_.ask("SELECT count(*) FROM sqlite_schema");
  rebuild_hero();
  EXPECT_EQ(box_.ask("SELECT count(*) FROM sqlite_schema"), before);
  EXPECT_EQ(box_.ask("SELECT count(*) FROM temp.sqlite_schema"), "0");
  EXPECT_EQ(box_.ask("PRAGMA integrity_check"), "ok");
  EXPECT_EQ(box_.ask("PRAGMA legacy_alter_table"), "0");
  EXPECT_EQ(box_.ask("PRAGMA ignore_check_constraints"), "0");
}

TEST_F(SqliteKept, AllOfItIsReadAndWrittenAgain) {
  const schema::Metadata schema = box_.schema();
  EXPECT_TRUE(schema.unsupported.empty());
  Sandbox copy;
  for (const dialect::Statement& statement :
       sqlite::dialect().renderer().render(op::create_operations(schema), {}, box_.connection().server(), {}).statements) {
    copy.connection().execute(statement.sql);
  }
  diff::Options options;
  options.comparison = sqlite::dialect().comparison(box_.connection().server());
  EXPECT_TRUE(diff::compare(schema, copy.schema(), options).operations.empty());
  EXPECT_THAT(copy.dump(), HasSubstr("-- never used again"));
}

TEST_F(SqliteKept, SeveralChangesToOneTableAreOneRebuild) {
  const auto script =
      box_.run({set_type("hero", "raw", Type::binary(), Type::string()), set_nullable("hero", "power", true, false),
                op::DropConstraint{{"", "hero"}, "ck_name", std::nullopt}, op::AddColumn{{"", "hero"}, column("slug", Type::string())},
                op::AddConstraint{{"", "hero"}, unique_key("uq_slug", {"slug"})}});
  EXPECT_EQ(count_starting(script, "CREATE TABLE"), 1u);
  EXPECT_EQ(count_starting(script, "INSERT INTO \"aludel_new_hero\""), 1u);
}

TEST_F(SqliteKept, ADefaultOfAnyFormThatChangesIsADifference) {
  for (const std::string form :
       {"1", "-1", "+1.5", "'x'", "x'00'", "NULL", "TRUE", "CURRENT_DATE", "(1 + 1)", "(datetime('now'))", "\"word\"", "0x10"}) {
    Sandbox with("CREATE TABLE t (a INT DEFAULT " + form + ")");
    Sandbox without("CREATE TABLE t (a INT)");
    const auto operations = diff::compare(without.schema(), with.schema(), {}).operations;
    ASSERT_EQ(operations.size(), 1u) << form;
    without.run(operations);
    without.execute("INSERT INTO t DEFAULT VALUES");
    with.execute("INSERT INTO t DEFAULT VALUES");
    EXPECT_EQ(without.ask("SELECT a, typeof(a) FROM t"), with.ask("SELECT a, typeof(a) FROM t")) << form;
  }
}

TEST_F(SqliteKept, EveryKeptPropertyIsCompared) {
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"CREATE TABLE t (a INT)", "CREATE TABLE t (a INTEGER)"},
      {"CREATE TABLE t (a INT)", "CREATE TABLE t (a INT) STRICT"},
      {"CREATE TABLE t (a INT PRIMARY KEY)", "CREATE TABLE t (a INT PRIMARY KEY) WITHOUT ROWID"},
      {"CREATE TABLE t (a INTEGER PRIMARY KEY)", "CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT)"},
      {"CREATE TABLE t (a TEXT)", "CREATE TABLE t (a TEXT COLLATE NOCASE)"},
      {"CREATE TABLE t (a INT)", "CREATE TABLE t (a INT CHECK (a > 0))"},
      {"CREATE TABLE t (a INT CHECK (a > 0))", "CREATE TABLE t (a INT CONSTRAINT c CHECK (a > 1))"},
      {"CREATE TABLE t (a INT, b AS (a + 1))", "CREATE TABLE t (a INT, b AS (a + 1) STORED)"},
      {"CREATE TABLE t (a INT, b AS (a + 1))", "CREATE TABLE t (a INT, b AS (a + 2))"},
      {"CREATE TABLE t (a INT NOT NULL)", "CREATE TABLE t (a INT NOT NULL ON CONFLICT REPLACE)"},
      {"CREATE TABLE t (a INT UNIQUE)", "CREATE TABLE t (a INT UNIQUE ON CONFLICT IGNORE)"},
      {"CREATE TABLE t (a INT PRIMARY KEY)", "CREATE TABLE t (a INT PRIMARY KEY ON CONFLICT IGNORE)"},
      {"CREATE TABLE t (a INT REFERENCES p)", "CREATE TABLE t (a INT REFERENCES q)"},
      {"CREATE TABLE t (a INT REFERENCES p (x))", "CREATE TABLE t (a INT REFERENCES p (y))"},
      {"CREATE TABLE t (a INT REFERENCES p)", "CREATE TABLE t (a INT REFERENCES p ON DELETE CASCADE)"},
      {"CREATE TABLE t (a INT REFERENCES p)", "CREATE TABLE t (a INT REFERENCES p ON UPDATE RESTRICT)"},
      {"CREATE TABLE t (a INT REFERENCES p)", "CREATE TABLE t (a INT REFERENCES p DEFERRABLE INITIALLY DEFERRED)"},
      {"CREATE TABLE t (a INT UNIQUE)", "CREATE TABLE t (a INT); CREATE UNIQUE INDEX u ON t (a)"},
      {"CREATE TABLE t (a INT); CREATE INDEX i ON t (a)", "CREATE TABLE t (a INT); CREATE INDEX i ON t (a DESC)"},
      {"CREATE TABLE t (a INT); CREATE INDEX i ON t (a)", "CREATE TABLE t (a INT); CREATE INDEX i ON t (a) WHERE a > 0"},
      {"CREATE TABLE t (a INT); CREATE INDEX i ON t (a)", "CREATE TABLE t (a INT); CREATE INDEX i ON t (a + 1)"},
      {"CREATE TABLE t (a INT); CREATE INDEX i ON t (a)", "CREATE TABLE t (a INT); CREATE INDEX i ON t (a COLLATE RTRIM)"},
      {"CREATE VIEW v AS SELECT 1", "CREATE VIEW v AS SELECT 2"},
      {"CREATE VIRTUAL TABLE f USING fts5(a)", "CREATE VIRTUAL TABLE f USING fts5(a, b)"},
  };
  for (const auto& [a, b] : pairs) {
    for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
      SCOPED_TRACE(from + " -> " + to);
      Sandbox start(from);
      const schema::Metadata wanted = Sandbox(to).schema();
      diff::Options options;
      options.comparison = sqlite::dialect().comparison(start.connection().server());
      options.rewriter = &sqlite::dialect().rewriter();
      const auto operations = diff::compare(start.schema(), wanted, options).operations;
      EXPECT_FALSE(operations.empty());
      start.run(operations);
      EXPECT_TRUE(diff::compare(start.schema(), wanted, options).operations.empty()) << start.dump();
    }
  }
}

TEST_F(SqliteKept, WhatAChangeWouldBreakIsNamedBeforeAnythingIsTouched) {
  const std::string before = box_.dump();
  const auto refused = [&](const op::Operation& operation) { return error_of([&] { box_.run({operation}); }).message(); };
  EXPECT_THAT(refused(op::DropColumn{{"", "hero"}, "power", std::nullopt}), HasSubstr("view 'strong' depends on it"));
  EXPECT_THAT(refused(op::DropColumn{{"", "hero"}, "born", std::nullopt}), HasSubstr("trigger 'on_team on team' depends on it"));
  EXPECT_THAT(refused(op::DropTable{{"", "log"}, std::nullopt}), HasSubstr("trigger 'on_hero on hero' depends on it"));
  EXPECT_THAT(refused(op::DropTable{{"", "hero"}, std::nullopt}), HasSubstr("view 'strong'"));
  EXPECT_THAT(refused(op::DropObject{{"view", {"", "names"}, {}, {}}, std::nullopt}), HasSubstr("view 'over' depends on it"));
  EXPECT_EQ(box_.dump(), before);
}

}  // namespace
}  // namespace aludel::test
