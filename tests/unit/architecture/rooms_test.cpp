#include "rooms.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aludel::architecture {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

const fs::path project = ALUDEL_SOURCE_DIR;

std::string shown(const fs::path& file, std::size_t line) { return fs::relative(file, project).string() + ":" + std::to_string(line); }
bool is_standard(std::string_view header) { return header.find('/') == std::string_view::npos && header.find('.') == std::string_view::npos; }
bool begins_with(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }
/// C headers of the system for files and processes.
bool is_system(std::string_view header) {
  return begins_with(header, "sys/") || begins_with(header, "linux/") || header == "semaphore.h" || header == "unistd.h" || header == "fcntl.h" ||
         header == "pwd.h" || header == "grp.h" || header == "cxxabi.h" || header == "spawn.h" || header == "signal.h" || header == "poll.h" ||
         header == "termios.h" || header == "stdio.h" || header == "stdlib.h";
}

/// The rooms of core: where a file stands decides what it may include.
std::vector<std::pair<fs::path, std::string>> files_of_core() {
  std::vector<std::pair<fs::path, std::string>> result;
  for (const fs::path& root : {project / "core/include", project / "core/src"}) {
    for (const fs::path& file : sources_below(root)) {
      const fs::path inside = fs::relative(file, root);
      const bool loose = std::distance(inside.begin(), inside.end()) == 1;
      result.emplace_back(file, loose ? "base" : room_of(inside.string()).value_or("nowhere"));
    }
  }
  return result;
}

TEST(Rooms, IncludeOnlyRoomsBeforeThem) {
  const auto files = files_of_core();
  ASSERT_GT(files.size(), 30U) << "the sources were not found in " << project;
  for (const auto& [file, room] : files) {
    EXPECT_TRUE(is_room(room)) << file << " stands in the room '" << room << "', which has no place in the order (tests/unit/architecture/rooms.cpp)";
    for (const Include& include : includes_of(text_of(file))) {
      const auto target = room_of(include.path);
      if (!target) continue;
      EXPECT_TRUE(may_include(room, *target)) << shown(file, include.line) << ": " << room << " may not include " << *target << " (" << include.path
                                              << ")";
    }
  }
}

TEST(Rooms, PublicHeadersIncludeOnlyPublicHeadersAndTheStandardLibrary) {
  for (const char* root : {"core/include", "sdk/include"}) {
    for (const fs::path& file : sources_below(project / root)) {
      for (const Include& include : includes_of(text_of(file))) {
        EXPECT_TRUE(include.angled) << shown(file, include.line) << ": public headers include <...>, not \"" << include.path << "\"";
        EXPECT_TRUE(is_standard(include.path) || begins_with(include.path, "aludel/"))
            << shown(file, include.line) << ": <" << include.path << "> would force itself on everybody who uses aludel";
      }
    }
  }
}

TEST(Rooms, LibrariesStayInTheirRooms) {
  struct Library {
    std::string_view prefix;
    std::vector<std::string> rooms;
  };
  // fmt may be used in every source file; up to and with migrate there is no TOML, no Boost and no dynamic loading.
  const std::vector<Library> libraries = {
      {"nlohmann/", {"base"}}, {"uriparser/", {"base"}}, {"toml++/", {"file"}}, {"boost/", {"plugin"}},
      {"dlfcn.h", {"plugin"}}, {"link.h", {"plugin"}},   {"elf.h", {"plugin"}},
  };
  for (const auto& [file, room] : files_of_core()) {
    for (const Include& include : includes_of(text_of(file))) {
      if (is_standard(include.path) || is_system(include.path) || begins_with(include.path, "fmt/") || room_of(include.path)) continue;
      if (!include.angled && fs::exists(file.parent_path() / include.path)) continue;
      bool known = false;
      for (const Library& library : libraries) {
        if (!begins_with(include.path, library.prefix)) continue;
        known = true;
        EXPECT_THAT(library.rooms, testing::Contains(room)) << shown(file, include.line) << ": <" << include.path << ">";
      }
      EXPECT_TRUE(known) << shown(file, include.line) << ": core knows no " << include.path;
    }
  }
}

TEST(Rooms, CoreNamesNoDatabase) {
  for (const auto& [file, room] : files_of_core()) {
    for (const std::string& found : databases_named(text_of(file))) {
      ADD_FAILURE() << fs::relative(file, project).string() << ", " << found << ": what a database does differently belongs into its dialect";
    }
  }
}

TEST(Rooms, PluginsIncludeCoreTheSdkTheirClientLibraryAndThemselves) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> plugins = {
      {"sqlite", {"sqlite3.h"}}, {"postgresql", {"libpq-fe.h", "pqxx/"}}, {"mysql", {"mysql.h", "errmsg.h", "mysqld_error.h", "mysql/", "mariadb/"}}};
  std::size_t checked = 0;
  for (const auto& entry : fs::directory_iterator(project / "plugins")) {
    if (!entry.is_directory()) continue;
    const std::string name = entry.path().filename().string();
    const auto plugin = std::find_if(plugins.begin(), plugins.end(), [&](const auto& known) { return known.first == name; });
    ASSERT_NE(plugin, plugins.end()) << "say in this test what the plugin " << name << " may include";
    for (const fs::path& file : sources_below(entry.path())) {
      ++checked;
      for (const Include& include : includes_of(text_of(file))) {
        const bool own = !include.angled || begins_with(include.path, "aludel/" + name + "/");
        const bool client =
            std::any_of(plugin->second.begin(), plugin->second.end(), [&](const auto& prefix) { return begins_with(include.path, prefix); });
        const auto room = room_of(include.path);
        // The host part is not there for a plugin that is linked into a program with the engine alone; the sdk reaches for what it needs.
        const bool ours = room && (*room == "sdk" || (is_room(*room) && may_include("file", *room)));
        EXPECT_TRUE(own || client || ours || is_standard(include.path) || is_system(include.path) || begins_with(include.path, "fmt/"))
            << shown(file, include.line) << ": <" << include.path << ">";
      }
    }
  }
  EXPECT_GT(checked, 0U);
}

TEST(Rooms, TheDriverKnowsNoPlugin) {
  for (const char* root : {"apps/cli", "apps/aludel"}) {
    for (const fs::path& file : sources_below(project / root)) {
      for (const Include& include : includes_of(text_of(file))) {
        for (const char* plugin : {"aludel/sqlite/", "aludel/postgresql/", "aludel/mysql/"}) {
          EXPECT_FALSE(begins_with(include.path, plugin)) << shown(file, include.line) << ": dialects are loaded, not linked";
        }
      }
    }
  }
}

// The rules must be able to fail.

TEST(Order, IsTheBlueprints) {
  EXPECT_TRUE(may_include("op", "schema"));
  EXPECT_TRUE(may_include("autogenerate", "file"));
  EXPECT_TRUE(may_include("diff", "model"));
  EXPECT_TRUE(may_include("op", "op"));
  EXPECT_FALSE(may_include("schema", "op"));
  EXPECT_FALSE(may_include("model", "op")) << "beside each other";
  EXPECT_FALSE(may_include("revision", "dialect"));
  EXPECT_FALSE(may_include("plugin", "file"));
  EXPECT_FALSE(may_include("migrate", "sdk"));
  EXPECT_FALSE(may_include("op", "attic"));
  EXPECT_FALSE(may_include("attic", "base"));
}

TEST(RoomOf, KnowsPublicAndPrivateHeaders) {
  EXPECT_EQ(room_of("aludel/error.hpp"), "base");
  EXPECT_EQ(room_of("aludel/op/apply.hpp"), "op");
  EXPECT_EQ(room_of("op/codec_values.hpp"), "op");
  EXPECT_EQ(room_of("aludel/connect.hpp"), "plugin");
  EXPECT_EQ(room_of("aludel/models.hpp"), "model");
  EXPECT_EQ(room_of("aludel/sdk/detail/record.hpp"), "sdk");
  EXPECT_EQ(room_of("aludel/attic/x.hpp"), "attic");
  EXPECT_EQ(room_of("aludel/unheard_of.hpp"), "unheard_of.hpp") << "a new header on the ground floor must be given its room";
  EXPECT_EQ(room_of("fmt/format.h"), std::nullopt);
  EXPECT_EQ(room_of("vector"), std::nullopt);
}

TEST(IncludesOf, ReadsLinesNotComments) {
  const auto includes =
      includes_of("#include <a.hpp>\n// #include <b.hpp>\n/*\n#include <c.hpp>\n*/ \n  #  include \"d/e.hpp\"  // why\n#define X 1\n");
  ASSERT_EQ(includes.size(), 2U);
  EXPECT_EQ(includes[0].path, "a.hpp");
  EXPECT_TRUE(includes[0].angled);
  EXPECT_EQ(includes[1].path, "d/e.hpp");
  EXPECT_FALSE(includes[1].angled);
  EXPECT_EQ(includes[1].line, 6U);
}

TEST(DatabasesNamed, SeesCodeAndNoProse) {
  EXPECT_THAT(databases_named("if (name == \"sqlite\") x();"), ElementsAre("line 1: sqlite"));
  EXPECT_THAT(databases_named("\n// sqlite\nint is_MySQL = 1'000;\n"), ElementsAre("line 3: is_MySQL"));
  EXPECT_THAT(databases_named("auto q = R\"(\nSELECT * FROM sqlite_master)\";"), ElementsAre("line 2: sqlite_master"));
  EXPECT_THAT(databases_named("hint(\"as PostgreSQL has it\"); /* mysql */"), IsEmpty());
  EXPECT_THAT(databases_named("char quote = '\"'; // \"sqlite\"\nauto s = \"\\\"\"; f(\"mariadb\");"), ElementsAre("line 2: mariadb"));
}

}  // namespace
}  // namespace aludel::architecture
