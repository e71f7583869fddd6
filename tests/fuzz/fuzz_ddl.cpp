// Any bytes as a script of CREATE statements. What SQLite takes, our parser must read, and say of it what SQLite's pragmas say; what it does not
// take may be refused in any way that is an Error.
#include <aludel/dialect/dialect.hpp>
#include <aludel/error.hpp>
#include <aludel/sqlite/sqlite.hpp>

#include <sqlite3.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

namespace {

using aludel::Error;

/// Nothing but definitions, and none that leave the database in memory.
int allow_definitions(void*, int action, const char*, const char*, const char*, const char*) {
  return action == SQLITE_ATTACH || action == SQLITE_DETACH || action == SQLITE_PRAGMA || action == SQLITE_CREATE_VTABLE ? SQLITE_DENY : SQLITE_OK;
}

std::set<std::string> column_names(sqlite3* database, const std::string& table) {
  std::set<std::string> names;
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(database, "SELECT name FROM pragma_table_xinfo(?)", -1, &statement, nullptr);
  sqlite3_bind_text(statement, 1, table.data(), static_cast<int>(table.size()), SQLITE_TRANSIENT);
  while (sqlite3_step(statement) == SQLITE_ROW) names.emplace(reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)));
  sqlite3_finalize(statement);
  return names;
}

[[noreturn]] void fail(const char* what, std::string_view detail) {
  std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(detail.size()), detail.data());
  std::abort();
}

void check(sqlite3* database) {
  const auto connection = aludel::sqlite::adopt(database);
  aludel::schema::Metadata metadata;
  try {
    metadata = aludel::sqlite::dialect().introspector().introspect(*connection, {});
  } catch (const Error& error) {
    fail("SQLite took what we cannot read", error.text());
  }
  for (const auto& [name, table] : metadata.tables) {
    std::set<std::string> ours;
    for (const auto& column : table.columns) ours.insert(column.name);
    if (ours != column_names(database, name.name)) fail("other columns than the pragma's in", name.name);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  sqlite3* database = nullptr;
  sqlite3_open(":memory:", &database);
  sqlite3_limit(database, SQLITE_LIMIT_VDBE_OP, 25'000);
  sqlite3_set_authorizer(database, allow_definitions, nullptr);
  try {
    for (const std::string& statement : aludel::sqlite::dialect().split(text)) {
      const std::size_t at = statement.find_first_not_of(" \t\r\n");
      if (at == std::string::npos || sqlite3_strnicmp(statement.c_str() + at, "create", 6) != 0 || statement.find('\0') != std::string::npos)
        continue;
      sqlite3_exec(database, statement.c_str(), nullptr, nullptr, nullptr);
    }
  } catch (const Error& error) {
    if (error.kind() == aludel::ErrorKind::internal) fail("our own fault", error.text());
  }
  sqlite3_set_authorizer(database, nullptr, nullptr);
  check(database);
  sqlite3_close(database);
  return 0;
}
