#include <aludel/file/script_directory.hpp>
#include <aludel/migrate/runner.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/revisions.hpp"

// The runner on real revision files: what counts as an edit, and where errors point.
namespace aludel::migrate {
namespace {

using namespace aludel::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Ids = std::vector<std::string>;

constexpr const char* first = R"(revision = "4f6c1a2b9d3e"
down_revision = ""
message = "add hero"
created = 2026-11-22T13:10:00Z

[[upgrade]]
create_table = "hero"
columns = [
  {name = "id", type = "bigint", nullable = false},
  {name = "nickname", type = "text"},
]
primary_key = {columns = ["id"]}
)";

constexpr const char* second = R"(revision = "5a6c1a2b9d3e"
down_revision = "4f6c1a2b9d3e"
message = "drop nickname"
created = 2026-11-23T13:10:00Z

[[upgrade]]
drop_column = "hero.nickname"
data_loss = "review"
)";

class FilesTest : public testing::Test {
 protected:
  void write(const std::string& name, std::string_view text) { file::write_file(directory_ / name, text, true); }
  Runner runner(RunOptions options = {}) {
    store_ = std::make_unique<file::ScriptDirectory>(directory_ / "", "versions");
    return Runner(*connection_, *store_, options);
  }
  std::vector<Applied> upgrade(RunOptions options = {}) { return runner(options).upgrade(Ids{"head"}); }

  Directory directory_;
  std::unique_ptr<dialect::Connection> connection_ = open_memory();
  std::unique_ptr<file::ScriptDirectory> store_;
};

TEST_F(FilesTest, LineEndingsByteOrderMarksAndTrailingNewlinesAreNoEdits) {
  write("a.toml", first);
  upgrade();
  std::string crlf = "\xef\xbb\xbf";
  for (const char* c = first; *c != '\0'; ++c) crlf += *c == '\n' ? std::string("\r\n") : std::string(1, *c);
  write("a.toml", crlf + "\r\n\r\n");
  EXPECT_THAT(runner().state().edited, IsEmpty());
  write("a.toml", std::string(first) + "# a remark\n");
  const auto edited = runner().state().edited;
  ASSERT_EQ(edited.size(), 1U);
  EXPECT_EQ(edited[0].revision, "4f6c1a2b9d3e");
  EXPECT_EQ(edited[0].file, "versions/a.toml");
  EXPECT_EQ(edited[0].applied_checksum.substr(0, 7), "sha256:");
}

TEST_F(FilesTest, AcceptingALossInTheFileIsNoEditAndIsHeeded) {
  write("a.toml", first);
  write("b.toml", second);
  RunOptions one;
  runner(one).upgrade(Ids{"4f6c"});
  connection_->execute("INSERT INTO hero VALUES (1, 'Wade'), (2, NULL)");
  const auto error = error_of([&] { upgrade(); });
  EXPECT_EQ(error.kind(), ErrorKind::guard);
  EXPECT_EQ(error.location().text(), "versions/b.toml:6:1");
  EXPECT_THAT(error.message(), HasSubstr("would lose 1 non-null value of hero.nickname"));

  std::string accepted = second;
  accepted.replace(accepted.find("review"), 6, "accepted");
  write("b.toml", accepted);
  EXPECT_EQ(upgrade().size(), 1U);
  write("b.toml", second);
  EXPECT_THAT(runner().state().edited, IsEmpty());
}

TEST_F(FilesTest, ALossAcceptedAfterwardsIsHeededOnTheWayDown) {
  write("a.toml", first);
  upgrade();
  connection_->execute("INSERT INTO hero VALUES (1, 'Wade')");
  EXPECT_EQ(error_of([&] { runner().downgrade(Ids{"base"}); }).kind(), ErrorKind::guard);
  std::string accepted = first;
  accepted.replace(accepted.find("create_table"), 0, "data_loss = \"accepted\"\n");
  write("a.toml", accepted);
  EXPECT_EQ(runner().downgrade(Ids{"base"}).size(), 1U);
}

TEST_F(FilesTest, AnAppliedFileThatCannotBeReadAnyMoreIsAnEditAndStopsNothing) {
  write("a.toml", first);
  upgrade();
  write("a.toml", std::string(first) + "\n[[upgrade]]\nnonsense = 1\n");
  const auto edited = runner().state().edited;
  ASSERT_EQ(edited.size(), 1U);
  EXPECT_EQ(edited[0].file_checksum, "");
  EXPECT_THAT(upgrade(), IsEmpty());
}

}  // namespace
}  // namespace aludel::migrate
