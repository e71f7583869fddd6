#include "support.hpp"

#include <aludel/plugin/search_path.hpp>

#include <map>

namespace plugin = aludel::plugin;
using plugin::SearchDirectory;
using testing::ElementsAre;

namespace {

/// Sets environment variables and puts them back.
class Variables {
 public:
  ~Variables() {
    for (const auto& [name, value] : before_) value ? ::setenv(name.c_str(), value->c_str(), 1) : ::unsetenv(name.c_str());
  }
  void set(const std::string& name, const std::optional<std::string>& value) {
    const char* old = std::getenv(name.c_str());
    before_.emplace(name, old == nullptr ? std::nullopt : std::optional<std::string>(old));
    value ? ::setenv(name.c_str(), value->c_str(), 1) : ::unsetenv(name.c_str());
  }

 private:
  std::map<std::string, std::optional<std::string>> before_;
};

class SearchPathTest : public testing::Test {
 protected:
  SearchPathTest() {
    variables_.set("ALUDEL_PLUGIN_PATH", std::nullopt);
    variables_.set("XDG_DATA_HOME", std::nullopt);
    variables_.set("HOME", directory_.path().string());
  }
  fs::path make(const std::string& name) {
    fs::create_directories(directory_ / name);
    return fs::canonical(directory_ / name);
  }
  static std::vector<std::string> searched(const plugin::SearchPath& path) {
    std::vector<std::string> result;
    for (const SearchDirectory& each : path) {
      if (each.skipped.empty()) result.push_back(each.directory.string());
    }
    return result;
  }
  static std::string skipped(const plugin::SearchPath& path, const std::string& origin) {
    for (const SearchDirectory& each : path) {
      if (each.origin == origin && !each.skipped.empty()) return each.skipped;
    }
    return "(searched)";
  }
  TemporaryDirectory directory_;
  Variables variables_;
};

TEST_F(SearchPathTest, PlacesComeInTheirOrder) {
  fs::path line = make("line"), variable = make("variable"), file = make("file"), user = make(".local/share/aludel/plugins");
  variables_.set("ALUDEL_PLUGIN_PATH", variable.string());
  plugin::SearchOptions options;
  options.command_line = {line};
  options.configuration = {file};
  options.installed = false;
  EXPECT_THAT(searched(plugin::search_path(options)), ElementsAre(line, variable, file, user));
}

TEST_F(SearchPathTest, XdgDataHomeComesBeforeHome) {
  fs::path user = make("data/aludel/plugins");
  make(".local/share/aludel/plugins");
  variables_.set("XDG_DATA_HOME", (directory_ / "data").string());
  plugin::SearchOptions options;
  options.installed = false;
  EXPECT_THAT(searched(plugin::search_path(options)), ElementsAre(user));
}

TEST_F(SearchPathTest, TheCurrentDirectoryIsNeverSearched) {
  fs::path here = make("here");
  make("here/aludel/plugins");
  const fs::path before = fs::current_path();
  fs::current_path(here);
  variables_.set("ALUDEL_PLUGIN_PATH", ".::relative:" + here.string() + "/");
  variables_.set("HOME", std::nullopt);
  plugin::SearchPath path = plugin::search_path();
  fs::current_path(before);
  std::vector<std::string> found = searched(path);
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found.front(), here.string()) << "named absolutely it is";
  EXPECT_EQ(std::count(found.begin(), found.end(), here.string()), 1);
  EXPECT_EQ(std::count(found.begin(), found.end(), (here / "aludel/plugins").string()), 0);
  EXPECT_EQ(skipped(path, "$ALUDEL_PLUGIN_PATH"), "not an absolute path");
  EXPECT_EQ(skipped(path, "the user's data directory"), "neither $XDG_DATA_HOME nor $HOME is set");
}

TEST_F(SearchPathTest, WhatIsNotSearchedSaysWhy) {
  spit(directory_ / "file", "x");
  fs::path twice = make("twice");
  plugin::SearchOptions options;
  options.command_line = {directory_ / "none", directory_ / "file", twice, twice / "."};
  options.installed = false;
  plugin::SearchPath path = plugin::search_path(options);
  ASSERT_GE(path.size(), 5u);
  EXPECT_EQ(path[0].skipped, "does not exist");
  EXPECT_EQ(path[1].skipped, "is no directory");
  EXPECT_EQ(path[2].skipped, "");
  EXPECT_EQ(path[3].skipped, "searched already, as --plugin-path");
  EXPECT_EQ(path[4].origin, "$ALUDEL_PLUGIN_PATH");
  EXPECT_EQ(path[4].skipped, "not set");
}

TEST_F(SearchPathTest, PlacesCanBeLeftOut) {
  plugin::SearchOptions options;
  options.environment_variable = options.user_directory = options.installed = false;
  EXPECT_TRUE(plugin::search_path(options).empty());
}

TEST_F(SearchPathTest, BesideTheLibraryAndCompiledInComeLast) {
  plugin::SearchPath path = plugin::search_path();
  ASSERT_GE(path.size(), 2u);
  EXPECT_EQ(path[path.size() - 2].origin, "beside libaludel");
  EXPECT_EQ(path[path.size() - 2].directory, fs::path(ALUDEL_BINARY_DIR) / "lib/aludel/plugins");
  EXPECT_EQ(path.back().origin, "compiled in");
}

}  // namespace
