#pragma once

#include <aludel/op/apply.hpp>
#include <aludel/op/dependents.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace aludel::op {

/// `apply` for one operation: checks all that can fail, then changes the schema. One overload per operation, by subject in several files.
class Applier {
 public:
  Applier(schema::Metadata& schema, const Rewriter& rewriter, const ApplyOptions& options)
      : schema_(schema), rewriter_(rewriter), options_(options) {}

  void operator()(const CreateTable& body);
  void operator()(const DropTable& body);
  void operator()(const RenameTable& body);
  void operator()(const AlterTable& body);
  void operator()(const AddColumn& body);
  void operator()(const DropColumn& body);
  void operator()(const AlterColumn& body);
  void operator()(const RenameColumn& body);
  void operator()(const AddConstraint& body);
  void operator()(const DropConstraint& body);
  void operator()(const AlterConstraint& body);
  void operator()(const RenameConstraint& body);
  void operator()(const ValidateConstraint& body);
  void operator()(const CreateIndex& body);
  void operator()(const DropIndex& body);
  void operator()(const AlterIndex& body);
  void operator()(const RenameIndex& body);
  void operator()(const CreateEnum& body);
  void operator()(const AlterEnum& body);
  void operator()(const DropEnum& body);
  void operator()(const CreateSequence& body);
  void operator()(const AlterSequence& body);
  void operator()(const DropSequence& body);
  void operator()(const CreateSchema& body);
  void operator()(const AlterSchema& body);
  void operator()(const DropSchema& body);
  void operator()(const CreateObject& body);
  void operator()(const ReplaceObject& body);
  void operator()(const RenameObject& body);
  void operator()(const DropObject& body);
  void operator()(const AttachPartition& body);
  void operator()(const DetachPartition& body);
  void operator()(const Sql& body);
  // Rows are none of a schema's business, and what cannot be seen through changes nothing here.
  void operator()(const Insert&) {}
  void operator()(const Delete&) {}
  void operator()(const Call&) {}
  void operator()(const Assert&) {}
  void operator()(const Irreversible&) {}
  void operator()(const Custom&) {}

 private:
  Table& table(const Name& name);
  Column& column(Table& table, std::string_view name);
  void check_relation_free(const Name& name) const;
  void check_columns(const Table& table, const Constraint& constraint) const;
  void check_columns(const Table& table, const Index& index) const;
  void check_table(const Table& table) const;
  /// Throws unless `same`; `is` and `said` are spelled for people.
  void check_from(bool same, const std::string& what, const std::string& is, const std::string& said) const;
  void check_free(const std::string& what, const std::vector<Dependent>& dependents) const;
  void erase_children(const Name& relation);

  void rename_enum(const Name& type, const std::string& to);
  /// Moves a table (or view) to another name: foreign keys, parents, dependencies, owned sequences; texts through the rewriter.
  void move_relation(const Name& from, const Name& to, std::string_view kind);
  /// Foreign keys to the table.
  template <class Change>
  void for_each_reference(const Name& table, Change change);
  void move_references(const Name& from, const Name& to, bool is_table);
  void move_objects(const Name& from, const Name& to, std::string_view kind);
  void rewrite(schema::Expression& expression, TextKind kind, const Name& owner, const Rename& rename) const;
  void rewrite_expressions(Table& table, const Rename& rename) const;

  schema::Metadata& schema_;
  const Rewriter& rewriter_;
  const ApplyOptions& options_;
};

/// The index of the constraint that an operation means: by name, or, where that is empty, by what `definition` says.
std::optional<std::size_t> find_constraint(const Table& table, const std::string& name, const std::optional<Constraint>& definition,
                                           const schema::Comparison& how);
/// Gives constraints and indexes without a name the ones that their like have in `held`, which stands for the same table.
void take_names(Table& table, const Table& held, const schema::Comparison& how);
/// The unique constraint that an operation on an index means where no index has the name: some dialects have no unique indexes but these, so that
/// what one revision created as an index is read back as a constraint before the next. Else null.
const schema::Unique* find_unique(const Table& table, const std::string& index);
/// The same, as the index that it is.
std::optional<schema::Index> find_unique_index(const Table& table, const std::string& index);

/// Is the type, or an array's element, this enumeration?
bool uses_enum(const Type& type, const Name& name);
/// The same type with the enumeration in it changed by `change`; its canonical spelling is forgotten.
template <class Change>
void change_enum(Type& type, const Name& name, Change change) {
  if (!uses_enum(type, name)) return;
  type.canonical.clear();
  if (type.kind == schema::TypeKind::array) {
    change_enum(type.element.front(), name, change);
  } else {
    change(type);
  }
}

}  // namespace aludel::op
