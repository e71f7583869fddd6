#pragma once

#include <aludel/op/operation.hpp>
#include <aludel/schema/equivalent.hpp>

#include <optional>

namespace aludel::op {

/// Equivalent, or so once comments, space and needless quotes are out of the expressions: a rename and its inverse leave such quotes behind.
bool alike(const Expression& a, const Expression& b);
bool alike(const schema::Boxed<Expression>& a, const schema::Boxed<Expression>& b);
bool alike(const schema::Boxed<schema::Generated>& a, const schema::Boxed<schema::Generated>& b);
bool alike(const Column& a, const Column& b, const schema::Comparison& how);
bool alike(const Constraint& a, const Constraint& b, const schema::Comparison& how);
bool alike(const Index& a, const Index& b, const schema::Comparison& how);
bool alike(const Table& a, const Table& b, const schema::Comparison& how);
bool alike(const schema::Object& a, const schema::Object& b, const schema::Comparison& how);

/// Calls `use` for every expression in it.
template <class Use>
void for_each_expression(std::vector<schema::IndexPart>& parts, Use use) {
  for (auto& part : parts) {
    if (part.expression) use(*part.expression);
  }
}
template <class Use>
void for_each_expression(Column& column, Use use) {
  if (column.server_default) use(*column.server_default);
  if (column.generated) use(column.generated->expression);
}
template <class Use>
void for_each_expression(Constraint& constraint, Use use) {
  if (auto* key = std::get_if<schema::PrimaryKey>(&constraint)) for_each_expression(key->columns, use);
  if (auto* unique = std::get_if<schema::Unique>(&constraint)) for_each_expression(unique->columns, use);
  if (auto* check = std::get_if<schema::Check>(&constraint)) use(check->expression);
  if (auto* exclude = std::get_if<schema::Exclude>(&constraint)) {
    for (auto& element : exclude->elements) {
      if (element.part.expression) use(*element.part.expression);
    }
    if (exclude->where) use(*exclude->where);
  }
}
template <class Use>
void for_each_expression(Index& index, Use use) {
  for_each_expression(index.columns, use);
  if (index.where) use(*index.where);
}
template <class Use>
void for_each_expression(Table& table, Use use) {
  for (auto& column : table.columns) for_each_expression(column, use);
  for (auto& constraint : table.constraints) for_each_expression(constraint, use);
  for (auto& index : table.indexes) for_each_expression(index, use);
}
template <class Use>
void for_each_expression(schema::Object& object, Use use) {
  use(object.definition);
}

}  // namespace aludel::op
