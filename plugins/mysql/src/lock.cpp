#include "lock.hpp"

#include "connection.hpp"
#include "quoting.hpp"
#include "session_extensions.hpp"

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace aludel::mysql {

namespace {

class NamedLock final : public dialect::Lock {
 public:
  NamedLock(dialect::Connection& connection, std::string name) : connection_(connection), name_(std::move(name)) {}
  ~NamedLock() override {
    try {
      connection_.execute(fmt::format("SELECT RELEASE_LOCK({})", quote_string(name_)));
    } catch (const std::exception&) {  // the session is gone, and the lock with it
    }
  }
  NamedLock(const NamedLock&) = delete;
  NamedLock& operator=(const NamedLock&) = delete;

 private:
  dialect::Connection& connection_;
  std::string name_;
};

class NoLock final : public dialect::Lock {};

}  // namespace

std::string lock_name(dialect::Connection& connection, std::string_view name) {
  const Value database = connection.execute("SELECT DATABASE()").scalar();
  return "aludel_" + sha256((database.string() ? *database.string() : "") + "\n" + std::string(name)).substr(0, 40);
}

std::unique_ptr<dialect::Lock> take_lock(dialect::Connection& connection, std::string_view name, std::chrono::milliseconds wait) {
  const Connection* own = ours(&connection);
  if (own != nullptr && own->is_galera()) return std::make_unique<NoLock>();
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + wait;
  const std::string key = lock_name(connection, name);
  const std::string sql = fmt::format("SELECT GET_LOCK({}, 0)", quote_string(key));
  for (std::chrono::milliseconds pause(5);; pause = std::min(pause * 2, std::chrono::milliseconds(250))) {
    const Value taken = connection.execute(sql).scalar();
    if (taken.integer() && *taken.integer() == 1) return std::make_unique<NamedLock>(connection, key);
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) {
      const auto holder = sessions().lock_holder(connection, name);  // may have gone just now
      throw Error(ErrorKind::busy, fmt::format("another runner is at work{}", holder ? ": " + holder->description : ""))
          .with_hint("wait until it is done, or give more time with lock_wait (--lock-wait)");
    }
    std::this_thread::sleep_for(std::min(pause, left));
  }
}

}  // namespace aludel::mysql
