#pragma once

#include <aludel/export.hpp>

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace aludel {

/// A place in a text file. Line and column count from 1; 0 means unknown. Columns count bytes.
struct ALUDEL_API Location {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  bool known() const { return !file.empty() || line != 0; }
  /// "file:line:column", leaving out what is unknown.
  std::string text() const;
  bool operator==(const Location&) const = default;
};

/// What went wrong, as far as a caller may want to act on it. The driver maps these to exit codes.
enum class ErrorKind {
  usage,          ///< a command line or an API used wrongly
  configuration,  ///< aludel.toml
  syntax,         ///< a file, URL or document that cannot be parsed
  model,          ///< the application's structs
  schema,         ///< an operation that does not fit the schema it is applied to
  revision,       ///< revision files and their graph
  plugin,         ///< a dialect that cannot be found or loaded
  environment,    ///< the application's environment library
  connection,     ///< a database that cannot be opened or was lost
  database,       ///< a statement that failed
  constraint,     ///< rows that break a constraint
  busy,           ///< somebody else holds the lock
  guard,          ///< a guard refused (data loss, production, ...)
  half_applied,   ///< a revision stopped in the middle and can be resumed
  interrupted,    ///< Ctrl-C
  unsupported,    ///< what this dialect or version cannot do
  io,             ///< files and directories
  internal,       ///< our own fault
};

/// The one root of the library's exceptions: what failed, where, and what to do about it.
///
/// Build it fluently: `throw Error(ErrorKind::schema, "table hero does not exist").with_hint("...").at(location);`
/// Context is added on the way up with `add_context("while running 4f6c: statement 3 of 5")`, innermost first.
/// A message never carries a password. Copyable; safe to move between threads.
class ALUDEL_API Error : public std::exception {
 public:
  Error(ErrorKind kind, std::string message);
  ~Error() override;
  Error(const Error&);
  Error(Error&&) noexcept;
  Error& operator=(const Error&);
  Error& operator=(Error&&) noexcept;

  Error&& with_hint(std::string hint) &&;
  Error&& at(Location location) &&;
  Error&& in_revision(std::string revision) &&;
  /// The SQL statement that failed.
  Error&& with_statement(std::string sql) &&;
  /// The database's own code: an SQLSTATE, or "SQLITE_BUSY (5)".
  Error&& with_code(std::string code) &&;

  Error& set_hint(std::string hint) &;
  /// Sets the place unless one is known already (the innermost knows best).
  Error& set_location(Location location) &;
  Error& set_revision(std::string revision) &;
  /// Adds an outer context line.
  Error& add_context(std::string context) &;
  /// Adds a further fact, such as a rollback that failed as well.
  Error& add_note(std::string note) &;

  ErrorKind kind() const { return kind_; }
  Error& set_kind(ErrorKind kind) &;
  const std::string& message() const { return message_; }
  const std::string& hint() const { return hint_; }
  const Location& location() const { return location_; }
  const std::string& revision() const { return revision_; }
  const std::string& statement() const { return statement_; }
  const std::string& code() const { return code_; }
  const std::vector<std::string>& contexts() const { return contexts_; }
  const std::vector<std::string>& notes() const { return notes_; }

  /// The message alone, with its location in front if there is one.
  const char* what() const noexcept override;
  /// Everything, over several lines, as a person wants to read it; no trailing newline.
  std::string text() const;

 private:
  void refresh();

  ErrorKind kind_;
  std::string message_, hint_;
  Location location_;
  std::string revision_, statement_, code_;
  std::vector<std::string> contexts_, notes_;
  std::string what_;
};

/// The kind's name in snake_case, as in JSON output.
ALUDEL_API std::string_view to_string(ErrorKind kind);

}  // namespace aludel
