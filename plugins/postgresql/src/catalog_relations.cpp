#include "catalog.hpp"
#include "types.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace aludel::postgresql {

using schema::Name;
using schema::Object;
using schema::Table;

namespace {

constexpr std::string_view spaces_text = R"(
SELECT n.oid, n.nspname
  FROM pg_namespace n
 WHERE left(n.nspname, 3) <> 'pg_' AND n.nspname <> 'information_schema')";

constexpr std::string_view members_query = R"(
SELECT d.classid::regclass, d.objid, d.refobjid
  FROM pg_depend d
 WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e')";

/// Toast tables come too where they have options, which are said of their table.
constexpr std::string_view relations_text = R"(
SELECT c.oid, c.relnamespace, c.relname, c.relkind, c.relpersistence, c.reloptions, c.reltoastrelid,
       c.reltablespace, c.relam, c.relreplident, c.relrowsecurity, c.relforcerowsecurity, c.relispartition,
       CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
       CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END,
       CASE WHEN c.reloftype <> 0 THEN c.reloftype::regtype END,
       c.reltype, c.relnatts
  FROM pg_class c
 WHERE (c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S', 'c') AND c.relnamespace IN ({spaces})) OR (c.relkind = 't' AND c.reloptions IS NOT NULL))";

constexpr std::string_view inheritance_text = R"(
SELECT i.inhrelid, i.inhparent{v14:, i.inhdetachpending}
  FROM pg_inherits i
  JOIN pg_class c ON c.oid = i.inhrelid AND c.relkind IN ('r', 'p', 'f')
 ORDER BY i.inhrelid, i.inhseqno)";

constexpr std::string_view foreign_tables_query = R"(
SELECT f.ftrelid, s.srvname, f.ftoptions
  FROM pg_foreign_table f
  JOIN pg_foreign_server s ON s.oid = f.ftserver)";

CatalogClass class_of(std::string_view catalog) {
  if (catalog == "pg_class") return CatalogClass::relation;
  if (catalog == "pg_type") return CatalogClass::type;
  if (catalog == "pg_proc") return CatalogClass::routine;
  if (catalog == "pg_namespace") return CatalogClass::space;
  if (catalog == "pg_collation") return CatalogClass::collation;
  if (catalog == "pg_foreign_data_wrapper") return CatalogClass::wrapper;
  if (catalog == "pg_foreign_server") return CatalogClass::server;
  return CatalogClass::other;
}

bool is_wanted(const Catalog& catalog, const std::string& space) {
  const auto& wanted = catalog.scope.schemas;
  if (wanted.empty()) return true;
  const auto names = [&](const std::string& one) { return one == space || (one.empty() && space == catalog.default_schema); };
  return std::any_of(wanted.begin(), wanted.end(), names);
}

std::string kind_of(char relkind) {
  switch (relkind) {
    case 'v':
      return "view";
    case 'm':
      return "materialized_view";
    case 'S':
      return "sequence";
    case 'c':
      return "composite_type";
    default:
      return "table";
  }
}

/// The rows of toast tables, by their oid.
using ToastRows = std::unordered_map<Oid, int>;

void read_table_options(Catalog& catalog, const CatalogRows& rows, int i, const ToastRows& toast, schema::Options& options) {
  if (rows.letter(i, 4) == 'u') set_option(options, "unlogged", true);
  Value::Object with = storage_parameters(rows.strings(i, 5));
  if (const auto found = toast.find(rows.oid(i, 6)); found != toast.end()) {
    for (Member& member : storage_parameters(rows.strings(found->second, 5), "toast.")) with.push_back(std::move(member));
  }
  if (!with.empty()) set_option(options, "with", std::move(with));
  if (const Oid space = rows.oid(i, 7)) set_option(options, "tablespace", catalog.tablespace(space));
  constexpr Oid heap = 2;
  if (const Oid method = rows.oid(i, 8); method != 0 && method != heap) {
    set_option(options, rows.letter(i, 3) == 'm' ? "using" : "access_method", catalog.access_method(method));
  }
  if (rows.letter(i, 9) == 'f') set_option(options, "replica_identity", "full");
  if (rows.letter(i, 9) == 'n' && rows.letter(i, 3) != 'v' && rows.letter(i, 3) != 'm' && rows.letter(i, 3) != 'f') {
    set_option(options, "replica_identity", "nothing");
  }
  if (rows.flag(i, 10)) set_option(options, "row_security", true);
  if (rows.flag(i, 11)) set_option(options, "force_row_security", true);
  if (!rows.is_null(i, 13)) set_option(options, "partition_by", rows.text(i, 13));
  if (!rows.is_null(i, 15)) set_option(options, "of_type", rows.text(i, 15));
}

bool is_ignored(const Catalog& catalog, const Name& name) {
  const auto& ignored = catalog.scope.ignored_tables;
  return std::any_of(ignored.begin(), ignored.end(), [&](const Name& one) {
    return one.name == name.name && (one.schema == name.schema || (name.schema.empty() && one.schema == catalog.default_schema));
  });
}

void read_inheritance(Catalog& catalog) {
  const CatalogRows rows = catalog.query(inheritance_query(catalog));
  for (int i = 0; i < rows.size(); ++i) {
    CatalogRelation* child = catalog.relation(rows.oid(i, 0));
    const CatalogRelation* parent = catalog.relation(rows.oid(i, 1));
    if (!child || !child->table) continue;
    if (!parent) {
      catalog.unsupported("inheritance", child->name.text(), "its parent is in no schema that is read");
      continue;
    }
    child->parents.push_back(parent->oid);
    if (child->partition) continue;
    Value& inherits = child->table->options["postgresql"]["inherits"];
    if (!inherits.array()) inherits = Value::Array{};
    inherits.array()->push_back(parent->name.text());
  }
}

}  // namespace

std::optional<schema::ObjectKey> Catalog::key(CatalogAddress at) const {
  if (const auto found = keys.find(at); found != keys.end()) return found->second;
  const auto& owners = at.first == CatalogClass::type ? row_types : constraint_owners;
  Oid oid = at.second;
  if (at.first == CatalogClass::type || at.first == CatalogClass::constraint) {
    const auto found = owners.find(oid);
    if (found == owners.end()) return std::nullopt;
    oid = found->second;
  } else if (at.first != CatalogClass::relation) {
    return std::nullopt;
  }
  const auto found = relations.find(oid);
  if (found == relations.end() || found->second.of_identity) return std::nullopt;
  return schema::ObjectKey{kind_of(found->second.kind), found->second.name, "", ""};
}

std::string inheritance_query(const Catalog& catalog) { return for_version(catalog, inheritance_text); }
std::string relations_query(const Catalog& catalog) { return for_version(catalog, relations_text); }

std::string spaces_query() { return std::string(spaces_text); }

void read_spaces(Catalog& catalog) {
  const CatalogRows rows = catalog.query(spaces_query());
  for (int i = 0; i < rows.size(); ++i) {
    const Oid oid = rows.oid(i, 0);
    const std::string name = rows.string(i, 1);
    if (!is_wanted(catalog, name) || catalog.is_member(CatalogClass::space, oid)) continue;
    const bool is_default = name == catalog.default_schema;
    catalog.spaces.emplace(oid, is_default ? std::string() : name);
    catalog.space_list += (catalog.space_list.empty() ? "" : ", ") + std::to_string(oid);
    catalog.keys.emplace(CatalogAddress{CatalogClass::space, oid}, schema::ObjectKey{"schema", {"", name}, "", ""});
  }
  if (catalog.space_list.empty()) catalog.space_list = "0";
}

void add_spaces(Catalog& catalog) {
  for (const auto& [oid, name] : catalog.spaces) {
    schema::Namespace space{name.empty() ? catalog.default_schema : name, std::string(catalog.comments.of(a_schema, oid)), {}};
    // A fresh database's public schema has this comment.
    const bool as_new = space.name == "public" && space.comment == "standard public schema";
    if (as_new) space.comment.clear();
    if (!name.empty() || !space.comment.empty()) catalog.metadata.add(std::move(space));
  }
}

void read_members(Catalog& catalog) {
  const CatalogRows rows = catalog.query(std::string(members_query));
  for (int i = 0; i < rows.size(); ++i) catalog.members.emplace(CatalogAddress{class_of(rows.text(i, 0)), rows.oid(i, 1)}, rows.oid(i, 2));
}

void read_relations(Catalog& catalog) {
  const CatalogRows rows = catalog.query(relations_query(catalog));
  catalog.relations.reserve(static_cast<std::size_t>(rows.size()));
  bool foreign = false;
  bool inherits = false;
  bool composites = false;
  ToastRows toast;
  for (int i = 0; i < rows.size(); ++i) {
    if (rows.letter(i, 3) == 't') toast.emplace(rows.oid(i, 0), i);
  }
  for (int i = 0; i < rows.size(); ++i) {
    const Oid oid = rows.oid(i, 0);
    const char kind = rows.letter(i, 3);
    if (kind == 't') continue;
    Name name = catalog.name(rows.oid(i, 1), rows.text(i, 2));
    const CatalogAddress at{CatalogClass::relation, oid};
    if (catalog.is_member(CatalogClass::relation, oid) || is_ignored(catalog, name)) continue;
    CatalogRelation& relation = catalog.relations[oid];
    const std::string comment(catalog.comments.of(a_relation, oid));
    relation.oid = oid;
    relation.kind = kind;
    relation.name = name;
    relation.partition = rows.flag(i, 12);
    const auto width = kind == 'S' ? 0 : static_cast<std::size_t>(rows.number(i, 17));
    relation.attributes.reserve(width);
    if (kind == 'v' || kind == 'm') {
      Object object{{kind_of(kind), name, "", ""}, {}, {}, comment, {}};
      read_table_options(catalog, rows, i, toast, object.options);
      relation.object = &catalog.add(std::move(object), at, "pg_rewrite");
    }
    if (kind != 'S') catalog.row_types.emplace(rows.oid(i, 16), oid);
    composites = composites || kind == 'c';
    if (kind == 'S') {
      relation.comment = comment;
      relation.unlogged = rows.letter(i, 4) == 'u';
    }
    if (kind != 'r' && kind != 'p' && kind != 'f') continue;
    Table table;
    table.name = name;
    table.comment = comment;
    read_table_options(catalog, rows, i, toast, table.options);
    relation.table = &(catalog.metadata.tables[name] = std::move(table));
    relation.table->columns.reserve(width);
    relation.numbers.reserve(width);
    foreign = foreign || kind == 'f';
    inherits = inherits || kind == 'r' || kind == 'f';
  }
  if (composites) read_composite_types(catalog);
  if (inherits && catalog.census.inheritance) read_inheritance(catalog);
  for (int i = 0; i < rows.size(); ++i) {
    const CatalogRelation* relation = catalog.relation(rows.oid(i, 0));
    if (!relation || !relation->partition || relation->parents.empty()) continue;
    Object object{{"partition", relation->name, catalog.relations.at(relation->parents[0]).name.text(), ""}, {}, {}, "", {}};
    object.definition = schema::Expression(rows.string(i, 14));
    object.definition.canonical = object.definition.declared;
    object.depends_on = {{"table", relation->name, "", ""}, {"table", catalog.relations.at(relation->parents[0]).name, "", ""}};
    const schema::ObjectKey key = object.key;
    catalog.metadata.objects.emplace(key, std::move(object));
  }
  if (!foreign) return;
  const CatalogRows tables = catalog.query(std::string(foreign_tables_query));
  for (int i = 0; i < tables.size(); ++i) {
    CatalogRelation* relation = catalog.relation(tables.oid(i, 0));
    if (!relation || !relation->table) continue;
    set_option(relation->table->options, "foreign_server", tables.text(i, 1));
    Value::Object options = storage_parameters(tables.strings(i, 2));
    if (!options.empty()) set_option(relation->table->options, "foreign_options", std::move(options));
  }
}

}  // namespace aludel::postgresql
