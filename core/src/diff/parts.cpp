#include <aludel/op/order.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>

#include "differ.hpp"

namespace aludel::diff {

void Differ::free(const std::vector<op::Dependent>& dependents) {
  using Kind = op::Dependent::Kind;
  // Positions shift as things go, so each is remembered by what it is.
  for (const op::Dependent& dependent : dependents) {
    if (dependent.kind == Kind::object && current().objects.contains(dependent.object)) drop_object(dependent.object);
  }
  std::vector<std::pair<Name, Constraint>> constraints;
  std::vector<std::pair<Name, std::string>> indexes;
  std::vector<std::pair<Name, std::string>> columns;
  for (const op::Dependent& dependent : dependents) {
    if (dependent.kind == Kind::object) continue;
    const Table& table = *current().find_table(dependent.table);
    switch (dependent.kind) {
      case Kind::constraint:
        constraints.emplace_back(dependent.table, table.constraints[dependent.position]);
        break;
      case Kind::index:
        indexes.emplace_back(dependent.table, table.indexes[dependent.position].name);
        break;
      case Kind::default_value:
      case Kind::generated:
        columns.emplace_back(dependent.table, table.columns[dependent.position].name);
        break;
      case Kind::object:
        break;
    }
  }
  for (const auto& [table, index] : indexes) {
    if (current().find_table(table)->find_index(index) != nullptr) drop_index(table, index);
  }
  for (const auto& [table, constraint] : constraints) {
    const auto& all = current().find_table(table)->constraints;
    const auto found = std::find(all.begin(), all.end(), constraint);
    if (found != all.end()) drop_constraint(table, static_cast<std::size_t>(found - all.begin()));
  }
  for (const auto& [table, name] : columns) {
    const Column column = *current().find_table(table)->find_column(name);
    op::AlterColumn alter;
    alter.table = table;
    alter.column = name;
    if (column.generated) alter.generated = op::Change<std::optional<schema::Generated>>{column.generated, std::nullopt};
    if (column.server_default) alter.server_default = op::Change<std::optional<schema::Expression>>{column.server_default, std::nullopt};
    if (alter.generated || alter.server_default) emit(std::move(alter));
  }
}

void Differ::drop_object(const schema::ObjectKey& key) {
  free(op::Dependencies(current(), *options_.rewriter).of_object(key));
  const auto found = current().objects.find(key);
  if (found != current().objects.end()) emit_drop(op::DropObject{key, schema::Object(found->second)});
}

void Differ::drop_constraint(const Name& table, std::size_t position) {
  const Constraint constraint = current().find_table(table)->constraints[position];
  free(op::Dependencies(current(), *options_.rewriter).of_constraint(table, position));
  emit_drop(op::DropConstraint{table, schema::name_of(constraint), constraint});
}

void Differ::drop_index(const Name& table, const std::string& index) {
  const Table& is = *current().find_table(table);
  const auto found = std::find_if(is.indexes.begin(), is.indexes.end(), [&](const Index& one) { return one.name == index; });
  free(op::Dependencies(current(), *options_.rewriter).of_index(table, static_cast<std::size_t>(found - is.indexes.begin())));
  if (const Index* left = current().find_table(table)->find_index(index)) emit_drop(op::DropIndex{table, index, Index(*left)});
}

void Differ::drop_objects() {
  std::vector<schema::ObjectKey> gone;
  for (const auto& [key, object] : current().objects) {
    const auto wanted = target().objects.find(key);
    const bool stays = wanted != target().objects.end();
    if (!stays || (!options_.replace_objects && !schema::equivalent(object, wanted->second, options_.comparison))) gone.push_back(key);
  }
  for (const schema::ObjectKey& key : gone) {
    if (current().objects.contains(key)) drop_object(key);
  }
}

void Differ::create_objects() {
  std::vector<const schema::Object*> missing;
  for (const auto& [key, object] : target().objects) {
    const auto is = current().objects.find(key);
    if (is == current().objects.end() || !schema::equivalent(is->second, object, options_.comparison)) missing.push_back(&object);
  }
  for (const schema::Object* object : op::order_objects(missing)) {
    const auto is = current().objects.find(object->key);
    if (is == current().objects.end()) {
      emit(op::CreateObject{*object});
    } else {
      emit(op::ReplaceObject{schema::Object(is->second), *object});
    }
  }
}

void Differ::drop_keys_and_indexes() {
  for (const Name& name : common_tables()) {
    const Table& wanted = *target().find_table(name);
    const Pairing indexes = pair_indexes(*current().find_table(name), wanted, options_);
    std::vector<std::string> gone;
    for (const std::size_t i : indexes.dropped) gone.push_back(current().find_table(name)->indexes[i].name);
    for (const auto& [i, j] : indexes.altered) {
      const Index& is = current().find_table(name)->indexes[i];
      if (!alterable(is, wanted.indexes[j], options_.comparison)) gone.push_back(is.name);
    }
    for (const std::string& index : gone) {
      if (current().find_table(name)->find_index(index) != nullptr) drop_index(name, index);
    }
  }
  // Foreign keys first: what they reference may go after them.
  for (const bool foreign : {true, false}) {
    for (const Name& name : common_tables()) {
      const Table& is = *current().find_table(name);
      const Table& wanted = *target().find_table(name);
      const Pairing pairing = pair_constraints(is, wanted, options_);
      std::vector<Constraint> gone;
      for (const std::size_t i : pairing.dropped) gone.push_back(is.constraints[i]);
      for (const auto& [i, j] : pairing.altered) {
        if (!alterable(is.constraints[i], wanted.constraints[j], options_.comparison)) gone.push_back(is.constraints[i]);
      }
      for (const Constraint& constraint : gone) {
        if (std::holds_alternative<schema::ForeignKey>(constraint) != foreign) continue;
        const auto& all = current().find_table(name)->constraints;
        const auto found = std::find(all.begin(), all.end(), constraint);
        if (found != all.end()) drop_constraint(name, static_cast<std::size_t>(found - all.begin()));
      }
    }
  }
}

void Differ::add_keys_and_indexes() {
  const auto tables = [this] {
    std::vector<Name> names;
    for (const auto& [name, table] : target().tables) {
      if (!table.external) names.push_back(name);
    }
    return names;
  }();
  const auto add_constraints = [&](const Name& name, bool foreign) {
    const Table& wanted = *target().find_table(name);
    const Pairing pairing = pair_constraints(*current().find_table(name), wanted, options_);
    std::vector<op::Operation> operations;
    const auto& is = current().find_table(name)->constraints;
    for (const auto& [i, j] : pairing.renamed) {
      if (std::holds_alternative<schema::ForeignKey>(is[i]) == foreign) {
        operations.emplace_back(op::RenameConstraint{name, schema::name_of(is[i]), schema::name_of(wanted.constraints[j])});
      }
    }
    for (const auto& [i, j] : pairing.altered) {
      if (std::holds_alternative<schema::ForeignKey>(is[i]) == foreign)
        operations.emplace_back(op::AlterConstraint{name, is[i], wanted.constraints[j]});
    }
    for (const std::size_t j : pairing.added) {
      if (std::holds_alternative<schema::ForeignKey>(wanted.constraints[j]) == foreign)
        operations.emplace_back(op::AddConstraint{name, wanted.constraints[j]});
    }
    for (op::Operation& operation : operations) emit(std::move(operation));
  };
  for (const Name& name : tables) add_constraints(name, false);
  for (const Name& name : tables) {
    const Table& wanted = *target().find_table(name);
    const Pairing pairing = pair_indexes(*current().find_table(name), wanted, options_);
    std::vector<op::Operation> operations;
    const auto& is = current().find_table(name)->indexes;
    for (const auto& [i, j] : pairing.renamed) operations.emplace_back(op::RenameIndex{name, is[i].name, wanted.indexes[j].name});
    for (const auto& [i, j] : pairing.altered) operations.emplace_back(op::AlterIndex{name, is[i], wanted.indexes[j]});
    for (const std::size_t j : pairing.added) operations.emplace_back(op::CreateIndex{name, wanted.indexes[j]});
    for (op::Operation& operation : operations) emit(std::move(operation));
  }
  for (const Name& name : tables) add_constraints(name, true);
}

}  // namespace aludel::diff
