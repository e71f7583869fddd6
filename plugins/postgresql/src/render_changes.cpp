#include "quoting.hpp"
#include "render_definitions.hpp"
#include "render_objects.hpp"
#include "render_plan.hpp"
#include "render_privileges.hpp"
#include "render_text.hpp"
#include "rewriter.hpp"

#include <aludel/op/order.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace aludel::postgresql {

using dialect::HazardKind;
using schema::Object;
using schema::ObjectKey;

namespace {

bool is_routine(const ObjectKey& key) { return key.kind == "function" || key.kind == "procedure" || key.kind == "aggregate"; }

void refuse_unknown(const ObjectKey& key) {
  if (is_known_object(key.kind)) return;
  throw Error(ErrorKind::unsupported, fmt::format("aludel does not manage a {} of PostgreSQL ({})", key.kind, quoted(key.name.text())))
      .with_hint("create, change and drop it with `sql`");
}

bool same_text_of(const schema::Expression& a, const schema::Expression& b) {
  if (!a.canonical.empty() && !b.canonical.empty()) return a.canonical == b.canonical;
  return sql_of(a) == sql_of(b);
}

bool differs_in(const Object& a, const Object& b, std::string_view key) {
  const Value* left = option(a.options, key);
  const Value* right = option(b.options, key);
  if (left == nullptr || right == nullptr) return left != right;
  return !(*left == *right);
}

}  // namespace

void Planner::create_object(const op::CreateObject& operation) {
  const Object& object = operation.object;
  refuse_unknown(object.key);
  if (operation.if_not_exists && schema_.objects.contains(object.key)) return;
  restore();
  new_objects_.insert(object.key);
  if (object.key.kind == "partition") return attach(schema::parse_name(object.key.parent), object.key.name, sql_of(object.definition));
  write_object(object, {current()});
}

void Planner::change_privileges(const ObjectKey& key, std::string_view from, std::string_view to, op::Operations effect) {
  std::vector<std::string> statements;
  if (has_target(schema_, key)) statements = privilege_changes(key, from, to);
  for (std::string& sql : statements) write(std::move(sql));
  if (!script_.statements.empty()) {
    auto& told = script_.statements.back().effect;
    told.insert(told.end(), effect.begin(), effect.end());
  }
}

void Planner::write_object(const Object& object, op::Operations effect) {
  if (is_privilege(object.key.kind)) {
    std::string at_once;
    if (const auto made = made_.find(object.key); made != made_.end()) at_once = made->second;
    if (at_once.empty()) return change_privileges(object.key, "", sql_of(object.definition), std::move(effect));
    for (std::string& sql : first_privileges(object.key, at_once, sql_of(object.definition))) write(std::move(sql));
    if (!script_.statements.empty()) script_.statements.back().effect.insert(script_.statements.back().effect.end(), effect.begin(), effect.end());
    return;
  }
  write(postgresql::create_object(object, false), std::move(effect));
  const Name parent = object.key.parent.empty() ? Name{} : schema::parse_name(object.key.parent);
  if (!object.key.parent.empty() && is_busy(parent)) {
    script_.statements.back().hazards.push_back({HazardKind::lock, fmt::format("keeps writers of {} waiting while it runs", parent.text())});
  }
  for (std::string& sql : after_create(object)) write(std::move(sql));
  if (object.key.kind == "view" || object.key.kind == "materialized_view")
    settle_privileges({"", object.key.name, object.key.name.text(), ""}, "TABLES");
  if (is_routine(object.key)) {
    const std::string word = object.key.kind == "procedure" ? "PROCEDURE" : "FUNCTION";
    settle_privileges({"", object.key.name, "", fmt::format("{} ({})", word, object.key.signature)}, "FUNCTIONS");
  }
  if (object.key.kind != "index") return;
  const auto view = schema_.objects.find({"materialized_view", parent, "", ""});
  if (view != schema_.objects.end() && text_option(view->second.options, "cluster_on") == object.key.name.name) {
    write(fmt::format("ALTER MATERIALIZED VIEW {} CLUSTER ON {}", quote_name(parent), quote_identifier(object.key.name.name)));
  }
}

void Planner::settle_privileges(ObjectKey key, std::string_view kind) {
  const std::string at_once = granted_at_once(schema_, kind, key.name);
  if (at_once.empty()) return;
  key.kind = "privilege";
  const auto said = [&](const op::Operation& operation) {
    const auto* create = std::get_if<op::CreateObject>(&operation.body);
    return create != nullptr && create->object.key == key;
  };
  if (std::any_of(operations_.begin(), operations_.end(), said) || suspended_.contains(key)) {
    made_.emplace(std::move(key), at_once);
    return;
  }
  for (std::string& sql : first_privileges(key, at_once, "")) write(std::move(sql));
}

void Planner::attach(const Name& table, const Name& partition, const std::string& bounds) {
  restore();
  auto& statement = write(fmt::format("ALTER TABLE {} ATTACH PARTITION {} {}", quote_name(table), quote_name(partition), bounds), {current()});
  if (!is_busy(partition)) return;
  statement.hazards.push_back(
      {HazardKind::lock, fmt::format("keeps readers and writers of {} waiting while it runs (ACCESS EXCLUSIVE)", partition.text())});
  statement.hazards.push_back({HazardKind::scan, fmt::format("reads all rows of {} unless a check says that they fit the bounds", partition.text())});
}

bool Planner::replace_in_place(const Object& from, const Object& to) {
  const ObjectKey& key = to.key;
  const std::string reference = object_reference(key);
  const bool same_text = same_text_of(from.definition, to.definition);
  static constexpr std::array fixed = {"constraint", "unique", "using", "tablespace", "schema", "version", "not_valid"};
  const bool same_nature = std::none_of(fixed.begin(), fixed.end(), [&](const char* name) { return differs_in(from, to, name); });
  const bool same_parameters = !differs_in(from, to, "with");
  if (!same_text || !same_nature || !same_parameters) {
    if (key.kind == "domain") {
      if (!same_nature) return false;
      const auto changes = domain_changes(sql_of(from.definition), sql_of(to.definition));
      if (!changes) return false;
      const auto looks_at_values = [](const std::string& change) { return change.starts_with("ADD") || change == "SET NOT NULL"; };
      if (std::any_of(changes->begin(), changes->end(), looks_at_values)) suspend({}, columns_around(key));
      for (const std::string& change : *changes) write(fmt::format("ALTER {} {}", reference, change));
    } else if (key.kind == "composite_type") {
      const auto changes = attribute_changes(sql_of(from.definition), sql_of(to.definition));
      if (!changes) return false;
      // Under columns of the type PostgreSQL changes no attribute's type.
      const auto alters = [](const std::string& change) { return change.starts_with("ALTER"); };
      const bool used = !users_of_type(schema_, key.name).empty() || !columns_around(key).empty();
      if (std::any_of(changes->begin(), changes->end(), alters) && used) return false;
      if (!changes->empty()) write(fmt::format("ALTER {} {}", reference, join(*changes, ", ")));
    } else if (key.kind == "extension") {
      const std::string space = text_option(to.options, "schema");
      const std::string version = text_option(to.options, "version");
      if (differs_in(from, to, "schema") && space.empty()) return false;
      if (differs_in(from, to, "schema")) write(fmt::format("ALTER {} SET SCHEMA {}", reference, quote_identifier(space)));
      if (differs_in(from, to, "version")) {
        write(version.empty() ? fmt::format("ALTER {} UPDATE", reference)
                              : fmt::format("ALTER {} UPDATE TO {}", reference, quote_literal(Value(version))));
      }
    } else if (key.kind == "server" || key.kind == "foreign_data_wrapper") {
      const auto changes = server_changes(sql_of(from.definition), sql_of(to.definition));
      if (!changes) return false;
      if (!changes->empty()) write(fmt::format("ALTER {} {}", reference, *changes));
    } else if ((key.kind == "view" || key.kind == "materialized_view") && same_text && same_nature) {
      for (const std::string& change : parameter_changes(option(from.options, "with"), option(to.options, "with"))) {
        write(fmt::format("ALTER {} {}", reference, change));
      }
    } else if ((is_routine(key) && same_nature && routine_head(sql_of(from.definition)) == routine_head(sql_of(to.definition))) ||
               key.kind == "rule" || (key.kind == "trigger" && server_.major >= 14 && same_nature && !flag(to.options, "constraint"))) {
      write(postgresql::create_object(to, true));
    } else {
      return false;
    }
  }
  if (differs_in(from, to, "enabled")) write(enable_statement(key, text_option(to.options, "enabled")));
  Object rest = to;
  // What is set anew is said as for a new object, what is gone is taken back.
  const auto take_back = [&](const char* name, const auto& write_reset) {
    const Value* was = option(from.options, name);
    const Value* is = option(to.options, name);
    if (was == nullptr || was->object() == nullptr) return;
    for (const Member& member : *was->object()) {
      if (is == nullptr || is->find(member.key) == nullptr) write_reset(member);
    }
  };
  const std::string name = quote_name(key.name);
  take_back("column_defaults",
            [&](const Member& member) { write(fmt::format("ALTER {} ALTER COLUMN {} DROP DEFAULT", reference, quote_identifier(member.key))); });
  take_back("column_comments", [&](const Member& member) { write(comment_on(fmt::format("COLUMN {}.{}", name, quote_identifier(member.key)), "")); });
  take_back("constraint_comments",
            [&](const Member& member) { write(comment_on(fmt::format("CONSTRAINT {} ON DOMAIN {}", quote_identifier(member.key), name), "")); });
  rest.options["postgresql"].erase("enabled");
  rest.options["postgresql"].erase("tablespace");
  if (from.comment == to.comment) rest.comment.clear();
  for (std::string& sql : after_create(rest)) write(std::move(sql));
  if (!from.comment.empty() && to.comment.empty()) write(comment_on(reference, ""));
  return true;
}

void Planner::replace_object(const op::ReplaceObject& operation) {
  refuse_unknown(operation.to.key);
  if (suspended_.contains(operation.from.key)) return;  // what is made again is the new one
  restore();
  if (is_privilege(operation.to.key.kind)) {
    return change_privileges(operation.to.key, sql_of(operation.from.definition), sql_of(operation.to.definition), {current()});
  }
  const std::size_t first = script_.statements.size();
  const auto held = schema_.objects.find(operation.from.key);
  const Object from = held == schema_.objects.end() ? operation.from : held->second;
  if (replace_in_place(from, operation.to)) {
    if (script_.statements.size() > first) script_.statements.back().effect.push_back(current());
    return;
  }
  const std::string& kind = operation.to.key.kind;
  if ((kind == "domain" || kind == "range_type" || kind == "composite_type") && !users_of_type(schema_, operation.to.key.name).empty()) {
    return make_type_anew(from, operation.to);
  }
  suspend({operation.from.key});
}

void Planner::rename_object(const op::RenameObject& operation) {
  restore_all();
  refuse_unknown(operation.object);
  const ObjectKey& key = operation.object;
  if (key.kind == "partition") throw Error(ErrorKind::schema, "a partition is renamed as a table").with_hint("use rename_table");
  write(fmt::format("ALTER {} RENAME TO {}", object_reference(key), quote_identifier(operation.to)), {current()});
}

void Planner::drop_object(const op::DropObject& operation) {
  refuse_unknown(operation.object);
  if (suspended_.erase(operation.object) != 0) return;  // gone already
  if (is_privilege(operation.object.kind)) {
    const auto held = schema_.objects.find(operation.object);
    return change_privileges(operation.object, held == schema_.objects.end() ? std::string() : sql_of(held->second.definition), "", {current()});
  }
  const ObjectKey& key = operation.object;
  dialect::Hazard hazard{HazardKind::lock, ""};
  if (!key.parent.empty() && is_busy(schema::parse_name(key.parent))) hazard = brief_lock(schema::parse_name(key.parent));
  write_hazardous(postgresql::drop_object(key, operation.if_exists), std::move(hazard), {current()});
}

}  // namespace aludel::postgresql
