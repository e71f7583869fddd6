#include <aludel/dialect/session_settings.hpp>
#include <aludel/file/script_directory.hpp>
#include <aludel/file/snapshot.hpp>
#include <aludel/source/command.hpp>
#include <aludel/source/source.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

namespace aludel::source {
namespace {

bool has_prefix(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

std::filesystem::path located(const Context& context, const std::string& file) {
  const std::filesystem::path path = file;
  return path.is_absolute() || context.directory.empty() ? path : context.directory / path;
}

const dialect::Dialect& needed_dialect(const Source& source, const Context& context) {
  if (context.dialect != nullptr) return *context.dialect;
  throw Error(ErrorKind::usage, fmt::format("{} cannot be read without knowing its dialect", source.description()))
      .with_hint("pass --dialect sqlite, or name a database with --url or in aludel.toml");
}

schema::Metadata introspect(dialect::Connection& connection, const Context& context) {
  if (context.on_server) context.on_server(connection.server());
  dialect::Scope scope;
  scope.ignored_tables = context.ignored_tables;
  scope.privileges = context.privileges;
  return connection.dialect().introspector().introspect(connection, scope);
}

schema::Metadata load_database(const Source& source, const Context& context) {
  const dialect::Dialect& dialect = context.dialect_for_scheme(source.url->scheme);
  dialect::ConnectOptions options;
  options.create = false;
  options.read_only = true;
  const auto connection = dialect.connect(*source.url, options);
  return introspect(*connection, context);
}

schema::Metadata load_sql(const Source& source, const Context& context) {
  const dialect::Dialect& dialect = needed_dialect(source, context);
  const std::string script = file::read_file(located(context, source.argument));
  const auto scratch = dialect.scratch(context.connection, context.scratch);
  run_script(scratch->connection(), script, source.argument);
  // A dump leaves the session without a search path: names are read as a new session would say them.
  if (const auto* settings = dialect::SessionSettings::of(scratch->connection())) settings->reset(scratch->connection());
  return introspect(scratch->connection(), context);
}

schema::Metadata load_command(const Source& source, const Context& context) {
  const std::string shown = mask_passwords(source.argument);
  const CommandResult result = run_command(source.argument, context.directory);
  if (result.status != 0) {
    Error error = Error(ErrorKind::environment, fmt::format("the command {} failed ({})", quoted(shown), result.outcome))
                      .with_hint("an exec: source is a command that prints a JSON snapshot on standard output");
    if (!trim(result.errors).empty()) error.add_note(mask_passwords(trim(result.errors)));
    throw error;
  }
  try {
    return file::read_snapshot(result.output, "exec:" + shown).metadata;
  } catch (Error& error) {
    error.set_hint("an exec: source is a command that prints a JSON snapshot on standard output, and nothing else");
    throw;
  }
}

schema::Metadata load_models(const Context& context) {
  const Environment& environment = context.environment();
  if (environment.target_metadata()) return *environment.target_metadata();
  throw Error(ErrorKind::environment, "the environment declares no target metadata").with_hint("call env.target_metadata(...) in ALUDEL_ENVIRONMENT");
}

schema::Metadata load_revisions(const Source& source, const Context& context) {
  needed_dialect(source, context);
  const revision::Store& store = context.store();
  const revision::Graph graph(store.revisions());
  return replay(store, graph.resolve(source.argument.empty() ? "head" : source.argument), context);
}

/// Where the last of these begins, the first statements of the script. Nothing where the lexer took something out of it, so that it is no piece of
/// it.
std::optional<std::uint32_t> line_of(std::string_view script, std::span<const std::string> statements) {
  std::size_t begin = 0, end = 0;
  for (const std::string& statement : statements) {
    begin = script.find(statement, end);
    if (begin != std::string_view::npos) end = begin + statement.size();
  }
  if (begin == std::string_view::npos) return std::nullopt;
  return 1 + static_cast<std::uint32_t>(std::count(script.begin(), script.begin() + static_cast<std::ptrdiff_t>(begin), '\n'));
}

}  // namespace

std::string Source::description() const { return url ? url->redacted() : mask_passwords(text); }

Source parse(std::string_view text) {
  Source source;
  source.text = text;
  const auto ends = [&](std::string_view ending) { return text.size() > ending.size() && text.substr(text.size() - ending.size()) == ending; };
  if (has_prefix(text, "exec:")) {
    source.kind = Kind::command;
    source.argument = trim(text.substr(5));
    if (source.argument.empty()) throw Error(ErrorKind::usage, "exec: is followed by a command").with_hint("for example: exec:./app --print-schema");
  } else if (text == "models:") {
    source.kind = Kind::models;
  } else if (has_prefix(text, "revisions:")) {
    source.kind = Kind::revisions;
    source.argument = text.substr(10);
  } else if (text == "empty:") {
    source.kind = Kind::empty;
  } else if (looks_like_url(text)) {
    source.kind = Kind::database;
    source.url = parse_url(text);
  } else if (ends(".sql")) {
    source.kind = Kind::sql_file;
    source.argument = text;
  } else if (ends(".toml") || ends(".json")) {
    source.kind = Kind::snapshot;
    source.argument = text;
  } else {
    throw Error(ErrorKind::usage, fmt::format("{} is no source of a schema", quoted(mask_passwords(text))))
        .with_hint("a source is a database URL, a .sql file, a .toml or .json snapshot, models:, exec:COMMAND, revisions:REV, or empty:");
  }
  return source;
}

schema::Metadata load(const Source& source, const Context& context) {
  try {
    switch (source.kind) {
      case Kind::database:
        return load_database(source, context);
      case Kind::sql_file:
        return load_sql(source, context);
      case Kind::snapshot:
        return file::read_snapshot_file(located(context, source.argument)).metadata;
      case Kind::models:
        return load_models(context);
      case Kind::command:
        return load_command(source, context);
      case Kind::revisions:
        return load_revisions(source, context);
      case Kind::empty:
        return {};
    }
  } catch (Error& error) {
    error.add_context(fmt::format("while reading {}", source.description()));
    throw;
  }
  return {};
}

void run_script(dialect::Connection& connection, std::string_view script, std::string_view name) {
  std::vector<std::string> statements;
  try {
    statements = connection.dialect().split(script);
  } catch (Error& error) {
    // The lexer knows the line, not the file.
    const Location inside = error.location();
    throw std::move(error).at({std::string(name), inside.line, inside.column});
  }
  for (std::size_t i = 0; i < statements.size(); ++i) {
    try {
      connection.execute(statements[i]);
    } catch (Error& error) {
      if (const auto line = line_of(script, std::span(statements).first(i + 1))) error.set_location({std::string(name), *line, 1});
      error.add_context(fmt::format("while running statement {} of {} in {}", i + 1, statements.size(), name));
      throw;
    }
  }
}

}  // namespace aludel::source
