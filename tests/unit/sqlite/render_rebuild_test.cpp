#include "render_support.hpp"

#include <gmock/gmock.h>

namespace aludel::test {
namespace {

using schema::Type;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view heroes = R"(
  CREATE TABLE team (id INTEGER PRIMARY KEY, name TEXT);
  CREATE TABLE hero (
    id INTEGER PRIMARY KEY, name TEXT, age INTEGER,
    team_id INTEGER CONSTRAINT fk_team REFERENCES team (id) ON DELETE CASCADE,
    boss INTEGER REFERENCES hero (id) ON DELETE CASCADE
  );
  CREATE INDEX ix_name ON hero (name);
  INSERT INTO team VALUES (1, 'night'), (2, 'day');
  INSERT INTO hero VALUES (1, 'Deadpond', 28, 1, NULL), (2, 'Rusty', NULL, 2, 1), (3, NULL, 5, 1, 2);
)";

TEST(SqliteRebuild, ChildRowsUnderCascadeSurvive) {
  Sandbox box(heroes);
  ASSERT_EQ(box.ask("PRAGMA foreign_keys"), "1");
  box.run({set_nullable("team", "name", true, false), set_type("hero", "age", Type::integer(), Type::real())});
  EXPECT_EQ(box.ask("SELECT count(*) FROM hero"), "3");
  EXPECT_EQ(box.ask("PRAGMA foreign_keys"), "1");
  box.execute("DELETE FROM team WHERE id = 2");
  EXPECT_EQ(box.ask("SELECT id FROM hero"), "1") << "and the cascade works as before: hero 3 reports to 2";
}

TEST(SqliteRebuild, IsOnePerTableAndRevision) {
  Sandbox box(heroes);
  const auto script = box.run({set_type("hero", "age", Type::integer(), Type::bigint()), set_nullable("team", "name", true, false),
                               op::AddColumn{{"", "hero"}, column("slug", Type::string())}, op::CreateIndex{{"", "hero"}, index("ix_slug", {"slug"})},
                               op::RenameColumn{{"", "team"}, "name", "title"}, op::DropConstraint{{"", "hero"}, "fk_team", std::nullopt},
                               op::DropColumn{{"", "hero"}, "team_id", std::nullopt}, op::AddConstraint{{"", "hero"}, check("ck_age", "age >= 0")}});
  EXPECT_EQ(count_starting(script, "INSERT INTO \"aludel_new_hero\""), 1u);
  EXPECT_EQ(count_starting(script, "INSERT INTO \"aludel_new_team\""), 1u);
  EXPECT_THAT(script.prologue, ElementsAre("PRAGMA foreign_keys = OFF"));
  EXPECT_EQ(script.epilogue.front(), "PRAGMA foreign_keys = ON");
  EXPECT_EQ(box.ask("SELECT name FROM sqlite_schema WHERE type = 'index' ORDER BY 1"), "ix_name / ix_slug");
}

TEST(SqliteRebuild, HappensBetweenBarriersOnly) {
  Sandbox box(heroes);
  op::Assert nobody_old;
  nobody_old.query = {{"default", "SELECT count(*) FROM hero WHERE age > 100"}};
  nobody_old.equals = 0;
  const auto script =
      box.run({set_type("hero", "age", Type::integer(), Type::real()), nobody_old, set_type("hero", "name", Type::string(), Type::varchar(9))});
  EXPECT_EQ(count_starting(script, "INSERT INTO \"aludel_new_hero\""), 2u);
}

TEST(SqliteRebuild, LeavesNothingToDoWhereSqliteSpellsBothAlike) {
  Sandbox box(heroes);
  op::AlterColumn comment = alter("hero", "age");
  comment.comment = op::Change<std::string>{"", "in years"};
  EXPECT_TRUE(box.run({comment}).statements.empty());
}

TEST(SqliteRebuild, KeepsViewsTriggersAndForeignKeysOfOthersToTheLetter) {
  Sandbox box(heroes);
  box.execute(R"(
    CREATE VIEW names AS SELECT h.name   AS n, team.name FROM hero h, team;
    CREATE VIEW more AS SELECT * FROM names;
    CREATE TABLE log (x);
    CREATE TRIGGER on_hero AFTER INSERT ON hero BEGIN INSERT INTO log VALUES (new.id); END;
    CREATE TRIGGER on_team AFTER DELETE ON team BEGIN INSERT INTO log SELECT count(*) FROM hero; END;
    CREATE TRIGGER on_names INSTEAD OF INSERT ON names BEGIN INSERT INTO hero (name) VALUES (new.n); END;
  )");
  const std::string query =
      "SELECT type, name, sql FROM sqlite_schema WHERE type = 'view' OR name IN ('on_team', 'on_names', 'team', 'log') ORDER BY name";
  const std::string before = box.ask(query);
  box.run({set_type("hero", "age", Type::integer(), Type::real())});
  EXPECT_EQ(box.ask(query), before);
  box.execute("INSERT INTO names (n) VALUES ('new')");
  EXPECT_EQ(box.ask("SELECT count(*) FROM log"), "1");
}

TEST(SqliteRebuild, FillsInAndConvertsValues) {
  Sandbox box(heroes);
  op::AlterColumn name = set_nullable("hero", "name", true, false);
  name.backfill = "'hero ' || id";
  op::AlterColumn age = set_type("hero", "age", Type::integer(), Type::string());
  age.using_ = schema::Expression("age || ' years'");
  schema::Column slug = column("slug", Type::string(), false);
  slug.backfill = schema::Expression("lower(coalesce(name, 'nobody'))");
  schema::Column stamp = column("stamp", Type::timestamp(), false);
  stamp.server_default = schema::Expression("CURRENT_TIMESTAMP");
  box.run({name, age, op::AddColumn{{"", "hero"}, slug}, op::AddColumn{{"", "hero"}, stamp}});
  EXPECT_EQ(box.ask("SELECT id, name, age, slug FROM hero"), "1 Deadpond 28 years deadpond / 2 Rusty null rusty / 3 hero 3 5 years hero 3");
  EXPECT_EQ(box.ask("SELECT count(stamp) FROM hero"), "3");
}

TEST(SqliteRebuild, ABackfillMayUseWhatWasAddedBefore) {
  Sandbox box(heroes);
  schema::Column slug = column("slug", Type::string());
  slug.backfill = schema::Expression("'s' || id");
  schema::Column copy = column("copy", Type::string(), false);
  copy.backfill = schema::Expression("slug || '!'");
  box.run({op::AddColumn{{"", "hero"}, slug}, op::AddColumn{{"", "hero"}, copy}});
  EXPECT_EQ(box.ask("SELECT copy FROM hero"), "s1! / s2! / s3!");
}

TEST(SqliteRebuild, NamesRowsThatBreakANewNotNull) {
  Sandbox box(heroes);
  const std::string before = box.dump();
  const Error error = error_of([&] { run_script(box.connection(), box.render({set_nullable("hero", "name", true, false)})); });
  EXPECT_EQ(error.kind(), ErrorKind::constraint);
  EXPECT_EQ(error.message(), "1 row of hero without name, which becomes NOT NULL");
  EXPECT_THAT(error.notes(), ElementsAre("3"));
  EXPECT_EQ(box.dump(), before);
  EXPECT_EQ(box.ask("PRAGMA foreign_keys"), "1") << "the epilogue runs after a failure too";
  const Error added = error_of([&] {
    run_script(box.connection(), box.render({op::AddColumn{{"", "hero"}, column("slug", Type::string(), false)}}));
  });
  EXPECT_EQ(added.message(), "3 rows of hero without a value for slug, which is new and NOT NULL");
}

TEST(SqliteRebuild, NamesRowsThatBreakANewCheckUniqueKeyOrEnumeration) {
  Sandbox box(heroes);
  const auto message = [&](const op::Operations& operations) {
    const Error error = error_of([&] { run_script(box.connection(), box.render(operations)); });
    EXPECT_EQ(error.kind(), ErrorKind::constraint);
    EXPECT_EQ(box.ask("PRAGMA ignore_check_constraints"), "0");
    return error.message() + " | " + (error.notes().empty() ? "" : error.notes().front());
  };
  EXPECT_EQ(message({op::AddConstraint{{"", "hero"}, check("ck_age", "hero.age > 20")}}),
            "1 row of hero against the check ck_age (hero.age > 20) | 3 | 5");
  EXPECT_EQ(message({op::AddConstraint{{"", "hero"}, unique_key("uq", {"team_id"})}}),
            "2 rows of hero with the same team_id, which becomes unique | 1 | 2");
  EXPECT_EQ(message({set_type("hero", "name", Type::string(), Type::enumeration("n", {"Rusty", "Spider"}))}),
            "1 row of hero whose name is none of 'Rusty', 'Spider' | 1 | \"Deadpond\"");
  schema::PrimaryKey key;
  key.columns = {"name"};
  box.execute("UPDATE hero SET name = 'Rusty'");
  schema::PrimaryKey old_key;
  old_key.columns = {"id"};
  schema::ForeignKey boss = foreign_key("", {"boss"}, "hero", {"id"});
  boss.on_delete = schema::ForeignKeyAction::cascade;
  op::AlterColumn id = alter("hero", "id");
  id.identity = op::Change<schema::Boxed<schema::Identity>>{schema::Identity(), std::nullopt};
  EXPECT_EQ(
      message({op::DropConstraint{{"", "hero"}, "", boss}, op::DropConstraint{{"", "hero"}, "", old_key}, id, op::AddConstraint{{"", "hero"}, key}}),
      "3 rows of hero with the same name, which becomes the primary key | \"Rusty\" | 3");
}

TEST(SqliteRebuild, ANewCheckSeesValuesAsTheNewTypeHasThem) {
  Sandbox box("CREATE TABLE t (x TEXT); INSERT INTO t VALUES ('5'), ('70')");
  box.run({set_type("t", "x", Type::string(), Type::integer()), op::AddConstraint{{"", "t"}, check("small", "x < 100")}});
  EXPECT_EQ(box.ask("SELECT sum(x), typeof(x) FROM t"), "75 integer");
}

TEST(SqliteRebuild, FailsForNewViolationsOfForeignKeysOnly) {
  Sandbox box(heroes);
  box.execute("PRAGMA foreign_keys = OFF; UPDATE hero SET team_id = 77 WHERE id = 3; PRAGMA foreign_keys = ON");
  box.run({set_type("hero", "age", Type::integer(), Type::real())});
  EXPECT_EQ(box.ask("SELECT count(*) FROM pragma_foreign_key_check"), "1") << "what was wrong before is left alone";
  const Error error = error_of([&] {
    run_script(box.connection(), box.render({op::AddConstraint{{"", "hero"}, foreign_key("fk_age", {"age"}, "team", {"id"})}}));
  });
  EXPECT_EQ(error.message(), "2 rows referencing a row that does not exist, which breaks a foreign key");
  EXPECT_THAT(error.notes(), ElementsAre("\"hero\" | 1 | \"team\"", "\"hero\" | 3 | \"team\""));
}

TEST(SqliteRebuild, ComparesViolationsAcrossRenamesAndWithoutRowids) {
  Sandbox box(R"(
    CREATE TABLE team (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE seat (code TEXT PRIMARY KEY, team INTEGER REFERENCES team (id), n INTEGER) WITHOUT ROWID;
    PRAGMA foreign_keys = OFF;
    INSERT INTO seat VALUES ('a', 5, 1), ('b', 6, 2);
  )");
  box.execute("PRAGMA foreign_keys = ON");
  box.run({set_type("seat", "n", Type::integer(), Type::real()), op::RenameTable{{"", "seat"}, "chair"}, op::RenameTable{{"", "team"}, "squad"},
           set_type("squad", "name", Type::string(), Type::varchar(20))});
  EXPECT_EQ(box.ask("SELECT count(*) FROM pragma_foreign_key_check"), "2");
}

TEST(SqliteRebuild, ForeignKeysThatSqliteCannotCheckDoNotStopIt) {
  Sandbox box("CREATE TABLE p (a INTEGER); CREATE TABLE c (x INTEGER REFERENCES p (a), y TEXT); INSERT INTO p VALUES (1)");
  box.run({set_type("c", "y", Type::string(), Type::varchar(5)), set_type("p", "a", Type::integer(), Type::bigint())});
}

TEST(SqliteRebuild, KeepsRowidsAndTheHighestNumberEverGiven) {
  Sandbox box(R"(
    CREATE TABLE plain (a TEXT, b TEXT); INSERT INTO plain (rowid, a) VALUES (7, 'x'), (42, 'y');
    CREATE TABLE rowid_taken (rowid TEXT, b TEXT); INSERT INTO rowid_taken (_rowid_, rowid) VALUES (9, 'z');
    CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT); INSERT INTO numbered VALUES (1, 'x'), (50, 'y'); DELETE FROM numbered WHERE id = 50;
    CREATE TABLE emptied (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT); INSERT INTO emptied VALUES (30, 'x'); DELETE FROM emptied;
  )");
  box.run({set_type("plain", "b", Type::string(), Type::integer()), set_type("rowid_taken", "b", Type::string(), Type::integer()),
           set_type("numbered", "a", Type::string(), Type::integer()), set_type("emptied", "a", Type::string(), Type::integer())});
  EXPECT_EQ(box.ask("SELECT rowid, a FROM plain"), "7 x / 42 y");
  EXPECT_EQ(box.ask("SELECT _rowid_, rowid FROM rowid_taken"), "9 z");
  box.execute("INSERT INTO numbered (a) VALUES ('z'); INSERT INTO emptied (a) VALUES ('z')");
  EXPECT_EQ(box.ask("SELECT max(id) FROM numbered"), "51");
  EXPECT_EQ(box.ask("SELECT max(id) FROM emptied"), "31");
}

TEST(SqliteRebuild, CarriesGeneratedColumnsAndEveryKindOfTable) {
  Sandbox box(R"(
    CREATE TABLE gen (a INTEGER, b INTEGER GENERATED ALWAYS AS (a * 2) STORED, c INTEGER AS (b + 1), d TEXT);
    INSERT INTO gen (a, d) VALUES (1, 'x'), (2, 'y');
    CREATE TABLE keyed (k TEXT, l TEXT, v ANY, PRIMARY KEY (k, l DESC)) WITHOUT ROWID, STRICT;
    INSERT INTO keyed VALUES ('a', 'b', 1), ('a', 'c', 'two');
  )");
  op::AlterTable lax;
  lax.table.name = "keyed";
  lax.options = op::Change<schema::Options>{{{"sqlite", {{"strict", true}, {"without_rowid", true}}}}, {{"sqlite", {{"without_rowid", true}}}}};
  box.run({set_type("gen", "d", Type::string(), Type::varchar(3)), lax});
  EXPECT_EQ(box.ask("SELECT a, b, c, d FROM gen"), "1 2 3 x / 2 4 5 y");
  EXPECT_EQ(box.ask("SELECT k, l, v FROM keyed"), "a c two / a b 1");
  op::AlterTable rowid = lax;
  rowid.options = op::Change<schema::Options>{{{"sqlite", {{"without_rowid", true}}}}, {}};
  box.run({rowid});
  EXPECT_EQ(box.ask("SELECT count(*) FROM keyed"), "2");
}

TEST(SqliteRebuild, MovesTheKeyToAnotherColumn) {
  Sandbox box("CREATE TABLE t (code TEXT PRIMARY KEY, n TEXT); INSERT INTO t VALUES ('a', 'x'), ('b', 'y')");
  schema::PrimaryKey old_key;
  old_key.columns = {"code"};
  schema::PrimaryKey new_key;
  new_key.columns = {"id"};
  schema::Column id = column("id", Type::integer(), false);
  box.run({op::DropConstraint{{"", "t"}, "", old_key}, op::AddColumn{{"", "t"}, id}, op::AddConstraint{{"", "t"}, new_key}});
  EXPECT_EQ(box.ask("SELECT id, code FROM t"), "1 a / 2 b") << "the rowids become the key";
}

TEST(SqliteRebuild, AnIntegerKeyThatIsNoRowidStaysNone) {
  Sandbox box("CREATE TABLE t (id INTEGER PRIMARY KEY DESC, a TEXT); INSERT INTO t (rowid, id, a) VALUES (7, NULL, 'x'), (8, 5, 'y')");
  box.run({set_type("t", "a", Type::string(), Type::varchar(9))});
  EXPECT_EQ(box.ask("SELECT rowid, id FROM t ORDER BY rowid"), "7 null / 8 5");
  // The same without a text to copy from.
  schema::Table made = box.schema().tables.at({"", "t"});
  for (schema::Column& column : made.columns) column.spelling.clear();
  made.name.name = "u";
  box.run({op::CreateTable{made, false}});
  box.execute("INSERT INTO u (rowid, id) VALUES (7, NULL)");
  EXPECT_EQ(box.ask("SELECT rowid, id FROM u"), "7 null");
}

TEST(SqliteRebuild, RenamesAnEnumerationsValues) {
  Sandbox box;
  schema::Table table;
  table.name.name = "hero";
  table.columns = {column("id", Type::integer()), column("rank", Type::enumeration("rank", {"rookie", "old"}))};
  op::AlterEnum change;
  change.type.name = "rank";
  change.rename = {{"old", "veteran"}};
  change.add = {{"captain", "", ""}};
  const op::Operations operations = {op::CreateEnum{{{"", "rank"}, {"rookie", "old"}, "", {}}}, op::CreateTable{table},
                                     op::Insert{{"", "hero"}, {{{"id", 1}, {"rank", "old"}}, {{"id", 2}, {"rank", nullptr}}}}, change};
  run_script(box.connection(), box.render(operations, {true, true, true}));
  EXPECT_EQ(box.ask("SELECT rank FROM hero"), "veteran / null");
  box.execute("UPDATE hero SET rank = 'captain'");
}

TEST(SqliteRebuild, AndDataDoNotShareARevision) {
  Sandbox box(heroes);
  op::Sql sql;
  sql.sql = {{"default", "UPDATE hero SET age = 1"}};
  op::Operation data = sql;
  data.location = Location{"versions/2.toml", 12, 1};
  const op::Operations operations = {set_type("hero", "age", Type::integer(), Type::real()), data};
  const Error error = error_of([&] { box.render(operations); });
  EXPECT_EQ(error.kind(), ErrorKind::guard);
  EXPECT_EQ(error.location().line, 12u);
  EXPECT_THAT(error.message(), HasSubstr("the table 'hero' is rebuilt in the same revision as `sql`: foreign keys are switched off"));
  EXPECT_THAT(error.hint(), HasSubstr("move the `sql` to a revision of its own"));
  EXPECT_THAT(error.hint(), HasSubstr("foreign_keys = \"off\""));
  dialect::RenderOptions off;
  off.foreign_keys_off = true;
  run_script(box.connection(), box.render(operations, off));
  EXPECT_EQ(box.ask("SELECT DISTINCT age FROM hero"), "1.0");
  dialect::RenderOptions bare;
  bare.transaction = false;
  EXPECT_EQ(error_of([&] { box.render({set_type("hero", "age", Type::real(), Type::integer())}, bare); }).kind(), ErrorKind::guard);
}

TEST(SqliteRebuild, RefusesToRunWhileForeignKeysAreEnforced) {
  Sandbox box(heroes);
  const dialect::Script script = box.render({set_type("hero", "age", Type::integer(), Type::real())});
  box.connection().begin();  // a caller's own transaction: the pragma is ignored inside it
  for (const std::string& sql : script.prologue) box.connection().execute(sql);
  const Error error = error_of([&] { run_statement(box.connection(), script.statements.front(), {}); });
  EXPECT_EQ(error.kind(), ErrorKind::guard);
}

TEST(SqliteRebuild, StopsWhereAConstraintWouldSwallowRows) {
  Sandbox box("CREATE TABLE t (a INTEGER, b INTEGER AS (a % 2)); INSERT INTO t VALUES (1), (2), (3)");
  schema::Unique swallowing = unique_key("u", {"b"});
  swallowing.options = {{"sqlite", {{"on_conflict", "ignore"}}}};
  op::AlterColumn plain = alter("t", "b");
  plain.generated = op::Change<schema::Boxed<schema::Generated>>{schema::Generated{"a % 2", false}, std::nullopt};
  const Error error = error_of([&] { run_script(box.connection(), box.render({plain, op::AddConstraint{{"", "t"}, swallowing}})); });
  EXPECT_EQ(error.kind(), ErrorKind::constraint);
  EXPECT_EQ(box.ask("SELECT count(*) FROM t"), "3");
}

TEST(SqliteRebuild, TemporaryNamesDoNotClash) {
  Sandbox box("CREATE TABLE t (a TEXT); CREATE TABLE aludel_new_t (b TEXT); INSERT INTO aludel_new_t VALUES ('mine')");
  box.run({set_type("t", "a", Type::string(), Type::integer())});
  EXPECT_EQ(box.ask("SELECT b FROM aludel_new_t"), "mine");
}

TEST(SqliteRebuild, UndoesCommentsInsideExpressions) {
  Sandbox box("CREATE TABLE t (a TEXT)");
  box.run({op::AddConstraint{{"", "t"}, check("c", "a <> '' -- never empty")}});
  EXPECT_EQ(error_of([&] { box.execute("INSERT INTO t VALUES ('')"); }).kind(), ErrorKind::constraint);
}

TEST(SqliteRebuild, TracesStatementsToOperations) {
  Sandbox box(heroes);
  const auto script = box.run({op::AddColumn{{"", "team"}, column("town", Type::string())}, set_type("hero", "age", Type::integer(), Type::real())});
  for (const auto& statement : script.statements) {
    if (statement.sql.starts_with("ALTER TABLE \"team\"")) {
      EXPECT_THAT(statement.operations, ElementsAre(0u));
    }
    if (statement.sql.starts_with("ALTER TABLE \"aludel_new_hero\"")) {
      EXPECT_THAT(statement.operations, ElementsAre(1u));
      EXPECT_EQ(statement.effect.size(), 1u);
    }
    if (statement.sql.starts_with("INSERT INTO \"aludel_new_hero\"")) {
      ASSERT_FALSE(statement.hazards.empty());
      EXPECT_EQ(statement.hazards.front().text, "copies the table 'hero'");
    }
  }
}

}  // namespace
}  // namespace aludel::test
