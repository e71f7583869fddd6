#pragma once

#include "catalog_rows.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace aludel::postgresql {

/// Rows on their way from the thread that reads them to the one that wants them.
class CatalogStream {
 public:
  /// The next rows; nothing behind the last. Throws what the query did.
  std::optional<CatalogRows> next();

 private:
  friend class CatalogReader;
  /// Takes the batch's next answer; an error is for whoever wants the rows.
  void fill(CatalogBatch& batch, std::size_t count);
  void put(CatalogRows rows);
  void end(std::exception_ptr error);

  std::mutex mutex_;  ///< over what follows
  std::condition_variable changed_;
  std::deque<CatalogRows> rows_;
  std::exception_ptr error_;
  bool ended_ = false;
};

/// Asks the catalog's queries ahead: while we build tables of one answer, the server works on the next. While it lives nobody else may use the
/// connection. Itself for one thread.
class CatalogReader {
 public:
  explicit CatalogReader(dialect::Connection& connection) : connection_(connection) {}
  CatalogReader(const CatalogReader&) = delete;
  CatalogReader& operator=(const CatalogReader&) = delete;
  ~CatalogReader() { end(); }

  /// A query and how many of its rows are wanted at a time.
  struct Ahead {
    std::string sql;
    std::size_t count = all;
  };
  static constexpr std::size_t all = SIZE_MAX;
  using Open = std::function<std::unique_ptr<dialect::Connection>()>;

  /// Sends these, to be wanted in this order; others wait for all of them. For small answers.
  void send(std::vector<Ahead> queries);
  /// Begins to fetch these in this order on a thread of its own; others go before what still waits.
  void ahead(std::vector<Ahead> queries);
  /// The same in a second session at the same time, which must see what the first one sees. Where `open` throws, they are asked in the first.
  void beside(Open open, std::vector<Ahead> queries);
  /// All rows of a query, which may have been asked ahead. Throws Error(database | connection | interrupted).
  CatalogRows query(const std::string& sql);
  /// The rows of a query as they come; what was not asked ahead gives all of them at once.
  std::shared_ptr<CatalogStream> stream(const std::string& sql);
  /// The connection is free again: waits for what is being answered; what is behind it is not asked.
  void end();

 private:
  struct Task {
    std::string sql;
    std::size_t count = all;
    std::shared_ptr<CatalogStream> rows = std::make_shared<CatalogStream>();
  };
  /// What one session has to do, on a thread of its own.
  struct Lane {
    std::thread thread;
    std::mutex mutex;  ///< over what follows
    std::condition_variable changed;
    std::deque<Task> waiting;
    dialect::Connection* connection = nullptr;  ///< while a second session's answers
    bool stopped = false;

    void add(Task task, bool first);
    std::optional<Task> next();
    void work(dialect::Connection& connection);
    void end();
  };

  Task remember(Ahead one);
  void fetch_sent();
  void work_beside(const Open& open);

  dialect::Connection& connection_;
  std::map<std::string, std::shared_ptr<CatalogStream>> ahead_;
  std::optional<CatalogBatch> batch_;
  std::deque<Task> sent_;  ///< what the batch still owes
  Lane lane_, second_;
};

}  // namespace aludel::postgresql
