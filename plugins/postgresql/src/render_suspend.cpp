#include "render_suspend.hpp"

#include "quoting.hpp"
#include "render_definitions.hpp"
#include "render_objects.hpp"
#include "render_plan.hpp"
#include "render_privileges.hpp"
#include "render_text.hpp"
#include "rewriter.hpp"
#include "types.hpp"

#include <aludel/op/dependents.hpp>
#include <aludel/op/order.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace aludel::postgresql {

using dialect::HazardKind;
using schema::Constraint;
using schema::Object;
using schema::ObjectKey;
using schema::Table;

namespace {

bool is_key(const Constraint& constraint) {
  return std::holds_alternative<schema::PrimaryKey>(constraint) || std::holds_alternative<schema::Unique>(constraint);
}

Part part_of(const schema::Name& table, const Constraint& constraint) {
  const bool foreign = std::holds_alternative<schema::ForeignKey>(constraint);
  return {foreign ? Part::Kind::foreign_key : Part::Kind::constraint, table, name_of(constraint)};
}

/// What tables may be made of.
bool is_foundation(const ObjectKey& key) {
  static constexpr std::string_view kinds[] = {"domain",    "composite_type", "range_type",           "collation", "function", "procedure",
                                               "aggregate", "extension",      "foreign_data_wrapper", "server",    "privilege"};
  return std::find(std::begin(kinds), std::end(kinds), key.kind) != std::end(kinds);
}

bool is_routine(std::string_view kind) { return kind == "function" || kind == "procedure" || kind == "aggregate"; }

std::string family_of(const schema::Type& type) {
  using schema::TypeKind;
  switch (type.kind) {
    case TypeKind::smallint:
    case TypeKind::integer:
    case TypeKind::bigint:
    case TypeKind::real:
    case TypeKind::double_precision:
    case TypeKind::decimal:
      return "number";
    case TypeKind::text:
    case TypeKind::varchar:
    case TypeKind::character:
      return "text";
    case TypeKind::time:
      return "time";
    case TypeKind::timestamp:
      return "timestamp";
    case TypeKind::array:
      return type.element.empty() ? "text[]" : family_of(type.element[0]) + "[]";
    default:
      return type_text(type) == "character varying" ? "text" : type_text(type);
  }
}

}  // namespace

bool is_same_family(const schema::Type& a, const schema::Type& b) { return family_of(a) == family_of(b); }

bool names_thing(std::string_view text, const schema::Name& thing, bool call) {
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' || (c & 0x80) != 0; };
  const auto ends_with = [&](std::size_t at, std::string_view word) {
    return at >= word.size() && equals_ignoring_case(text.substr(at - word.size(), word.size()), word);
  };
  for (const std::string& spelled : {thing.name, quote_identifier(thing.name)}) {
    for (std::size_t at = text.find(spelled); at != std::string_view::npos; at = text.find(spelled, at + 1)) {
      const std::size_t end = at + spelled.size();
      if (spelled.front() != '"' && end < text.size() && is_word(text[end])) continue;
      if (call && (end >= text.size() || text[end] != '(')) continue;
      if (spelled.front() != '"' && at > 0 && text[at - 1] == '"') continue;
      std::size_t begin = at;
      if (begin > 0 && text[begin - 1] == '.') {
        --begin;
        while (begin > 0 && (is_word(text[begin - 1]) || text[begin - 1] == '"')) --begin;
      }
      if (begin > 0 && is_word(text[begin - 1])) continue;
      // A type stands behind a cast; a column may have its name.
      if (call || ends_with(begin, "::") || ends_with(begin, " as ")) return true;
    }
  }
  return false;
}

std::vector<Part> parts_that_use(const schema::Metadata& schema, const ObjectKey& used) {
  const bool call = is_routine(used.kind);
  const auto named = [&](const schema::Expression& expression) { return names_thing(sql_of(expression), used.name, call); };
  const auto in_part = [&](const schema::IndexPart& part) { return part.expression && named(*part.expression); };
  std::vector<Part> parts;
  for (const auto& [name, table] : schema.tables) {
    for (const auto& column : table.columns) {
      if (column.generated && named(column.generated->expression)) parts.push_back({Part::Kind::generated, name, column.name});
      if (column.server_default && named(*column.server_default)) parts.push_back({Part::Kind::default_value, name, column.name});
    }
    for (const auto& constraint : table.constraints) {
      const auto* check = std::get_if<schema::Check>(&constraint);
      const auto* exclude = std::get_if<schema::Exclude>(&constraint);
      const bool uses = (check != nullptr && named(check->expression)) ||
                        (exclude != nullptr &&
                         ((exclude->where && named(*exclude->where)) || std::any_of(exclude->elements.begin(), exclude->elements.end(),
                                                                                    [&](const auto& element) { return in_part(element.part); })));
      if (uses) parts.push_back(part_of(name, constraint));
    }
    for (const auto& index : table.indexes) {
      if ((index.where && named(*index.where)) || std::any_of(index.columns.begin(), index.columns.end(), in_part)) {
        parts.push_back({Part::Kind::index, name, index.name});
      }
    }
  }
  return parts;
}

std::vector<Part> Planner::parts_on_column(const Name& table, const std::string& column, const schema::Type* from, const schema::Type* to) const {
  const bool goes = to == nullptr;
  const bool keeps_meaning = !goes && (from == nullptr || is_same_family(*from, *to));
  std::vector<Part> parts;
  for (const auto& dependent : op::Dependencies(schema_, rewriter()).of_column(table, column)) {
    if (dependent.kind == op::Dependent::Kind::object) continue;
    const Table& held = schema_.tables.at(dependent.table);
    if (dependent.kind == op::Dependent::Kind::generated) {
      parts.push_back({Part::Kind::generated, dependent.table, held.columns[dependent.position].name});
    } else if (dependent.kind == op::Dependent::Kind::constraint) {
      const Constraint& constraint = held.constraints[dependent.position];
      // The server makes keys anew by itself.
      if (goes || (!keeps_meaning && !is_key(constraint))) parts.push_back(part_of(dependent.table, constraint));
    } else if (dependent.kind == op::Dependent::Kind::index) {
      const schema::Index& index = held.indexes[dependent.position];
      const std::string method = text_option(index.options, "using");
      const bool special = index.where || (!method.empty() && method != "btree" && method != "hash") ||
                           std::any_of(index.columns.begin(), index.columns.end(),
                                       [&](const auto& part) { return part.expression || !part.operator_class.empty() || !part.collation.empty(); });
      if (goes || (!keeps_meaning && special)) parts.push_back({Part::Kind::index, dependent.table, index.name});
    }
  }
  return parts;
}

void Planner::suspend_users_of(const Name& table, const std::string& column, const schema::Type* from, const schema::Type* to) {
  std::vector<ObjectKey> keys;
  std::vector<Part> parts;
  collect_users_of(table, column, from, to, keys, parts);
  suspend(std::move(keys), std::move(parts));
}

void Planner::suspend_changing_users_of(const Name& table, const std::string& column) {
  std::vector<ObjectKey> keys;
  std::vector<Part> parts;
  collect_users_of(table, column, nullptr, nullptr, keys, parts);
  std::erase_if(keys, [&](const ObjectKey& key) {
    const schema::Expression& definition = schema_.objects.at(key).definition;
    const bool may_name = definition.stale || rewriter().mentions_column(sql_of(definition), table, column);
    return !may_name || !changes_later(key);
  });
  if (!keys.empty()) suspend(std::move(keys), {});
}

void Planner::collect_users_of(const Name& table, const std::string& column, const schema::Type* from, const schema::Type* to,
                               std::vector<ObjectKey>& keys, std::vector<Part>& parts) const {
  const std::string text = table.text();
  for (const auto& dependent : op::Dependencies(schema_, rewriter()).of_column(table, column)) {
    if (dependent.kind == op::Dependent::Kind::object) keys.push_back(dependent.object);
  }
  for (const auto& [key, object] : schema_.objects) {
    const bool own = key.parent == text && key.kind != "partition";
    const bool named = std::any_of(object.depends_on.begin(), object.depends_on.end(),
                                   [&](const ObjectKey& one) { return one.kind == "table" && one.name == table; });
    // Only a body that is bound at once depends on columns.
    const bool bound = is_routine(key.kind) && sql_of(object.definition).find("BEGIN ATOMIC") != std::string::npos;
    const bool hangs_on_columns = op::is_relation(key.kind) || key.kind == "trigger" || key.kind == "rule" || key.kind == "policy" ||
                                  key.kind == "statistics" || key.kind == "publication" || bound;
    if (!hangs_on_columns || !(own || named)) continue;
    // A view may hold the column without naming it.
    if (op::is_relation(key.kind) || key.kind == "rule" || rewriter().mentions_column(sql_of(object.definition), table, column)) keys.push_back(key);
  }
  std::vector<Part> own = parts_on_column(table, column, from, to);
  parts.insert(parts.end(), own.begin(), own.end());
  for (const Name& child : children_of(table)) collect_users_of(child, column, from, to, keys, parts);
}

Planner::Suspects Planner::with_users(std::vector<ObjectKey> keys, std::vector<Part> parts) const {
  const op::Dependencies dependencies(schema_, rewriter());
  Suspects found;
  const auto add = [&](const std::vector<op::Dependent>& dependents) {
    for (const auto& dependent : dependents) {
      if (dependent.kind == op::Dependent::Kind::object) keys.push_back(dependent.object);
      if (dependent.kind == op::Dependent::Kind::constraint) {
        parts.push_back(part_of(dependent.table, schema_.tables.at(dependent.table).constraints[dependent.position]));
      }
    }
  };
  const auto position = [](const auto& all, const auto& is_wanted) {
    return static_cast<std::size_t>(std::find_if(all.begin(), all.end(), is_wanted) - all.begin());
  };
  while (!keys.empty() || !parts.empty()) {
    if (!keys.empty()) {
      const ObjectKey key = keys.back();
      keys.pop_back();
      if (!schema_.objects.contains(key) || !found.objects.insert(key).second) continue;
      add(dependencies.of_object(key));
      if (op::is_relation(key.kind)) {
        for (ObjectKey& child : dependencies.children_of(key.name)) keys.push_back(std::move(child));
      }
      if (is_type_kind(key.kind)) {
        for (const TypeUser& user : users_of_type(schema_, key.name)) parts.push_back({Part::Kind::typed, user.table, user.column});
      }
      if (is_foundation(key) && !is_privilege(key.kind)) {
        for (Part& part : parts_that_use(schema_, key)) parts.push_back(std::move(part));
      }
      continue;
    }
    const Part part = parts.back();
    parts.pop_back();
    const Table* table = schema_.find_table(part.table);
    if (table == nullptr || !found.parts.insert(part).second) continue;
    if (part.kind == Part::Kind::generated) {
      collect_users_of(part.table, part.name, nullptr, nullptr, keys, parts);
    } else if (part.kind == Part::Kind::typed) {
      const schema::Column& column = *table->find_column(part.name);
      const schema::Type text = schema::Type::string();
      collect_users_of(part.table, part.name, &column.type, &text, keys, parts);
      if (column.server_default) parts.push_back({Part::Kind::default_value, part.table, part.name});
      if (column.generated) parts.push_back({Part::Kind::generated, part.table, part.name});
    } else if (part.kind == Part::Kind::constraint) {
      add(dependencies.of_constraint(part.table,
                                     position(table->constraints, [&](const Constraint& constraint) { return name_of(constraint) == part.name; })));
    } else if (part.kind == Part::Kind::index) {
      add(dependencies.of_index(part.table, position(table->indexes, [&](const schema::Index& index) { return index.name == part.name; })));
    }
  }
  return found;
}

void Planner::suspend(std::vector<ObjectKey> keys, std::vector<Part> parts) {
  Suspects found = with_users(std::move(keys), std::move(parts));
  std::erase_if(found.objects, [&](const ObjectKey& key) { return suspended_.contains(key); });
  std::erase_if(found.parts, [&](const Part& part) { return suspended_parts_.contains(part); });
  take_away(found);
}

void Planner::take_away(const Suspects& suspects) {
  std::vector<const Object*> objects;
  for (const ObjectKey& key : suspects.objects) objects.push_back(&schema_.objects.at(key));
  const std::vector<const Object*> order = op::order_objects(objects);
  const std::set<ObjectKey> upper = upper_of(order);
  keep_access_of(order, suspects.parts);
  op::Operations along;  // privileges go with what they are of
  const auto drop = [&](bool which) {
    for (auto object = order.rbegin(); object != order.rend(); ++object) {
      const ObjectKey key = (*object)->key;
      if (upper.contains(key) != which) continue;
      along.emplace_back(op::DropObject{key, **object});
      suspended_.emplace(key, index_);
      if (key.kind == "composite_type") composites_away_.insert_or_assign(key, sql_of((*object)->definition));
      if (!is_privilege(key.kind)) write(postgresql::drop_object(key, false), std::exchange(along, {}));
    }
  };
  drop(true);
  for (auto part = suspects.parts.rbegin(); part != suspects.parts.rend(); ++part) take_away(*part);
  drop(false);
}

bool Planner::has_privileges_in_schema(const Name& name) const {
  const auto first = schema_.objects.lower_bound({"privilege", name, "", ""});
  return first != schema_.objects.end() && first->first.kind == "privilege" && first->first.name == name;
}

void Planner::keep_access_of(const std::vector<const Object*>& objects, const std::set<Part>& parts) {
  std::vector<Held> all;
  // What takes the table's place gets them when all that hung on it is back.
  for (const Held& one : anew_) {
    if (std::find(held_anew_.begin(), held_anew_.end(), one.reference) != held_anew_.end()) continue;
    held_anew_.push_back(one.reference);
    all.push_back(one);
  }
  for (const Object* object : objects) {
    const ObjectKey& key = object->key;
    if (is_privilege(key.kind) || new_objects_.contains(key)) continue;
    auto held = held_object(key, has_privileges_in_schema(key.name));
    if (!held) continue;
    held_.insert_or_assign(key, held->reference);
    all.push_back(*std::move(held));
  }
  for (const Part& part : parts) {
    if (part.kind != Part::Kind::generated || created_.contains(part.table) || has_privileges_in_schema(part.table)) continue;
    all.push_back(held_column(part.table, part.name));
    held_parts_.insert_or_assign(part, all.back().reference);
  }
  if (!all.empty()) write(keep_access(all));
}

void Planner::keep_access_of_enum(const Name& type) {
  const ObjectKey key{"enum", type, "", ""};
  const bool comes_back = is_to_come([&](const op::Operation& later) {
    const auto* create = std::get_if<op::CreateEnum>(&later.body);
    return create != nullptr && create->type.name == type;
  });
  if (!comes_back || !before_.enums.contains(type)) return;
  const Held held = *held_object(key, has_privileges_in_schema(type));
  held_.insert_or_assign(key, held.reference);
  write(keep_access(std::span(&held, 1)));
}

std::set<ObjectKey> Planner::upper_of(const std::vector<const Object*>& order) const {
  std::set<ObjectKey> upper;
  for (const Object* object : order) {
    const bool on_upper =
        std::any_of(object->depends_on.begin(), object->depends_on.end(), [&](const ObjectKey& key) { return upper.contains(key); });
    if (on_upper || !is_foundation(object->key)) upper.insert(object->key);
  }
  return upper;
}

bool Planner::is_of_parent(const Name& table, const schema::Options& options) const {
  return is_inherited(options) && (is_attached(table) || !list_option(table_at(table).options, "inherits").empty());
}

bool Planner::is_suspended(const Name& table, const std::string& name) const {
  return suspended_parts_.contains({Part::Kind::constraint, table, name}) || suspended_parts_.contains({Part::Kind::foreign_key, table, name}) ||
         suspended_parts_.contains({Part::Kind::index, table, name});
}

void Planner::suspend_users_of_enum(const Name& type) {
  const ObjectKey key{"enum", type, "", ""};
  std::vector<ObjectKey> keys;
  for (const auto& [own, object] : schema_.objects) {
    if (std::find(object.depends_on.begin(), object.depends_on.end(), key) != object.depends_on.end()) keys.push_back(own);
  }
  suspend(std::move(keys), parts_that_use(schema_, key));
}

void Planner::take_away(const Part& part) {
  const Table& table = table_at(part.table);
  const auto own = [&](bool inherited, std::string text, std::string target) {
    std::vector<Action> actions;
    if (!inherited) actions.push_back({std::move(text), std::move(target)});
    return actions;
  };
  const std::string name = quote_identifier(part.name);
  switch (part.kind) {
    case Part::Kind::typed: {
      const schema::Column* const column = table.find_column(part.name);
      if (column == nullptr) return;  // computed, and gone with its expression
      const bool of_array = column->type.kind == schema::TypeKind::array;
      typed_.insert_or_assign(part, column->type);
      retype(part, of_array ? schema::Type::array(schema::Type::string()) : schema::Type::string());
      break;
    }
    case Part::Kind::generated: {
      const schema::Column& column = *table.find_column(part.name);
      if (column.generated && keeps_values(part)) return;
      std::vector<Action> actions = own(comes_from_parent(part.table, part.name), "DROP COLUMN " + name, "column " + part.name);
      if (!actions.empty() && !column.generated) {
        actions[0].hazard =
            dialect::Hazard{HazardKind::data_loss, fmt::format("the values of {}.{} are computed from now on", part.table.text(), part.name)};
      }
      alter(part.table, std::move(actions), {op::DropColumn{part.table, part.name, column}});
      break;
    }
    case Part::Kind::default_value: {
      op::AlterColumn effect;
      effect.table = part.table;
      effect.column = part.name;
      effect.server_default = op::Change<schema::Boxed<schema::Expression>>{table.find_column(part.name)->server_default, std::nullopt};
      alter(part.table, {{fmt::format("ALTER COLUMN {} DROP DEFAULT", name), "default " + part.name}}, {effect});
      break;
    }
    case Part::Kind::constraint:
    case Part::Kind::foreign_key: {
      const Constraint constraint = *table.find_constraint(part.name);
      alter(part.table, own(is_of_parent(part.table, options_of(constraint)), "DROP CONSTRAINT " + name, "constraint " + part.name),
            {op::DropConstraint{part.table, part.name, constraint}});
      break;
    }
    case Part::Kind::index: {
      const schema::Index index = *table.find_index(part.name);
      const op::Operations effect{op::DropIndex{part.table, part.name, index}};
      if (is_of_parent(part.table, index.options)) {
        alter(part.table, {}, effect);
      } else {
        write_hazardous("DROP INDEX " + index_name(part.table, part.name), brief_lock(part.table), effect);
      }
      break;
    }
  }
  suspended_parts_.emplace(part, index_);
}

bool Planner::keeps_values(const Part& part) {
  // A column that is no longer computed afterwards is to keep what was computed: it stops being so before anything else.
  const bool becomes_plain = is_to_come([&](const op::Operation& later) {
    const auto* alter = std::get_if<op::AlterColumn>(&later.body);
    return alter != nullptr && alter->table == part.table && alter->column == part.name && alter->generated && !alter->generated->to;
  });
  if (!becomes_plain || !early_.insert("drop expression " + part.table.text() + " " + part.name).second) return becomes_plain;
  op::AlterColumn effect;
  effect.table = part.table;
  effect.column = part.name;
  effect.generated = op::Change<schema::Boxed<schema::Generated>>{column_at(part.table, part.name).generated, std::nullopt};
  alter(part.table, {{fmt::format("ALTER COLUMN {} DROP EXPRESSION", quote_identifier(part.name)), "default " + part.name}}, {effect});
  return true;
}

}  // namespace aludel::postgresql
