#include "render_loss.hpp"

#include "expression.hpp"
#include "quoting.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace aludel::mysql {
namespace {

using dialect::LossProbe;
using schema::TypeKind;

std::string count_of(const schema::Name& table, const std::string& condition = {}) {
  const std::string query = "SELECT count(*) FROM " + quote_name(table);
  return condition.empty() ? query : query + " WHERE " + condition;
}

std::string shown(const schema::Name& table, std::string_view column) {
  return fmt::format("{}.{}", printable(table.text(), 80), printable(column, 80));
}

bool is_text(TypeKind kind) { return kind == TypeKind::text || kind == TypeKind::varchar || kind == TypeKind::character; }

/// Only what a server alters in silence is counted: in strict mode it refuses text that is too long and numbers out of range by itself.
std::optional<LossProbe> narrowed(const op::AlterColumn& operation, const schema::Column& column) {
  const schema::Type& to = operation.type->to;
  const std::string name = quote_identifier(column.name);
  const std::string what = shown(operation.table, operation.column);
  if (is_text(column.type.kind) && (to.kind == TypeKind::varchar || to.kind == TypeKind::character) && to.length) {
    return LossProbe{count_of(operation.table, fmt::format("char_length({}) > {}", name, *to.length)),
                     fmt::format("values of {} that are longer than {}", what, *to.length)};
  }
  const bool number = column.type.kind == TypeKind::decimal || column.type.kind == TypeKind::real || column.type.kind == TypeKind::double_precision;
  const bool coarser = to.kind == TypeKind::decimal || to.kind == TypeKind::smallint || to.kind == TypeKind::integer || to.kind == TypeKind::bigint;
  if (number && coarser && (to.kind != TypeKind::decimal || to.precision)) {
    const int scale = to.kind == TypeKind::decimal ? to.scale.value_or(0) : 0;
    return LossProbe{count_of(operation.table, fmt::format("round({0}, {1}) <> {0}", name, scale)),
                     fmt::format("values of {} that are rounded", what)};
  }
  if (column.type.kind == TypeKind::timestamp && (to.kind == TypeKind::date || to.kind == TypeKind::time)) {
    return LossProbe{count_of(operation.table, name + " IS NOT NULL"),
                     fmt::format("values of {} that lose their {}", what, to.kind == TypeKind::date ? "time" : "date")};
  }
  if (column.type.kind == TypeKind::enumeration && to.kind == TypeKind::enumeration && !to.values.empty()) {
    std::string kept;
    for (const std::string& value : to.values) kept += (kept.empty() ? "" : ", ") + quote_string(value);
    return LossProbe{count_of(operation.table, fmt::format("{} NOT IN ({})", name, kept)),
                     fmt::format("values of {} that the new type does not have", what)};
  }
  return std::nullopt;
}

std::optional<LossProbe> alter_column(const op::AlterColumn& operation, const schema::Metadata& before) {
  const schema::Table* table = before.find_table(operation.table);
  const schema::Column* column = table == nullptr ? nullptr : table->find_column(operation.column);
  if (column == nullptr) return std::nullopt;
  const std::string name = quote_identifier(column->name);
  const std::string what = shown(operation.table, operation.column);
  if (operation.generated && operation.generated->to && !column->generated) {
    return LossProbe{count_of(operation.table, name + " IS NOT NULL"), fmt::format("non-null values of {}, which becomes generated", what)};
  }
  if (!operation.type || column->generated) return std::nullopt;
  if (operation.using_) {
    return LossProbe{count_of(operation.table, fmt::format("{} IS NOT NULL AND {} IS NULL", name, in_parentheses(sql_of(*operation.using_)))),
                     fmt::format("non-null values of {} that `using` makes NULL", what)};
  }
  return narrowed(operation, *column);
}

}  // namespace

std::optional<LossProbe> probe_loss(const op::Operation& operation, const schema::Metadata& before) {
  if (const auto* drop = std::get_if<op::DropTable>(&operation.body)) {
    if (before.find_table(drop->table) == nullptr) return std::nullopt;
    return LossProbe{count_of(drop->table), "rows of " + printable(drop->table.text(), 80)};
  }
  if (const auto* drop = std::get_if<op::DropColumn>(&operation.body)) {
    const schema::Table* table = before.find_table(drop->table);
    const schema::Column* column = table == nullptr ? nullptr : table->find_column(drop->column);
    if (column == nullptr || column->generated) return std::nullopt;
    return LossProbe{count_of(drop->table, quote_identifier(column->name) + " IS NOT NULL"),
                     "non-null values of " + shown(drop->table, drop->column)};
  }
  if (const auto* alter = std::get_if<op::AlterColumn>(&operation.body)) return alter_column(*alter, before);
  return std::nullopt;
}

}  // namespace aludel::mysql
