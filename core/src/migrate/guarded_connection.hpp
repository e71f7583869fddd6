#pragma once

#include <aludel/dialect/connection.hpp>

#include <string_view>

namespace aludel::migrate {

/// Does the statement begin or end a transaction? Savepoints do not.
bool controls_transaction(std::string_view sql);
/// Throws Error(guard) if it does.
void refuse_transaction_control(std::string_view sql);

/// The run's connection as a `call` function gets it: everything but transactions, which are the runner's.
class GuardedConnection final : public dialect::Connection {
 public:
  explicit GuardedConnection(dialect::Connection& connection) : connection_(connection) {}

  dialect::Rows execute(std::string_view sql, std::span<const Value> parameters = {}) override;
  void begin() override;
  void commit() override;
  void rollback() override;
  bool in_transaction() const override { return connection_.in_transaction(); }
  const dialect::Dialect& dialect() const override { return connection_.dialect(); }
  const dialect::Server& server() const override { return connection_.server(); }
  std::string session() const override { return connection_.session(); }
  std::string description() const override { return connection_.description(); }
  std::optional<std::string> schema_token() override { return connection_.schema_token(); }
  void cancel() noexcept override { connection_.cancel(); }
  void* native_handle() noexcept override { return connection_.native_handle(); }

 private:
  dialect::Connection& connection_;
};

}  // namespace aludel::migrate
