#pragma once

#include <aludel/dialect/connection.hpp>
#include <aludel/error.hpp>
#include <aludel/export.hpp>

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace aludel::dialect {

/// What a dialect whose databases are files can do besides: the interface that Dialect::extension(FileDatabase::extension_name) hands out. Immutable,
/// thread-safe, alive as long as the dialect.
class ALUDEL_API FileDatabase {
 public:
  static constexpr std::string_view extension_name = "file_database/1";

  virtual ~FileDatabase();
  /// The database's file; empty for one that is in memory or temporary.
  virtual std::filesystem::path file(Connection& connection) const = 0;
  /// The most bytes that a copy takes; 0 for a database with nothing in it.
  virtual std::uintmax_t size(Connection& connection) const = 0;
  /// Writes a consistent copy into `target`, which does not exist or is empty. Not inside a transaction. Others may read and write meanwhile.
  virtual void copy_to(Connection& connection, const std::filesystem::path& target) const = 0;
  /// Makes the connection's database what the copy is, in one transaction: whole or not at all. Throws Error(busy) at once when it is locked,
  /// Error(connection) when the copy is no database or a damaged one.
  virtual void restore_from(Connection& connection, const std::filesystem::path& copy) const = 0;
  /// Is this what the dialect throws when the disk, a quota or the database itself is full?
  virtual bool is_full(const Error& error) const = 0;

  /// The connection's, or null.
  static const FileDatabase* of(const Connection& connection);
};

}  // namespace aludel::dialect
