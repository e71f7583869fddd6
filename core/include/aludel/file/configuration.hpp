#pragma once

#include <aludel/error.hpp>
#include <aludel/export.hpp>
#include <aludel/url.hpp>
#include <aludel/value.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aludel::file {

/// Looks up an environment variable; tests hand in their own.
using Variables = std::function<std::optional<std::string>(std::string_view)>;
/// The process's own environment.
ALUDEL_API std::optional<std::string> process_variable(std::string_view name);

/// A [database] or [databases.NAME] section. URLs are kept as written, ${VAR} and all: those of a database that nobody asked for need no variables.
struct DatabaseSettings {
  std::string name;  ///< empty for [database]
  Secret url;
  Secret scratch_url;
  bool production = false;
  Location url_location{};
  Location scratch_url_location{};
};

struct EnvironmentSettings {
  std::filesystem::path library;  ///< absolute; empty: none
  std::string build;              ///< a shell command, run in `Configuration::directory`; empty: none
  bool hooks = false;
  /// A variable in the section that is not set: to be thrown by who needs the environment.
  std::optional<Error> problem{};
};

struct AutogenerateSettings {
  std::vector<std::string> include;  ///< patterns with * and ?; empty: everything
  std::vector<std::string> exclude;
  bool verify = true;
  bool privileges = false;
  bool operator==(const AutogenerateSettings&) const = default;
};

struct RunSettings {
  std::string schema;  ///< where the version and journal tables live; empty: the connection's default
  std::string version_table = "aludel_version";
  std::string journal_table = "aludel_journal";
  std::chrono::milliseconds lock_wait{60'000};
  std::chrono::milliseconds lock_timeout{3'000};
  std::chrono::milliseconds statement_timeout{0};  ///< 0: none
  bool online = true;
  bool operator==(const RunSettings&) const = default;
};

/// One line of `aludel config`: a key, what is in force (passwords masked), and where it came from.
struct SettingLine {
  std::string key;     ///< "run.lock_wait", "databases.prod.url"
  std::string value;   ///< as TOML text
  std::string origin;  ///< "aludel.toml:12", "aludel.toml:12, $DATABASE_URL", "default"
};

/// aludel.toml, read. A plain value.
struct ALUDEL_API Configuration {
  std::filesystem::path file;             ///< empty where there is none: every default is in force
  std::filesystem::path directory;        ///< the file's, or the working directory: what relative paths count from
  std::filesystem::path script_location;  ///< absolute
  std::string file_template;
  std::vector<std::filesystem::path> plugin_path;  ///< absolute
  std::optional<DatabaseSettings> database;
  std::map<std::string, DatabaseSettings> databases;
  EnvironmentSettings environment;
  std::string models_source = "models:";
  AutogenerateSettings autogenerate;
  RunSettings run;
  std::vector<SettingLine> settings;  ///< every key, set or not

  /// script_location / "versions": where revision files are.
  std::filesystem::path versions() const { return script_location / "versions"; }
};

/// aludel.toml in `start` or the nearest directory above it.
ALUDEL_API std::optional<std::filesystem::path> find_configuration(const std::filesystem::path& start);
/// Throws Error(configuration | syntax) with file:line:column: unknown key (with the nearest), wrong type, a variable that is not set, no duration;
/// Error(io).
ALUDEL_API Configuration read_configuration(const std::filesystem::path& file, const Variables& variables = process_variable);
/// The same for a text that stands in no file yet; relative paths count from `directory`.
ALUDEL_API Configuration parse_configuration(std::string_view text, std::string_view name, const std::filesystem::path& directory,
                                             const Variables& variables = process_variable);
/// `--config` if given, else the file found upwards from `start`, else the defaults.
ALUDEL_API Configuration load_configuration(const std::optional<std::filesystem::path>& given, const std::filesystem::path& start,
                                            const Variables& variables = process_variable);

/// What says which database is meant, besides aludel.toml.
struct TargetRequest {
  std::optional<std::string> url;              ///< --url
  std::optional<std::string> database;         ///< --database
  std::optional<std::string> environment_url;  ///< the environment's own, if one is loaded
};

/// The database that a command works on.
struct ALUDEL_API Target {
  Url url;
  /// What a relative file name in `url` counts from: aludel.toml's directory when it stands there, else empty (the working directory).
  std::filesystem::path base_directory;
  std::optional<Url> scratch_url;
  std::filesystem::path scratch_base_directory;
  bool production = false;
  std::string database;  ///< the name under [databases], if it has one
  std::string origin;    ///< for people: "--url", "$ALUDEL_URL", "aludel.toml:7"

  /// The URL to connect to: where the dialect's databases are files (Capabilities::file_databases), a relative path made absolute.
  Url located(bool file_databases) const;
  /// The same for scratch_url.
  std::optional<Url> located_scratch(bool file_databases) const;
};

/// By precedence: --url, --database NAME, $ALUDEL_URL, [database], the environment's own; nullopt when none of them says. With --url, --database
/// still says which section's scratch_url and guards hold. Throws Error(usage) for an unknown database (with the nearest), Error(configuration) for a
/// variable that is not set, Error(syntax) for what is no URL.
ALUDEL_API std::optional<Target> resolve_target(const Configuration& configuration, const TargetRequest& request,
                                                const Variables& variables = process_variable);

/// "3s", "500ms", "2m", "1h", "0". Throws Error(syntax).
ALUDEL_API std::chrono::milliseconds parse_duration(std::string_view text);
/// The shortest spelling: "3s", "1500ms", "0".
ALUDEL_API std::string duration_text(std::chrono::milliseconds duration);
/// ${VAR} and ${VAR:-default} filled in ($$ stands for one $). Throws Error(configuration) naming a variable that is not set.
ALUDEL_API std::string expand_variables(std::string_view text, const Variables& variables = process_variable);

}  // namespace aludel::file
