// Bad input of every kind: a clear error that names the place and the remedy, and nothing lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "support/project.hpp"

namespace aludel::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* hero_table = R"(
[[upgrade]]
create_table = "hero"
columns = [
  {name = "id", type = "bigint", nullable = false, identity = true},
  {name = "name", type = "text", nullable = false},
  {name = "age", type = "integer"},
]
primary_key = {columns = ["id"]}
)";

class BadInput : public testing::Test {
 protected:
  BadInput() { project.with_sql_target("CREATE TABLE hero (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER);"); }

  /// The command fails with this code, says all of these, and neither aborts nor shows anything it should not.
  void expect_failure(const std::vector<std::string>& arguments, int code, const std::vector<std::string>& words) const {
    const Outcome outcome = project.aludel(arguments);
    EXPECT_EQ(outcome.code, code) << outcome.all();
    EXPECT_THAT(outcome.err, HasSubstr("error: "));
    for (const std::string& word : words) EXPECT_THAT(outcome.err, HasSubstr(word));
    EXPECT_THAT(outcome.all(), AllOf(Not(HasSubstr("terminate called")), Not(HasSubstr("hunter2")), Not(HasSubstr("std::"))));
  }

  Project project;
};

TEST_F(BadInput, UnknownCommandNamesTheNearest) { expect_failure({"upgrde", "head"}, 2, {"'upgrde'", "did you mean", "upgrade"}); }
TEST_F(BadInput, UnknownOptionNamesTheNearest) {
  expect_failure({"upgrade", "head", "--dry-rum"}, 2, {"--dry-rum", "--dry-run", "aludel help upgrade"});
}
TEST_F(BadInput, UpgradeNeedsATarget) { expect_failure({"upgrade"}, 2, {"aludel upgrade head"}); }
TEST_F(BadInput, LaterCommandsAreRefusedByName) {
  for (const char* command : {"merge", "rebase", "squash"}) expect_failure({command}, 1, {command, "later release"});
  expect_failure({"revision", "--autogenerate", "--against", "files", "-m", "x"}, 2, {"--against takes database or revisions, not 'files'"});
  expect_failure({"revision", "--baseline", "--against", "revisions", "-m", "x"}, 2, {"a baseline is what the database holds"});
}

TEST_F(BadInput, UnknownSchemeNamesTheKnownOnesAndWhereWasSearched) {
  expect_failure({"--url", "sqlit:///app.db", "status"}, 1, {"sqlit", "sqlite", "searched"});
  expect_failure({"--url", "oracle://scott:hunter2@host/db", "status"}, 1, {"oracle", "searched"});
}

TEST_F(BadInput, AUrlThatCannotBeParsedShowsNoPassword) {
  expect_failure({"--url", "postgresql://user:hunter2@[::1/db", "status"}, 1, {"URL"});
  expect_failure({"--url", "nothing at all", "status"}, 1, {"URL"});
}

TEST_F(BadInput, NoDatabaseNamed) {
  project.write("aludel.toml", "[models]\nsource = \"schema.sql\"\n");
  expect_failure({"status"}, 1, {"--url", "aludel.toml"});
}

TEST_F(BadInput, NotADatabase) {
  project.write("app.db",
                "this is a letter to my aunt, and it is quite long: longer than the header of a database file, which has a hundred bytes.\n");
  project.revision("aaaaaaaaaaaa", "", hero_table);
  expect_failure({"upgrade", "head"}, 1, {"app.db", "not a"});
  EXPECT_THAT(project.read("app.db"), HasSubstr("my aunt"));
}

TEST_F(BadInput, ADirectoryIsNoDatabase) {
  std::filesystem::create_directory(project.file("app.db"));
  expect_failure({"status"}, 1, {"app.db", "directory"});
}

TEST_F(BadInput, AMissingFileIsNotMadeByReading) {
  expect_failure({"status"}, 1, {"app.db", "does not exist"});
  EXPECT_FALSE(std::filesystem::exists(project.file("app.db")));
}

TEST_F(BadInput, AMissingDirectory) {
  project.revision("aaaaaaaaaaaa", "", hero_table);
  expect_failure({"--url", "sqlite:///nowhere/app.db", "upgrade", "head"}, 1, {"nowhere"});
}

TEST_F(BadInput, UnreadableAndReadOnlyFiles) {
  project.revision("aaaaaaaaaaaa", "", hero_table);
  project.sql("CREATE TABLE keep (x)");
  chmod(project.directory().c_str(), 0777);
  // Root may read and write everything, so root becomes somebody else for this.
  std::vector<std::string> command{ALUDEL_BINARY_DIR "/bin/aludel", "upgrade", "head"};
  if (geteuid() == 0) command.insert(command.begin(), {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
  const auto upgrade = [&] { return run_program(command, project.directory(), project.environment); };
  chmod(project.file("app.db").c_str(), 0444);
  const Outcome read_only = upgrade();
  EXPECT_EQ(read_only.code, 1);
  EXPECT_THAT(read_only.err, AllOf(HasSubstr("app.db"), HasSubstr("read-only")));
  chmod(project.file("app.db").c_str(), 0);
  const Outcome unreadable = upgrade();
  EXPECT_EQ(unreadable.code, 1);
  EXPECT_THAT(unreadable.err, AllOf(HasSubstr("app.db"), HasSubstr("error: ")));
}

TEST_F(BadInput, AReadOnlyUrlRefusesToWrite) {
  project.revision("aaaaaaaaaaaa", "", hero_table);
  project.sql("CREATE TABLE keep (x)");
  expect_failure({"--url", project.url() + "?mode=ro", "upgrade", "head"}, 1, {"read-only"});
}

TEST_F(BadInput, ACorruptFileIsNamed) {
  project.sql("CREATE TABLE keep (x); INSERT INTO keep SELECT value FROM json_each('[1,2,3]')");
  {
    std::fstream file(project.file("app.db"), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100);  // the first page's b-tree header: sqlite_schema itself
    file << std::string(400, '\x7f');
  }
  project.revision("aaaaaaaaaaaa", "", hero_table);
  expect_failure({"upgrade", "head"}, 1, {"app.db"});
}

TEST_F(BadInput, ALockedDatabaseIsWaitedForAndThenReported) {
  project.revision("aaaaaaaaaaaa", "", hero_table);
  project.sql("CREATE TABLE keep (x)");
  const pid_t holder = fork();
  if (holder == 0) {
    // It waits for the reader below, which may be faster.
    execlp("sqlite3", "sqlite3", project.file("app.db").c_str(), ".timeout 10000", "BEGIN EXCLUSIVE", ".shell touch locked; sleep 30", nullptr);
    _exit(127);
  }
  // The shell command runs in this process's directory: wait until the lock is held by trying to read.
  for (int i = 0; i < 100; ++i) {
    if (run_program({"sqlite3", project.file("app.db").string(), "SELECT * FROM keep"}, project.directory()).code != 0) break;
    usleep(50'000);
  }
  expect_failure({"upgrade", "head", "--lock-wait", "300ms"}, 5, {"app.db"});
  kill(holder, SIGKILL);
  waitpid(holder, nullptr, 0);
  run_program({"sh", "-c", "rm -f locked"}, std::filesystem::current_path());
  EXPECT_EQ(project.aludel({"upgrade", "head"}).code, 0);
}

TEST_F(BadInput, RevisionFilesAreReadWithTheirPlace) {
  project.revision("aaaaaaaaaaaa", "", "[[upgrade]]\ncreate_table = \"hero\ncolumns = []\n");
  expect_failure({"upgrade", "head"}, 1, {"aaaaaaaaaaaa.toml:7"});
  project.revision("aaaaaaaaaaaa", "", "[[upgrade]]\ncreate_tabel = \"hero\"\ncolumns = []\n");
  expect_failure({"upgrade", "head"}, 1, {"aaaaaaaaaaaa.toml:7:1", "create_tabel", "create_table"});
  project.revision("aaaaaaaaaaaa", "", "[[upgrade]]\ndrop_table = 3\n");
  expect_failure({"upgrade", "head"}, 1, {"aaaaaaaaaaaa.toml:7:14", "must be a name", "an integer"});
  project.revision("aaaaaaaaaaaa", "", "[[upgrade]]\nadd_column = \"hero.x\"\ntype = \"text\"\nnullabel = true\n");
  expect_failure({"upgrade", "head"}, 1, {"aaaaaaaaaaaa.toml:9:1", "nullabel", "nullable"});
  project.revision("aaaaaaaaaaaa", "", hero_table, "mesage = \"twice\"");
  expect_failure({"heads"}, 1, {"aaaaaaaaaaaa.toml:5", "mesage", "message"});
}

TEST_F(BadInput, MissingAndDuplicateIds) {
  project.write("migrations/versions/x.toml", "message = \"no id\"\ndown_revision = \"\"\n");
  expect_failure({"heads"}, 1, {"x.toml", "revision"});
  std::filesystem::remove(project.file("migrations/versions/x.toml"));
  project.revision("aaaaaaaaaaaa", "", hero_table);
  std::filesystem::copy_file(project.file("migrations/versions/aaaaaaaaaaaa.toml"), project.file("migrations/versions/copy.toml"));
  expect_failure({"heads"}, 1, {"aaaaaaaaaaaa", "copy.toml"});
}

TEST_F(BadInput, MissingParentCycleAndTwoHeads) {
  project.revision("aaaaaaaaaaaa", "aaaaaaaaaaab", hero_table);
  expect_failure({"upgrade", "head"}, 1, {"aaaaaaaaaaaa", "aaaaaaaaaaab"});
  project.revision("aaaaaaaaaaab", "aaaaaaaaaaaa", "");
  expect_failure({"upgrade", "head"}, 1, {"cycle", "aaaaaaaaaaaa", "aaaaaaaaaaab"});
  project.revision("aaaaaaaaaaaa", "", hero_table);
  project.revision("aaaaaaaaaaac", "aaaaaaaaaaaa", "");
  expect_failure({"upgrade", "head"}, 1, {"aaaaaaaaaaab", "aaaaaaaaaaac", "heads"});
  EXPECT_EQ(project.aludel({"upgrade", "heads"}).code, 0);
}

TEST_F(BadInput, ADatabaseAheadOfTheFiles) {
  project.revision("aaaaaaaaaaaa", "", hero_table);
  ASSERT_EQ(project.aludel({"upgrade", "head"}).code, 0);
  std::filesystem::remove(project.file("migrations/versions/aaaaaaaaaaaa.toml"));
  project.revision("bbbbbbbbbbbb", "", "");
  expect_failure({"upgrade", "head"}, 1, {"aaaaaaaaaaaa"});
}

TEST_F(BadInput, OperationsThatDoNotFitTheDatabase) {
  project.sql("CREATE TABLE hero (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO hero VALUES (1, 'kept')");
  project.revision("aaaaaaaaaaaa", "", hero_table);
  expect_failure({"upgrade", "head"}, 1, {"hero", "exists", "aaaaaaaaaaaa.toml:7:1"});
  project.revision("aaaaaaaaaaaa", "", "[[upgrade]]\ndrop_column = \"hero.agee\"\n");
  expect_failure({"upgrade", "head"}, 1, {"agee", "aaaaaaaaaaaa.toml:6:1"});
  project.revision("aaaaaaaaaaaa", "", "[[upgrade]]\nalter_column = \"hero.name\"\ntype = {from = \"integer\", to = \"bigint\"}\n");
  expect_failure({"upgrade", "head"}, 1, {"hero.name", "--ignore-from", "aaaaaaaaaaaa.toml:6:1"});
  EXPECT_EQ(project.sql("SELECT name FROM hero"), "kept\n");
  EXPECT_THAT(project.aludel({"status"}).out, HasSubstr("last failure"));
}

TEST_F(BadInput, AFailingStatementInTheMiddleLeavesNothing) {
  project.revision("aaaaaaaaaaaa", "",
                   std::string(hero_table) +
                       "\n[[upgrade]]\nsql = \"\"\"\nINSERT INTO hero (id, name) VALUES (1, 'x');\nINSERT INTO nowhere VALUES (1);\n\"\"\"\n");
  expect_failure({"upgrade", "head"}, 1, {"nowhere", "aaaaaaaaaaaa", "statement"});
  EXPECT_EQ(project.sql("SELECT count(*) FROM sqlite_schema WHERE name = 'hero'"), "0\n");
  EXPECT_THAT(project.aludel({"current"}).out, HasSubstr("base"));
}

TEST_F(BadInput, RowsThatBreakANewConstraintAreNamed) {
  project.revision("aaaaaaaaaaaa", "", hero_table);
  ASSERT_EQ(project.aludel({"upgrade", "head"}).code, 0);
  project.sql("INSERT INTO hero VALUES (1, 'Deadpond', -5), (2, 'Rusty-Man', 48), (7, 'Rusty-Man', NULL)");
  project.revision("bbbbbbbbbbbb", "aaaaaaaaaaaa", "[[upgrade]]\nadd_constraint = \"ck_age\"\ntable = \"hero\"\ncheck = \"age >= 0\"\n");
  expect_failure({"upgrade", "head"}, 1, {"ck_age", "-5"});
  project.revision("bbbbbbbbbbbb", "aaaaaaaaaaaa", "[[upgrade]]\nadd_constraint = \"uq_name\"\ntable = \"hero\"\nunique = {columns = [\"name\"]}\n");
  expect_failure({"upgrade", "head"}, 1, {"Rusty-Man"});
  project.revision("bbbbbbbbbbbb", "aaaaaaaaaaaa", "[[upgrade]]\nalter_column = \"hero.age\"\nnullable = {from = true, to = false}\n");
  expect_failure({"upgrade", "head"}, 1, {"age", "7"});
  EXPECT_EQ(project.sql("SELECT count(*) FROM hero"), "3\n");
}

TEST_F(BadInput, CtrlCInTheMiddleOfARebuildLosesNothing) {
  project.revision("aaaaaaaaaaaa", "", hero_table);
  ASSERT_EQ(project.aludel({"upgrade", "head"}).code, 0);
  project.sql(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500000) INSERT INTO hero (name, age) SELECT 'hero ' || i, i % 90 "
      "FROM n");
  project.revision("bbbbbbbbbbbb", "aaaaaaaaaaaa",
                   "[[upgrade]]\nalter_column = \"hero.age\"\nnullable = {from = true, to = false}\nbackfill = \"0\"\n");
  const pid_t runner = fork();
  if (runner == 0) {
    if (chdir(project.directory().c_str()) != 0) _exit(126);
    for (const auto& [name, value] : project.environment) setenv(name.c_str(), value.c_str(), 1);
    execl(ALUDEL_BINARY_DIR "/bin/aludel", "aludel", "-q", "upgrade", "head", nullptr);
    _exit(127);
  }
  // The copy grows the file: that it is longer than it was says that the rebuild is in its middle.
  const auto before = std::filesystem::file_size(project.file("app.db"));
  for (int i = 0; i < 20'000 && std::filesystem::file_size(project.file("app.db")) <= before; ++i) usleep(1'000);
  kill(runner, SIGINT);
  int status = 0;
  waitpid(runner, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 130);
  EXPECT_EQ(project.sql("SELECT count(*) FROM hero"), "1500000\n");
  EXPECT_EQ(project.sql("PRAGMA integrity_check"), "ok\n");
  EXPECT_THAT(project.aludel({"current"}).out, HasSubstr("aaaaaaaaaaaa"));
  EXPECT_EQ(project.aludel({"upgrade", "head"}).code, 0);
  EXPECT_EQ(project.sql("SELECT count(*) FROM hero"), "1500000\n");
}

TEST_F(BadInput, AnEnvironmentThatDoesNotLoad) {
  project.sql("CREATE TABLE keep (x)");
  expect_failure({"--env", "nowhere.so", "check", "--target", "models:"}, 1, {"nowhere.so"});
  project.write("text.so", "not a library");
  expect_failure({"--env", "text.so", "check", "--target", "models:"}, 1, {"text.so"});
}

TEST_F(BadInput, ABuildCommandThatFailsShowsItsWords) {
  project.write("aludel.toml",
                "[database]\nurl = \"sqlite:///app.db\"\n[environment]\nlibrary = \"x.so\"\nbuild = \"echo the compiler says no; exit 3\"\n");
  project.sql("CREATE TABLE keep (x)");
  expect_failure({"check"}, 1, {"the compiler says no", "exit code 3", "--no-build"});
}

TEST_F(BadInput, ConfigurationErrorsHaveTheirPlace) {
  project.write("aludel.toml", "[database]\nurll = \"sqlite:///app.db\"\n");
  expect_failure({"status"}, 1, {"aludel.toml:2:1", "urll", "url"});
  project.write("aludel.toml", "[database]\nurl = \"${NOWHERE_TO_BE_FOUND}\"\n");
  expect_failure({"status"}, 1, {"aludel.toml:2", "NOWHERE_TO_BE_FOUND"});
  expect_failure({"-c", "elsewhere.toml", "status"}, 1, {"elsewhere.toml"});
  project.write("aludel.toml", "[databases.prod]\nurl = \"sqlite:///app.db\"\n");
  expect_failure({"--database", "prd", "status"}, 2, {"prd", "prod"});
}

TEST_F(BadInput, TargetsThatCannotBeRead) {
  project.sql("CREATE TABLE keep (x)");
  project.write("schema.sql", "CREATE TABLE hero (id INTEGER PRIMARY KEY,);");
  expect_failure({"check"}, 1, {"schema.sql"});
  expect_failure({"check", "--target", "elsewhere.sql"}, 1, {"elsewhere.sql"});
  expect_failure({"check", "--target", "exec:echo no json"}, 1, {"echo no json"});
  expect_failure({"check", "--target", "exec:echo broken >&2; exit 4"}, 1, {"broken"});
  expect_failure({"check", "--target", "models:"}, 1, {"environment"});
  project.write("snap.toml", "snapshot = 1\n[[upgrade]]\ncreate_tabel = \"x\"\n");
  expect_failure({"check", "--target", "snap.toml"}, 1, {"snap.toml:3:1", "create_table"});
}

TEST_F(BadInput, JsonErrorsAreOneDocument) {
  const Outcome outcome = project.aludel({"--json", "upgrade", "nonsense"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("\"error\""), HasSubstr("\"kind\": \"revision\""), HasSubstr("nonsense")));
}

TEST_F(BadInput, PasswordsAppearNowhere) {
  project.write("aludel.toml",
                "[databases.prod]\nurl = \"postgresql://app:hunter2@db.example/app\"\nscratch_url = \"postgresql://app:hunter2@db.example/\"\n");
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{{"--database", "prod", "config"},
                                                                                         {"--database", "prod", "config", "--json"},
                                                                                         {"--database", "prod", "status"},
                                                                                         {"--database", "prod", "upgrade", "head", "-v"}}) {
    EXPECT_THAT(project.aludel(arguments).all(), Not(HasSubstr("hunter2"))) << arguments.back();
  }
}

}  // namespace
}  // namespace aludel::test
