#include "render_access.hpp"

#include "quoting.hpp"
#include "render_objects.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <string_view>

namespace aludel::postgresql {

using schema::Name;
using schema::ObjectKey;

namespace {

std::string literal(std::string text) { return quote_literal(Value(std::move(text))); }

std::string namespace_of(const Name& name) {
  return name.schema.empty() ? "quote_ident(current_schema())::regnamespace" : literal(quote_identifier(name.schema)) + "::regnamespace";
}

/// Where the catalog keeps things of a kind.
struct Place {
  std::string from, owner, acl;
};

std::string row(const std::string& reference, const std::string& target, const std::string& owner, const std::string& acl,
                const std::string& relation, const std::string& column, const std::string& from) {
  return fmt::format("SELECT {}, {}, {}, {}, {}, {} FROM {}", literal(reference), target.empty() ? "NULL" : literal(target), owner, acl, relation,
                     column, from);
}

std::string block(const std::string& body) {
  if (body.find("$access$") == std::string::npos) return "DO $access$" + body + "$access$";
  return "DO " + literal(body);
}

Held held_relation(std::string reference, const Name& name, bool owner_alone) {
  const std::string target = owner_alone ? std::string() : "TABLE " + quote_name(name);
  const std::string acl = owner_alone ? "NULL::aclitem[]" : "relacl", relation = owner_alone ? "NULL::oid" : "oid";
  std::string query =
      row(reference, target, "relowner", acl, relation, "NULL", fmt::format("pg_class WHERE oid = {}::regclass", literal(quote_name(name))));
  return {std::move(reference), std::move(query)};
}

}  // namespace

std::optional<Held> held_object(const ObjectKey& key, bool owner_alone) {
  std::string reference = object_reference(key);
  const std::string_view kind = key.kind;
  if (kind == "view" || kind == "materialized_view") return held_relation(std::move(reference), key.name, owner_alone);
  Place place;
  std::string target = reference;
  if (kind == "function" || kind == "procedure" || kind == "aggregate") {
    place = {fmt::format("pg_proc WHERE proname = {} AND pronamespace = {} AND pg_get_function_identity_arguments(oid) = {}", literal(key.name.name),
                         namespace_of(key.name), literal(key.signature)),
             "proowner", "proacl"};
    if (kind == "aggregate") target = fmt::format("FUNCTION {}({})", quote_name(key.name), key.signature);
  } else if (kind == "domain" || kind == "composite_type" || kind == "range_type" || kind == "enum") {
    place = {fmt::format("pg_type WHERE oid = {}::regtype", literal(quote_name(key.name))), "typowner", "typacl"};
    target = "TYPE " + quote_name(key.name);
  } else if (kind == "server") {
    place = {"pg_foreign_server WHERE srvname = " + literal(key.name.name), "srvowner", "srvacl"};
    target = "FOREIGN SERVER " + quote_name(key.name);
  } else if (kind == "foreign_data_wrapper") {
    place = {"pg_foreign_data_wrapper WHERE fdwname = " + literal(key.name.name), "fdwowner", "fdwacl"};
  } else {
    owner_alone = true;
    if (kind == "collation") {
      place = {fmt::format("pg_collation WHERE oid = {}::regcollation", literal(quote_name(key.name))), "collowner", ""};
    } else if (kind == "statistics") {
      place = {fmt::format("pg_statistic_ext WHERE stxname = {} AND stxnamespace = {}", literal(key.name.name), namespace_of(key.name)), "stxowner",
               ""};
    } else if (kind == "publication") {
      place = {"pg_publication WHERE pubname = " + literal(key.name.name), "pubowner", ""};
    } else if (kind == "event_trigger") {
      place = {"pg_event_trigger WHERE evtname = " + literal(key.name.name), "evtowner", ""};
    } else {
      return std::nullopt;  // parts of tables are their table's owner's
    }
  }
  std::string query =
      row(reference, owner_alone ? std::string() : target, place.owner, owner_alone ? "NULL::aclitem[]" : place.acl, "NULL::oid", "NULL", place.from);
  return Held{std::move(reference), std::move(query)};
}

Held held_table(const Name& table, bool owner_alone) { return held_relation("TABLE " + quote_name(table), table, owner_alone); }

Held held_column(const Name& table, const std::string& column) {
  std::string reference = fmt::format("COLUMN {}.{}", quote_name(table), quote_identifier(column));
  std::string query = row(reference, "TABLE " + quote_name(table), "NULL::oid", "NULL::aclitem[]", "oid", literal(column),
                          fmt::format("pg_class WHERE oid = {}::regclass", literal(quote_name(table))));
  return {std::move(reference), std::move(query)};
}

Held held_sequence(const Name& sequence) {
  std::string reference = "SEQUENCE " + quote_name(sequence);
  std::string query = row(reference, reference, "NULL::oid", "relacl", "NULL::oid", "NULL",
                          fmt::format("pg_class WHERE oid = {}::regclass", literal(quote_name(sequence))));
  return {std::move(reference), std::move(query)};
}

std::string keep_access(std::span<const Held> all) {
  std::string held;
  for (const Held& one : all) held += (held.empty() ? "" : "\n  UNION ALL ") + one.query;
  // What default privileges will grant to the new one is taken back first; what they take from PUBLIC, who may use routines and types where nothing
  // is said (manual, 5.7), is given. A grantee of 0 is PUBLIC (manual, aclexplode), and printed as "-".
  return fmt::format(R"(-- remembers who owns what goes for a while, and who may do what with it
WITH held (reference, target, owner, acl, relation, attribute) AS (
  {}
), granted AS (
  SELECT reference, target, privilege_type AS what, grantee, is_grantable FROM held, aclexplode(acl)
  UNION ALL
  SELECT reference, target, format('%s (%I)', privilege_type, attname), grantee, is_grantable
    FROM held JOIN pg_attribute ON attrelid = relation AND attname = coalesce(attribute, attname::text) AND NOT attisdropped, aclexplode(attacl)
), said (reference, place, sql) AS (
  SELECT reference, 1, format('ALTER %s OWNER TO %s', reference, owner::regrole) FROM held WHERE owner <> quote_ident(current_user)::regrole
  UNION ALL
  SELECT DISTINCT reference, 2, format('REVOKE ALL ON %s FROM %s', target, coalesce(nullif(grantee::regrole::text, '-'), 'PUBLIC'))
    FROM held, pg_default_acl, aclexplode(defaclacl)
   WHERE defaclrole = quote_ident(current_user)::regrole AND grantee <> defaclrole AND target IS NOT NULL AND attribute IS NULL
  UNION ALL
  SELECT DISTINCT reference, 2, format('GRANT ALL ON %s TO PUBLIC', target)
    FROM held, pg_default_acl WHERE defaclrole = quote_ident(current_user)::regrole AND acl IS NULL AND target ~ '^(FUNCTION|PROCEDURE|TYPE) '
  UNION ALL
  SELECT reference, 3, format('REVOKE ALL ON %s FROM PUBLIC, %s', target, coalesce(owner::regrole, quote_ident(current_user)::regrole))
    FROM held WHERE acl IS NOT NULL
  UNION ALL
  SELECT reference, 4, format('GRANT %s ON %s TO %s%s', string_agg(what, ', '), target, coalesce(nullif(grantee::regrole::text, '-'), 'PUBLIC'),
                              CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END)
    FROM granted GROUP BY reference, target, grantee, is_grantable
)
SELECT set_config('aludel.access', (coalesce(nullif(current_setting('aludel.access', true), ''), '{{}}')::jsonb
                                    || coalesce(jsonb_object_agg(reference, list), '{{}}'))::text, false) <> '' AS remembered
  FROM (SELECT reference, jsonb_agg(sql ORDER BY place, sql) FROM said GROUP BY reference) r(reference, list))",
                     held);
}

std::string give_access(std::span<const std::string> references) {
  std::string list;
  for (const std::string& reference : references) list += (list.empty() ? "" : ", ") + literal(reference);
  const std::string body = fmt::format(R"(  -- gives back owners and privileges
DECLARE
  one text;
BEGIN
  FOR one IN SELECT sql FROM unnest(ARRAY[{}]) WITH ORDINALITY r(reference, n),
                             jsonb_array_elements_text(nullif(current_setting('aludel.access', true), '')::jsonb -> reference) WITH ORDINALITY s(sql, m) ORDER BY n, m
  LOOP
    EXECUTE one;
  END LOOP;
END
)",
                                       list);
  return block(body);
}

std::string give_owner(const Name& from, const Name& to) {
  return block(fmt::format(R"(
DECLARE
  owner CONSTANT oid := (SELECT relowner FROM pg_class WHERE oid = {}::regclass);
BEGIN
  IF owner <> quote_ident(current_user)::regrole THEN
    EXECUTE format('ALTER TABLE %s OWNER TO %s', {}, owner::regrole);
  END IF;
END
)",
                           literal(quote_name(from)), literal(quote_name(to))));
}

}  // namespace aludel::postgresql
