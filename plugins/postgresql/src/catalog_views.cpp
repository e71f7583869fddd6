#include "catalog.hpp"

namespace aludel::postgresql {

namespace {

constexpr std::string_view views_query = R"(
SELECT c.oid, pg_get_viewdef(c.oid), c.relispopulated
  FROM pg_class c
 WHERE c.relkind IN ('v', 'm') AND c.relnamespace IN ({spaces})
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))";

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
}

}  // namespace aludel::postgresql
