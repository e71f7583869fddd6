#include "render_plan.hpp"

#include "lexer.hpp"
#include "render_checks.hpp"
#include "render_data.hpp"
#include "render_ddl.hpp"
#include "rewriter.hpp"

#include <aludel/sqlite/sqlite.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

namespace aludel::sqlite {

using schema::Column;
using schema::Table;

Planner::Planner(std::span<const op::Operation> operations, const schema::Metadata& before, const dialect::Server& server,
                 const dialect::RenderOptions& options)
    : operations_(operations), server_(server), options_(options), logical_(before), physical_(before) {
  // Whether the database agrees with `from` is for the runner to judge, by canonical spellings.
  apply_options_.ignore_from = true;
  apply_options_.comparison = dialect().comparison(server);
}

dialect::Script Planner::run() {
  if (options_.foreign_keys_off) switch_foreign_keys_off();
  for (index_ = 0; index_ < operations_.size(); ++index_) {
    try {
      step();
    } catch (Error& error) {
      error.set_location(current().location);
      throw;
    }
  }
  flush_all();
  finish();
  return std::move(script_);
}

void Planner::apply_logical() { op::apply(current(), logical_, rewriter(), apply_options_); }
void Planner::apply_physical(const op::Operation& operation) { op::apply(operation, physical_, rewriter(), apply_options_); }

struct Planner::Visitor {
  Planner& self;

  [[noreturn]] void refuse(std::string what) const {
    throw Error(ErrorKind::unsupported, fmt::format("SQLite has no {}, so `{}` cannot run on it", what, op::name_of(self.current())))
        .with_hint("leave it to a revision that runs on other databases only");
  }

  void operator()(const op::CreateTable& body) const { self.create_table(body); }
  void operator()(const op::DropTable& body) const { self.drop_table(body); }
  void operator()(const op::RenameTable& body) const { self.rename_table(body); }
  void operator()(const op::AlterTable& body) const {
    if (body.schema) refuse("schemas");
    self.change_table(body.table);
  }
  void operator()(const op::AddColumn& body) const { self.add_column(body); }
  void operator()(const op::DropColumn& body) const { self.drop_column(body); }
  void operator()(const op::AlterColumn& body) const { self.alter_column(body); }
  void operator()(const op::RenameColumn& body) const { self.rename_column(body); }
  void operator()(const op::AddConstraint& body) const { self.change_table(body.table); }
  void operator()(const op::DropConstraint& body) const { self.change_table(body.table); }
  void operator()(const op::AlterConstraint& body) const { self.change_table(body.table); }
  void operator()(const op::RenameConstraint& body) const { self.change_table(body.table); }
  void operator()(const op::ValidateConstraint& body) const { self.validate(body); }
  void operator()(const op::CreateIndex& body) const { self.change_table(body.table); }
  void operator()(const op::DropIndex& body) const { self.change_table(body.table); }
  void operator()(const op::AlterIndex& body) const { self.change_table(body.table); }
  void operator()(const op::RenameIndex& body) const { self.change_table(body.table); }
  // Enumerations are no objects here: the columns carry their values.
  void operator()(const op::CreateEnum&) const {
    self.apply_logical();
    self.physical_.enums = self.logical_.enums;
  }
  void operator()(const op::AlterEnum& body) const { self.alter_enum(body); }
  void operator()(const op::DropEnum& body) const { self.drop_enum(body); }
  void operator()(const op::CreateSequence&) const { refuse("sequences"); }
  void operator()(const op::AlterSequence&) const { refuse("sequences"); }
  void operator()(const op::DropSequence&) const { refuse("sequences"); }
  void operator()(const op::CreateSchema&) const { refuse("schemas"); }
  void operator()(const op::AlterSchema&) const { refuse("schemas"); }
  void operator()(const op::DropSchema&) const { refuse("schemas"); }
  void operator()(const op::CreateObject& body) const { self.create_object(body); }
  void operator()(const op::ReplaceObject& body) const { self.replace_object(body); }
  void operator()(const op::RenameObject& body) const { self.rename_object(body); }
  void operator()(const op::DropObject& body) const { self.drop_object(body); }
  void operator()(const op::AttachPartition&) const { refuse("partitions"); }
  void operator()(const op::DetachPartition&) const { refuse("partitions"); }
  void operator()(const op::Irreversible& body) const { refuse_irreversible(body); }

  void data(std::vector<dialect::Statement> statements) const {
    for (dialect::Statement& statement : statements) self.write(std::move(statement), {self.index_});
  }
  void operator()(const op::Insert& body) const { data(insert_statements(body)); }
  void operator()(const op::Delete& body) const { data(delete_statements(body)); }
  void operator()(const op::Call& body) const { data({call_statement(body)}); }
  void operator()(const op::Assert& body) const { data({assert_statement(body)}); }
  void operator()(const op::Custom& body) const { refuse_custom(body); }
  void operator()(const op::Sql& body) const {
    std::vector<dialect::Statement> statements = sql_statements(body, self.options_.transaction);
    if (body.effect) {
      self.apply_physical(self.current());
      self.apply_logical();
      if (!statements.empty()) statements.back().effect = *body.effect;
    }
    data(std::move(statements));
  }
};

void Planner::step() {
  if (op::is_barrier(current())) flush_all();
  if (op::renames_to_itself(current())) return apply_logical();
  std::visit(Visitor{*this}, current().body);
}

Planner::Pending& Planner::pend(const Name& table) {
  const auto [entry, fresh] = pending_.try_emplace(table);
  if (fresh) {
    order_.push_back(table);
    if (physical_.tables.count(table) != 0) changing_.insert(table);
    for (const Column& column : logical_.tables.at(table).columns) entry->second.sources[column.name] = column.name;
  }
  entry->second.operations.push_back(index_);
  return entry->second;
}

void Planner::forget_pending(const Name& table) {
  order_.erase(std::find(order_.begin(), order_.end(), table));
  changing_.erase(table);
}

void Planner::change_table(const Name& table) {
  if (logical_.find_table(table) != nullptr) pend(table);
  apply_logical();
}

void Planner::create_table(const op::CreateTable& operation) {
  local_name(operation.table.name);
  const bool exists = logical_.find_table(operation.table.name) != nullptr;
  apply_logical();
  if (exists) return;
  Pending& pending = pend(operation.table.name);
  pending.created = true;
  pending.if_not_exists = operation.if_not_exists;
}

/// A table is dropped while others that reference it in the database still wait for their new form. They are not written for its sake, since they may
/// be dropped themselves or change further; but what is to become of them has to be told first. Returns whether such references stay for a while.
bool Planner::tell_referring(const Name& table, op::Operations& effect) {
  bool stay = false;
  for (const auto& [name, referring] : physical_.tables) {
    const bool itself = name == table;  // clang 14 captures no structured bindings
    const bool refers = std::any_of(referring.constraints.begin(), referring.constraints.end(), [&](const schema::Constraint& constraint) {
      const auto* key = std::get_if<schema::ForeignKey>(&constraint);
      if (key == nullptr || !same_name(key->referenced_table.name, table.name)) return false;
      // SQLite empties a table before it drops it, and RESTRICT forbids that even within the table.
      return !itself || key->on_delete == schema::ForeignKeyAction::restrict;
    });
    if (!refers) continue;
    stay = true;
    const auto pending = pending_.find(name);
    if (itself || pending == pending_.end()) continue;
    const op::Operations told = effect_of(name, pending->second);
    effect.insert(effect.end(), told.begin(), told.end());
    pending->second.told = pending->second.operations.size();
    pending->second.told_form = logical_.tables.at(name);
  }
  return stay;
}

/// Before a rename: what is told of a table must not have its words changed.
void Planner::flush_told() {
  const std::vector<Name> names = order_;
  for (const Name& name : names) {
    if (const auto pending = pending_.find(name); pending != pending_.end() && pending->second.told_form) flush(name);
  }
}

void Planner::drop_table(const op::DropTable& operation) {
  const Name& name = operation.table;
  if (logical_.find_table(name) == nullptr) {
    apply_logical();
    return;
  }
  op::Operations effect;
  Indices indices;
  if (const auto pending = pending_.find(name); pending != pending_.end()) {
    const bool created = pending->second.created;
    effect = created ? op::Operations{} : effect_of(name, pending->second);
    indices = pending->second.operations;
    pending_.erase(pending);
    forget_pending(name);
    if (created) {
      apply_logical();
      forget_deferred();
      return;
    }
  }
  const Table definition = logical_.tables.at(name);
  apply_logical();
  forget_deferred();
  if (tell_referring(name, effect)) switch_foreign_keys_off();
  effect.emplace_back(op::DropTable{name, definition});
  indices.push_back(index_);
  physical_.tables.erase(name);
  erase_if(physical_.objects, [&](const auto& entry) { return entry.first.parent == name.text(); });
  write(fmt::format("DROP TABLE {}{}", operation.if_exists ? "IF EXISTS " : "", quoted_name(name)), std::move(indices)).effect = std::move(effect);
  touched_.erase(name);
  renumbered_.erase(name);
}

void Planner::write_rename(const op::RenameTable& operation, const Name& to) {
  const auto rename = [&](const Name& from, const Name& target, op::Operation effect) {
    dialect::Statement& statement = write(fmt::format("ALTER TABLE {} RENAME TO {}", quoted_name(from), quoted_name(target)), {index_});
    statement.effect.push_back(std::move(effect));
  };
  if (!same_name(operation.table.name, to.name)) {
    rename(operation.table, to, operation);
    return;
  }
  // SQLite takes a name that differs in case only for one that is there already.
  const Name between{operation.table.schema, temporary_name(operation.table)};
  rename(operation.table, between, op::RenameTable{operation.table, between.name});
  rename(between, to, op::RenameTable{between, to.name});
}

void Planner::rename_table(const op::RenameTable& operation) {
  if (logical_.find_table(operation.table) == nullptr) {
    apply_logical();
    return;
  }
  if (!deferred_.empty()) flush_all();
  flush_told();
  const auto found = pending_.find(operation.table);
  const bool worded = found != pending_.end() && !found->second.rules.empty();
  if (found != pending_.end() && (found->second.created || worded)) flush(operation.table);
  const Name to{operation.table.schema, operation.to};
  apply_logical();
  free_name(to.name);
  write_rename(operation, to);
  apply_physical(current());
  if (auto pending = pending_.extract(operation.table)) {
    pending.key() = to;
    pending_.insert(std::move(pending));
    std::replace(order_.begin(), order_.end(), operation.table, to);
    changing_.erase(operation.table);
    changing_.insert(to);
  }
  for (auto& entry : pending_) entry.second.reworded = true;
  note_rename(operation.table, to);
}

/// Does the expression name a column that the table, as it is in the database, does not have or has with other values?
bool Planner::needs_new_form(const Pending& pending, const Name& table, const schema::Expression& expression) const {
  return std::any_of(pending.sources.begin(), pending.sources.end(), [&](const auto& entry) {
    const bool changed = !entry.second || pending.rules.count(entry.first) != 0;
    return changed && rewriter().mentions_column(expression.declared, table, entry.first);
  });
}

void Planner::add_column(const op::AddColumn& operation) {
  const Table* table = logical_.find_table(operation.table);
  if (table == nullptr || table->find_column(operation.column.name) != nullptr) {
    apply_logical();
    return;
  }
  const auto found = pending_.find(operation.table);
  if (found != pending_.end() && !found->second.created && operation.column.backfill &&
      needs_new_form(found->second, operation.table, *operation.column.backfill)) {
    flush(operation.table);
  }
  Pending& pending = pend(operation.table);
  apply_logical();
  pending.sources[operation.column.name] = std::nullopt;
  if (operation.column.backfill) pending.rules[operation.column.name].backfill = usable_text(*operation.column.backfill, "the backfill");
}

void Planner::drop_column(const op::DropColumn& operation) {
  const Table* table = logical_.find_table(operation.table);
  if (table == nullptr || table->find_column(operation.column) == nullptr) {
    apply_logical();
    return;
  }
  Pending& pending = pend(operation.table);
  apply_logical();
  pending.sources.erase(operation.column);
  pending.rules.erase(operation.column);
}

void Planner::alter_column(const op::AlterColumn& operation) {
  const Table* table = logical_.find_table(operation.table);
  if (table == nullptr || table->find_column(operation.column) == nullptr) {
    apply_logical();
    return;
  }
  if (const auto found = pending_.find(operation.table); found != pending_.end() && !found->second.created) {
    const auto stale = [&](const schema::Boxed<schema::Expression>& text) { return text && needs_new_form(found->second, operation.table, *text); };
    const bool converted = operation.using_ && found->second.rules.count(operation.column) != 0;
    if (converted || stale(operation.using_) || stale(operation.backfill)) flush(operation.table);
  }
  Pending& pending = pend(operation.table);
  const bool has_default = table->find_column(operation.column)->server_default.has_value();
  apply_logical();
  if (pending.created) return;
  const bool added = !pending.sources[operation.column];
  if (operation.using_ && !added) pending.rules[operation.column].conversion = usable_text(*operation.using_, "`using`");
  // An added column that has a default leaves no row without a value.
  if (operation.backfill && !(added && has_default)) pending.rules[operation.column].backfill = usable_text(*operation.backfill, "the backfill");
}

/// Is the column there, and its new name not?
bool Planner::can_rename_now(const Pending& pending, const op::RenameColumn& operation) const {
  const auto source = pending.sources.find(operation.column);
  if (source == pending.sources.end() || !source->second || !pending.rules.empty()) return false;
  const Table& table = physical_.tables.at(operation.table);
  return std::none_of(table.columns.begin(), table.columns.end(),
                      [&](const Column& column) { return same_name(column.name, operation.to) && !same_name(column.name, operation.column); });
}

void Planner::rename_column(const op::RenameColumn& operation) {
  const Table* table = logical_.find_table(operation.table);
  if (table == nullptr || table->find_column(operation.column) == nullptr) {
    apply_logical();
    return;
  }
  flush_told();
  auto found = pending_.find(operation.table);
  if (found != pending_.end() && !found->second.created && !can_rename_now(found->second, operation)) {
    flush(operation.table);
    found = pending_.end();
  }
  apply_logical();
  if (found != pending_.end()) {
    found->second.operations.push_back(index_);
    found->second.sources.erase(operation.column);
    found->second.sources[operation.to] = operation.to;
  }
  for (auto& entry : pending_) entry.second.reworded = true;
  if (found != pending_.end() && found->second.created) return;
  if (!at_least(server_, 3, 25)) {
    throw Error(ErrorKind::unsupported, fmt::format("SQLite {} cannot rename a column", server_.version)).with_hint("SQLite 3.26 or later can");
  }
  apply_physical(current());
  write(fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", quoted_name(operation.table), quote_identifier(operation.column),
                    quote_identifier(operation.to)),
        {index_})
      .effect.push_back(current());
}

void Planner::alter_enum(const op::AlterEnum& operation) {
  if (logical_.enums.count(operation.type) == 0) {
    throw Error(ErrorKind::unsupported,
                fmt::format("SQLite keeps no enumeration types, so it cannot be told which columns have {}", quoted(operation.type.text())))
        .with_hint("alter the columns' type instead: alter_column with type = {from = \"enum(...)\", to = \"enum(...)\"}");
  }
  const auto has_type = [&](const Column& column) {
    return column.type.kind == schema::TypeKind::enumeration && column.type.name == operation.type.text();
  };
  std::vector<Name> tables;
  for (const auto& [name, table] : logical_.tables) {
    if (std::any_of(table.columns.begin(), table.columns.end(), has_type)) tables.push_back(name);
  }
  for (const Name& name : tables) {
    Pending& pending = pend(name);
    for (const Column& column : logical_.tables.at(name).columns) {
      if (!has_type(column) || pending.created) continue;
      for (const op::AlterEnum::RenameValue& rename : operation.rename) pending.rules[column.name].values.emplace_back(rename.from, rename.to);
    }
  }
  apply_logical();
  physical_.enums = logical_.enums;
}

void Planner::drop_enum(const op::DropEnum& operation) {
  if (logical_.enums.count(operation.type) == 0) return;
  apply_logical();
  physical_.enums = logical_.enums;
}

void Planner::validate(const op::ValidateConstraint& operation) {
  if (pending_.count(operation.table) != 0) flush(operation.table);
  apply_logical();
  apply_physical(current());
  const Table& table = logical_.tables.at(operation.table);
  const schema::Constraint* constraint = table.find_constraint(operation.name);
  if (constraint == nullptr) return;
  for (dialect::Statement& statement : validation(table, *constraint)) write(std::move(statement), {index_});
}

}  // namespace aludel::sqlite
