#include <aludel/sqlite/embedded.hpp>

#include <sqlite3.h>

#include <iostream>

#include "embedded/revisions.hpp"

int main() {
  sqlite3* handle = nullptr;
  if (sqlite3_open(":memory:", &handle) != SQLITE_OK) return 1;
  const auto result = aludel::sqlite::upgrade(handle, embedded::revisions());
  std::cout << "embedded: " << result.text() << "\n";
  sqlite3_close(handle);
  return result.ok() ? 0 : 1;
}
