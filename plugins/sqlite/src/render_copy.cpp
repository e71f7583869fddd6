#include "render_copy.hpp"

#include "lexer.hpp"
#include "render_ddl.hpp"
#include "types.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

namespace aludel::sqlite {
namespace {

using schema::Column;
using schema::Table;

std::string replaced_values(const std::string& value, const std::vector<std::pair<std::string, std::string>>& values) {
  std::string text = "CASE " + value;
  for (const auto& [from, to] : values) text += fmt::format(" WHEN {} THEN {}", quote_string(from), quote_string(to));
  return fmt::format("{} ELSE {} END", text, value);
}

}  // namespace

const Column* TableChange::source_of(const Column& column) const {
  const auto found = sources.find(column.name);
  return found == sources.end() || !found->second ? nullptr : from->find_column(*found->second);
}

const ValueRule* TableChange::rule_of(const Column& column) const {
  const auto found = rules.find(column.name);
  return found == rules.end() ? nullptr : &found->second;
}

bool TableChange::is_untouched(const Column& column) const {
  const Column* source = source_of(column);
  if (source == nullptr || rule_of(column) != nullptr || source->generated.has_value() != column.generated.has_value()) return false;
  if (column.generated && !(column.generated->expression == source->generated->expression)) return false;
  return affinity_of(column_type_text(*from, *source)) == affinity_of(column_type_text(*to, column)) &&
         equals_ignoring_case(source->collation, column.collation);
}

const Column* rowid_column(const Table& table) {
  for (const Column& column : table.columns) {
    if (is_rowid_alias(table, column)) return &column;
  }
  return nullptr;
}

std::optional<std::string> rowid_name(const Table& table) {
  if (is_without_rowid(table)) return std::nullopt;
  for (const char* name : {"rowid", "_rowid_", "oid"}) {
    bool taken = false;
    for (const Column& column : table.columns) taken = taken || same_name(column.name, name);
    if (!taken) return name;
  }
  return std::nullopt;
}

std::optional<std::string> copied_value(const TableChange& change, const Column& column) {
  if (column.generated) return std::nullopt;
  const Column* source = change.source_of(column);
  const ValueRule* rule = change.rule_of(column);
  std::string value;
  if (rule != nullptr && !rule->conversion.empty()) {
    value = in_parentheses(rule->conversion);
  } else if (source != nullptr) {
    value = quote_identifier(source->name);
  }
  if (rule != nullptr && !rule->values.empty() && !value.empty()) value = replaced_values(value, rule->values);
  if (rule != nullptr && !rule->backfill.empty()) {
    value = value.empty() ? in_parentheses(rule->backfill) : fmt::format("coalesce({}, {})", value, in_parentheses(rule->backfill));
  }
  if (!value.empty()) return value;
  // A key column that comes to stand for the rowid takes over the rowids that the rows have, so that nothing that knows them breaks.
  if (is_rowid_alias(*change.to, column) && rowid_column(*change.from) == nullptr) return rowid_name(*change.from);
  return std::nullopt;
}

bool keeps_rowids(const TableChange& change) {
  if (is_without_rowid(*change.from) || is_without_rowid(*change.to)) return false;
  const Column* before = rowid_column(*change.from);
  const Column* after = rowid_column(*change.to);
  if (after == nullptr) return rowid_name(*change.to) && (before != nullptr || rowid_name(*change.from));
  const ValueRule* rule = change.rule_of(*after);
  if (rule != nullptr && (!rule->conversion.empty() || !rule->values.empty())) return false;
  const Column* source = change.source_of(*after);
  return before != nullptr ? source == before : source == nullptr && (rule == nullptr || rule->backfill.empty()) && rowid_name(*change.from);
}

std::string copy_sql(const TableChange& change, std::string_view name) {
  std::vector<std::string> columns;
  std::vector<std::string> values;
  if (rowid_column(*change.to) == nullptr && keeps_rowids(change)) {
    const Column* key = rowid_column(*change.from);
    columns.push_back(*rowid_name(*change.to));
    values.push_back(key != nullptr ? quote_identifier(key->name) : *rowid_name(*change.from));
  }
  for (const Column& column : change.to->columns) {
    if (std::optional<std::string> value = copied_value(change, column)) {
      columns.push_back(quote_identifier(column.name));
      values.push_back(std::move(*value));
    }
  }
  // Not one value to copy, yet as many rows as before.
  if (columns.empty()) {
    for (const Column& column : change.to->columns) {
      if (column.generated) continue;
      columns.push_back(quote_identifier(column.name));
      values.push_back(column.server_default ? in_parentheses(usable_text(*column.server_default, column.name)) : "NULL");
      break;
    }
  }
  return fmt::format("INSERT INTO {} ({})\nSELECT {}\nFROM {}", quote_identifier(name), join(columns, ", "), join(values, ", "),
                     quoted_name(change.from->name));
}

std::string row_label(const Table& table) {
  const schema::PrimaryKey* key = table.primary_key();
  std::vector<std::string> parts;
  if (key != nullptr) {
    for (const schema::IndexPart& part : key->columns) parts.push_back(quote_identifier(part.column));
  } else if (const std::optional<std::string> rowid = rowid_name(table)) {
    parts.push_back(*rowid);
  } else {
    for (const Column& column : table.columns) parts.push_back(quote_identifier(column.name));
  }
  return join(parts, ", ");
}

}  // namespace aludel::sqlite
