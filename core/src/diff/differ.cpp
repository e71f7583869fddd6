#include "diff/differ.hpp"

#include <aludel/op/order.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace aludel::diff {

using schema::Constraint;
using schema::ForeignKey;
using schema::Table;

Result compare(const schema::Metadata& from, const schema::Metadata& to, const Options& options) { return Differ(from, to, options).run(); }

Differ::Differ(const Metadata& from, const Metadata& to, const Options& options) : to_(to), options_(options), working_(from, options, result_) {
  if (options.fold_case) respelled_ = respelled(from, to);
}

Result Differ::run() {
  create_schemas();
  take_renames(working_, target());
  change_enums(working_, target());
  create_sequences();
  find_changed_tables();
  drop_objects();
  drop_keys();
  drop_tables();
  create_objects(true);
  create_tables();
  change_columns();
  add_keys();
  change_tables();
  change_sequences();
  create_objects(false);
  drop_the_rest();
  return std::move(result_);
}

bool Differ::is_common(const Name& name) const {
  const Table* is = now().find_table(name);
  const Table* wanted = target().find_table(name);
  return is && wanted && !is->external && !wanted->external;
}

TableChanges Differ::changes_of(const Name& name) const { return compare_tables(now().tables.at(name), target().tables.at(name), options_); }

void Differ::find_changed_tables() {
  // Both maps are in order, so one walk pairs them.
  auto is = now().tables.begin();
  for (const auto& [name, wanted] : target().tables) {
    while (is != now().tables.end() && is->first < name) ++is;
    if (is == now().tables.end() || is->first != name || wanted.external || is->second.external) continue;
    if (!compare_tables(is->second, wanted, options_).empty()) changed_.insert(name);
  }
}

void Differ::create_schemas() {
  for (const auto& [name, space] : target().schemas) {
    const auto held = now().schemas.find(name);
    if (held == now().schemas.end()) {
      working_.run(op::CreateSchema{space});
    } else if ((how().comments && held->second.comment != space.comment) || !schema::equivalent(held->second.options, space.options, how())) {
      working_.run(op::AlterSchema{held->second, space});
    }
  }
}

void Differ::create_sequences() {
  for (const auto& [name, sequence] : target().sequences) {
    if (now().sequences.contains(name)) continue;
    // Its owner may not be there yet, while the owner's default may draw from it.
    schema::Sequence created = sequence;
    created.owned_by.clear();
    working_.run(op::CreateSequence{std::move(created)});
  }
  for (const auto& [name, wanted] : target().sequences) {
    // A sequence that stays leaves an owner that goes.
    const schema::Sequence is = now().sequences.at(name);
    if (is.owned_by.empty() || is.owned_by == wanted.owned_by) continue;
    schema::Sequence freed = is;
    freed.owned_by.clear();
    working_.run(op::AlterSequence{is, std::move(freed)});
  }
}

void Differ::drop_tables() {
  std::vector<const Table*> dropped, added;
  for (const auto& [name, table] : now().tables) {
    if (!table.external && !target().find_table(name)) dropped.push_back(&table);
  }
  if (dropped.empty()) return;
  for (const auto& [name, table] : target().tables) {
    if (!table.external && !now().find_table(name)) added.push_back(&table);
  }
  if (!added.empty()) suggest_tables(dropped, added);
  std::vector<Name> names;
  for (const Table* table : op::order_tables(dropped).tables) names.push_back(table->name);
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    free(dependencies().of_table(*name));
    working_.run(op::DropTable{*name, now().tables.at(*name)});
  }
}

bool Differ::is_key_ready(const Table& table, const ForeignKey& key, const std::set<Name>& created) const {
  const Table* is = now().find_table(key.referenced_table);
  const Table* wanted = target().find_table(key.referenced_table);
  if (!wanted || wanted->external || created.contains(key.referenced_table)) return true;
  // A key to the table itself waits for a unique index that makes one.
  if (wanted == &table) return std::none_of(table.indexes.begin(), table.indexes.end(), [](const auto& index) { return index.unique; });
  // A table that stays: the key that it needs may be about to come.
  return is && compare_tables(*is, *wanted, options_).empty();
}

void Differ::create_tables() {
  std::vector<const Table*> missing;
  for (const auto& [name, table] : target().tables) {
    if (!table.external && !now().find_table(name)) missing.push_back(&table);
  }
  if (missing.empty()) return;
  const op::TableOrder order = op::order_tables(missing);
  std::set<const ForeignKey*> deferred;
  for (const auto& [table, key] : order.deferred) deferred.insert(key);
  std::set<Name> created;
  for (const Table* table : order.tables) {
    Table definition = *table;
    definition.constraints.clear();
    for (const Constraint& constraint : table->constraints) {
      const auto* key = std::get_if<ForeignKey>(&constraint);
      if (!key || (!deferred.contains(key) && is_key_ready(*table, *key, created))) definition.constraints.push_back(constraint);
    }
    definition.indexes.clear();
    definition.renamed_from.clear();
    definition.partial = false;
    for (auto& column : definition.columns) {
      column.renamed_from.clear();
      column.backfill.reset();
    }
    working_.run(op::CreateTable{std::move(definition)});
    // Later tables may reference what a unique index makes a key.
    changed_.insert(table->name);
    add_indexes(table->name);
    created.insert(table->name);
  }
}

void Differ::change_tables() {
  for (const Name& name : changed_) {
    if (auto alter = changes_of(name).table) working_.run(std::move(*alter));
  }
}

void Differ::change_sequences() {
  for (const auto& [name, wanted] : target().sequences) {
    const auto held = now().sequences.find(name);
    if (held == now().sequences.end()) {
      working_.run(op::CreateSequence{wanted});  // it went with the table that owned it
    } else if (!schema::equivalent(held->second, wanted, how())) {
      const schema::Sequence is = held->second;
      working_.run(op::AlterSequence{is, wanted});
    }
  }
}

void Differ::drop_the_rest() {
  std::vector<schema::ObjectKey> objects;
  for (const auto& [key, object] : now().objects) {
    if (!target().objects.contains(key)) objects.push_back(key);
  }
  for (const auto& key : objects) drop_object(key);
  op::Operations drops;
  for (const auto& [name, sequence] : now().sequences) {
    if (!target().sequences.contains(name)) drops.emplace_back(op::DropSequence{name, sequence});
  }
  for (const auto& [name, type] : now().enums) {
    if (!target().enums.contains(name)) drops.emplace_back(op::DropEnum{name, type});
  }
  for (const auto& [name, space] : now().schemas) {
    if (!target().schemas.contains(name)) drops.emplace_back(op::DropSchema{name, space});
  }
  for (auto& drop : drops) working_.run(std::move(drop));
}

}  // namespace aludel::diff
