#include "catalog.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace aludel::postgresql {

using schema::ObjectKey;

namespace {

/// What stands in pg_depend by catalog, as CatalogClass tells them apart.
CatalogClass referenced_class(std::string_view catalog) {
  if (catalog == "pg_class") return CatalogClass::relation;
  if (catalog == "pg_type") return CatalogClass::type;
  if (catalog == "pg_proc") return CatalogClass::routine;
  if (catalog == "pg_constraint") return CatalogClass::constraint;
  if (catalog == "pg_namespace") return CatalogClass::space;
  if (catalog == "pg_extension") return CatalogClass::extension;
  if (catalog == "pg_foreign_data_wrapper") return CatalogClass::wrapper;
  if (catalog == "pg_foreign_server") return CatalogClass::server;
  if (catalog == "pg_collation") return CatalogClass::collation;
  return CatalogClass::other;
}

}  // namespace

void read_dependencies(Catalog& catalog) {
  if (catalog.dependents.empty()) return;
  std::map<std::string, std::map<Oid, ObjectKey>> wanted;
  for (const auto& [at, name, key] : catalog.dependents) wanted[name].emplace(at.second, key);
  std::string query;
  for (const auto& [name, all] : wanted) {
    std::string list;
    for (const auto& [oid, key] : all) list += (list.empty() ? "" : ",") + std::to_string(oid);
    query += (query.empty() ? "" : " UNION ALL ") + std::string("SELECT '") + name +
             "', d.objid, d.refclassid::regclass, d.refobjid FROM pg_depend d WHERE d.classid = '" + name + "'::regclass AND d.objid = ANY ('{" +
             list + "}') AND d.refobjid >= 16384 AND d.deptype <> 'e'";
  }
  std::map<ObjectKey, std::set<ObjectKey>> found;
  const CatalogRows rows = catalog.query(query);
  for (int i = 0; i < rows.size(); ++i) {
    const ObjectKey& own = wanted[rows.string(i, 0)].at(rows.oid(i, 1));
    const CatalogAddress at{referenced_class(rows.text(i, 2)), rows.oid(i, 3)};
    auto key = catalog.key(at);
    if (!key) {
      const auto member = catalog.members.find(at);
      if (member == catalog.members.end()) continue;
      key = catalog.key({CatalogClass::extension, member->second});
      if (!key) continue;
    }
    // The schema a thing stands in is said by its name.
    if (*key == own || (key->kind == "schema" && (key->name.name == own.name.schema || key->name.name == catalog.default_schema))) continue;
    found[own].insert(*std::move(key));
  }
  for (auto& [own, keys] : found) {
    schema::Object* const object = catalog.metadata.objects.get(own);
    if (object == nullptr) continue;
    keys.insert(object->depends_on.begin(), object->depends_on.end());
    object->depends_on.assign(keys.begin(), keys.end());
  }
}

}  // namespace aludel::postgresql
