#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>

#include "differ.hpp"

namespace aludel::diff {
namespace {

bool equivalent(const std::optional<schema::Generated>& a, const std::optional<schema::Generated>& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a || (a->stored == b->stored && schema::equivalent(a->expression, b->expression));
}

bool fills_itself(const Column& column) { return column.server_default || column.identity || column.generated || column.backfill; }

}  // namespace

void Differ::change_columns() {
  for (const Name& name : common_tables()) {
    const Table& wanted = *target().find_table(name);
    const Table& is = *current().find_table(name);
    std::vector<const Column*> added;
    std::vector<const Column*> altered;
    for (const Column& column : wanted.columns) {
      const Column* there = is.find_column(column.name);
      if (there == nullptr) {
        added.push_back(&column);
      } else if (!schema::equivalent(*there, column, options_.comparison)) {
        altered.push_back(&column);
      }
    }
    std::vector<std::string> gone;
    if (!wanted.partial) {
      for (const Column& column : is.columns) {
        if (wanted.find_column(column.name) == nullptr) gone.push_back(column.name);
      }
    }
    if (!gone.empty() && !added.empty()) suggest_columns(is, wanted);
    // A generated column may name others that are new as well.
    std::stable_partition(added.begin(), added.end(), [](const Column* column) { return !column->generated; });
    for (const Column* column : added) add_column(name, *column);
    for (const Column* column : altered) alter_column(name, Column(*current().find_table(name)->find_column(column->name)), *column);
    for (const std::string& column : gone) drop_column(name, column);
    // What a drop had to free of other columns comes back.
    for (const Column& column : wanted.columns) {
      const Column* there = current().find_table(name)->find_column(column.name);
      if (!gone.empty() && there != nullptr && !schema::equivalent(*there, column, options_.comparison)) alter_column(name, Column(*there), column);
    }
  }
}

void Differ::add_column(const Name& table, const Column& column) {
  Column added = column;
  added.renamed_from.clear();
  op::Operation operation(op::AddColumn{table, std::move(added)});
  if (!column.nullable && !fills_itself(column)) {
    const std::string qualified = table.text() + "." + join_name(std::vector<std::string>{column.name});
    operation.remarks.push_back(
        fmt::format("{} is NOT NULL: say what existing rows get with backfill = \"expression\", or give it a default", printable(qualified)));
    result_.warnings.push_back(
        fmt::format("{} is NOT NULL and has neither a default nor a backfill: the upgrade fails where the table has rows", printable(qualified)));
  }
  emit(std::move(operation));
}

void Differ::alter_column(const Name& table, const Column& from, const Column& to) {
  op::AlterColumn alter;
  alter.table = table;
  alter.column = from.name;
  if (!schema::equivalent(from.type, to.type)) alter.type = op::Change<schema::Type>{from.type, to.type};
  if (from.nullable != to.nullable) alter.nullable = op::Change<bool>{from.nullable, to.nullable};
  if (!schema::equivalent(from.server_default, to.server_default)) {
    alter.server_default = op::Change<std::optional<schema::Expression>>{from.server_default, to.server_default};
  }
  if (!equivalent(from.generated, to.generated)) alter.generated = op::Change<std::optional<schema::Generated>>{from.generated, to.generated};
  if (from.identity != to.identity) alter.identity = op::Change<std::optional<schema::Identity>>{from.identity, to.identity};
  if (from.collation != to.collation) alter.collation = op::Change<std::string>{from.collation, to.collation};
  if (options_.comparison.comments && from.comment != to.comment) alter.comment = op::Change<std::string>{from.comment, to.comment};
  if (altered_options(from.options, to.options)) alter.options = op::Change<schema::Options>{from.options, to.options};
  const bool tightens = from.nullable && !to.nullable;
  if (tightens) alter.backfill = to.backfill;
  op::Operation operation(std::move(alter));
  if (tightens && !to.backfill && !to.generated) {
    const std::string qualified = table.text() + "." + join_name(std::vector<std::string>{from.name});
    operation.remarks.push_back(
        fmt::format("{} becomes NOT NULL: say what rows without a value get with backfill = \"expression\"", printable(qualified)));
    result_.warnings.push_back(
        fmt::format("{} becomes NOT NULL and has no backfill: the upgrade fails where a row has no value", printable(qualified)));
  }
  if (op::destroys(operation)) operation.data_loss = op::DataLoss::review;
  emit(std::move(operation));
}

void Differ::drop_column(const Name& table, const std::string& column) {
  free(op::Dependencies(current(), *options_.rewriter).of_column(table, column));
  emit_drop(op::DropColumn{table, column, Column(*current().find_table(table)->find_column(column))});
}

}  // namespace aludel::diff
