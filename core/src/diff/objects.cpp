#include <aludel/op/order.hpp>

#include <algorithm>
#include <map>

#include "diff/differ.hpp"
#include "op/freeing.hpp"

namespace aludel::diff {

using schema::Object;
using schema::ObjectKey;

bool Differ::stands_before_tables(const Object& object) const {
  // Functions, domains, extensions and the like may be what a table's columns and checks are made of.
  if (op::is_relation(object.key.kind) || object.key.kind == "partition" || !object.key.parent.empty()) return false;
  return std::all_of(object.depends_on.begin(), object.depends_on.end(), [&](const ObjectKey& key) {
    if (key.kind == "table") return now().tables.contains(key.name) || !target().tables.contains(key.name);
    const auto other = target().objects.find(key);
    return other == target().objects.end() || now().objects.contains(key) ||
           (other->second.depends_on.empty() && stands_before_tables(other->second));
  });
}

bool Differ::is_replaceable(const Object& is, const Object& wanted) const {
  return options_.replace_objects && wanted.key.kind != "partition" && !is.definition.stale;
}

void Differ::drop_objects() {
  std::vector<ObjectKey> dropped;
  for (const auto& [key, object] : now().objects) {
    const auto wanted = target().objects.find(key);
    if (wanted == target().objects.end()) {
      if (!stands_before_tables(object)) dropped.push_back(key);
    } else if (!is_replaceable(object, wanted->second) && !schema::equivalent(object, wanted->second, how())) {
      dropped.push_back(key);
    }
  }
  for (const auto& key : dropped) drop_object(key);
}

std::vector<Object> Differ::in_order(const std::vector<const Object*>& objects) const {
  // What a definition names counts as well as what it is said to depend on.
  std::map<ObjectKey, Object> copies;
  for (const Object* object : objects) copies.emplace(object->key, *object);
  if (objects.size() > 1) {
    const op::Dependencies dependencies(target(), *options_.rewriter, op::Dependencies::Mode::indexed);
    for (const Object* object : objects) {
      for (const auto& dependent : dependencies.of_object(object->key)) {
        const auto found = copies.find(dependent.object);
        if (found != copies.end()) found->second.depends_on.push_back(object->key);
      }
    }
  }
  std::vector<const Object*> all;
  for (const auto& [key, object] : copies) all.push_back(&object);
  std::vector<Object> ordered;
  for (const Object* object : op::order_objects(all)) ordered.push_back(target().objects.at(object->key));
  return ordered;
}

void Differ::create_objects(bool before_tables) {
  std::vector<const Object*> missing;
  for (const auto& [key, object] : target().objects) {
    const auto is = now().objects.find(key);
    if (is != now().objects.end() && schema::equivalent(is->second, object, how())) continue;
    if (before_tables && !stands_before_tables(object)) continue;
    missing.push_back(&object);
  }
  for (const Object& object : in_order(missing)) {
    const auto is = now().objects.find(object.key);
    if (is != now().objects.end()) {
      const Object old = is->second;
      working_.run(op::ReplaceObject{old, object});
    } else if (object.key.kind == "partition") {
      working_.run(op::AttachPartition{schema::parse_name(object.key.parent), object.key.name, object.definition.declared});
    } else {
      working_.run(op::CreateObject{object});
    }
  }
}

}  // namespace aludel::diff
