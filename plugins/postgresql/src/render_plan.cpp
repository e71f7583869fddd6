#include "render_plan.hpp"

#include "quoting.hpp"
#include "render_order.hpp"
#include "render_text.hpp"
#include "rewriter.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace aludel::postgresql {

using dialect::Boundary;
using dialect::Hazard;
using dialect::HazardKind;
using dialect::Statement;

Planner::Planner(std::span<const op::Operation> operations, const schema::Metadata& before, const dialect::Server& server,
                 const dialect::RenderOptions& options)
    : operations_(operations), before_(before), server_(server), options_(options), schema_(before) {
  apply_options_.ignore_from = true;
  apply_options_.comparison.dialects = {"postgresql"};
}

namespace {

bool makes_routine(const op::Operation& operation) {
  const auto routine = [](const schema::ObjectKey& key) { return key.kind == "function" || key.kind == "procedure"; };
  if (const auto* create = std::get_if<op::CreateObject>(&operation.body)) return routine(create->object.key);
  if (const auto* replace = std::get_if<op::ReplaceObject>(&operation.body)) return routine(replace->to.key);
  return false;
}

}  // namespace

struct Planner::Visitor {
  Planner& plan;

  op::Operations self() const { return {plan.current()}; }

  void operator()(const op::CreateTable& body) { plan.create_table(body); }
  void operator()(const op::DropTable& body) { plan.drop_table(body); }
  void operator()(const op::RenameTable& body) { plan.rename_table(body); }
  void operator()(const op::AlterTable& body) { plan.alter_table(body); }
  void operator()(const op::AddColumn& body) { plan.add_column(body); }
  void operator()(const op::DropColumn& body) { plan.drop_column(body); }
  void operator()(const op::AlterColumn& body) { plan.alter_column(body); }
  void operator()(const op::RenameColumn& body) { plan.rename_column(body); }
  void operator()(const op::AddConstraint& body) { plan.add_constraint(body); }
  void operator()(const op::DropConstraint& body) { plan.drop_constraint(body); }
  void operator()(const op::AlterConstraint& body) { plan.alter_constraint(body); }
  void operator()(const op::RenameConstraint& body) {
    plan.restore_all();
    plan.settle_later(body.table);
    plan.write_hazardous(
        fmt::format("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", quote_name(body.table), quote_identifier(body.name), quote_identifier(body.to)),
        plan.brief_lock(body.table), self());
  }
  void operator()(const op::ValidateConstraint& body) {
    if (plan.is_suspended(body.table, body.name)) return;
    plan.settle_later();
    plan.write_hazardous(
        fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", quote_name(body.table), quote_identifier(body.name)),
        {HazardKind::scan, fmt::format("reads all rows of {} to validate {}; they can be read and written meanwhile", body.table.text(), body.name)},
        self());
  }
  void operator()(const op::CreateIndex& body) { plan.create_index(body); }
  void operator()(const op::DropIndex& body) { plan.drop_index(body); }
  void operator()(const op::AlterIndex& body) { plan.alter_index(body); }
  void operator()(const op::RenameIndex& body) {
    plan.restore_all();
    plan.write(fmt::format("ALTER INDEX {} RENAME TO {}", index_name(body.table, body.index), quote_identifier(body.to)), self());
  }
  void operator()(const op::CreateEnum& body) { plan.create_enum(body); }
  void operator()(const op::AlterEnum& body) { plan.alter_enum(body); }
  void operator()(const op::DropEnum& body) {
    plan.suspend_users_of_enum(body.type);
    plan.keep_access_of_enum(body.type);
    plan.write(fmt::format("DROP TYPE {}{}", body.if_exists ? "IF EXISTS " : "", quote_name(body.type)), self());
  }
  void operator()(const op::CreateSequence& body) { plan.create_sequence(body); }
  void operator()(const op::AlterSequence& body) { plan.alter_sequence(body); }
  void operator()(const op::DropSequence& body) {
    if (plan.early_.contains("drop sequence " + body.sequence.text())) return;
    plan.write_hazardous(fmt::format("DROP SEQUENCE {}{}", body.if_exists ? "IF EXISTS " : "", quote_name(body.sequence)),
                         {HazardKind::data_loss, "loses the position of sequence " + body.sequence.text()}, self());
  }
  void operator()(const op::CreateSchema& body) { plan.create_schema(body); }
  void operator()(const op::AlterSchema& body) { plan.alter_schema(body); }
  void operator()(const op::DropSchema& body) { plan.drop_schema(body); }
  void operator()(const op::CreateObject& body) { plan.create_object(body); }
  void operator()(const op::ReplaceObject& body) { plan.replace_object(body); }
  void operator()(const op::RenameObject& body) { plan.rename_object(body); }
  void operator()(const op::DropObject& body) { plan.drop_object(body); }
  void operator()(const op::AttachPartition& body) { plan.attach(body.table, body.partition, body.bounds); }
  void operator()(const op::DetachPartition& body) {
    if (plan.puts_off_detaching(body)) return;
    plan.write_hazardous(fmt::format("ALTER TABLE {} DETACH PARTITION {}", quote_name(body.table), quote_name(body.partition)),
                         plan.brief_lock(body.table), self());
  }
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
    throw Error(ErrorKind::unsupported, fmt::format("PostgreSQL knows no custom operation {}", quoted(body.name)));
  }
};

dialect::Script Planner::run(std::span<const std::size_t> order) {
  for (const op::Operation& operation : operations_) {
    if (const auto* create = std::get_if<op::CreateTable>(&operation.body)) to_come_.insert(create->table.name);
  }
  // A body may name what only comes later; PostgreSQL then looks at it when it runs (manual, 20.11, check_function_bodies).
  if (std::any_of(operations_.begin(), operations_.end(), makes_routine)) {
    script_.prologue.emplace_back("SET check_function_bodies = off");
    script_.epilogue.emplace_back("RESET check_function_bodies");
  }
  order_ = creation_order(operations_, order);
  for (place_ = 0; place_ < order_.size(); ++place_) {
    index_ = order_[place_];
    try {
      step();
    } catch (Error& error) {
      error.set_location(current().location);
      throw;
    }
  }
  settle();
  settle_later();
  return std::move(script_);
}

void Planner::step() {
  if (op::is_barrier(current())) {
    settle();
    settle_later();
  }
  if (done_.contains(index_)) return;
  carry_out();
  settle_foreign_keys();
  settle_marks();
}

void Planner::carry_out() {
  if (!op::renames_to_itself(current())) std::visit(Visitor{*this}, current().body);
  apply(current());
  if (!anew_.empty()) restore();
}

void Planner::apply(const op::Operation& operation) {
  if (op::is_opaque(operation)) return;
  op::apply(operation, schema_, rewriter(), apply_options_);
}

Statement& Planner::write(std::string sql, op::Operations effect) {
  altering_.reset();
  actions_.clear();
  Statement& statement = script_.statements.emplace_back();
  statement.sql = std::move(sql);
  statement.operations = {index_};
  statement.effect = std::exchange(untold_, {});
  statement.effect.insert(statement.effect.end(), effect.begin(), effect.end());
  return statement;
}

Statement& Planner::write_hazardous(std::string sql, Hazard hazard, op::Operations effect) {
  Statement& statement = write(std::move(sql), std::move(effect));
  if (!hazard.text.empty()) statement.hazards.push_back(std::move(hazard));
  return statement;
}

Statement& Planner::write_outside(std::string sql, op::Operations effect) {
  Statement& statement = write(std::move(sql), std::move(effect));
  statement.boundary = Boundary::outside_transaction;
  // Such a build waits for others without keeping anybody waiting, as long as that takes.
  statement.lock_timeout = std::chrono::milliseconds(0);
  statement.statement_timeout = std::chrono::milliseconds(0);
  statement.hazards.push_back({HazardKind::not_transactional, "runs outside a transaction"});
  return statement;
}

void Planner::write_check(std::string query, Value equals, std::string message, bool counted) {
  Statement& statement = write(std::move(query));
  statement.expect = dialect::Expectation{std::move(equals), std::move(message), {}, ErrorKind::constraint, counted};
}

void Planner::alter(const Name& table, std::vector<Action> actions, op::Operations effect) {
  if (actions.empty()) {
    if (effect.empty()) return;
    // Nothing to run, yet the schema's description changes: the statement before tells of it.
    auto& told = script_.statements.empty() ? untold_ : script_.statements.back().effect;
    told.insert(told.end(), effect.begin(), effect.end());
    return;
  }
  // A statement drops columns first, then changes types, then adds columns, in whatever order it says so (the server's tablecmds.c, AlterTablePass).
  const auto is_part_of = [](std::string_view target, std::string_view column) {
    return column.starts_with("column ") && target.ends_with(column.substr(column.find(' ')));
  };
  const auto is_worked_on = [&](const Action& action) {
    return std::any_of(actions_.begin(), actions_.end(), [&](const Action& one) {
      return one.target == action.target || is_part_of(one.target, action.target) || is_part_of(action.target, one.target);
    });
  };
  const bool joins = altering_ == table && std::none_of(actions.begin(), actions.end(), is_worked_on);
  if (!joins) {
    write({});
    altering_ = table;
    if (Hazard lock = brief_lock(table); !lock.text.empty()) script_.statements.back().hazards.push_back(std::move(lock));
  }
  Statement& statement = script_.statements.back();
  for (Action& action : actions) {
    if (action.hazard && std::find(statement.hazards.begin(), statement.hazards.end(), *action.hazard) == statement.hazards.end()) {
      statement.hazards.push_back(*action.hazard);
    }
    actions_.push_back(std::move(action));
  }
  if (std::find(statement.operations.begin(), statement.operations.end(), index_) == statement.operations.end())
    statement.operations.push_back(index_);
  statement.effect.insert(statement.effect.end(), effect.begin(), effect.end());
  const schema::Table* known = schema_.find_table(table);
  std::string text = fmt::format("ALTER {} {}", known == nullptr ? "TABLE" : table_word(*known), quote_name(table));
  const std::string_view separator = actions_.size() == 1 ? " " : "\n  ";
  for (std::size_t i = 0; i < actions_.size(); ++i) text += (i == 0 ? std::string() : std::string(",")) + std::string(separator) + actions_[i].text;
  statement.sql = std::move(text);
}

void Planner::commit() {
  // What is away comes back before others could miss it.
  if (!held_.empty() || !held_parts_.empty()) restore();
  altering_.reset();
  actions_.clear();
  if (script_.statements.empty()) return;
  Statement& last = script_.statements.back();
  if (last.boundary == Boundary::none) last.boundary = Boundary::commit_after;
}

void Planner::settle() {
  restore_all();
  settle_foreign_keys();
}

void Planner::settle_foreign_keys() {
  std::vector<std::pair<Name, schema::ForeignKey>> left;
  for (auto& [table, key] : waiting_keys_) {
    if (schema_.find_table(key.referenced_table) == nullptr) {
      left.emplace_back(table, std::move(key));
      continue;
    }
    const std::string target = "constraint " + key.name;
    std::string text = "ADD " + constraint_definition(key);
    if (!key.validated && !flag(key.options, "not_enforced")) text += " NOT VALID";
    alter(table, {{std::move(text), target}}, {op::AddConstraint{table, key}});
    if (!key.comment.empty()) write(comment_on(fmt::format("CONSTRAINT {} ON {}", quote_identifier(key.name), quote_name(table)), key.comment));
  }
  waiting_keys_ = std::move(left);
}

void Planner::settle_later() {
  if (later_.empty()) return;
  commit();
  const std::vector<Later> all = std::exchange(later_, {});
  for (const Later& one : all) {
    // Each by itself, so that one that fails leaves the others valid, and no lock is held for the length of another's scan.
    Statement& statement = write_hazardous(fmt::format("ALTER TABLE {} {}", quote_name(one.table), one.text), one.hazard, one.effect);
    statement.boundary = Boundary::commit_after;
  }
}

void Planner::settle_later(const Name& table) {
  if (std::any_of(later_.begin(), later_.end(), [&](const Later& one) { return one.table == table; })) settle_later();
}

bool Planner::is_to_come(const std::function<bool(const op::Operation&)>& is_wanted) const {
  for (std::size_t place = place_ + 1; place < order_.size(); ++place) {
    const op::Operation& later = operations_[order_[place]];
    if (op::is_barrier(later)) return false;
    if (!done_.contains(order_[place]) && is_wanted(later)) return true;
  }
  return false;
}

bool Planner::is_busy(const Name& table) const { return !created_.contains(table) && schema_.find_table(table) != nullptr; }
bool Planner::is_safe(const Name& table) const { return options_.online && is_busy(table); }

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

bool Planner::is_attached(const Name& table) const {
  const auto first = schema_.objects.lower_bound({"partition", table, "", ""});
  return first != schema_.objects.end() && first->first.kind == "partition" && first->first.name == table;
}

std::vector<schema::Name> Planner::children_of(const Name& table) const {
  std::vector<Name> children;
  const std::string text = table.text();
  for (auto at = schema_.objects.lower_bound({"partition", {}, "", ""}); at != schema_.objects.end() && at->first.kind == "partition"; ++at) {
    if (at->first.parent == text) children.push_back(at->first.name);
  }
  for (const auto& [name, child] : schema_.tables) {
    const auto parents = list_option(child.options, "inherits");
    if (std::find(parents.begin(), parents.end(), text) != parents.end()) children.push_back(name);
  }
  return children;
}

bool Planner::comes_from_parent(const Name& table, std::string_view column) const {
  const schema::Table* known = schema_.find_table(table);
  if (known == nullptr) return false;
  const schema::Column* found = known->find_column(column);
  return is_attached(table) || (found != nullptr && is_inherited(found->options));
}

Hazard Planner::brief_lock(const Name& table) const {
  if (!is_busy(table)) return {HazardKind::lock, ""};
  return {HazardKind::lock, fmt::format("keeps readers and writers of {} waiting while it runs (ACCESS EXCLUSIVE)", table.text())};
}

}  // namespace aludel::postgresql
