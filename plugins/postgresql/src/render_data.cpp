#include "quoting.hpp"
#include "render_plan.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

namespace aludel::postgresql {

namespace {

/// Long enough to be quick, short enough to be read.
constexpr std::size_t rows_at_once = 500;
constexpr std::size_t bytes_at_once = 200'000;

std::string columns_of(const op::Row& row) {
  std::vector<std::string> names;
  for (const auto& [name, value] : row) names.push_back(quote_identifier(name));
  return join(names, ", ");
}

std::string values_of(const op::Row& row) {
  std::vector<std::string> values;
  for (const auto& [name, value] : row) values.push_back(quote_literal(value));
  return "(" + join(values, ", ") + ")";
}

std::string condition(const op::Row& row) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : row) {
    parts.push_back(value.is_null() ? quote_identifier(name) + " IS NULL" : fmt::format("{} = {}", quote_identifier(name), quote_literal(value)));
  }
  return join(parts, " AND ");
}

}  // namespace

void Planner::insert(const op::Insert& operation) {
  std::string columns;
  std::size_t rows = 0;
  std::string sql;
  const auto finish = [&] {
    if (!sql.empty()) write(std::move(sql));
    sql.clear();
    rows = 0;
  };
  for (const op::Row& row : operation.rows) {
    if (row.empty()) {
      finish();
      write(fmt::format("INSERT INTO {} DEFAULT VALUES", quote_name(operation.table)));
      continue;
    }
    std::string own = columns_of(row);
    if (rows == 0 || rows >= rows_at_once || own != columns || sql.size() >= bytes_at_once) {
      finish();
      columns = std::move(own);
      sql = fmt::format("INSERT INTO {} ({}) VALUES\n  {}", quote_name(operation.table), columns, values_of(row));
    } else {
      sql += ",\n  " + values_of(row);
    }
    ++rows;
  }
  finish();
}

void Planner::erase(const op::Delete& operation) {
  std::string sql;
  for (const op::Row& row : operation.rows) {
    if (row.empty()) {
      throw Error(ErrorKind::guard, fmt::format("a delete from {} without a condition would empty the table", quoted(operation.table.text())))
          .with_hint("say which rows; `sql` can delete all of them");
    }
    if (sql.size() >= bytes_at_once) {
      write(std::move(sql));
      sql.clear();
    }
    if (sql.empty()) {
      sql = fmt::format("DELETE FROM {} WHERE ({})", quote_name(operation.table), condition(row));
    } else {
      sql += fmt::format("\n  OR ({})", condition(row));
    }
  }
  if (!sql.empty()) write(std::move(sql));
}

}  // namespace aludel::postgresql
