#pragma once

#include <aludel/error.hpp>
#include <aludel/export.hpp>
#include <aludel/value.hpp>

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aludel::dialect {

class Dialect;

/// Who is at the other end.
struct Server {
  std::string flavour;  ///< "sqlite", "postgresql", "mysql", "mariadb"
  int major = 0, minor = 0, patch = 0;
  std::string version;  ///< as the server says it
  /// Session settings that rendering depends on, read at connect ("foreign_keys" -> "on").
  std::map<std::string, std::string> settings{};
};

/// The result of a statement; without columns for one that returns none.
struct Rows {
  std::vector<std::string> columns;
  std::vector<std::vector<Value>> rows;
  std::int64_t affected = 0;

  bool empty() const { return rows.empty(); }
  /// The first row's first value, or null.
  Value scalar() const { return rows.empty() || rows.front().empty() ? Value() : rows.front().front(); }
};

struct ConnectOptions {
  bool create = true;  ///< a file database may be created
  bool read_only = false;
  std::chrono::milliseconds lock_wait{60'000};     ///< how long a locked database is waited for
  std::function<void(std::string_view)> notice{};  ///< warnings of the server
};

/// One session with a database. Used by one thread at a time, but for `cancel`. Never reconnects by itself. Move-free: held by unique_ptr.
class ALUDEL_API Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection();

  /// Runs exactly one statement; parameters in the dialect's own placeholder style. Throws Error(database | constraint | busy | connection |
  /// interrupted) with the statement and the database's code.
  virtual Rows execute(std::string_view sql, std::span<const Value> parameters = {}) = 0;
  /// Begins a transaction that is going to write (SQLite: BEGIN IMMEDIATE), waiting for the lock as long as the connection was told to.
  virtual void begin() = 0;
  virtual void commit() = 0;  ///< where it is refused and the transaction rolled back, in_transaction() is false afterwards
  virtual void rollback() = 0;
  virtual bool in_transaction() const = 0;

  virtual const Dialect& dialect() const = 0;
  virtual const Server& server() const = 0;
  /// Names this session so that another one can tell whether it is gone; journalled with an intent.
  virtual std::string session() const = 0;
  /// For people: the target without its password.
  virtual std::string description() const = 0;
  /// A value that changes whenever anybody changes the schema (SQLite: PRAGMA schema_version); nullopt where there is none.
  virtual std::optional<std::string> schema_token();
  /// Aborts the running statement, from any thread or a signal handler; it then throws Error(interrupted).
  virtual void cancel() noexcept = 0;
  /// The client library's own handle (sqlite3*), for applications that know it; null where there is none.
  virtual void* native_handle() noexcept;
};

}  // namespace aludel::dialect
