#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/diff/compare.hpp>
#include <aludel/environment/environment.hpp>
#include <aludel/export.hpp>
#include <aludel/migrate/runner.hpp>
#include <aludel/revision/revision.hpp>
#include <aludel/schema/schema.hpp>

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Target and current schema to a proven revision.
namespace aludel::autogenerate {

/// Names of everything that some revision made: what makes the rest of a database *unmanaged*.
struct Managed {
  struct Parts {
    std::set<std::string> columns, constraints, indexes;
  };
  std::map<schema::Name, Parts> tables;
  std::set<std::string> others;  ///< enums, sequences, schemas and objects, as "view active_hero"
};
/// What the revisions' operations create or rename to; opaque SQL makes nothing known.
ALUDEL_API Managed managed_by(const revision::Store& store);

struct Request {
  schema::Metadata target;
  schema::Metadata current;  ///< as introspected (canonical)
  const dialect::Dialect* dialect = nullptr;
  dialect::Connection* connection = nullptr;  ///< may be null: the dialect's own normal form then judges
  dialect::Server server{};
  const Environment* environment = nullptr;  ///< its hooks; may be null
  Managed managed{};
  /// Asked for `managed` when something differs: where nothing does, no revision file has to be read. May be empty.
  std::function<Managed()> find_managed{};
  bool include_unmanaged = false;
  std::vector<std::string> include{}, exclude{};  ///< patterns (* and ?) on names, aludel.toml's
  std::vector<diff::RenameHint> renames{};
  bool strict = false;  ///< refuse when the dialect saw what it cannot carry
};

/// One line of the summary.
struct Line {
  char sign = ' ';  ///< '+', '-', '~', '>' for a rename, '!' for sql and the like
  std::string text;
  std::string loss;  ///< why it destroys data; else empty
};

struct ALUDEL_API Result {
  op::Operations operations;
  std::vector<Line> summary;
  std::vector<std::string> suggestions;
  std::vector<std::string> warnings;
  std::map<std::string, std::size_t> unmanaged;  ///< kind -> how many were left alone
  std::vector<schema::Unsupported> unsupported;
  /// What was compared: canonical, without what was left out. For `prove`.
  schema::Metadata current;
  schema::Metadata target;

  /// "2 tables and 1 view that no model or revision knows were left alone (--include-unmanaged includes them)"; empty without any.
  std::string unmanaged_line() const;
};

/// How a server compares schemas: its dialect's rules as the differ takes them. Renames are for the caller to add.
ALUDEL_API diff::Options comparison_options(const dialect::Dialect& dialect, const dialect::Server& server);
/// Compares. Throws Error(unsupported) by name for an operation the dialect cannot do, and in strict mode for what it cannot carry.
ALUDEL_API Result generate(Request request);
/// What makes `request.current` from nothing, filters and patterns applied as to any database: the first revision of one that has no history.
/// `request.target` and `managed` play no part. Throws as generate() does.
ALUDEL_API Result baseline(Request request);
/// The summary of any operations, as `diff` prints it.
ALUDEL_API std::vector<Line> summarise(const op::Operations& operations);
/// Does the name match one of the patterns? `*` any text, `?` one character; a pattern without a dot meets the name alone, else schema.name.
ALUDEL_API bool matches(const schema::Name& name, const std::vector<std::string>& patterns);

/// Runs the operations on a scratch copy of `current`: up must give `target`, down must give `current` back. Returns what does not hold, one line
/// each; empty when proven. Throws Error(unsupported) when the dialect can give no scratch database.
ALUDEL_API std::vector<std::string> prove(const Result& result, const dialect::Dialect& dialect, dialect::Connection* connection, const Url* scratch);

/// What was found of one revision.
struct Verdict {
  std::string revision;
  std::vector<std::string> problems;  ///< one line each; empty: it holds
  std::string not_undone;             ///< why its downgrade was not tried: it cannot be undone; else empty
};

/// Where and how revisions are verified.
struct Verification {
  const dialect::Dialect* dialect = nullptr;
  dialect::Connection* connection = nullptr;  ///< to make the scratch database beside; may be null
  const Url* scratch = nullptr;               ///< may be null
  migrate::Hooks hooks{};                     ///< the functions that revisions call
  std::function<void(const Verdict&)> finished{};
};

/// Runs each of the revisions up, down and up again in a scratch database that holds what it stands on: up must give what its operations say, down
/// must give back what was there, up again the same as before. `revisions` are ids, parents before children. A revision that stands on one that does
/// not hold is not tried. Throws what revision::Graph throws, what keeps a scratch database from being made, and Error(connection | interrupted).
ALUDEL_API std::vector<Verdict> verify(const revision::Store& store, std::span<const std::string> revisions, const Verification& how);

}  // namespace aludel::autogenerate
