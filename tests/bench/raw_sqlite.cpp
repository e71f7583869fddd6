// The floor that `aludel inspect` is measured against: opens an SQLite file, fetches sqlite_schema in one query and runs over its text once,
// without building anything.
#include <sqlite3.h>

#include <cctype>
#include <cstdio>

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: bench_raw_sqlite FILE\n", stderr);
    return 2;
  }
  sqlite3* database = nullptr;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_open_v2(arguments[1], &database, SQLITE_OPEN_READONLY, nullptr) != SQLITE_OK ||
      sqlite3_prepare_v2(database, "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema", -1, &statement, nullptr) != SQLITE_OK) {
    std::fprintf(stderr, "%s\n", sqlite3_errmsg(database));
    return 1;
  }
  unsigned long rows = 0, bytes = 0, words = 0;
  while (sqlite3_step(statement) == SQLITE_ROW) {
    ++rows;
    for (int column = 0; column < 5; ++column) {
      const unsigned char* text = sqlite3_column_text(statement, column);
      bytes += static_cast<unsigned long>(sqlite3_column_bytes(statement, column));
      bool inside = false;
      for (; column == 4 && text != nullptr && *text != 0; ++text) {
        const bool letter = std::isalnum(*text) != 0 || *text == '_';
        if (letter && !inside) ++words;
        inside = letter;
      }
    }
  }
  sqlite3_finalize(statement);
  sqlite3_close(database);
  std::printf("%lu rows, %lu bytes, %lu words\n", rows, bytes, words);
}
