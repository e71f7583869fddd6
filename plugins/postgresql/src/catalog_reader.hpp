#pragma once

#include "catalog_rows.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
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
  void put(CatalogRows rows);
  void end(std::exception_ptr error);

  std::mutex mutex_;  ///< over what follows
  std::condition_variable changed_;
  std::deque<CatalogRows> rows_;
  std::exception_ptr error_;
  bool ended_ = false;
};

/// Asks the catalog's queries, some of them ahead on a thread of its own: while we build tables of one answer, the server works on the next. While it
/// lives nobody else may use the connection. Itself for one thread.
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

  /// Begins to ask these in this order, before anybody wants them.
  void ahead(std::vector<Ahead> queries);
  /// All rows of a query, which may have been asked ahead; others go before what still waits. Throws Error(database | connection | interrupted).
  CatalogRows query(const std::string& sql);
  /// The rows of a query as they come; what was not asked ahead gives all of them at once.
  std::shared_ptr<CatalogStream> stream(const std::string& sql);
  /// The connection is free again: waits for the query that is being answered; those behind it are not asked.
  void end();

 private:
  struct Task {
    std::string sql;
    std::size_t count = all;
    std::shared_ptr<CatalogStream> rows = std::make_shared<CatalogStream>();
  };

  std::shared_ptr<CatalogStream> enqueue(Task task, bool first);
  void work();

  dialect::Connection& connection_;
  std::map<std::string, std::shared_ptr<CatalogStream>> ahead_;
  std::thread thread_;

  std::mutex mutex_;  ///< over what follows
  std::condition_variable changed_;
  std::deque<Task> waiting_;
  bool stopped_ = false;
};

}  // namespace aludel::postgresql
