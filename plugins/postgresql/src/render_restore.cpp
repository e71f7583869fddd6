#include "quoting.hpp"
#include "render_objects.hpp"
#include "render_plan.hpp"
#include "render_privileges.hpp"
#include "render_text.hpp"
#include "rewriter.hpp"

#include <aludel/op/dependents.hpp>
#include <aludel/op/order.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

/// What was suspended for a change (render_suspend.cpp) comes back.
namespace aludel::postgresql {

using dialect::HazardKind;
using schema::Constraint;
using schema::Object;
using schema::ObjectKey;
using schema::Table;

namespace {

bool changes_part(const op::Operation& operation, const Part& part) {
  if (op::table_of(operation) != part.table) return false;
  switch (part.kind) {
    case Part::Kind::typed:
      return false;
    case Part::Kind::generated: {
      const auto* alter = std::get_if<op::AlterColumn>(&operation.body);
      const auto* drop = std::get_if<op::DropColumn>(&operation.body);
      return (alter != nullptr && alter->column == part.name) || (drop != nullptr && drop->column == part.name);
    }
    case Part::Kind::default_value: {
      const auto* alter = std::get_if<op::AlterColumn>(&operation.body);
      const auto* drop = std::get_if<op::DropColumn>(&operation.body);
      return (alter != nullptr && alter->column == part.name && (alter->server_default || alter->type)) ||
             (drop != nullptr && drop->column == part.name);
    }
    case Part::Kind::constraint:
    case Part::Kind::foreign_key: {
      const auto* alter = std::get_if<op::AlterConstraint>(&operation.body);
      const auto* drop = std::get_if<op::DropConstraint>(&operation.body);
      return (alter != nullptr && name_of(alter->from) == part.name) || (drop != nullptr && drop->name == part.name);
    }
    case Part::Kind::index: {
      const auto* alter = std::get_if<op::AlterIndex>(&operation.body);
      const auto* drop = std::get_if<op::DropIndex>(&operation.body);
      return (alter != nullptr && alter->from.name == part.name) || (drop != nullptr && drop->index == part.name);
    }
  }
  return false;
}

}  // namespace

void Planner::need_columns_of(const Name& table) {
  const bool away = std::any_of(suspended_parts_.begin(), suspended_parts_.end(),
                                [&](const auto& entry) { return entry.first.kind == Part::Kind::generated && entry.first.table == table; });
  if (away) restore();
}

Planner::Suspects Planner::changing_later() const {
  std::vector<ObjectKey> keys;
  std::vector<Part> parts;
  for (const auto& [key, operation] : suspended_) {
    if (changes_later(key) || reads_what_is_to_come(key)) keys.push_back(key);
  }
  for (const auto& [part, operation] : suspended_parts_) {
    if (is_to_come([&, &part = part](const op::Operation& later) { return changes_part(later, part); })) parts.push_back(part);
  }
  return with_users(std::move(keys), std::move(parts));
}

bool Planner::changes_later(const ObjectKey& key) const {
  return is_to_come([&](const op::Operation& later) {
    const auto* replace = std::get_if<op::ReplaceObject>(&later.body);
    const auto* drop = std::get_if<op::DropObject>(&later.body);
    return (replace != nullptr && replace->from.key == key) || (drop != nullptr && drop->object == key);
  });
}

bool Planner::reads_what_is_to_come(const ObjectKey& key) const {
  const auto held = schema_.objects.find(key);
  if (held == schema_.objects.end()) return false;
  const Object& object = held->second;
  const auto makes_what_it_reads = [&](const op::Operation& operation) {
    const auto* replace = std::get_if<op::ReplaceObject>(&operation.body);
    const auto* create = std::get_if<op::CreateObject>(&operation.body);
    if (replace == nullptr && create == nullptr) return false;
    const ObjectKey& made = replace != nullptr ? replace->to.key : create->object.key;
    if (made == key) return false;
    return std::find(object.depends_on.begin(), object.depends_on.end(), made) != object.depends_on.end() ||
           (op::is_relation(made.kind) && op::is_relation(key.kind) && rewriter().mentions_table(sql_of(object.definition), made.name));
  };
  return makes_what_it_reads(current()) || is_to_come(makes_what_it_reads);
}

void Planner::restore() {
  if (!suspended_.empty() || !suspended_parts_.empty() || !held_anew_.empty()) restore(changing_later());
}

void Planner::restore_all() {
  if (!suspended_.empty() || !suspended_parts_.empty()) restore(Suspects{});
}

void Planner::restore(const Suspects& kept) {
  std::map<ObjectKey, std::size_t> all;
  for (auto at = suspended_.begin(); at != suspended_.end();) {
    if (!kept.objects.contains(at->first)) all.insert(*at);
    at = kept.objects.contains(at->first) ? std::next(at) : suspended_.erase(at);
  }
  std::map<Part, std::size_t> parts;
  for (auto at = suspended_parts_.begin(); at != suspended_parts_.end();) {
    if (!kept.parts.contains(at->first)) parts.insert(*at);
    at = kept.parts.contains(at->first) ? std::next(at) : suspended_parts_.erase(at);
  }
  std::vector<const Object*> objects;
  for (const auto& [key, operation] : all) {
    const auto held = schema_.objects.find(key);
    if (held != schema_.objects.end()) objects.push_back(&held->second);
  }
  const std::size_t here = index_;
  const std::vector<const Object*> order = op::order_objects(objects);
  const std::set<ObjectKey> upper = upper_of(order);
  const auto make = [&](bool which) {
    for (const Object* object : order) {
      if (upper.contains(object->key) != which) continue;
      index_ = all.at(object->key);
      if (object->definition.stale) {
        throw Error(ErrorKind::unsupported,
                    fmt::format("{} must be made again, and what it says names something that was renamed", object->key.text()))
            .with_hint("drop and create it in this revision");
      }
      refuse_other_text(*object, parts);
      write_object(*object, {op::CreateObject{*object}});
    }
  };
  make(false);
  for (const auto& [part, operation] : parts) {
    index_ = operation;
    give_back(part);
  }
  make(true);
  index_ = here;
  std::vector<std::string> held;
  const auto give = [&](auto& kept_of, const auto& key) {
    const auto found = kept_of.find(key);
    if (found == kept_of.end()) return;
    held.push_back(found->second);
    kept_of.erase(found);
  };
  for (const Object* object : order) give(held_, object->key);
  for (const auto& [part, operation] : parts) give(held_parts_, part);
  held.insert(held.end(), held_anew_.begin(), held_anew_.end());
  held_anew_.clear();
  anew_.clear();
  if (!held.empty()) write(give_access(held));
}

void Planner::give_back(const Part& part) {
  const Table* table = schema_.find_table(part.table);
  if (table == nullptr) return;
  const std::string name = quote_identifier(part.name);
  switch (part.kind) {
    case Part::Kind::typed:
      if (table->find_column(part.name) != nullptr) retype(part, typed_.at(part));
      return;
    case Part::Kind::generated:
      if (const schema::Column* column = table->find_column(part.name)) give_back_column(part.table, *column);
      return;
    case Part::Kind::default_value: {
      const schema::Column* column = table->find_column(part.name);
      if (column == nullptr || !column->server_default) return;
      op::AlterColumn effect;
      effect.table = part.table;
      effect.column = part.name;
      effect.server_default = op::Change<schema::Boxed<schema::Expression>>{std::nullopt, column->server_default};
      alter(part.table, {{fmt::format("ALTER COLUMN {} SET DEFAULT {}", name, sql_of(*column->server_default)), "default " + part.name}}, {effect});
      return;
    }
    case Part::Kind::constraint:
    case Part::Kind::foreign_key:
      if (const Constraint* constraint = table->find_constraint(part.name)) give_back_constraint(part.table, *constraint);
      return;
    case Part::Kind::index: {
      const schema::Index* index = table->find_index(part.name);
      if (index == nullptr) return;
      const op::Operations effect{op::CreateIndex{part.table, *index}};
      if (is_of_parent(part.table, index->options)) return alter(part.table, {}, effect);
      auto& statement = write(postgresql::create_index(part.table, *index, false, false), effect);
      if (is_busy(part.table)) statement.hazards.push_back(scan_without_writers(part.table, "to build the index"));
      index_extras(part.table, *index);
      return mark_again(part.table, part.name);
    }
  }
}

void Planner::give_back_column(const Name& table, const schema::Column& column) {
  const op::Operations effect{op::AddColumn{table, column}};
  if (comes_from_parent(table, column.name)) return alter(table, {}, effect);
  // What is computed from a column of the same statement cannot see it yet.
  altering_.reset();
  Action add{"ADD COLUMN " + column_definition(column), "column " + column.name};
  if (is_busy(table) && column.generated && column.generated->stored) {
    add.hazard = dialect::Hazard{HazardKind::rewrite, fmt::format("writes all rows of {} anew, to fill {}", table.text(), column.name)};
  }
  alter(table, {std::move(add)}, effect);
  std::vector<Action> extras;
  column_extras(table, column, extras);
  alter(table, std::move(extras));
  if (!column.comment.empty()) write(comment_on(fmt::format("COLUMN {}.{}", quote_name(table), quote_identifier(column.name)), column.comment));
  const ObjectKey key{"privilege", table, table.text(), ""};
  const auto granted = schema_.objects.find(key);
  if (granted == schema_.objects.end() || suspended_.contains(key)) return;
  for (std::string& sql : column_grants(key, sql_of(granted->second.definition), column.name)) write(std::move(sql));
}

void Planner::give_back_constraint(const Name& table, const Constraint& constraint) {
  const bool waits = std::holds_alternative<schema::ForeignKey>(constraint) || std::holds_alternative<schema::Check>(constraint);
  if (waits || is_of_parent(table, options_of(constraint))) return add_constraint(op::AddConstraint{table, constraint});
  const std::string& name = name_of(constraint);
  Action action{"ADD " + constraint_definition(constraint), "constraint " + name};
  if (is_busy(table)) action.hazard = scan_without_writers(table, "to build the index");
  alter(table, {std::move(action)}, {op::AddConstraint{table, constraint}});
  if (!comment_of(constraint).empty()) {
    write(comment_on(fmt::format("CONSTRAINT {} ON {}", quote_identifier(name), quote_name(table)), comment_of(constraint)));
  }
  mark_again(table, name);
}

void Planner::mark_again(const Name& name, const std::string& index) {
  const Table& table = table_at(name);
  for (const char* key : {"cluster_on", "replica_identity"}) {
    const std::string held = text_option(table.options, key);
    if (held != index && held != "index:" + index) continue;
    schema::Options marked;
    marked["postgresql"][key] = held;
    mark(name, marked);
  }
}

}  // namespace aludel::postgresql
