#include "catalog.hpp"

namespace aludel::postgresql {

namespace {

constexpr std::string_view views_query = R"(
SELECT c.oid, pg_get_viewdef(c.oid), c.relispopulated
  FROM pg_class c
 WHERE c.relkind IN ('v', 'm') AND c.relnamespace IN ({spaces})
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))";

constexpr std::string_view rules_query = R"(
SELECT r.oid, r.ev_class
  FROM pg_rewrite r
 WHERE r.rulename = '_RETURN' AND r.oid >= 16384)";

}  // namespace

void read_views(Catalog& catalog) {
  bool any = false;
  for (const auto& [oid, relation] : catalog.relations) any = any || relation.object;
  if (!any) return;
  const CatalogRows rows = catalog.query(for_version(catalog, views_query));
  for (int i = 0; i < rows.size(); ++i) {
    CatalogRelation* view = catalog.relation(rows.oid(i, 0));
    if (!view || !view->object) continue;
    std::string_view text = rows.text(i, 1);
    while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.remove_prefix(1);
    if (!text.empty() && text.back() == ';') text.remove_suffix(1);
    std::string definition = "AS " + std::string(text);
    if (view->kind == 'm' && !rows.flag(i, 2)) definition += " WITH NO DATA";
    view->object->definition = definition_of(definition);
  }
  // What a view is made of hangs on its rule.
  const CatalogRows rules = catalog.query(std::string(rules_query));
  for (int i = 0; i < rules.size(); ++i) {
    const CatalogRelation* view = catalog.relation(rules.oid(i, 1));
    if (view && view->object) catalog.dependents.push_back({{CatalogClass::other, rules.oid(i, 0)}, "pg_rewrite", view->object->key});
  }
}

}  // namespace aludel::postgresql
