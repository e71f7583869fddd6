#include "lexer.hpp"
#include "render_ddl.hpp"
#include "render_plan.hpp"
#include "rewriter.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

/// The planner's part that deals with views, triggers and virtual tables.
namespace aludel::sqlite {

Planner::Deferred* Planner::find_deferred(const schema::ObjectKey& key) {
  const auto found = std::find_if(deferred_.begin(), deferred_.end(), [&](const Deferred& deferred) { return deferred.key == key; });
  return found == deferred_.end() ? nullptr : &*found;
}

void Planner::defer(const schema::ObjectKey& key, std::optional<std::size_t> dropped_by) {
  Deferred deferred;
  deferred.key = key;
  deferred.operations = {index_};
  deferred.dropped_by = dropped_by;
  deferred_.push_back(std::move(deferred));
}

/// Triggers on a view go with it, and come back with it.
void Planner::defer_triggers_of(const schema::ObjectKey& view, std::size_t dropped_by) {
  for (const auto& [key, object] : logical_.objects) {
    if (key.parent == view.name.text() && find_deferred(key) == nullptr) defer(key, dropped_by);
  }
}

/// SQLite alters no table while a view or trigger names something that is not there, so what uses a view goes and comes back with it.
void Planner::defer_users_of(const schema::ObjectKey& view) {
  std::vector<schema::ObjectKey> users;
  for (const auto& [key, object] : physical_.objects) {
    const std::vector<std::string> names = referenced_tables(object.definition.declared);
    if (std::any_of(names.begin(), names.end(), [&](const std::string& name) { return same_name(name, view.name.name); })) users.push_back(key);
  }
  for (const schema::ObjectKey& user : users) {
    if (physical_.objects.count(user) == 0 || logical_.objects.count(user) == 0) continue;
    const std::size_t dropped_by = write_drop(user, false);
    defer(user, dropped_by);
    defer_triggers_of(user, dropped_by);
    defer_users_of(user);
  }
}

/// What is gone from the logical schema is not created any more.
void Planner::forget_deferred() {
  std::erase_if(deferred_, [&](const Deferred& deferred) { return logical_.objects.count(deferred.key) == 0; });
}

/// Drops it in the database, triggers on it included. Returns the statement's index.
std::size_t Planner::write_drop(const schema::ObjectKey& key, bool if_exists) {
  write(drop_object_sql(key, if_exists), {index_});
  physical_.objects.erase(key);
  if (key.kind == "view") erase_if(physical_.objects, [&](const auto& entry) { return entry.first.parent == key.name.text(); });
  return script_.statements.size() - 1;
}

void Planner::create_object(const op::CreateObject& operation) {
  create_object_sql(operation.object);
  const bool exists = logical_.objects.count(operation.object.key) != 0;
  apply_logical();
  if (exists) return;
  defer(operation.object.key, std::nullopt);
  deferred_.back().if_not_exists = operation.if_not_exists;
}

void Planner::replace_object(const op::ReplaceObject& operation) {
  create_object_sql(operation.to);
  const schema::ObjectKey key = operation.from.key;
  apply_logical();
  if (Deferred* deferred = find_deferred(key)) {
    deferred->operations.push_back(index_);
    if (deferred->dropped_by) deferred->effect.push_back(current());
    return;
  }
  const std::size_t dropped_by = write_drop(key, false);
  defer(operation.to.key, dropped_by);
  deferred_.back().effect = {current()};
  defer_triggers_of(operation.to.key, dropped_by);
  defer_users_of(key);
}

void Planner::rename_object(const op::RenameObject& operation) {
  if (logical_.objects.count(operation.object) == 0) {
    apply_logical();
    return;
  }
  schema::ObjectKey key = operation.object;
  key.name.name = operation.to;
  if (operation.object.kind == "virtual_table") {
    // Its rows are kept by its module, which can only be told of the new name.
    flush_all();
    apply_logical();
    write(fmt::format("ALTER TABLE {} RENAME TO {}", quoted_name(operation.object.name), quoted_name(key.name)), {index_}).effect = {current()};
    apply_physical(current());
    return;
  }
  // Two new names in a row, or a new name for what is new itself, are rare enough to be taken one by one.
  if (find_deferred(operation.object) != nullptr) flush_all();
  apply_logical();
  const std::size_t dropped_by = write_drop(operation.object, false);
  defer(key, dropped_by);
  deferred_.back().effect = {current()};
  defer_triggers_of(key, dropped_by);
  defer_users_of(operation.object);
}

void Planner::drop_object(const op::DropObject& operation) {
  const auto found = logical_.objects.find(operation.object);
  if (found == logical_.objects.end()) {
    apply_logical();
    return;
  }
  const op::Operation drop = op::DropObject{operation.object, found->second};
  apply_logical();
  if (const Deferred* deferred = find_deferred(operation.object)) {
    // Gone already, or never made: all that is left is to say so where it went.
    if (deferred->dropped_by) {
      op::Operations& effect = script_.statements[*deferred->dropped_by].effect;
      effect.insert(effect.end(), deferred->effect.begin(), deferred->effect.end());
      effect.push_back(drop);
    }
  } else {
    script_.statements[write_drop(operation.object, operation.if_exists)].effect = {drop};
  }
  forget_deferred();
}

void Planner::flush_objects() {
  std::stable_sort(deferred_.begin(), deferred_.end(), [](const Deferred& a, const Deferred& b) {
    const auto rank = [](const Deferred& deferred) { return deferred.key.kind == "virtual_table" ? 0 : deferred.key.kind == "trigger" ? 2 : 1; };
    return rank(a) < rank(b);
  });
  for (Deferred& deferred : deferred_) {
    const schema::Object& object = logical_.objects.at(deferred.key);
    dialect::Statement& statement = write(create_object_sql(object, deferred.if_not_exists), std::move(deferred.operations));
    if (deferred.dropped_by) {
      statement.effect = std::move(deferred.effect);
    } else {
      statement.effect = {op::CreateObject{object}};
    }
    physical_.objects[deferred.key] = object;
  }
  deferred_.clear();
}

}  // namespace aludel::sqlite
