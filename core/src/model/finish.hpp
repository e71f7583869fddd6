#pragma once

#include "model/draft.hpp"

#include <aludel/error.hpp>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace aludel::detail {

/// A draft on its way into the schema.
struct TableWork {
  const TableDraft* draft = nullptr;
  schema::Table table;
  std::map<const ColumnDraft*, std::string> names;
  std::vector<const ConstraintDraft*> checks;        ///< in the order of the Checks in `table`
  std::vector<const ConstraintDraft*> foreign_keys;  ///< likewise
};

/// Makes a schema of drafts in passes over all tables, for foreign keys and relationships look at other tables and at everything in their own.
/// Mistakes are collected, so that all of them are seen at once.
class Finisher {
 public:
  explicit Finisher(const ModelsDraft& models) : models_(models) {}
  schema::Metadata run();

 private:
  // finish.cpp
  void add_table(const TableDraft& draft);
  void add_columns(TableWork& work);
  void set_type(TableWork& work, const ColumnDraft& draft, schema::Column& column);
  void set_labels(const ColumnDraft& draft, schema::Column& column, const TableWork& work);
  void check_column(const TableWork& work, const ColumnDraft& draft, const schema::Column& column);
  void check_default(const TableWork& work, const ColumnDraft& draft, const schema::Column& column);
  void add_enumeration(const TableWork& work, const schema::Column& column);
  void report();

  // finish_keys.cpp
  void add_constraints(TableWork& work);
  void add_primary_key(TableWork& work, const ConstraintDraft& draft);
  void add_check(TableWork& work, const ConstraintDraft& draft);
  void add_foreign_key(TableWork& work, const ConstraintDraft& draft);
  void add_indexes(TableWork& work);
  void add_identity(TableWork& work);
  std::vector<schema::IndexPart> resolve(const TableWork& work, const std::vector<PartDraft>& parts, const std::string& what);
  std::vector<std::string> resolve_names(const TableWork& work, const std::vector<PartDraft>& parts, const std::string& what);
  void require_columns(const TableWork& work, const std::vector<std::string>& columns, const std::string& what);
  std::string convention(const std::string& pattern, const TableWork& work, const std::vector<std::string>& columns,
                         const schema::ForeignKey* foreign_key = nullptr);
  void name_checks(TableWork& work);

  // finish_references.cpp
  void resolve_foreign_keys(TableWork& work);
  const TableWork* target_of(const TableWork& work, const ForeignTarget& target, const std::string& what);
  void set_referenced(const TableWork& work, const TableWork& other, const ForeignTarget& target, schema::ForeignKey& key, const std::string& what);
  void check_foreign_key(const TableWork& work, const TableWork& other, const schema::ForeignKey& key, const std::string& what);
  void add_relationship_index(TableWork& work, const schema::ForeignKey& key);
  void check_names(const TableWork& work);
  void check_index_names();
  void add_objects();
  void add_object(const ObjectDraft& draft);
  void derive_dependencies(const std::vector<std::size_t>& without);

  void problem(const TableWork& work, std::string message, std::string hint);
  void problem(const TableDraft* draft, std::string message, std::string hint);
  /// "column 'hero.age'"
  static std::string column_text(const TableWork& work, std::string_view column);
  static std::string table_text(const schema::Name& name);

  const ModelsDraft& models_;
  schema::Metadata metadata_;
  std::vector<TableWork> works_;
  std::map<schema::Name, const TableDraft*> declared_;  // by name, whose declaration it was
  std::vector<schema::Object> objects_;
  std::vector<Error> errors_;
};

/// The columns of a key, without order.
std::set<std::string> column_set(const std::vector<schema::IndexPart>& parts);
bool is_integer(schema::TypeKind kind);

}  // namespace aludel::detail
