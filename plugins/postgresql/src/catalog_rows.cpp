#include "catalog_rows.hpp"

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <libpq-fe.h>

#include <charconv>
#include <memory>
#include <optional>

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

void CatalogRows::add(const char* text, std::size_t length) {
  text_.append(text, length);
  end_cell();
}

void CatalogRows::add_null() { end_cell(true); }

void CatalogRows::end_cell(bool is_null) {
  if (text_.size() >= null) throw Error(ErrorKind::unsupported, "the catalog's answer to one query is longer than 2 GB");
  ends_.push_back(static_cast<std::uint32_t>(text_.size()) | (is_null ? null : 0));
}

void CatalogRows::add_line(std::string_view line) {
  for (;;) {
    const std::size_t end = std::min(line.find('\t'), line.size());
    const std::string_view field = line.substr(0, end);
    if (field == "\\N") {
      add_null();
    } else if (field.find('\\') == std::string_view::npos) {
      add(field.data(), field.size());
    } else {
      add_escaped(field);
    }
    if (end == line.size()) return;
    line.remove_prefix(end + 1);
  }
}

void CatalogRows::add_escaped(std::string_view field) {
  constexpr std::string_view letters = "bfnrtv", meanings = "\b\f\n\r\t\v";
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '\\' || i + 1 == field.size()) {
      text_ += field[i];
      continue;
    }
    const std::size_t letter = letters.find(field[++i]);
    text_ += letter == std::string_view::npos ? field[i] : meanings[letter];
  }
  end_cell();
}

namespace {

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
  void operator()(char* text) const { PQfreemem(text); }
};
using Result = std::unique_ptr<PGresult, Clear>;

PGconn* handle_of(dialect::Connection& connection) {
  auto* const handle = static_cast<PGconn*>(connection.native_handle());
  if (!handle) throw Error(ErrorKind::internal, "the connection has no handle of libpq's, which the catalog is read through");
  return handle;
}

Error failed(PGconn* handle, const PGresult* result, const std::string& sql) {
  if (PQstatus(handle) != CONNECTION_OK) {
    return Error(ErrorKind::connection, "the connection was lost while the catalog was read").with_hint("look at the server's log");
  }
  const char* const code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* const message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  constexpr std::string_view cancelled = "57014";
  const ErrorKind kind = code && code == cancelled ? ErrorKind::interrupted : ErrorKind::database;
  return Error(kind, message ? message : std::string(trim(PQerrorMessage(handle)))).with_statement(sql).with_code(code ? code : "");
}

}  // namespace

CatalogRows query_catalog(dialect::Connection& connection, const std::string& sql) {
  auto* const handle = handle_of(connection);
  const Result result(PQexec(handle, sql.c_str()));
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) throw failed(handle, result.get(), sql);
  const int width = PQnfields(result.get());
  CatalogRows rows(width);
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    for (int column = 0; column < width; ++column) {
      if (PQgetisnull(result.get(), row, column) != 0) {
        rows.add_null();
      } else {
        rows.add(PQgetvalue(result.get(), row, column), static_cast<std::size_t>(PQgetlength(result.get(), row, column)));
      }
    }
  }
  return rows;
}

CatalogBatch::CatalogBatch(dialect::Connection& connection, std::vector<std::string> queries)
    : connection_(connection), queries_(std::move(queries)) {
  std::string message;
  for (const std::string& query : queries_) message += "COPY (" + query + ") TO STDOUT;";
  auto* const handle = handle_of(connection);
  if (PQsendQuery(handle, message.c_str()) == 0) throw failed(handle, nullptr, queries_.front());
}

CatalogBatch::~CatalogBatch() {
  auto* const handle = static_cast<PGconn*>(connection_.native_handle());
  for (Result result(PQgetResult(handle)); result; result.reset(PQgetResult(handle))) {
    char* line = nullptr;
    while (PQresultStatus(result.get()) == PGRES_COPY_OUT && PQgetCopyData(handle, &line, 0) > 0) PQfreemem(line);
  }
}

void CatalogBatch::next(std::size_t count, const std::function<void(CatalogRows)>& take) {
  auto* const handle = handle_of(connection_);
  const std::string& sql = queries_[at_++];
  const Result begun(PQgetResult(handle));
  if (PQresultStatus(begun.get()) != PGRES_COPY_OUT) throw failed(handle, begun.get(), sql);
  const int width = PQnfields(begun.get());
  CatalogRows rows(width);
  char* line = nullptr;
  for (int length = 0; (length = PQgetCopyData(handle, &line, 0)) > 0;) {
    const std::unique_ptr<char, Clear> freed(line);
    rows.add_line(std::string_view(line, static_cast<std::size_t>(length) - 1));
    if (static_cast<std::size_t>(rows.size()) < count) continue;
    take(std::move(rows));
    rows = CatalogRows(width);
  }
  const Result end(PQgetResult(handle));
  if (PQresultStatus(end.get()) != PGRES_COMMAND_OK) throw failed(handle, end.get(), sql);
  take(std::move(rows));
}

}  // namespace aludel::postgresql
