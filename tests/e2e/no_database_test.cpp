// What works from the revision files: taking a database in, comparing without one, proving what exists.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/project.hpp"

namespace aludel::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* heroes = "CREATE TABLE hero (id INTEGER PRIMARY KEY, name TEXT NOT NULL); CREATE VIEW heroes AS SELECT name FROM hero;";
constexpr const char* aged_heroes =
    "CREATE TABLE hero (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER); CREATE VIEW heroes AS SELECT name FROM hero;";

class NoDatabase : public testing::Test {
 protected:
  NoDatabase() { project.with_sql_target(heroes); }

  Outcome run(const std::vector<std::string>& arguments, int code = 0) const {
    const Outcome outcome = project.aludel(arguments);
    EXPECT_EQ(outcome.code, code) << outcome.all();
    return outcome;
  }
  std::string only_revision() const {
    const auto files = project.revisions();
    return files.size() == 1 ? project.read("migrations/versions/" + files.front().filename().string()) : "";
  }

  Project project;
};

TEST_F(NoDatabase, ABaselineTakesADatabaseInAndRunsElsewhere) {
  project.sql(std::string(heroes) + "INSERT INTO hero VALUES (1, 'Deadpond')");
  EXPECT_THAT(run({"revision", "--baseline", "-m", "as it is"}).out, AllOf(HasSubstr("create table hero"), HasSubstr("stamped")));
  EXPECT_THAT(only_revision(), AllOf(HasSubstr("create_table = \"hero\""), HasSubstr("create_object = \"heroes\"")));
  EXPECT_THAT(run({"status"}).out, AllOf(HasSubstr("as it is"), HasSubstr("nothing")));
  EXPECT_THAT(run({"check"}).out, HasSubstr("is what the target says"));
  EXPECT_EQ(project.sql("SELECT name FROM hero"), "Deadpond\n");
  run({"--url", project.url("new.db"), "upgrade", "head"});
  run({"--url", project.url("new.db"), "check"});
  EXPECT_THAT(run({"revision", "--baseline", "-m", "again"}, 1).err, HasSubstr("a baseline is the first"));
}

TEST_F(NoDatabase, ABaselineOfNothingWritesNothing) {
  EXPECT_THAT(run({"revision", "--baseline", "-m", "as it is"}).out, HasSubstr("nothing to take in"));
  EXPECT_TRUE(project.revisions().empty());
}

TEST_F(NoDatabase, ABaselineIsNotMadeForADatabaseWithHistory) {
  run({"revision", "--autogenerate", "-m", "first"});
  run({"upgrade", "head"});
  for (const auto& file : project.revisions()) std::filesystem::remove(file);
  EXPECT_THAT(run({"revision", "--baseline", "-m", "as it is"}, 1).err, AllOf(HasSubstr("already"), HasSubstr("no file has")));
  EXPECT_TRUE(project.revisions().empty());
}

TEST_F(NoDatabase, AutogenerateAgainstTheRevisionsTouchesNone) {
  const std::vector<std::string> generate{"revision", "--autogenerate", "--against", "revisions", "--dialect", "sqlite", "-m", "change"};
  run(generate);
  EXPECT_THAT(only_revision(), HasSubstr("create_table = \"hero\""));
  project.write("schema.sql", aged_heroes);
  EXPECT_THAT(run({"check", "--against", "revisions", "--dialect", "sqlite"}, 3).out, AllOf(HasSubstr("hero.age"), Not(HasSubstr("create table"))));
  EXPECT_THAT(run(generate).out, HasSubstr("add column hero.age integer"));
  EXPECT_THAT(run(generate).out, HasSubstr("no revision is needed"));
  run({"check", "--against", "revisions", "--dialect", "sqlite"});
  EXPECT_FALSE(std::filesystem::exists(project.file("app.db")));
}

TEST_F(NoDatabase, CheckSaysWhichOfTheThreeDiffers) {
  run({"revision", "--autogenerate", "-m", "first"});
  run({"upgrade", "head"});

  project.write("schema.sql", aged_heroes);
  EXPECT_THAT(run({"check"}, 3).out, AllOf(HasSubstr("revisions do not give what the target says"), HasSubstr("holds what its revisions gave it")));

  run({"revision", "--autogenerate", "-m", "second"});
  EXPECT_THAT(run({"check"}, 3).out, AllOf(HasSubstr("lacks 1 revision"), HasSubstr("revisions give what the target says")));

  run({"upgrade", "head"});
  project.sql("DROP VIEW heroes");
  EXPECT_THAT(run({"check"}, 3).out, AllOf(HasSubstr("at the newest revision"), HasSubstr("revisions give what the target says"),
                                           HasSubstr("changed by other means"), HasSubstr("create view heroes")));
  EXPECT_THAT(run({"--json", "check"}, 3).out, HasSubstr("\"database_drifted\": true"));
}

TEST_F(NoDatabase, VerifyRunsEveryRevisionUpDownUp) {
  project.revision("111111111111", "", "[[upgrade]]\ncreate_table = \"hero\"\ncolumns = [{name = \"id\", type = \"integer\"}]\n");
  project.revision("222222222222", "111111111111", "[[upgrade]]\ninsert = \"hero\"\nrows = [{id = 1}]\n");
  project.revision("333333333333", "222222222222", "[[upgrade]]\nsql = \"DELETE FROM hero\"\n");
  project.revision("444444444444", "222222222222", "[[upgrade]]\nadd_column = \"hero.age\"\ntype = \"integer\"\n");
  const Outcome all = run({"verify"});
  EXPECT_THAT(all.out, AllOf(HasSubstr("holds   111111111111"), HasSubstr("holds   222222222222"), HasSubstr("holds   444444444444")));
  EXPECT_THAT(all.out, AllOf(HasSubstr("holds   333333333333"), HasSubstr("not undone: ")));
  EXPECT_THAT(run({"verify", "444444444444:"}).out, AllOf(HasSubstr("444444444444"), Not(HasSubstr("111111111111"))));
  EXPECT_FALSE(std::filesystem::exists(project.file("app.db")));
}

TEST_F(NoDatabase, VerifyNamesWhatDoesNotHoldAndWhatStandsOnIt) {
  project.revision("111111111111", "",
                   "[[upgrade]]\ncreate_table = \"hero\"\ncolumns = [{name = \"id\", type = \"integer\"}]\n"
                   "[[downgrade]]\nsql = \"SELECT 1\"\n");
  project.revision("222222222222", "111111111111", "[[upgrade]]\ncreate_table = \"team\"\ncolumns = [{name = \"id\", type = \"integer\"}]\n");
  project.revision("333333333333", "", "[[upgrade]]\nadd_column = \"nobody.age\"\ntype = \"integer\"\n");
  project.revision("444444444444", "", "[[upgrade]]\ncreate_table = \"ship\"\ncolumns = [{name = \"id\", type = \"integer\"}]\n");
  const Outcome broken = run({"verify"}, 3);
  EXPECT_THAT(broken.out, AllOf(HasSubstr("broken  111111111111"), HasSubstr("after the downgrade: still to do: drop table hero")));
  EXPECT_THAT(broken.out, AllOf(HasSubstr("broken  222222222222"), HasSubstr("not tried: it stands on 111111111111")));
  EXPECT_THAT(broken.out, AllOf(HasSubstr("broken  333333333333"), HasSubstr("nobody"), HasSubstr("holds   444444444444")));
  EXPECT_THAT(broken.out, HasSubstr("3 of 4 revisions do not hold"));
}

TEST_F(NoDatabase, WhatIsNotProvenSaysSoInTheFile) {
  EXPECT_THAT(run({"revision", "--autogenerate", "-m", "first", "--no-verify"}).err, HasSubstr("not proven"));
  EXPECT_THAT(only_revision(), HasSubstr("# not proven on a scratch database"));
}

/// A script in the sqlite3 shell; its exit code says whether it went through.
Outcome in_shell(const Project& project, const std::string& script) {
  project.write("script.sql", script);
  return run_program({"sh", "-c", "sqlite3 app.db < script.sql"}, project.directory());
}

TEST_F(NoDatabase, AScriptInTheShellStopsWhereTheRunnerWould) {
  run({"revision", "--autogenerate", "-m", "first"});
  const std::string all = run({"upgrade", "head", "--sql", "--dialect", "sqlite"}).out;
  EXPECT_EQ(in_shell(project, all).all(), "");
  EXPECT_NE(in_shell(project, all).code, 0) << "a second time it must not run";
  run({"check"});
  project.sql("INSERT INTO hero (id, name) VALUES (1, 'Deadpond'), (2, '')");

  // A rebuild that the rows do not fit: the shell would otherwise drop the old table and commit.
  project.write("schema.sql",
                "CREATE TABLE hero (id INTEGER PRIMARY KEY, name TEXT NOT NULL CHECK (name <> '')); CREATE VIEW heroes AS SELECT name FROM hero;");
  const std::string before = project.sql(".dump");
  const Outcome stopped = in_shell(project, run({"diff", "--from", project.url(), "--to", "schema.sql", "--as", "sql"}).out);
  EXPECT_NE(stopped.code, 0);
  EXPECT_THAT(stopped.err, HasSubstr("hero"));
  EXPECT_EQ(project.sql(".dump"), before);

  project.sql("UPDATE hero SET name = 'Rusty-Man' WHERE id = 2");
  const std::string script = run({"diff", "--from", project.url(), "--to", "schema.sql", "--as", "sql"}).out;
  EXPECT_EQ(in_shell(project, script).all(), "");
  run({"check"});
  EXPECT_EQ(project.sql("SELECT count(*) FROM hero"), "2\n");
  EXPECT_EQ(run({"diff", "--from", project.url(), "--to", "schema.sql", "--as", "sql"}).out, "");
}

TEST_F(NoDatabase, AScriptRunsOnlyWhereItBegins) {
  run({"revision", "--autogenerate", "-m", "first", "--rev-id", "111111111111"});
  project.write("schema.sql", aged_heroes);
  run({"revision", "--autogenerate", "--against", "revisions", "-m", "second"});
  const std::string second = run({"upgrade", "111111111111:head", "--sql"}).out;
  run({"upgrade", "head"});
  EXPECT_THAT(in_shell(project, second).err, HasSubstr("the database is not at 111111111111"));
  run({"downgrade", "111111111111"});
  EXPECT_EQ(in_shell(project, second).all(), "");
  EXPECT_THAT(run({"status"}).out, HasSubstr("second"));
}

TEST_F(NoDatabase, WhatInspectPrintsIsASource) {
  const std::string sql = run({"inspect", "schema.sql", "--as", "sql", "--dialect", "sqlite"}).out;
  EXPECT_EQ(in_shell(project, sql).all(), "");
  project.write("again.sql", sql);
  EXPECT_EQ(run({"diff", "--from", "again.sql", "--to", "schema.sql", "--dialect", "sqlite", "--as", "sql"}).out, "");
  run({"diff", "--from", "again.sql", "--to", project.url(), "--exit-code"});
}

}  // namespace
}  // namespace aludel::test
