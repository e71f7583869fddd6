#pragma once

#include "conninfo.hpp"
#include "pqxx_session.hpp"

#include <aludel/dialect/dialect.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace aludel::postgresql {

/// One PostgreSQL session. See dialect::Connection; `cancel` may come from any thread or a signal handler.
class Connection final : public dialect::Connection {
 public:
  /// Throws Error(connection | usage | unsupported) naming the server.
  Connection(const Url& url, const dialect::ConnectOptions& options);
  /// Another session with the same database.
  explicit Connection(const Connection& other);
  /// Another session with another database of the same server, a scratch database.
  Connection(const Connection& other, const std::string& database);
  ~Connection() override;

  dialect::Rows execute(std::string_view sql, std::span<const Value> parameters = {}) override;
  void begin() override;
  void commit() override;
  void rollback() override;
  bool in_transaction() const override;
  const dialect::Dialect& dialect() const override;
  const dialect::Server& server() const override { return server_; }
  std::string session() const override;
  std::string description() const override { return description_; }
  /// Is nothing in between that hands out sessions?
  bool reaches_server() const { return !session_pooler_; }
  void cancel() noexcept override;
  void* native_handle() noexcept override { return session_->handle(); }

 private:
  Connection(Conninfo info, std::string description, std::string target, bool session_pooler, bool writes,
             std::function<void(std::string_view)> notice);
  void read_server();
  void name_session();
  void refuse_poolers() const;

  Conninfo info_;
  std::string description_;
  std::string target_;  ///< the database as messages call it
  bool session_pooler_;
  std::function<void(std::string_view)> notice_;
  std::unique_ptr<PqxxSession> session_;
  std::unique_ptr<PGcancel, void (*)(PGcancel*)> cancel_{nullptr, &PQfreeCancel};
  dialect::Server server_;
  std::optional<std::string> session_name_;  ///< once it was asked for
  std::int64_t server_pid_ = 0;
  std::atomic<bool> cancelled_{false};
};

/// Runs a query with the rights of the user who logged in, whatever role the URL or a revision has switched to; not so inside a transaction.
dialect::Rows as_session_user(dialect::Connection& connection, std::string_view sql, std::span<const Value> parameters = {});

}  // namespace aludel::postgresql
