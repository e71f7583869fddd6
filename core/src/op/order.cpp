#include <aludel/op/order.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace aludel::op {
namespace {

/// Kahn's algorithm, taking the smallest of what is ready each time. `needs` maps an element to what must stand before it.
template <class Key>
struct Sorter {
  std::map<Key, std::set<Key>> needs;

  /// Where only cycles are left, `stuck(needs)` names the element that goes first all the same.
  template <class Stuck>
  std::vector<Key> sort(Stuck&& stuck) {
    std::map<Key, std::vector<Key>> wanted_by;
    std::set<Key> ready;
    for (const auto& [key, before] : needs) {
      if (before.empty()) ready.insert(key);
      for (const auto& other : before) wanted_by[other].push_back(key);
    }
    std::vector<Key> order;
    while (!needs.empty()) {
      if (ready.empty()) ready.insert(stuck(std::as_const(needs)));
      auto key = ready.extract(ready.begin()).value();
      needs.erase(key);
      for (const auto& next : wanted_by[key]) {
        const auto found = needs.find(next);
        if (found != needs.end() && found->second.erase(key) > 0 && found->second.empty()) ready.insert(next);
      }
      order.push_back(std::move(key));
    }
    return order;
  }
};

/// A member of some cycle: from any element left over, each step to something it needs ends on one.
Name on_cycle(const std::map<Name, std::set<Name>>& needs) {
  std::set<Name> seen;
  auto name = needs.begin()->first;
  while (seen.insert(name).second) name = *needs.at(name).begin();
  return name;
}

}  // namespace

TableOrder order_tables(const std::vector<const Table*>& tables) {
  std::map<Name, const Table*> by_name;
  for (const auto* table : tables) by_name.emplace(table->name, table);

  Sorter<Name> sorter;
  for (const auto& [name, table] : by_name) {
    auto& before = sorter.needs[name];
    for (const auto& constraint : table->constraints) {
      const auto* key = std::get_if<schema::ForeignKey>(&constraint);
      if (key && key->referenced_table != name && by_name.contains(key->referenced_table)) before.insert(key->referenced_table);
    }
  }

  // A table is taken out of a cycle by putting off its keys to those that are still to come.
  TableOrder result;
  std::map<Name, std::set<Name>> cut;
  const auto order = sorter.sort([&](const auto& needs) {
    auto name = on_cycle(needs);
    cut[name] = needs.at(name);
    return name;
  });
  for (const auto& name : order) result.tables.push_back(by_name.at(name));
  for (const auto* table : result.tables) {
    const auto found = cut.find(table->name);
    if (found == cut.end()) continue;
    for (const auto& constraint : table->constraints) {
      const auto* key = std::get_if<schema::ForeignKey>(&constraint);
      if (key && found->second.contains(key->referenced_table)) result.deferred.emplace_back(table, key);
    }
  }
  return result;
}

std::vector<const schema::Object*> order_objects(const std::vector<const schema::Object*>& objects) {
  std::map<schema::ObjectKey, const schema::Object*> by_key;
  std::multimap<Name, schema::ObjectKey> by_name;
  for (const auto* object : objects) {
    by_key.emplace(object->key, object);
    by_name.emplace(object->key.name, object->key);
  }
  Sorter<schema::ObjectKey> sorter;
  for (const auto& [key, object] : by_key) {
    auto& before = sorter.needs[key];
    for (const auto& other : object->depends_on) {
      if (other != key && by_key.contains(other)) before.insert(other);
    }
    if (key.parent.empty()) continue;
    // A parent is usually a table, but triggers stand on views too.
    const auto [begin, end] = by_name.equal_range(schema::parse_name(key.parent));
    for (auto it = begin; it != end; ++it) {
      if (it->second != key && it->second.parent.empty()) before.insert(it->second);
    }
  }
  std::vector<const schema::Object*> result;
  for (const auto& key : sorter.sort([](const auto& needs) { return needs.begin()->first; })) result.push_back(by_key.at(key));
  return result;
}

}  // namespace aludel::op
