#include "catalog.hpp"
#include "quoting.hpp"
#include "types.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace aludel::postgresql {

using schema::Column;
using schema::Type;

namespace {

/// 'text'::character varying in a varchar(80) column is what everybody writes as 'text', on every database. Empty where the default is something
/// else.
std::string_view without_own_type(std::string_view text, const Type& type) {
  if (!text.starts_with('\'')) return {};
  std::size_t end = 1;
  while (end < text.size() && (text[end] != '\'' || text.substr(end, 2) == "\'\'")) end += text[end] == '\'' ? 2 : 1;
  if (end >= text.size() || text.substr(end + 1, 2) != "::") return {};
  std::string said(text.substr(end + 3));
  std::erase(said, '"');
  std::string own = type.kind == schema::TypeKind::enumeration ? type.name : type.canonical.substr(0, type.canonical.find('('));
  std::erase(own, '"');
  return said == own ? text.substr(0, end + 1) : std::string_view();
}

/// A plain default names no column, so that pg_get_expr needs no relation for it; with relation 0 it opens none.
/// Rows of indexes are read for what an index's column alone may have: parameters of its operator class and a statistics target.
constexpr std::string_view columns_text = R"(
SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
       a.attcollation NOT IN (0, t.typcollation),
       CASE WHEN ad.oid IS NOT NULL {shared:AND (a.attgenerated = '' OR position(':varattno' in ad.adbin::text) = 0) }THEN pg_get_expr(ad.adbin, CASE WHEN a.attgenerated = '' THEN 0 ELSE a.attrelid END) END,
       CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage END,
       {v14:a.attcompression}{<14:''},
       CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END,
       CASE WHEN a.attoptions[2] IS NOT NULL OR a.attoptions[1] NOT LIKE 'pg\_attver=%' THEN a.attoptions END,
       a.attfdwoptions, a.attislocal, a.attcollation
  FROM pg_attribute a
  JOIN pg_class c ON c.oid = a.attrelid
   AND (c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c') OR (c.relkind IN ('i', 'I') AND (a.attoptions[2] IS NOT NULL OR a.attoptions[1] NOT LIKE 'pg\_attver=%' OR a.attstattarget >= 0)))
   AND c.relnamespace IN ({spaces})
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum AND a.atthasdef
 WHERE a.attnum > 0 AND NOT a.attisdropped)";

/// What names columns has a node for each ("VAR :varno 1 :varattno 2 ..."), and only generated columns do.
constexpr std::string_view generated_text = R"(
SELECT ad.adrelid, ad.adnum, pg_get_expr(ad.adbin, ad.adrelid)
  FROM pg_attrdef ad
 WHERE position(':varattno' in ad.adbin::text) > 0)";

std::string_view storage_name(char letter) {
  switch (letter) {
    case 'p':
      return "plain";
    case 'e':
      return "external";
    case 'm':
      return "main";
    default:
      return "extended";
  }
}

class ColumnReader {
 public:
  explicit ColumnReader(Catalog& catalog) : catalog_(catalog) {}

  void read() {
    const auto stream = catalog_.reader.stream(columns_query(catalog_));
    while (auto rows = stream->next()) {
      rows_ = *std::move(rows);
      read_rows();
    }
    for (auto& [oid, relation] : catalog_.relations) put_in_order(relation);
  }

 private:
  void read_rows() {
    name_collations();
    for (int i = 0; i < rows_.size(); ++i) {
      // Rows of one relation stand together.
      const Oid oid = rows_.oid(i, 0);
      if (oid != last_) relation_ = catalog_.relation(last_ = oid);
      if (!relation_) {
        index_column(i, oid);
      } else if (relation_->table) {
        table_column(i);
      } else if (relation_->object) {
        view_column(i);
      } else if (relation_->kind == 'c') {
        attribute(i);
      }
    }
  }

  void remember(int i, std::size_t number) {
    if (relation_->attributes.size() < number) relation_->attributes.resize(number);
    relation_->attributes[number - 1] = {rows_.oid(i, 3), rows_.oid(i, 17)};
    if (relation_->table) return;
    if (relation_->names.size() < number) relation_->names.resize(number);
    relation_->names[number - 1] = rows_.text(i, 2);
  }

  void name_collations() {
    std::vector<Oid> wanted;
    for (int i = 0; i < rows_.size(); ++i) {
      if (rows_.flag(i, 9)) wanted.push_back(rows_.oid(i, 17));
    }
    catalog_.name_collations(wanted);
  }
  const std::string& collation(int i) const { return catalog_.collations.at(rows_.oid(i, 17)); }

  std::string_view comment(int i) const { return catalog_.comments.of(a_relation, relation_->oid, rows_.number(i, 1)); }

  const Type& type(int i) {
    const Oid oid = rows_.oid(i, 3);
    const std::uint64_t key = static_cast<std::uint64_t>(oid) << 32 | static_cast<std::uint32_t>(rows_.number(i, 4));
    const auto [found, inserted] = types_.try_emplace(key);
    if (inserted) {
      const auto own = catalog_.types.find(oid);
      if (own == catalog_.types.end()) {
        found->second = type_of(rows_.text(i, 5));
      } else {
        found->second = own->second.type;
        Type& used = found->second;
        const bool enumerates = used.kind == schema::TypeKind::enumeration ||
                                (used.kind == schema::TypeKind::array && used.element[0].kind == schema::TypeKind::enumeration);
        used.canonical = enumerates ? canonical_text(used) : rows_.string(i, 5);
        if (used.kind == schema::TypeKind::native) used.text = rows_.text(i, 5);
      }
    }
    return found->second;
  }

  void table_column(int i) {
    const std::int64_t number = rows_.number(i, 1);
    remember(i, static_cast<std::size_t>(number));
    Column& column = relation_->table->columns.emplace_back();
    relation_->numbers.push_back(static_cast<std::int16_t>(number));
    column.name = rows_.text(i, 2);
    column.type = type(i);
    column.nullable = !rows_.flag(i, 6);
    // Since 17 a partition's identity is its parent's, and comes and goes with its attachment (manual, ALTER TABLE, ATTACH PARTITION).
    const bool of_parent = relation_->partition && catalog_.version >= 17;
    if (const char identity = rows_.letter(i, 7); identity != '\0' && !of_parent) {
      column.identity = schema::Identity{identity == 'a', {}, {}, {}, {}, {}, false};
    }
    if (rows_.flag(i, 9)) column.collation = plain_name(collation(i));
    if (!rows_.is_null(i, 10) || rows_.letter(i, 8) != '\0') value(i, column);
    column.comment = comment(i);
    if (const char storage = rows_.letter(i, 11)) set_option(column.options, "storage", storage_name(storage));
    if (const char compression = rows_.letter(i, 12)) set_option(column.options, "compression", compression == 'l' ? "lz4" : "pglz");
    if (!rows_.is_null(i, 13)) set_option(column.options, "statistics", rows_.number(i, 13));
    if (!rows_.is_null(i, 14)) set_option(column.options, "attoptions", storage_parameters(attribute_options(i)));
    if (!rows_.is_null(i, 15)) set_option(column.options, "foreign_options", storage_parameters(rows_.strings(i, 15)));
    // A partition physically holds its columns, whoever wrote them.
    if (!rows_.flag(i, 16) && !relation_->partition) set_option(column.options, "inherited", true);
  }

  void value(int i, Column& column) {
    if (const char generated = rows_.letter(i, 8)) {
      column.generated = schema::Generated{expression_of(rows_.text(i, 10)), generated == 's'};
      return;
    }
    column.server_default = definition_of(rows_.text(i, 10));
    const std::string_view plain = without_own_type(column.server_default->canonical, column.type);
    if (!plain.empty()) column.server_default->declared = plain;
  }

  void view_column(int i) {
    remember(i, static_cast<std::size_t>(rows_.number(i, 1)));
    const auto note = [&](const char* option, Value value) {
      Value& all = relation_->object->options["postgresql"][option];
      all.set(rows_.string(i, 2), std::move(value));
    };
    if (const auto text = comment(i); !text.empty()) note("column_comments", text);
    if (!rows_.is_null(i, 10)) note("column_defaults", rows_.text(i, 10));
    if (!rows_.is_null(i, 13)) note("column_statistics", rows_.number(i, 13));
    if (relation_->kind == 'm' && rows_.letter(i, 11)) note("column_storage", storage_name(rows_.letter(i, 11)));
    if (relation_->kind == 'm' && rows_.letter(i, 12)) note("column_compression", rows_.letter(i, 12) == 'l' ? "lz4" : "pglz");
  }

  /// Of a composite type: "a integer COLLATE x".
  void attribute(int i) {
    remember(i, static_cast<std::size_t>(rows_.number(i, 1)));
    std::string& text = catalog_.attributes[relation_->oid][rows_.number(i, 1)];
    text = quote_identifier(rows_.text(i, 2)) + " " + rows_.string(i, 5);
    if (rows_.flag(i, 9)) text += " COLLATE " + collation(i);
    if (const auto said = comment(i); !said.empty()) catalog_.attribute_comments[relation_->oid].set(rows_.string(i, 2), said);
  }

  void index_column(int i, Oid oid) {
    CatalogIndexColumn column;
    column.number = rows_.number(i, 1);
    column.parameters = attribute_options(i);
    if (!rows_.is_null(i, 13)) column.statistics = rows_.number(i, 13);
    catalog_.index_columns[oid].push_back(std::move(column));
  }

  /// Without the mark that servers since the minor releases of 2026 set on every column by themselves.
  std::vector<std::string> attribute_options(int i) const {
    std::vector<std::string> options = rows_.strings(i, 14);
    std::erase_if(options, [](const std::string& option) { return option.starts_with("pg_attver="); });
    return options;
  }

  /// The server gives them in whatever order they lie on its disk.
  static void put_in_order(CatalogRelation& relation) {
    auto& numbers = relation.numbers;
    if (std::is_sorted(numbers.begin(), numbers.end())) return;
    std::vector<std::size_t> order(numbers.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return numbers[a] < numbers[b]; });
    std::vector<Column> columns;
    for (std::size_t i : order) columns.push_back(std::move(relation.table->columns[i]));
    relation.table->columns = std::move(columns);
    std::sort(numbers.begin(), numbers.end());
  }

  Catalog& catalog_;
  CatalogRows rows_;
  CatalogRelation* relation_ = nullptr;
  Oid last_ = 0;
  std::unordered_map<std::uint64_t, Type> types_;
};

}  // namespace

std::string columns_query(const Catalog& catalog) { return for_version(catalog, columns_text); }

std::string generated_query(const Catalog&) { return std::string(generated_text); }

void read_columns(Catalog& catalog) { ColumnReader(catalog).read(); }

void read_generated(Catalog& catalog) {
  if (!catalog.shared()) return;
  const CatalogRows rows = catalog.query(generated_query(catalog));
  for (int i = 0; i < rows.size(); ++i) {
    CatalogRelation* const relation = catalog.relation(rows.oid(i, 0));
    Column* const column = relation ? relation->table_column(rows.number(i, 1)) : nullptr;
    if (column && column->generated) column->generated->expression = expression_of(rows.text(i, 2));
  }
}

}  // namespace aludel::postgresql
