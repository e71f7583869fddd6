#include "catalog.hpp"
#include "quoting.hpp"

#include <fmt/format.h>

namespace aludel::postgresql {

using schema::Object;

namespace {

constexpr std::string_view triggers_query = R"(
SELECT t.oid, t.tgrelid, t.tgname, pg_get_triggerdef(t.oid, true), t.tgenabled, t.tgconstraint <> 0, {v13:t.tgparentid}{<13:0}, d.description
  FROM pg_trigger t
  JOIN pg_class c ON c.oid = t.tgrelid AND c.relnamespace IN ({spaces})
  LEFT JOIN pg_description d ON d.objoid = t.oid AND d.classoid = 'pg_trigger'::regclass
 WHERE NOT t.tgisinternal)";

constexpr std::string_view rules_query = R"(
SELECT r.oid, r.ev_class, r.rulename, CASE WHEN r.rulename <> '_RETURN' THEN pg_get_ruledef(r.oid, true) END, r.ev_enabled, d.description
  FROM pg_rewrite r
  JOIN pg_class c ON c.oid = r.ev_class AND c.relnamespace IN ({spaces})
  LEFT JOIN pg_description d ON d.objoid = r.oid AND d.classoid = 'pg_rewrite'::regclass)";

constexpr std::string_view policies_query = R"(
SELECT p.oid, p.polrelid, p.polname, p.polpermissive, p.polcmd,
       (SELECT string_agg(CASE WHEN role = 0 THEN 'PUBLIC' ELSE role::regrole::text END, ', ' ORDER BY role::regrole::text)
          FROM unnest(p.polroles) role),
       pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid), d.description
  FROM pg_policy p
  LEFT JOIN pg_description d ON d.objoid = p.oid AND d.classoid = 'pg_policy'::regclass)";

constexpr std::string_view event_triggers_query = R"(
SELECT e.oid, e.evtname, e.evtevent, e.evtfoid::regproc, e.evttags, e.evtenabled, d.description
  FROM pg_event_trigger e
  LEFT JOIN pg_description d ON d.objoid = e.oid AND d.classoid = 'pg_event_trigger'::regclass)";

void set_enabled(Object& object, char enabled) {
  if (enabled == 'A') set_option(object.options, "enabled", "always");
  if (enabled == 'R') set_option(object.options, "enabled", "replica");
  if (enabled == 'D') set_option(object.options, "enabled", "disabled");
}

Object of_relation(const CatalogRelation& relation, std::string kind, std::string name, std::string comment) {
  return {{std::move(kind), {relation.name.schema, std::move(name)}, relation.name.text(), ""}, {}, {}, std::move(comment), {}};
}

void define(Object& object, std::string_view definition) { object.definition = definition_of(definition); }

std::string_view command(char letter) {
  switch (letter) {
    case 'r':
      return "SELECT";
    case 'a':
      return "INSERT";
    case 'w':
      return "UPDATE";
    case 'd':
      return "DELETE";
    default:
      return "ALL";
  }
}

void read_policies(Catalog& catalog) {
  const CatalogRows rows = catalog.query(std::string(policies_query));
  for (int i = 0; i < rows.size(); ++i) {
    const CatalogRelation* relation = catalog.relation(rows.oid(i, 1));
    if (!relation || catalog.is_member(CatalogClass::relation, rows.oid(i, 1))) continue;
    Object object = of_relation(*relation, "policy", rows.string(i, 2), rows.string(i, 8));
    std::string text = fmt::format("AS {} FOR {} TO {}", rows.flag(i, 3) ? "PERMISSIVE" : "RESTRICTIVE", command(rows.letter(i, 4)), rows.text(i, 5));
    if (!rows.is_null(i, 6)) text += fmt::format(" USING ({})", without_parentheses(rows.text(i, 6)));
    if (!rows.is_null(i, 7)) text += fmt::format(" WITH CHECK ({})", without_parentheses(rows.text(i, 7)));
    define(object, text);
    catalog.add(std::move(object), {CatalogClass::other, rows.oid(i, 0)}, "pg_policy");
  }
}

void read_event_triggers(Catalog& catalog) {
  const CatalogRows rows = catalog.query(std::string(event_triggers_query));
  for (int i = 0; i < rows.size(); ++i) {
    if (catalog.is_member(CatalogClass::other, rows.oid(i, 0))) continue;
    Object object{{"event_trigger", {"", rows.string(i, 1)}, "", ""}, {}, {}, rows.string(i, 6), {}};
    std::string text = "ON " + rows.string(i, 2);
    std::string tags;
    for (const std::string& tag : rows.strings(i, 4)) tags += (tags.empty() ? "" : ", ") + quote_literal(Value(tag));
    if (!tags.empty()) text += " WHEN TAG IN (" + tags + ")";
    define(object, text + " EXECUTE FUNCTION " + rows.string(i, 3) + "()");
    set_enabled(object, rows.letter(i, 5));
    catalog.add(std::move(object), {CatalogClass::other, rows.oid(i, 0)}, "pg_event_trigger");
  }
}

}  // namespace

void read_triggers(Catalog& catalog) {
  if (catalog.census.triggers) {
    const CatalogRows rows = catalog.query(for_version(catalog, triggers_query));
    for (int i = 0; i < rows.size(); ++i) {
      const CatalogRelation* relation = catalog.relation(rows.oid(i, 1));
      // A partition has the triggers of its parent, made and dropped with that one's.
      if (!relation || rows.oid(i, 6) != 0) continue;
      Object object = of_relation(*relation, "trigger", rows.string(i, 2), rows.string(i, 7));
      const bool constraint = rows.flag(i, 5);
      define(object, std::string(behind_name(rows.text(i, 3), constraint ? 3 : 2)));
      if (constraint) set_option(object.options, "constraint", true);
      set_enabled(object, rows.letter(i, 4));
      catalog.add(std::move(object), {CatalogClass::other, rows.oid(i, 0)}, "pg_trigger");
    }
  }
  if (catalog.census.rules) {
    const CatalogRows rows = catalog.query(for_version(catalog, rules_query));
    for (int i = 0; i < rows.size(); ++i) {
      const CatalogRelation* relation = catalog.relation(rows.oid(i, 1));
      if (!relation) continue;
      if (rows.is_null(i, 3)) {  // what a view is made of hangs on it
        if (relation->object) catalog.dependents.push_back({{CatalogClass::other, rows.oid(i, 0)}, "pg_rewrite", relation->object->key});
        continue;
      }
      Object object = of_relation(*relation, "rule", rows.string(i, 2), rows.string(i, 5));
      // CREATE RULE name AS ON ... ;
      std::string_view text = behind_name(rows.text(i, 3), 2);
      if (!text.empty() && text.back() == ';') text.remove_suffix(1);
      define(object, std::string(text));
      set_enabled(object, rows.letter(i, 4));
      catalog.add(std::move(object), {CatalogClass::other, rows.oid(i, 0)}, "pg_rewrite");
    }
  }
  if (catalog.census.policies) read_policies(catalog);
  if (catalog.census.event_triggers) read_event_triggers(catalog);
}

}  // namespace aludel::postgresql
