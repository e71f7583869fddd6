#include <aludel/dialect/rows.hpp>
#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

namespace aludel::dialect {

namespace {

std::string columns_of(const op::Row& row, const Dialect& dialect) {
  std::vector<std::string> names;
  for (const auto& [name, value] : row) names.push_back(dialect.quote_identifier(name));
  return join(names, ", ");
}

std::string values_of(const op::Row& row, const Dialect& dialect) {
  std::vector<std::string> values;
  for (const auto& [name, value] : row) values.push_back(dialect.quote_literal(value));
  return "(" + join(values, ", ") + ")";
}

std::string condition(const op::Row& row, const Dialect& dialect) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : row) {
    const std::string quoted_name = dialect.quote_identifier(name);
    parts.push_back(value.is_null() ? quoted_name + " IS NULL" : fmt::format("{} = {}", quoted_name, dialect.quote_literal(value)));
  }
  return join(parts, " AND ");
}

/// Joins rows to statements as long as they fit.
class Texts {
 public:
  explicit Texts(const RowLimits& limits) : limits_(limits) {}

  void add(const std::string& head, std::string_view between, const std::string& row) {
    if (rows_ != 0 && rows_ < limits_.rows && head == head_ && texts_.back().size() < limits_.bytes) {
      texts_.back().append(between).append(row);
      ++rows_;
      return;
    }
    head_ = head;
    rows_ = 1;
    texts_.push_back(head + row);
  }
  void add_alone(std::string text) {
    texts_.push_back(std::move(text));
    rows_ = 0;
  }
  std::vector<std::string> take() { return std::move(texts_); }

 private:
  RowLimits limits_;
  std::vector<std::string> texts_;
  std::string head_;
  std::size_t rows_ = 0;  // of the last one; none can join it where it is zero
};

}  // namespace

std::vector<std::string> insert_texts(const op::Insert& operation, const Dialect& dialect, std::string_view empty_row, const RowLimits& limits) {
  Texts texts(limits);
  const std::string into = "INSERT INTO " + dialect.quote_name(operation.table);
  for (const op::Row& row : operation.rows) {
    if (row.empty()) {
      texts.add_alone(fmt::format("{} {}", into, empty_row));
    } else {
      texts.add(fmt::format("{} ({}) VALUES\n  ", into, columns_of(row, dialect)), ",\n  ", values_of(row, dialect));
    }
  }
  return texts.take();
}

std::vector<std::string> delete_texts(const op::Delete& operation, const Dialect& dialect, const RowLimits& limits) {
  Texts texts(limits);
  const std::string from = fmt::format("DELETE FROM {} WHERE ", dialect.quote_name(operation.table));
  for (const op::Row& row : operation.rows) {
    if (row.empty()) {
      throw Error(ErrorKind::guard, fmt::format("a delete from {} without a condition would empty the table", quoted(operation.table.text())))
          .with_hint("say which rows; `sql` can delete all of them");
    }
    texts.add(from, "\n  OR ", "(" + condition(row, dialect) + ")");
  }
  return texts.take();
}

}  // namespace aludel::dialect
