#include "catalog_reader.hpp"

#include <utility>

namespace aludel::postgresql {

std::optional<CatalogRows> CatalogStream::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return ended_ || !rows_.empty(); });
  if (rows_.empty()) {
    if (error_) std::rethrow_exception(error_);
    return std::nullopt;
  }
  std::optional<CatalogRows> rows = std::move(rows_.front());
  rows_.pop_front();
  return rows;
}

void CatalogStream::put(CatalogRows rows) {
  {
    const std::lock_guard lock(mutex_);
    rows_.push_back(std::move(rows));
  }
  changed_.notify_one();
}

void CatalogStream::end(std::exception_ptr error) {
  {
    const std::lock_guard lock(mutex_);
    error_ = std::move(error);
    ended_ = true;
  }
  changed_.notify_one();
}

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

void CatalogReader::ahead(std::vector<Ahead> queries) {
  for (Ahead& one : queries) {
    Task task{one.sql, one.count};
    ahead_.emplace(std::move(one.sql), enqueue(std::move(task), false));
  }
  if (!thread_.joinable()) thread_ = std::thread(&CatalogReader::work, this);
}

std::shared_ptr<CatalogStream> CatalogReader::stream(const std::string& sql) {
  if (const auto found = ahead_.find(sql); found != ahead_.end()) {
    auto rows = std::move(found->second);
    ahead_.erase(found);
    return rows;
  }
  if (thread_.joinable()) return enqueue({sql}, true);
  auto rows = std::make_shared<CatalogStream>();
  rows->put(query_catalog(connection_, sql));
  rows->end(nullptr);
  return rows;
}

CatalogRows CatalogReader::query(const std::string& sql) {
  auto rows = stream(sql)->next();
  return rows ? *std::move(rows) : CatalogRows();
}

std::shared_ptr<CatalogStream> CatalogReader::enqueue(Task task, bool first) {
  auto rows = task.rows;
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
    const Task task = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    try {
      copy_catalog(connection_, task.sql, task.count, [&](CatalogRows rows) { task.rows->put(std::move(rows)); });
      task.rows->end(nullptr);
    } catch (...) {
      task.rows->end(std::current_exception());
    }
  }
}

}  // namespace aludel::postgresql
