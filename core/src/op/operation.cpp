#include <aludel/op/operation.hpp>

#include "op/overloaded.hpp"

namespace aludel::op {

namespace {

// In the order of `Body`, whose index is the index here.
const std::vector<std::string>& names() {
  static const std::vector<std::string> all = {"create_table",
                                               "drop_table",
                                               "rename_table",
                                               "alter_table",
                                               "add_column",
                                               "drop_column",
                                               "alter_column",
                                               "rename_column",
                                               "add_constraint",
                                               "drop_constraint",
                                               "alter_constraint",
                                               "rename_constraint",
                                               "validate_constraint",
                                               "create_index",
                                               "drop_index",
                                               "alter_index",
                                               "rename_index",
                                               "create_enum",
                                               "alter_enum",
                                               "drop_enum",
                                               "create_sequence",
                                               "alter_sequence",
                                               "drop_sequence",
                                               "create_schema",
                                               "alter_schema",
                                               "drop_schema",
                                               "create_object",
                                               "replace_object",
                                               "rename_object",
                                               "drop_object",
                                               "attach_partition",
                                               "detach_partition",
                                               "insert",
                                               "delete",
                                               "sql",
                                               "call",
                                               "assert",
                                               "irreversible",
                                               "custom"};
  return all;
}

}  // namespace

bool operator==(const Sql& a, const Sql& b) { return a.sql == b.sql && a.undo == b.undo && a.effect == b.effect; }

std::span<const std::string> operation_names() { return names(); }

std::string_view name_of(const Operation& operation) {
  static_assert(std::variant_size_v<Body> == 39, "name the new operation above");
  return names().at(operation.body.index());
}

std::optional<Name> table_of(const Operation& operation) {
  return std::visit(
      [](const auto& body) -> std::optional<Name> {
        using T = std::decay_t<decltype(body)>;
        if constexpr (std::same_as<T, CreateTable>) {
          return body.table.name;
        } else if constexpr (requires { requires std::same_as<std::decay_t<decltype(body.table)>, Name>; }) {
          return body.table;
        } else {
          return std::nullopt;
        }
      },
      operation.body);
}

bool is_barrier(const Operation& operation) {
  return touches_rows(operation) || std::holds_alternative<Assert>(operation.body) || std::holds_alternative<Custom>(operation.body);
}

bool touches_rows(const Operation& operation) {
  return std::holds_alternative<Sql>(operation.body) || std::holds_alternative<Call>(operation.body) ||
         std::holds_alternative<Insert>(operation.body) || std::holds_alternative<Delete>(operation.body);
}

bool renames_to_itself(const Operation& operation) {
  return std::visit(
      [](const auto& body) {
        using T = std::decay_t<decltype(body)>;
        if constexpr (std::same_as<T, RenameTable>)
          return body.to == body.table.name;
        else if constexpr (std::same_as<T, RenameColumn>)
          return body.to == body.column;
        else if constexpr (std::same_as<T, RenameConstraint>)
          return body.to == body.name;
        else if constexpr (std::same_as<T, RenameIndex>)
          return body.to == body.index;
        else if constexpr (std::same_as<T, RenameObject>)
          return body.to == body.object.name.name;
        else
          return false;
      },
      operation.body);
}

bool is_opaque(const Operation& operation) {
  if (const auto* sql = std::get_if<Sql>(&operation.body)) return !sql->effect;
  return std::holds_alternative<Call>(operation.body) || std::holds_alternative<Custom>(operation.body);
}

}  // namespace aludel::op
