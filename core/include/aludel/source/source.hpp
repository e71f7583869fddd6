#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/environment/environment.hpp>
#include <aludel/export.hpp>
#include <aludel/revision/revision.hpp>
#include <aludel/schema/schema.hpp>
#include <aludel/url.hpp>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Anything that yields a schema.
namespace aludel::source {

enum class Kind { database, sql_file, snapshot, models, command, revisions, empty };

/// A SOURCE, as a person types it: a database URL, `schema.sql`, `schema.toml`, `schema.json`, `models:`, `exec:COMMAND`, `revisions:REV`, `empty:`.
struct ALUDEL_API Source {
  Kind kind = Kind::empty;
  std::string text;      ///< as typed; never to be printed for a URL (description() is)
  std::string argument;  ///< what follows the colon, or the file
  std::optional<Url> url;

  /// For people and messages; without a password.
  std::string description() const;
};

/// Throws Error(usage) for what is none of these, naming them.
ALUDEL_API Source parse(std::string_view text);

/// What loading a source may need. Whoever calls fills in what it has; a source that needs something missing says so.
struct Context {
  /// The dialect for a URL's scheme; throws when there is none.
  std::function<const dialect::Dialect&(std::string_view scheme)> dialect_for_scheme;
  /// The dialect that sources without one of their own are read with (.sql files, revisions:).
  const dialect::Dialect* dialect = nullptr;
  /// The application's environment, for `models:`; called only then; throws when there is none.
  std::function<const Environment&()> environment;
  /// The revision files, for `revisions:`; called only then.
  std::function<const revision::Store&()> store;
  /// Where throwaway databases may be made; null: where the dialect likes (SQLite: in memory).
  const Url* scratch = nullptr;
  dialect::Connection* connection = nullptr;   ///< an open one to make scratch databases beside; may be null
  std::filesystem::path directory{};           ///< what relative files and commands count from; empty: the working directory
  std::vector<schema::Name> ignored_tables{};  ///< the version and journal tables
  bool privileges = false;                     ///< grants are read too
  /// Told which server a database, or the scratch database of a script, was read on; may be empty.
  std::function<void(const dialect::Server&)> on_server{};
};

/// Loads the schema. What a database or scratch database yields is canonical; models, snapshots and replayed revisions are as declared, to be
/// canonicalised by whoever compares. Throws Error of every kind, naming the source.
ALUDEL_API schema::Metadata load(const Source& source, const Context& context);

/// The schema at these revisions. By replaying the files; where a revision holds SQL whose effect is not declared, by running them in a scratch
/// database; where none can be had, Error(unsupported) names the revision that cannot be seen through.
ALUDEL_API schema::Metadata replay(const revision::Store& store, const std::vector<std::string>& revisions, const Context& context);

/// Runs a script in the connection, statement by statement. Errors name `name` and the statement.
ALUDEL_API void run_script(dialect::Connection& connection, std::string_view script, std::string_view name);

}  // namespace aludel::source
