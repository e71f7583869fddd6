#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>

#include "diff/differ.hpp"

namespace aludel::diff {

using schema::Column;

namespace {

bool fills_itself(const Column& column) { return column.server_default || column.identity || column.generated || column.backfill; }

std::string shown(const schema::Name& table, const std::string& column) {
  std::vector<std::string> parts{table.name, column};
  if (!table.schema.empty()) parts.insert(parts.begin(), table.schema);
  return printable(join_name(parts));
}

}  // namespace

void Differ::change_columns() {
  for (const Name& name : changed_) change_columns(name);
}

void Differ::change_columns(const Name& name) {
  const TableChanges changes = changes_of(name);
  suggest_columns(changes);
  std::vector<const Column*> added = changes.added;
  // A computed column may be computed from others that are new as well.
  std::stable_partition(added.begin(), added.end(), [](const Column* column) { return !column->generated; });
  std::vector<std::string> dropped;
  for (const Column* column : changes.dropped) dropped.push_back(column->name);
  for (const Column* column : added) add_column(name, *column);
  for (const auto& alter : changes.altered) alter_column(alter);
  // What is computed from others goes before them.
  for (const bool generated : {true, false}) {
    for (const auto& column : dropped) {
      const Column* is = now().tables.at(name).find_column(column);
      if (is && is->generated.has_value() == generated) drop_column(name, column);
    }
  }
  if (dropped.empty()) return;
  // What a drop had to free of other columns comes back.
  for (auto& alter : changes_of(name).altered) alter_column(std::move(alter));
}

void Differ::add_column(const Name& table, const Column& column) {
  Column added = column;
  added.renamed_from.clear();
  op::Operation operation(op::AddColumn{table, std::move(added)});
  if (!column.nullable && !fills_itself(column)) {
    const std::string name = shown(table, column.name);
    operation.remarks.push_back(fmt::format("{} is NOT NULL: say what existing rows get with backfill = \"expression\", or give it a default", name));
    working_.warn(fmt::format("{} is NOT NULL and has neither a default nor a backfill: the upgrade fails where the table has rows", name));
  }
  working_.run(std::move(operation));
}

void Differ::alter_column(op::AlterColumn alter) {
  const bool tightens = alter.nullable && !alter.nullable->to;
  const bool computed = target().tables.at(alter.table).find_column(alter.column)->generated.has_value();
  const std::string name = shown(alter.table, alter.column);
  const bool bare = tightens && !alter.backfill && !computed;
  op::Operation operation(std::move(alter));
  if (bare) {
    operation.remarks.push_back(fmt::format("{} becomes NOT NULL: say what rows without a value get with backfill = \"expression\"", name));
    working_.warn(fmt::format("{} becomes NOT NULL and has no backfill: the upgrade fails where a row has no value", name));
  }
  working_.run(std::move(operation));
}

void Differ::drop_column(const Name& table, const std::string& column) {
  free(dependencies().of_column(table, column));
  working_.run(op::DropColumn{table, column, *now().tables.at(table).find_column(column)});
}

}  // namespace aludel::diff
