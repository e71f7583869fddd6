#pragma once

#include <aludel/export.hpp>
#include <aludel/op/operation.hpp>
#include <aludel/schema/schema.hpp>

#include <utility>
#include <vector>

namespace aludel::op {

/// Tables in the order in which they can be created.
struct TableOrder {
  std::vector<const Table*> tables;
  /// Foreign keys that close a cycle: they can only be added when all tables are there (the referencing table, the key).
  std::vector<std::pair<const Table*, const schema::ForeignKey*>> deferred;
};

/// A foreign key's target stands before its table, else by name; the same order every time. Keys to the table itself or to tables that are not among
/// `tables` order nothing. Pointers are into `tables`' elements. Linear but for the sorting.
ALUDEL_API TableOrder order_tables(const std::vector<const Table*>& tables);
/// What an object depends on stands before it (`depends_on` and `parent`), else by key. Objects that depend on each other in a cycle stand last, by
/// key.
ALUDEL_API std::vector<const schema::Object*> order_objects(const std::vector<const schema::Object*>& objects);

}  // namespace aludel::op
