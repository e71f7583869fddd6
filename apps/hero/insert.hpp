#pragma once

#include <aludel/dialect/dialect.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hero {

/// Adds a row, said as the connection's database says it: the tutorial runs on any.
inline void insert(aludel::dialect::Connection& connection, std::string_view table, const std::vector<std::pair<std::string, aludel::Value>>& row) {
  const auto& dialect = connection.dialect();
  std::string columns, values;
  for (const auto& [column, value] : row) {
    columns += (columns.empty() ? "" : ", ") + dialect.quote_identifier(column);
    values += (values.empty() ? "" : ", ") + dialect.quote_literal(value);
  }
  connection.execute("INSERT INTO " + dialect.quote_identifier(table) + " (" + columns + ") VALUES (" + values + ")");
}

}  // namespace hero
