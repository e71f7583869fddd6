#pragma once

#include "render_alter.hpp"
#include "render_text.hpp"

#include <aludel/dialect/dialect.hpp>
#include <aludel/op/apply.hpp>

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aludel::mysql {

/// Turns one revision's operations into a script; used once.
///
/// Operations on tables are not written one by one: they change the schema as it shall be, and where something needs them done (rows that are read
/// or written, an object, the end) every table that differs is made or altered in one statement. Tables go in such an order that no foreign key is
/// without the keys it needs; a foreign key that stands in the way goes before and comes back in statements of its own. What nobody waits for
/// (sequences, dropped tables and objects) is written at once.
class Planner {
 public:
  Planner(std::span<const op::Operation> operations, const schema::Metadata& before, const dialect::Server& server,
          const dialect::RenderOptions& options);
  dialect::Script run();

 private:
  using Name = schema::Name;
  struct Visitor;

  /// A table that differs from the one in the database.
  struct Pending {
    bool created = false;
    bool if_not_exists = false;
    schema::Table before;                        ///< as it stands in the database
    std::map<std::string, std::string> columns;  ///< see TableChange
    std::map<std::string, std::string> dropped;
    std::map<std::string, std::string> keys;
    op::Operations told;                  ///< what was said of it, but for foreign keys
    std::vector<std::size_t> operations;  ///< which said something
    std::vector<dialect::Hazard> hazards;
  };
  /// A foreign key on its way, by its place among the constraints of the table as it stands (going) or as it shall be (coming).
  struct Going {
    std::string name;
    std::size_t position = 0;
    Name referenced;
  };
  struct Coming {
    std::string definition;
    std::size_t position = 0;
    Name referenced;
  };
  struct Links {
    std::vector<Going> going;
    std::vector<Coming> coming;
  };

  void step();
  const op::Operation& current() const { return operations_[index_]; }
  void apply();
  /// What the schema is now stands in the database.
  void take_as_done();
  Pending& touch(const Name& table);
  void tell(const Name& table, op::Operation operation);
  void tell_current(const Name& table) { tell(table, current()); }

  // Writing (render_plan.cpp)
  dialect::Statement& write(std::string sql, op::Operations effect = {});
  dialect::Statement& write_ddl(std::string sql, op::Operations effect = {});
  dialect::Statement& write_ddl(std::string sql, dialect::Hazard hazard, op::Operations effect);
  const schema::Table& table_at(const Name& name) const;
  const schema::Column& column_at(const Name& table, std::string_view column) const;
  bool is_created(const Name& table) const;

  // Tables that wait (render_settle.cpp)
  void settle();
  /// The same for what this object may name. Others may wait, if no server would hold them as they are so far.
  void settle_for(const schema::Object& object);
  void free_changed_columns();
  Links links_of(const Name& table) const;
  std::vector<Name> settling_order(const std::map<Name, Links>& links) const;
  void write_table(const Name& table, Links& links, std::map<Name, std::vector<Coming>>& late);
  /// Goes an index of it, or changes?
  bool drops_keys(const Name& name) const;
  void write_creation(const Name& table, const std::vector<Coming>& late);
  void write_alteration(const Name& table, const Links& links, const std::vector<Coming>& now);
  void refuse_rows_without_values(const Name& table);
  /// Those of foreign keys, from either end.
  std::set<std::string> bound_columns(const Name& table) const;
  void keep_history(const schema::Table& table);
  void drop_references(const Name& table, Links& links, const Name& referenced);
  void add_references(const Name& table, const std::vector<Coming>& coming);
  void respell_objects();
  /// Which texts a rename has changed; `renamed`: of a table, where one was.
  void note_respelled(const schema::SharedMap<schema::ObjectKey, schema::Object>& before, const op::RenameTable& renamed);

  // Operations on tables (render_tables.cpp)
  void create_table(const op::CreateTable& operation);
  void drop_table(const op::DropTable& operation);
  void rename_table(const op::RenameTable& operation);
  void alter_table(const op::AlterTable& operation);
  void add_column(const op::AddColumn& operation);
  void drop_column(const op::DropColumn& operation);
  void refuse_impossible_cast(const op::AlterColumn& operation) const;
  void alter_column(const op::AlterColumn& operation);
  void convert_column(const op::AlterColumn& operation);
  void rename_column(const op::RenameColumn& operation);
  void fill(const Name& table, const std::string& column, const schema::Expression& value);
  void change_constraint(const Name& table, const schema::Constraint* held);
  void rename_constraint(const op::RenameConstraint& operation);
  void rename_index(const Name& table, const std::string& from, const std::string& to);
  void alter_enum(const op::AlterEnum& operation);

  // Objects and sequences (render_objects.cpp)
  void create_object(const op::CreateObject& operation);
  void replace_object(const op::ReplaceObject& operation);
  void rename_object(const op::RenameObject& operation);
  void drop_object(const op::DropObject& operation);
  void write_object(const schema::Object& object, bool replaces, op::Operations effect = {});
  std::string creation_of(const schema::Object& object, bool replaces) const;
  std::string place_of_trigger(const schema::Object& object) const;
  void need_sequences() const;
  void create_sequence(const op::CreateSequence& operation);
  void alter_sequence(const op::AlterSequence& operation);

  // Data (render_data.cpp)
  void insert(const op::Insert& operation);
  void erase(const op::Delete& operation);
  void run_sql(const op::Sql& operation);
  void check(const op::Assert& operation);

  std::span<const op::Operation> operations_;
  dialect::Server server_;
  dialect::RenderOptions options_;
  op::ApplyOptions apply_options_;
  schema::Metadata schema_;  ///< as it shall be
  schema::Metadata done_;    ///< its tables as they stand in the database, but for renamed columns and keys
  Target before_;            ///< of done_
  Target after_;             ///< of schema_
  std::size_t index_ = 0;

  dialect::Script script_;
  std::vector<Name> order_;  ///< of what is pending
  std::map<Name, Pending> pending_;
  std::map<Name, std::set<std::size_t>> rehung_;  ///< foreign keys of schema_ that go while a column changes, and come back
  std::set<schema::ObjectKey> respelled_;         ///< whose text changed with a rename
};

}  // namespace aludel::mysql
