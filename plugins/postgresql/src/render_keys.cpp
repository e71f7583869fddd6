#include "quoting.hpp"
#include "render_plan.hpp"
#include "render_text.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace aludel::postgresql {

using dialect::Boundary;
using dialect::Hazard;
using dialect::HazardKind;
using schema::Constraint;

namespace {

/// The unique index behind a primary key or unique constraint.
schema::Index index_behind(const Constraint& constraint) {
  schema::Index index;
  index.unique = true;
  if (const auto* primary = std::get_if<schema::PrimaryKey>(&constraint)) {
    index.name = primary->name;
    index.columns = primary->columns;
    index.include = list_option(primary->options, "include");
    index.options = primary->options;
  } else if (const auto* unique = std::get_if<schema::Unique>(&constraint)) {
    index.name = unique->name;
    index.columns = unique->columns;
    index.include = unique->include;
    index.nulls_distinct = unique->nulls_distinct;
    index.options = unique->options;
  }
  return index;
}

bool is_enforced(const Constraint& constraint) {
  if (const auto* check = std::get_if<schema::Check>(&constraint)) return check->enforced;
  return !flag(options_of(constraint), "not_enforced");
}

bool is_key(const Constraint& constraint) {
  return std::holds_alternative<schema::PrimaryKey>(constraint) || std::holds_alternative<schema::Unique>(constraint);
}

/// What an index is called until it takes another's place.
std::string name_beside(const std::string& name) { return name.substr(0, 55) + "_new"; }

/// Whether there is a valid index of that name; $name stands in the index's schema.
std::string validity_query(const schema::Name& table, std::string_view index) {
  const std::string name = quote_literal(Value(index_name(table, index)));
  return fmt::format("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass({})", name);
}

}  // namespace

Hazard scan_without_writers(const schema::Name& table, std::string_view why) {
  return {HazardKind::scan, fmt::format("reads all rows of {} {}, while nobody can write them", table.text(), why)};
}

void Planner::add_constraint(const op::AddConstraint& operation) {
  const Name& name = operation.table;
  const Constraint& constraint = operation.constraint;
  const schema::Table& table = table_at(name);
  if (early_.contains("keep constraint " + name.text() + " " + name_of(constraint))) {
    return alter(name, {}, {op::DropConstraint{name, name_of(constraint), std::nullopt}, operation});
  }
  if (is_of_parent(name, options_of(constraint))) return alter(name, {}, {operation});
  need_columns_of(name);
  const auto* key = std::get_if<schema::ForeignKey>(&constraint);
  if (key != nullptr) need_columns_of(key->referenced_table);
  const bool checks_rows = key != nullptr || std::holds_alternative<schema::Check>(constraint);
  const bool is_key = std::holds_alternative<schema::PrimaryKey>(constraint) || std::holds_alternative<schema::Unique>(constraint);
  const std::string& own = name_of(constraint);
  if (key != nullptr && key->referenced_table != name && schema_.find_table(key->referenced_table) == nullptr &&
      to_come_.contains(key->referenced_table)) {
    waiting_keys_.emplace_back(name, *key);
    return;
  }
  if (is_key && is_safe(name) && !own.empty() && !is_partitioned(table)) return add_through_index(name, constraint);
  // PostgreSQL 15 cannot add a foreign key of a partitioned table unvalidated (manual, ALTER TABLE, notes).
  const bool can_wait = checks_rows && is_enforced(constraint) && is_safe(name) && !own.empty() && is_validated(constraint) && !is_foreign(table) &&
                        !(key != nullptr && is_partitioned(table));
  Action action{"ADD " + constraint_definition(constraint), "constraint " + own};
  if (can_wait) {
    Constraint unvalidated = constraint;
    std::visit(
        [](auto& one) {
          if constexpr (requires { one.validated; }) one.validated = false;
        },
        unvalidated);
    action.text += " NOT VALID";
    alter(name, {std::move(action)}, {op::AddConstraint{name, unvalidated}});
    const std::string referenced = key == nullptr ? std::string() : " and " + key->referenced_table.text();
    later_.push_back({name,
                      "VALIDATE CONSTRAINT " + quote_identifier(own),
                      {HazardKind::scan, fmt::format("reads all rows of {}{}; they can be read and written meanwhile", name.text(), referenced)},
                      {op::ValidateConstraint{name, own}}});
  } else {
    if (!is_validated(constraint)) {
      action.text += " NOT VALID";
    } else if (is_busy(name)) {
      action.hazard = scan_without_writers(name, key != nullptr ? "to check the key" : "to check them");
    }
    alter(name, {std::move(action)}, {operation});
  }
  if (!comment_of(constraint).empty())
    write(comment_on(fmt::format("CONSTRAINT {} ON {}", quote_identifier(own), quote_name(name)), comment_of(constraint)));
}

void Planner::add_through_index(const Name& table, const Constraint& constraint) {
  const std::string& name = name_of(constraint);
  const bool primary = std::holds_alternative<schema::PrimaryKey>(constraint);
  const schema::Index index = index_behind(constraint);
  if (primary) {
    for (const auto& part : index.columns) {
      const schema::Column& column = column_at(table, part.column);
      if (!column.nullable) continue;
      op::AlterColumn tighten;
      tighten.table = table;
      tighten.column = column.name;
      tighten.nullable = op::Change<bool>{true, false};
      set_not_null(table, column.name, {tighten});
    }
  }
  const auto old = replaced_keys_.extract({table, name});
  schema::Index built = index;
  if (old) built.name = name_beside(name);
  build_index(table, built, {op::CreateIndex{table, built}});
  const schema::Deferrable deferrable =
      primary ? std::get<schema::PrimaryKey>(constraint).deferrable : std::get<schema::Unique>(constraint).deferrable;
  Action add{fmt::format("ADD CONSTRAINT {} {} USING INDEX {}{}", quote_identifier(name), primary ? "PRIMARY KEY" : "UNIQUE",
                         quote_identifier(built.name), deferrable_clause(deferrable)),
             "constraint " + name};
  op::Operations effect{op::DropIndex{table, built.name, built}, op::AddConstraint{table, constraint}};
  std::vector<Action> actions;
  if (old) {
    actions.push_back({"DROP CONSTRAINT " + quote_identifier(name), "old constraint " + name});
    effect.insert(effect.begin(), op::DropConstraint{table, name, old.mapped()});
  }
  actions.push_back(std::move(add));
  alter(table, std::move(actions), std::move(effect));
  if (!comment_of(constraint).empty())
    write(comment_on(fmt::format("CONSTRAINT {} ON {}", quote_identifier(name), quote_name(table)), comment_of(constraint)));
  if (old) mark_again(table, name);
}

bool Planner::is_replaced_later(const Name& table, const std::string& index) const {
  const schema::Table& known = table_at(table);
  if (!is_safe(table) || is_partitioned(known) || is_foreign(known)) return false;
  const bool comes_back = is_to_come([&](const op::Operation& later) {
    if (op::table_of(later) != table) return false;
    const auto* create = std::get_if<op::CreateIndex>(&later.body);
    const auto* add = std::get_if<op::AddConstraint>(&later.body);
    if (create != nullptr) return create->index.name == index && known.find_index(index) != nullptr;
    const Constraint* held = known.find_constraint(index);
    return add != nullptr && held != nullptr && name_of(add->constraint) == index && add->constraint.index() == held->index() && is_key(*held);
  });
  // Where its columns change under it, the old one cannot stay.
  return comes_back && !is_to_come([&](const op::Operation& later) {
           if (op::table_of(later) != table) return false;
           const auto* alter = std::get_if<op::AlterColumn>(&later.body);
           return (alter != nullptr && (alter->type || alter->generated || alter->collation)) || std::holds_alternative<op::DropColumn>(later.body) ||
                  std::holds_alternative<op::RenameColumn>(later.body) || std::holds_alternative<op::RenameTable>(later.body);
         });
}

const Constraint* Planner::added_again(const op::DropConstraint& drop) const {
  const Constraint* held = table_at(drop.table).find_constraint(drop.name);
  if (held == nullptr) return nullptr;
  for (std::size_t i = index_ + 1; i < operations_.size(); ++i) {
    const auto* add = std::get_if<op::AddConstraint>(&operations_[i].body);
    if (add == nullptr || add->table != drop.table || name_of(add->constraint) != drop.name) continue;
    const bool same = constraint_definition(*held) == constraint_definition(add->constraint) && comment_of(*held) == comment_of(add->constraint) &&
                      is_validated(*held) && is_validated(add->constraint);
    return same && is_inherited(options_of(*held)) != is_inherited(options_of(add->constraint)) ? &add->constraint : nullptr;
  }
  return nullptr;
}

void Planner::free_foreign_keys_to(const Name& name, const schema::Index& unique) {
  const auto sorted = [](std::vector<std::string> columns) {
    std::sort(columns.begin(), columns.end());
    return columns;
  };
  std::vector<std::string> columns;
  for (const auto& part : unique.columns) columns.push_back(part.column);
  std::vector<Part> parts;
  for (const auto& [referring, table] : schema_.tables) {
    for (const auto& constraint : table.constraints) {
      const auto* key = std::get_if<schema::ForeignKey>(&constraint);
      if (key == nullptr || key->referenced_table != name || sorted(key->referenced_columns) != sorted(columns)) continue;
      parts.push_back({Part::Kind::foreign_key, referring, key->name});
    }
  }
  if (!parts.empty()) suspend({}, std::move(parts));
}

void Planner::drop_constraint(const op::DropConstraint& operation) {
  const schema::Table& table = table_at(operation.table);
  const Constraint* held = operation.name.empty() ? nullptr : table.find_constraint(operation.name);
  if (suspended_parts_.erase({Part::Kind::constraint, operation.table, operation.name}) != 0) return;  // gone already
  if (suspended_parts_.erase({Part::Kind::foreign_key, operation.table, operation.name}) != 0) return;
  if (operation.name.empty()) {
    throw Error(ErrorKind::unsupported, fmt::format("a constraint of {} without a name cannot be dropped", quoted(operation.table.text())))
        .with_hint("PostgreSQL names every constraint: say which one");
  }
  if (held != nullptr && is_of_parent(operation.table, options_of(*held))) return alter(operation.table, {}, {current()});
  if (const auto* again = added_again(operation); again != nullptr && held != nullptr) {
    early_.insert("keep constraint " + operation.table.text() + " " + operation.name);
    return;
  }
  if (held != nullptr && is_replaced_later(operation.table, operation.name)) {
    replaced_keys_.emplace(std::pair(operation.table, operation.name), *held);
    return;
  }
  if (held != nullptr && is_key(*held)) free_foreign_keys_to(operation.table, index_behind(*held));
  // One that is still to be validated needs it no longer.
  std::erase_if(later_, [&](const Later& one) {
    return one.table == operation.table && one.text == "VALIDATE CONSTRAINT " + quote_identifier(operation.name);
  });
  alter(operation.table,
        {{fmt::format("DROP CONSTRAINT {}{}", operation.if_exists ? "IF EXISTS " : "", quote_identifier(operation.name)),
          "constraint " + operation.name}},
        {current()});
}

void Planner::alter_constraint(const op::AlterConstraint& operation) {
  const std::string& name = name_of(operation.to);
  if (is_suspended(operation.table, name)) return;
  settle_later(operation.table);
  const schema::Table& table = table_at(operation.table);
  const std::string reference = fmt::format("CONSTRAINT {} ON {}", quote_identifier(name), quote_name(operation.table));
  Constraint plain_from = operation.from;
  Constraint plain_to = operation.to;
  const auto strip = [](Constraint& constraint) { std::visit([](auto& one) { one.comment.clear(); }, constraint); };
  strip(plain_from);
  strip(plain_to);
  const auto comment = [&] {
    if (comment_of(operation.from) != comment_of(operation.to)) write(comment_on(reference, comment_of(operation.to)));
  };
  const bool same = constraint_definition(plain_from) == constraint_definition(plain_to);
  if (is_inherited(options_of(operation.to)) && is_inherited(options_of(operation.from))) {
    comment();
    return alter(operation.table, {}, {current()});
  }
  if (same && is_validated(operation.from) == is_validated(operation.to)) {
    comment();
    return alter(operation.table, {}, {current()});
  }
  if (same && is_validated(operation.to)) {
    later_.push_back({operation.table,
                      "VALIDATE CONSTRAINT " + quote_identifier(name),
                      {HazardKind::scan, fmt::format("reads all rows of {}; they can be read and written meanwhile", operation.table.text())},
                      {current()}});
    return comment();
  }
  // The deferrability of a foreign key alone can be changed in place.
  if (const auto* from = std::get_if<schema::ForeignKey>(&plain_from)) {
    if (auto* to = std::get_if<schema::ForeignKey>(&plain_to)) {
      schema::ForeignKey other = *from;
      other.deferrable = to->deferrable;
      if (constraint_definition(other) == constraint_definition(*to) && is_validated(operation.from) == is_validated(operation.to)) {
        std::string text = deferrable_clause(to->deferrable);
        if (text.empty()) text = " NOT DEFERRABLE";
        if (to->deferrable == schema::Deferrable::initially_immediate) text += " INITIALLY IMMEDIATE";
        alter(operation.table, {{"ALTER CONSTRAINT " + quote_identifier(name) + text, "constraint " + name}}, {current()});
        return comment();
      }
    }
  }
  // Anything else is dropped and added in one statement; what references the key must be dropped before by the revision.
  const auto* key = std::get_if<schema::ForeignKey>(&operation.to);
  const bool checks_rows = key != nullptr || std::holds_alternative<schema::Check>(operation.to);
  const bool can_wait = checks_rows && is_enforced(operation.to) && is_safe(operation.table) && is_validated(operation.to) &&
                        !(key != nullptr && is_partitioned(table));
  std::string add = "ADD " + constraint_definition(operation.to);
  if (can_wait || !is_validated(operation.to)) add += " NOT VALID";
  Action drop{"DROP CONSTRAINT " + quote_identifier(name_of(operation.from)), "constraint " + name_of(operation.from)};
  Action made{std::move(add), "constraint " + name};
  if (!can_wait && is_validated(operation.to) && is_busy(operation.table)) made.hazard = scan_without_writers(operation.table, "to check them");
  if (!can_wait) {
    alter(operation.table, {std::move(drop), std::move(made)}, {current()});
  } else {
    Constraint unvalidated = operation.to;
    std::visit(
        [](auto& one) {
          if constexpr (requires { one.validated; }) one.validated = false;
        },
        unvalidated);
    alter(operation.table, {std::move(drop), std::move(made)}, {op::AlterConstraint{operation.table, operation.from, unvalidated}});
    later_.push_back({operation.table,
                      "VALIDATE CONSTRAINT " + quote_identifier(name),
                      {HazardKind::scan, fmt::format("reads all rows of {}; they can be read and written meanwhile", operation.table.text())},
                      {op::ValidateConstraint{operation.table, name}}});
  }
  if (!comment_of(operation.to).empty()) write(comment_on(reference, comment_of(operation.to)));
}

void Planner::create_index(const op::CreateIndex& operation) {
  need_columns_of(operation.table);
  const schema::Table& table = table_at(operation.table);
  if (operation.if_not_exists && table.find_index(operation.index.name) != nullptr) return;
  // The parent's index makes its partitions' own.
  if (is_inherited(operation.index.options) && is_attached(operation.table)) return alter(operation.table, {}, {current()});
  if (const auto old = replaced_.extract({operation.table, operation.index.name})) {
    replace_index(operation.table, old.mapped(), operation.index);
  } else if (is_safe(operation.table) && !operation.index.name.empty() && !is_partitioned(table)) {
    build_index(operation.table, operation.index, {current()});
  } else {
    auto& statement = write(postgresql::create_index(operation.table, operation.index, false, operation.if_not_exists), {current()});
    if (is_busy(operation.table)) statement.hazards.push_back(scan_without_writers(operation.table, "to build the index"));
  }
  index_extras(operation.table, operation.index);
}

void Planner::build_index(const Name& table, const schema::Index& index, op::Operations effect) {
  restore();  // nothing is away for as long as the build takes
  // A build that failed leaves an invalid index under the name; it is in nobody's way, so it is dropped as any other.
  const std::string name = index_name(table, index.name);
  write(fmt::format(
      "DO $aludel$\nBEGIN\n  IF EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass({}) AND NOT indisvalid) THEN\n    DROP INDEX {};\n  END "
      "IF;\nEND\n$aludel$",
      quote_literal(Value(name)), name));
  commit();
  auto& build = write_outside(postgresql::create_index(table, index, true, false), std::move(effect));
  build.hazards.push_back({HazardKind::scan, fmt::format("reads all rows of {} twice; they can be read and written meanwhile", table.text())});
  write_check(validity_query(table, index.name), Value(true),
              fmt::format("index {} is not valid: it was built while rows that it refuses came in", index.name));
}

void Planner::replace_index(const Name& table, const schema::Index& from, const schema::Index& to) {
  // Queries are never without one.
  schema::Index beside = to;
  beside.name = name_beside(to.name);
  build_index(table, beside, {op::CreateIndex{table, beside}});
  commit();
  write_outside("DROP INDEX CONCURRENTLY " + index_name(table, from.name), {op::DropIndex{table, from.name, from}});
  write(fmt::format("ALTER INDEX {} RENAME TO {}", index_name(table, beside.name), quote_identifier(to.name)),
        {op::RenameIndex{table, beside.name, to.name}});
  mark_again(table, to.name);
}

void Planner::index_extras(const Name& table, const schema::Index& index) {
  const std::string name = index_name(table, index.name);
  if (const Value* targets = option(index.options, "statistics"); targets != nullptr && targets->object() != nullptr) {
    for (const Member& member : *targets->object()) {
      write(fmt::format("ALTER INDEX {} ALTER COLUMN {} SET STATISTICS {}", name, member.key, to_json(member.value)));
    }
  }
  if (!index.comment.empty()) write(comment_on("INDEX " + name, index.comment));
}

void Planner::drop_index(const op::DropIndex& operation) {
  const schema::Table& table = table_at(operation.table);
  const schema::Index* held = table.find_index(operation.index);
  if (suspended_parts_.erase({Part::Kind::index, operation.table, operation.index}) != 0) return;  // gone already
  if (held != nullptr && is_inherited(held->options) && is_attached(operation.table)) return alter(operation.table, {}, {current()});
  if (held != nullptr && is_replaced_later(operation.table, operation.index)) {
    replaced_.emplace(std::pair(operation.table, operation.index), *held);
    return;
  }
  if (held != nullptr && held->unique) free_foreign_keys_to(operation.table, *held);
  const std::string name = index_name(operation.table, operation.index);
  const std::string if_exists = operation.if_exists ? "IF EXISTS " : "";
  const bool table_goes = is_to_come([&](const op::Operation& later) {
    const auto* drop = std::get_if<op::DropTable>(&later.body);
    return drop != nullptr && drop->table == operation.table;
  });
  if (is_safe(operation.table) && !is_partitioned(table) && !table_goes) {
    restore();
    write_outside(fmt::format("DROP INDEX CONCURRENTLY {}{}", if_exists, name), {current()});
  } else {
    write_hazardous(fmt::format("DROP INDEX {}{}", if_exists, name), brief_lock(operation.table), {current()});
  }
}

void Planner::alter_index(const op::AlterIndex& operation) {
  if (is_suspended(operation.table, operation.from.name)) return;
  const schema::Table& table = table_at(operation.table);
  const std::string name = index_name(operation.table, operation.to.name);
  schema::Index from = operation.from;
  schema::Index to = operation.to;
  const auto bare = [&](schema::Index index) {
    for (const char* key : {"with", "tablespace"}) index.options["postgresql"].erase(key);
    return postgresql::create_index(operation.table, index, false, false);
  };
  const bool invalid = flag(from.options, "invalid") && !flag(to.options, "invalid");
  if ((is_inherited(from.options) && is_attached(operation.table)) || (!invalid && bare(from) == bare(to))) {
    for (const std::string& change : parameter_changes(option(from.options, "with"), option(to.options, "with"))) {
      write(fmt::format("ALTER INDEX {} {}", name, change));
    }
    const std::string space = text_option(to.options, "tablespace");
    if (space != text_option(from.options, "tablespace")) {
      write_hazardous(fmt::format("ALTER INDEX {} SET TABLESPACE {}", name, quote_identifier(space.empty() ? "pg_default" : space)),
                      {HazardKind::rewrite, fmt::format("copies index {}", to.name)});
    }
    if (from.comment != to.comment) write(comment_on("INDEX " + name, to.comment));
    schema::Index rest = to;
    rest.comment.clear();
    if (option(from.options, "statistics") != nullptr || option(to.options, "statistics") != nullptr) index_extras(operation.table, rest);
    return alter(operation.table, {}, {current()});
  }
  const bool safe = is_safe(operation.table) && !is_partitioned(table);
  const op::DropIndex drop{operation.table, from.name, from};
  if (safe) {
    replace_index(operation.table, from, to);
  } else {
    write_hazardous("DROP INDEX " + name, brief_lock(operation.table), {drop});
    auto& statement = write(postgresql::create_index(operation.table, to, false, false), {op::CreateIndex{operation.table, to}});
    if (is_busy(operation.table)) statement.hazards.push_back(scan_without_writers(operation.table, "to build the index"));
  }
  index_extras(operation.table, to);
  if (!safe) mark_again(operation.table, to.name);
}

}  // namespace aludel::postgresql
