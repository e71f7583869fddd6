#include "context.hpp"

#include <aludel/op/apply.hpp>
#include <aludel/source/command.hpp>
#include <aludel/text.hpp>
#include <aludel/version.hpp>

#include <fmt/format.h>

#include <charconv>

#include "output.hpp"

namespace aludel::cli {

Context::Context(Globals globals, const Environment* linked, Output& output) : globals_(std::move(globals)), linked_(linked), output_(output) {}
Context::~Context() = default;

const file::Configuration& Context::configuration() {
  if (!configuration_) {
    std::optional<std::filesystem::path> given;
    if (globals_.config) given = *globals_.config;
    configuration_ = file::load_configuration(given, std::filesystem::current_path());
  }
  return *configuration_;
}

const plugin::Loader& Context::loader() {
  if (!loader_) {
    plugin::SearchOptions options;
    options.command_line.assign(globals_.plugin_path.begin(), globals_.plugin_path.end());
    options.configuration = configuration().plugin_path;
    loader_.emplace(plugin::search_path(options));
  }
  return *loader_;
}

const file::ScriptDirectory& Context::store() {
  if (!store_) {
    const std::filesystem::path versions = configuration().versions();
    if (configuration().file.empty() && !std::filesystem::exists(versions)) {
      throw Error(ErrorKind::configuration, fmt::format("there is no aludel.toml here or above, and no {}", relative(versions)))
          .with_hint("`aludel init` makes a new project; -c names an aludel.toml elsewhere");
    }
    store_ = std::make_unique<file::ScriptDirectory>(versions, relative(versions));
  }
  return *store_;
}

std::filesystem::path Context::environment_library() {
  if (globals_.environment) return *globals_.environment;
  if (configuration().environment.problem) throw *configuration().environment.problem;
  return configuration().environment.library;
}

void Context::build_environment() {
  if (built_) return;
  built_ = true;
  const std::string& command = configuration().environment.build;
  if (linked_ != nullptr || globals_.environment || globals_.no_build || command.empty()) return;
  if (configuration().environment.problem) throw *configuration().environment.problem;
  output_.detail("building the environment: " + command);
  const source::CommandResult result = source::run_command(command, configuration().directory);
  if (result.status != 0) {
    Error error = Error(ErrorKind::environment, fmt::format("the build command of the environment failed ({}): {}", result.outcome, command))
                      .with_hint("mend the build, or pass --no-build to use the library as it was built last");
    for (const std::string& said : {result.output, result.errors}) {
      if (!trim(said).empty()) error.add_note(std::string(trim(said)));
    }
    throw error;
  }
  for (const std::string& said : {result.output, result.errors}) {
    if (!trim(said).empty()) output_.detail(trim(said));
  }
}

const Environment* Context::environment() {
  if (linked_ != nullptr) return linked_;
  if (!loaded_) {
    const std::filesystem::path library = environment_library();
    if (library.empty()) return nullptr;
    loaded_.emplace(load_environment(library, EnvironmentOptions{globals_.database.value_or(""), globals_.arguments}));
  }
  return &*loaded_;
}

const Environment& Context::required_environment(std::string_view why) {
  if (const Environment* found = environment()) return *found;
  throw Error(ErrorKind::configuration, fmt::format("{} needs the application's environment, and none is configured", why))
      .with_hint(
          "name the library in aludel.toml ([environment] library = \"build/app_env.so\") or with --env; docs/tutorial.md shows how it is built");
}

const std::optional<file::Target>& Context::target() {
  if (!target_known_) {
    file::TargetRequest request{globals_.url, globals_.database, std::nullopt};
    target_ = file::resolve_target(configuration(), request);
    if (!target_ && (linked_ != nullptr || !environment_library().empty())) {
      if (const auto& url = environment()->url()) {
        request.environment_url = url->revealed();
        target_ = file::resolve_target(configuration(), request);
      }
    }
    target_known_ = true;
  }
  return target_;
}

const file::Target& Context::required_target() {
  if (const auto& found = target()) return *found;
  throw Error(ErrorKind::configuration, "nothing says which database to work on")
      .with_hint("pass --url sqlite:///app.db, set $ALUDEL_URL, or write [database] url = \"...\" into aludel.toml");
}

dialect::Connection& Context::connection(Access access, std::optional<std::chrono::milliseconds> lock_wait) {
  if (connection_) return *connection_;
  const file::Target& where = required_target();
  const dialect::Dialect& speaks = loader().dialect_for_scheme(where.url.scheme);
  dialect::ConnectOptions& options = connect_options_;
  options.create = access == Access::create;
  options.read_only = false;
  options.lock_wait = lock_wait.value_or(configuration().run.lock_wait);
  options.notice = [this](std::string_view text) { output_.say(fmt::format("notice: {}", printable(text, 500))); };
  connection_ = speaks.connect(where.located(speaks.capabilities().file_databases), options);
  if (access == Access::read) {
    output_.detail(fmt::format("database: {} (from {})", connection_->description(), where.origin));
  } else {
    output_.say(fmt::format("database: {}", connection_->description()));
  }
  return *connection_;
}

std::unique_ptr<dialect::Connection> Context::another_connection() {
  const file::Target& where = required_target();
  const dialect::Dialect& speaks = loader().dialect_for_scheme(where.url.scheme);
  dialect::ConnectOptions options = connect_options_;
  options.create = false;
  return speaks.connect(where.located(speaks.capabilities().file_databases), options);
}

const dialect::Dialect& Context::dialect(std::string_view name) {
  if (!name.empty()) return loader().dialect(name);
  if (const auto& where = target()) return loader().dialect_for_scheme(where->url.scheme);
  throw Error(ErrorKind::usage, "nothing says which dialect to use")
      .with_hint("pass --dialect sqlite, or name a database with --url or in aludel.toml");
}

dialect::Server Context::offline_server(const dialect::Dialect& dialect, std::string_view version) {
  dialect::Server server = dialect.default_server();
  if (version.empty()) return server;
  const std::vector<std::string> parts = split(version, '.');
  int* const numbers[] = {&server.major, &server.minor, &server.patch};
  for (int* number : numbers) *number = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string& part = parts[i];
    const auto parsed = i < std::size(numbers) ? std::from_chars(part.data(), part.data() + part.size(), *numbers[i]) : std::from_chars_result{};
    if (i >= std::size(numbers) || parsed.ec != std::errc() || parsed.ptr != part.data() + part.size()) {
      throw Error(ErrorKind::usage,
                  fmt::format("--server-version takes a version such as {}, not {}", dialect.default_server().version, quoted(version)));
    }
  }
  server.version = version;
  return server;
}

migrate::JournalNames Context::journal_names() {
  const file::RunSettings& run = configuration().run;
  return {run.schema, run.version_table, run.journal_table};
}

migrate::RunOptions Context::run_options() {
  migrate::RunOptions options;
  options.names = journal_names();
  options.lock_wait = configuration().run.lock_wait;
  options.lock_timeout = configuration().run.lock_timeout;
  options.statement_timeout = configuration().run.statement_timeout;
  options.online = configuration().run.online;
  options.tool = fmt::format("aludel {}", version());
  return options;
}

migrate::Hooks Context::hooks() {
  migrate::Hooks hooks;
  hooks.find_function = [this](std::string_view name) -> migrate::Function {
    const Environment* from = environment();
    if (from == nullptr) return {};
    const auto& functions = from->functions();
    const auto found = functions.find(std::string(name));
    return found == functions.end() ? migrate::Function{} : found->second;
  };
  if (configuration().environment.hooks || linked_ != nullptr) {
    const Environment& from = required_environment("`hooks = true`");
    hooks.on_apply = from.hooks().on_apply;
  }
  return hooks;
}

op::Operations Context::inverse(const revision::Graph& graph, const revision::Revision& revision, const revision::Content& content) {
  std::vector<std::string> before = revision.down_revisions;
  before.insert(before.end(), revision.depends_on.begin(), revision.depends_on.end());
  // Without a dialect at hand, standard SQL's rules for names are near enough for showing what would run.
  if (!target()) {
    throw Error(ErrorKind::usage, "the inverse depends on the dialect, and nothing says which")
        .with_hint("name a database with --url or in aludel.toml");
  }
  const dialect::Dialect& speaks = dialect();
  return op::invert(content.upgrade, migrate::replay(graph, store(), before, speaks, true), speaks.rewriter());
}

std::chrono::milliseconds Context::duration(std::string_view option, const std::string& text) {
  try {
    return file::parse_duration(text);
  } catch (const Error& error) {
    throw Error(ErrorKind::usage, fmt::format("{}: {}", option, error.message())).with_hint(error.hint());
  }
}

std::string Context::relative(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::path near = std::filesystem::relative(path, error);
  // A path that leads far up says less than the absolute one.
  if (error || near.empty() || near.string().rfind("../../..", 0) == 0) return path.string();
  return near.string();
}

}  // namespace aludel::cli
