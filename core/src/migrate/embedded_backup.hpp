#pragma once

#include <aludel/dialect/file_database.hpp>
#include <aludel/embedded.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace aludel::embedded {

/// Where copies of a database are, and their names: "notes.db.20261122T225513.123Z.backup".
class Backups {
 public:
  /// `database` is the database's file; empty `directory`: beside it.
  Backups(std::filesystem::path database, std::filesystem::path directory);

  const std::filesystem::path& directory() const { return directory_; }
  /// Newest first.
  std::vector<std::filesystem::path> list() const;
  /// To be called by whom the lock file is locked. Writes a copy, whole or not at all, that survives a power cut and may be read by whom the database
  /// may be read by. Throws Error(io) when there is no room for it, before anything is written.
  std::filesystem::path take(dialect::Connection& connection, const dialect::FileDatabase& files) const;
  /// Removes all but the newest. Never throws.
  void prune(std::size_t keep) const noexcept;
  std::filesystem::path lock_file() const;

 private:
  bool is_ours(const std::filesystem::path& file, std::string_view ending) const;
  void sweep() const;

  std::filesystem::path database_;
  std::filesystem::path directory_;
};

/// There is less room than the copy needs.
class NoRoom : public Error {
 public:
  using Error::Error;
  explicit NoRoom(Error error) : Error(std::move(error)) {}
};

/// Held by the one process that takes a copy and upgrades; gone with the process, however it ends. Two processes would each take a copy, and the
/// slower one's might show the database after the upgrade.
class ProcessLock {
 public:
  explicit ProcessLock(std::filesystem::path file) : file_(std::move(file)) {}
  ~ProcessLock();
  ProcessLock(const ProcessLock&) = delete;
  ProcessLock& operator=(const ProcessLock&) = delete;
  /// False while another process has it. Throws Error(io).
  bool try_take();

 private:
  std::filesystem::path file_;
  int descriptor_ = -1;
};

}  // namespace aludel::embedded
