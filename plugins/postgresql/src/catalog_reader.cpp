#include "catalog_reader.hpp"

#include <algorithm>
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

void CatalogStream::fill(CatalogBatch& batch, std::size_t count) {
  try {
    batch.next(count, [this](CatalogRows rows) { put(std::move(rows)); });
    end(nullptr);
  } catch (...) {
    end(std::current_exception());
  }
}

void CatalogReader::Lane::add(Task task, bool first) {
  {
    const std::lock_guard lock(mutex);
    waiting.insert(first ? waiting.begin() : waiting.end(), std::move(task));
  }
  changed.notify_one();
}

/// Nothing once it is to stop.
std::optional<CatalogReader::Task> CatalogReader::Lane::next() {
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return stopped || !waiting.empty(); });
  if (stopped) return std::nullopt;
  std::optional<Task> task = std::move(waiting.front());
  waiting.pop_front();
  return task;
}

void CatalogReader::Lane::work(dialect::Connection& session) {
  while (const auto task = next()) {
    try {
      CatalogBatch batch(session, {task->sql});
      task->rows->fill(batch, task->count);
    } catch (...) {
      task->rows->end(std::current_exception());
    }
  }
}

void CatalogReader::Lane::end() {
  if (!thread.joinable()) return;
  {
    const std::lock_guard lock(mutex);
    stopped = true;
    waiting.clear();
    // Whoever goes before all is read does so for an error, and nobody else can reach that session.
    if (connection) connection->cancel();
  }
  changed.notify_one();
  thread.join();
}

void CatalogReader::end() {
  sent_.clear();
  batch_.reset();
  second_.end();
  lane_.end();
}

CatalogReader::Task CatalogReader::remember(Ahead one) {
  Task task{std::move(one.sql), one.count};
  ahead_.emplace(task.sql, task.rows);
  return task;
}

void CatalogReader::send(std::vector<Ahead> queries) {
  std::vector<std::string> texts;
  for (Ahead& one : queries) {
    texts.push_back(one.sql);
    sent_.push_back(remember(std::move(one)));
  }
  batch_.emplace(connection_, std::move(texts));
}

void CatalogReader::fetch_sent() {
  sent_.front().rows->fill(*batch_, sent_.front().count);
  sent_.pop_front();
  if (sent_.empty()) batch_.reset();
}

void CatalogReader::ahead(std::vector<Ahead> queries) {
  for (Ahead& one : queries) lane_.add(remember(std::move(one)), false);
  if (!lane_.thread.joinable()) lane_.thread = std::thread([this] { lane_.work(connection_); });
}

void CatalogReader::beside(Open open, std::vector<Ahead> queries) {
  ahead({});
  for (Ahead& one : queries) second_.add(remember(std::move(one)), false);
  second_.thread = std::thread([this, open = std::move(open)] { work_beside(open); });
}

void CatalogReader::work_beside(const Open& open) {
  std::unique_ptr<dialect::Connection> session;
  const auto reach = [&](dialect::Connection* connection) {
    const std::lock_guard lock(second_.mutex);
    second_.connection = connection;
  };
  try {
    session = open();
  } catch (...) {  // the first session can do it all
    const std::lock_guard lock(second_.mutex);
    for (Task& task : second_.waiting) lane_.add(std::move(task), false);
    second_.waiting.clear();
    return;
  }
  reach(session.get());
  second_.work(*session);
  reach(nullptr);
}

std::shared_ptr<CatalogStream> CatalogReader::stream(const std::string& sql) {
  if (const auto found = ahead_.find(sql); found != ahead_.end()) {
    auto rows = std::move(found->second);
    ahead_.erase(found);
    const auto owes = [&] { return std::ranges::any_of(sent_, [&](const Task& task) { return task.rows == rows; }); };
    while (owes()) fetch_sent();
    return rows;
  }
  while (!sent_.empty()) fetch_sent();
  Task task{sql};
  auto rows = task.rows;
  if (lane_.thread.joinable()) {
    lane_.add(std::move(task), true);
    return rows;
  }
  rows->put(query_catalog(connection_, sql));
  rows->end(nullptr);
  return rows;
}

CatalogRows CatalogReader::query(const std::string& sql) {
  auto rows = stream(sql)->next();
  return rows ? *std::move(rows) : CatalogRows();
}

}  // namespace aludel::postgresql
