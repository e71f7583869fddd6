#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/export.hpp>

#include <memory>
#include <string>

struct sqlite3;

/// The SQLite dialect, for programs that link it statically instead of loading it as a plugin.
namespace aludel::sqlite {

/// The dialect itself: immutable, thread-safe, alive as long as the process.
ALUDEL_API const dialect::Dialect& dialect();

/// Wraps a connection that the application opened itself. The handle stays the application's: it is neither configured nor closed, so its own
/// busy timeout and its own `foreign_keys` setting are in force, and it must outlive the result. Throws Error(usage) for a null handle.
ALUDEL_API std::unique_ptr<dialect::Connection> adopt(sqlite3* handle);

}  // namespace aludel::sqlite
