#include "scratch.hpp"

#include "connection.hpp"
#include "quoting.hpp"

#include <aludel/error.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <random>

namespace aludel::postgresql {

namespace {

constexpr std::string_view prefix = "aludel_scratch_";
constexpr std::int64_t stale_after = 3600;  // seconds

std::int64_t now() { return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count(); }

std::string new_name() {
  static std::atomic<unsigned> count = 0;
  std::random_device random;
  return fmt::format("{}{}_{}_{}_{:08x}", prefix, now(), getpid(), ++count, random());
}

/// Encoding and locale of the current database, as CREATE DATABASE takes them.
std::string like_current(dialect::Connection& connection) {
  const int major = connection.server().major;
  const std::string_view provider = major >= 15 ? "datlocprovider::text" : "'c'";
  const std::string_view icu = major >= 17 ? "datlocale" : major >= 15 ? "daticulocale" : "NULL";
  const auto rows = connection.execute(fmt::format(
      "SELECT pg_encoding_to_char(encoding), datcollate::text, datctype::text, {}, {} FROM pg_database WHERE datname = current_database()", provider,
      icu));
  const auto& row = rows.rows.at(0);
  std::string text = fmt::format("ENCODING {} LC_COLLATE {} LC_CTYPE {}", quote_literal(row[0]), quote_literal(row[1]), quote_literal(row[2]));
  const std::string kind = row[3].string() ? *row[3].string() : "c";
  if (kind == "i") text += " LOCALE_PROVIDER icu ICU_LOCALE " + quote_literal(row[4]);
  if (kind == "b") text += " LOCALE_PROVIDER builtin BUILTIN_LOCALE " + quote_literal(row[4]);
  return text;
}

/// Only those that nobody uses; whoever else sweeps at the same moment does no harm.
void sweep(dialect::Connection& connection) {
  const auto rows = connection.execute(
      fmt::format("SELECT datname::text FROM pg_database d WHERE datname LIKE {} AND split_part(datname::text, '_', 3) ~ '^[0-9]+$' "
                  "AND split_part(datname::text, '_', 3)::bigint < {} AND pg_has_role(datdba, 'USAGE') "
                  "AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)",
                  quote_literal(Value(std::string("aludel\\_scratch\\_%"))), now() - stale_after));
  for (const auto& row : rows.rows) try {
      connection.execute("DROP DATABASE IF EXISTS " + quote_identifier(*row[0].string()));
    } catch (const Error&) {
    }
}

class ScratchDatabase final : public dialect::Scratch {
 public:
  explicit ScratchDatabase(std::unique_ptr<Connection> administration) : administration_(std::move(administration)), name_(new_name()) {
    sweep(*administration_);
    try {
      // template0 has nothing in it that an administrator may have put into template1.
      administration_->execute(fmt::format("CREATE DATABASE {} TEMPLATE template0 {}", quote_identifier(name_), like_current(*administration_)));
    } catch (Error& error) {
      if (error.code() != "42501") throw;
      throw Error(ErrorKind::unsupported, "no scratch database can be made: " + error.message())
          .with_hint("grant CREATEDB to the user of the URL, or name another server for it (scratch_url in aludel.toml, --scratch)")
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
      administration_->execute(fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", quote_identifier(name_)));
    } catch (const std::exception&) {  // swept by a later one
    }
  }

  std::unique_ptr<Connection> administration_;
  std::string name_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace

std::unique_ptr<dialect::Scratch> make_scratch(dialect::Connection* connection, const Url* url) {
  // A session of its own: CREATE DATABASE runs in no transaction. A place that was named is there so that the database's own server is left alone.
  if (url) return std::make_unique<ScratchDatabase>(std::make_unique<Connection>(*url, dialect::ConnectOptions{}));
  if (const auto* own = dynamic_cast<Connection*>(connection)) return std::make_unique<ScratchDatabase>(std::make_unique<Connection>(*own));
  throw Error(ErrorKind::unsupported, "a scratch database for PostgreSQL needs a server to be made on")
      .with_hint("name one: scratch_url in aludel.toml, or --scratch URL");
}

}  // namespace aludel::postgresql
