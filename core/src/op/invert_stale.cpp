#include "op/invert_stale.hpp"

#include <aludel/op/dependents.hpp>
#include <aludel/op/order.hpp>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace aludel::op {

using schema::Metadata;
using schema::Object;
using schema::ObjectKey;

namespace {

bool is_stale(const Metadata& schema, const ObjectKey& key) {
  const auto held = schema.objects.find(key);
  return held != schema.objects.end() && held->second.definition.stale;
}

/// Of the objects in `before`: those whose definition the operation forgets.
std::vector<ObjectKey> forgotten(const Operation& operation, const Metadata& before, const Rewriter& rewriter) {
  std::vector<ObjectKey> all;
  const auto add_children = [&](const Name& relation) {
    for (ObjectKey& child : Dependencies(before, rewriter).children_of(relation)) all.push_back(std::move(child));
  };
  if (const auto* drop = std::get_if<DropObject>(&operation.body)) {
    all.push_back(drop->object);
    if (is_relation(drop->object.kind) && drop->object.parent.empty()) add_children(drop->object.name);
  }
  if (const auto* replace = std::get_if<ReplaceObject>(&operation.body)) all.push_back(replace->to.key);
  if (const auto* drop = std::get_if<DropTable>(&operation.body)) add_children(drop->table);
  return all;
}

/// What the object is called behind the operation.
ObjectKey renamed(ObjectKey key, const Operation& operation) {
  const auto move = [&](const Name& from, const Name& to) {
    if (key.parent != from.text()) return;
    key.parent = to.text();
    if (key.kind != "partition" && key.name.schema == from.schema) key.name.schema = to.schema;
  };
  if (const auto* rename = std::get_if<RenameTable>(&operation.body)) move(rename->table, {rename->table.schema, rename->to});
  if (const auto* alter = std::get_if<AlterTable>(&operation.body); alter && alter->schema)
    move(alter->table, {alter->schema->to, alter->table.name});
  if (const auto* rename = std::get_if<RenameObject>(&operation.body)) {
    if (key == rename->object) {
      key.name.name = rename->to;
    } else if (is_relation(rename->object.kind)) {
      move(rename->object.name, {rename->object.name.schema, rename->to});
    }
  }
  return key;
}

/// The object that an operation makes, drops, replaces or renames.
std::optional<ObjectKey> object_of(const Operation& operation) {
  if (const auto* create = std::get_if<CreateObject>(&operation.body)) return create->object.key;
  if (const auto* drop = std::get_if<DropObject>(&operation.body)) return drop->object;
  if (const auto* replace = std::get_if<ReplaceObject>(&operation.body)) return replace->to.key;
  if (const auto* rename = std::get_if<RenameObject>(&operation.body)) return rename->object;
  return std::nullopt;
}

class Mender {
 public:
  Mender(std::span<const Operation> operations, const Metadata& before, const Rewriter& rewriter, const ApplyOptions& options)
      : operations_(operations), rewriter_(rewriter), states_{before} {
    for (const auto& operation : operations) {
      states_.push_back(states_.back());
      apply(operation, states_.back(), rewriter, options);
    }
    identify();
  }

  void mend(std::vector<Operations>& steps) {
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      for (const ObjectKey& key : forgotten(operations_[i], states_[i], rewriter_)) {
        if (const auto origin = origin_of(key, i)) keep_away(ids_[i].at(key), {*origin, i});
      }
    }
    spread();
    for (std::size_t i = 0; i < operations_.size(); ++i) mend(steps[i], i);
  }

 private:
  /// Which object of all states is meant: its name may change.
  using Id = std::size_t;
  /// An object is away while the operations from `last` back to `first` are undone.
  struct Absence {
    std::size_t first, last;
    bool operator==(const Absence&) const = default;
  };

  void identify() {
    Id next = 0;
    ids_.resize(states_.size());
    for (const auto& [key, object] : states_[0].objects) ids_[0].emplace(key, next++);
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      const auto& after = states_[i + 1].objects;
      for (const auto& [key, id] : ids_[i]) {
        if (const ObjectKey now = renamed(key, operations_[i]); after.contains(now)) ids_[i + 1].emplace(now, id);
      }
      for (const auto& [key, object] : after) {
        if (!ids_[i + 1].contains(key)) ids_[i + 1].emplace(key, next++);
      }
    }
  }

  /// The operation that left the text stale which operation `i` finds.
  std::optional<std::size_t> origin_of(const ObjectKey& key, std::size_t i) const {
    if (!is_stale(states_[i], key)) return std::nullopt;
    const Id id = ids_[i].at(key);
    for (std::size_t k = i; k-- > 0;) {
      const auto* held = find(id, k);
      if (held == nullptr) return std::nullopt;
      if (!held->definition.stale) return k;
    }
    return std::nullopt;
  }

  const Object* find(Id id, std::size_t state) const {
    for (const auto& [key, other] : ids_[state]) {
      if (other == id) return &states_[state].objects.at(key);
    }
    return nullptr;
  }

  bool keep_away(Id id, const Absence& absence) {
    const auto [entry, is_new] = away_.emplace(id, absence);
    const Absence was = entry->second;
    entry->second = {std::min(was.first, absence.first), std::max(was.last, absence.last)};
    return is_new || !(was == entry->second);
  }

  /// What depends on an object that is away is away as well.
  void spread() {
    for (bool again = true; std::exchange(again, false);) {
      for (const auto& [id, absence] : std::map(away_)) {
        for (std::size_t i = absence.first; i <= absence.last + 1; ++i) {
          const Object* object = find(id, i);
          if (object == nullptr) continue;
          const Dependencies dependencies(states_[i], rewriter_);
          for (const auto& dependent : dependencies.of_object(object->key)) {
            if (dependent.kind == Dependent::Kind::object) again |= keep_away(ids_[i].at(dependent.object), absence);
          }
          if (!is_relation(object->key.kind)) continue;
          for (const ObjectKey& child : dependencies.children_of(object->key.name)) again |= keep_away(ids_[i].at(child), absence);
        }
      }
    }
  }

  bool is_away(const ObjectKey& key, std::size_t i) const {
    for (const std::size_t state : {i, i + 1}) {
      const auto known = ids_[state].find(key);
      if (known == ids_[state].end()) continue;
      const auto absence = away_.find(known->second);
      if (absence != away_.end() && absence->second.first <= i && i <= absence->second.last) return true;
    }
    return false;
  }

  /// What others depend on first, also where only their text says that they do.
  std::vector<const Object*> in_order(const std::vector<const Object*>& objects, std::size_t state) const {
    const Dependencies dependencies(states_[state], rewriter_);
    std::map<ObjectKey, const Object*> left;
    for (const Object* object : objects) left.emplace(object->key, object);
    std::vector<const Object*> result;
    const std::function<void(const ObjectKey&)> visit = [&](const ObjectKey& key) {
      const auto found = left.find(key);
      if (found == left.end()) return;
      const Object* object = found->second;
      left.erase(found);
      for (const auto& dependent : dependencies.of_object(key)) {
        if (dependent.kind == Dependent::Kind::object) visit(dependent.object);
      }
      if (is_relation(key.kind)) {
        for (const ObjectKey& child : dependencies.children_of(key.name)) visit(child);
      }
      result.push_back(object);
    };
    const auto declared = order_objects(objects);
    for (auto object = declared.rbegin(); object != declared.rend(); ++object) visit((*object)->key);
    std::reverse(result.begin(), result.end());
    return result;
  }

  void mend(Operations& step, std::size_t i) const {
    std::erase_if(step, [&](const Operation& operation) {
      const auto object = object_of(operation);
      return object && is_away(*object, i);
    });
    std::vector<const Object*> going, coming;
    for (const auto& [id, absence] : away_) {
      const Object* goes = absence.last == i ? find(id, i + 1) : nullptr;
      const Object* comes = absence.first == i ? find(id, i) : nullptr;
      if (goes != nullptr) going.push_back(goes);
      if (comes != nullptr) coming.push_back(comes);
    }
    Operations first;
    for (const Object* object : in_order(going, i + 1)) {
      const auto is_parent = [&](const Object* other) { return is_relation(other->key.kind) && other->key.name.text() == object->key.parent; };
      if (std::any_of(going.begin(), going.end(), is_parent)) continue;  // goes along
      first.insert(first.begin(), DropObject{object->key, *object});
    }
    step.insert(step.begin(), std::make_move_iterator(first.begin()), std::make_move_iterator(first.end()));
    for (const Object* object : in_order(coming, i)) step.push_back(CreateObject{*object});
  }

  std::span<const Operation> operations_;
  const Rewriter& rewriter_;
  std::vector<Metadata> states_;              ///< before each operation, and at the end
  std::vector<std::map<ObjectKey, Id>> ids_;  ///< of the objects of each state
  std::map<Id, Absence> away_;
};

}  // namespace

bool loses_stale_text(const Operation& operation, const Metadata& before, const Rewriter& rewriter) {
  const auto lost = forgotten(operation, before, rewriter);
  return std::any_of(lost.begin(), lost.end(), [&](const ObjectKey& key) { return is_stale(before, key); });
}

void make_again_under_old_names(std::span<const Operation> operations, const Metadata& before, const Rewriter& rewriter, const ApplyOptions& options,
                                std::vector<Operations>& steps) {
  Mender(operations, before, rewriter, options).mend(steps);
}

}  // namespace aludel::op
