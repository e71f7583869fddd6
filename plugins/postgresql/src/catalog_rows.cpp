#include "catalog_rows.hpp"

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <charconv>

namespace aludel::postgresql {

std::int64_t CatalogRows::number(int row, int column) const {
  const std::string_view digits = text(row, column);
  std::int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

std::vector<std::int64_t> CatalogRows::numbers(int row, int column) const {
  std::vector<std::int64_t> all;
  const std::string_view list = text(row, column);
  const char* at = list.data();
  const char* const end = at + list.size();
  while (at != end) {
    std::int64_t value = 0;
    const auto [next, error] = std::from_chars(at, end, value);
    if (error == std::errc()) {
      all.push_back(value);
      at = next;
    } else {
      ++at;
    }
  }
  return all;
}

std::vector<std::string> CatalogRows::strings(int row, int column) const {
  std::vector<std::string> all;
  const std::string_view list = text(row, column);
  if (list.size() < 2) return all;
  std::size_t i = 1;
  while (i < list.size() - 1) {
    std::string element;
    if (list[i] == '"') {
      for (++i; list[i] != '"'; ++i) {
        if (list[i] == '\\') ++i;
        element += list[i];
      }
      ++i;
    } else {
      const std::size_t begin = i;
      while (i < list.size() - 1 && list[i] != ',') ++i;
      element = list.substr(begin, i - begin);
      if (element == "NULL") element.clear();
    }
    all.push_back(std::move(element));
    if (i < list.size() - 1 && list[i] == ',') ++i;
  }
  return all;
}

CatalogRows query_catalog(dialect::Connection& connection, const std::string& sql) {
  auto* const handle = static_cast<PGconn*>(connection.native_handle());
  if (!handle) throw Error(ErrorKind::internal, "the connection has no handle of libpq's, which the catalog is read through");
  PGresult* const result = PQexec(handle, sql.c_str());
  CatalogRows rows(result);
  if (PQresultStatus(result) == PGRES_TUPLES_OK) return rows;
  if (PQstatus(handle) != CONNECTION_OK) {
    throw Error(ErrorKind::connection, "the connection was lost while the catalog was read").with_hint("look at the server's log");
  }
  const char* const code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* const message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  constexpr std::string_view cancelled = "57014";
  const ErrorKind kind = code && code == cancelled ? ErrorKind::interrupted : ErrorKind::database;
  throw Error(kind, message ? message : std::string(trim(PQerrorMessage(handle)))).with_statement(sql).with_code(code ? code : "");
}

}  // namespace aludel::postgresql
