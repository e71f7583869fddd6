#include "catalog_reader.hpp"

#include <exception>
#include <utility>

namespace aludel::postgresql {

void CatalogReader::end() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    waiting_.clear();
  }
  changed_.notify_one();
  thread_.join();
}

void CatalogReader::ahead(std::vector<std::string> queries) {
  for (std::string& sql : queries) {
    std::future<CatalogRows> rows = enqueue(sql, false);
    ahead_.emplace(std::move(sql), std::move(rows));
  }
  if (!thread_.joinable()) thread_ = std::thread(&CatalogReader::work, this);
}

CatalogRows CatalogReader::query(const std::string& sql) {
  if (const auto found = ahead_.find(sql); found != ahead_.end()) {
    std::future<CatalogRows> rows = std::move(found->second);
    ahead_.erase(found);
    return rows.get();
  }
  if (!thread_.joinable()) return query_catalog(connection_, sql);
  return enqueue(sql, true).get();
}

std::future<CatalogRows> CatalogReader::enqueue(std::string sql, bool first) {
  Task task{std::move(sql), {}};
  std::future<CatalogRows> rows = task.rows.get_future();
  {
    const std::lock_guard lock(mutex_);
    waiting_.insert(first ? waiting_.begin() : waiting_.end(), std::move(task));
  }
  changed_.notify_one();
  return rows;
}

void CatalogReader::work() {
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stopped_ || !waiting_.empty(); });
    if (stopped_) return;
    Task task = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    try {
      task.rows.set_value(query_catalog(connection_, task.sql));
    } catch (...) {
      task.rows.set_exception(std::current_exception());
    }
  }
}

}  // namespace aludel::postgresql
