#pragma once

#include <aludel/error.hpp>

#include <string>
#include <string_view>

struct sqlite3;

namespace aludel::sqlite {

/// "SQLITE_BUSY (5)", "SQLITE_CONSTRAINT_UNIQUE (2067)".
std::string code_name(int extended_code);

/// The error for a result code: its kind, SQLite's own message with the file, and what to do about it. `handle` may be null; `file` is the database
/// as messages call it.
Error failure(int extended_code, sqlite3* handle, const std::string& file, std::string_view sql);

}  // namespace aludel::sqlite
