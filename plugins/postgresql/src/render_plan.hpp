#pragma once

#include "render_access.hpp"
#include "render_suspend.hpp"

#include <aludel/dialect/dialect.hpp>
#include <aludel/op/apply.hpp>
#include <aludel/op/dependents.hpp>

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aludel::postgresql {

dialect::Hazard scan_without_writers(const schema::Name& table, std::string_view why);

/// Turns one revision's operations into a script; used once.
///
/// Operations are written one by one, each against the schema that those before it leave. Neighbouring changes to one table join into one ALTER
/// TABLE. What stands in the way of a change (a view on a column that changes its type) is dropped, and made again before the next operation that
/// could need it. What a busy table should not wait for is put off: a constraint is added NOT VALID at once and validated behind a commit.
class Planner {
 public:
  Planner(std::span<const op::Operation> operations, const schema::Metadata& before, const dialect::Server& server,
          const dialect::RenderOptions& options);
  /// In the order given, in which what only creates is sorted.
  dialect::Script run(std::span<const std::size_t> order);

 private:
  using Name = schema::Name;
  struct Visitor;

  /// A part of an ALTER TABLE.
  struct Action {
    std::string text;
    std::string target;  ///< what it works on, "column name" or "constraint name": two works on one thing do not join
    std::optional<dialect::Hazard> hazard{};
  };
  /// Done behind a commit, so that the lock taken before is gone by then.
  struct Later {
    Name table;
    std::string text;
    dialect::Hazard hazard;
    op::Operations effect{};
  };
  /// What takes a partition from a table, and waits until that is made anew.
  struct PutOff {
    Name table, partition;
    std::size_t operation;
  };
  /// A table's mark on an index that is not there yet.
  struct Mark {
    Name table;
    std::string index;
    std::string action;
  };

  void step();
  /// Writes the current operation and applies it to the schema.
  void carry_out();
  const op::Operation& current() const { return operations_[index_]; }
  void apply(const op::Operation& operation);
  /// Is such an operation still to be written, before the next barrier?
  bool is_to_come(const std::function<bool(const op::Operation&)>& is_wanted) const;

  // Writing (render_plan.cpp)
  dialect::Statement& write(std::string sql, op::Operations effect = {});
  dialect::Statement& write_hazardous(std::string sql, dialect::Hazard hazard, op::Operations effect = {});
  dialect::Statement& write_outside(std::string sql, op::Operations effect = {});
  void write_check(std::string query, Value equals, std::string message, bool counted = false);
  void alter(const Name& table, std::vector<Action> actions, op::Operations effect = {});
  void commit();
  void settle();
  void settle_foreign_keys();
  void settle_later();
  /// Where something is put off that names a part of this table as it is called now.
  void settle_later(const Name& table);
  bool is_busy(const Name& table) const;
  bool is_safe(const Name& table) const;
  const schema::Table& table_at(const Name& name) const;
  const schema::Column& column_at(const Name& table, std::string_view column) const;
  bool is_attached(const Name& table) const;
  std::vector<Name> children_of(const Name& table) const;
  bool comes_from_parent(const Name& table, std::string_view column) const;
  dialect::Hazard brief_lock(const Name& table) const;

  // Tables (render_tables.cpp)
  void create_table(const op::CreateTable& operation);
  void finish_table(const schema::Table& table);
  void comment_parts(const schema::Table& table);
  void settle_inherited(const schema::Table& table);
  void mark(const Name& table, const schema::Options& options);
  void settle_marks();
  void drop_table(const op::DropTable& operation);
  void rename_table(const op::RenameTable& operation);
  void alter_table(const op::AlterTable& operation);
  void alter_table_options(const Name& table, const schema::Options& from, const schema::Options& to);

  // Tables that are partitioned otherwise (render_table_anew.cpp)
  void make_table_anew(const op::AlterTable& operation);
  schema::Table make_empty(const schema::Table& table, const op::AlterTable& operation);
  void copy_rows(const schema::Table& table, const schema::Table& fresh);
  void take_place(const schema::Table& table, const schema::Table& fresh, const op::AlterTable& operation);
  /// A partition that is dropped, while its table is partitioned otherwise or no longer, goes when its rows are copied.
  bool puts_off_detaching(const op::DetachPartition& operation);
  bool puts_off_dropping(const op::DropTable& operation);
  /// Carries out the next such operation before the barrier at once; false where there is none.
  bool bring_forward(const std::function<bool(const op::Operation&)>& is_wanted);
  /// Carries out at once what a later operation does to the parents of a new table: a partitioned table has no heirs.
  void make_parents_anew(const schema::Table& child);

  // Columns (render_columns.cpp)
  void add_column(const op::AddColumn& operation);
  void column_extras(const Name& table, const schema::Column& column, std::vector<Action>& actions) const;
  void drop_column(const op::DropColumn& operation);
  void rename_column(const op::RenameColumn& operation);
  /// An identity's sequence that is named after table and column, as the server does it, goes on being so.
  void take_sequence_along(const schema::Table& table, const schema::Column& column, const std::string& to);
  /// The name of a NOT NULL that nobody chose (PostgreSQL 18) likewise.
  void take_not_null_along(const schema::Table& table, const schema::Column& column, const Name& to_table, const std::string& to_column);
  void alter_column(const op::AlterColumn& operation);
  void change_type(const op::AlterColumn& operation, std::vector<Action>& actions);
  void change_default(const op::AlterColumn& operation, std::vector<Action>& actions);
  void change_identity(const op::AlterColumn& operation, std::vector<Action>& actions);
  void change_nullable(const op::AlterColumn& operation, std::vector<Action>& actions);
  void rename_identity_sequence(const op::AlterColumn& operation);
  void change_options(const op::AlterColumn& operation, std::vector<Action>& actions);
  bool make_anew(const op::AlterColumn& operation);
  bool changes_type_again(const op::AlterColumn& operation) const;
  void set_not_null(const Name& table, const std::string& column, op::Operations effect);
  static std::string not_null_name(const Name& table, const std::string& column, const schema::Options& options);
  /// ADD CONSTRAINT ... NOT NULL, where SET NOT NULL cannot say all of it; else empty.
  std::string not_null_clause(const Name& table, const std::string& column, const schema::Options& options) const;
  void change_not_null(const op::AlterColumn& operation);
  std::string known_not_null(const Name& table, const std::string& column) const;

  // Constraints and indexes (render_keys.cpp)
  void add_constraint(const op::AddConstraint& operation);
  void add_through_index(const Name& table, const schema::Constraint& constraint);
  /// Does this drop make room for another index or key of the name, whose new one can be built beside it?
  bool is_replaced_later(const Name& table, const std::string& index) const;
  /// Builds the index beside the old one and lets it take the other's place.
  void replace_index(const Name& table, const schema::Index& from, const schema::Index& to);
  void drop_constraint(const op::DropConstraint& operation);
  /// Foreign keys that are bound to one of several keys over the same columns, which only the server knows, are made again for another.
  void free_foreign_keys_to(const Name& name, const schema::Index& unique);
  /// The constraint that comes back in a later operation as it is, but for having a parent's; else null.
  const schema::Constraint* added_again(const op::DropConstraint& drop) const;
  void alter_constraint(const op::AlterConstraint& operation);
  void create_index(const op::CreateIndex& operation);
  void build_index(const Name& table, const schema::Index& index, op::Operations effect);
  void drop_index(const op::DropIndex& operation);
  void alter_index(const op::AlterIndex& operation);
  void index_extras(const Name& table, const schema::Index& index);

  // Types, sequences, schemas (render_types.cpp)
  void create_enum(const op::CreateEnum& operation);
  void alter_enum(const op::AlterEnum& operation);
  void create_sequence(const op::CreateSequence& operation);
  void alter_sequence(const op::AlterSequence& operation);
  void own_sequences(const Name& table);
  /// An identity's sequence and a serial column's have one name: what is to go makes place for what is to come.
  void free_identity_of(const Name& sequence);
  void free_sequence_of(const schema::Table& table, const schema::Column& column);
  /// A sequence that stands outside its new bounds is moved to the nearer one, before it gets them. Returns what the ALTER must say besides.
  std::string move_into_bounds(const Name& sequence, const schema::Identity& from, std::string_view from_type, const schema::Identity& to,
                               std::string_view to_type);
  void alter_now(const Name& table, std::string action, op::Operations effect);
  void alter_schema(const op::AlterSchema& operation);
  void drop_schema(const op::DropSchema& operation);
  void create_schema(const op::CreateSchema& operation);

  // Objects (render_changes.cpp)
  void create_object(const op::CreateObject& operation);
  void write_object(const schema::Object& object, op::Operations effect);
  /// Takes back what default privileges have granted to a new thing and nobody wants.
  void settle_privileges(schema::ObjectKey key, std::string_view kind);
  void change_privileges(const schema::ObjectKey& key, std::string_view from, std::string_view to, op::Operations effect);
  void replace_object(const op::ReplaceObject& operation);
  void rename_object(const op::RenameObject& operation);
  void drop_object(const op::DropObject& operation);
  void attach(const Name& table, const Name& partition, const std::string& bounds);
  bool replace_in_place(const schema::Object& from, const schema::Object& to);
  /// Makes a domain, composite or range type anew under the columns that are of it (render_types_anew.cpp).
  void make_type_anew(const schema::Object& from, const schema::Object& to);

  // What is in the way of a change (render_suspend.cpp)
  /// Drops these and what hangs on them, deepest first, to be made again by `restore` as they are then.
  void suspend(std::vector<schema::ObjectKey> keys, std::vector<Part> parts = {});
  /// What must go for a while where a column changes its type or its collation, or, where there is no type `to`, the whole column goes.
  void suspend_users_of(const Name& table, const std::string& column, const schema::Type* from, const schema::Type* to);
  void collect_users_of(const Name& table, const std::string& column, const schema::Type* from, const schema::Type* to,
                        std::vector<schema::ObjectKey>& keys, std::vector<Part>& parts) const;
  std::vector<Part> parts_on_column(const Name& table, const std::string& column, const schema::Type* from, const schema::Type* to) const;
  /// The objects that name the column and that a later operation changes or drops: out of the way of the column that goes now.
  void suspend_changing_users_of(const Name& table, const std::string& column);
  void suspend_users_of_enum(const Name& type);
  struct Suspects {
    std::set<schema::ObjectKey> objects;
    std::set<Part> parts;
  };
  /// These and what hangs on them.
  Suspects with_users(std::vector<schema::ObjectKey> keys, std::vector<Part> parts) const;
  void take_away(const Suspects& suspects);
  /// Owners and privileges of what is dropped here and made again; nothing for what this revision made.
  void keep_access_of(const std::vector<const schema::Object*>& objects, const std::set<Part>& parts);
  /// The same of an enumeration that is dropped and created in one revision, which is how it loses a value.
  void keep_access_of_enum(const Name& type);
  bool has_privileges_in_schema(const Name& name) const;
  void take_away(const Part& part);
  /// Is a later operation to make a plain column of the generated one? Then that is done at once.
  bool keeps_values(const Part& part);
  /// Those of the objects that need more than what tables are made of.
  std::set<schema::ObjectKey> upper_of(const std::vector<const schema::Object*>& order) const;
  // What comes back (render_restore.cpp)
  /// Makes again what went, but for what a later operation is to change and what hangs on that.
  void restore();
  void restore_all();
  void restore(const Suspects& kept);
  Suspects changing_later() const;
  /// Does an object that is away name one that this operation, or a later one, makes or changes?
  bool changes_later(const schema::ObjectKey& key) const;
  bool reads_what_is_to_come(const schema::ObjectKey& key) const;
  /// Restores, where a column of the table is away.
  void need_columns_of(const Name& table);
  void give_back(const Part& part);
  /// The types of columns that hold values of the type inside of others: in an array, or as an attribute. PostgreSQL cannot look into those.
  std::vector<Part> columns_around(const schema::ObjectKey& type) const;
  /// Columns that wait as text could not become values of a composite type with other attributes.
  void refuse_other_text(const schema::Object& made, const std::map<Part, std::size_t>& parts) const;
  /// Gives the column another type through the text of its values.
  void retype(const Part& part, const schema::Type& type);
  void give_back_column(const Name& table, const schema::Column& column);
  void give_back_constraint(const Name& table, const schema::Constraint& constraint);
  /// The table's marks on an index that is made again.
  void mark_again(const Name& table, const std::string& index);
  bool is_of_parent(const Name& table, const schema::Options& options) const;
  /// Is a constraint or index of the name away?
  bool is_suspended(const Name& table, const std::string& name) const;

  // Data (render_data.cpp)
  void insert(const op::Insert& operation);
  void erase(const op::Delete& operation);
  void run_sql(const op::Sql& operation);
  void check(const op::Assert& operation);

  std::span<const op::Operation> operations_;
  const schema::Metadata& before_;
  dialect::Server server_;
  dialect::RenderOptions options_;
  op::ApplyOptions apply_options_;
  schema::Metadata schema_;
  std::vector<std::size_t> order_;  ///< in which the operations are written
  std::size_t place_ = 0;           ///< in that order
  std::size_t index_ = 0;
  std::set<Name> created_;  ///< tables that nobody uses yet
  std::set<Name> to_come_;  ///< tables that the revision creates

  dialect::Script script_;
  std::optional<Name> altering_;  ///< the table of the last statement, where more can join it
  std::vector<Action> actions_;   ///< of that statement
  op::Operations untold_;         ///< what changes in the schema's description before the first statement
  std::vector<Later> later_;
  std::vector<std::pair<Name, schema::ForeignKey>> waiting_keys_;  ///< to tables that are not there yet
  std::map<Name, schema::Sequence> waiting_owners_;                ///< sequences whose owner is not there yet
  std::vector<Mark> marks_;
  std::map<schema::ObjectKey, std::string> made_;                   ///< privileges of new things, with what was granted at once
  std::set<std::string> early_;                                     ///< done before its operation: "drop sequence name", "drop identity table.column"
  std::map<std::pair<Name, std::string>, schema::Index> replaced_;  ///< indexes that are there until their new form is
  std::map<std::pair<Name, std::string>, schema::Constraint> replaced_keys_;  ///< keys likewise
  std::set<std::string> cascaded_;                                            ///< changes that a parent's change has made in its children
  std::map<schema::ObjectKey, std::size_t> suspended_;                        ///< with the operation that they stood in the way of
  std::map<Part, std::size_t> suspended_parts_;
  std::map<schema::ObjectKey, std::string> composites_away_;  ///< with their definitions
  std::map<Part, schema::Type> typed_;                        ///< what those of kind `typed` had
  std::map<schema::ObjectKey, std::string> held_;             ///< references of what keep_access was asked for
  std::map<Part, std::string> held_parts_;
  std::set<schema::ObjectKey> new_objects_;  ///< made by this revision
  std::set<std::size_t> done_;               ///< operations that were written and applied before their turn
  std::vector<PutOff> put_off_;
  std::vector<std::string> held_anew_;  ///< references of those that are remembered
  std::vector<Held> anew_;              ///< a table that is made anew by the current operation, and its sequences
};

}  // namespace aludel::postgresql
