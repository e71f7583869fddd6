#include "catalog.hpp"

#include <fmt/format.h>

namespace aludel::postgresql {

using schema::Object;

namespace {

/// Each entry by which a list of privileges differs from what its owner and PUBLIC have anyway: granted, or taken away.
constexpr std::string_view privileges_query = R"(
WITH lists AS (
  SELECT 'relation' AS kind, c.oid, NULL::name AS attribute, c.relkind AS letter, c.relacl AS acl,
         acldefault(CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r' END, c.relowner) AS usual
    FROM pg_class c
   WHERE c.relacl IS NOT NULL AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND c.relnamespace IN ({spaces})
   UNION ALL
  SELECT 'relation', c.oid, a.attname, c.relkind, a.attacl, NULL
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
   WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND c.relnamespace IN ({spaces})
   UNION ALL
  SELECT 'routine', p.oid, NULL, p.prokind, p.proacl, acldefault('f', p.proowner)
    FROM pg_proc p
   WHERE p.proacl IS NOT NULL AND p.pronamespace IN ({spaces})
   UNION ALL
  SELECT 'type', t.oid, NULL, t.typtype, t.typacl, acldefault('T', t.typowner)
    FROM pg_type t
   WHERE t.typacl IS NOT NULL AND t.typnamespace IN ({spaces})
   UNION ALL
  SELECT 'schema', n.oid, NULL, 'n', n.nspacl, acldefault('n', n.nspowner)
    FROM pg_namespace n
   WHERE n.nspacl IS NOT NULL AND n.oid IN ({spaces}) AND n.nspname <> 'public'
   UNION ALL
  SELECT 'wrapper', w.oid, NULL, 'w', w.fdwacl, acldefault('F', w.fdwowner)
    FROM pg_foreign_data_wrapper w
   WHERE w.fdwacl IS NOT NULL
   UNION ALL
  SELECT 'server', s.oid, NULL, 's', s.srvacl, acldefault('S', s.srvowner)
    FROM pg_foreign_server s
   WHERE s.srvacl IS NOT NULL
)
SELECT l.kind, l.oid, l.letter, quote_ident(l.attribute), x.granted, CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END,
       x.privilege_type, x.is_grantable
  FROM lists l
 CROSS JOIN LATERAL (
   (SELECT true AS granted, grantee, privilege_type, is_grantable FROM aclexplode(l.acl)
    EXCEPT SELECT true, grantee, privilege_type, is_grantable FROM aclexplode(l.usual))
   UNION ALL
   (SELECT false, grantee, privilege_type, false FROM aclexplode(l.usual)
    EXCEPT SELECT false, grantee, privilege_type, false FROM aclexplode(l.acl))) x
 ORDER BY l.kind, l.oid, x.granted, 6, x.privilege_type, l.attribute NULLS FIRST)";

/// What ALTER DEFAULT PRIVILEGES set: for all schemas it stands instead of what is usual, for one schema beside it.
constexpr std::string_view defaults_query = R"(
SELECT a.defaclrole::regrole::text, quote_ident(n.nspname), a.defaclobjtype, x.granted,
       CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END, x.privilege_type, x.is_grantable
  FROM pg_default_acl a
  LEFT JOIN pg_namespace n ON n.oid = a.defaclnamespace
 CROSS JOIN LATERAL (SELECT CASE WHEN n.oid IS NULL THEN acldefault(CASE a.defaclobjtype WHEN 'S' THEN 's' ELSE a.defaclobjtype END, a.defaclrole)
                                 END AS acl) usual
 CROSS JOIN LATERAL (
   (SELECT true AS granted, grantee, privilege_type, is_grantable FROM aclexplode(a.defaclacl)
    EXCEPT SELECT true, grantee, privilege_type, is_grantable FROM aclexplode(usual.acl))
   UNION ALL
   (SELECT false, grantee, privilege_type, false FROM aclexplode(usual.acl)
    EXCEPT SELECT false, grantee, privilege_type, false FROM aclexplode(a.defaclacl))) x
 WHERE n.oid IS NULL OR n.oid IN ({spaces})
 ORDER BY 1, 2, 3, 4, 5, 6)";

std::string entry(const CatalogRows& rows, int i, int granted, std::string_view attribute) {
  const std::string what = rows.string(i, granted + 2) + (attribute.empty() ? std::string() : fmt::format(" ({})", attribute));
  if (!rows.flag(i, granted)) return fmt::format("REVOKE {} FROM {}", what, rows.text(i, granted + 1));
  return fmt::format("GRANT {} TO {}{}", what, rows.text(i, granted + 1), rows.flag(i, granted + 3) ? " WITH GRANT OPTION" : "");
}

void add_entry(Object& object, const std::string& text) {
  std::string& all = object.definition.declared;
  all += (all.empty() ? "" : "; ") + text;
  object.definition.canonical = all;
}

CatalogClass class_of(std::string_view kind) {
  if (kind == "relation") return CatalogClass::relation;
  if (kind == "routine") return CatalogClass::routine;
  if (kind == "type") return CatalogClass::type;
  if (kind == "schema") return CatalogClass::space;
  return kind == "wrapper" ? CatalogClass::wrapper : CatalogClass::server;
}

/// What stands behind ON, but for a relation, which is the parent.
std::string word_of(const schema::ObjectKey& target) {
  if (target.kind == "sequence") return "SEQUENCE";
  if (target.kind == "function" || target.kind == "aggregate") return "FUNCTION (" + target.signature + ")";
  if (target.kind == "procedure") return "PROCEDURE (" + target.signature + ")";
  if (target.kind == "schema") return "SCHEMA";
  if (target.kind == "server") return "FOREIGN SERVER";
  return target.kind == "foreign_data_wrapper" ? "FOREIGN DATA WRAPPER" : "TYPE";
}

std::string_view default_word(char letter) {
  switch (letter) {
    case 'S':
      return "SEQUENCES";
    case 'f':
      return "FUNCTIONS";
    case 'T':
      return "TYPES";
    case 'n':
      return "SCHEMAS";
    default:
      return "TABLES";
  }
}

}  // namespace

void read_privileges(Catalog& catalog) {
  const CatalogRows rows = catalog.query(for_version(catalog, privileges_query));
  for (int i = 0; i < rows.size(); ++i) {
    const CatalogAddress at{class_of(rows.text(i, 0)), rows.oid(i, 1)};
    const auto target = catalog.key(at);
    if (!target || catalog.is_member(at.first, at.second)) continue;
    const schema::ObjectKey& key = *target;
    const bool relation = at.first == CatalogClass::relation && key.kind != "sequence";
    // An array's or a row's type goes with what it is of.
    if (at.first == CatalogClass::type && (key.kind == "table" || key.kind == "view" || key.kind == "materialized_view")) continue;
    Object object{{"privilege", key.name, relation ? key.name.text() : "", relation ? "" : word_of(key)}, {}, {key}, "", {}};
    const schema::ObjectKey own = object.key;
    catalog.metadata.objects.emplace(own, std::move(object));
    Object& held = catalog.metadata.objects.at(own);
    add_entry(held, entry(rows, i, 4, rows.text(i, 3)));
  }
  const CatalogRows defaults = catalog.query(for_version(catalog, defaults_query));
  for (int i = 0; i < defaults.size(); ++i) {
    std::string signature(default_word(defaults.letter(i, 2)));
    if (!defaults.is_null(i, 1)) signature = fmt::format("{} IN SCHEMA {}", signature, defaults.text(i, 1));
    const schema::ObjectKey own{"default_privileges", {"", defaults.string(i, 0)}, "", std::move(signature)};
    Object& held = catalog.metadata.objects[own];
    held.key = own;
    add_entry(held, entry(defaults, i, 3, {}));
  }
}

}  // namespace aludel::postgresql
