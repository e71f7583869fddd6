#include "quoting.hpp"
#include "render_plan.hpp"
#include "render_text.hpp"
#include "types.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace aludel::postgresql {

namespace {

/// OWNED BY's column, and the table it stands in.
struct Owner {
  schema::Name table;
  std::string column;
};

Owner owner_of(const schema::Sequence& sequence) {
  std::vector<std::string> parts = split_name(sequence.owned_by);
  Owner owner;
  owner.column = parts.empty() ? std::string() : parts.back();
  if (!parts.empty()) parts.pop_back();
  if (!parts.empty()) owner.table.name = parts.back();
  if (parts.size() > 1) owner.table.schema = parts.front();
  return owner;
}

std::string owned_by(const schema::Sequence& sequence) {
  if (sequence.owned_by.empty()) return "OWNED BY NONE";
  const Owner owner = owner_of(sequence);
  return fmt::format("OWNED BY {}.{}", quote_name(owner.table), quote_identifier(owner.column));
}

/// Every setting that differs, with what stands for "as usual" where it is left out.
std::string changed_settings(const schema::Sequence& from, const schema::Sequence& to) {
  const schema::Identity& a = from.settings;
  const schema::Identity& b = to.settings;
  std::vector<std::string> parts;
  if (from.type != to.type) parts.push_back("AS " + (to.type.empty() ? std::string("bigint") : to.type));
  // Bounds follow the type and the direction; said again, they are what was meant.
  const bool turned = from.type != to.type || (a.increment.value_or(1) > 0) != (b.increment.value_or(1) > 0);
  if (a.increment != b.increment) parts.push_back(fmt::format("INCREMENT BY {}", b.increment.value_or(1)));
  if (a.minimum != b.minimum || turned) parts.push_back(b.minimum ? fmt::format("MINVALUE {}", *b.minimum) : "NO MINVALUE");
  if (a.maximum != b.maximum || turned) parts.push_back(b.maximum ? fmt::format("MAXVALUE {}", *b.maximum) : "NO MAXVALUE");
  const bool ascending = b.increment.value_or(1) > 0;
  const std::int64_t first = ascending ? b.minimum.value_or(1) : b.maximum.value_or(-1);
  if (a.start != b.start || a.minimum != b.minimum || a.maximum != b.maximum || turned) {
    parts.push_back(fmt::format("START WITH {}", b.start.value_or(first)));
  }
  if (a.cache != b.cache) parts.push_back(fmt::format("CACHE {}", b.cache.value_or(1)));
  if (a.cycle != b.cycle) parts.emplace_back(b.cycle ? "CYCLE" : "NO CYCLE");
  return join(parts, " ");
}

std::string_view integer_type(const std::string& type) { return type.empty() ? std::string_view("bigint") : std::string_view(type); }

struct Bounds {
  std::int64_t least, most;
};

Bounds bounds_of(const schema::Identity& settings, std::string_view type) {
  const bool ascending = settings.increment.value_or(1) > 0;
  return {settings.minimum.value_or(ascending ? 1 : smallest_of(type)), settings.maximum.value_or(ascending ? largest_of(type) : -1)};
}

}  // namespace

std::string Planner::move_into_bounds(const Name& sequence, const schema::Identity& from, std::string_view from_type, const schema::Identity& to,
                                      std::string_view to_type) {
  const Bounds was = bounds_of(from, from_type);
  const Bounds is = bounds_of(to, to_type);
  if (is.least > was.most || is.most < was.least) return "RESTART";
  const std::string name = quote_name(sequence);
  const auto move = [&](std::int64_t bound, std::string_view comparison) {
    write(fmt::format("SELECT setval({}, {}, false) FROM {} WHERE last_value {} {}", quote_literal(Value(name)), bound, name, comparison, bound));
  };
  // Only towards numbers that are yet to come: one that has none left is not begun again.
  const bool ascending = to.increment.value_or(1) > 0;
  if (ascending && is.least > was.least) move(is.least, "<");
  if (!ascending && is.most < was.most) move(is.most, ">");
  return {};
}

void Planner::free_sequence_of(const schema::Table& table, const schema::Column& column) {
  const Name name{table.name.schema, identity_sequence(table, column)};
  for (const op::Operation& operation : operations_) {
    const auto* drop = std::get_if<op::DropSequence>(&operation.body);
    if (drop == nullptr || drop->sequence != name || !schema_.sequences.contains(name)) continue;
    if (!early_.insert("drop sequence " + name.text()).second) continue;
    if (column.server_default) {
      op::AlterColumn effect;
      effect.table = table.name;
      effect.column = column.name;
      effect.server_default = op::Change<schema::Boxed<schema::Expression>>{column.server_default, std::nullopt};
      alter_now(table.name, fmt::format("ALTER COLUMN {} DROP DEFAULT", quote_identifier(column.name)), {effect});
    }
    write("DROP SEQUENCE " + quote_name(name), {op::DropSequence{name, drop->definition}});
  }
}

void Planner::create_enum(const op::CreateEnum& operation) {
  if (operation.if_not_exists && schema_.enums.contains(operation.type.name)) return;
  std::vector<std::string> values;
  for (const std::string& value : operation.type.values) values.push_back(quote_literal(Value(value)));
  const std::string name = quote_name(operation.type.name);
  write(fmt::format("CREATE TYPE {} AS ENUM ({})", name, join(values, ", ")), {current()});
  if (!operation.type.comment.empty()) write(comment_on("TYPE " + name, operation.type.comment));
  const auto held = held_.find({"enum", operation.type.name, "", ""});
  if (held == held_.end()) return;
  write(give_access(std::span(&held->second, 1)));
  held_.erase(held);
}

void Planner::alter_enum(const op::AlterEnum& operation) {
  const std::string name = quote_name(operation.type);
  for (const auto& rename : operation.rename) {
    if (rename.from == rename.to) continue;
    op::AlterEnum effect{operation.type, {}, {rename}, {}};
    write(fmt::format("ALTER TYPE {} RENAME VALUE {} TO {}", name, quote_literal(Value(rename.from)), quote_literal(Value(rename.to))), {effect});
  }
  for (const auto& add : operation.add) {
    std::string text = fmt::format("ALTER TYPE {} ADD VALUE {}", name, quote_literal(Value(add.value)));
    if (!add.before.empty()) text += " BEFORE " + quote_literal(Value(add.before));
    if (!add.after.empty()) text += " AFTER " + quote_literal(Value(add.after));
    // A new value may only be used when it is committed (manual, ALTER TYPE, notes).
    op::AlterEnum effect{operation.type, {add}, {}, {}};
    write(std::move(text), {effect});
    if (&add == &operation.add.back()) commit();
  }
  if (!operation.comment) return;
  write(comment_on("TYPE " + name, operation.comment->to), {op::AlterEnum{operation.type, {}, {}, operation.comment}});
}

void Planner::create_sequence(const op::CreateSequence& operation) {
  const schema::Sequence& sequence = operation.sequence;
  if (operation.if_not_exists && schema_.sequences.contains(sequence.name)) return;
  free_identity_of(sequence.name);
  const std::string name = quote_name(sequence.name);
  std::string text = fmt::format("CREATE {}SEQUENCE {}{}", flag(sequence.options, "unlogged") ? "UNLOGGED " : "",
                                 operation.if_not_exists ? "IF NOT EXISTS " : "", name);
  if (!sequence.type.empty()) text += " AS " + sequence.type;
  if (const std::string settings = sequence_options(sequence.settings); !settings.empty()) text += " " + settings;
  schema::Sequence made = sequence;
  if (!sequence.owned_by.empty()) {
    const Owner owner = owner_of(sequence);
    const schema::Table* table = schema_.find_table(owner.table);
    if (table != nullptr && table->find_column(owner.column) != nullptr) {
      text += " " + owned_by(sequence);
    } else {
      made.owned_by.clear();
      waiting_owners_.emplace(sequence.name, sequence);
    }
  }
  write(std::move(text), {op::CreateSequence{made, operation.if_not_exists}});
  if (!sequence.comment.empty()) write(comment_on("SEQUENCE " + name, sequence.comment));
  settle_privileges({"", sequence.name, "", "SEQUENCE"}, "SEQUENCES");
}

void Planner::free_identity_of(const Name& sequence) {
  for (const op::Operation& operation : operations_) {
    const auto* alter = std::get_if<op::AlterColumn>(&operation.body);
    if (alter == nullptr || !alter->identity || alter->identity->to || alter->table.schema != sequence.schema) continue;
    const schema::Table* table = schema_.find_table(alter->table);
    const schema::Column* column = table == nullptr ? nullptr : table->find_column(alter->column);
    if (column == nullptr || !column->identity || identity_sequence(*table, *column) != sequence.name) continue;
    if (!early_.insert("drop identity " + alter->table.text() + " " + alter->column).second) continue;
    op::AlterColumn effect;
    effect.table = alter->table;
    effect.column = alter->column;
    effect.identity = alter->identity;
    alter_now(alter->table, fmt::format("ALTER COLUMN {} DROP IDENTITY", quote_identifier(alter->column)), {effect});
  }
}

void Planner::alter_now(const Name& table, std::string action, op::Operations effect) {
  write_hazardous(fmt::format("ALTER {} {} {}", table_word(table_at(table)), quote_name(table), action), brief_lock(table), std::move(effect));
}

void Planner::own_sequences(const Name& table) {
  for (auto at = waiting_owners_.begin(); at != waiting_owners_.end();) {
    if (owner_of(at->second).table != table) {
      ++at;
      continue;
    }
    schema::Sequence free = at->second;
    free.owned_by.clear();
    write(fmt::format("ALTER SEQUENCE {} {}", quote_name(at->first), owned_by(at->second)), {op::AlterSequence{free, at->second}});
    at = waiting_owners_.erase(at);
  }
}

void Planner::alter_sequence(const op::AlterSequence& operation) {
  const std::string name = quote_name(operation.to.name);
  const std::string restart = move_into_bounds(operation.to.name, operation.from.settings, integer_type(operation.from.type), operation.to.settings,
                                               integer_type(operation.to.type));
  std::string text = changed_settings(operation.from, operation.to);
  if (!restart.empty()) text += " " + restart;
  if (operation.from.owned_by != operation.to.owned_by) text += (text.empty() ? "" : " ") + owned_by(operation.to);
  if (!text.empty()) write(fmt::format("ALTER SEQUENCE {} {}", name, text));
  if (flag(operation.from.options, "unlogged") != flag(operation.to.options, "unlogged")) {
    write(fmt::format("ALTER SEQUENCE {} SET {}", name, flag(operation.to.options, "unlogged") ? "UNLOGGED" : "LOGGED"));
  }
  if (operation.from.comment != operation.to.comment) write(comment_on("SEQUENCE " + name, operation.to.comment));
  if (!script_.statements.empty()) script_.statements.back().effect.push_back(current());
}

void Planner::alter_schema(const op::AlterSchema& operation) {
  write(comment_on("SCHEMA " + quote_identifier(operation.to.name), operation.to.comment), {current()});
}

void Planner::drop_schema(const op::DropSchema& operation) {
  const std::string name = quote_identifier(operation.schema);
  // What is left of the one that every database has is how it is by itself.
  if (operation.schema == "public") {
    write(comment_on("SCHEMA " + name, "standard public schema"), {current()});
  } else {
    write(fmt::format("DROP SCHEMA {}{}", operation.if_exists ? "IF EXISTS " : "", name), {current()});
  }
}

void Planner::create_schema(const op::CreateSchema& operation) {
  const std::string name = quote_identifier(operation.schema.name);
  // A new database has this one already (manual, 5.9.2).
  const bool stands = operation.if_not_exists || operation.schema.name == "public";
  write(fmt::format("CREATE SCHEMA {}{}", stands ? "IF NOT EXISTS " : "", name), {current()});
  if (!operation.schema.comment.empty()) write(comment_on("SCHEMA " + name, operation.schema.comment));
}

}  // namespace aludel::postgresql
