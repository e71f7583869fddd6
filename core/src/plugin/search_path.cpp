#include <aludel/plugin/search_path.hpp>
#include <aludel/text.hpp>

#include <sys/auxv.h>

#include <boost/dll/runtime_symbol_info.hpp>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

namespace aludel::plugin {
namespace {

namespace fs = std::filesystem;

/// Where the library (or the program it is linked into) that holds this code lies; empty when that cannot be told.
fs::path own_file() {
  std::error_code error;
  fs::path file = boost::dll::this_line_location(error);
  // For code in the program itself this is how it was called: a bare name, which must not be looked up in the current directory.
  if (error || !file.is_absolute()) file = boost::dll::program_location(error);
  if (error) return {};
  fs::path real = fs::canonical(file, error);
  return error ? fs::path() : real;
}

class Builder {
 public:
  void add(const fs::path& directory, std::string origin) {
    std::error_code error;
    fs::path real = fs::canonical(directory, error);
    if (error) return skip(directory, std::move(origin), "does not exist");
    if (!fs::is_directory(real, error)) return skip(directory, std::move(origin), "is no directory");
    fs::directory_iterator entries(real, error);
    if (error) return skip(directory, std::move(origin), "cannot be read: " + error.message());
    for (const SearchDirectory& earlier : path_) {
      if (earlier.skipped.empty() && earlier.directory == real) return skip(directory, std::move(origin), "searched already, as " + earlier.origin);
    }
    path_.push_back({real, std::move(origin)});
  }
  void add_absolute(const fs::path& directory, std::string origin) {
    if (!directory.is_absolute()) return skip(directory, std::move(origin), "not an absolute path");
    add(directory, std::move(origin));
  }
  void skip(const fs::path& directory, std::string origin, std::string why) { path_.push_back({directory, std::move(origin), std::move(why)}); }

  SearchPath path() && { return std::move(path_); }

 private:
  SearchPath path_;
};

void add_environment_variable(Builder& builder) {
  constexpr const char* origin = "$ALUDEL_PLUGIN_PATH";
  if (::getauxval(AT_SECURE) != 0) return builder.skip({}, origin, "ignored: the program runs with raised privileges");
  const char* text = ::secure_getenv("ALUDEL_PLUGIN_PATH");
  if (text == nullptr || *text == '\0') return builder.skip({}, origin, "not set");
  for (const std::string& part : split(text, ':')) {
    if (!part.empty()) builder.add_absolute(part, origin);
  }
}

void add_user_directory(Builder& builder) {
  constexpr const char* origin = "the user's data directory";
  if (::getauxval(AT_SECURE) != 0) return builder.skip({}, origin, "ignored: the program runs with raised privileges");
  // The XDG base directory specification: a relative $XDG_DATA_HOME is invalid and ignored.
  const char* data = ::secure_getenv("XDG_DATA_HOME");
  if (data != nullptr && fs::path(data).is_absolute()) return builder.add(fs::path(data) / "aludel/plugins", origin);
  const char* home = ::secure_getenv("HOME");
  if (home == nullptr || *home == '\0') return builder.skip({}, origin, "neither $XDG_DATA_HOME nor $HOME is set");
  builder.add_absolute(fs::path(home) / ".local/share/aludel/plugins", origin);
}

}  // namespace

SearchPath search_path(const SearchOptions& options) {
  Builder builder;
  for (const fs::path& directory : options.command_line) builder.add(directory, "--plugin-path");
  if (options.environment_variable) add_environment_variable(builder);
  for (const fs::path& directory : options.configuration) builder.add_absolute(directory, "plugin_path in aludel.toml");
  if (options.user_directory) add_user_directory(builder);
  if (options.installed) {
    fs::path own = own_file();
    if (!own.empty()) builder.add(own.parent_path() / "aludel/plugins", "beside libaludel");
    builder.add_absolute(ALUDEL_PLUGIN_DIRECTORY, "compiled in");
  }
  return std::move(builder).path();
}

}  // namespace aludel::plugin
