#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/export.hpp>
#include <aludel/op/operation.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Rows of a revision as SQL that every dialect understands, with its names and literals: for renderers. Pure.
namespace aludel::dialect {

/// How much stands in one statement: enough to be quick, little enough to be read and for the server's limits.
struct RowLimits {
  std::size_t rows = 500;
  std::size_t bytes = 200'000;  ///< begun statements are a row longer
};

/// As few INSERTs as there are runs of rows with the same columns, within the limits; a row without columns is `empty_row` ("DEFAULT VALUES").
ALUDEL_API std::vector<std::string> insert_texts(const op::Insert& operation, const Dialect& dialect, std::string_view empty_row = "DEFAULT VALUES",
                                                 const RowLimits& limits = {});
/// DELETEs of the rows that match. Throws Error(guard) for a row without columns, which would match all.
ALUDEL_API std::vector<std::string> delete_texts(const op::Delete& operation, const Dialect& dialect, const RowLimits& limits = {});

}  // namespace aludel::dialect
