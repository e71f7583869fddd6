#include <aludel/op/codec.hpp>
#include <aludel/op/order.hpp>

#include <algorithm>

namespace aludel::op {

Operations create_operations(const schema::Metadata& metadata) {
  Operations operations;
  for (const auto& entry : metadata.schemas) operations.emplace_back(CreateSchema{entry.second});
  for (const auto& entry : metadata.enums) operations.emplace_back(CreateEnum{entry.second});
  for (const auto& entry : metadata.sequences) operations.emplace_back(CreateSequence{entry.second});

  std::vector<const Table*> tables;
  for (const auto& entry : metadata.tables) tables.push_back(&entry.second);
  const auto order = order_tables(tables);
  for (const auto* table : order.tables) {
    CreateTable create{*table};
    std::erase_if(create.table.constraints, [&](const Constraint& constraint) {
      const auto* key = std::get_if<schema::ForeignKey>(&constraint);
      return key && std::any_of(order.deferred.begin(), order.deferred.end(),
                                [&](const auto& deferred) { return deferred.first == table && *deferred.second == *key; });
    });
    operations.emplace_back(std::move(create));
  }
  for (const auto& [table, key] : order.deferred) operations.emplace_back(AddConstraint{table->name, *key});

  std::vector<const schema::Object*> objects;
  for (const auto& entry : metadata.objects) objects.push_back(&entry.second);
  for (const auto* object : order_objects(objects)) operations.emplace_back(CreateObject{*object});
  return operations;
}

}  // namespace aludel::op
