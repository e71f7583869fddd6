// Any bytes as a script of CREATE statements. What SQLite takes, our parser must read, and say of it what SQLite's pragmas say of columns, keys,
// foreign keys and indexes (the unit tests' comparison); what it does not take may be refused in any way that is an Error.
#include "unit/sqlite/support.hpp"

#include <aludel/dialect/dialect.hpp>
#include <aludel/error.hpp>
#include <aludel/sqlite/sqlite.hpp>

#include <sqlite3.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using aludel::Error;

/// Nothing but definitions, and none that leave the database in memory.
int allow_definitions(void*, int action, const char*, const char*, const char*, const char*) {
  return action == SQLITE_ATTACH || action == SQLITE_DETACH || action == SQLITE_PRAGMA || action == SQLITE_CREATE_VTABLE ? SQLITE_DENY : SQLITE_OK;
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
  aludel::sqlite::test::cross_check(*connection, metadata);
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  testing::FLAGS_gtest_throw_on_failure = true;  // which nothing catches
  return 0;
}

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
