#include "render_checks.hpp"

#include "lexer.hpp"
#include "normal.hpp"
#include "render_ddl.hpp"
#include "rewriter.hpp"
#include "types.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

namespace aludel::sqlite {
namespace {

using dialect::Expectation;
using dialect::Statement;
using schema::Column;
using schema::IndexPart;
using schema::Table;

Statement no_rows(std::string query, std::string message, std::string details) {
  Statement statement;
  statement.sql = std::move(query);
  statement.expect = Expectation{Value(0), std::move(message), std::move(details), ErrorKind::constraint, true};
  return statement;
}

/// The rows of `source` (SQL after FROM) that meet `condition`.
Statement none_where(const std::string& source, const std::string& condition, std::string message, const std::string& shown) {
  return no_rows(fmt::format("SELECT count(*) FROM {} WHERE {}", source, condition), std::move(message),
                 fmt::format("SELECT {} FROM {} WHERE {} LIMIT 10", shown, source, condition));
}

std::string shown_name(const Table& table) { return printable(table.name.text(), 80); }

Statement null_check(const TableChange& change, const Column& column, const std::string& value) {
  const bool added = change.source_of(column) == nullptr;
  std::string message =
      added ? fmt::format(" of {} without a value for {}, which is new and NOT NULL", shown_name(*change.to), printable(column.name, 80))
            : fmt::format(" of {} without {}, which becomes NOT NULL", shown_name(*change.to), printable(column.name, 80));
  return none_where(quoted_name(change.from->name), fmt::format("({}) IS NULL", value), std::move(message), row_label(*change.from));
}

/// Letters and the like can never become an integer; a key that stands for the rowid takes nothing else.
Statement integer_check(const TableChange& change, const Column& column, const std::string& value) {
  const std::string condition = fmt::format(
      "typeof({0}) = 'blob' OR (typeof({0}) = 'real' AND {0} <> CAST({0} AS INTEGER)) OR (typeof({0}) = 'text' AND (trim({0}) = '' OR trim({0}) "
      "GLOB '*[^0-9.eE+-]*'))",
      value);
  return none_where(quoted_name(change.from->name), condition,
                    fmt::format(" of {} whose {} is no integer, as the key must be", shown_name(*change.to), printable(column.name, 80)),
                    row_label(*change.from));
}

struct KeyValue {
  std::string name;   ///< for people, and as the column's alias
  std::string value;  ///< SQL
  std::string collation;
};

Statement duplicate_check(const std::string& source, const std::vector<KeyValue>& keys, const std::string& where, std::string message) {
  std::vector<std::string> values;
  std::vector<std::string> shown;
  std::vector<std::string> conditions;
  if (!where.empty()) conditions.push_back(in_parentheses(where));
  for (const KeyValue& key : keys) {
    values.push_back(key.collation.empty() ? key.value : fmt::format("{} COLLATE {}", key.value, quote_identifier(key.collation)));
    shown.push_back(fmt::format("{} AS {}", key.value, quote_identifier(key.name)));
    conditions.push_back(fmt::format("({}) IS NOT NULL", key.value));
  }
  const std::string groups = fmt::format("FROM {} WHERE {} GROUP BY {} HAVING count(*) > 1", source, join(conditions, " AND "), join(values, ", "));
  return no_rows(fmt::format("SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n {})", groups), std::move(message),
                 fmt::format("SELECT {}, count(*) AS \"rows\" {} LIMIT 10", join(shown, ", "), groups));
}

std::string names_of(const std::vector<IndexPart>& parts) {
  std::vector<std::string> names;
  for (const IndexPart& part : parts) names.push_back(part.expression ? part.expression->declared : part.column);
  return printable(join(names, ", "), 120);
}

/// The collation a key compares by: its own, else its column's.
std::string collation_of(const Table& table, const IndexPart& part) {
  if (!part.collation.empty()) return part.collation;
  const Column* column = table.find_column(part.column);
  return column == nullptr ? std::string() : column->collation;
}

/// Columns and collations, in any order.
std::vector<std::pair<std::string, std::string>> key_of(const Table& table, const std::vector<IndexPart>& parts) {
  std::vector<std::pair<std::string, std::string>> key;
  for (const IndexPart& part : parts) key.emplace_back(to_lower(part.column), to_lower(collation_of(table, part)));
  std::sort(key.begin(), key.end());
  return key;
}

const std::vector<IndexPart>* key_parts_of(const schema::Constraint& constraint) {
  if (const auto* key = std::get_if<schema::PrimaryKey>(&constraint)) return &key->columns;
  if (const auto* unique = std::get_if<schema::Unique>(&constraint)) return &unique->columns;
  return nullptr;
}

/// Was this key of the new form unique in the old one as well?
bool was_unique(const TableChange& change, const std::vector<IndexPart>& parts) {
  std::vector<IndexPart> before;
  for (const IndexPart& part : parts) {
    const Column* column = change.to->find_column(part.column);
    if (column == nullptr || !change.is_untouched(*column)) return false;
    before.push_back(part);
    before.back().column = change.source_of(*column)->name;
  }
  const auto key = key_of(*change.from, before);
  for (const schema::Constraint& constraint : change.from->constraints) {
    const std::vector<IndexPart>* old = key_parts_of(constraint);
    if (old != nullptr && key_of(*change.from, *old) == key) return true;
  }
  return std::any_of(change.from->indexes.begin(), change.from->indexes.end(), [&](const schema::Index& index) {
    const bool columns_only =
        std::none_of(index.columns.begin(), index.columns.end(), [](const IndexPart& part) { return part.expression.has_value(); });
    return index.unique && !index.where && columns_only && key_of(*change.from, index.columns) == key;
  });
}

void key_check(const TableChange& change, const std::vector<IndexPart>& parts, std::string_view what, std::vector<Statement>& statements) {
  if (was_unique(change, parts)) return;
  std::vector<KeyValue> keys;
  for (const IndexPart& part : parts) {
    const Column* column = change.to->find_column(part.column);
    if (column == nullptr) return;
    std::optional<std::string> value = copied_value(change, *column);
    if (!value && column->generated && change.is_untouched(*column)) value = quote_identifier(change.source_of(*column)->name);
    // A value that SQLite computes while it copies cannot be foreseen; without a default it is NULL, which is never a duplicate.
    if (!value) return;
    keys.push_back({column->name, *value, collation_of(*change.to, part)});
  }
  statements.push_back(duplicate_check(quoted_name(change.from->name), keys, {},
                                       fmt::format(" of {} with the same {}, which becomes {}", shown_name(*change.to), names_of(parts), what)));
}

struct NewCheck {
  std::string condition;
  std::string message;
  std::string shown;
};

bool mentions_changed(const TableChange& change, std::string_view text) {
  return std::any_of(change.to->columns.begin(), change.to->columns.end(), [&](const Column& column) {
    return !change.is_untouched(column) && rewriter().mentions_column(text, change.to->name, column.name);
  });
}

std::string comparable(const schema::Expression& expression, const Table& table) {
  return expression.canonical.empty() ? normal_expression(expression.declared, table) : expression.canonical;
}

bool had_check(const TableChange& change, const schema::Check& check) {
  return std::any_of(change.from->constraints.begin(), change.from->constraints.end(), [&](const schema::Constraint& constraint) {
    const auto* old = std::get_if<schema::Check>(&constraint);
    return old != nullptr && comparable(old->expression, *change.from) == comparable(check.expression, *change.to);
  });
}

std::string shown_columns(const Table& table, std::string_view text) {
  std::string shown = row_label(table);
  for (const Column& column : table.columns) {
    const std::string quoted = quote_identifier(column.name);
    if (rewriter().mentions_column(text, table.name, column.name) && shown.find(quoted) == std::string::npos) shown += ", " + quoted;
  }
  return shown;
}

std::string check_message(const Table& table, const schema::Check& check) {
  return fmt::format(" of {} against the check {}({})", shown_name(table), check.name.empty() ? "" : printable(check.name, 80) + " ",
                     printable(check.expression.declared, 120));
}

std::string values_of(const schema::Type& type) {
  std::vector<std::string> values;
  for (const std::string& value : type.values) values.push_back(quote_string(value));
  return printable(join(values, ", "), 120);
}

std::vector<NewCheck> new_checks(const TableChange& change) {
  std::vector<NewCheck> checks;
  const Table& to = *change.to;
  for (const schema::Constraint& constraint : to.constraints) {
    const auto* check = std::get_if<schema::Check>(&constraint);
    if (check == nullptr) continue;
    const std::string text = unqualified(usable_text(check->expression, "check constraint"), to.name.name);
    if (had_check(change, *check) && !mentions_changed(change, text)) continue;
    checks.push_back({text, check_message(to, *check), shown_columns(to, text)});
  }
  for (const Column& column : to.columns) {
    if (column.type.kind != schema::TypeKind::enumeration) continue;
    const Column* source = change.source_of(column);
    if (source != nullptr && change.is_untouched(column) && source->type.kind == schema::TypeKind::enumeration &&
        source->type.values == column.type.values) {
      continue;
    }
    const std::string text = enumeration_check(column.name, column.type);
    checks.push_back({text, fmt::format(" of {} whose {} is none of {}", shown_name(to), printable(column.name, 80), values_of(column.type)),
                      shown_columns(to, text)});
  }
  return checks;
}

}  // namespace

std::vector<Statement> checks_before_copy(const TableChange& change) {
  std::vector<Statement> statements;
  for (const Column& column : change.to->columns) {
    if (column.generated) continue;
    const Column* source = change.source_of(column);
    const ValueRule* rule = change.rule_of(column);
    const std::optional<std::string> value = copied_value(change, column);
    const bool alias = is_rowid_alias(*change.to, column);
    if (alias && value && source != nullptr && (rule != nullptr || !is_rowid_alias(*change.from, *source))) {
      statements.push_back(integer_check(change, column, *value));
    }
    if (column.nullable || alias) continue;
    const bool computed = source != nullptr && source->generated.has_value();
    if (source != nullptr && !source->nullable && rule == nullptr && !computed) continue;
    if (!value && column.server_default) continue;
    statements.push_back(null_check(change, column, value ? *value : "NULL"));
  }
  for (const schema::Constraint& constraint : change.to->constraints) {
    const std::vector<IndexPart>* parts = key_parts_of(constraint);
    if (parts == nullptr) continue;
    key_check(change, *parts, std::holds_alternative<schema::PrimaryKey>(constraint) ? "the primary key" : "unique", statements);
  }
  return statements;
}

std::vector<Statement> checks_after_copy(const TableChange& change, std::string_view name) {
  std::vector<Statement> statements;
  for (NewCheck& check : new_checks(change)) {
    statements.push_back(none_where(quote_identifier(name), "NOT " + in_parentheses(check.condition), std::move(check.message), check.shown));
  }
  return statements;
}

bool has_new_checks(const TableChange& change) { return !new_checks(change).empty(); }

Statement unique_index_check(const Table& table, const schema::Index& index) {
  std::vector<KeyValue> keys;
  for (const IndexPart& part : index.columns) {
    const std::string value = part.expression ? in_parentheses(part.expression->declared) : quote_identifier(part.column);
    keys.push_back({part.expression ? part.expression->declared : part.column, value, part.collation});
  }
  return duplicate_check(quoted_name(table.name), keys, index.where ? index.where->declared : std::string(),
                         fmt::format(" of {} with the same {}, which the unique index {} excludes", shown_name(table), names_of(index.columns),
                                     printable(index.name, 80)));
}

Statement added_column_check(const Table& table, const Column& column, const schema::Check& check) {
  const std::string value = column.generated        ? in_parentheses(column.generated->expression.declared)
                            : column.server_default ? in_parentheses(default_clause(column.server_default->declared))
                                                    : "NULL";
  const std::string source = fmt::format("(SELECT *, {} AS {} FROM {})", value, quote_identifier(column.name), quoted_name(table.name));
  const std::string text = unqualified(usable_text(check.expression, "check constraint"), table.name.name);
  const schema::PrimaryKey* key = table.primary_key();
  return none_where(source, "NOT " + in_parentheses(text), check_message(table, check), key != nullptr ? row_label(table) : "*");
}

Statement generated_null_check(const Table& table, const Column& column) {
  const std::string condition = in_parentheses(unqualified(column.generated->expression.declared, table.name.name)) + " IS NULL";
  return none_where(quoted_name(table.name), condition,
                    fmt::format(" of {} without a value for {}, which is new and NOT NULL", shown_name(table), printable(column.name, 80)),
                    row_label(table));
}

std::vector<Statement> validation(const Table& table, const schema::Constraint& constraint) {
  std::vector<Statement> statements;
  if (const auto* check = std::get_if<schema::Check>(&constraint)) {
    const std::string text = unqualified(usable_text(check->expression, "check constraint"), table.name.name);
    statements.push_back(
        none_where(quoted_name(table.name), "NOT " + in_parentheses(text), check_message(table, *check), shown_columns(table, text)));
  } else if (const auto* key = std::get_if<schema::ForeignKey>(&constraint)) {
    const std::string source = fmt::format("pragma_foreign_key_check({})", quote_string(local_name(table.name)));
    statements.push_back(
        none_where(source, fmt::format("parent = {} COLLATE NOCASE", quote_string(local_name(key->referenced_table))),
                   fmt::format(" of {} referencing a row of {} that does not exist", shown_name(table), printable(key->referenced_table.text(), 80)),
                   "\"table\", rowid, parent"));
  }
  return statements;
}

}  // namespace aludel::sqlite
