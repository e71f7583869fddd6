#include "catalog.hpp"
#include "quoting.hpp"
#include "types.hpp"

#include <fmt/format.h>

namespace aludel::postgresql {

using schema::Object;
using schema::ObjectKey;
using schema::Type;

namespace {

constexpr std::string_view types_text = R"(
SELECT t.oid, t.typnamespace, t.typname, t.typtype, t.typarray, t.typrelid,
       CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END,
       CASE WHEN t.typtype = 'd' AND t.typcollation <> b.typcollation THEN t.typcollation::regcollation::text END,
       CASE WHEN t.typtype = 'd' AND t.typdefaultbin IS NOT NULL THEN pg_get_expr(t.typdefaultbin, 0) END, t.typnotnull, t.typisdefined
  FROM pg_type t
  LEFT JOIN pg_type b ON b.oid = t.typbasetype
 WHERE t.oid >= 16384 AND t.typnamespace IN ({spaces})
   AND (t.typtype IN ('e', 'd', 'r') OR (t.typtype IN ('b', 'p') AND t.typelem = 0) OR (t.typtype = 'b' AND t.typelem <> 0 AND t.typlen > 0)))";

/// Every table has one as well; those made by CREATE TYPE have a relation of a kind of its own.
constexpr std::string_view composite_types_query = R"(
SELECT t.oid, t.typarray, c.oid
  FROM pg_class c
  JOIN pg_type t ON t.oid = c.reltype
 WHERE c.relkind = 'c' AND c.relnamespace IN ({spaces}))";

Type native_type(const schema::Name& name) {
  Type type = Type::native(quote_name(name));
  type.canonical = type.text;
  return type;
}

/// So that columns and others can name the type and its array.
void remember_type(Catalog& catalog, Oid oid, Oid array, const ObjectKey& key, const Type& type) {
  catalog.types[oid] = {key, type};
  catalog.keys.emplace(CatalogAddress{CatalogClass::type, oid}, key);
  if (array == 0) return;
  catalog.types[array] = {key, Type::array(type)};
  catalog.keys.emplace(CatalogAddress{CatalogClass::type, array}, key);
}

/// Types of extensions are only known by their arrays' element; those of schemas that are not read are named in full by the server.
constexpr std::string_view values_query = R"(
SELECT enumtypid, enumlabel
  FROM pg_enum
 ORDER BY enumtypid, enumsortorder)";

constexpr std::string_view domain_constraints_query = R"(
SELECT contypid, conname, pg_get_constraintdef(oid), convalidated, obj_description(oid, 'pg_constraint'), oid
  FROM pg_constraint
 WHERE contypid <> 0 AND contype = 'c'
 ORDER BY contypid, conname)";

constexpr std::string_view ranges_query = R"(
SELECT r.rngtypid, r.rngsubtype::regtype,
       CASE WHEN NOT o.opcdefault THEN quote_ident(n.nspname) || '.' || quote_ident(o.opcname) END,
       CASE WHEN r.rngcollation <> t.typcollation THEN r.rngcollation::regcollation::text END,
       CASE WHEN r.rngcanonical <> 0 THEN r.rngcanonical::regproc::text END, CASE WHEN r.rngsubdiff <> 0 THEN r.rngsubdiff::regproc::text END,
       {v14:m.typname, m.typnamespace, m.typarray, m.oid}{<14:NULL, NULL, NULL, 0}
  FROM pg_range r
  JOIN pg_type t ON t.oid = r.rngsubtype
  JOIN pg_opclass o ON o.oid = r.rngsubopc
  JOIN pg_namespace n ON n.oid = o.opcnamespace
  {v14:JOIN pg_type m ON m.oid = r.rngmultitypid}
 WHERE r.rngtypid >= 16384)";

class TypeReader {
 public:
  explicit TypeReader(Catalog& catalog) : catalog_(catalog), rows_(catalog.query(types_query(catalog))) {}

  void read() {
    bool enums = false, domains = false, ranges = false;
    for (int i = 0; i < rows_.size(); ++i) {
      const char kind = rows_.letter(i, 3);
      enums = enums || kind == 'e';
      domains = domains || kind == 'd';
      ranges = ranges || kind == 'r';
      row_of_[rows_.oid(i, 0)] = i;
    }
    if (enums) read_values();
    if (domains) read_domain_constraints();
    for (int i = 0; i < rows_.size(); ++i) {
      if (catalog_.is_member(CatalogClass::type, rows_.oid(i, 0))) continue;
      read_type(i);
    }
    if (ranges) read_ranges();
  }

 private:
  std::string comment(int i) const { return std::string(catalog_.comments.of(a_type, rows_.oid(i, 0))); }
  schema::Name name(int i) const { return catalog_.name(rows_.oid(i, 1), rows_.text(i, 2)); }

  void remember(Oid oid, Oid array, const ObjectKey& key, const Type& type) { remember_type(catalog_, oid, array, key, type); }

  void read_type(int i) {
    const Oid oid = rows_.oid(i, 0);
    switch (rows_.letter(i, 3)) {
      case 'e': {
        schema::EnumType type{name(i), values_[oid], comment(i), {}};
        Type used = Type::enumeration(type.name.text(), type.values);
        used.canonical = canonical_text(used);
        remember(oid, rows_.oid(i, 4), {"enum", type.name, "", ""}, used);
        catalog_.metadata.enums.insert_or_assign(type.name, std::move(type));
        return;
      }
      case 'd':
        return read_domain(i);
      case 'r':
        remember(oid, rows_.oid(i, 4), {"range_type", name(i), "", ""}, native(i));
        return;
      default:
        catalog_.unsupported("type", name(i).text(), rows_.flag(i, 10) ? "a base type is made in C" : "a shell type, not defined yet");
    }
  }

  Type native(int i) const { return native_type(name(i)); }

  void read_values() {
    const CatalogRows rows = catalog_.query(std::string(values_query));
    for (int i = 0; i < rows.size(); ++i) values_[rows.oid(i, 0)].push_back(rows.string(i, 1));
  }

  void read_domain_constraints() {
    const CatalogRows rows = catalog_.query(std::string(domain_constraints_query));
    for (int i = 0; i < rows.size(); ++i) {
      const Oid domain = rows.oid(i, 0);
      if (!row_of_.contains(domain)) continue;
      std::string_view definition = rows.text(i, 2);
      // NOT VALID is a state of ALTER DOMAIN, no part of CREATE DOMAIN.
      constexpr std::string_view not_valid = " NOT VALID";
      if (!rows.flag(i, 3) && definition.size() > not_valid.size()) definition.remove_suffix(not_valid.size());
      checks_[domain] += " CONSTRAINT " + quote_identifier(rows.text(i, 1)) + " " + std::string(definition);
      if (!rows.flag(i, 3)) not_valid_[domain].emplace_back(rows.text(i, 1));
      if (!rows.is_null(i, 4)) comments_[domain].set(rows.string(i, 1), rows.text(i, 4));
      constraints_[domain].push_back(rows.oid(i, 5));
    }
  }

  void read_domain(int i) {
    const Oid oid = rows_.oid(i, 0);
    std::string text = "AS " + rows_.string(i, 6);
    if (!rows_.is_null(i, 7)) text += " COLLATE " + rows_.string(i, 7);
    if (!rows_.is_null(i, 8)) text += " DEFAULT " + rows_.string(i, 8);
    if (rows_.flag(i, 9)) text += " NOT NULL";
    Object object{{"domain", name(i), "", ""}, {}, {}, comment(i), {}};
    object.definition = definition_of(text + checks_[oid]);
    if (not_valid_.contains(oid)) set_option(object.options, "not_valid", not_valid_[oid]);
    if (comments_.contains(oid)) set_option(object.options, "constraint_comments", comments_[oid]);
    remember(oid, rows_.oid(i, 4), object.key, native(i));
    const ObjectKey key = object.key;
    catalog_.add(std::move(object), {CatalogClass::type, oid}, "pg_type");
    for (Oid constraint : constraints_[oid]) catalog_.dependents.push_back({{CatalogClass::constraint, constraint}, "pg_constraint", key});
  }

  void read_ranges() {
    const CatalogRows rows = catalog_.query(for_version(catalog_, ranges_query));
    for (int i = 0; i < rows.size(); ++i) {
      const auto found = row_of_.find(rows.oid(i, 0));
      if (found == row_of_.end() || catalog_.is_member(CatalogClass::type, rows.oid(i, 0))) continue;
      std::string text = "AS RANGE (subtype = " + rows.string(i, 1);
      const auto add = [&](std::string_view word, int column) {
        if (!rows.is_null(i, column)) text += fmt::format(", {} = {}", word, rows.text(i, column));
      };
      add("subtype_opclass", 2);
      add("collation", 3);
      add("canonical", 4);
      add("subtype_diff", 5);
      const schema::Name own = name(found->second);
      if (catalog_.version >= 14) {
        const schema::Name multirange = catalog_.name(rows.oid(i, 7), rows.text(i, 6));
        text += ", multirange_type_name = " + quote_name(multirange);
        remember(rows.oid(i, 9), rows.oid(i, 8), {"range_type", own, "", ""}, native_type(multirange));
      }
      Object object{{"range_type", own, "", ""}, {}, {}, comment(found->second), {}};
      object.definition = schema::Expression(text + ")");
      object.definition.canonical = object.definition.declared;
      catalog_.add(std::move(object), {CatalogClass::type, rows.oid(i, 0)}, "pg_type");
    }
  }

  Catalog& catalog_;
  const CatalogRows rows_;
  std::unordered_map<Oid, int> row_of_;
  std::unordered_map<Oid, std::vector<std::string>> values_;
  std::unordered_map<Oid, std::string> checks_;
  std::unordered_map<Oid, Value::Array> not_valid_;
  std::unordered_map<Oid, Value> comments_;
  std::unordered_map<Oid, std::vector<Oid>> constraints_;
};

}  // namespace

std::string types_query(const Catalog& catalog) { return for_version(catalog, types_text); }

void read_types(Catalog& catalog) {
  if (catalog.census.types) TypeReader(catalog).read();
}

void read_composite_types(Catalog& catalog) {
  const CatalogRows rows = catalog.query(for_version(catalog, composite_types_query));
  for (int i = 0; i < rows.size(); ++i) {
    const CatalogRelation* relation = catalog.relation(rows.oid(i, 2));
    if (!relation || catalog.is_member(CatalogClass::type, rows.oid(i, 0))) continue;
    catalog.composite_types[relation->oid] = rows.oid(i, 0);
    remember_type(catalog, rows.oid(i, 0), rows.oid(i, 1), {"composite_type", relation->name, "", ""}, native_type(relation->name));
  }
}

void read_composites(Catalog& catalog) {
  for (auto& [oid, relation] : catalog.relations) {
    if (relation.kind != 'c') continue;
    std::string text;
    for (const auto& [number, attribute] : catalog.attributes[oid]) text += (text.empty() ? "" : ", ") + attribute;
    Object object{{"composite_type", relation.name, "", ""}, {}, {}, std::string(catalog.comments.of(a_type, catalog.composite_types[oid])), {}};
    object.definition = schema::Expression("AS (" + text + ")");
    object.definition.canonical = object.definition.declared;
    if (catalog.attribute_comments.contains(oid)) set_option(object.options, "column_comments", catalog.attribute_comments[oid]);
    catalog.add(std::move(object), {CatalogClass::relation, oid}, "pg_class");
  }
}

}  // namespace aludel::postgresql
