#pragma once

#include <aludel/dialect/connection.hpp>
#include <aludel/dialect/statement.hpp>
#include <aludel/export.hpp>
#include <aludel/op/rewriter.hpp>
#include <aludel/schema/equivalent.hpp>
#include <aludel/schema/schema.hpp>
#include <aludel/url.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What a plugin provides. Everything a database does differently stands behind these interfaces; core knows no particular database.
namespace aludel::dialect {

/// Declared, never found out by an exception.
struct Capabilities {
  bool transactional_ddl = false;
  bool schemas = false;     ///< CREATE SCHEMA, names with a schema part
  bool comments = false;    ///< comments on tables and columns are stored
  bool enum_types = false;  ///< enumerations are objects of their own
  bool sequences = false;
  bool fold_identifiers = false;          ///< names that differ in ASCII case only are one name
  bool replace_objects = false;           ///< CREATE OR REPLACE
  bool file_databases = false;            ///< a URL's path is a file name, so that a relative one counts from somewhere
  std::size_t identifier_length = 0;      ///< in bytes; 0: no limit
  std::string long_text;                  ///< the type of a text of any length, where one of `text` may not have it; empty elsewhere
  std::vector<std::string> object_kinds;  ///< "view", "trigger", ...
  std::vector<std::string> operations;    ///< names of the operations it can render
};

/// Which part of a database is looked at.
struct Scope {
  std::vector<std::string> schemas;          ///< empty: the default one
  std::vector<schema::Name> ignored_tables;  ///< our own version and journal tables
  bool privileges = false;
};

/// Reads a schema. Stateless, thread-safe.
class ALUDEL_API Introspector {
 public:
  virtual ~Introspector();
  /// The whole schema with canonical spellings filled in, declared ones as neutral as can be told, and what cannot be carried in `unsupported`.
  /// Uses whole-schema queries, never one per table where the server can answer at once. Throws Error(connection | database).
  virtual schema::Metadata introspect(Connection& connection, const Scope& scope) const = 0;
};

struct RenderOptions {
  bool online = true;             ///< safe forms on existing tables
  bool foreign_keys_off = false;  ///< the revision's head says `foreign_keys = "off"`
  bool transaction = true;        ///< the revision's head does not say `transaction = false`
};

/// Asks how much an operation would lose; the query's one value is a count.
struct LossProbe {
  std::string query;
  std::string what;  ///< completed by the count: "3 non-null values of hero.nickname"; here "non-null values of hero.nickname"
};

/// Operations to SQL. Pure: no connection; stateless, thread-safe.
class ALUDEL_API Renderer {
 public:
  virtual ~Renderer();
  /// Renders the operations of one revision together, so that several changes to one table become one statement or one rebuild; barriers
  /// (op::is_barrier) are never crossed. `before` is the schema they start from. Throws Error(unsupported | guard | schema) at the operation's
  /// location.
  virtual Script render(std::span<const op::Operation> operations, const schema::Metadata& before, const Server& server,
                        const RenderOptions& options) const = 0;
  /// What the guard against data loss asks right before the operation runs; nullopt for what loses nothing.
  virtual std::optional<LossProbe> loss_probe(const op::Operation& operation, const schema::Metadata& before) const = 0;
};

/// A throwaway database, dropped with the object.
class ALUDEL_API Scratch {
 public:
  virtual ~Scratch();
  virtual Connection& connection() = 0;
};

/// A lock on a migration run; released with the object. For polite waiting only: correctness is the journal's.
class ALUDEL_API Lock {
 public:
  virtual ~Lock();
};

/// One database's dialect. Immutable and thread-safe; lives as long as the process. A plugin implements it and exports it with ALUDEL_DIALECT.
class ALUDEL_API Dialect {
 public:
  virtual ~Dialect();

  virtual std::string_view name() const = 0;                 ///< "sqlite": also the key in files
  virtual std::span<const std::string> schemes() const = 0;  ///< URL schemes
  virtual const Capabilities& capabilities() const = 0;
  /// Which option keys count for a server, weaker first: {"mysql", "mariadb"}.
  virtual std::vector<std::string> option_keys(const Server& server) const = 0;
  /// The newest server it knows, for work without a connection.
  virtual Server default_server() const = 0;

  /// Throws Error(connection) saying which file or host, what is wrong, and what to do; never with a password.
  virtual std::unique_ptr<Connection> connect(const Url& url, const ConnectOptions& options) const = 0;
  virtual const Introspector& introspector() const = 0;
  virtual const Renderer& renderer() const = 0;
  virtual const op::Rewriter& rewriter() const = 0;
  /// Creates an empty throwaway database, on the connection's server or at the URL; either may be null. Throws Error(unsupported | connection).
  virtual std::unique_ptr<Scratch> scratch(Connection* connection, const Url* url) const = 0;
  /// The same schema as this server would hold and print it: canonical spellings filled in for every type, expression and definition, and what the
  /// dialect cannot hold (comments, sequences, ...) brought to its normal form; declared spellings stay. canonicalise(introspect(c)) changes nothing.
  /// `connection` may be null; then the dialect's own normal form is used.
  virtual schema::Metadata canonicalise(schema::Metadata declared, Connection* connection) const = 0;
  /// Waits up to `wait`, polling outside any transaction. Throws Error(busy) naming the holder where the server can tell.
  virtual std::unique_ptr<Lock> lock(Connection& connection, std::string_view name, std::chrono::milliseconds wait) const = 0;
  /// Cuts a script into statements with a real lexer. Throws Error(syntax) with line and column in the script.
  virtual std::vector<std::string> split(std::string_view script) const = 0;
  virtual std::string quote_identifier(std::string_view text) const = 0;
  virtual std::string quote_name(const schema::Name& name) const = 0;
  virtual std::string quote_literal(const Value& value) const = 0;
  /// Interfaces of later days, by name; null for what it does not have.
  virtual void* extension(std::string_view name) const;

  /// How this dialect's schemas are compared (schema::Comparison from capabilities and option keys).
  schema::Comparison comparison(const Server& server) const;
};

}  // namespace aludel::dialect
