#include "render_loss.hpp"

#include "lexer.hpp"
#include "normal.hpp"
#include "render_ddl.hpp"
#include "types.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

namespace aludel::sqlite {
namespace {

using dialect::LossProbe;
using schema::Column;
using schema::Table;

std::string count_of(const schema::Name& table, const std::string& condition = {}) {
  const std::string query = "SELECT count(*) FROM " + quoted_name(table);
  return condition.empty() ? query : query + " WHERE " + condition;
}

std::string shown(const schema::Name& table, std::string_view column) {
  return fmt::format("{}.{}", printable(table.text(), 80), printable(column, 80));
}

/// Values that change into something from which they cannot be told again, when SQLite applies another affinity to them. A comparison with a numeric
/// value applies that affinity to the column too, if its text is a number as a whole (SQLite, Datatypes, 4.2): '007' equals 7, '2026-11-29' not 2026.
std::string changed_by_affinity(const std::string& name, Affinity to) {
  const std::string number = fmt::format("typeof({0}) = 'text' AND CAST({0} AS NUMERIC) = {0}", name);
  switch (to) {
    case Affinity::integer:
    case Affinity::numeric:
      // '007' becomes 7.
      return fmt::format("{1} AND CAST(CAST({0} AS NUMERIC) AS TEXT) <> {0}", name, number);
    case Affinity::real:
      // '7' becomes 7.0, which says as much.
      return fmt::format(
          "(typeof({0}) = 'integer' AND CAST(CAST({0} AS REAL) AS INTEGER) <> {0}) OR ({1} AND CAST(CAST({0} AS REAL) AS TEXT) NOT IN ({0}, {0} || "
          "'.0'))",
          name, number);
    case Affinity::text:
    case Affinity::blob:
      return {};
  }
  return {};
}

std::string outside(const std::string& name, const schema::Type& type) {
  std::vector<std::string> values;
  for (const std::string& value : type.values) values.push_back(quote_string(value));
  return fmt::format("{0} IS NOT NULL AND {0} NOT IN ({1})", name, join(values, ", "));
}

std::optional<LossProbe> alter_column(const op::AlterColumn& operation, const schema::Metadata& before) {
  const Table* table = before.find_table(operation.table);
  const Column* column = table == nullptr ? nullptr : table->find_column(operation.column);
  if (column == nullptr) return std::nullopt;
  const std::string name = quote_identifier(column->name);
  const std::string what = shown(operation.table, operation.column);
  if (operation.generated && operation.generated->to && !column->generated) {
    return LossProbe{count_of(operation.table, name + " IS NOT NULL"), fmt::format("non-null values of {}, which becomes generated", what)};
  }
  if (!operation.type || column->generated) return std::nullopt;
  if (operation.using_) {
    const std::string value = in_parentheses(unqualified(operation.using_->declared, operation.table.name));
    return LossProbe{count_of(operation.table, fmt::format("{} IS NOT NULL AND {} IS NULL", name, value)),
                     fmt::format("non-null values of {} that `using` makes NULL", what)};
  }
  if (operation.type->to.kind == schema::TypeKind::enumeration) {
    return LossProbe{count_of(operation.table, outside(name, operation.type->to)),
                     fmt::format("values of {} that the enumeration does not have", what)};
  }
  const Affinity from = affinity_of(column_type_text(*table, *column));
  const Affinity to = affinity_of(type_text(operation.type->to, is_strict(*table)));
  const std::string condition = from == to ? std::string() : changed_by_affinity(name, to);
  if (condition.empty()) return std::nullopt;
  return LossProbe{count_of(operation.table, condition), fmt::format("values of {} that become other ones as numbers", what)};
}

std::optional<LossProbe> drop_column(const op::DropColumn& operation, const schema::Metadata& before) {
  const Table* table = before.find_table(operation.table);
  const Column* column = table == nullptr ? nullptr : table->find_column(operation.column);
  if (column == nullptr || column->generated) return std::nullopt;
  return LossProbe{count_of(operation.table, quote_identifier(column->name) + " IS NOT NULL"),
                   "non-null values of " + shown(operation.table, operation.column)};
}

}  // namespace

std::optional<LossProbe> probe_loss(const op::Operation& operation, const schema::Metadata& before) {
  if (const auto* drop = std::get_if<op::DropTable>(&operation.body)) {
    if (before.find_table(drop->table) == nullptr) return std::nullopt;
    return LossProbe{count_of(drop->table), "rows of " + printable(drop->table.text(), 80)};
  }
  if (const auto* drop = std::get_if<op::DropColumn>(&operation.body)) return drop_column(*drop, before);
  if (const auto* alter = std::get_if<op::AlterColumn>(&operation.body)) return alter_column(*alter, before);
  if (const auto* drop = std::get_if<op::DropObject>(&operation.body)) {
    if (drop->object.kind != "virtual_table" || before.objects.count(drop->object) == 0) return std::nullopt;
    return LossProbe{count_of(drop->object.name), "rows of " + printable(drop->object.name.text(), 80)};
  }
  return std::nullopt;
}

}  // namespace aludel::sqlite
