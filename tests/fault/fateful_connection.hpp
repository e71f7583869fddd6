#pragma once

#include <aludel/dialect/dialect.hpp>

#include <unistd.h>

#include <csignal>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace aludel::test {

/// Hands everything on to another connection, and does something at the n-th thing that is said to the database: before it, or after it.
class FatefulConnection : public dialect::Connection {
 private:
  template <class Action>
  auto fatefully(Action action) {
    tick();
    if constexpr (std::is_void_v<decltype(action())>) {
      action();
      tick();
    } else {
      auto result = action();
      tick();
      return result;
    }
  }
  void tick() {
    if (--left_ == 0) fate_();
  }

 public:
  FatefulConnection(dialect::Connection& connection, int at, std::function<void()> fate)
      : connection_(connection), left_(at), fate_(std::move(fate)) {}

  /// Did it come to that?
  bool fulfilled() const { return left_ <= 0; }

  dialect::Rows execute(std::string_view sql, std::span<const Value> parameters) override {
    return fatefully([&] { return connection_.execute(sql, parameters); });
  }
  void begin() override {
    fatefully([&] { connection_.begin(); });
  }
  void commit() override {
    fatefully([&] { connection_.commit(); });
  }
  void rollback() override {
    fatefully([&] { connection_.rollback(); });
  }
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
  int left_;
  std::function<void()> fate_;
};

/// Kills its process with SIGKILL.
class MortalConnection final : public FatefulConnection {
 public:
  MortalConnection(dialect::Connection& connection, int dies_at) : FatefulConnection(connection, dies_at, [] { kill(getpid(), SIGKILL); }) {}
};

}  // namespace aludel::test
