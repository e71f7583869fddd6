#include "lexer.hpp"
#include "render_ddl.hpp"
#include "render_plan.hpp"
#include "render_rebuild.hpp"
#include "rewriter.hpp"
#include "spelling.hpp"

#include <aludel/diff/compare.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>
#include <variant>

/// The planner's part that writes statements.
namespace aludel::sqlite {
namespace {

using schema::ForeignKey;
using schema::Table;

bool names_column(const op::Operation& operation, const std::string& column) {
  if (const auto* add = std::get_if<op::AddColumn>(&operation.body)) return add->column.name == column;
  if (const auto* drop = std::get_if<op::DropColumn>(&operation.body)) return drop->column == column;
  if (const auto* alter = std::get_if<op::AlterColumn>(&operation.body)) return alter->column == column;
  if (const auto* add = std::get_if<op::AddConstraint>(&operation.body)) {
    const auto* key = std::get_if<ForeignKey>(&add->constraint);
    const auto* check = std::get_if<schema::Check>(&add->constraint);
    return key != nullptr ? key->columns == std::vector<std::string>{column}
                          : check != nullptr && rewriter().mentions_column(check->expression.declared, add->table, column);
  }
  return false;
}

bool names_index(const op::Operation& operation, const std::string& index) {
  if (const auto* create = std::get_if<op::CreateIndex>(&operation.body)) return create->index.name == index;
  if (const auto* drop = std::get_if<op::DropIndex>(&operation.body)) return drop->index == index;
  if (const auto* alter = std::get_if<op::AlterIndex>(&operation.body)) return alter->from.name == index || alter->to.name == index;
  if (const auto* rename = std::get_if<op::RenameIndex>(&operation.body)) return rename->index == index || rename->to == index;
  if (const auto* create = std::get_if<op::CreateTable>(&operation.body)) return create->table.find_index(index) != nullptr;
  return false;
}

/// Foreign keys that one form of a table has and the other lacks.
std::vector<const ForeignKey*> keys_without(const Table* table, const Table* other) {
  std::vector<const ForeignKey*> keys;
  if (table == nullptr) return keys;
  for (const schema::Constraint& constraint : table->constraints) {
    const auto* key = std::get_if<ForeignKey>(&constraint);
    if (key == nullptr) continue;
    const bool both = other != nullptr && std::find(other->constraints.begin(), other->constraints.end(), constraint) != other->constraints.end();
    if (!both) keys.push_back(key);
  }
  return keys;
}

/// May SQLite look through the whole schema for the table's name when it is renamed? With views, or triggers of other tables, it would stop at
/// them, because the table they name is gone at that moment; and it cannot read an index whose collation the application brings.
bool can_follow_rename(const schema::Metadata& schema, const schema::Name& table) {
  const auto is_known = [](const std::string& collation) {
    return collation.empty() || same_name(collation, "BINARY") || same_name(collation, "NOCASE") || same_name(collation, "RTRIM");
  };
  const auto is_known_index = [&](const schema::Index& index) {
    return std::all_of(index.columns.begin(), index.columns.end(), [&](const schema::IndexPart& part) { return is_known(part.collation); });
  };
  const bool objects = std::all_of(schema.objects.begin(), schema.objects.end(),
                                   [&](const auto& entry) { return entry.first.kind == "trigger" && same_name(entry.first.parent, table.text()); });
  return objects && schema.unsupported.empty() && std::all_of(schema.tables.begin(), schema.tables.end(), [&](const auto& entry) {
           const Table& one = entry.second;
           return std::all_of(one.columns.begin(), one.columns.end(), [&](const schema::Column& column) { return is_known(column.collation); }) &&
                  std::all_of(one.indexes.begin(), one.indexes.end(), is_known_index);
         });
}

}  // namespace

dialect::Statement& Planner::write(std::string sql, Indices operations) {
  dialect::Statement statement;
  statement.sql = std::move(sql);
  return write(std::move(statement), std::move(operations));
}

dialect::Statement& Planner::write(dialect::Statement statement, Indices operations) {
  if (!statement.expect) {
    for (const std::size_t index : operations) {
      const std::optional<std::string> loss = op::destroys(operations_[index]);
      if (loss && warned_.insert(index).second) statement.hazards.push_back({dialect::HazardKind::data_loss, *loss});
    }
  }
  statement.operations = std::move(operations);
  script_.statements.push_back(std::move(statement));
  return script_.statements.back();
}

std::string Planner::temporary_name(const Name& table) const {
  std::string name = "aludel_new_" + table.name;
  const auto taken = [&](const auto& entries) {
    return std::any_of(entries.begin(), entries.end(), [&](const auto& entry) { return same_name(entry.second.name.name, name); });
  };
  const auto object = [&](const auto& entry) { return same_name(entry.first.name.name, name); };
  while (taken(physical_.tables) || taken(logical_.tables) || std::any_of(physical_.objects.begin(), physical_.objects.end(), object)) name += "_";
  return name;
}

/// Tables whose new foreign keys point to others that are pending stand behind those, tables that lose such keys before them, tables that take an
/// index's name from another behind it; else as they came.
std::vector<schema::Name> Planner::flush_order() const {
  std::map<Name, std::vector<Name>> before;  // what has to be written first
  const auto find = [](const schema::Metadata& schema, const Name& name) { return schema.find_table(name); };
  std::map<std::string, Name> indexes;
  for (const Name& name : order_) {
    if (pending_.at(name).created) continue;
    for (const schema::Index& index : physical_.tables.at(name).indexes) indexes[to_lower(index.name)] = name;
  }
  for (const Name& name : order_) {
    for (const schema::Index& index : logical_.tables.at(name).indexes) {
      const auto owner = indexes.find(to_lower(index.name));
      if (owner != indexes.end() && owner->second != name) before[name].push_back(owner->second);
    }
    const Table* from = pending_.at(name).created ? nullptr : find(physical_, name);
    const Table* to = find(logical_, name);
    for (const ForeignKey* key : keys_without(to, from)) {
      if (pending_.count(key->referenced_table) != 0) before[name].push_back(key->referenced_table);
    }
    for (const ForeignKey* key : keys_without(from, to)) {
      if (pending_.count(key->referenced_table) != 0) before[key->referenced_table].push_back(name);
    }
  }
  std::vector<Name> result;
  std::set<Name> seen;
  const std::function<void(const Name&)> visit = [&](const Name& name) {
    if (!seen.insert(name).second) return;
    if (const auto found = before.find(name); found != before.end()) {
      for (const Name& other : found->second) visit(other);
    }
    result.push_back(name);
  };
  for (const Name& name : order_) visit(name);
  return result;
}

void Planner::flush_all() {
  for (const Name& name : flush_order()) {
    if (pending_.count(name) != 0) flush(name);
  }
  flush_objects();
}

void Planner::flush(const Name& table) {
  const Name name = table;
  const auto node = pending_.extract(name);
  forget_pending(name);
  const Pending& pending = node.mapped();
  try {
    for (const schema::Index& index : logical_.tables.at(name).indexes) free_name(index.name);
    if (pending.created) {
      free_name(name.name);
      flush_created(name, pending);
    } else {
      flush_changed(name, pending);
    }
  } catch (Error& error) {
    error.set_location(operations_[pending.operations.front()].location);
    throw;
  }
  physical_.tables[name] = logical_.tables.at(name);
}

/// Indexes share their names with each other and with tables: one that will go anyway goes at once where its name is needed.
void Planner::free_name(const std::string& name) {
  for (const Name& table : changing_) {
    std::vector<schema::Index>& indexes = physical_.tables.at(table).indexes;
    const auto found = std::find_if(indexes.begin(), indexes.end(), [&](const schema::Index& index) { return same_name(index.name, name); });
    if (found == indexes.end()) continue;
    write("DROP INDEX " + quote_identifier(found->name), pending_.at(table).operations);
    indexes.erase(found);
  }
}

void Planner::flush_created(const Name& name, const Pending& pending) {
  Table table = logical_.tables.at(name);
  std::vector<Step> steps;
  for (const schema::Index& index : table.indexes) append_create_index(table, index, true, steps);
  table.indexes.clear();
  const bool alone = pending.operations.size() == 1;
  Indices own;
  for (const std::size_t index : pending.operations) {
    if (!std::holds_alternative<op::CreateIndex>(operations_[index].body)) own.push_back(index);
  }
  dialect::Statement& statement = write(spelled_table_sql(table, logical_, {}, pending.if_not_exists && alone), std::move(own));
  statement.effect.emplace_back(op::CreateTable{std::move(table)});
  for (Step& step : steps) {
    Indices about = operations_about(pending, step);
    write(std::move(step.statement), std::move(about));
  }
  if (snapshot_) names_then_[name] = Name{};
}

void Planner::flush_changed(const Name& name, const Pending& pending) {
  TableChange change;
  change.from = physical_.find_table(name);
  change.to = logical_.find_table(name);
  change.sources = pending.sources;
  change.rules = pending.rules;
  change.around = &logical_;
  if (std::optional<std::vector<Step>> steps = native_steps(change, physical_.objects, server_)) {
    for (Step& step : *steps) {
      Indices about = operations_about(pending, step);
      write(std::move(step.statement), std::move(about));
    }
    return;
  }
  rebuild(change, pending);
}

void Planner::rebuild(const TableChange& change, const Pending& pending) {
  const Name& name = change.to->name;
  if (!at_least(server_, 3, 26)) {
    throw Error(ErrorKind::unsupported, fmt::format("SQLite {} cannot rebuild the table {} safely", server_.version, quoted(name.text())))
        .with_hint("SQLite 3.26 or later can");
  }
  switch_foreign_keys_off();
  rebuilt_ = name.text();
  rebuilding_.insert(rebuilding_.end(), pending.operations.begin(), pending.operations.end());
  RebuildOptions options;
  options.temporary_name = temporary_name(name);
  for (const auto& [key, object] : physical_.objects) {
    if (key.kind == "trigger" && same_name(key.parent, name.text())) options.triggers.push_back(&object);
  }
  const auto legacy = server_.settings.find("legacy_alter_table");
  if (legacy != server_.settings.end() && (legacy->second == "1" || equals_ignoring_case(legacy->second, "on"))) options.legacy_alter_table = "ON";
  options.keep_qualifiers = has_qualifiers(*change.to) && can_follow_rename(physical_, name);
  options.effect = effect_of(name, pending);
  for (dialect::Statement& statement : rebuild_statements(change, options)) {
    const bool copies = !statement.hazards.empty();
    statement.operations = pending.operations;
    if (copies) {
      write(std::move(statement), pending.operations);
    } else {
      script_.statements.push_back(std::move(statement));
    }
  }
  touched_.insert(name);
  if (!keeps_rowids(change)) renumbered_.insert(name);
}

op::Operations Planner::effect_of(const Name& table, const Pending& pending) const {
  op::Operations effect;
  if (!pending.reworded) {
    for (std::size_t i = pending.told; i < pending.operations.size(); ++i) effect.push_back(operations_[pending.operations[i]]);
    const bool plain = std::none_of(effect.begin(), effect.end(),
                                    [](const op::Operation& operation) { return std::holds_alternative<op::AlterEnum>(operation.body); });
    if (plain) return effect;
  }
  schema::Metadata from;
  schema::Metadata to;
  from.tables[table] = pending.told_form ? *pending.told_form : physical_.tables.at(table);
  to.tables[table] = logical_.tables.at(table);
  diff::Options options;
  options.comparison = apply_options_.comparison;
  options.rewriter = &rewriter();
  return diff::compare(from, to, options).operations;
}

Planner::Indices Planner::operations_about(const Pending& pending, const Step& step) const {
  Indices about;
  for (const std::size_t index : pending.operations) {
    const op::Operation& operation = operations_[index];
    if ((!step.column.empty() && names_column(operation, step.column)) || (!step.index.empty() && names_index(operation, step.index))) {
      about.push_back(index);
    }
  }
  return about.empty() ? pending.operations : about;
}

void Planner::switch_foreign_keys_off() {
  if (snapshot_) return;
  snapshot_ = script_.statements.size();
  unchecked_then_ = violations::unchecked_tables(physical_);
}

void Planner::note_rename(const Name& from, const Name& to) {
  for (std::set<Name>* names : {&touched_, &renumbered_}) {
    if (names->erase(from) != 0) names->insert(to);
  }
  if (!snapshot_) return;
  const auto then = names_then_.find(from);
  names_then_[to] = then == names_then_.end() ? from : then->second;
  names_then_.erase(from);
}

}  // namespace aludel::sqlite
