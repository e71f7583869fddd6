#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/environment/environment.hpp>
#include <aludel/file/configuration.hpp>
#include <aludel/file/script_directory.hpp>
#include <aludel/migrate/runner.hpp>
#include <aludel/plugin/loader.hpp>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aludel::cli {

class Output;

/// The global options, as given.
struct Globals {
  std::optional<std::string> config, database, url, environment;
  bool no_build = false;
  std::vector<std::string> plugin_path;
  std::map<std::string, std::string, std::less<>> arguments;
};

enum class Access { read, write, create };

/// What a command works with, each made when it is first asked for: nothing is loaded, built or opened that the command does not need.
class Context {
 public:
  /// `linked` is the environment of an application that the driver is linked into; may be null. `output` must outlive the context.
  Context(Globals globals, const Environment* linked, Output& output);
  /// What was said before the command.
  const Globals& globals() const { return globals_; }
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  Output& output() { return output_; }
  const file::Configuration& configuration();
  const plugin::Loader& loader();
  const file::ScriptDirectory& store();
  /// Forgets the revision files that were read, after one was written.
  void reread_store() { store_.reset(); }

  /// Runs the build command of aludel.toml, once, unless --no-build; its output is shown when it fails or with -v.
  void build_environment();
  /// The application's environment; null where none is configured.
  const Environment* environment();
  /// The same, or an error that says how to get one; `why` completes "an environment is needed ...".
  const Environment& required_environment(std::string_view why);

  /// The database to work on; nullopt when nothing names one.
  const std::optional<file::Target>& target();
  /// The same, or an error that says how to name one.
  const file::Target& required_target();
  /// The one connection of this command. Prints the target (without its password) before anything is written.
  dialect::Connection& connection(Access access, std::optional<std::chrono::milliseconds> lock_wait = {});
  /// Another session with the same database, for a run that lost the one.
  std::unique_ptr<dialect::Connection> another_connection();
  /// By name if one is given, else the target's.
  const dialect::Dialect& dialect(std::string_view name = {});
  /// The server that offline work assumes: the dialect's default one, or of the version given.
  static dialect::Server offline_server(const dialect::Dialect& dialect, std::string_view version);

  migrate::JournalNames journal_names();
  migrate::RunOptions run_options();
  /// Functions and on_apply hooks; the environment is loaded when a revision calls a function or aludel.toml says `hooks = true`.
  migrate::Hooks hooks();
  /// What undoes a revision, by replaying the files before it.
  op::Operations inverse(const revision::Graph& graph, const revision::Revision& revision, const revision::Content& content);

  /// "60s" as an option's value; errors name the option.
  static std::chrono::milliseconds duration(std::string_view option, const std::string& text);
  /// As a person in the working directory would write it.
  static std::string relative(const std::filesystem::path& path);

 private:
  std::filesystem::path environment_library();

  Globals globals_;
  const Environment* linked_;
  Output& output_;
  std::optional<file::Configuration> configuration_;
  std::optional<plugin::Loader> loader_;
  std::unique_ptr<file::ScriptDirectory> store_;
  bool built_ = false;
  std::optional<Environment> loaded_;
  bool target_known_ = false;
  std::optional<file::Target> target_;
  dialect::ConnectOptions connect_options_;
  std::unique_ptr<dialect::Connection> connection_;
};

}  // namespace aludel::cli
