#include "catalog.hpp"
#include "quoting.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace aludel::postgresql {

using schema::Object;

namespace {

/// An extension brings a comment of its own; only another one is worth a word.
constexpr std::string_view extensions_query = R"(
SELECT e.oid, e.extname, n.nspname, e.extversion, CASE WHEN d.description IS DISTINCT FROM a.comment THEN d.description END, e.extnamespace
  FROM pg_extension e
  JOIN pg_namespace n ON n.oid = e.extnamespace
  LEFT JOIN pg_available_extensions a ON a.name = e.extname
  LEFT JOIN pg_description d ON d.objoid = e.oid AND d.classoid = 'pg_extension'::regclass
 WHERE e.oid >= 16384)";

constexpr std::string_view collations_query = R"(
SELECT c.oid, c.collnamespace, c.collname, c.collprovider,
       {v17:CASE WHEN c.collprovider IN ('i', 'b') THEN c.colllocale END}{<17:{v15:c.colliculocale}{<15:CASE WHEN c.collprovider = 'i' THEN c.collcollate END}},
       c.collcollate, c.collctype, c.collisdeterministic, {v16:c.collicurules}{<16:NULL}, d.description
  FROM pg_collation c
  LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_collation'::regclass
 WHERE c.oid >= 16384 AND c.collnamespace IN ({spaces}))";

constexpr std::string_view statistics_query = R"(
SELECT s.oid, s.stxnamespace, s.stxname, pg_get_statisticsobjdef(s.oid), s.stxstattarget, d.description
  FROM pg_statistic_ext s
  LEFT JOIN pg_description d ON d.objoid = s.oid AND d.classoid = 'pg_statistic_ext'::regclass
 WHERE s.stxnamespace IN ({spaces}))";

constexpr std::string_view wrappers_query = R"(
SELECT w.oid, w.fdwname, CASE WHEN w.fdwhandler <> 0 THEN w.fdwhandler::regproc END, CASE WHEN w.fdwvalidator <> 0 THEN w.fdwvalidator::regproc END,
       w.fdwoptions, d.description
  FROM pg_foreign_data_wrapper w
  LEFT JOIN pg_description d ON d.objoid = w.oid AND d.classoid = 'pg_foreign_data_wrapper'::regclass)";

constexpr std::string_view servers_query = R"(
SELECT s.oid, s.srvname, s.srvtype, s.srvversion, w.fdwname, s.srvoptions, d.description
  FROM pg_foreign_server s
  JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
  LEFT JOIN pg_description d ON d.objoid = s.oid AND d.classoid = 'pg_foreign_server'::regclass)";

constexpr std::string_view publications_query = R"(
SELECT p.oid, p.pubname, p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate, p.pubviaroot, d.description
  FROM pg_publication p
  LEFT JOIN pg_description d ON d.objoid = p.oid AND d.classoid = 'pg_publication'::regclass)";

constexpr std::string_view published_tables_query = R"(
SELECT r.prpubid, r.prrelid::regclass::text,
       {v15:(SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)),
       pg_get_expr(r.prqual, r.prrelid)}{<15:NULL, NULL}, r.prrelid
  FROM pg_publication_rel r
 ORDER BY r.prpubid, r.prrelid::regclass::text)";

constexpr std::string_view published_spaces_query = R"(
SELECT s.pnpubid, s.pnnspid::regnamespace::text
  FROM pg_publication_namespace s
 ORDER BY s.pnpubid, s.pnnspid::regnamespace::text)";

/// Kinds that are seen, counted by name, and not carried. Their own identity is how PostgreSQL spells it.
constexpr std::string_view unsupported_query = R"(
SELECT i.type, i.identity
  FROM (SELECT 'pg_cast'::regclass AS catalog, oid FROM pg_cast UNION ALL SELECT 'pg_operator', oid FROM pg_operator
        UNION ALL SELECT 'pg_opclass', oid FROM pg_opclass UNION ALL SELECT 'pg_opfamily', oid FROM pg_opfamily
        UNION ALL SELECT 'pg_ts_config', oid FROM pg_ts_config UNION ALL SELECT 'pg_ts_dict', oid FROM pg_ts_dict
        UNION ALL SELECT 'pg_ts_parser', oid FROM pg_ts_parser UNION ALL SELECT 'pg_ts_template', oid FROM pg_ts_template
        UNION ALL SELECT 'pg_conversion', oid FROM pg_conversion UNION ALL SELECT 'pg_language', oid FROM pg_language
        UNION ALL SELECT 'pg_transform', oid FROM pg_transform UNION ALL SELECT 'pg_am', oid FROM pg_am) o
 CROSS JOIN LATERAL pg_identify_object(o.catalog, o.oid, 0) i
 WHERE o.oid >= 16384
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = o.catalog AND d.objid = o.oid AND d.deptype IN ('e', 'i'))
 UNION ALL
SELECT 'security label', l.provider || ' on ' || i.identity
  FROM pg_seclabel l
 CROSS JOIN LATERAL pg_identify_object(l.classoid, l.objoid, l.objsubid) i
 ORDER BY 1, 2)";

void define(Object& object, std::string_view definition) { object.definition = definition_of(definition); }

/// OPTIONS (name 'value', ...), or nothing.
std::string options_clause(const std::vector<std::string>& options) {
  std::string list;
  Value::Object all = storage_parameters(options);
  std::sort(all.begin(), all.end(), [](const Member& a, const Member& b) { return a.key < b.key; });
  for (const Member& member : all) {
    list += (list.empty() ? "" : ", ") + quote_identifier(member.key) + " " + quote_literal(member.value);
  }
  return list.empty() ? list : "OPTIONS (" + list + ")";
}

void add_clause(std::string& text, const std::string& clause) {
  if (!clause.empty()) text += (text.empty() ? "" : " ") + clause;
}

void read_extensions(Catalog& catalog) {
  const CatalogRows rows = catalog.query(std::string(extensions_query));
  for (int i = 0; i < rows.size(); ++i) {
    Object object{{"extension", {"", rows.string(i, 1)}, "", ""}, {}, {}, rows.string(i, 4), {}};
    // Which of an extension's own schemas it makes is its affair; what it stands in may be chosen.
    if (rows.text(i, 2) != catalog.default_schema && !catalog.is_member(CatalogClass::space, rows.oid(i, 5)))
      set_option(object.options, "schema", rows.text(i, 2));
    catalog.add(std::move(object), {CatalogClass::extension, rows.oid(i, 0)}, "pg_extension");
  }
}

void read_collations(Catalog& catalog) {
  const CatalogRows rows = catalog.query(for_version(catalog, collations_query));
  for (int i = 0; i < rows.size(); ++i) {
    if (catalog.is_member(CatalogClass::collation, rows.oid(i, 0))) continue;
    const char provider = rows.letter(i, 3);
    std::string text = fmt::format("(provider = {}", provider == 'i' ? "icu" : provider == 'b' ? "builtin" : "libc");
    const auto add = [&](std::string_view word, int column) { text += fmt::format(", {} = {}", word, quote_literal(Value(rows.text(i, column)))); };
    if (!rows.is_null(i, 4)) {
      add("locale", 4);
    } else if (rows.text(i, 5) == rows.text(i, 6)) {
      add("locale", 5);
    } else {
      add("lc_collate", 5);
      add("lc_ctype", 6);
    }
    if (!rows.flag(i, 7)) text += ", deterministic = false";
    if (!rows.is_null(i, 8)) add("rules", 8);
    Object object{{"collation", catalog.name(rows.oid(i, 1), rows.text(i, 2)), "", ""}, {}, {}, rows.string(i, 9), {}};
    define(object, text + ")");
    catalog.add(std::move(object), {CatalogClass::collation, rows.oid(i, 0)}, "pg_collation");
  }
}

void read_statistics(Catalog& catalog) {
  const CatalogRows rows = catalog.query(for_version(catalog, statistics_query));
  for (int i = 0; i < rows.size(); ++i) {
    if (catalog.is_member(CatalogClass::other, rows.oid(i, 0))) continue;
    Object object{{"statistics", catalog.name(rows.oid(i, 1), rows.text(i, 2)), "", ""}, {}, {}, rows.string(i, 5), {}};
    define(object, std::string(behind_name(rows.text(i, 3), 2)));
    if (!rows.is_null(i, 4) && rows.number(i, 4) >= 0) set_option(object.options, "statistics", rows.number(i, 4));
    catalog.add(std::move(object), {CatalogClass::other, rows.oid(i, 0)}, "pg_statistic_ext");
  }
}

void read_wrappers(Catalog& catalog) {
  const CatalogRows rows = catalog.query(std::string(wrappers_query));
  for (int i = 0; i < rows.size(); ++i) {
    if (catalog.is_member(CatalogClass::wrapper, rows.oid(i, 0))) continue;
    Object object{{"foreign_data_wrapper", {"", rows.string(i, 1)}, "", ""}, {}, {}, rows.string(i, 5), {}};
    std::string text;
    if (!rows.is_null(i, 2)) add_clause(text, "HANDLER " + rows.string(i, 2));
    if (!rows.is_null(i, 3)) add_clause(text, "VALIDATOR " + rows.string(i, 3));
    add_clause(text, options_clause(rows.strings(i, 4)));
    define(object, text);
    catalog.add(std::move(object), {CatalogClass::wrapper, rows.oid(i, 0)}, "pg_foreign_data_wrapper");
  }
}

void read_servers(Catalog& catalog) {
  const CatalogRows rows = catalog.query(std::string(servers_query));
  for (int i = 0; i < rows.size(); ++i) {
    if (catalog.is_member(CatalogClass::server, rows.oid(i, 0))) continue;
    Object object{{"server", {"", rows.string(i, 1)}, "", ""}, {}, {}, rows.string(i, 6), {}};
    std::string text;
    if (!rows.is_null(i, 2)) add_clause(text, "TYPE " + quote_literal(Value(rows.text(i, 2))));
    if (!rows.is_null(i, 3)) add_clause(text, "VERSION " + quote_literal(Value(rows.text(i, 3))));
    add_clause(text, "FOREIGN DATA WRAPPER " + quote_identifier(rows.text(i, 4)));
    add_clause(text, options_clause(rows.strings(i, 5)));
    define(object, text);
    catalog.add(std::move(object), {CatalogClass::server, rows.oid(i, 0)}, "pg_foreign_server");
  }
}

void read_publications(Catalog& catalog) {
  const CatalogRows rows = catalog.query(std::string(publications_query));
  std::unordered_map<Oid, std::string> members;
  const CatalogRows tables = catalog.query(for_version(catalog, published_tables_query));
  for (int i = 0; i < tables.size(); ++i) {
    std::string& text = members[tables.oid(i, 0)];
    // Before 15 the word stands once.
    text += (text.empty() ? "FOR TABLE " : catalog.version < 15 ? ", " : ", TABLE ") + tables.string(i, 1);
    if (!tables.is_null(i, 2)) text += " (" + tables.string(i, 2) + ")";
    if (!tables.is_null(i, 3)) text += fmt::format(" WHERE ({})", without_parentheses(tables.text(i, 3)));
  }
  if (catalog.version >= 15) {
    const CatalogRows spaces = catalog.query(std::string(published_spaces_query));
    for (int i = 0; i < spaces.size(); ++i) {
      std::string& text = members[spaces.oid(i, 0)];
      text += (text.empty() ? "FOR TABLES IN SCHEMA " : ", TABLES IN SCHEMA ") + spaces.string(i, 1);
    }
  }
  for (int i = 0; i < rows.size(); ++i) {
    Object object{{"publication", {"", rows.string(i, 1)}, "", ""}, {}, {}, rows.string(i, 8), {}};
    define(object, rows.flag(i, 2) ? "FOR ALL TABLES" : members[rows.oid(i, 0)]);
    std::string publish;
    constexpr std::array<std::string_view, 4> actions = {"insert", "update", "delete", "truncate"};
    int count = 0;
    for (int k = 0; k < 4; ++k) {
      if (!rows.flag(i, 3 + k)) continue;
      publish += (publish.empty() ? "" : ", ") + std::string(actions[static_cast<std::size_t>(k)]);
      ++count;
    }
    Value::Object with;
    if (count != 4) with.push_back({"publish", Value(publish)});
    if (rows.flag(i, 7)) with.push_back({"publish_via_partition_root", Value("true")});
    if (!with.empty()) set_option(object.options, "with", std::move(with));
    const schema::ObjectKey key = object.key;
    Object& added = catalog.add(std::move(object), {CatalogClass::other, rows.oid(i, 0)}, "pg_publication");
    for (int k = 0; k < tables.size(); ++k) {
      if (tables.oid(k, 0) != rows.oid(i, 0)) continue;
      if (auto table = catalog.key({CatalogClass::relation, tables.oid(k, 4)})) added.depends_on.push_back(*std::move(table));
    }
  }
}

}  // namespace

void read_rare_objects(Catalog& catalog) {
  if (catalog.census.extensions) read_extensions(catalog);
  if (catalog.census.collations) read_collations(catalog);
  if (catalog.census.statistics) read_statistics(catalog);
  if (catalog.census.wrappers) read_wrappers(catalog);
  if (catalog.census.servers) read_servers(catalog);
  if (catalog.census.publications) read_publications(catalog);
  if (!catalog.census.unsupported) return;
  const CatalogRows rows = catalog.query(std::string(unsupported_query));
  for (int i = 0; i < rows.size(); ++i) catalog.unsupported(rows.string(i, 0), rows.string(i, 1), "aludel does not manage this kind of object");
}

}  // namespace aludel::postgresql
