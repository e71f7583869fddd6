#include "names.hpp"
#include "quoting.hpp"
#include "render_plan.hpp"
#include "render_text.hpp"
#include "rewriter.hpp"

#include <aludel/op/dependents.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

/// PostgreSQL cannot make a partitioned table of a plain one, or the other way round, or give it another key: the table is made anew, its rows are
/// copied, and it takes the old one's place.
namespace aludel::postgresql {

using dialect::HazardKind;
using schema::Column;
using schema::ObjectKey;
using schema::Table;

namespace {

bool repartitions(const op::Operation& operation, const schema::Name& table) {
  const auto* alter = std::get_if<op::AlterTable>(&operation.body);
  return alter != nullptr && alter->table == table && alter->options &&
         text_option(alter->options->from, "partition_by") != text_option(alter->options->to, "partition_by");
}

/// Is the heir dropped, or free of its parent afterwards?
bool disinherits(const op::Operation& operation, const schema::Name& heir, const schema::Name& parent) {
  if (const auto* drop = std::get_if<op::DropTable>(&operation.body)) return drop->table == heir;
  const auto* alter = std::get_if<op::AlterTable>(&operation.body);
  if (alter == nullptr || alter->table != heir || !alter->options) return false;
  const auto left = list_option(alter->options->to, "inherits");
  return std::find(left.begin(), left.end(), parent.text()) == left.end();
}

}  // namespace

bool Planner::puts_off_detaching(const op::DetachPartition& operation) {
  if (!is_to_come([&](const op::Operation& later) { return repartitions(later, operation.table); })) return false;
  // Where its table stays, its rows go along.
  const auto drops = [&](const op::Operation& later) {
    const auto* drop = std::get_if<op::DropTable>(&later.body);
    return drop != nullptr && drop->table == operation.partition;
  };
  if (!is_to_come(drops)) return false;
  put_off_.push_back({operation.table, operation.partition, index_});
  return true;
}

bool Planner::puts_off_dropping(const op::DropTable& operation) {
  const auto waits = std::find_if(put_off_.begin(), put_off_.end(), [&](const PutOff& one) { return one.partition == operation.table; });
  if (waits == put_off_.end()) return false;
  const Name table = waits->table;
  put_off_.push_back({table, operation.table, index_});
  return true;
}

void Planner::make_parents_anew(const Table& child) {
  for (const std::string& parent : list_option(child.options, "inherits")) {
    bring_forward([&](const op::Operation& later) { return repartitions(later, schema::parse_name(parent)); });
  }
}

bool Planner::bring_forward(const std::function<bool(const op::Operation&)>& is_wanted) {
  for (std::size_t place = place_ + 1; place < order_.size() && !op::is_barrier(operations_[order_[place]]); ++place) {
    const std::size_t index = order_[place];
    if (done_.contains(index) || !is_wanted(operations_[index])) continue;
    const std::size_t here = std::exchange(index_, index);
    carry_out();
    done_.insert(index);
    index_ = here;
    return true;
  }
  return false;
}

void Planner::make_table_anew(const op::AlterTable& operation) {
  restore_all();
  settle_later(operation.table);
  const Table table = table_at(operation.table);
  const std::string name = quote_name(table.name);
  if (is_attached(table.name)) {
    throw Error(ErrorKind::unsupported, fmt::format("table {} is a partition and cannot be partitioned otherwise", quoted(table.name.text())))
        .with_hint("detach it first in this revision, and attach it again");
  }
  for (const Name& child : children_of(table.name)) {
    if (!is_attached(child)) bring_forward([&](const op::Operation& later) { return disinherits(later, child, table.name); });
  }
  if (const auto children = children_of(table.name); !children.empty()) {
    throw Error(ErrorKind::unsupported, fmt::format("table {} is made anew to be partitioned otherwise, and {} hangs on it",
                                                    quoted(table.name.text()), quoted(children.front().text())))
        .with_hint("detach, drop or alter that first in this revision");
  }
  const Table fresh = make_empty(table, operation);
  copy_rows(table, fresh);
  take_place(table, fresh, operation);
}

schema::Table Planner::make_empty(const Table& table, const op::AlterTable& operation) {
  // Its policies would hide rows from the copy even where the owner makes it, and nobody may write rows from here on.
  write_hazardous(
      fmt::format("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY", quote_name(table.name)),
      {HazardKind::lock, fmt::format("keeps readers and writers of {} waiting until its rows are copied (ACCESS EXCLUSIVE)", table.name.text())});
  Table fresh = table;
  fresh.name.name = object_name(table.name.name, "aludel", "new");
  fresh.options = operation.options->to;
  auto& ours = fresh.options["postgresql"];
  for (const char* later : {"row_security", "force_row_security"}) ours.erase(later);
  fresh.constraints.clear();  // they come back with what hangs on them
  fresh.indexes.clear();
  for (Column& column : fresh.columns) {
    if (column.identity) column.options["postgresql"].erase("sequence_name");  // the old one has it still
    // Under partitions PostgreSQL 18 cannot give it another name later.
    if (server_.major >= 18 && !column.nullable && text_option(column.options, "not_null_name").empty()) {
      column.options["postgresql"]["not_null_name"] = object_name(table.name.name, column.name, "not_null");
    }
  }
  write(postgresql::create_table(fresh, false), {current()});
  write(give_owner(table.name, fresh.name));
  settle_inherited(fresh);
  finish_table(fresh);
  // Where the rows go.
  const std::size_t here = index_;
  for (std::size_t place = place_ + 1; place < order_.size() && !op::is_barrier(operations_[order_[place]]); ++place) {
    const op::Operation& later = operations_[order_[place]];
    const auto* attaches = std::get_if<op::AttachPartition>(&later.body);
    if (attaches == nullptr || attaches->table != table.name) continue;
    const auto creates = [&](const op::Operation& one) {
      const auto* create = std::get_if<op::CreateTable>(&one.body);
      return create != nullptr && create->table.name == attaches->partition;
    };
    if (schema_.find_table(attaches->partition) == nullptr && !bring_forward(creates)) {
      throw Error(ErrorKind::unsupported, fmt::format("partition {} is nowhere created, and rows of {} are to go there",
                                                      quoted(attaches->partition.text()), quoted(table.name.text())))
          .with_hint("create the partitions in this revision, before `alter_table`");
    }
    index_ = order_[place];
    attach(fresh.name, attaches->partition, attaches->bounds);
    apply(later);
    done_.insert(index_);
  }
  index_ = here;
  return fresh;
}

void Planner::copy_rows(const Table& table, const Table& fresh) {
  const std::string name = quote_name(table.name);
  std::string columns;
  bool numbered = false;
  for (const Column& column : fresh.columns) {
    if (column.generated) continue;
    columns += (columns.empty() ? "" : ", ") + quote_identifier(column.name);
    numbered = numbered || column.identity;
  }
  const std::string into = columns.empty() ? std::string() : " (" + columns + ")";
  write_hazardous(
      fmt::format("INSERT INTO {}{}{} SELECT {} FROM {}", quote_name(fresh.name), into, numbered ? " OVERRIDING SYSTEM VALUE" : "", columns, name),
      {HazardKind::rewrite, fmt::format("copies all rows of {} into a table that takes its place", table.name.text())});
  std::vector<Held> held{held_table(table.name, has_privileges_in_schema(table.name))};
  for (const Column& column : table.columns) {
    if (!column.identity) continue;
    const Column& copy = *fresh.find_column(column.name);
    const Name from{table.name.schema, identity_sequence(table, column)};
    const Name to{table.name.schema, identity_sequence(fresh, copy)};
    write(fmt::format("SELECT setval({}, last_value, is_called) FROM {}", quote_literal(Value(quote_name(to))), quote_name(from)));
    held.push_back(held_sequence(from));
  }
  for (const Name& sequence : op::Dependencies(schema_, rewriter()).owned_by(table.name)) {
    const std::string column = split_name(schema_.sequences.at(sequence).owned_by).back();
    write(fmt::format("ALTER SEQUENCE {} OWNED BY {}.{}", quote_name(sequence), quote_name(fresh.name), quote_identifier(column)));
  }
  anew_ = std::move(held);
}

void Planner::take_place(const Table& table, const Table& fresh, const op::AlterTable& operation) {
  const std::string name = quote_name(table.name);
  std::vector<ObjectKey> keys;
  std::vector<Part> parts;
  for (const auto& [key, object] : schema_.objects) {
    const bool named = std::any_of(object.depends_on.begin(), object.depends_on.end(),
                                   [&](const ObjectKey& one) { return one.kind == "table" && one.name == table.name; });
    if (key.kind != "partition" && (named || key.parent == table.name.text())) keys.push_back(key);
  }
  for (const auto& dependent : op::Dependencies(schema_, rewriter()).of_table(table.name)) {
    if (dependent.kind == op::Dependent::Kind::object && dependent.object.kind != "partition") keys.push_back(dependent.object);
    if (dependent.kind != op::Dependent::Kind::constraint) continue;
    parts.push_back({Part::Kind::foreign_key, dependent.table, name_of(schema_.tables.at(dependent.table).constraints[dependent.position])});
  }
  // Foreign keys hold the partitions, and these lose the indexes that are dropped with their parent's.
  suspend(std::move(keys), std::move(parts));
  const std::size_t here = index_;
  for (const PutOff& one : std::exchange(put_off_, {})) {
    if (one.table != table.name) {
      put_off_.push_back(one);
      continue;
    }
    index_ = one.operation;
    if (const auto* detach = std::get_if<op::DetachPartition>(&current().body)) {
      write(fmt::format("ALTER TABLE {} DETACH PARTITION {}", name, quote_name(detach->partition)), {current()});
    } else {
      write("DROP TABLE " + quote_name(one.partition), {current()});
    }
  }
  index_ = here;
  std::vector<Part> own;
  for (const auto& constraint : table.constraints) {
    const bool foreign = std::holds_alternative<schema::ForeignKey>(constraint);
    own.push_back({foreign ? Part::Kind::foreign_key : Part::Kind::constraint, table.name, name_of(constraint)});
  }
  for (const auto& index : table.indexes) own.push_back({Part::Kind::index, table.name, index.name});
  suspend({}, std::move(own));

  write("DROP TABLE " + name);
  write(fmt::format("ALTER TABLE {} RENAME TO {}", quote_name(fresh.name), quote_identifier(table.name.name)));
  for (const Column& column : table.columns) {
    const Column& copy = *fresh.find_column(column.name);
    take_sequence_along(fresh, copy, identity_sequence(table, column));
  }
  created_.insert(table.name);
  std::vector<Action> actions;
  if (flag(operation.options->to, "row_security")) actions.push_back({"ENABLE ROW LEVEL SECURITY", "row security"});
  if (flag(operation.options->to, "force_row_security")) actions.push_back({"FORCE ROW LEVEL SECURITY", "forced row security"});
  alter(table.name, std::move(actions));
}

}  // namespace aludel::postgresql
