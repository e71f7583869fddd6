#include "connection.hpp"
#include "failure.hpp"
#include "lock.hpp"
#include "quoting.hpp"
#include "session_extensions.hpp"

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <vector>

namespace aludel::mysql {

namespace {

/// What Connection::session() says.
struct SessionName {
  std::uint64_t id = 0;
  std::string start, server, user;
};

std::optional<SessionName> parsed(std::string_view text) {
  const std::vector<std::string> parts = split(text, ' ');
  if (parts.size() < 4) return std::nullopt;
  SessionName name;
  const auto [end, error] = std::from_chars(parts[0].data(), parts[0].data() + parts[0].size(), name.id);
  const bool number = error == std::errc() && end == parts[0].data() + parts[0].size();
  if (!number || parts[1].size() != 10 || parts[2].size() != 8) return std::nullopt;
  name.start = parts[1] + " " + parts[2];
  name.server = parts[3];
  const std::size_t known = parts[0].size() + parts[1].size() + parts[2].size() + parts[3].size() + 4;
  if (known <= text.size()) name.user = text.substr(known);
  return name;
}

/// Two answers of one server may lie a second apart.
bool same_start(dialect::Connection& connection, const std::string& a, const std::string& b) {
  const Value apart = connection.execute(fmt::format("SELECT ABS(TIMESTAMPDIFF(SECOND, {}, {}))", quote_string(a), quote_string(b))).scalar();
  return apart.integer() && *apart.integer() <= 1;
}

/// Others' sessions are seen with PROCESS only.
bool sees_sessions_of(dialect::Connection& connection, const std::string& user) {
  const Value self = connection.execute("SELECT USER()").scalar();
  if (self.string() && self.string()->substr(0, self.string()->rfind('@')) == user) return true;
  const Value right = connection
                          .execute(
                              "SELECT COUNT(*) FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE = 'PROCESS' AND "
                              "REPLACE(GRANTEE, '''', '') = CURRENT_USER()")
                          .scalar();
  return right.integer() && *right.integer() > 0;
}

class MysqlSessions final : public dialect::Sessions {
 public:
  Presence presence(dialect::Connection& connection, std::string_view session) const override {
    const auto name = parsed(session);
    Connection* own = ours(&connection);
    if (!name || own == nullptr) return Presence::unknown;
    const SessionName here = *parsed("0 " + own->server_identity() + " ");
    if (here.server != name->server) return Presence::unknown;
    if (!same_start(connection, here.start, name->start)) return Presence::gone;
    const Value found = connection.execute(fmt::format("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = {}", name->id)).scalar();
    if (found.integer() && *found.integer() > 0) return Presence::present;
    return sees_sessions_of(connection, name->user) ? Presence::gone : Presence::unknown;
  }

  void end(dialect::Connection& connection, std::string_view session) const override {
    if (presence(connection, session) != Presence::present) return;
    try {
      connection.execute(fmt::format("KILL CONNECTION {}", parsed(session)->id));
    } catch (const Error& error) {
      constexpr unsigned no_such_thread = 1094;
      if (error_number(error) != no_such_thread) throw;
    }
  }

  std::optional<Holder> lock_holder(dialect::Connection& connection, std::string_view name) const override {
    Connection* own = ours(&connection);
    if (own == nullptr || own->is_galera()) return std::nullopt;
    const Value id = connection.execute(fmt::format("SELECT IS_USED_LOCK({})", quote_string(lock_name(connection, name)))).scalar();
    if (!id.integer() || *id.integer() == static_cast<std::int64_t>(own->id())) return std::nullopt;
    Holder holder;
    const auto rows = connection.execute(fmt::format("SELECT USER, HOST FROM information_schema.PROCESSLIST WHERE ID = {}", *id.integer()));
    const auto text = [&](std::size_t i) { return rows.empty() || !rows.rows[0][i].string() ? std::string() : *rows.rows[0][i].string(); };
    holder.session = fmt::format("{} {} {}", *id.integer(), own->server_identity(), text(0));
    holder.description = fmt::format("connection {}", *id.integer());
    if (!text(0).empty()) holder.description += fmt::format(" ({} at {})", printable(text(0), 60), printable(text(1), 60));
    return holder;
  }
};

}  // namespace

dialect::Sessions& sessions() {
  static MysqlSessions instance;
  return instance;
}

}  // namespace aludel::mysql
