#include <aludel/op/order.hpp>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <queue>
#include <set>
#include <vector>

namespace aludel::op {
namespace {

/// Kahn's algorithm on positions, taking the smallest of what is ready each time.
class Sorter {
 public:
  explicit Sorter(std::size_t count) : needs_(count), placed_(count) {}

  /// `before` must stand before `position`.
  void add(std::size_t position, std::size_t before) { needs_[position].insert(before); }
  /// What must still be placed before the position.
  std::vector<std::size_t> left(std::size_t position) const {
    std::vector<std::size_t> all;
    std::ranges::copy_if(needs_[position], std::back_inserter(all), [&](std::size_t other) { return !placed_[other]; });
    return all;
  }
  /// A member of some cycle, where only cycles are left: from any of them, each step to something it needs ends on one.
  std::size_t on_cycle() const {
    std::set<std::size_t> seen;
    auto at = first_left();
    while (seen.insert(at).second) at = left(at).front();
    return at;
  }
  std::size_t first_left() const { return static_cast<std::size_t>(std::ranges::find(placed_, false) - placed_.begin()); }

  /// Where only cycles are left, `stuck()` names the position that goes first all the same.
  template <class Stuck>
  std::vector<std::size_t> sort(Stuck&& stuck) {
    std::vector<std::vector<std::size_t>> wanted_by(needs_.size());
    std::vector<std::size_t> missing(needs_.size());
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
    for (std::size_t i = 0; i < needs_.size(); ++i) {
      missing[i] = needs_[i].size();
      if (missing[i] == 0) ready.push(i);
      for (const std::size_t other : needs_[i]) wanted_by[other].push_back(i);
    }
    std::vector<std::size_t> order;
    while (order.size() < needs_.size()) {
      if (ready.empty()) ready.push(stuck());
      const std::size_t next = ready.top();
      ready.pop();
      placed_[next] = true;
      order.push_back(next);
      for (const std::size_t waiting : wanted_by[next])
        if (--missing[waiting] == 0 && !placed_[waiting]) ready.push(waiting);
    }
    return order;
  }

 private:
  std::vector<std::set<std::size_t>> needs_;
  std::vector<bool> placed_;
};

/// Sorted by their keys, each once.
template <class T, class KeyOf>
std::vector<T> sorted_by(std::vector<T> all, KeyOf key_of) {
  std::ranges::stable_sort(all, {}, key_of);
  const auto is_same = [&](const T& a, const T& b) { return key_of(a) == key_of(b); };
  all.erase(std::unique(all.begin(), all.end(), is_same), all.end());
  return all;
}

/// Where in such a list the key stands.
template <class T, class Key, class KeyOf>
std::optional<std::size_t> position_of(const std::vector<T>& sorted, const Key& key, KeyOf key_of) {
  const auto found = std::ranges::lower_bound(sorted, key, {}, key_of);
  if (found == sorted.end() || key_of(*found) != key) return std::nullopt;
  return static_cast<std::size_t>(found - sorted.begin());
}

}  // namespace

TableOrder order_tables(const std::vector<const Table*>& tables) {
  const auto name_of = [](const Table* table) -> const Name& { return table->name; };
  const auto sorted = sorted_by(tables, name_of);
  Sorter sorter(sorted.size());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    for (const auto& constraint : sorted[i]->constraints) {
      const auto* key = std::get_if<schema::ForeignKey>(&constraint);
      const auto target = key ? position_of(sorted, key->referenced_table, name_of) : std::nullopt;
      if (target && *target != i) sorter.add(i, *target);
    }
  }

  // A table is taken out of a cycle by putting off its keys to those that are still to come.
  TableOrder result;
  std::map<const Table*, std::set<Name>> cut;
  const auto order = sorter.sort([&] {
    const std::size_t at = sorter.on_cycle();
    for (const std::size_t other : sorter.left(at)) cut[sorted[at]].insert(sorted[other]->name);
    return at;
  });
  for (const std::size_t at : order) result.tables.push_back(sorted[at]);
  for (const auto* table : result.tables) {
    const auto found = cut.find(table);
    if (found == cut.end()) continue;
    for (const auto& constraint : table->constraints) {
      const auto* key = std::get_if<schema::ForeignKey>(&constraint);
      if (key && found->second.contains(key->referenced_table)) result.deferred.emplace_back(table, key);
    }
  }
  return result;
}

std::vector<const schema::Object*> order_objects(const std::vector<const schema::Object*>& objects) {
  const auto key_of = [](const schema::Object* object) -> const schema::ObjectKey& { return object->key; };
  const auto sorted = sorted_by(objects, key_of);
  std::multimap<Name, std::size_t> by_name;
  for (std::size_t i = 0; i < sorted.size(); ++i) by_name.emplace(sorted[i]->key.name, i);
  Sorter sorter(sorted.size());
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const schema::Object& object = *sorted[i];
    for (const auto& other : object.depends_on) {
      const auto position = position_of(sorted, other, key_of);
      if (position && *position != i) sorter.add(i, *position);
    }
    if (object.key.parent.empty()) continue;
    // A parent is usually a table, but triggers stand on views too.
    const auto [begin, end] = by_name.equal_range(schema::parse_name(object.key.parent));
    for (auto it = begin; it != end; ++it) {
      if (it->second != i && sorted[it->second]->key.parent.empty()) sorter.add(i, it->second);
    }
  }
  std::vector<const schema::Object*> result;
  for (const std::size_t at : sorter.sort([&] { return sorter.first_left(); })) result.push_back(sorted[at]);
  return result;
}

}  // namespace aludel::op
