#include <algorithm>

#include "diff/differ.hpp"
#include "op/freeing.hpp"

namespace aludel::diff {

using schema::Constraint;

void Differ::free(const std::vector<op::Dependent>& dependents) {
  using Kind = op::Dependent::Kind;
  // Positions shift as things go, so each is remembered by what it is.
  std::vector<std::pair<Name, Constraint>> constraints;
  std::vector<std::pair<Name, std::string>> indexes;
  op::Operations columns;
  for (const auto& dependent : dependents) {
    switch (dependent.kind) {
      case Kind::object:
        break;
      case Kind::constraint:
        constraints.emplace_back(dependent.table, now().tables.at(dependent.table).constraints[dependent.position]);
        break;
      case Kind::index:
        indexes.emplace_back(dependent.table, now().tables.at(dependent.table).indexes[dependent.position].name);
        break;
      case Kind::default_value:
      case Kind::generated:
        columns.push_back(op::take_away(dependent, now()));
        break;
    }
    if (is_common(dependent.table)) changed_.insert(dependent.table);
  }
  for (const auto& dependent : dependents) {
    if (dependent.kind == Kind::object) drop_object(dependent.object);
  }
  for (const auto& [table, constraint] : constraints) drop_constraint(table, constraint);
  for (const auto& [table, index] : indexes) drop_index(table, index);
  for (auto& column : columns) working_.run(std::move(column));
}

void Differ::drop_object(const schema::ObjectKey& key) {
  // Of a ring, whatever comes up again is left to itself.
  if (!now().objects.contains(key) || !dropping_.insert(key).second) return;
  free(dependencies().of_object(key));
  if (key.parent.empty() && op::is_relation(key.kind)) {
    for (const auto& child : dependencies().children_of(key.name)) drop_object(child);
  }
  dropping_.erase(key);
  if (!now().objects.contains(key)) return;
  working_.run(op::take_away({op::Dependent::Kind::object, {}, 0, key}, now()));
}

void Differ::drop_constraint(const Name& table, const Constraint& constraint) {
  const auto find = [&] {
    const auto& all = now().tables.at(table).constraints;
    return static_cast<std::size_t>(std::find(all.begin(), all.end(), constraint) - all.begin());
  };
  if (find() == now().tables.at(table).constraints.size()) return;
  free(dependencies().of_constraint(table, find()));
  if (find() == now().tables.at(table).constraints.size()) return;
  working_.run(op::take_away({op::Dependent::Kind::constraint, table, find(), {}}, now()));
}

void Differ::drop_index(const Name& table, const std::string& index) {
  const auto find = [&] {
    const auto& all = now().tables.at(table).indexes;
    const auto found = std::find_if(all.begin(), all.end(), [&](const schema::Index& held) { return held.name == index; });
    return static_cast<std::size_t>(found - all.begin());
  };
  if (find() == now().tables.at(table).indexes.size()) return;
  free(dependencies().of_index(table, find()));
  working_.run(op::take_away({op::Dependent::Kind::index, table, find(), {}}, now()));
}

}  // namespace aludel::diff
