#include <aludel/schema/stale.hpp>

#include <algorithm>
#include <optional>
#include <variant>

namespace aludel::schema {
namespace {

bool stale(const Boxed<Expression>& expression) { return expression && expression->stale; }

bool stale(const Table& table) {
  const auto column = [](const Column& one) { return stale(one.server_default) || (one.generated && one.generated->expression.stale); };
  const auto part = [](const IndexPart& piece) { return stale(piece.expression); };
  const auto constraint = [&](const Constraint& one) {
    if (const auto* check = std::get_if<Check>(&one)) return check->expression.stale;
    const auto* exclude = std::get_if<Exclude>(&one);
    if (exclude == nullptr) return false;
    return stale(exclude->where) ||
           std::any_of(exclude->elements.begin(), exclude->elements.end(), [&](const auto& element) { return part(element.part); });
  };
  const auto index = [&](const Index& one) { return stale(one.where) || std::any_of(one.columns.begin(), one.columns.end(), part); };
  return std::any_of(table.columns.begin(), table.columns.end(), column) ||
         std::any_of(table.constraints.begin(), table.constraints.end(), constraint) ||
         std::any_of(table.indexes.begin(), table.indexes.end(), index);
}

}  // namespace

bool has_stale_text(const Metadata& metadata) {
  return std::any_of(metadata.objects.begin(), metadata.objects.end(), [](const auto& entry) { return entry.second.definition.stale; }) ||
         std::any_of(metadata.tables.begin(), metadata.tables.end(), [](const auto& entry) { return stale(entry.second); });
}

}  // namespace aludel::schema
