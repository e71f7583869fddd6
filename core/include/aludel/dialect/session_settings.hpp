#pragma once

#include <aludel/dialect/connection.hpp>
#include <aludel/export.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace aludel::dialect {

/// How long a session's statements wait and run.
struct Timeouts {
  /// For a lock, zero: without end. What takes longer throws Error(busy).
  std::chrono::milliseconds lock{0};
  /// In all, zero: without end. What takes longer throws Error(database) saying so.
  std::chrono::milliseconds statement{0};
  bool operator==(const Timeouts&) const = default;
};

/// The session's settings that a run changes, or that a revision's SQL may leave changed behind it: the interface that
/// Dialect::extension(SessionSettings::extension_name) hands out. Immutable, thread-safe, alive as long as the dialect.
class ALUDEL_API SessionSettings {
 public:
  static constexpr std::string_view extension_name = "session_settings/1";

  virtual ~SessionSettings();
  /// From now on, for the session; called outside any transaction. One round trip. A server that counts in coarser steps rounds up.
  virtual void set_timeouts(Connection& connection, const Timeouts& timeouts) const = 0;
  /// Brings everything that SQL can leave behind in the session (search path, role, time zone, SQL mode, variables, timeouts) back to what it was
  /// right after connect. Called inside a transaction, before the journal is written, as well as outside. Keeps the transaction and the locks that
  /// Dialect::lock took.
  virtual void reset(Connection& connection) const = 0;

  /// The connection's dialect's, or null.
  static const SessionSettings* of(const Connection& connection);
};

}  // namespace aludel::dialect
