#include "lock.hpp"

#include "quoting.hpp"

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace aludel::postgresql {

namespace {

/// The first key is ours, "alud", so that an application's own advisory locks are not met by chance.
constexpr int first_key = 0x616c7564;

std::string keys(std::string_view name) { return fmt::format("{}, hashtext({})", first_key, quote_literal(Value(name))); }

class AdvisoryLock final : public dialect::Lock {
 public:
  AdvisoryLock(dialect::Connection& connection, std::string_view name) : connection_(connection), keys_(keys(name)) {}
  ~AdvisoryLock() override {
    try {
      connection_.execute(fmt::format("SELECT pg_advisory_unlock({})", keys_));
    } catch (const std::exception&) {  // the session is gone, and the lock with it
    }
  }
  AdvisoryLock(const AdvisoryLock&) = delete;
  AdvisoryLock& operator=(const AdvisoryLock&) = delete;

 private:
  dialect::Connection& connection_;
  std::string keys_;
};

/// "process 4711 (aludel of admin at 10.0.0.3)"; empty when it has just gone.
std::string holder_of(dialect::Connection& connection, std::string_view name) {
  const auto rows = connection.execute(fmt::format(
      "SELECT a.pid, a.application_name, a.usename::text, coalesce(a.client_addr::text, 'a local socket') "
      "FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE l.locktype = 'advisory' AND l.granted AND l.classid = {}::oid "
      "AND l.objid = (hashtext({})::bigint & 4294967295)::oid AND l.objsubid = 2 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
      first_key, quote_literal(Value(name))));
  if (rows.empty()) return {};
  const auto text = [&](std::size_t i) { return rows.rows[0][i].is_null() ? std::string("somebody") : *rows.rows[0][i].string(); };
  return fmt::format("process {} ({} of {} at {})", *rows.rows[0][0].integer(), printable(text(1), 60), printable(text(2), 60), printable(text(3), 60));
}

}  // namespace

std::unique_ptr<dialect::Lock> take_lock(dialect::Connection& connection, std::string_view name, std::chrono::milliseconds wait) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + wait;
  const std::string sql = fmt::format("SELECT pg_try_advisory_lock({})", keys(name));
  for (std::chrono::milliseconds pause(5);; pause = std::min(pause * 2, std::chrono::milliseconds(250))) {
    const Value taken = connection.execute(sql).scalar();
    if (taken.boolean() && *taken.boolean()) return std::make_unique<AdvisoryLock>(connection, name);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) {
      const std::string holder = holder_of(connection, name);
      throw Error(ErrorKind::busy, fmt::format("another runner is at work{}", holder.empty() ? "" : ": " + holder))
          .with_hint("wait until it is done, or give more time with lock_wait (--lock-wait)");
    }
    std::this_thread::sleep_for(std::min(pause, left));
  }
}

}  // namespace aludel::postgresql
