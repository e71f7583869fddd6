#pragma once

#include <aludel/dialect/connection.hpp>
#include <aludel/export.hpp>

#include <memory>
#include <string_view>

namespace aludel::dialect {

/// What a dialect that can work on a connection which the application opened with the client library itself can do: the interface that
/// Dialect::extension(NativeConnection::extension_name) hands out. Immutable, thread-safe, alive as long as the dialect.
class ALUDEL_API NativeConnection {
 public:
  static constexpr std::string_view extension_name = "native_connection/1";

  virtual ~NativeConnection();
  /// Wraps the handle (sqlite3*), which stays the caller's: it is neither configured nor closed, and must outlive the result.
  ///
  /// `library` is the address of a function of the client library as the caller sees it, which one the dialect says (SQLite: sqlite3_open_v2). A
  /// plugin that is linked with another copy of the library would read the handle wrongly. Throws Error(usage) for a null handle or another copy.
  virtual std::unique_ptr<Connection> adopt(void* handle, const void* library) const = 0;
};

}  // namespace aludel::dialect
