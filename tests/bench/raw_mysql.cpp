// The floor that `aludel inspect` is measured against on MySQL and MariaDB: SHOW CREATE TABLE of all tables, a thousand to a packet, fetched and not
// looked at.
#include <mysql.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace {

int fail(MYSQL* connection) {
  std::fprintf(stderr, "%s\n", mysql_error(connection));
  return 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::fputs("usage: bench_raw_mysql SOCKET DATABASE\n", stderr);
    return 2;
  }
  MYSQL* connection = mysql_init(nullptr);
  if (mysql_real_connect(connection, nullptr, "root", nullptr, arguments[2], 0, arguments[1], CLIENT_MULTI_STATEMENTS) == nullptr)
    return fail(connection);
  if (mysql_query(connection, "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()") != 0) return fail(connection);
  std::vector<std::string> names;
  MYSQL_RES* result = mysql_store_result(connection);
  while (const MYSQL_ROW row = mysql_fetch_row(result)) names.emplace_back(row[0]);
  mysql_free_result(result);
  unsigned long rows = 0, bytes = 0;
  constexpr std::size_t batch = 1000;
  for (std::size_t first = 0; first < names.size(); first += batch) {
    std::string text;
    for (std::size_t i = first; i < std::min(first + batch, names.size()); ++i) text += "SHOW CREATE TABLE `" + names[i] + "`;";
    text.pop_back();
    if (mysql_real_query(connection, text.data(), text.size()) != 0) return fail(connection);
    do {
      result = mysql_store_result(connection);
      if (result == nullptr) return fail(connection);
      while (mysql_fetch_row(result) != nullptr) {
        const unsigned long* lengths = mysql_fetch_lengths(result);
        bytes += lengths[0] + lengths[1];
        ++rows;
      }
      mysql_free_result(result);
    } while (mysql_next_result(connection) == 0);
  }
  mysql_close(connection);
  std::printf("%lu rows, %lu bytes\n", rows, bytes);
}
