#include <algorithm>

#include "diff/differ.hpp"

namespace aludel::diff {

using schema::Constraint;
using schema::ForeignKey;
using schema::Index;

namespace {

template <class T>
bool goes(const TableChanges::Fate<T>& fate) {
  return !fate.to || fate.how == TableChanges::Fate<T>::How::recreate;
}

bool is_foreign(const Constraint& constraint) { return std::holds_alternative<ForeignKey>(constraint); }

}  // namespace

// All tables' drops come before all additions, so that a name may move from one table to another, and foreign keys go before the keys they need.

void Differ::drop_keys() {
  for (const bool foreign : {true, false}) {
    for (const Name& name : changed_) {
      const TableChanges changes = changes_of(name);
      std::vector<Constraint> dropped;
      for (std::size_t i = 0; i < changes.constraints.size(); ++i) {
        const Constraint& constraint = changes.from->constraints[i];
        if (goes(changes.constraints[i]) && is_foreign(constraint) == foreign) dropped.push_back(constraint);
      }
      for (const auto& constraint : dropped) drop_constraint(name, constraint);
    }
  }
  for (const Name& name : changed_) {
    const TableChanges changes = changes_of(name);
    std::vector<std::string> dropped;
    for (std::size_t i = 0; i < changes.indexes.size(); ++i) {
      if (goes(changes.indexes[i])) dropped.push_back(changes.from->indexes[i].name);
    }
    for (const auto& index : dropped) drop_index(name, index);
  }
}

void Differ::add_constraints(const Name& name, bool foreign) {
  const TableChanges changes = changes_of(name);
  using How = TableChanges::Fate<Constraint>::How;
  op::Operations operations;
  for (std::size_t i = 0; i < changes.constraints.size(); ++i) {
    const Constraint& is = changes.from->constraints[i];
    const auto& fate = changes.constraints[i];
    if (!fate.to || is_foreign(is) != foreign) continue;
    if (fate.how == How::rename) operations.emplace_back(op::RenameConstraint{name, name_of(is), name_of(*fate.to)});
    if (fate.how != How::alter) continue;
    Constraint wanted = *fate.to;
    name_of(wanted) = name_of(is);
    Constraint validated = is;
    if (auto* key = std::get_if<ForeignKey>(&validated)) key->validated = true;
    if (auto* check = std::get_if<schema::Check>(&validated)) check->validated = true;
    if (!name_of(is).empty() && !schema::equivalent(is, wanted, how()) && schema::equivalent(validated, wanted, how())) {
      operations.emplace_back(op::ValidateConstraint{name, name_of(is)});
    } else {
      operations.emplace_back(op::AlterConstraint{name, is, std::move(wanted)});
    }
  }
  for (const Constraint* constraint : changes.new_constraints) {
    if (is_foreign(*constraint) == foreign) operations.emplace_back(op::AddConstraint{name, *constraint});
  }
  for (auto& operation : operations) working_.run(std::move(operation));
}

void Differ::add_indexes(const Name& name) {
  const TableChanges changes = changes_of(name);
  using How = TableChanges::Fate<Index>::How;
  op::Operations operations;
  for (std::size_t i = 0; i < changes.indexes.size(); ++i) {
    const Index& is = changes.from->indexes[i];
    const auto& fate = changes.indexes[i];
    if (fate.to && fate.how == How::rename) operations.emplace_back(op::RenameIndex{name, is.name, fate.to->name});
    if (fate.to && fate.how == How::alter) operations.emplace_back(op::AlterIndex{name, is, *fate.to});
  }
  for (const Index* index : changes.new_indexes) operations.emplace_back(op::CreateIndex{name, *index});
  for (auto& operation : operations) working_.run(std::move(operation));
}

void Differ::add_keys() {
  for (const Name& name : changed_) add_constraints(name, false);
  for (const Name& name : changed_) add_indexes(name);
  for (const Name& name : changed_) add_constraints(name, true);
}

}  // namespace aludel::diff
