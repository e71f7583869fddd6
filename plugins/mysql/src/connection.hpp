#pragma once

#include "conninfo.hpp"

#include <aludel/dialect/dialect.hpp>

#include <semaphore.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace aludel::mysql {

/// One session with a MySQL or MariaDB server. See dialect::Connection; `cancel` may come from any thread or a signal handler.
class Connection final : public dialect::Connection {
 public:
  /// Throws Error(connection | usage | unsupported | busy) naming the server.
  Connection(const Url& url, const dialect::ConnectOptions& options);
  /// Another session with another database of the same server; empty: with none.
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
  void cancel() noexcept override;
  void* native_handle() noexcept override { return handle_; }

  /// What one statement of a batch brought.
  struct Answer {
    std::string text;    ///< the wanted column of its first row
    unsigned error = 0;  ///< the server's number, where it failed
    std::string message;
  };
  /// Sends queries, of which each returns one row, many in one packet; answers come in their order, errors among them. `columns` says for each query
  /// which column is wanted. Throws Error(connection) when the connection is lost.
  std::vector<Answer> ask_all(const std::vector<std::string>& queries, const std::vector<std::size_t>& columns);

  const std::string& database() const { return info_.database; }
  /// Tells the application something that is no error.
  void notice(std::string_view text) const {
    if (notice_) notice_(text);
  }
  bool is_mariadb() const { return server_.flavour == "mariadb"; }
  /// A member of a Galera cluster, where GET_LOCK is of one node alone.
  bool is_galera() const;
  unsigned long id() const { return id_; }
  /// Brings the session back to what it was right after connect, but for user variables. Keeps an open transaction and locks.
  void restore_session();
  /// "2026-11-28 20:55:01 8a94f357-aab4-11df-86ab-c80aa9429562": when the server started, as it says, and which one it is: MySQL's server_uuid, the
  /// node's name in a Galera cluster, else "-".
  std::string server_identity();

 private:
  Connection(Conninfo info, std::string description, std::function<void(std::string_view)> notice);
  void read_server();
  void set_session();
  /// Does the server know invisible primary keys that it makes by itself?
  bool may_add_keys() const;
  void keep_from_adding_keys();
  std::string session_assignments() const;
  void watch() noexcept;
  void query(std::string_view sql);
  std::string bound(std::string_view sql, std::span<const Value> parameters) const;

  Conninfo info_;
  std::string description_;
  std::string target_;
  std::function<void(std::string_view)> notice_;
  MYSQL* handle_ = nullptr;
  unsigned long id_ = 0;
  dialect::Server server_;
  mutable std::string session_name_;
  std::string user_;  ///< as the server knows it, without its host
  std::string role_;  ///< MariaDB's, quoted; NONE
  std::string connection_collation_;

  // A signal handler may do nothing but post the semaphore; the thread behind it opens the second connection that KILL QUERY needs.
  sem_t asked_to_cancel_;
  std::atomic<bool> closing_{false};
  std::atomic<bool> cancelled_{false};
  std::thread canceller_;
};

/// The connection as ours, also behind one that hands everything on to it; null for another dialect's.
Connection* ours(dialect::Connection* connection);

}  // namespace aludel::mysql
