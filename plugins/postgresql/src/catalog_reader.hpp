#pragma once

#include "catalog_rows.hpp"

#include <condition_variable>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace aludel::postgresql {

/// Asks the catalog's queries, some of them ahead on a thread of its own: while we build tables of one answer, the server works on the next. While it
/// lives nobody else may use the connection. Itself for one thread.
class CatalogReader {
 public:
  explicit CatalogReader(dialect::Connection& connection) : connection_(connection) {}
  CatalogReader(const CatalogReader&) = delete;
  CatalogReader& operator=(const CatalogReader&) = delete;
  ~CatalogReader() { end(); }

  /// Begins to ask these in this order, before anybody wants them.
  void ahead(std::vector<std::string> queries);
  /// The rows of a query, which may have been asked ahead; others go before what still waits. Throws Error(database | connection | interrupted).
  CatalogRows query(const std::string& sql);
  /// The connection is free again: waits for the query that is being answered; those behind it are not asked.
  void end();

 private:
  struct Task {
    std::string sql;
    std::promise<CatalogRows> rows;
  };

  std::future<CatalogRows> enqueue(std::string sql, bool first);
  void work();

  dialect::Connection& connection_;
  std::map<std::string, std::future<CatalogRows>> ahead_;
  std::thread thread_;

  std::mutex mutex_;  ///< over what follows
  std::condition_variable changed_;
  std::deque<Task> waiting_;
  bool stopped_ = false;
};

}  // namespace aludel::postgresql
