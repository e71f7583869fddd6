#include "connection.hpp"
#include "lock.hpp"
#include "quoting.hpp"
#include "session_extensions.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <cctype>
#include <utility>

namespace aludel::postgresql {

namespace {

/// Without the right to see other users' sessions their start is hidden; the process number alone comes back one day.
constexpr std::string_view presence_query = R"(
SELECT backend_start = $2::timestamptz
FROM pg_stat_activity
WHERE pid = $1::int
)";

constexpr std::string_view end_query = R"(
SELECT pg_terminate_backend(pid)
FROM pg_stat_activity
WHERE pid = $1::int AND backend_start = $2::timestamptz
)";

constexpr std::string_view holder_query = R"(
SELECT a.pid, coalesce(a.backend_start::text, ''), coalesce(a.application_name, ''), coalesce(a.usename::text, ''),
       coalesce(a.client_addr::text, 'a local socket'),
       coalesce(to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '')
FROM pg_locks l
JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
  AND l.classid = $1::bigint::oid
  AND l.objid = (hashtext($2)::bigint & 4294967295)::oid
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.pid <> pg_backend_pid()
)";

/// "4711" and "2026-11-28 21:03:01.123456+00" of what Connection::session() says.
std::optional<std::vector<Value>> parts_of(std::string_view session) {
  const auto space = session.find(' ');
  if (space == 0 || space == std::string_view::npos || space > 9) return std::nullopt;
  for (const char c : session.substr(0, space))
    if (std::isdigit(static_cast<unsigned char>(c)) == 0) return std::nullopt;
  const std::string_view start = session.substr(space + 1);
  if (start.empty() || std::isdigit(static_cast<unsigned char>(start.front())) == 0) return std::nullopt;
  return std::vector<Value>{Value(session.substr(0, space)), Value(start)};
}

class PostgresqlSessions final : public dialect::Sessions {
 public:
  Presence presence(dialect::Connection& connection, std::string_view session) const override {
    const auto parts = parts_of(session);
    if (!parts) return Presence::unknown;
    const auto rows = as_session_user(connection, presence_query, *parts);
    if (rows.empty()) return Presence::gone;
    const Value answer = rows.scalar();
    const bool* same = answer.boolean();
    if (same == nullptr) return Presence::unknown;
    return *same ? Presence::present : Presence::gone;
  }

  void end(dialect::Connection& connection, std::string_view session) const override {
    if (const auto parts = parts_of(session)) as_session_user(connection, end_query, *parts);
  }

  std::optional<Holder> lock_holder(dialect::Connection& connection, std::string_view name) const override {
    const auto rows = connection.execute(holder_query, std::vector<Value>{Value(lock_class), Value(name)});
    if (rows.empty()) return std::nullopt;
    const auto& row = rows.rows.front();
    const auto text = [&](std::size_t i) { return *row[i].string(); };
    const std::string process = std::to_string(*row[0].integer());
    Holder holder;
    if (!text(1).empty()) holder.session = process + " " + text(1);
    holder.description = fmt::format("process {} ({} of {} at {})", process, text(2).empty() ? "somebody" : printable(text(2), 60),
                                     text(3).empty() ? "somebody" : printable(text(3), 60), printable(text(4), 60));
    holder.since = text(5);
    return holder;
  }
};

}  // namespace

dialect::Sessions& sessions() {
  static PostgresqlSessions instance;
  return instance;
}

}  // namespace aludel::postgresql
