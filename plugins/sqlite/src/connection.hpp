#pragma once

#include <aludel/dialect/dialect.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

struct sqlite3;

namespace aludel::sqlite {

/// One SQLite session. See dialect::Connection; `cancel` may come from any thread or a signal handler, also while a lock is being waited for.
class Connection final : public dialect::Connection {
 public:
  /// Opens a file or an in-memory database. Throws Error(connection | busy | usage) naming the file.
  Connection(const Url& url, const dialect::ConnectOptions& options);
  /// Wraps a handle that stays the caller's.
  explicit Connection(sqlite3* handle);
  ~Connection() override;

  dialect::Rows execute(std::string_view sql, std::span<const Value> parameters = {}) override;
  /// Every row's texts, valid until the next row; null is an empty one.
  void each_text_row(std::string_view sql, const std::function<void(std::span<const std::string_view>)>& take);
  void begin() override;
  void commit() override;
  void rollback() override;
  bool in_transaction() const override;
  const dialect::Dialect& dialect() const override;
  const dialect::Server& server() const override { return server_; }
  std::string session() const override;
  std::string description() const override { return description_; }
  std::optional<std::string> schema_token() override;
  void cancel() noexcept override;
  void* native_handle() noexcept override;

 private:
  static int wait_for_lock(void* self, int attempt);
  void open(const std::string& path, const dialect::ConnectOptions& options, bool memory);
  void probe();
  void read_server();
  void refuse_temporary_shadows();
  [[noreturn]] void fail(int code, std::string_view sql) const;

  sqlite3* handle_ = nullptr;
  bool owned_ = false;
  std::string description_;
  std::string target_;  ///< the file as messages call it
  dialect::Server server_;
  std::chrono::milliseconds lock_wait_{0};
  std::chrono::steady_clock::time_point waiting_since_{};
  std::atomic<bool> cancelled_{false};
};

}  // namespace aludel::sqlite
