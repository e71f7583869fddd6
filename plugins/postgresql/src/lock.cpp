#include "lock.hpp"

#include "quoting.hpp"
#include "session_extensions.hpp"

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace aludel::postgresql {

namespace {

std::string keys(std::string_view name) { return fmt::format("{}, hashtext({})", lock_class, quote_literal(Value(name))); }

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
      const auto holder = sessions().lock_holder(connection, name);  // may have gone just now
      throw Error(ErrorKind::busy, fmt::format("another runner is at work{}", holder ? ": " + holder->description : ""))
          .with_hint("wait until it is done, or give more time with lock_wait (--lock-wait)");
    }
    std::this_thread::sleep_for(std::min(pause, left));
  }
}

}  // namespace aludel::postgresql
