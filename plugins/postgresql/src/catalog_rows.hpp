#pragma once

#include <aludel/dialect/connection.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace aludel::postgresql {

/// A row of the catalog, as PostgreSQL numbers it.
using Oid = std::uint32_t;

/// Rows of a catalog query, as text in one block: a catalog of 10,000 tables has millions of cells, too many for a Value each.
class CatalogRows {
 public:
  CatalogRows() = default;
  explicit CatalogRows(int width) : width_(width) {}

  int size() const { return width_ == 0 ? 0 : static_cast<int>(cells_.size() / static_cast<std::size_t>(width_)); }
  bool is_null(int row, int column) const { return cell(row, column).length == null; }
  /// Empty for NULL.
  std::string_view text(int row, int column) const {
    const Cell& at = cell(row, column);
    return at.length == null ? std::string_view() : std::string_view(text_).substr(at.begin, at.length);
  }
  std::string string(int row, int column) const { return std::string(text(row, column)); }
  /// A boolean or "char" column's one letter; '\0' for NULL and the empty one.
  char letter(int row, int column) const {
    const std::string_view cell = text(row, column);
    return cell.empty() ? '\0' : cell.front();
  }
  bool flag(int row, int column) const { return letter(row, column) == 't'; }
  std::int64_t number(int row, int column) const;
  Oid oid(int row, int column) const { return static_cast<Oid>(number(row, column)); }
  /// "{1,2}" of an array of numbers, "1 2" of a vector.
  std::vector<std::int64_t> numbers(int row, int column) const;
  /// The elements of a one-dimensional text array as it is printed: `{a,"b c",NULL}`; NULL becomes an empty one.
  std::vector<std::string> strings(int row, int column) const;

  void add(const char* text, std::size_t length);
  void add_null();
  /// A row as COPY writes it in its text format, without the newline (manual, COPY, "File Formats").
  void add_line(std::string_view line);

 private:
  struct Cell {
    std::size_t begin;
    std::uint32_t length;
  };
  void add_escaped(std::string_view field);
  static constexpr std::uint32_t null = UINT32_MAX;
  const Cell& cell(int row, int column) const {
    return cells_[static_cast<std::size_t>(row) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(column)];
  }

  int width_ = 0;
  std::string text_;
  std::vector<Cell> cells_;
};

/// Runs one query through libpq's own handle. Throws Error(database | connection | interrupted).
CatalogRows query_catalog(dialect::Connection& connection, const std::string& sql);
/// The same, giving the rows away as they arrive, `count` at a time; at least once, be it without rows.
void copy_catalog(dialect::Connection& connection, const std::string& sql, std::size_t count, const std::function<void(CatalogRows)>& take);

}  // namespace aludel::postgresql
