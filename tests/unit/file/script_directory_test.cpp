#include <aludel/file/script_directory.hpp>

#include <aludel/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <ctime>
#include <fstream>
#include <iostream>
#include <thread>

#include <stdlib.h>

namespace aludel::file {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ScriptDirectoryTest : public testing::Test {
 protected:
  ScriptDirectoryTest() {
    auto name = (std::filesystem::temp_directory_path() / "aludel-script-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }
  ~ScriptDirectoryTest() override { std::filesystem::remove_all(directory_); }

  void put(const std::string& name, const std::string& text) { std::ofstream(directory_ / name, std::ios::binary) << text; }
  void put_revision(const std::string& id, const std::string& parent = "") {
    put(id + ".toml", "revision = \"" + id + "\"\ndown_revision = \"" + parent + "\"\n\n[[upgrade]]\nsql = \"x\"\n");
  }
  std::vector<std::string> ids() const {
    std::vector<std::string> result;
    for (const auto& revision : ScriptDirectory(directory_).revisions()) result.push_back(revision.id);
    return result;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) result.push_back(entry.path().filename().string());
    std::sort(result.begin(), result.end());
    return result;
  }

  std::filesystem::path directory_;
};

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

revision::Content content(std::string id = "4f6c1a2b9d3e") {
  revision::Content result;
  result.revision.id = std::move(id);
  result.revision.message = "add hero";
  result.revision.created = "2026-11-22T13:10:09Z";
  result.upgrade.emplace_back(op::Sql{{{"default", "SELECT 1"}}, {}, {}});
  return result;
}

TEST_F(ScriptDirectoryTest, FindsRevisionsAndNothingElse) {
  put_revision("b2", "a1");
  put_revision("a1");
  put("c3.sql", "-- revision = \"c3\"\n-- down_revision = \"b2\"\n-- upgrade\nSELECT 1;\n");
  for (const char* leftover : {".#a1.toml", "#a1.toml#", "a1.toml~", "a1.toml.orig", "a1.toml.swp", ".a1.toml.swp", ".hidden.toml", "README.md",
                               ".gitkeep", "a1.toml.rej", "4913"}) {
    put(leftover, "garbage = = =");
  }
  std::filesystem::create_directory(directory_ / "__cache.toml");
  std::filesystem::create_directory(directory_ / "archive");
  EXPECT_THAT(ids(), ElementsAre("a1", "b2", "c3"));
}

TEST_F(ScriptDirectoryTest, LoadsARevisionWhole) {
  put_revision("a1");
  const ScriptDirectory scripts(directory_, "migrations/versions");
  const auto loaded = scripts.load("a1");
  EXPECT_EQ(loaded.upgrade.size(), 1U);
  EXPECT_EQ(loaded.revision.file, "migrations/versions/a1.toml");
  EXPECT_THAT(loaded.checksum, HasSubstr("sha256:"));
  EXPECT_EQ(scripts.path_of("a1"), directory_ / "a1.toml");
}

TEST_F(ScriptDirectoryTest, IsASnapshot) {
  put_revision("a1");
  const ScriptDirectory scripts(directory_);
  EXPECT_EQ(scripts.revisions().size(), 1U);
  put_revision("b2", "a1");
  EXPECT_EQ(scripts.revisions().size(), 1U);
  EXPECT_EQ(ids().size(), 2U);
}

TEST_F(ScriptDirectoryTest, ErrorsNameTheFile) {
  put("bad.toml", "revision = \"a\"\ndown_revison = \"\"\n");
  EXPECT_THAT(error_of([&] { ScriptDirectory(directory_, "versions").revisions(); }).what(),
              HasSubstr("versions/bad.toml:2:1: unknown key 'down_revison'"));
  std::filesystem::remove(directory_ / "bad.toml");

  std::filesystem::create_symlink("/nowhere/at/all", directory_ / "gone.toml");
  const auto unreadable = error_of([&] { ids(); });
  EXPECT_EQ(unreadable.kind(), ErrorKind::io);
  EXPECT_THAT(unreadable.what(), AllOf(HasSubstr("gone.toml"), HasSubstr("No such file")));
  std::filesystem::remove(directory_ / "gone.toml");

  const auto missing = error_of([&] { ScriptDirectory(directory_ / "none").revisions(); });
  EXPECT_EQ(missing.kind(), ErrorKind::io);
  EXPECT_THAT(missing.text(), AllOf(HasSubstr("none"), HasSubstr("aludel init")));
}

TEST_F(ScriptDirectoryTest, UnknownAndDoubledIds) {
  put_revision("4f6c1a2b9d3e");
  const auto unknown = error_of([&] { ScriptDirectory(directory_).load("4f6c1a2b9d3f"); });
  EXPECT_EQ(unknown.kind(), ErrorKind::revision);
  EXPECT_THAT(unknown.what(), HasSubstr("no revision '4f6c1a2b9d3f'"));
  EXPECT_THAT(unknown.what(), HasSubstr("did you mean '4f6c1a2b9d3e'"));
  std::filesystem::copy_file(directory_ / "4f6c1a2b9d3e.toml", directory_ / "copy.toml");
  EXPECT_EQ(ids().size(), 2U);  // the graph names both
  const auto doubled = error_of([&] { ScriptDirectory(directory_).load("4f6c1a2b9d3e"); });
  EXPECT_THAT(doubled.what(), AllOf(HasSubstr("two files claim"), HasSubstr("4f6c1a2b9d3e.toml"), HasSubstr("copy.toml")));
}

TEST_F(ScriptDirectoryTest, ReadsHeadsOfAnyLength) {
  std::string comment(20'000, 'x');
  put("long.toml", "# " + comment + "\nrevision = \"a1\"\ndown_revision = \"\"\nmessage = \"\"\"\n[[upgrade]]\n" + comment +
                       "\n\"\"\"\n[[upgrade]]\nnot = toml =\n");
  EXPECT_THAT(ids(), ElementsAre("a1"));
}

TEST_F(ScriptDirectoryTest, TenThousandHeadsTakeLittleTime) {
  const std::string operations = [] {
    std::string text;
    for (int i = 0; i < 20; ++i) text += "\n[[upgrade]]\nadd_column = \"hero.c" + std::to_string(i) + "\"\ntype = \"integer\"\n";
    return text;
  }();
  for (int i = 0; i < 10'000; ++i) {
    const auto id = "a" + std::to_string(i);
    put(id + ".toml", "revision = \"" + id + "\"\ndown_revision = \"" + (i == 0 ? "" : "a" + std::to_string(i - 1)) +
                          "\"\nmessage = \"number\"\ncreated = 2026-11-22T13:10:00Z\n" + operations);
  }
  const auto begin = std::clock();
  EXPECT_EQ(ids().size(), 10'000U);
  const auto milliseconds = (std::clock() - begin) * 1000 / CLOCKS_PER_SEC;
  std::cout << "10,000 heads took " << milliseconds << " ms of processor time\n";
  EXPECT_LT(milliseconds, 5'000);  // generous, for sanitizers; what grew with the square would take minutes
}

TEST_F(ScriptDirectoryTest, ManyThreadsMayAsk) {
  for (int i = 0; i < 50; ++i) put_revision("a" + std::to_string(i));
  const ScriptDirectory scripts(directory_);
  std::vector<std::thread> threads;
  std::atomic<std::size_t> total{0};
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { total += scripts.revisions().size() + scripts.load("a7").upgrade.size(); });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(total, 8U * 51U);
}

// Writing

TEST_F(ScriptDirectoryTest, WritesANewRevision) {
  const auto path = write_new_revision(directory_ / "new" / "versions", content());
  EXPECT_EQ(path.filename(), "20261122T1310_4f6c1a2b9d3e_add_hero.toml");
  EXPECT_EQ(read_file(path), write_revision(content()));
  EXPECT_EQ(ScriptDirectory(path.parent_path()).load("4f6c1a2b9d3e").upgrade, content().upgrade);
  EXPECT_EQ(write_new_revision(directory_, content(), RevisionFormat::sql).extension(), ".sql");
}

TEST_F(ScriptDirectoryTest, NeverWritesOverAFileNorLeavesOneBehind) {
  const auto path = write_new_revision(directory_, content());
  std::ofstream(path) << "edited by hand";
  auto other = content();
  other.upgrade.clear();
  const auto error = error_of([&] { write_new_revision(directory_, other); });
  EXPECT_EQ(error.kind(), ErrorKind::io);
  EXPECT_THAT(error.text(), AllOf(HasSubstr("is there already"), HasSubstr("left as it is")));
  EXPECT_EQ(read_file(path), "edited by hand");
  EXPECT_THAT(names(), ElementsAre(path.filename().string()));

  auto unwritable = content("b2");
  unwritable.upgrade = {op::Sql{{{"default", "\xff"}}, {}, {}}};
  EXPECT_THROW(write_new_revision(directory_, unwritable), Error);
  EXPECT_THAT(names(), ElementsAre(path.filename().string()));
}

TEST_F(ScriptDirectoryTest, OneOfManyWritersWins) {
  std::vector<std::thread> threads;
  std::atomic<int> winners{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      try {
        write_file(directory_ / "one.toml", std::string(100'000, static_cast<char>('a' + i)));
        ++winners;
      } catch (const Error&) {
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(winners, 1);
  const auto text = read_file(directory_ / "one.toml");
  EXPECT_EQ(text, std::string(100'000, text.front()));
  EXPECT_THAT(names(), ElementsAre("one.toml"));
}

TEST_F(ScriptDirectoryTest, OverwritesWhenTold) {
  write_file(directory_ / "a", "one");
  write_file(directory_ / "a", "two", true);
  EXPECT_EQ(read_file(directory_ / "a"), "two");
  EXPECT_THAT(names(), ElementsAre("a"));
}

TEST_F(ScriptDirectoryTest, SaysWhyItCannotWriteOrRead) {
  put("plain", "a file");
  EXPECT_THAT(error_of([&] { write_file(directory_ / "plain" / "x.toml", "y"); }).what(), HasSubstr("plain"));
  EXPECT_THAT(error_of([&] { read_file(directory_ / "none"); }).what(), AllOf(HasSubstr("cannot read"), HasSubstr("No such file")));
  EXPECT_THAT(error_of([&] { read_file(directory_); }).what(), HasSubstr("directory"));
}

TEST(RevisionFileName, FillsInAlembicsTokens) {
  const auto revision = content().revision;
  EXPECT_EQ(revision_file_name(revision, RevisionFormat::toml), "20261122T1310_4f6c1a2b9d3e_add_hero.toml");
  EXPECT_EQ(revision_file_name(revision, RevisionFormat::sql, "{rev}-{second}-{epoch}"), "4f6c1a2b9d3e-09-1795353009.sql");
  auto silent = revision;
  silent.message.clear();
  EXPECT_EQ(revision_file_name(silent, RevisionFormat::toml, "{rev}_{slug}"), "4f6c1a2b9d3e.toml");
  auto elsewhere = revision;
  elsewhere.created = "2026-01-01T01:30:00.5+02:00";
  EXPECT_EQ(revision_file_name(elsewhere, RevisionFormat::toml, "{year}{month}{day}{hour}{minute}_{rev}"), "202512312330_4f6c1a2b9d3e.toml");
}

TEST(RevisionFileName, RefusesTemplatesThatCannotWork) {
  const auto refused = [](std::string_view file_template) {
    return error_of([&] { revision_file_name(content().revision, RevisionFormat::toml, file_template); });
  };
  EXPECT_EQ(refused("{rev}_{slugg}").kind(), ErrorKind::configuration);
  EXPECT_THAT(refused("{rev}_{slugg}").what(), HasSubstr("unknown token 'slugg' (did you mean 'slug'?)"));
  EXPECT_THAT(refused("{slug}").what(), HasSubstr("lacks {rev}"));
  EXPECT_THAT(refused("../{rev}").what(), HasSubstr("names no visible file"));
  EXPECT_THAT(refused("{rev").what(), HasSubstr("without '}'"));
  auto odd = content().revision;
  odd.created = "yesterday";
  EXPECT_THAT(error_of([&] { revision_file_name(odd, RevisionFormat::toml); }).text(), HasSubstr("2026-11-22T13:10:00Z"));
}

TEST(Slug, IsShortAndPlain) {
  EXPECT_EQ(slug("Add hero's age!"), "add_hero_s_age");
  EXPECT_EQ(slug("  --  "), "");
  EXPECT_EQ(slug("\xc3\xa4ndere \xf0\x9f\xa6\x8a Spalte"), "ndere_spalte");
  EXPECT_EQ(slug("a/b\\c\nd"), "a_b_c_d");
  EXPECT_EQ(slug("one two three four five six seven eight nine ten"), "one_two_three_four_five_six_seven_eight");
  EXPECT_EQ(slug(std::string(100, 'x')), std::string(40, 'x'));
}

TEST(NowText, IsATimeThatTheFileNameUnderstands) {
  auto revision = content().revision;
  revision.created = now_text();
  EXPECT_NO_THROW(revision_file_name(revision, RevisionFormat::toml));
  EXPECT_EQ(now_text().size(), std::string("2026-11-22T13:10:00Z").size());
}

}  // namespace
}  // namespace aludel::file
