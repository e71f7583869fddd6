#include <aludel/op/codec.hpp>
#include <aludel/op/order.hpp>

#include <algorithm>

namespace aludel::op {

Operations create_operations(const schema::Metadata& metadata) {
  Operations operations;
  operations.reserve(metadata.schemas.size() + metadata.enums.size() + metadata.sequences.size() + metadata.tables.size() + metadata.objects.size());
  each_create_operation(metadata, [&](Operation&& operation) { operations.push_back(std::move(operation)); });
  return operations;
}

void each_create_operation(schema::Metadata metadata, const std::function<void(Operation&&)>& take) {
  for (const auto& entry : metadata.schemas) take(CreateSchema{entry.second});
  for (const auto& entry : metadata.enums) take(CreateEnum{entry.second});
  for (const auto& entry : metadata.sequences) take(CreateSequence{entry.second});

  std::vector<const Table*> tables;
  for (const auto& entry : metadata.tables) tables.push_back(&entry.second);
  const auto order = order_tables(tables);
  std::vector<std::pair<Name, schema::ForeignKey>> deferred;
  for (const auto& [table, key] : order.deferred) deferred.emplace_back(table->name, *key);
  for (const auto* table : order.tables) {
    CreateTable create{std::move(metadata.tables.at(table->name))};
    if (!deferred.empty()) {
      std::erase_if(create.table.constraints, [&](const Constraint& constraint) {
        const auto* key = std::get_if<schema::ForeignKey>(&constraint);
        return key &&
               std::any_of(deferred.begin(), deferred.end(), [&](const auto& one) { return one.first == create.table.name && one.second == *key; });
      });
    }
    take(std::move(create));
  }
  for (auto& [table, key] : deferred) take(AddConstraint{table, std::move(key)});

  std::vector<const schema::Object*> objects;
  for (const auto& entry : metadata.objects) objects.push_back(&entry.second);
  for (const auto* object : order_objects(objects)) take(CreateObject{*object});
}

}  // namespace aludel::op
