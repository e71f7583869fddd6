#include "differ.hpp"

#include <aludel/op/apply.hpp>
#include <aludel/op/order.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace aludel::diff {

Differ::Differ(const Metadata& from, const Metadata& to, const Options& options) : from_(from), to_(to), options_(options) {}

Result Differ::run() {
  if (options_.fold_case) respell_target();
  rename_tables();
  rename_columns();
  create_surroundings();
  drop_objects();
  drop_keys_and_indexes();
  drop_tables();
  create_tables();
  change_columns();
  add_keys_and_indexes();
  change_tables();
  create_objects();
  drop_surroundings();
  return std::move(result_);
}

void Differ::emit(op::Operation operation) {
  if (!working_) working_ = from_;
  op::ApplyOptions how;
  how.comparison = options_.comparison;
  op::apply(operation, *working_, *options_.rewriter, how);
  result_.operations.push_back(std::move(operation));
}

void Differ::emit_drop(op::Body body) {
  op::Operation operation(std::move(body));
  if (op::destroys(operation)) operation.data_loss = op::DataLoss::review;
  emit(std::move(operation));
}

bool Differ::same_name(std::string_view a, std::string_view b) const { return options_.fold_case ? equals_ignoring_case(a, b) : a == b; }

bool Differ::altered_options(const schema::Options& a, const schema::Options& b) const { return !schema::equivalent(a, b, options_.comparison); }

std::vector<Name> Differ::common_tables() const {
  std::vector<Name> names;
  for (const auto& [name, table] : target().tables) {
    if (!table.external && current().find_table(name) != nullptr) names.push_back(name);
  }
  return names;
}

void Differ::respell_target() {
  // Where the sides spell a name in different case, the database's spelling holds: the target is renamed to it, so that the rest compares exactly.
  std::map<std::string, Name> spelled;
  for (const auto& [name, table] : from_.tables) spelled.emplace(to_lower(name.text()), name);
  std::vector<std::pair<Name, Name>> tables;
  std::vector<std::tuple<Name, std::string, std::string>> columns;
  for (const auto& [name, table] : to_.tables) {
    const auto found = spelled.find(to_lower(name.text()));
    if (found == spelled.end()) continue;
    if (found->second != name) tables.emplace_back(name, found->second);
    const Table& other = from_.tables.at(found->second);
    for (const Column& column : table.columns) {
      if (other.find_column(column.name) != nullptr) continue;
      const auto same =
          std::find_if(other.columns.begin(), other.columns.end(), [&](const Column& one) { return equals_ignoring_case(one.name, column.name); });
      if (same != other.columns.end()) columns.emplace_back(found->second, column.name, same->name);
    }
  }
  if (tables.empty() && columns.empty()) return;
  respelled_ = to_;
  for (const auto& [old, now] : tables) op::apply(op::RenameTable{old, now.name}, *respelled_, *options_.rewriter);
  for (const auto& [table, old, now] : columns) op::apply(op::RenameColumn{table, old, now}, *respelled_, *options_.rewriter);
}

void Differ::create_surroundings() {
  for (const auto& [name, space] : target().schemas) {
    if (!current().schemas.contains(name)) emit(op::CreateSchema{space});
  }
  for (const auto& [name, type] : target().enums) {
    const auto found = current().enums.find(name);
    if (found == current().enums.end()) {
      schema::EnumType created = type;
      created.renamed_from.clear();
      emit(op::CreateEnum{std::move(created)});
    } else if (!schema::equivalent(found->second, type, options_.comparison)) {
      alter_enum(schema::EnumType(found->second), type);
    }
  }
  for (const auto& [name, sequence] : target().sequences) {
    const auto found = current().sequences.find(name);
    if (found == current().sequences.end()) {
      schema::Sequence created = sequence;
      // Its owner may not be there yet.
      if (!created.owned_by.empty()) created.owned_by.clear();
      emit(op::CreateSequence{std::move(created)});
    }
  }
}

void Differ::alter_enum(const schema::EnumType& from, const schema::EnumType& to) {
  op::AlterEnum alter;
  alter.type = from.name;
  std::size_t kept = 0;
  for (const std::string& value : to.values) {
    if (kept < from.values.size() && from.values[kept] == value) {
      ++kept;
    } else {
      op::AlterEnum::AddValue add{value, "", ""};
      if (kept < from.values.size()) add.before = from.values[kept];
      alter.add.push_back(std::move(add));
    }
  }
  if (kept < from.values.size()) {  // a value goes, or the order changes: no server does that in place
    emit_drop(op::DropEnum{from.name, from});
    schema::EnumType created = to;
    created.renamed_from.clear();
    emit(op::CreateEnum{std::move(created)});
    return;
  }
  if (options_.comparison.comments && from.comment != to.comment) alter.comment = op::Change<std::string>{from.comment, to.comment};
  emit(std::move(alter));
}

void Differ::drop_tables() {
  std::vector<const Table*> gone;
  for (const auto& [name, table] : current().tables) {
    if (target().find_table(name) == nullptr) gone.push_back(&table);
  }
  if (gone.empty()) return;
  suggest_tables();
  const op::TableOrder order = op::order_tables(gone);
  std::vector<Name> names;
  for (const Table* table : order.tables) names.push_back(table->name);
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    free(op::Dependencies(current(), *options_.rewriter).of_table(*name));
    emit_drop(op::DropTable{*name, *current().find_table(*name)});
  }
}

void Differ::create_tables() {
  std::vector<const Table*> missing;
  for (const auto& [name, table] : target().tables) {
    if (!table.external && current().find_table(name) == nullptr) missing.push_back(&table);
  }
  if (missing.empty()) return;
  const op::TableOrder order = op::order_tables(missing);
  for (const Table* table : order.tables) {
    Table created = *table;
    created.indexes.clear();
    created.renamed_from.clear();
    created.partial = false;
    for (Column& column : created.columns) {
      column.renamed_from.clear();
      column.backfill.reset();
    }
    std::erase_if(created.constraints, [&](const Constraint& constraint) {
      const auto* key = std::get_if<schema::ForeignKey>(&constraint);
      return key != nullptr && std::any_of(order.deferred.begin(), order.deferred.end(),
                                           [&](const auto& deferred) { return deferred.first == table && *deferred.second == *key; });
    });
    emit(op::CreateTable{std::move(created)});
  }
}

void Differ::change_tables() {
  for (const Name& name : common_tables()) {
    const Table& is = *current().find_table(name);
    const Table& wanted = *target().find_table(name);
    op::AlterTable alter;
    alter.table = name;
    if (options_.comparison.comments && is.comment != wanted.comment) alter.comment = op::Change<std::string>{is.comment, wanted.comment};
    if (altered_options(is.options, wanted.options)) alter.options = op::Change<schema::Options>{is.options, wanted.options};
    if (alter.comment || alter.options) emit(std::move(alter));
  }
}

void Differ::drop_surroundings() {
  for (const auto& [name, sequence] : target().sequences) {
    const schema::Sequence is = current().sequences.at(name);
    if (!schema::equivalent(is, sequence, options_.comparison)) emit(op::AlterSequence{is, sequence});
  }
  std::vector<op::Body> drops;
  for (const auto& [name, sequence] : current().sequences) {
    if (!target().sequences.contains(name)) drops.emplace_back(op::DropSequence{name, sequence});
  }
  for (const auto& [name, type] : current().enums) {
    if (!target().enums.contains(name)) drops.emplace_back(op::DropEnum{name, type});
  }
  for (const auto& [name, space] : current().schemas) {
    if (!target().schemas.contains(name)) drops.emplace_back(op::DropSchema{name, space});
  }
  for (op::Body& drop : drops) emit_drop(std::move(drop));
}

Result compare(const Metadata& from, const Metadata& to, const Options& options) { return Differ(from, to, options).run(); }

}  // namespace aludel::diff
