#include <aludel/file/snapshot.hpp>

#include <aludel/error.hpp>
#include <aludel/file/schema.hpp>
#include <aludel/file/toml.hpp>
#include <aludel/value.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aludel::file {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Snapshot example() {
  schema::ForeignKey key;
  key.name = "fk_hero_team";
  key.columns = {"team_id"};
  key.referenced_table = {"", "team"};
  key.referenced_columns = {"id"};
  schema::Table hero, team;
  hero.name = {"", "hero"};
  hero.columns.resize(2);
  hero.columns[0].name = "id";
  hero.columns[0].type = schema::Type::bigint();
  hero.columns[1].name = "team_id";
  hero.columns[1].type = schema::Type::bigint();
  hero.columns[1].renamed_from = {"group_id"};
  hero.constraints.emplace_back(key);
  team.name = {"", "team"};
  team.columns = {hero.columns[0]};
  Snapshot snapshot{"sqlite", "3.40.1", {}};
  snapshot.metadata.add(hero);
  snapshot.metadata.add(team);
  snapshot.metadata.unsupported.push_back({"virtual table", "notes", "fts5"});
  return snapshot;
}

template <class F>
Error error_of(F&& run) {
  try {
    run();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return {ErrorKind::internal, ""};
}
Error read_error(std::string_view text) {
  return error_of([&] { read_snapshot(text, "s.toml"); });
}

TEST(Snapshot, IsARevisionOfCreateOperations) {
  EXPECT_EQ(write_snapshot(example()), R"~(snapshot = 1
dialect = "sqlite"
server_version = "3.40.1"
unsupported = [{kind = "virtual table", name = "notes", reason = "fts5"}]

[[upgrade]]
create_table = "team"
columns = [{name = "id", type = "bigint"}]

[[upgrade]]
create_table = "hero"
columns = [
  {name = "id", type = "bigint"},
  {name = "team_id", type = "bigint", renamed_from = ["group_id"]},
]
foreign_keys = [{name = "fk_hero_team", columns = ["team_id"], references = "team(id)"}]
)~");
}

TEST(Snapshot, TomlAndJsonSayTheSame) {
  EXPECT_EQ(read_snapshot(write_snapshot(example(), SnapshotFormat::toml)), example());
  EXPECT_EQ(read_snapshot(write_snapshot(example(), SnapshotFormat::json)), example());
  EXPECT_EQ(read_snapshot("\n  {\"snapshot\": 1, \"dialect\": \"sqlite\"}").dialect, "sqlite");
  EXPECT_TRUE(read_snapshot("snapshot = 1\n").metadata.empty());
}

TEST(Snapshot, HoldsWhatASchemaReallyHas) {
  auto snapshot = example();
  // A key to a table that is not there, and a cycle.
  auto& team = *snapshot.metadata.find_table({"", "team"});
  schema::ForeignKey nowhere;
  nowhere.columns = {"id"};
  nowhere.referenced_table = {"", "gone"};
  team.constraints.emplace_back(nowhere);
  schema::ForeignKey back;
  back.columns = {"id"};
  back.referenced_table = {"", "hero"};
  team.constraints.emplace_back(back);
  EXPECT_EQ(read_snapshot(write_snapshot(snapshot)), snapshot);
}

// Many are encoded a few at a time on several threads; what comes out stands as if one had done it.
TEST(Snapshot, OfManyTablesStandsInOrder) {
  for (const int count : {0, 1, 199, 200, 201, 1'234}) {
    Snapshot snapshot = example();
    schema::Table table = snapshot.metadata.tables.at({"", "team"});
    snapshot.metadata.tables.clear();
    std::vector<std::string> names;
    for (int i = 0; i < count; ++i) {
      table.name.name = "t" + std::to_string(1'000'000 + i);
      names.push_back("\"" + table.name.name + "\"");
      snapshot.metadata.add(table);
    }
    for (const auto format : {SnapshotFormat::toml, SnapshotFormat::json}) {
      const std::string text = write_snapshot(snapshot, format);
      EXPECT_EQ(read_snapshot(text, "snapshot").metadata, snapshot.metadata) << count;
      std::size_t at = 0;
      for (const std::string& name : names) at = std::min(text.find(name, at), text.size());
      EXPECT_TRUE(at < text.size() || count == 0) << count;
    }
  }
}

TEST(Snapshot, Errors) {
  EXPECT_THAT(read_error("dialect = \"sqlite\"\n").what(), HasSubstr("s.toml:1:1: missing 'snapshot' in a snapshot"));
  EXPECT_THAT(read_error("snapshot = 2\n").what(), HasSubstr("format that this version of aludel does not know: snapshot = 2"));
  EXPECT_THAT(read_error("snapshot = 1\n[[upgrade]]\nsql = \"x\"\n").what(),
              HasSubstr("s.toml:2:1: a snapshot holds create operations only, not sql"));
  EXPECT_THAT(
      read_error("snapshot = 1\n[[upgrade]]\ncreate_table = \"a\"\ncolumns = []\n[[upgrade]]\ncreate_table = \"a\"\ncolumns = []\n").location().line,
      5U);
  EXPECT_THAT(read_error("snapshot = 1\n[[upgrade]]\ncreate_index = \"i\"\ntable = \"t\"\ncolumns = []\n").what(),
              HasSubstr("table 't' is not in the snapshot"));
  EXPECT_THAT(read_error("snapshot = 1\nsever_version = \"1\"\n").what(), HasSubstr("did you mean 'server_version'?"));
  EXPECT_EQ(read_error("{\"snapshot\": 1,}").kind(), ErrorKind::syntax);
  EXPECT_EQ(error_of([] { read_snapshot_file("/nowhere/s.toml"); }).kind(), ErrorKind::io);
}

// The schemas for editors

void expect_references_defined(const Value& node, const Value& definitions) {
  if (const auto* array = node.array()) {
    for (const auto& item : *array) expect_references_defined(item, definitions);
  }
  const auto* object = node.object();
  if (!object) return;
  if (const auto* reference = node.find("$ref"); reference && reference->string()) {
    EXPECT_TRUE(definitions.find(reference->string()->substr(std::string("#/$defs/").size()))) << *reference->string();
  }
  for (const auto& member : *object) expect_references_defined(member.value, definitions);
}

TEST(FileSchemas, AreWholeAndKnowTheKeys) {
  for (const auto& schema : {revision_schema(), snapshot_schema(), configuration_schema()}) {
    expect_references_defined(schema, *schema.find("$defs"));
    EXPECT_EQ(from_json(to_json(schema, 2)), schema);
  }
  const auto schema = revision_schema();
  const auto& revision = *schema.find("$defs")->find("revision_file")->find("properties");
  for (const char* key : {"revision", "down_revision", "depends_on", "branch_labels", "lock_timeout", "upgrade", "downgrade"}) {
    EXPECT_TRUE(revision.find(key)) << key;
  }
  const auto configuration = configuration_schema();
  EXPECT_TRUE(configuration.find("$defs")->find("run_section")->find("properties")->find("lock_wait"));
}

}  // namespace
}  // namespace aludel::file
