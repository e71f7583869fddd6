#include <aludel/file/embed.hpp>

#include <aludel/embedded.hpp>
#include <aludel/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include <stdlib.h>

namespace aludel::file {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class EmbedTest : public testing::Test {
 protected:
  EmbedTest() {
    auto name = (std::filesystem::temp_directory_path() / "aludel-embed-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }
  ~EmbedTest() override { std::filesystem::remove_all(directory_); }

  void put(const std::string& id, const std::string& parent, const std::string& operations) {
    std::ofstream(directory_ / (id + ".toml")) << "revision = \"" << id << "\"\ndown_revision = \"" << parent << "\"\n\n[[upgrade]]\n" << operations;
  }
  EmbeddedSource embed(const EmbedOptions& options = {}) const { return embed_revisions(ScriptDirectory(directory_), options); }
  Error refusal(const EmbedOptions& options = {}) const {
    try {
      embed(options);
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "nothing was refused";
    return {ErrorKind::internal, ""};
  }

  std::filesystem::path directory_;
};

TEST_F(EmbedTest, WritesConstantsParentsFirst) {
  put("bbbb", "aaaa", "sql = \"SELECT 'b\\\"\\\\ü'\"\n");
  put("aaaa", "", "sql = \"SELECT 'a'\"\n");
  const auto text = embed();
  EXPECT_THAT(text.header, HasSubstr("const aludel::embedded::Revisions& revisions();"));
  EXPECT_LT(text.source.find("{\"aaaa\""), text.source.find("{\"bbbb\""));
  EXPECT_THAT(text.source, HasSubstr(R"(SELECT 'b\\\"\\\\\303\274')")) << "escaped twice: as JSON, then as C++";
  EXPECT_EQ(embed().source, text.source);
}

TEST_F(EmbedTest, NamesNoDirectoryOfTheBuildMachine) {
  put("aaaa", "", "sql = \"SELECT 1\"\n");
  EXPECT_THAT(embed().source, AllOf(HasSubstr("\"aaaa.toml\""), Not(HasSubstr(directory_.string()))));
}

TEST_F(EmbedTest, TakesAnotherName) {
  put("aaaa", "", "sql = \"SELECT 1\"\n");
  EmbedOptions options;
  options.name = "cache";
  EXPECT_THAT(embed(options).header, HasSubstr("Revisions& cache();"));
  EXPECT_THAT(embed(options).source, HasSubstr("#include \"embedded/cache.hpp\""));
  options.name = "no-name";
  EXPECT_EQ(refusal(options).kind(), ErrorKind::usage);
}

TEST_F(EmbedTest, RefusesWhatCouldNotRunOnTheUsersMachine) {
  EXPECT_THAT(refusal().text(), AllOf(HasSubstr("there is no revision file in"), HasSubstr("migrations/versions")));
  put("aaaa", "gone", "sql = \"SELECT 1\"\n");
  EXPECT_EQ(refusal().kind(), ErrorKind::revision) << "a parent that does not exist";
  put("aaaa", "", "create_tabel = \"hero\"\n");
  EXPECT_THAT(refusal().text(), AllOf(HasSubstr("aaaa.toml:5:"), HasSubstr("create_table")));
}

TEST_F(EmbedTest, RefusesACallThatTheProgramIsNotSaidToHave) {
  put("aaaa", "", "call = \"backfill_slugs\"\nundo = \"empty_slugs\"\n");
  EmbedOptions options;
  options.functions = {"backfill_slug"};
  EXPECT_THAT(refusal(options).text(),
              AllOf(HasSubstr("aaaa.toml:4:"), HasSubstr("'backfill_slugs'"), HasSubstr("did you mean"), HasSubstr("FUNCTIONS backfill_slugs")));
  options.functions = {"backfill_slugs"};
  EXPECT_THAT(refusal(options).text(), HasSubstr("'empty_slugs'"));
  options.functions.emplace_back("empty_slugs");
  EXPECT_THAT(embed(options).source, HasSubstr("backfill_slugs"));
}

}  // namespace
}  // namespace aludel::file
