#include "connection.hpp"
#include "session_extensions.hpp"

#include <aludel/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace aludel::mysql {

namespace {

Connection& own(dialect::Connection& connection) {
  Connection* found = ours(&connection);
  if (found == nullptr) throw Error(ErrorKind::usage, "the connection is none of MySQL's or MariaDB's");
  return *found;
}

class MysqlSettings final : public dialect::SessionSettings {
 public:
  /// Locks are waited for in whole seconds. MySQL has no limit for anything but SELECT.
  void set_timeouts(dialect::Connection& connection, const dialect::Timeouts& timeouts) const override {
    constexpr std::int64_t a_year = 31'536'000;  // the most that both take
    const std::int64_t lock = timeouts.lock.count() <= 0 ? a_year : std::min<std::int64_t>(a_year, (timeouts.lock.count() + 999) / 1000);
    const std::int64_t statement = std::max<std::int64_t>(0, timeouts.statement.count());
    const std::string limit = own(connection).is_mariadb() ? fmt::format("max_statement_time = {}.{:03}", statement / 1000, statement % 1000)
                                                           : fmt::format("max_execution_time = {}", statement);
    connection.execute(fmt::format("SET SESSION lock_wait_timeout = {}, innodb_lock_wait_timeout = {}, {}", lock, lock, limit));
  }

  void reset(dialect::Connection& connection) const override { own(connection).restore_session(); }
};

}  // namespace

dialect::SessionSettings& session_settings() {
  static MysqlSettings instance;
  return instance;
}

}  // namespace aludel::mysql
