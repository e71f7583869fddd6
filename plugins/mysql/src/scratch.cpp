#include "scratch.hpp"

#include "connection.hpp"
#include "failure.hpp"
#include "quoting.hpp"

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <random>

namespace aludel::mysql {

namespace {

constexpr std::string_view prefix = "aludel_scratch_";
constexpr std::int64_t stale_after = 3600;  // seconds

std::int64_t now() { return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count(); }

std::string new_name() {
  static std::atomic<unsigned> count = 0;
  std::random_device random;
  return fmt::format("{}{}_{}_{}_{:08x}", prefix, now(), getpid(), ++count, random());
}

/// Whoever else sweeps at the same moment does no harm.
void sweep(dialect::Connection& connection) {
  const auto rows = connection.execute("SHOW DATABASES LIKE 'aludel\\_scratch\\_%'");
  for (const auto& row : rows.rows) {
    const std::string* name = row[0].string();
    if (name == nullptr || name->size() <= prefix.size()) continue;
    std::int64_t made = 0;
    const auto [end, error] = std::from_chars(name->data() + prefix.size(), name->data() + name->size(), made);
    if (error != std::errc() || *end != '_' || made > now() - stale_after) continue;
    try {
      const Value used =
          connection.execute(fmt::format("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = {}", quote_string(*name))).scalar();
      if (used.integer() && *used.integer() > 0) continue;
      connection.execute("DROP DATABASE IF EXISTS " + quote_identifier(*name));
    } catch (const Error&) {
    }
  }
}

class ScratchDatabase final : public dialect::Scratch {
 public:
  explicit ScratchDatabase(std::unique_ptr<Connection> administration) : administration_(std::move(administration)), name_(new_name()) {
    sweep(*administration_);
    const std::string& collation = administration_->server().settings.at("collation_database");
    try {
      administration_->execute(fmt::format("CREATE DATABASE {} CHARACTER SET {} COLLATE {}", quote_identifier(name_),
                                           administration_->server().settings.at("character_set_database"), collation));
    } catch (Error& error) {
      const unsigned number = error_number(error);
      if (number != 1044 && number != 1142 && number != 1227) throw;
      throw Error(ErrorKind::unsupported, "no scratch database can be made: " + error.message())
          .with_hint(
              "grant the user of the URL all rights on `aludel\\_scratch\\_%`.*, or name another server for it (scratch_url in aludel.toml, "
              "--scratch)")
          .with_code(error.code());
    }
    try {
      connection_ = std::make_unique<Connection>(*administration_, name_);
    } catch (...) {
      drop();
      throw;
    }
  }
  ~ScratchDatabase() override {
    connection_.reset();
    drop();
  }
  ScratchDatabase(const ScratchDatabase&) = delete;
  ScratchDatabase& operator=(const ScratchDatabase&) = delete;

  dialect::Connection& connection() override { return *connection_; }

 private:
  void drop() noexcept {
    try {
      administration_->execute("DROP DATABASE IF EXISTS " + quote_identifier(name_));
    } catch (const std::exception&) {  // swept by a later one
    }
  }

  std::unique_ptr<Connection> administration_;
  std::string name_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace

std::unique_ptr<dialect::Scratch> make_scratch(dialect::Connection* connection, const Url* url) {
  if (const Connection* own = ours(connection)) {
    // A session of its own: CREATE DATABASE would commit the caller's transaction.
    return std::make_unique<ScratchDatabase>(std::make_unique<Connection>(*own, own->database()));
  }
  if (url == nullptr) {
    throw Error(ErrorKind::unsupported, "a scratch database for MySQL or MariaDB needs a server to be made on")
        .with_hint("name one: scratch_url in aludel.toml, or --scratch URL");
  }
  return std::make_unique<ScratchDatabase>(std::make_unique<Connection>(*url, dialect::ConnectOptions{}));
}

}  // namespace aludel::mysql
