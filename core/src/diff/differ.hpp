#pragma once

#include <aludel/diff/compare.hpp>
#include <aludel/op/dependents.hpp>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace aludel::diff {

using schema::Column;
using schema::Constraint;
using schema::Index;
using schema::Metadata;
using schema::Name;
using schema::Table;

/// Builds the operations one by one, applying each to a working copy as it goes: so every operation fits the state that the ones before it leave,
/// renames have rewritten what names the thing, and whatever had to be freed for a drop is simply missing later, and created again.
///
/// The copy is made with the first operation; schemas without a difference are only read.
class Differ {
 public:
  Differ(const Metadata& from, const Metadata& to, const Options& options);
  Result run();

 private:
  const Metadata& current() const { return working_ ? *working_ : from_; }
  const Metadata& target() const { return respelled_ ? *respelled_ : to_; }
  void emit(op::Operation operation);
  /// The same, marked for review where it destroys data.
  void emit_drop(op::Body body);

  bool same_name(std::string_view a, std::string_view b) const;
  bool altered_options(const schema::Options& a, const schema::Options& b) const;
  /// Tables that both sides have and that may be changed.
  std::vector<Name> common_tables() const;

  // In the order they run.
  void respell_target();
  void rename_tables();
  void rename_columns();
  void rename_table(const Name& from, const std::string& to);
  void create_surroundings();
  void drop_objects();
  void drop_keys_and_indexes();
  void drop_tables();
  void create_tables();
  void change_columns();
  void add_keys_and_indexes();
  void change_tables();
  void create_objects();
  void drop_surroundings();
  void suggest_tables();
  void suggest_columns(const Table& current, const Table& wanted);

  void alter_enum(const schema::EnumType& from, const schema::EnumType& to);
  void add_column(const Name& table, const Column& column);
  void alter_column(const Name& table, const Column& from, const Column& to);
  void drop_column(const Name& table, const std::string& column);
  void drop_object(const schema::ObjectKey& key);
  void drop_constraint(const Name& table, std::size_t position);
  void drop_index(const Name& table, const std::string& index);
  /// Drops, deepest first, what a drop would break. What the target still wants is created again later.
  void free(const std::vector<op::Dependent>& dependents);

  const Metadata& from_;
  const Metadata& to_;
  const Options& options_;
  std::optional<Metadata> working_;
  std::optional<Metadata> respelled_;
  Result result_;
};

/// How the constraints, or the indexes, of a table pair up: positions in both lists.
struct Pairing {
  std::vector<std::pair<std::size_t, std::size_t>> same;     ///< equivalent, names included
  std::vector<std::pair<std::size_t, std::size_t>> renamed;  ///< equivalent but for the name
  std::vector<std::pair<std::size_t, std::size_t>> altered;  ///< one name, other content
  std::vector<std::size_t> dropped, added;
};
Pairing pair_constraints(const Table& from, const Table& to, const Options& options);
Pairing pair_indexes(const Table& from, const Table& to, const Options& options);
/// May the change be made in place (deferrability, validity, comment), rather than by dropping and adding?
bool alterable(const Constraint& from, const Constraint& to, const schema::Comparison& how);
bool alterable(const Index& from, const Index& to, const schema::Comparison& how);

}  // namespace aludel::diff
