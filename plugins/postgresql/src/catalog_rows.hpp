#pragma once

#include <aludel/dialect/connection.hpp>

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace aludel::postgresql {

/// A row of the catalog, as PostgreSQL numbers it.
using Oid = std::uint32_t;

/// The result of a catalog query, read where libpq put it: a catalog of 10,000 tables has millions of cells, too many for a Value each.
class CatalogRows {
 public:
  explicit CatalogRows(PGresult* result) : result_(result) {}

  int size() const { return PQntuples(result_.get()); }
  bool is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
  /// Empty for NULL.
  std::string_view text(int row, int column) const {
    return {PQgetvalue(result_.get(), row, column), static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
  }
  std::string string(int row, int column) const { return std::string(text(row, column)); }
  /// A boolean or "char" column's one letter; '\0' for NULL and the empty one.
  char letter(int row, int column) const { return *PQgetvalue(result_.get(), row, column); }
  bool flag(int row, int column) const { return letter(row, column) == 't'; }
  std::int64_t number(int row, int column) const;
  Oid oid(int row, int column) const { return static_cast<Oid>(number(row, column)); }
  /// "{1,2}" of an array of numbers, "1 2" of a vector.
  std::vector<std::int64_t> numbers(int row, int column) const;
  /// The elements of a one-dimensional text array as it is printed: `{a,"b c",NULL}`; NULL becomes an empty one.
  std::vector<std::string> strings(int row, int column) const;

 private:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  std::unique_ptr<PGresult, Clear> result_;
};

/// Runs one query through libpq's own handle. Throws Error(database | connection | interrupted).
CatalogRows query_catalog(dialect::Connection& connection, const std::string& sql);

}  // namespace aludel::postgresql
