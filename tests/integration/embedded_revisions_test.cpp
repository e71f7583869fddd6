// What aludel_embed_revisions() compiled into this program is what the files say, and the journal cannot tell the two apart.
#include <aludel/embedded.hpp>
#include <aludel/file/script_directory.hpp>
#include <aludel/migrate/runner.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "embedded/revisions.hpp"
#include "support/revisions.hpp"

namespace aludel::test {
namespace {

const std::filesystem::path source = std::filesystem::path(ALUDEL_SOURCE_DIR) / "tests/integration/embedded_revisions";

migrate::Hooks functions() {
  migrate::Hooks hooks;
  hooks.functions["count_notes"] = [](dialect::Connection&, const Value&) {};
  hooks.functions["uncount_notes"] = [](dialect::Connection&, const Value&) {};
  return hooks;
}

TEST(EmbeddedRevisionsTest, AreTheFiles) {
  const file::ScriptDirectory files(source);
  const auto& compiled = ::embedded::revisions();
  ASSERT_EQ(compiled.revisions().size(), files.revisions().size());
  for (const auto& revision : files.revisions()) {
    SCOPED_TRACE(revision.file);
    auto expected = files.load(revision.id);
    expected.revision.file = std::filesystem::path(expected.revision.file).filename().string();
    const auto found = compiled.load(revision.id);
    EXPECT_EQ(found.revision, expected.revision);
    EXPECT_EQ(found.upgrade, expected.upgrade);
    EXPECT_EQ(found.downgrade, expected.downgrade);
    EXPECT_EQ(found.checksum, expected.checksum);
    for (std::size_t i = 0; i < found.upgrade.size(); ++i) {
      EXPECT_EQ(found.upgrade[i].location.line, expected.upgrade[i].location.line);
      EXPECT_EQ(found.upgrade[i].location.file, expected.revision.file);
    }
    if (!found.downgrade) continue;
    for (std::size_t i = 0; i < found.downgrade->size(); ++i) EXPECT_EQ((*found.downgrade)[i].location.line, (*expected.downgrade)[i].location.line);
  }
  EXPECT_THAT(error_of([&] { compiled.load("5f5f5f5f5f5f"); }).message(), testing::HasSubstr("'5f5f5f5f5f5f'"));
}

TEST(EmbeddedRevisionsTest, RunAsTheFilesRunAndAreNotTakenForEdited) {
  const auto by_files = open_memory();
  const auto by_program = open_memory();
  const file::ScriptDirectory files(source);
  migrate::Runner(*by_files, files, {}, functions()).upgrade(std::vector<std::string>{"heads"});
  embedded::Options options;
  options.hooks = functions();
  const auto result = embedded::upgrade(*by_program, ::embedded::revisions(), options);
  EXPECT_EQ(result.outcome, embedded::Outcome::upgraded) << result.text();
  EXPECT_EQ(result.heads, std::vector<std::string>{"3d3d3d3d3d3d"});

  const std::string schema = "SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2";
  EXPECT_EQ(rows_of(*by_program, schema), rows_of(*by_files, schema));
  const std::string journal =
      "SELECT position, revision, message, checksum, down_revisions, depends_on, heads_after, operations, inverse, statements, flags "
      "FROM aludel_journal ORDER BY position";
  EXPECT_EQ(rows_of(*by_program, journal), rows_of(*by_files, journal));

  const auto state = migrate::Runner(*by_program, files, {}, functions()).state();
  EXPECT_TRUE(state.edited.empty());
  EXPECT_TRUE(state.pending.empty());
}

TEST(EmbeddedRevisionsTest, AFunctionThatNobodyRegisteredStopsBeforeTheFirstStatement) {
  const auto connection = open_memory();
  const auto result = embedded::upgrade(*connection, ::embedded::revisions());
  EXPECT_EQ(result.outcome, embedded::Outcome::failed);
  ASSERT_TRUE(result.error);
  EXPECT_THAT(result.error->text(), testing::AllOf(testing::HasSubstr("count_notes"), testing::HasSubstr("1_everything.toml:31")));
  EXPECT_TRUE(rows_of(*connection, "SELECT name FROM sqlite_schema WHERE name = 'note'").empty());
}

}  // namespace
}  // namespace aludel::test
