#include <aludel/source/source.hpp>

#include <aludel/file/script_directory.hpp>
#include <aludel/file/snapshot.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/revisions.hpp"

// Every kind of source against real SQLite databases.
namespace aludel::source {
namespace {

using namespace aludel::test;
using schema::Type;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class SourceTest : public testing::Test {
 protected:
  SourceTest() {
    context_.dialect = &sqlite::dialect();
    context_.dialect_for_scheme = [](std::string_view) -> const dialect::Dialect& { return sqlite::dialect(); };
    context_.environment = []() -> const Environment& { throw Error(ErrorKind::environment, "there is no environment"); };
    context_.store = [this]() -> const revision::Store& { return store_; };
    context_.directory = directory_ / "";
    context_.ignored_tables = migrate::JournalNames{}.tables();
  }
  schema::Metadata load(const std::string& text) { return source::load(parse(text), context_); }
  Error refused(const std::string& text) {
    return error_of([&] { load(text); });
  }
  std::vector<std::string> tables(const std::string& text) {
    std::vector<std::string> names;
    for (const auto& [name, table] : load(text).tables) names.push_back(name.name);
    return names;
  }
  void write(const std::string& name, std::string_view text) { file::write_file(directory_ / name, text, true); }

  Directory directory_;
  MemoryStore store_;
  Context context_;
};

TEST_F(SourceTest, ReadsADatabaseWithoutItsJournal) {
  const auto connection = open_sqlite(directory_ / "app.db");
  connection->execute("CREATE TABLE hero (id INTEGER PRIMARY KEY, name VARCHAR(80) NOT NULL)");
  connection->execute("CREATE TABLE aludel_version (revision TEXT)");
  const schema::Metadata metadata = load("sqlite:///" + (directory_ / "app.db").string());
  ASSERT_EQ(metadata.tables.size(), 1U);
  EXPECT_FALSE(metadata.tables.begin()->second.columns[1].type.canonical.empty()) << "what a database yields is canonical";
}

TEST_F(SourceTest, MakesNoDatabaseThatIsNotThere) {
  EXPECT_EQ(refused("sqlite:///" + (directory_ / "none.db").string()).kind(), ErrorKind::connection);
  EXPECT_FALSE(std::filesystem::exists(directory_ / "none.db"));
}

TEST_F(SourceTest, LoadsAScriptInAScratchDatabase) {
  write("schema.sql", "CREATE TABLE b (x); -- a comment; with a semicolon\nCREATE TABLE a (y);\nCREATE VIEW v AS SELECT ';' AS s FROM a;");
  EXPECT_THAT(tables("schema.sql"), ElementsAre("a", "b"));
  EXPECT_EQ(load("schema.sql").objects.size(), 1U);
}

TEST_F(SourceTest, SaysWhereAScriptIsWrong) {
  write("schema.sql", "CREATE TABLE a (x);\nCREATE TABLE a (x);");
  const std::string failed = refused("schema.sql").text();
  EXPECT_THAT(failed, HasSubstr("statement 2 of 2 in schema.sql"));
  EXPECT_THAT(failed, HasSubstr("schema.sql:2:1: table a already exists"));
  write("open.sql", "SELECT 1;\nSELECT 'never closed");
  EXPECT_THAT(refused("open.sql").what(), HasSubstr("open.sql:2"));
  EXPECT_EQ(refused("missing.sql").kind(), ErrorKind::io);
  context_.dialect = nullptr;
  EXPECT_THAT(refused("schema.sql").text(), HasSubstr("--dialect"));
}

TEST_F(SourceTest, ReadsSnapshots) {
  file::Snapshot snapshot;
  snapshot.metadata.add(table("hero", {column("name", Type::varchar(80))}));
  write("schema.json", file::write_snapshot(snapshot, file::SnapshotFormat::json));
  write("schema.toml", file::write_snapshot(snapshot, file::SnapshotFormat::toml));
  EXPECT_EQ(load("schema.json"), snapshot.metadata);
  EXPECT_EQ(load("schema.toml"), snapshot.metadata);
  write("broken.json", "{\"snapshot\": 1,\n \"dialect\": 7}");
  EXPECT_THAT(refused("broken.json").what(), HasSubstr("broken.json:2:13"));
}

TEST_F(SourceTest, RunsACommandThatPrintsASnapshot) {
  file::Snapshot snapshot;
  snapshot.metadata.add(table("hero", {}));
  write("schema.json", file::write_snapshot(snapshot, file::SnapshotFormat::json));
  EXPECT_EQ(load("exec:echo working >&2; cat schema.json"), snapshot.metadata) << "it runs where relative files count from";

  const Error failed = refused("exec:echo out; echo 'no license file' >&2; exit 3");
  EXPECT_THAT(failed.text(), HasSubstr("exit code 3"));
  EXPECT_THAT(failed.text(), HasSubstr("no license file"));
  const Error chatty = refused("exec:echo ready; cat schema.json");
  EXPECT_EQ(chatty.kind(), ErrorKind::syntax);
  EXPECT_THAT(chatty.hint(), HasSubstr("and nothing else"));
  EXPECT_THAT(refused("exec:./dump --url postgresql://u:hunter2@host/db").text(), Not(HasSubstr("hunter2")));
}

TEST_F(SourceTest, AsksTheEnvironmentForModels) {
  EXPECT_THAT(refused("models:").text(), HasSubstr("there is no environment"));
  Environment environment;
  context_.environment = [&]() -> const Environment& { return environment; };
  EXPECT_THAT(refused("models:").text(), HasSubstr("target_metadata"));
  schema::Metadata target;
  target.add(table("hero", {}));
  environment.target_metadata(target);
  EXPECT_EQ(load("models:"), target);
}

TEST_F(SourceTest, EmptyIsEmpty) { EXPECT_TRUE(load("empty:").empty()); }

TEST_F(SourceTest, ReplaysRevisions) {
  store_.add(make_revision("aaaa", {}, {op::CreateTable{table("hero", {}), false}}));
  store_.add(make_revision("bbbb", {"aaaa"}, {op::CreateTable{table("team", {}), false}}));
  EXPECT_THAT(tables("revisions:aaaa"), ElementsAre("hero"));
  EXPECT_THAT(tables("revisions:head"), ElementsAre("hero", "team"));
  EXPECT_THAT(tables("revisions:"), ElementsAre("hero", "team"));
  EXPECT_THAT(tables("revisions:base"), ElementsAre());
  EXPECT_EQ(refused("revisions:nope").kind(), ErrorKind::revision);
}

TEST_F(SourceTest, RunsRevisionsItCannotSeeThroughInAScratchDatabase) {
  store_.add(make_revision("aaaa", {}, {op::CreateTable{table("hero", {}), false}, opaque_sql("CREATE TABLE by_sql (x INTEGER)")}));
  store_.add(make_revision("bbbb", {"aaaa"}, {add_column("hero", column("age", Type::integer()))}));
  const schema::Metadata metadata = load("revisions:head");
  ASSERT_NE(metadata.find_table({"", "by_sql"}), nullptr) << "SQL tells nothing until it is run";
  ASSERT_NE(metadata.find_table({"", "hero"}), nullptr);
  EXPECT_NE(metadata.find_table({"", "hero"})->find_column("age"), nullptr);
  EXPECT_EQ(metadata.tables.size(), 2U) << "the journal of the scratch database is no part of the schema";
  store_.add(make_revision("cccc", {"bbbb"}, {opaque_sql("CREATE TABLE hero (x)")}));
  const std::string failed = refused("revisions:head").text();
  EXPECT_THAT(failed, HasSubstr("revision aaaa holds SQL or calls that do not declare their effect"));
  EXPECT_THAT(failed, HasSubstr("cccc"));
}

}  // namespace
}  // namespace aludel::source
