#pragma once

#include <aludel/export.hpp>
#include <aludel/op/operation.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aludel::dialect {

/// Where a statement may commit.
enum class Boundary {
  none,                 ///< with its neighbours
  commit_after,         ///< the server demands a commit behind it, or makes one itself
  outside_transaction,  ///< alone, outside any transaction
};

enum class HazardKind { lock, rewrite, scan, data_loss, not_transactional };
ALUDEL_API std::string_view to_string(HazardKind kind);

/// What a statement may do to a running system; printed by --dry-run.
struct Hazard {
  HazardKind kind;
  std::string text;
  bool operator==(const Hazard&) const = default;
};

/// Makes a statement a check: its query's first value must equal this, else the revision stops with the message.
struct Expectation {
  Value equals;
  std::string message;
  std::string details;  ///< a query whose rows (at most 10 are read) are shown with the message; may be empty
  ErrorKind kind = ErrorKind::constraint;
  bool counted = false;  ///< the found value is a number of rows and opens the message: "2 rows" + " of hero without alias"
  bool operator==(const Expectation&) const = default;
};
/// What the user reads when the query found something else: "2 rows of hero without alias, which becomes NOT NULL".
ALUDEL_API std::string failure_text(const Expectation& expectation, const Value& found);

/// A C++ function of the environment, run in the statement's place.
struct FunctionCall {
  std::string function;
  Value arguments;
  bool operator==(const FunctionCall&) const = default;
};

/// One step of a revision as the database runs it.
struct Statement {
  std::string sql;  ///< one statement without a closing semicolon; empty for a function call
  Boundary boundary = Boundary::none;
  std::vector<Hazard> hazards{};
  std::optional<std::chrono::milliseconds> lock_timeout{};
  std::optional<std::chrono::milliseconds> statement_timeout{};
  std::vector<std::size_t> operations{};  ///< which of the revision's operations (index from 0) it belongs to
  op::Operations effect{};                ///< applying these gives the schema after this statement; what a probe looks for
  std::optional<Expectation> expect{};
  std::optional<FunctionCall> call{};
  /// It changes nothing but the session, for statements behind it: a run that goes on in another session runs it there again.
  bool session_only = false;
};

/// A whole revision, rendered.
struct Script {
  std::vector<std::string> prologue;  ///< run before the transaction begins (SQLite's pragmas)
  std::vector<Statement> statements;
  std::vector<std::string> epilogue;  ///< run after commit and after rollback alike
};

}  // namespace aludel::dialect
