#pragma once

#include <aludel/dialect/connection.hpp>
#include <aludel/export.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace aludel::dialect {

/// What a dialect can tell of the other sessions of its server: the interface that Dialect::extension(Sessions::extension_name) hands out. A
/// statement that commits by itself runs on in the server after its client was killed, so nothing is probed before its session is gone. Immutable,
/// thread-safe, alive as long as the dialect.
class ALUDEL_API Sessions {
 public:
  static constexpr std::string_view extension_name = "sessions/1";

  enum class Presence {
    gone,     ///< it is certain that it does nothing any more; a server that was started anew since counts
    present,  ///< connected, idle or not, or still being ended
    unknown,  ///< the user may not see it, or the text names no session of this server
  };
  /// Who holds what Dialect::lock takes.
  struct Holder {
    std::string session;      ///< as Connection::session() of the holder says it
    std::string description;  ///< for people: "process 4711 (aludel of admin at 10.0.0.3)"
    std::string since;        ///< when the session began, RFC 3339 in UTC; empty where the server does not tell
    bool operator==(const Holder&) const = default;
  };

  virtual ~Sessions();
  /// Is the session there that `session`, another connection's Connection::session(), names? Asked with `connection`, which is not that one; never
  /// changes anything. Throws Error(connection | database).
  virtual Presence presence(Connection& connection, std::string_view session) const = 0;
  /// Ends it, with the statement that it runs. Returns when the server has been told; it may take a while until the session is gone. A session that
  /// is gone already is no error. Throws Error(database) where the user lacks the right.
  virtual void end(Connection& connection, std::string_view session) const = 0;
  /// Who holds Dialect::lock(connection, name); nullopt when nobody does, or `connection` itself.
  virtual std::optional<Holder> lock_holder(Connection& connection, std::string_view name) const = 0;

  /// The connection's dialect's, or null.
  static const Sessions* of(const Connection& connection);
};

}  // namespace aludel::dialect
