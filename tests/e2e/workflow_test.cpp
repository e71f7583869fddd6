// The daily work, as a user does it: the target is a .sql file here, so that a test can change it at will.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/project.hpp"

namespace aludel::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Steps {
 protected:
  explicit Steps(const std::string& dialect) : project(dialect) {
    project.with_sql_target("CREATE TABLE hero (id INTEGER PRIMARY KEY, name TEXT NOT NULL, secret_name VARCHAR(80));");
  }

  Outcome run(const std::vector<std::string>& arguments, int code = 0) const {
    const Outcome outcome = project.aludel(arguments);
    EXPECT_EQ(outcome.code, code) << outcome.all();
    return outcome;
  }
  /// Writes a revision for a new target and returns the file's text.
  std::string generate(const std::string& target, const std::vector<std::string>& more = {}) const {
    project.write("schema.sql", target);
    const auto before = project.revisions();
    std::vector<std::string> arguments{"revision", "--autogenerate", "-m", "change"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    last = run(arguments);
    for (const auto& file : project.revisions()) {
      if (std::find(before.begin(), before.end(), file) == before.end()) return project.read("migrations/versions/" + file.filename().string());
    }
    return "";
  }
  void started() const {
    generate(project.read("schema.sql"));
    run({"upgrade", "head"});
    project.sql("INSERT INTO hero VALUES (1, 'Deadpond', 'Dive Wilson'), (2, 'Rusty-Man', NULL)");
  }

  Project project;
  mutable Outcome last;
};

/// What every dialect does alike.
class Workflow : public Steps, public testing::TestWithParam<std::string> {
 protected:
  Workflow() : Steps(GetParam()) {}
};
INSTANTIATE_TEST_SUITE_P(Dialects, Workflow, testing::ValuesIn(system_names()), [](const auto& parameter) { return parameter.param; });

class SqliteWorkflow : public Steps, public testing::Test {
 protected:
  SqliteWorkflow() : Steps("sqlite") {}
};

TEST_P(Workflow, InitMakesAProjectAndKeepsWhatIsThere) {
  std::filesystem::remove(project.file("aludel.toml"));
  project.write("db/env.cpp", "// mine\n");
  EXPECT_THAT(run({"init", "db"}).all(), AllOf(HasSubstr("aludel.toml"), HasSubstr("db/CMakeLists.txt")));
  EXPECT_EQ(project.read("db/env.cpp"), "// mine\n");
  EXPECT_TRUE(std::filesystem::is_directory(project.file("db/versions")));
  EXPECT_THAT(run({"init", "db"}, 1).err, HasSubstr("already"));
  EXPECT_THAT(run({"config"}).out, HasSubstr("sqlite:///app.db"));  // a beginning that needs no server
}

TEST_P(Workflow, InitTakesTheUrlThatItIsGivenAndNoPassword) {
  std::filesystem::remove(project.file("aludel.toml"));
  EXPECT_THAT(run({"--url", "postgresql://me:Wilson@db/app", "init"}, 2).err,
              AllOf(HasSubstr("the password of the URL would stand in aludel.toml"), HasSubstr("hint: leave it out"), Not(HasSubstr("Wilson"))));
  EXPECT_FALSE(std::filesystem::exists(project.file("aludel.toml")));
  EXPECT_THAT(run({"--url", "nonsense", "init"}, 1).err, HasSubstr("nonsense"));
  EXPECT_FALSE(std::filesystem::exists(project.file("aludel.toml")));
  run({"--url", project.url(), "init"});
  project.revision("aaaa00000001", "",
                   "[[upgrade]]\ncreate_table = \"hero\"\ncolumns = [{name = \"id\", type = \"integer\", nullable = false}]\nprimary_key = "
                   "{columns = [\"id\"]}\n");
  run({"upgrade", "head"});
  EXPECT_TRUE(project.has("hero"));
}

TEST_P(Workflow, FromNothingToATableAndASecondLookFindsNothing) {
  started();
  EXPECT_THAT(run({"check"}).out, HasSubstr("is what the target says"));
  EXPECT_EQ(generate(project.read("schema.sql")), "");
  EXPECT_THAT(last.out, HasSubstr("no revision is needed"));
  EXPECT_THAT(run({"upgrade", "head"}).out, HasSubstr("nothing to do"));
}

TEST_P(Workflow, AScriptDoesInTheClientWhatTheRunnerWould) {
  started();
  generate(
      "CREATE TABLE hero (id INTEGER PRIMARY KEY, name VARCHAR(80) NOT NULL DEFAULT 'nobody', secret_name VARCHAR(80), CHECK (name <> ''));"
      "CREATE INDEX ix_secret ON hero (secret_name); CREATE VIEW heroes AS SELECT name FROM hero;",
      {"--no-verify"});
  run({"upgrade", "head", "--accept-data-loss"});
  const std::string script = run({"upgrade", "base:head", "--sql"}).out;
  project.sql(script, "other.db");
  run({"check", "--url", project.url("other.db")});
  EXPECT_THAT(run({"upgrade", "head", "--url", project.url("other.db")}).out, HasSubstr("nothing to do"));
}

TEST_P(Workflow, CheckExitsWithThreeAndSaysHow) {
  started();
  project.write("schema.sql", "CREATE TABLE hero (id INTEGER PRIMARY KEY, name TEXT NOT NULL, secret_name VARCHAR(80), age INTEGER);");
  EXPECT_THAT(run({"check"}, 3).out, AllOf(HasSubstr("+"), HasSubstr("hero.age")));
}

TEST_F(SqliteWorkflow, ARebuildKeepsRowsAndUndoesItself) {
  started();
  const std::string before = project.sql(".dump hero");
  generate("CREATE TABLE hero (id INTEGER PRIMARY KEY, name TEXT NOT NULL CHECK (name <> ''), secret_name VARCHAR(80) COLLATE NOCASE);");
  run({"upgrade", "head"});
  EXPECT_EQ(project.sql("SELECT id, name, secret_name FROM hero"), "1|Deadpond|Dive Wilson\n2|Rusty-Man|\n");
  EXPECT_THAT(run({"check"}).out, HasSubstr("is what the target says"));
  run({"downgrade", "-1"});
  EXPECT_EQ(project.sql("SELECT id, name, secret_name FROM hero"), "1|Deadpond|Dive Wilson\n2|Rusty-Man|\n");
  EXPECT_THAT(project.sql("SELECT sql FROM sqlite_schema WHERE name = 'hero'"), Not(HasSubstr("NOCASE")));
}

TEST_P(Workflow, AChangedColumnKeepsRowsAndUndoesItself) {
  started();
  generate("CREATE TABLE hero (id INTEGER PRIMARY KEY, name VARCHAR(80) NOT NULL CHECK (name <> ''), secret_name VARCHAR(80) DEFAULT 'none');");
  run({"upgrade", "head"});
  run({"check"});
  project.sql("INSERT INTO hero (id, name) VALUES (3, 'Tarantula')");
  run({"downgrade", "-1"});
  EXPECT_EQ(project.sql("SELECT id, name, secret_name FROM hero ORDER BY id"), "1|Deadpond|Dive Wilson\n2|Rusty-Man|\n3|Tarantula|none\n");
  EXPECT_THAT(run({"verify"}).out, Not(HasSubstr("broken")));
}

TEST_P(Workflow, ARenameIsSuggestedAndTakenOnlyWhenSaid) {
  started();
  const std::string target = "CREATE TABLE hero (id INTEGER PRIMARY KEY, name TEXT NOT NULL, alias VARCHAR(80));";
  generate(target);
  EXPECT_THAT(last.out, AllOf(HasSubstr("--rename hero.secret_name:alias"), HasSubstr("loses data")));
  for (const auto& file : project.revisions()) {
    if (project.read("migrations/versions/" + file.filename().string()).find("alias") != std::string::npos) std::filesystem::remove(file);
  }
  const std::string file = generate(target, {"--rename", "hero.secret_name:alias"});
  EXPECT_THAT(file, AllOf(HasSubstr("rename_column = \"hero.secret_name\""), HasSubstr("to = \"alias\""), Not(HasSubstr("drop_column"))));
  run({"upgrade", "head"});
  EXPECT_EQ(project.sql("SELECT alias FROM hero WHERE id = 1"), "Dive Wilson\n");
}

TEST_P(Workflow, DataLossIsRefusedUntilItIsAccepted) {
  started();
  const std::string file = generate("CREATE TABLE hero (id INTEGER PRIMARY KEY, name TEXT NOT NULL);");
  EXPECT_THAT(file, HasSubstr("data_loss = \"review\""));
  const Outcome refused = run({"upgrade", "head"}, 6);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("1 non-null value"), HasSubstr("secret_name"), HasSubstr("accepted")));
  EXPECT_EQ(project.sql("SELECT secret_name FROM hero WHERE id = 1"), "Dive Wilson\n");
  for (const auto& path : project.revisions()) {
    std::string text = project.read("migrations/versions/" + path.filename().string());
    const auto at = text.find("\"review\"");
    if (at != std::string::npos) project.write("migrations/versions/" + path.filename().string(), text.replace(at, 8, "\"accepted\""));
  }
  run({"upgrade", "head"});
  EXPECT_EQ(project.sql("SELECT count(*) FROM hero"), "2\n");
}

TEST_P(Workflow, WithoutRowsNothingIsLostAndNothingIsRefused) {
  started();
  project.sql("UPDATE hero SET secret_name = NULL");
  generate("CREATE TABLE hero (id INTEGER PRIMARY KEY, name TEXT NOT NULL);");
  run({"upgrade", "head"});
}

TEST_P(Workflow, DowngradeGuardsToo) {
  started();
  generate("CREATE TABLE hero (id INTEGER PRIMARY KEY, name TEXT NOT NULL, secret_name VARCHAR(80), age INTEGER);");
  run({"upgrade", "head"});
  project.sql("UPDATE hero SET age = 28 WHERE id = 1");
  EXPECT_THAT(run({"downgrade", "-1"}, 6).err, HasSubstr("age"));
  run({"downgrade", "-1", "--accept-data-loss"});
  EXPECT_EQ(project.sql("SELECT count(*) FROM hero"), "2\n");
}

TEST_P(Workflow, ProductionDatabasesTakeAcceptanceFromTheFileOnly) {
  started();
  generate("CREATE TABLE hero (id INTEGER PRIMARY KEY, name TEXT NOT NULL);");
  project.write("aludel.toml", "[database]\nurl = \"" + project.url() + "\"\nproduction = true\n");
  EXPECT_THAT(run({"upgrade", "head", "--accept-data-loss"}, 6).err, AllOf(HasSubstr("production"), HasSubstr("accepted")));
  EXPECT_EQ(project.sql("SELECT secret_name FROM hero WHERE id = 1"), "Dive Wilson\n");
}

TEST_P(Workflow, WhatNobodyDeclaredIsCountedAndKept) {
  started();
  project.sql(
      "CREATE TABLE other (x TEXT); CREATE VIEW v AS SELECT 1 AS one; CREATE INDEX by_hand ON hero (secret_name); ALTER TABLE hero ADD COLUMN note "
      "TEXT");
  const Outcome check = run({"check"});
  EXPECT_THAT(check.out,
              AllOf(HasSubstr("1 table"), HasSubstr("1 view"), HasSubstr("1 index"), HasSubstr("1 column"), HasSubstr("--include-unmanaged")));
  EXPECT_THAT(run({"check", "--include-unmanaged"}, 3).out, AllOf(HasSubstr("other"), HasSubstr("by_hand"), HasSubstr("note")));
  // A rebuild of the table keeps what was added by hand.
  generate("CREATE TABLE hero (id INTEGER PRIMARY KEY, name VARCHAR(80) NOT NULL, secret_name VARCHAR(80));");
  project.sql("UPDATE hero SET note = 'kept'");
  run({"upgrade", "head"});
  EXPECT_EQ(project.sql("SELECT note FROM hero WHERE id = 1"), "kept\n");
  EXPECT_TRUE(project.has("by_hand"));
}

TEST_P(Workflow, AutogenerateWantsTheDatabaseAtHead) {
  started();
  generate("CREATE TABLE hero (id INTEGER PRIMARY KEY, name TEXT NOT NULL, secret_name VARCHAR(80), age INTEGER);");
  EXPECT_THAT(run({"revision", "--autogenerate", "-m", "again"}, 1).err, AllOf(HasSubstr("not up to date"), HasSubstr("aludel upgrade head")));
}

TEST_P(Workflow, ANotNullColumnWithoutADefaultIsWarnedOf) {
  started();
  const std::string file = generate("CREATE TABLE hero (id INTEGER PRIMARY KEY, name TEXT NOT NULL, secret_name VARCHAR(80), age INTEGER NOT NULL);");
  EXPECT_THAT(last.err, AllOf(HasSubstr("warning"), HasSubstr("hero.age")));
  EXPECT_THAT(file, HasSubstr("# "));
  const Outcome refused = run({"upgrade", "head"}, 1);
  EXPECT_THAT(refused.err, HasSubstr("age"));
  EXPECT_EQ(project.sql("SELECT count(*) FROM hero"), "2\n");
  const std::string script = run({"diff", "--from", project.url(), "--to", "schema.sql", "--as", "sql"}).out;
  const std::string target = project.is_sqlite() ? project.file("app.db").string() : project.url();
  const Outcome stopped = run_client(project.system(), target, script, project.directory());
  EXPECT_NE(stopped.code, 0) << script;
  EXPECT_THAT(stopped.err, HasSubstr("age"));
}

TEST_P(Workflow, DryRunShowsAndDoesNothing) {
  started();
  generate("CREATE TABLE hero (id INTEGER PRIMARY KEY, name VARCHAR(80) NOT NULL, secret_name VARCHAR(80));");
  const Outcome dry = run({"upgrade", "head", "--dry-run"});
  EXPECT_THAT(dry.out, AllOf(HasSubstr(project.is_sqlite() ? "INSERT INTO" : "ALTER TABLE"), HasSubstr("hazard")));
  EXPECT_THAT(run({"status"}).out, HasSubstr("1 revision"));
}

TEST_P(Workflow, StatusCurrentHistoryShowAndJournalAgree) {
  started();
  const std::string id = project.sql("SELECT revision FROM aludel_version").substr(0, 12);
  EXPECT_THAT(run({"current"}).out, HasSubstr(id));
  EXPECT_THAT(run({"heads"}).out, HasSubstr(id));
  EXPECT_THAT(run({"history", "-i"}).out, AllOf(HasSubstr(id), HasSubstr("current")));
  EXPECT_THAT(run({"show", id.substr(0, 6)}).out, AllOf(HasSubstr("create table hero"), HasSubstr("drop table hero")));
  EXPECT_THAT(run({"show", "head", "--as", "sql"}).out, HasSubstr("CREATE TABLE"));
  EXPECT_THAT(run({"journal"}).out, AllOf(HasSubstr(id), HasSubstr("upgrade")));
  EXPECT_THAT(run({"status", "--json"}).out, AllOf(HasSubstr("\"heads\""), HasSubstr(id)));
}

TEST_P(Workflow, AnEditedAppliedFileIsNoticedAndLineEndingsAreNot) {
  started();
  const std::string name = "migrations/versions/" + project.revisions().front().filename().string();
  std::string text = project.read(name);
  std::string windows = "\xEF\xBB\xBF";
  for (const char c : text) windows += c == '\n' ? "\r\n" : std::string(1, c);
  project.write(name, windows);
  EXPECT_THAT(run({"status"}).err, Not(HasSubstr("edited")));
  project.write(name, text + "\n[[upgrade]]\nsql = \"SELECT 1\"\n");
  EXPECT_THAT(run({"status"}).err, HasSubstr("edited after it was applied"));
}

TEST_P(Workflow, StampRunsNothing) {
  generate(project.read("schema.sql"));
  run({"stamp", "head"});
  EXPECT_FALSE(project.has("hero"));
  EXPECT_THAT(run({"upgrade", "head"}).out, HasSubstr("nothing to do"));
}

TEST_P(Workflow, MergesParseAndRun) {
  project.revision("aaaaaaaaaaaa", "", "[[upgrade]]\ncreate_table = \"a\"\ncolumns = [{name = \"x\", type = \"text\"}]\n");
  project.revision("bbbbbbbbbbbb", "aaaaaaaaaaaa", "[[upgrade]]\ncreate_table = \"b\"\ncolumns = [{name = \"x\", type = \"text\"}]\n");
  project.revision("cccccccccccc", "aaaaaaaaaaaa", "[[upgrade]]\ncreate_table = \"c\"\ncolumns = [{name = \"x\", type = \"text\"}]\n");
  project.write("migrations/versions/m.toml",
                "revision = \"dddddddddddd\"\ndown_revision = [\"bbbbbbbbbbbb\", \"cccccccccccc\"]\nmessage = \"merge\"\n");
  run({"upgrade", "head"});
  EXPECT_EQ(project.sql("SELECT revision FROM aludel_version"), "dddddddddddd\n");
  EXPECT_THAT(run({"branches"}).out, HasSubstr("aaaaaaaaaaaa"));
  run({"downgrade", "base"});
  for (const char* table : {"a", "b", "c"}) EXPECT_FALSE(project.has(table)) << table;
}

TEST_P(Workflow, DiffAsSqlRunsUnchangedInTheShell) {
  project.sql("CREATE TABLE hero (id INTEGER PRIMARY KEY, name VARCHAR(40)); INSERT INTO hero VALUES (1, 'Deadpond'); CREATE INDEX i ON hero (name)",
              "a.db");
  project.write("to.sql", "CREATE TABLE hero (id INTEGER PRIMARY KEY, name VARCHAR(80) NOT NULL DEFAULT 'x'); CREATE INDEX i ON hero (name DESC);");
  const std::string sql = run({"diff", "--from", project.url("a.db"), "--to", "to.sql", "--as", "sql"}).out;
  project.sql(sql, "a.db");
  EXPECT_EQ(run({"diff", "--from", project.url("a.db"), "--to", "to.sql", "--as", "sql", "--exit-code"}).out, "");
  EXPECT_EQ(project.sql("SELECT name FROM hero", "a.db"), "Deadpond\n");
  EXPECT_THAT(run({"diff", "--from", "empty:", "--to", "to.sql", "--exit-code"}, 3).out, HasSubstr("create table hero"));
}

TEST_P(Workflow, InspectReadsBackAndDraws) {
  const std::string trigger = project.system().trigger("t", "AFTER DELETE", "hero", "DELETE FROM team WHERE id = old.team_id");
  project.write(
      "from.sql",
      "CREATE TABLE team (id INTEGER PRIMARY KEY); CREATE TABLE hero (id INTEGER PRIMARY KEY, team_id INTEGER REFERENCES team (id) ON DELETE "
      "CASCADE, name TEXT CHECK (name <> '')); CREATE VIEW v AS SELECT name FROM hero; " +
          trigger);
  for (const char* form : {"toml", "json"}) {
    const std::string name = std::string("snap.") + form;
    project.write(name, run({"inspect", "from.sql", "--as", form}).out);
    EXPECT_EQ(run({"diff", "--from", name, "--to", "from.sql", "--exit-code"}).out, "no difference\n") << project.read(name);
  }
  project.sql(run({"inspect", "from.sql", "--as", "sql"}).out, "copy.db");
  EXPECT_EQ(run({"diff", "--from", project.url("copy.db"), "--to", "from.sql"}).out, "no difference\n");
  EXPECT_THAT(run({"inspect", "from.sql", "--as", "tree"}).out, AllOf(HasSubstr("table hero"), HasSubstr("-> team"), HasSubstr("trigger t")));
  EXPECT_THAT(run({"inspect", "from.sql", "--as", "mermaid"}).out, HasSubstr("erDiagram"));
  EXPECT_THAT(run({"inspect", "from.sql", "--as", "json-schema"}).out, HasSubstr("\"$defs\""));
  EXPECT_THAT(run({"inspect", "from.sql", "--as", "dot"}).out, HasSubstr("digraph"));
}

TEST_P(Workflow, InspectWritesForTheServerThatItReads) {
  const std::string own = project.system().name == "mysql" ? " NOT ENFORCED" : "";  // which MariaDB, of the same dialect, does not know
  project.sql("CREATE TABLE hero (id INTEGER PRIMARY KEY, CONSTRAINT old_enough CHECK (id > 0)" + own + ")", "a.db");
  project.sql(run({"inspect", project.url("a.db"), "--as", "sql"}).out, "copy.db");
  EXPECT_EQ(run({"diff", "--from", project.url("copy.db"), "--to", project.url("a.db")}).out, "no difference\n");
}

TEST_P(Workflow, OddNamesAreDataEverywhere) {
  const System& system = project.system();
  const std::string table = system.quoted("select"), odd = system.quoted(system.odd_letter), broken = system.quoted("line\nbreak");
  const std::string target = "CREATE TABLE " + table + " (id INTEGER PRIMARY KEY, " + system.quoted("a \"b\" `c` 'd'") + " TEXT, " + broken +
                             " VARCHAR(40), " + odd + " VARCHAR(40), " + system.quoted(std::string(system.longest_name, 'n')) + " TEXT, " +
                             system.quoted("dotted.name") + " TEXT);\nCREATE INDEX " + system.quoted("ix; DROP TABLE x") + " ON " + table + " (" +
                             odd + ", " + broken + ");\n";
  generate(target);
  run({"upgrade", "head"});
  run({"check"});
  project.sql("INSERT INTO " + table + " (id, " + odd + ") VALUES (1, 'kept')");
  std::string changed = target;
  const std::string column = odd + " VARCHAR(40)";
  changed.replace(changed.find(column), column.size(), column + " NOT NULL DEFAULT 'x'");
  generate(changed);
  run({"upgrade", "head"});
  run({"check"});
  EXPECT_EQ(project.sql("SELECT " + odd + " FROM " + table), "kept\n");
  run({"downgrade", "base", "--accept-data-loss"});
}

TEST_P(Workflow, ExecSourcesPrintASnapshot) {
  project.write("snap.json", run({"inspect", "schema.sql", "--as", "json"}).out);
  EXPECT_EQ(run({"diff", "--from", "exec:cat snap.json", "--to", "schema.sql"}).out, "no difference\n");
  started();
  run({"check", "--target", "exec:cat snap.json"});
}

TEST_P(Workflow, RevisionsAreASourceToo) {
  started();
  project.revision("eeeeeeeeeeee", project.sql("SELECT revision FROM aludel_version").substr(0, 12),
                   "[[upgrade]]\nsql = \"CREATE TABLE opaque (x TEXT)\"\n");
  EXPECT_THAT(run({"diff", "--from", "empty:", "--to", "revisions:head"}).out, AllOf(HasSubstr("hero"), HasSubstr("opaque")));
}

TEST_P(Workflow, PlainSqlRevisions) {
  run({"revision", "-m", "by hand", "--as", "sql"});
  const std::string name = "migrations/versions/" + project.revisions().front().filename().string();
  std::string text = project.read(name);
  EXPECT_THAT(text, AllOf(HasSubstr("-- upgrade"), HasSubstr("-- downgrade")));
  text.insert(text.find("-- upgrade") + 10, "\nCREATE TABLE x (a TEXT); INSERT INTO x VALUES ('; not the end');\n");
  text += "\nDROP TABLE x;\n";
  project.write(name, text);
  run({"upgrade", "head"});
  EXPECT_EQ(project.sql("SELECT a FROM x"), "; not the end\n");
  run({"downgrade", "base"});
  EXPECT_FALSE(project.has("x"));
}

TEST_F(SqliteWorkflow, DataAndARebuildDoNotShareARevision) {
  started();
  const std::string head = project.sql("SELECT revision FROM aludel_version").substr(0, 12);
  const std::string operations =
      "[[upgrade]]\nsql = \"UPDATE hero SET secret_name = 'x'\"\nundo = \"\"\n\n[[upgrade]]\nalter_column = \"hero.secret_name\"\nnullable = {from = "
      "true, to = false}\n";
  project.revision("ffffffffffff", head, operations);
  EXPECT_THAT(run({"upgrade", "head"}, 6).err, AllOf(HasSubstr("foreign_keys"), HasSubstr("a revision of its own")));
  project.revision("ffffffffffff", head, operations, "foreign_keys = \"off\"");
  run({"upgrade", "head"});
  EXPECT_EQ(project.sql("SELECT DISTINCT secret_name FROM hero"), "x\n");
}

}  // namespace
}  // namespace aludel::test
