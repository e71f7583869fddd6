#pragma once

#include <aludel/op/dependents.hpp>

#include <set>
#include <string>
#include <vector>

#include "diff/table_changes.hpp"
#include "diff/working.hpp"

namespace aludel::diff {

/// Builds the operations one by one, applying each to a working copy as it goes: so every operation fits the state that the ones before it leave,
/// renames have rewritten what names the thing, and whatever had to be freed for a drop is simply missing later, and created again.
class Differ {
 public:
  Differ(const schema::Metadata& from, const schema::Metadata& to, const Options& options);
  Result run();

 private:
  using Metadata = schema::Metadata;
  using Name = schema::Name;

  const Metadata& now() const { return working_.now(); }
  const Metadata& target() const { return respelled_ ? *respelled_ : to_; }
  const schema::Comparison& how() const { return options_.comparison; }
  op::Dependencies dependencies() const { return {now(), *options_.rewriter}; }
  /// Is there such a table on both sides, ours to change?
  bool is_common(const Name& name) const;
  TableChanges changes_of(const Name& name) const;

  // In the order they run.
  void create_schemas();
  void find_changed_tables();
  void create_sequences();
  void drop_objects();
  void drop_keys();
  void drop_tables();
  void create_tables();
  void change_columns();
  void add_keys();
  void change_tables();
  void change_sequences();
  void create_objects(bool before_tables);
  void drop_the_rest();

  // columns.cpp
  void change_columns(const Name& name);
  void add_column(const Name& table, const schema::Column& column);
  void alter_column(op::AlterColumn alter);
  void drop_column(const Name& table, const std::string& column);

  // drops.cpp
  void drop_object(const schema::ObjectKey& key);
  void drop_constraint(const Name& table, const schema::Constraint& constraint);
  void drop_index(const Name& table, const std::string& index);
  /// Drops, deepest first, what a drop would break. What the target still wants is created again later.
  void free(const std::vector<op::Dependent>& dependents);

  // objects.cpp
  bool stands_before_tables(const schema::Object& object) const;
  bool is_replaceable(const schema::Object& is, const schema::Object& wanted) const;
  std::vector<schema::Object> in_order(const std::vector<const schema::Object*>& objects) const;

  bool is_key_ready(const schema::Table& table, const schema::ForeignKey& key, const std::set<Name>& created) const;
  void add_constraints(const Name& table, bool foreign);
  void add_indexes(const Name& table);

  // suggest.cpp
  void suggest_tables(const std::vector<const schema::Table*>& dropped, const std::vector<const schema::Table*>& added);
  void suggest_columns(const TableChanges& changes);

  const Metadata& to_;
  const Options& options_;
  Result result_;
  Working working_;
  std::optional<Metadata> respelled_;
  std::set<schema::ObjectKey> dropping_;
  std::set<Name> changed_;  ///< tables on both sides that differ, or did
};

}  // namespace aludel::diff
