#pragma once

#include "render_copy.hpp"
#include "render_native.hpp"

#include <aludel/dialect/dialect.hpp>
#include <aludel/op/apply.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aludel::sqlite {

/// Turns one revision's operations into a script; used once.
///
/// It carries two schemas: the *logical* one, in which every operation seen so far has happened, and the *physical* one, which the statements
/// written so far give. Changes to a table are not written when they are seen; the table is *pending* until something needs it in its new form, at
/// the latest until a barrier or the end. Then its two forms are compared, and written as ALTERs or as one rebuild. Views and triggers are dropped
/// at once and created behind all tables, so that no table is rebuilt twice for their sake. Renames are written at once, to both schemas.
class Planner {
 public:
  Planner(std::span<const op::Operation> operations, const schema::Metadata& before, const dialect::Server& server,
          const dialect::RenderOptions& options);
  dialect::Script run();

 private:
  using Name = schema::Name;
  using Indices = std::vector<std::size_t>;

  struct Pending {
    Indices operations{};
    bool created = false;                      ///< not there physically
    bool if_not_exists = false;                ///< as created
    bool reworded = false;                     ///< a rename came since, so that the operations' own words are out of date
    std::size_t told = 0;                      ///< so many of the operations stand in the effect of a statement written already
    std::optional<schema::Table> told_form{};  ///< the table after those
    std::map<std::string, std::optional<std::string>> sources{};
    std::map<std::string, ValueRule> rules{};
  };
  /// A view or trigger that is to be created behind all tables.
  struct Deferred {
    schema::ObjectKey key;
    Indices operations{};
    bool if_not_exists = false;
    std::optional<std::size_t> dropped_by{};  ///< the statement that dropped its old form
    op::Operations effect{};                  ///< of what was done to that old form
  };
  struct Visitor;

  const op::Operation& current() const { return operations_[index_]; }
  void step();
  void apply_logical();
  void apply_physical(const op::Operation& operation);

  // Pending tables
  Pending& pend(const Name& table);
  void forget_pending(const Name& table);
  void change_table(const Name& table);
  void create_table(const op::CreateTable& operation);
  void drop_table(const op::DropTable& operation);
  void rename_table(const op::RenameTable& operation);
  void add_column(const op::AddColumn& operation);
  void drop_column(const op::DropColumn& operation);
  void alter_column(const op::AlterColumn& operation);
  void rename_column(const op::RenameColumn& operation);
  void alter_enum(const op::AlterEnum& operation);
  void drop_enum(const op::DropEnum& operation);
  void validate(const op::ValidateConstraint& operation);
  bool tell_referring(const Name& table, op::Operations& effect);
  void flush_told();
  bool can_rename_now(const Pending& pending, const op::RenameColumn& operation) const;
  bool needs_new_form(const Pending& pending, const Name& table, const schema::Expression& expression) const;
  void write_rename(const op::RenameTable& operation, const Name& to);

  // Objects
  void create_object(const op::CreateObject& operation);
  void replace_object(const op::ReplaceObject& operation);
  void rename_object(const op::RenameObject& operation);
  void drop_object(const op::DropObject& operation);
  std::size_t write_drop(const schema::ObjectKey& key, bool if_exists);
  void defer(const schema::ObjectKey& key, std::optional<std::size_t> dropped_by);
  void defer_triggers_of(const schema::ObjectKey& view, std::size_t dropped_by);
  void defer_users_of(const schema::ObjectKey& view);
  Deferred* find_deferred(const schema::ObjectKey& key);
  void forget_deferred();
  void flush_objects();

  // Writing
  void flush_all();
  void flush(const Name& table);
  void flush_created(const Name& table, const Pending& pending);
  void flush_changed(const Name& table, const Pending& pending);
  void rebuild(const TableChange& change, const Pending& pending);
  void free_name(const std::string& name);
  std::vector<Name> flush_order() const;
  op::Operations effect_of(const Name& table, const Pending& pending) const;
  Indices operations_about(const Pending& pending, const Step& step) const;
  dialect::Statement& write(std::string sql, Indices operations);
  dialect::Statement& write(dialect::Statement statement, Indices operations);
  std::string temporary_name(const Name& table) const;

  // Foreign keys
  void switch_foreign_keys_off();
  void note_rename(const Name& from, const Name& to);
  void add_foreign_key_checks();
  void refuse_mixtures() const;
  void finish();

  std::span<const op::Operation> operations_;
  dialect::Server server_;
  dialect::RenderOptions options_;
  op::ApplyOptions apply_options_;
  schema::Metadata logical_;
  schema::Metadata physical_;
  std::size_t index_ = 0;

  std::map<Name, Pending> pending_;
  std::vector<Name> order_;  ///< of pending_, as they came
  std::set<Name> changing_;  ///< those of pending_ that are there physically
  std::vector<Deferred> deferred_;

  dialect::Script script_;
  std::string rebuilt_;                  ///< a table that is rebuilt, for messages; empty when there is none
  Indices rebuilding_;                   ///< the operations that are carried out so
  std::set<std::size_t> warned_;         ///< operations whose loss is written down
  std::optional<std::size_t> snapshot_;  ///< foreign keys are off; before this statement their violations are remembered
  std::map<Name, Name> names_then_;      ///< by today's name: a table's name at that moment, empty for one that was not there
  std::set<Name> unchecked_then_;        ///< tables whose foreign keys could not be checked at that moment
  std::set<Name> touched_;               ///< rebuilt tables
  std::set<Name> renumbered_;            ///< those whose rows have other rowids than before
};

/// SQL on foreign keys that have no row to point to.
namespace violations {

/// Tables with a foreign key that SQLite cannot check, because there is no key that it could point to ("foreign key mismatch").
std::set<schema::Name> unchecked_tables(const schema::Metadata& schema);

/// A table whose foreign keys are looked at.
struct Child {
  std::string name;  ///< as it is called now
  std::string then;  ///< as it was called when the violations were remembered; empty where they were not
  bool rows = true;  ///< its rows can be told apart by rowid
};
/// Keeps the violations of today in a temporary table.
std::string remember_sql(const std::vector<Child>& children);
/// A check that there are no others by now.
dialect::Statement none_new(const std::vector<Child>& children);
std::string forget_sql();

}  // namespace violations

}  // namespace aludel::sqlite
