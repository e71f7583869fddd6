#pragma once

#include <sqlite3.h>

#include <memory>
#include <stdexcept>
#include <string>

/// As little of SQLite as the program needs.
namespace notes {

using Database = std::unique_ptr<sqlite3, int (*)(sqlite3*)>;
using Statement = std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)>;

inline Database open(const std::string& file) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open(file.c_str(), &handle);
  Database database(handle, sqlite3_close);
  if (code != SQLITE_OK) throw std::runtime_error("cannot open " + file + ": " + sqlite3_errmsg(handle));
  return database;
}

inline Statement prepare(sqlite3* database, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database, sql, -1, &statement, nullptr) != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(database));
  return {statement, sqlite3_finalize};
}

inline std::string text(const Statement& statement, int column) {
  const auto* value = reinterpret_cast<const char*>(sqlite3_column_text(statement.get(), column));
  return value != nullptr ? value : "";
}

inline void run(sqlite3* database, const char* sql, const std::string& parameter) {
  const auto statement = prepare(database, sql);
  sqlite3_bind_text(statement.get(), 1, parameter.c_str(), -1, SQLITE_TRANSIENT);
  if (sqlite3_step(statement.get()) != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(database));
}

}  // namespace notes
