#pragma once

#include <aludel/schema/schema.hpp>
#include <aludel/text.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// How references name things: exactly, else, where nothing is spelled so, ignoring ASCII case (see dependents.hpp).
namespace aludel::op {

inline bool folds_to(const schema::Name& a, const schema::Name& b) {
  return equals_ignoring_case(a.name, b.name) && equals_ignoring_case(a.schema, b.schema);
}

inline bool refers(const schema::Name& reference, const schema::Name& table, const schema::Metadata& schema) {
  return reference == table || (folds_to(reference, table) && !schema.tables.contains(reference));
}

inline bool refers(std::string_view reference, std::string_view column, const schema::Table& table) {
  return reference == column || (equals_ignoring_case(reference, column) && !table.find_column(reference));
}

inline bool has_column(const schema::Table& table, std::string_view reference) {
  for (const auto& column : table.columns) {
    if (equals_ignoring_case(column.name, reference)) return true;
  }
  return false;
}

/// The table and column that own a sequence; nullopt where none does, or the text is no name.
std::optional<std::pair<schema::Name, std::string>> owner_of(const schema::Sequence& sequence);
/// "table.column" as a sequence's `owned_by` has it.
std::string owner_text(const schema::Name& table, std::string_view column);

/// The text that dependencies are looked for in.
inline const std::string& text_of(const schema::Expression& expression) {
  return expression.declared.empty() ? expression.canonical : expression.declared;
}

}  // namespace aludel::op
