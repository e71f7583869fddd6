#include "session_extensions.hpp"

#include <fmt/format.h>

namespace aludel::postgresql {

namespace {

class PostgresqlSettings final : public dialect::SessionSettings {
 public:
  void set_timeouts(dialect::Connection& connection, const dialect::Timeouts& timeouts) const override {
    connection.execute(fmt::format("SELECT set_config('lock_timeout', '{}', false), set_config('statement_timeout', '{}', false)",
                                   timeouts.lock.count(), timeouts.statement.count()));
  }

  void reset(dialect::Connection& connection) const override {
    // RESET ALL leaves the role alone (manual, RESET); this gives both users back.
    connection.execute("SET SESSION AUTHORIZATION DEFAULT");
    connection.execute("RESET ALL");
  }
};

}  // namespace

dialect::SessionSettings& session_settings() {
  static PostgresqlSettings instance;
  return instance;
}

}  // namespace aludel::postgresql
