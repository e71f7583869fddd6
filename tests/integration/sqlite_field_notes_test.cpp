#include <aludel/diff/compare.hpp>
#include <aludel/migrate/runner.hpp>
#include <aludel/schema/equivalent.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "support/revisions.hpp"

// What hurts users of other migration tools on SQLite, each a test by name (real files, foreign keys on as in an application).
namespace aludel::migrate {
namespace {

using namespace aludel::test;
using schema::Type;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Rows = std::vector<std::string>;

class SqliteFieldNotes : public testing::Test {
 protected:
  void execute(std::string_view script) {
    for (const std::string& statement : sqlite::dialect().split(script)) connection_->execute(statement);
  }
  Rows rows(const std::string& query) { return rows_of(*connection_, query); }
  /// One revision that does this, run as `upgrade head` does.
  void upgrade(op::Operations operations) {
    MemoryStore store;
    store.add(make_revision("one", {}, std::move(operations)));
    Runner(*connection_, store, RunOptions{{}, std::chrono::milliseconds(500)}, Hooks(), {}).upgrade(Rows{"head"});
  }
  schema::Metadata schema() {
    dialect::Scope scope;
    scope.ignored_tables = JournalNames{}.tables();
    return sqlite::dialect().introspector().introspect(*connection_, scope);
  }
  op::Operations difference(const schema::Metadata& wanted) {
    diff::Options options;
    options.comparison = sqlite::dialect().comparison(connection_->server());
    options.fold_case = true;
    options.rewriter = &sqlite::dialect().rewriter();
    return diff::compare(schema(), wanted, options).operations;
  }
  /// Another type, which takes a rebuild.
  static op::Operation retype(std::string table, std::string column, Type from, Type to) {
    op::AlterColumn change;
    change.table.name = std::move(table);
    change.column = std::move(column);
    change.type = op::Change<Type>{std::move(from), std::move(to)};
    return change;
  }

  Directory directory_;
  std::unique_ptr<dialect::Connection> connection_ = open_sqlite(directory_ / "hero.db", std::chrono::milliseconds(200));
};

// Function and trigger bodies split at ';'.
TEST_F(SqliteFieldNotes, TriggerBodiesAreNotSplitAtTheirSemicolons) {
  upgrade({opaque_sql(R"(
    CREATE TABLE hero (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE log (line TEXT);
    -- a comment; with a semicolon, and BEGIN
    CREATE TRIGGER audit AFTER INSERT ON hero BEGIN
      INSERT INTO log VALUES ('it''s; END');
      INSERT INTO log SELECT CASE WHEN NEW.id > 1 THEN 'many' ELSE 'one' END; -- END;
      /* END; */
    END;
    INSERT INTO hero VALUES (1, 'Deadpond');
  )")});
  EXPECT_THAT(rows("SELECT line FROM log"), ElementsAre("it's; END", "one"));
}

// A table rebuild silently deletes all child rows: foreign_keys = OFF is ignored inside a transaction, and DROP cascades.
TEST_F(SqliteFieldNotes, RebuildingAParentKeepsItsChildRows) {
  execute(R"(
    CREATE TABLE team (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE hero (id INTEGER PRIMARY KEY, team INTEGER NOT NULL REFERENCES team (id) ON DELETE CASCADE);
    INSERT INTO team VALUES (1, 'night'), (2, 'day');
    INSERT INTO hero VALUES (10, 1), (11, 2);
  )");
  ASSERT_THAT(rows("PRAGMA foreign_keys"), ElementsAre("1"));
  upgrade({retype("team", "name", Type::string(), Type::varchar(40))});
  EXPECT_THAT(rows("SELECT id, team FROM hero"), ElementsAre("10|1", "11|2"));
  EXPECT_THAT(rows("PRAGMA foreign_keys"), ElementsAre("1"));
  EXPECT_THAT(rows("PRAGMA foreign_key_check"), IsEmpty());
  execute("DELETE FROM team WHERE id = 1");
  EXPECT_THAT(rows("SELECT id FROM hero"), ElementsAre("11")) << "the cascade acts as before";
}

// Half-applied revisions, stuck after a failure.
TEST_F(SqliteFieldNotes, AFailedRevisionLeavesNothingHalfApplied) {
  execute("CREATE TABLE hero (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO hero VALUES (1, 'Deadpond')");
  const Rows before = rows("SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2");
  const auto failing = [&] {
    upgrade({op::CreateTable{table("power", {}), false}, add_column("hero", column("age", Type::integer())),
             retype("hero", "name", Type::string(), Type::varchar(9)),
             op::CreateIndex{{"", "power"},
                             [] {
                               schema::Index broken;
                               broken.name = "ix";
                               broken.columns.emplace_back();
                               broken.columns[0].expression = schema::Expression("no_such_function(id)");
                               return broken;
                             }(),
                             false}});
  };
  EXPECT_THROW(failing(), Error);
  EXPECT_EQ(rows("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE '%aludel%' ORDER BY 1, 2"), before);
  EXPECT_THROW(failing(), Error) << "and it can be tried again, with the same outcome";
  EXPECT_THAT(rows("SELECT id, name FROM hero"), ElementsAre("1|Deadpond"));
  EXPECT_THAT(rows("PRAGMA foreign_keys"), ElementsAre("1"));
}

// Batch mode losses: views stop the rename, or are lost.
TEST_F(SqliteFieldNotes, ATableWithViewsIsRebuilt) {
  execute(R"(
    CREATE TABLE hero (id INTEGER PRIMARY KEY, name TEXT);
    CREATE VIEW names AS SELECT name FROM hero;
    CREATE VIEW more_names AS SELECT * FROM names;
    INSERT INTO hero VALUES (1, 'Deadpond');
  )");
  upgrade({retype("hero", "name", Type::string(), Type::varchar(40))});
  EXPECT_THAT(rows("SELECT * FROM more_names"), ElementsAre("Deadpond"));
}

// Batch mode losses: unnamed CHECK and UNIQUE constraints, "silently omitted".
TEST_F(SqliteFieldNotes, UnnamedConstraintsSurviveARebuild) {
  execute("CREATE TABLE hero (id INTEGER PRIMARY KEY, name TEXT CHECK (name <> ''), age INT UNIQUE, flag BOOLEAN CHECK (flag IN (0, 1)))");
  upgrade({retype("hero", "name", Type::string(), Type::varchar(40))});
  execute("INSERT INTO hero VALUES (1, 'Deadpond', 28, 1)");
  for (const std::string refused : {"(2, '', 1, 1)", "(2, 'x', 28, 1)", "(2, 'x', 1, 2)"}) {
    EXPECT_THROW(execute("INSERT INTO hero VALUES " + refused), Error) << refused;
  }
}

// Batch mode losses: triggers, collations, generated columns, partial and expression indexes, rowids, AUTOINCREMENT, STRICT.
TEST_F(SqliteFieldNotes, WhatOtherToolsLoseInARebuildIsThere) {
  execute(R"(
    CREATE TABLE log (line TEXT);
    CREATE TABLE hero (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT COLLATE NOCASE, age INTEGER, twice INTEGER AS (age * 2) STORED, note TEXT) STRICT;
    CREATE INDEX ix_young ON hero (age DESC) WHERE age < 30;
    CREATE UNIQUE INDEX ux_name ON hero (lower(name));
    CREATE TRIGGER audit AFTER INSERT ON hero BEGIN INSERT INTO log VALUES (NEW.name); END;
    INSERT INTO hero (id, name, age) VALUES (7, 'Deadpond', 28), (99, 'gone', 1);
    DELETE FROM hero WHERE id = 99;
  )");
  const Rows others =
      rows("SELECT name, replace(sql, '\"', '') FROM sqlite_schema WHERE type IN ('index', 'trigger') AND tbl_name = 'hero' ORDER BY 1");
  schema::Metadata wanted = schema();
  wanted.tables.at({"", "hero"}).find_column("note")->nullable = false;
  wanted.tables.at({"", "hero"}).find_column("note")->backfill = schema::Expression("''");
  upgrade(difference(wanted));
  EXPECT_THAT(difference(wanted), IsEmpty());
  EXPECT_EQ(rows("SELECT name, replace(sql, '\"', '') FROM sqlite_schema WHERE type IN ('index', 'trigger') AND tbl_name = 'hero' ORDER BY 1"),
            others);
  execute("INSERT INTO hero (name, age, note) VALUES ('Rusty', 48, '')");
  EXPECT_THAT(rows("SELECT rowid, name, twice FROM hero WHERE name > 'DEADPON'"), ElementsAre("7|Deadpond|56", "100|Rusty|96"));
  EXPECT_THAT(rows("SELECT line FROM log"), ElementsAre("Deadpond", "gone", "Rusty"));
  EXPECT_THROW(execute("INSERT INTO hero (name, age, note) VALUES ('x', 'old', '')"), Error) << "STRICT";
}

// Batch mode: a foreign key that fails in the middle. Tables that reference each other, and themselves, are rebuilt in one revision.
TEST_F(SqliteFieldNotes, TablesThatReferenceEachOtherAreRebuiltTogether) {
  execute(R"(
    CREATE TABLE team (id INTEGER PRIMARY KEY, name TEXT, captain INTEGER REFERENCES hero (id));
    CREATE TABLE hero (id INTEGER PRIMARY KEY, name TEXT, team INTEGER REFERENCES team (id), boss INTEGER REFERENCES hero (id));
    INSERT INTO team (id, name) VALUES (1, 'night');
    INSERT INTO hero VALUES (1, 'Deadpond', 1, 1);
    UPDATE team SET captain = 1;
  )");
  upgrade({retype("team", "name", Type::string(), Type::varchar(40)), retype("hero", "name", Type::string(), Type::varchar(40))});
  EXPECT_THAT(rows("SELECT * FROM hero JOIN team ON captain = hero.id"), ElementsAre("1|Deadpond|1|1|1|night|1"));
  EXPECT_THROW(execute("INSERT INTO hero VALUES (2, 'x', 9, NULL)"), Error);
}

// Slow autogenerate: about 12 queries for each table.
TEST_F(SqliteFieldNotes, ASchemaIsReadInAFixedNumberOfQueries) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(":memory:", &handle), SQLITE_OK);
  {
    connection_ = sqlite::adopt(handle);
    const auto count = [&] {
      int queries = 0;
      sqlite3_trace_v2(
          handle, SQLITE_TRACE_STMT,
          [](unsigned, void* counter, void*, void*) {
            ++*static_cast<int*>(counter);
            return 0;
          },
          &queries);
      schema();
      sqlite3_trace_v2(handle, 0, nullptr, nullptr);
      return queries;
    };
    execute("CREATE TABLE t0 (id INTEGER PRIMARY KEY, a TEXT UNIQUE REFERENCES t0 (a)); CREATE VIRTUAL TABLE f USING fts5(a)");
    const int few = count();
    for (int i = 1; i < 200; ++i) {
      execute("CREATE TABLE t" + std::to_string(i) + " (id INTEGER PRIMARY KEY, a TEXT UNIQUE REFERENCES t0 (a)); CREATE INDEX i" +
              std::to_string(i) + " ON t" + std::to_string(i) + " (a DESC)");
    }
    EXPECT_EQ(count(), few);
    EXPECT_LE(few, 2);
  }
  connection_.reset();
  sqlite3_close(handle);
}

// What a naive introspector misses: application collations and tokenizers, a foreign key to a table that is not there, WITHOUT ROWID, comments.
TEST_F(SqliteFieldNotes, ASchemaIsReadWithoutTheApplicationsCollations) {
  execute("CREATE TABLE t (a TEXT, b TEXT) ; CREATE INDEX i ON t (a)");
  execute(R"(
    PRAGMA writable_schema = ON;
    UPDATE sqlite_schema SET sql = 'CREATE TABLE t (a TEXT COLLATE unicase, b TEXT REFERENCES nowhere (x))' WHERE name = 't';
    INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES ('table', 'f', 'f', 0, 'CREATE VIRTUAL TABLE f USING fts5(a, tokenize=mine)');
    PRAGMA writable_schema = OFF;
  )");
  connection_ = open_sqlite(directory_ / "hero.db", std::chrono::milliseconds(200));
  const schema::Metadata read = schema();
  EXPECT_TRUE(read.unsupported.empty());
  EXPECT_EQ(read.tables.at({"", "t"}).columns[0].collation, "unicase");
  EXPECT_EQ(std::get<schema::ForeignKey>(read.tables.at({"", "t"}).constraints[0]).referenced_table.name, "nowhere");
  EXPECT_THAT(read.objects.at({"virtual_table", {"", "f"}, {}, {}}).definition.declared, HasSubstr("tokenize=mine"));
}

}  // namespace
}  // namespace aludel::migrate
