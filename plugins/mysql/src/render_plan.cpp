#include "render_plan.hpp"

#include "quoting.hpp"
#include "rewriter.hpp"

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace aludel::mysql {

using dialect::Hazard;
using dialect::HazardKind;
using dialect::Statement;

Planner::Planner(std::span<const op::Operation> operations, const schema::Metadata& before, const dialect::Server& server,
                 const dialect::RenderOptions& options)
    : operations_(operations), server_(server), options_(options), schema_(before), before_(server_, done_), after_(server_, schema_) {
  apply_options_.ignore_from = true;
  apply_options_.comparison.dialects = {"mysql"};
  if (server.flavour == "mariadb") apply_options_.comparison.dialects.emplace_back("mariadb");
  take_as_done();
}

struct Planner::Visitor {
  Planner& plan;

  op::Operations self() const { return {plan.current()}; }
  [[noreturn]] void refuse(std::string_view what) const {
    throw Error(ErrorKind::unsupported, fmt::format("{} has no {}", plan.after_.name(), what));
  }
  /// Said before it is applied: what the constraint was cannot be told afterwards.
  const schema::Constraint* held(const Name& table, const std::string& name) const {
    const schema::Table* found = plan.schema_.find_table(table);
    return found == nullptr || name.empty() ? nullptr : found->find_constraint(name);
  }

  void operator()(const op::CreateTable& body) { plan.create_table(body); }
  void operator()(const op::DropTable& body) { plan.drop_table(body); }
  void operator()(const op::RenameTable& body) { plan.rename_table(body); }
  void operator()(const op::AlterTable& body) { plan.alter_table(body); }
  void operator()(const op::AddColumn& body) { plan.add_column(body); }
  void operator()(const op::DropColumn& body) { plan.drop_column(body); }
  void operator()(const op::AlterColumn& body) { plan.alter_column(body); }
  void operator()(const op::RenameColumn& body) { plan.rename_column(body); }
  void operator()(const op::AddConstraint& body) { plan.change_constraint(body.table, &body.constraint); }
  void operator()(const op::DropConstraint& body) {
    plan.change_constraint(body.table, body.name.empty() && body.definition ? &*body.definition : held(body.table, body.name));
  }
  void operator()(const op::AlterConstraint& body) { plan.change_constraint(body.table, &body.to); }
  void operator()(const op::RenameConstraint& body) { plan.rename_constraint(body); }
  void operator()(const op::ValidateConstraint& body) { plan.change_constraint(body.table, held(body.table, body.name)); }
  void operator()(const op::CreateIndex& body) { plan.change_constraint(body.table, nullptr); }
  void operator()(const op::DropIndex& body) { plan.change_constraint(body.table, nullptr); }
  void operator()(const op::AlterIndex& body) { plan.change_constraint(body.table, nullptr); }
  void operator()(const op::RenameIndex& body) {
    plan.apply();
    plan.rename_index(body.table, body.index, body.to);
    plan.tell_current(body.table);
  }
  // Enumerations are no objects here: the columns carry their values.
  void operator()(const op::CreateEnum&) {
    plan.apply();
    plan.done_.enums = plan.schema_.enums;
  }
  void operator()(const op::AlterEnum& body) { plan.alter_enum(body); }
  void operator()(const op::DropEnum& body) {
    if (plan.schema_.enums.contains(body.type)) plan.apply();
  }
  void operator()(const op::CreateSequence& body) { plan.create_sequence(body); }
  void operator()(const op::AlterSequence& body) { plan.alter_sequence(body); }
  void operator()(const op::DropSequence& body) {
    plan.settle();
    plan.need_sequences();
    plan.apply();
    plan.write_ddl(fmt::format("DROP SEQUENCE {}{}", body.if_exists ? "IF EXISTS " : "", quote_name(body.sequence)),
                   {HazardKind::data_loss, "loses the position of sequence " + printable(body.sequence.text(), 80)}, self());
  }
  void operator()(const op::CreateSchema&) { refuse("schemas inside of a database"); }
  void operator()(const op::AlterSchema&) { refuse("schemas inside of a database"); }
  void operator()(const op::DropSchema&) { refuse("schemas inside of a database"); }
  void operator()(const op::CreateObject& body) { plan.create_object(body); }
  void operator()(const op::ReplaceObject& body) { plan.replace_object(body); }
  void operator()(const op::RenameObject& body) { plan.rename_object(body); }
  void operator()(const op::DropObject& body) { plan.drop_object(body); }
  void operator()(const op::AttachPartition&) { refuse("partitions that are tables"); }
  void operator()(const op::DetachPartition&) { refuse("partitions that are tables"); }
  void operator()(const op::Insert& body) { plan.insert(body); }
  void operator()(const op::Delete& body) { plan.erase(body); }
  void operator()(const op::Sql& body) { plan.run_sql(body); }
  void operator()(const op::Call& body) { plan.write({}, self()).call = dialect::FunctionCall{body.function, body.arguments}; }
  void operator()(const op::Assert& body) { plan.check(body); }
  void operator()(const op::Irreversible& body) {
    throw Error(ErrorKind::guard, "this revision must not be undone: " + printable(body.reason, 1000))
        .with_hint("restore a backup, or write a new revision that goes forward");
  }
  void operator()(const op::Custom& body) {
    throw Error(ErrorKind::unsupported, fmt::format("{} knows no custom operation {}", plan.after_.name(), quoted(body.name)));
  }
};

dialect::Script Planner::run() {
  if (options_.foreign_keys_off) {
    script_.prologue.emplace_back("SET SESSION foreign_key_checks = 0");
    script_.epilogue.emplace_back("SET SESSION foreign_key_checks = 1");
  }
  for (index_ = 0; index_ < operations_.size(); ++index_) {
    try {
      step();
    } catch (Error& error) {
      error.set_location(current().location);
      throw;
    }
  }
  index_ = operations_.empty() ? 0 : operations_.size() - 1;
  settle();
  return std::move(script_);
}

void Planner::step() {
  if (op::is_barrier(current())) settle();
  if (op::renames_to_itself(current())) return apply();
  std::visit(Visitor{*this}, current().body);
}

void Planner::apply() {
  if (op::is_opaque(current())) return;
  op::apply(current(), schema_, rewriter(), apply_options_);
}

void Planner::take_as_done() {
  // Constraints without a name keep the one that the server gave them, whatever comes and goes beside them.
  std::vector<Name> unspelled;
  for (const auto& [name, table] : schema_.tables) {
    if (!is_spelled(table)) unspelled.push_back(name);
  }
  for (const Name& name : unspelled) spell(schema_.tables.at(name), after_);
  done_.tables = schema_.tables;
  done_.enums = schema_.enums;
}

Planner::Pending& Planner::touch(const Name& table) {
  const auto found = pending_.find(table);
  if (found != pending_.end()) return found->second;
  order_.push_back(table);
  Pending& pending = pending_[table];
  const schema::Table* held = done_.find_table(table);
  if (held == nullptr) {
    pending.created = true;
    return pending;
  }
  pending.before = *held;
  for (const auto& column : held->columns) pending.columns[column.name] = column.name;
  return pending;
}

void Planner::tell(const Name& table, op::Operation operation) {
  Pending& pending = touch(table);
  if (pending.operations.empty() || pending.operations.back() != index_) pending.operations.push_back(index_);
  if (!pending.created) {
    if (const auto reason = op::destroys(operation)) pending.hazards.push_back({HazardKind::data_loss, "loses " + *reason});
  }
  pending.told.push_back(std::move(operation));
}

Statement& Planner::write(std::string sql, op::Operations effect) {
  Statement& statement = script_.statements.emplace_back();
  statement.sql = std::move(sql);
  statement.operations = {index_};
  statement.effect = std::move(effect);
  return statement;
}

Statement& Planner::write_ddl(std::string sql, op::Operations effect) {
  Statement& statement = write(std::move(sql), std::move(effect));
  statement.boundary = dialect::Boundary::commit_after;  // it makes one itself
  return statement;
}

Statement& Planner::write_ddl(std::string sql, Hazard hazard, op::Operations effect) {
  Statement& statement = write_ddl(std::move(sql), std::move(effect));
  statement.hazards.push_back(std::move(hazard));
  return statement;
}

const schema::Table& Planner::table_at(const Name& name) const {
  const schema::Table* table = schema_.find_table(name);
  if (table == nullptr) throw Error(ErrorKind::schema, fmt::format("there is no table {}", quoted(name.text())));
  return *table;
}

const schema::Column& Planner::column_at(const Name& table, std::string_view column) const {
  const schema::Column* found = table_at(table).find_column(column);
  if (found == nullptr) throw Error(ErrorKind::schema, fmt::format("table {} has no column {}", quoted(table.text()), quoted(column)));
  return *found;
}

bool Planner::is_created(const Name& table) const {
  const auto found = pending_.find(table);
  return found != pending_.end() && found->second.created;
}

}  // namespace aludel::mysql
