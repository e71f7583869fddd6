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

  int size() const { return width_ == 0 ? 0 : static_cast<int>(ends_.size() / static_cast<std::size_t>(width_)); }
  bool is_null(int row, int column) const { return (ends_[cell(row, column)] & null) != 0; }
  /// Empty for NULL.
  std::string_view text(int row, int column) const {
    const std::size_t at = cell(row, column);
    const std::size_t begin = at == 0 ? 0 : ends_[at - 1] & ~null;
    return std::string_view(text_).substr(begin, (ends_[at] & ~null) - begin);
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
  void end_cell(bool is_null = false);
  void add_escaped(std::string_view field);
  static constexpr std::uint32_t null = std::uint32_t{1} << 31;
  std::size_t cell(int row, int column) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(column);
  }

  int width_ = 0;
  std::string text_;
  std::vector<std::uint32_t> ends_;  ///< of each cell in the text, with `null` for NULL
};

/// Runs one query through libpq's own handle. Throws Error(database | connection | interrupted).
CatalogRows query_catalog(dialect::Connection& connection, const std::string& sql);
/// Queries that the server gets in one message, so that it goes from one to the next without waiting for us. While one lives nothing else can be
/// asked.
class CatalogBatch {
 public:
  /// Sends them. Throws as above.
  CatalogBatch(dialect::Connection& connection, std::vector<std::string> queries);
  CatalogBatch(const CatalogBatch&) = delete;
  CatalogBatch& operator=(const CatalogBatch&) = delete;
  /// Fetches what was not, and forgets it.
  ~CatalogBatch();

  /// Gives the next query's rows away as they arrive, `count` at a time; at least once, be it without rows. Throws as above; behind an error there is
  /// no other answer.
  void next(std::size_t count, const std::function<void(CatalogRows)>& take);

 private:
  dialect::Connection& connection_;
  std::vector<std::string> queries_;
  std::size_t at_ = 0;
};

}  // namespace aludel::postgresql
