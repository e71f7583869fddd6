#include "lexer.hpp"
#include "quoting.hpp"
#include "render_plan.hpp"
#include "rewriter.hpp"
#include "types.hpp"

#include "expression.hpp"

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace aludel::mysql {

using dialect::HazardKind;
using schema::Column;
using schema::Table;

void Planner::create_table(const op::CreateTable& operation) {
  if (operation.if_not_exists && schema_.find_table(operation.table.name) != nullptr) return;
  apply();
  Pending& pending = touch(operation.table.name);
  pending.if_not_exists = operation.if_not_exists;
  pending.operations.push_back(index_);
}

void Planner::drop_table(const op::DropTable& operation) {
  const Name& name = operation.table;
  apply();
  const bool created = is_created(name);
  pending_.erase(name);
  std::erase(order_, name);
  rehung_.erase(name);
  if (created) return;  // it was never there
  // What others forget of it, they forget before it goes.
  for (const Name& other : std::vector<Name>(order_)) {
    if (is_created(other)) continue;
    Links links = links_of(other);
    drop_references(other, links, name);
  }
  done_.tables.erase(name);
  write_ddl(fmt::format("DROP TABLE {}{}", operation.if_exists ? "IF EXISTS " : "", quote_name(name)),
            {HazardKind::data_loss, fmt::format("loses all rows of {}", printable(name.text(), 80))}, {current()});
}

void Planner::rename_table(const op::RenameTable& operation) {
  settle();
  const auto objects = schema_.objects;
  apply();
  const Name to{operation.table.schema, operation.to};
  // Names that the servers gave follow the table's (manuals, "FOREIGN KEY Constraints" and "CHECK Constraints").
  for (auto& constraint : schema_.tables.at(to).constraints) {
    const auto follow = [&](std::string& spelling) {
      if (spelling.starts_with(operation.table.name + "_")) spelling = operation.to + spelling.substr(operation.table.name.size());
    };
    if (auto* key = std::get_if<schema::ForeignKey>(&constraint)) follow(key->spelling);
    if (auto* check = std::get_if<schema::Check>(&constraint)) follow(check->spelling);
  }
  take_as_done();
  write_ddl(fmt::format("RENAME TABLE {} TO {}", quote_name(operation.table), quote_name(to)),
            {HazardKind::lock,
             fmt::format("waits for transactions that use {}, and lets later ones wait meanwhile", printable(operation.table.text(), 80))},
            {current()});
  note_respelled(objects, operation);
  respell_objects();
}

void Planner::alter_table(const op::AlterTable& operation) {
  if (operation.schema) {
    throw Error(ErrorKind::unsupported, fmt::format("table {} cannot move to another database in a revision", quoted(operation.table.text())))
        .with_hint("a revision works on one database; RENAME TABLE a.t TO b.t in a `sql` operation moves it");
  }
  apply();
  tell_current(operation.table);
}

void Planner::add_column(const op::AddColumn& operation) {
  const Table* table = schema_.find_table(operation.table);
  if (operation.if_not_exists && table != nullptr && table->find_column(operation.column.name) != nullptr) return;
  const Column& column = operation.column;
  const bool fills = column.backfill && !column.nullable && !is_created(operation.table);
  apply();
  if (!fills) return tell_current(operation.table);
  // Added without values, filled, and only then NOT NULL.
  schema_.tables.at(operation.table).find_column(column.name)->nullable = true;
  op::AddColumn add = operation;
  add.column.nullable = true;
  add.column.backfill.reset();
  tell(operation.table, std::move(add));
  settle();
  fill(operation.table, column.name, *column.backfill);
  op::AlterColumn tighten;
  tighten.table = operation.table;
  tighten.column = column.name;
  tighten.nullable = op::Change<bool>{true, false};
  schema_.tables.at(operation.table).find_column(column.name)->nullable = false;
  tell(operation.table, std::move(tighten));
}

void Planner::drop_column(const op::DropColumn& operation) {
  const Table* table = schema_.find_table(operation.table);
  if (operation.if_exists && (table == nullptr || table->find_column(operation.column) == nullptr)) return;
  apply();
  Pending& pending = touch(operation.table);
  if (const auto kept = pending.columns.find(operation.column); kept != pending.columns.end()) {
    pending.dropped[kept->second] = operation.column;
    pending.columns.erase(kept);
  }
  tell_current(operation.table);
}

void Planner::fill(const Name& table, const std::string& column, const schema::Expression& value) {
  const std::string name = quote_identifier(column);
  dialect::Statement& statement = write(fmt::format("UPDATE {} SET {} = {} WHERE {} IS NULL", quote_name(table), name, sql_of(value), name));
  statement.hazards.push_back(
      {HazardKind::rewrite, fmt::format("writes the rows of {} that have no {}", printable(table.text(), 80), printable(column, 80))});
}

/// MariaDB's uuid and inet types take no numbers, dates or bits, in no row or in many (error 4078).
void Planner::refuse_impossible_cast(const op::AlterColumn& operation) const {
  const auto is_address = [](std::string_view canonical) { return canonical == "uuid" || canonical == "inet4" || canonical == "inet6"; };
  const auto casts = [&](const std::string& canonical) {
    const std::string_view word = type_word(canonical);
    return is_address(canonical) || is_text_type(canonical) || word.ends_with("binary") || word.ends_with("blob");
  };
  const std::string from = after_.canonical_type(operation.type->from), to = after_.canonical_type(operation.type->to);
  if (!after_.is_mariadb() || (!is_address(from) && !is_address(to)) || (casts(from) && casts(to))) return;
  throw Error(ErrorKind::unsupported,
              fmt::format("MariaDB cannot turn {} of column {}.{} into {}", from, quoted(operation.table.text()), quoted(operation.column), to))
      .with_hint("say how with `using`, or drop the column and add another");
}

void Planner::alter_column(const op::AlterColumn& operation) {
  const Name& name = operation.table;
  if (operation.using_ && operation.type && !is_created(name)) return convert_column(operation);
  if (operation.type && !is_created(name)) refuse_impossible_cast(operation);
  const bool fills = operation.backfill && operation.nullable && !operation.nullable->to && !is_created(name);
  if (fills && operation.type) {
    // The values are those of the new type.
    op::AlterColumn rest = operation;
    rest.nullable.reset();
    rest.backfill.reset();
    op::apply(rest, schema_, rewriter(), apply_options_);
    tell(name, rest);
    settle();
    fill(name, operation.column, *operation.backfill);
    op::AlterColumn tighten;
    tighten.table = name;
    tighten.column = operation.column;
    tighten.nullable = operation.nullable;
    op::apply(tighten, schema_, rewriter(), apply_options_);
    return tell(name, tighten);
  }
  if (fills) {
    const auto pending = pending_.find(name);
    const bool changed = pending != pending_.end() && (!pending->second.dropped.empty() ||
                                                       std::any_of(pending->second.columns.begin(), pending->second.columns.end(),
                                                                   [](const auto& entry) { return entry.first != entry.second; }) ||
                                                       pending->second.columns.size() != table_at(name).columns.size());
    if (changed) settle();  // it may be computed from what is not there yet, or called otherwise
    fill(name, operation.column, *operation.backfill);
  }
  const Column was = column_at(name, operation.column);
  apply();
  const Column& is = column_at(name, operation.column);
  Pending& pending = touch(name);
  if (!can_modify(was, is)) {
    if (const auto kept = pending.columns.find(operation.column); kept != pending.columns.end()) {
      pending.dropped[kept->second] = operation.column;
      pending.columns.erase(kept);
      if (was.generated && !is.generated) {
        pending.hazards.push_back(
            {HazardKind::data_loss, fmt::format("loses the computed values of {}.{}", printable(name.text(), 80), printable(is.name, 80))});
      }
    }
  }
  tell_current(name);
}

void Planner::convert_column(const op::AlterColumn& operation) {
  const Name& name = operation.table;
  settle();
  const Column was = column_at(name, operation.column);
  const Table& table = table_at(name);
  const bool in_primary = table.primary_key() != nullptr &&
                          std::any_of(table.primary_key()->columns.begin(), table.primary_key()->columns.end(),
                                      [&](const schema::IndexPart& part) { return equals_ignoring_case(part.column, operation.column); });
  if (in_primary) {
    throw Error(ErrorKind::unsupported,
                fmt::format("{}.{} is part of the primary key and cannot be converted with `using`", name.text(), operation.column))
        .with_hint("add a column, fill it, and make the key anew");
  }
  // The values wait in a column of their own while theirs is empty and changes its type.
  Column waiting;
  waiting.name = "aludel_" + operation.column;
  while (waiting.name.size() > 64 || table.find_column(waiting.name) != nullptr)
    waiting.name = "aludel_" + std::to_string(waiting.name.size()) + waiting.name.substr(7, 40);
  waiting.type = operation.type->to;
  waiting.collation = operation.collation ? operation.collation->to : was.collation;
  const auto say = [&](op::Operation change) {
    op::apply(change, schema_, rewriter(), apply_options_);
    tell(name, std::move(change));
  };
  say(op::AddColumn{name, waiting, false});
  op::AlterColumn loosen;
  loosen.table = name;
  loosen.column = operation.column;
  if (!was.nullable) {
    loosen.nullable = op::Change<bool>{false, true};
    say(loosen);
  }
  settle();
  const std::string own = quote_identifier(operation.column), other = quote_identifier(waiting.name);
  std::string keeps;  // ON UPDATE would touch them
  for (const Column& column : table_at(name).columns) {
    if (!text_option(after_.options(column.options), "on_update").empty()) keeps += fmt::format(", {0} = {0}", quote_identifier(column.name));
  }
  const dialect::Hazard rewrites{HazardKind::rewrite, fmt::format("writes all rows of {}", printable(name.text(), 80))};
  write(fmt::format("UPDATE {} SET {} = {}, {} = NULL{}", quote_name(name), other, sql_of(*operation.using_), own, keeps))
      .hazards.push_back(rewrites);
  op::AlterColumn change = operation;
  change.using_.reset();
  change.backfill.reset();
  change.nullable.reset();
  say(change);
  settle();
  write(fmt::format("UPDATE {} SET {} = {}{}", quote_name(name), own, other, keeps)).hazards.push_back(rewrites);
  const bool nullable = operation.nullable ? operation.nullable->to : was.nullable;
  if (!nullable) {
    if (operation.backfill) fill(name, operation.column, *operation.backfill);
    op::AlterColumn tighten;
    tighten.table = name;
    tighten.column = operation.column;
    tighten.nullable = op::Change<bool>{true, false};
    say(tighten);
  }
  say(op::DropColumn{name, waiting.name, waiting, false});
  Pending& pending = touch(name);
  pending.dropped[waiting.name] = waiting.name;
  pending.columns.erase(waiting.name);
  pending.hazards.clear();
}

void Planner::note_respelled(const schema::SharedMap<schema::ObjectKey, schema::Object>& before, const op::RenameTable& renamed) {
  // A trigger goes along with its table, whose name the server keeps beside the trigger's text.
  const auto body_of = [](const schema::Object& object) {
    const std::string_view text = sql_of(object.definition);
    constexpr std::string_view head = " FOR EACH ROW ";
    const std::size_t at = object.key.kind == "trigger" ? text.find(head) : std::string_view::npos;
    return at == std::string_view::npos ? text : text.substr(at);
  };
  const std::string parent = Name{renamed.table.schema, renamed.to}.text();
  for (const auto& [key, object] : schema_.objects) {
    schema::ObjectKey earlier = key;
    if (!renamed.to.empty() && key.parent == parent) earlier.parent = renamed.table.text();
    const auto was = before.find(earlier);
    if (was != before.end() && !object.definition.stale && body_of(was->second) != body_of(object)) respelled_.insert(key);
  }
}

void Planner::rename_column(const op::RenameColumn& operation) {
  const Name& name = operation.table;
  const Table* held = done_.find_table(name);
  // The name may be one that only goes with what is pending.
  if (held != nullptr && !is_created(name) && held->find_column(operation.to) != nullptr) settle();
  const auto objects = schema_.objects;
  apply();
  Pending& pending = touch(name);
  const auto kept = pending.columns.find(operation.column);
  if (kept != pending.columns.end() && operation.column != operation.to) {
    pending.columns[operation.to] = kept->second;
    pending.columns.erase(operation.column);
    op::apply(current(), done_, rewriter(), apply_options_);
  }
  tell_current(name);
  note_respelled(objects, {});
}

void Planner::change_constraint(const Name& table, const schema::Constraint* held) {
  const bool reference = held != nullptr && std::holds_alternative<schema::ForeignKey>(*held);
  const Table* known = schema_.find_table(table);
  if (known == nullptr) {
    apply();  // says so, or has nothing to do
    return;
  }
  apply();
  if (!reference) return tell_current(table);
  // Foreign keys tell of themselves where they are written.
  Pending& pending = touch(table);
  if (pending.operations.empty() || pending.operations.back() != index_) pending.operations.push_back(index_);
}

void Planner::rename_constraint(const op::RenameConstraint& operation) {
  const Table* known = schema_.find_table(operation.table);
  const schema::Constraint* held = known == nullptr ? nullptr : known->find_constraint(operation.name);
  const bool unique = held != nullptr && std::holds_alternative<schema::Unique>(*held);
  change_constraint(operation.table, held);
  if (unique) rename_index(operation.table, operation.name, operation.to);
}

void Planner::rename_index(const Name& table, const std::string& from, const std::string& to) {
  Pending& pending = touch(table);
  Table* held = done_.find_table(table);
  if (pending.created || held == nullptr || from == to) return;
  const auto rename = [&](std::string& name) {
    if (name != from) return false;
    name = to;
    return true;
  };
  const bool taken = held->find_index(to) != nullptr || held->find_constraint(to) != nullptr;
  bool found = false;
  if (!taken) {
    for (auto& index : held->indexes) found = found || rename(index.name);
    for (auto& constraint : held->constraints) {
      if (std::holds_alternative<schema::Unique>(constraint)) found = found || rename(name_of(constraint));
    }
  }
  if (!found) return;  // it is new itself, or is dropped and made anew
  const auto earlier = pending.keys.find(from);
  const std::string then = earlier == pending.keys.end() ? from : earlier->second;
  pending.keys.erase(from);
  if (then != to) pending.keys[to] = then;
}

void Planner::alter_enum(const op::AlterEnum& operation) {
  if (!schema_.enums.contains(operation.type)) {
    throw Error(ErrorKind::unsupported, fmt::format("{} keeps no enumeration types, so it cannot be told which columns have {}", after_.name(),
                                                    quoted(operation.type.text())))
        .with_hint("alter the columns' type instead: alter_column with type = {from = \"enum(...)\", to = \"enum(...)\"}");
  }
  const auto was = schema_.tables;
  apply();
  for (const auto& [name, table] : was) {
    const Table& changed = table_at(name);
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const Column& from = table.columns[i];
      const Column& to = changed.columns[i];
      if (from == to) continue;
      op::AlterColumn alter;
      alter.table = name;
      alter.column = from.name;
      if (!(from.type == to.type)) alter.type = op::Change<schema::Type>{from.type, to.type};
      if (!(from.server_default == to.server_default)) {
        alter.server_default = op::Change<schema::Boxed<schema::Expression>>{from.server_default, to.server_default};
      }
      tell(name, std::move(alter));
    }
  }
}

}  // namespace aludel::mysql
