#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/export.hpp>

#include <string>
#include <string_view>

namespace aludel::dialect {

/// How a dialect writes scripts for its database's own client, which knows neither what a statement must give nor when to stop. An extension
/// (Dialect::extension); a dialect without it has expectations written as comments. Immutable and thread-safe.
class ALUDEL_API ScriptWriter {
 public:
  static constexpr std::string_view extension_name = "script_writer/2";

  virtual ~ScriptWriter();
  /// Lines that make the client stop at the first error, with their newlines.
  virtual std::string preamble() const = 0;
  /// Statements, with semicolons and newlines, of which one fails unless the query gives what is expected.
  virtual std::string enforced(const std::string& query, const Expectation& expectation) const = 0;
  /// The statement as the client must be told it, with what ends it and a newline. By default: with a semicolon.
  virtual std::string ended(const std::string& sql) const;
};

/// The dialect's own; null when it has none.
ALUDEL_API const ScriptWriter* script_writer(const Dialect& dialect);

/// One statement for the database's client: hazards as comments, then the statement with its semicolon and newline, or its expectation, enforced. A
/// function call becomes a comment, since no client can make it.
ALUDEL_API std::string script_text(const Dialect& dialect, const Statement& statement);
/// The whole script; empty where there is nothing to run. It commits where its statements' boundaries say so, and at its end.
ALUDEL_API std::string script_text(const Dialect& dialect, const Script& script);
/// A statement for a person to read: its expectation is a comment.
ALUDEL_API std::string readable_text(const Statement& statement);

}  // namespace aludel::dialect
