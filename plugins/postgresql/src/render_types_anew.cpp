#include "quoting.hpp"
#include "render_conversions.hpp"
#include "render_definitions.hpp"
#include "render_objects.hpp"
#include "render_plan.hpp"
#include "render_text.hpp"
#include "rewriter.hpp"
#include "types.hpp"

#include <aludel/op/dependents.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace aludel::postgresql {

using dialect::HazardKind;
using schema::Object;
using schema::ObjectKey;

namespace {

/// A value of one built-in type as another's; nullopt where somebody must say how.
std::optional<std::string> converted(const std::string& value, const schema::Type& from, const schema::Type& to) {
  const Conversion conversion = conversion_of(from, to, value);
  if (conversion.kind == Conversion::Kind::unknown) return std::nullopt;
  if (conversion.kind == Conversion::Kind::explicitly) return conversion.expression;
  return type_text(from) == type_text(to) ? value : fmt::format("{}::{}", value, type_text(to));
}

/// The type of "text COLLATE "C"".
schema::Type type_before_collation(std::string_view text) {
  const std::size_t collation = to_lower(text).find(" collate ");
  return type_of(text.substr(0, std::min(collation, text.size())));
}

std::optional<std::string> domain_value(const std::string& column, const Object& from, const Object& to, bool of_array) {
  const auto old_base = domain_base(sql_of(from.definition));
  const auto new_base = domain_base(sql_of(to.definition));
  if (!old_base || !new_base) return std::nullopt;
  const schema::Type was = of_array ? schema::Type::array(type_of(*old_base)) : type_of(*old_base);
  const schema::Type is = of_array ? schema::Type::array(type_of(*new_base)) : type_of(*new_base);
  return converted(fmt::format("{}::{}", column, type_text(was)), was, is);
}

std::optional<std::string> composite_value(const std::string& column, const Object& from, const Object& to) {
  const auto old_attributes = attributes_of(sql_of(from.definition));
  std::vector<std::string> values;
  for (const auto& [name, type] : attributes_of(sql_of(to.definition))) {
    const auto was = std::find_if(old_attributes.begin(), old_attributes.end(), [&, &own = name](const auto& one) { return one.first == own; });
    if (was == old_attributes.end()) {
      values.emplace_back("NULL");
      continue;
    }
    const auto value = converted(fmt::format("({}).{}", column, name), type_before_collation(was->second), type_before_collation(type));
    if (!value) return std::nullopt;
    values.push_back(*value);
  }
  // A row of nulls is no null (manual, 9.2, IS DISTINCT FROM).
  return fmt::format("CASE WHEN {} IS DISTINCT FROM NULL THEN ROW({})::{} END", column, join(values, ", "), quote_name(to.key.name));
}

/// A value of the column under the new type; nullopt where somebody must say how.
std::optional<std::string> value_anew(const std::string& column, const Object& from, const Object& to, bool of_array) {
  const std::string target = quote_name(to.key.name) + (of_array ? "[]" : "");
  if (to.key.kind == "domain") {
    const auto value = domain_value(column, from, to, of_array);
    return value ? std::optional(fmt::format("({})::{}", *value, target)) : std::nullopt;
  }
  if (to.key.kind == "composite_type" && !of_array) return composite_value(column, from, to);
  // As text a row is its attributes in their order, whatever they are called.
  const bool same_count = attributes_of(sql_of(from.definition)).size() == attributes_of(sql_of(to.definition)).size();
  if (to.key.kind == "composite_type" && !same_count) return std::nullopt;
  return fmt::format("{}::text{}::{}", column, of_array ? "[]" : "", target);
}

}  // namespace

void Planner::make_type_anew(const Object& from, const Object& to) {
  const ObjectKey& key = to.key;
  const std::vector<TypeUser> users = users_of_type(schema_, key.name);
  std::vector<ObjectKey> keys;
  std::vector<Part> parts = parts_that_use(schema_, key);
  for (const auto& dependent : op::Dependencies(schema_, rewriter()).of_object(key)) {
    if (dependent.kind == op::Dependent::Kind::object) keys.push_back(dependent.object);
  }
  // The column is of the same type as before by its name, but not by what is said of its values.
  const schema::Type was = key.kind == "domain" ? type_of(domain_base(sql_of(from.definition)).value_or("")) : schema::Type::native("before");
  const schema::Type is = key.kind == "domain" ? type_of(domain_base(sql_of(to.definition)).value_or("")) : schema::Type::native("after");
  for (const TypeUser& user : users) {
    collect_users_of(user.table, user.column, &was, &is, keys, parts);
    const schema::Column& column = column_at(user.table, user.column);
    if (column.server_default) parts.push_back({Part::Kind::default_value, user.table, user.column});
    if (column.generated) parts.push_back({Part::Kind::generated, user.table, user.column});
  }
  if (key.kind == "composite_type" && !has_same_attributes(sql_of(from.definition), sql_of(to.definition))) {
    for (const ObjectKey& above : with_users(keys, parts).objects) {
      const auto others = is_type_kind(above.kind) ? users_of_type(schema_, above.name) : std::vector<TypeUser>();
      if (others.empty()) continue;
      throw Error(ErrorKind::unsupported, fmt::format("{} must be made anew with other attributes, and {}, which is made of it, is the type of {}.{}",
                                                      quoted(key.text()), quoted(above.text()), others[0].table.text(), others[0].column))
          .with_hint("change that column to another type first, then the type, then the column back");
    }
  }
  suspend(std::move(keys), std::move(parts));

  std::vector<TypeUser> own;  // the others follow their parents
  for (const TypeUser& user : users) {
    const bool is_away = suspended_parts_.contains({Part::Kind::generated, user.table, user.column});
    if (!is_away && !comes_from_parent(user.table, user.column)) own.push_back(user);
  }
  const auto change = [&](const TypeUser& user, std::string_view type, std::string_view value) {
    Action action{fmt::format("ALTER COLUMN {} TYPE {}{} USING {}", quote_identifier(user.column), type, user.of_array ? "[]" : "", value),
                  "type " + user.column};
    if (is_busy(user.table)) {
      action.hazard = dialect::Hazard{HazardKind::rewrite, fmt::format("writes all rows of {} and its indexes anew", user.table.text())};
    }
    alter(user.table, {std::move(action)});
  };
  const std::string name = quote_name(key.name);
  const auto held = held_object(key, has_privileges_in_schema(key.name));
  if (held) write(keep_access(std::span(&*held, 1)));
  const auto make = [&] {
    write_object(to, {});
    if (held) write(give_access(std::span(&held->reference, 1)));
  };
  if (key.kind == "range_type") {
    // Its functions stay when it is renamed, in the way of the new one's: the values are kept as text.
    for (const TypeUser& user : own) change(user, "text", fmt::format("{}::text{}", quote_identifier(user.column), user.of_array ? "[]" : ""));
    write(postgresql::drop_object(key, false));
    make();
    for (const TypeUser& user : own) change(user, name, fmt::format("{}::{}{}", quote_identifier(user.column), name, user.of_array ? "[]" : ""));
    return alter(key.name, {}, {current()});
  }
  ObjectKey old = key;
  old.name.name = key.name.name.substr(0, 55) + "_old";
  write(fmt::format("ALTER {} RENAME TO {}", object_reference(key), quote_identifier(old.name.name)));
  make();
  for (const TypeUser& user : own) {
    const auto value = value_anew(quote_identifier(user.column), from, to, user.of_array);
    if (!value) {
      throw Error(ErrorKind::unsupported,
                  fmt::format("how values of {}.{} become ones of the new {} cannot be told", user.table.text(), user.column, quoted(key.text())))
          .with_hint("change the column to another type first, with `using`, then the type, then the column back");
    }
    change(user, name, *value);
  }
  write(postgresql::drop_object(old, false), {current()});
}

// Columns that wait as text

std::vector<Part> Planner::columns_around(const ObjectKey& type) const {
  struct Around {
    ObjectKey key;
    bool inside;  ///< another type's value, and not the value itself under another name
  };
  std::vector<Around> found = {{type, false}};
  std::set<Part> parts;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Around at = found[i];
    for (const TypeUser& user : users_of_type(schema_, at.key.name)) {
      if (at.inside || user.of_array) parts.insert({Part::Kind::typed, user.table, user.column});
    }
    for (const auto& [key, object] : schema_.objects) {
      const bool is_made_of =
          is_type_kind(key.kind) && std::find(object.depends_on.begin(), object.depends_on.end(), at.key) != object.depends_on.end();
      const bool known = std::any_of(found.begin(), found.end(), [&own = key](const Around& one) { return one.key == own; });
      if (!is_made_of || known) continue;
      const bool renames = key.kind == "domain" && !domain_base(sql_of(object.definition)).value_or("[]").ends_with("[]");
      found.push_back({key, at.inside || !renames});
    }
  }
  return {parts.begin(), parts.end()};
}

void Planner::retype(const Part& part, const schema::Type& type) {
  op::AlterColumn effect;
  effect.table = part.table;
  effect.column = part.name;
  effect.type = op::Change<schema::Type>{column_at(part.table, part.name).type, type};
  std::vector<Action> actions;
  if (!comes_from_parent(part.table, part.name)) {
    const std::string name = quote_identifier(part.name);
    Action action{fmt::format("ALTER COLUMN {0} TYPE {1} USING {0}::{1}", name, type_text(type)), "type " + part.name};
    if (is_busy(part.table)) {
      action.hazard = dialect::Hazard{HazardKind::rewrite, fmt::format("writes all rows of {} and its indexes anew", part.table.text())};
    }
    actions.push_back(std::move(action));
  }
  alter(part.table, std::move(actions), {effect});
}

void Planner::refuse_other_text(const Object& made, const std::map<Part, std::size_t>& parts) const {
  const auto was = composites_away_.find(made.key);
  if (was == composites_away_.end() || has_same_attributes(was->second, sql_of(made.definition))) return;
  if (std::none_of(parts.begin(), parts.end(), [](const auto& entry) { return entry.first.kind == Part::Kind::typed; })) return;
  throw Error(ErrorKind::unsupported, fmt::format("{} gets other attributes while a type that it is made of is made anew", quoted(made.key.text())))
      .with_hint("change it in a revision of its own");
}

}  // namespace aludel::postgresql
