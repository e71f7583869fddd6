#include <aludel/text.hpp>

#include <algorithm>
#include <map>
#include <set>

#include "diff/working.hpp"

namespace aludel::diff {

using schema::Metadata;
using schema::Name;
using schema::Table;

namespace {

/// Where case makes no difference, text that spells a name otherwise is right as it is.
class KeepText final : public op::Rewriter {
 public:
  std::optional<std::string> rewrite(std::string_view text, op::TextKind, const Name&, const op::Rename&) const override { return std::string(text); }
  bool mentions_column(std::string_view, const Name&, std::string_view) const override { return false; }
  bool mentions_table(std::string_view, const Name&) const override { return false; }
};

std::string fold(const std::string& name) { return to_lower(name); }
Name fold(const Name& name) { return {to_lower(name.schema), to_lower(name.name)}; }
schema::ObjectKey fold(const schema::ObjectKey& key) { return {key.kind, fold(key.name), to_lower(key.parent), key.signature}; }

/// Pairs what `to` spells otherwise: (its spelling, from's).
template <class Key, class From, class To>
std::vector<std::pair<Key, Key>> misspelled(const From& from, const To& to) {
  std::set<Key> left(from.begin(), from.end());
  std::vector<Key> unknown;
  for (const auto& key : to) {
    if (left.erase(key) == 0) unknown.push_back(key);
  }
  std::vector<std::pair<Key, Key>> pairs;
  if (unknown.empty()) return pairs;
  std::map<Key, Key> folded;
  for (const auto& key : left) folded.emplace(fold(key), key);
  for (const auto& key : unknown) {
    if (const auto found = folded.find(fold(key)); found != folded.end()) pairs.emplace_back(key, found->second);
  }
  return pairs;
}

template <class Map>
std::vector<typename Map::key_type> keys(const Map& map) {
  std::vector<typename Map::key_type> all;
  all.reserve(map.size());
  for (const auto& [key, value] : map) all.push_back(key);
  return all;
}

template <class T, class GetName>
std::vector<std::string> names(const std::vector<T>& all, GetName name) {
  std::vector<std::string> result;
  result.reserve(all.size());
  for (const auto& element : all) result.push_back(name(element));
  return result;
}

std::vector<std::string> column_names(const Table& table) {
  return names(table.columns, [](const auto& column) { return column.name; });
}

template <class Map>
bool same_keys(const Map& a, const Map& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) { return x.first == y.first; });
}

bool same_names(const Table& a, const Table& b) {
  const auto named = [](const auto& x, const auto& y) { return x.name == y.name; };
  const auto constraint = [](const auto& x, const auto& y) { return name_of(x) == name_of(y); };
  return std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(), named) &&
         std::equal(a.indexes.begin(), a.indexes.end(), b.indexes.begin(), b.indexes.end(), named) &&
         std::equal(a.constraints.begin(), a.constraints.end(), b.constraints.begin(), b.constraints.end(), constraint);
}

class Respeller {
 public:
  Respeller(const Metadata& from, const Metadata& to) : from_(from), to_(to) {}

  std::optional<Metadata> run() {
    if (!same_keys(from_.tables, to_.tables)) {
      for (const auto& [old, name] : misspelled<Name>(keys(from_.tables), keys(to_.tables))) {
        if (old.schema == name.schema) apply(op::RenameTable{old, name.name});
      }
    }
    for (const auto& [name, table] : to_.tables) {
      const auto own = from_.tables.find(name);
      const auto found = own != from_.tables.end() ? own : from_.tables.find(renamed(name));
      if (found != from_.tables.end() && !same_names(found->second, table)) respell(found->second, table);
    }
    if (!same_keys(from_.objects, to_.objects)) {
      const Metadata& now = copy_ ? *copy_ : to_;
      for (const auto& [old, key] : misspelled<schema::ObjectKey>(keys(from_.objects), keys(now.objects))) respell(old, key);
    }
    if (!same_keys(from_.sequences, to_.sequences)) {
      for (const auto& [old, name] : misspelled<Name>(keys(from_.sequences), keys(to_.sequences))) {
        auto node = copy().sequences.extract(old);
        node.key() = node.mapped().name = name;
        copy().sequences.insert(std::move(node));
      }
    }
    if (!same_keys(from_.enums, to_.enums)) {
      for (const auto& [old, name] : misspelled<Name>(keys(from_.enums), keys(to_.enums))) apply(op::RenameObject{{"enum", old, "", ""}, name.name});
    }
    return std::move(copy_);
  }

 private:
  Metadata& copy() {
    if (!copy_) copy_ = to_;
    return *copy_;
  }

  void apply(const op::Operation& operation) {
    static const KeepText rewriter;
    if (const auto* rename = std::get_if<op::RenameTable>(&operation.body)) {
      renamed_[rename->table] = {rename->table.schema, rename->to};
    }
    op::apply(operation, copy(), rewriter);
  }

  Name renamed(const Name& name) const {
    const auto found = renamed_.find(name);
    return found == renamed_.end() ? name : found->second;
  }

  void respell(const Table& from, const Table& to) {
    const Name name = renamed(to.name);
    for (const auto& [old, column] : misspelled<std::string>(column_names(from), column_names(to))) {
      apply(op::RenameColumn{name, old, column});
    }
    const auto constraint_name = [](const auto& constraint) { return name_of(constraint); };
    for (const auto& [old, constraint] : misspelled<std::string>(names(from.constraints, constraint_name), names(to.constraints, constraint_name))) {
      if (!old.empty() && !constraint.empty()) apply(op::RenameConstraint{name, old, constraint});
    }
    const auto index_name = [](const auto& index) { return index.name; };
    for (const auto& [old, index] : misspelled<std::string>(names(from.indexes, index_name), names(to.indexes, index_name))) {
      if (!old.empty() && !index.empty()) apply(op::RenameIndex{name, old, index});
    }
  }

  void respell(const schema::ObjectKey& old, const schema::ObjectKey& key) {
    schema::Object moved = copy().objects.take(old);
    moved.key = key;
    copy().objects.emplace(key, std::move(moved));
    for (auto& [other, object] : copy().objects.writable()) std::replace(object.depends_on.begin(), object.depends_on.end(), old, key);
  }

  const Metadata& from_;
  const Metadata& to_;
  std::optional<Metadata> copy_;
  std::map<Name, Name> renamed_;
};

}  // namespace

std::optional<Metadata> respelled(const Metadata& from, const Metadata& to) { return Respeller(from, to).run(); }

}  // namespace aludel::diff
