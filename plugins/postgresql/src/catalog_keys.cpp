#include "catalog.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>
#include <algorithm>

namespace aludel::postgresql {

using schema::Index;
using schema::IndexPart;

namespace {

constexpr std::string_view operator_classes_text = R"(
SELECT o.oid, CASE WHEN o.opcnamespace <> 11 THEN o.opcnamespace::regnamespace::text END, o.opcintype, o.opcdefault, o.opcmethod, quote_ident(o.opcname)
  FROM pg_opclass o)";

constexpr std::string_view indexes_text = R"(
SELECT i.indexrelid, i.indrelid, ic.relname, ic.relam, i.indkey::text, i.indnkeyatts, i.indclass::text, i.indcollation::text, i.indoption::text,
       i.indisunique, i.indisprimary, {v15:i.indnullsnotdistinct}{<15:false}, i.indisvalid, i.indisclustered, i.indisreplident,
       ic.reloptions, ic.reltablespace, ic.relispartition,
       CASE WHEN i.indexprs IS NOT NULL THEN pg_get_expr(i.indexprs, i.indrelid) END,
       CASE WHEN i.indpred IS NOT NULL THEN pg_get_expr(i.indpred, i.indrelid) END
  FROM pg_index i
  JOIN pg_class ic ON ic.oid = i.indexrelid AND ic.relnamespace IN ({spaces}))";

/// Where an expression has a collation, only the server knows whether it is written down or follows from what is inside.
constexpr std::string_view definitions_query = R"(
SELECT i.oid, pg_get_indexdef(i.oid)
  FROM pg_class i
 WHERE i.oid IN ()";

struct OperatorClass {
  std::string name;
  Oid type = 0;
  bool is_default = false;
  Oid method = 0;
};

class IndexReader {
 public:
  explicit IndexReader(Catalog& catalog) : catalog_(catalog) {}

  void read() {
    read_operator_classes();
    const auto stream = catalog_.reader.stream(indexes_query(catalog_));
    while (auto rows = stream->next()) {
      rows_ = *std::move(rows);
      read_rows();
    }
  }

 private:
  void read_rows() {
    read_collations();
    read_definitions();
    for (int i = 0; i < rows_.size(); ++i) {
      CatalogRelation* relation = catalog_.relation(rows_.oid(i, 1));
      if (!relation || catalog_.is_member(CatalogClass::relation, rows_.oid(i, 0))) continue;
      if (relation->table) {
        add(i, *relation);
      } else if (relation->kind == 'm') {
        of_view_.push_back(i);
      }
    }
    if (!of_view_.empty()) read_indexes_of_views();
    of_view_.clear();
  }

  void read_operator_classes() {
    const CatalogRows rows = catalog_.query(operator_classes_query(catalog_));
    for (int i = 0; i < rows.size(); ++i) {
      const bool visible = rows.is_null(i, 1) || split_name(rows.text(i, 1)).front() == catalog_.default_schema;
      classes_[rows.oid(i, 0)] = {visible ? rows.string(i, 5) : rows.string(i, 1) + "." + rows.string(i, 5), rows.oid(i, 2), rows.flag(i, 3),
                                  rows.oid(i, 4)};
      if (rows.flag(i, 3)) defaults_[{rows.oid(i, 4), rows.oid(i, 2)}] = rows.oid(i, 0);
    }
  }

  void read_collations() {
    std::vector<Oid> wanted;
    for (int i = 0; i < rows_.size(); ++i) {
      std::string_view list = rows_.text(i, 7);
      if (list.find_first_not_of("0 ") == std::string_view::npos || list == "100") continue;
      for (std::int64_t oid : rows_.numbers(i, 7)) wanted.push_back(static_cast<Oid>(oid));
    }
    catalog_.name_collations(wanted);
  }

  void read_definitions() {
    std::string wanted;
    for (int i = 0; i < rows_.size(); ++i) {
      if (rows_.is_null(i, 18)) continue;
      const auto keys = rows_.numbers(i, 4);
      const auto collations = rows_.numbers(i, 7);
      for (std::size_t k = 0; k < collations.size(); ++k) {
        if (keys[k] != 0 || collations[k] == 0 || collations[k] == 100) continue;
        if (std::count(keys.begin(), keys.end(), 0) == 1 && follows(i, static_cast<Oid>(collations[k]))) continue;
        wanted += (wanted.empty() ? "" : ", ") + rows_.string(i, 0);
        break;
      }
    }
    if (wanted.empty()) return;
    const CatalogRows rows = catalog_.query(std::string(definitions_query) + wanted + ")");
    for (int i = 0; i < rows.size(); ++i) definitions_[rows.oid(i, 0)] = rows.text(i, 1);
  }

  /// What a function makes of one column has that column's collation (manual, 24.2.1): the most usual expression of all is spared the server, whose
  /// definition costs as much as all else of an index.
  bool follows(int i, Oid collation) const {
    const CatalogRelation* relation = catalog_.relation(rows_.oid(i, 1));
    std::string_view text = rows_.text(i, 18);
    const std::size_t open = text.find('(');
    if (!relation || open == 0 || open == std::string_view::npos || text.back() != ')') return false;
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyz0123456789_.";
    if (text.substr(0, open).find_first_not_of(plain) != std::string_view::npos) return false;
    text = text.substr(open + 1, text.size() - open - 2);
    constexpr std::string_view as_text = ")::text";
    if (text.starts_with('(') && text.ends_with(as_text)) text = text.substr(1, text.size() - 1 - as_text.size());
    for (std::size_t column = 1; column <= relation->attributes.size(); ++column) {
      if (relation->column(static_cast<std::int64_t>(column)) == text) return relation->attributes[column - 1].collation == collation;
    }
    return false;
  }

  void add(int i, CatalogRelation& relation) {
    CatalogIndex& read = catalog_.indexes[rows_.oid(i, 0)];
    read.relation = &relation;
    read.primary = rows_.flag(i, 10);
    read.method = catalog_.access_method(rows_.oid(i, 3));
    Index& index = read.index;
    index.name = rows_.text(i, 2);
    index.unique = rows_.flag(i, 9);
    index.nulls_distinct = !rows_.flag(i, 11);
    index.comment = catalog_.comments.of(a_relation, rows_.oid(i, 0));
    if (read.method != "btree") set_option(index.options, "using", read.method);
    Value::Object with = storage_parameters(rows_.strings(i, 15));
    if (!with.empty()) set_option(index.options, "with", std::move(with));
    if (const Oid space = rows_.oid(i, 16)) set_option(index.options, "tablespace", catalog_.tablespace(space));
    if (rows_.flag(i, 17)) set_option(index.options, "inherited", true);
    // An index of a partitioned table is invalid until each partition has its own.
    if (!rows_.flag(i, 12)) set_option(index.options, "invalid", true);
    if (!rows_.is_null(i, 19)) index.where = expression_of(rows_.text(i, 19));
    parts(i, relation, index);
    if (rows_.flag(i, 13)) set_option(relation.table->options, "cluster_on", index.name);
    if (rows_.flag(i, 14)) set_option(relation.table->options, "replica_identity", "index:" + index.name);
  }

  void parts(int i, const CatalogRelation& relation, Index& index) {
    const auto keys = rows_.numbers(i, 4);
    const auto count = static_cast<std::size_t>(rows_.number(i, 5));
    const auto classes = rows_.numbers(i, 6);
    const auto collations = rows_.numbers(i, 7);
    const auto options = rows_.numbers(i, 8);
    const auto expressions = rows_.is_null(i, 18) ? std::vector<std::string_view>() : expressions_of_list(rows_.text(i, 18));
    std::size_t expression = 0;
    for (std::size_t k = 0; k < keys.size(); ++k) {
      if (k >= count) {
        index.include.push_back(relation.column(keys[k]));
        continue;
      }
      IndexPart& part = index.columns.emplace_back();
      if (keys[k] != 0) {
        part.column = relation.column(keys[k]);
      } else if (expression < expressions.size()) {
        part.expression = expression_of(expressions[expression++]);
      }
      // Bit 1: descending; bit 2: nulls first (pg_index.indoption).
      const bool descending = (options[k] & 1) != 0;
      const bool nulls_first = (options[k] & 2) != 0;
      if (descending) part.order = schema::Order::descending;
      if (nulls_first != descending) part.nulls = nulls_first ? schema::Nulls::first : schema::Nulls::last;
      collation(i, relation, static_cast<Oid>(collations[k]), keys[k], part);
      const Oid type = keys[k] > 0 ? relation.attributes[static_cast<std::size_t>(keys[k] - 1)].type : 0;
      operator_class(static_cast<Oid>(classes[k]), type, part);
    }
    extras(i, index);
  }

  void collation(int i, const CatalogRelation& relation, Oid oid, std::int64_t key, IndexPart& part) {
    if (oid == 0) return;
    if (key > 0) {
      if (relation.attributes[static_cast<std::size_t>(key - 1)].collation != oid) part.collation = collation_name(oid);
      return;
    }
    const auto definition = definitions_.find(rows_.oid(i, 0));
    if (oid == 100 || definition == definitions_.end() || !part.expression) return;
    // "... (lower(name) COLLATE "C", ...)": behind the expression, and the parentheses that are around all but calls.
    const std::size_t at = definition->second.find(part.expression->canonical);
    if (at == std::string::npos) return;
    std::string_view rest = std::string_view(definition->second).substr(at + part.expression->canonical.size());
    while (!rest.empty() && rest.front() == ')') rest.remove_prefix(1);
    if (rest.substr(0, 9) == " COLLATE ") part.collation = collation_name(oid);
  }

  std::string collation_name(Oid oid) const { return plain_name(catalog_.collations.at(oid)); }

  void operator_class(Oid oid, Oid type, IndexPart& part) {
    const auto found = classes_.find(oid);
    if (found == classes_.end()) return;
    const OperatorClass& used = found->second;
    // The default of a type is its own default class, or that of a type it can be taken for.
    bool usual = used.is_default;
    if (usual && type != 0 && type != used.type) usual = !defaults_.contains({used.method, type});
    if (!usual) part.operator_class = used.name;
  }

  void extras(int i, Index& index) {
    const auto found = catalog_.index_columns.find(rows_.oid(i, 0));
    if (found == catalog_.index_columns.end()) return;
    const auto classes = rows_.numbers(i, 6);
    for (const CatalogIndexColumn& column : found->second) {
      const auto k = static_cast<std::size_t>(column.number - 1);
      if (k >= index.columns.size()) continue;
      if (!column.parameters.empty()) {
        IndexPart& part = index.columns[k];
        if (part.operator_class.empty()) part.operator_class = classes_[static_cast<Oid>(classes[k])].name;
        std::string list;
        for (const std::string& parameter : column.parameters) {
          const std::size_t equals = parameter.find('=');
          list += fmt::format("{}{}='{}'", list.empty() ? "" : ", ", parameter.substr(0, equals), parameter.substr(equals + 1));
        }
        part.operator_class += "(" + list + ")";
      }
      if (column.statistics) index.options["postgresql"]["statistics"].set(std::to_string(column.number), *column.statistics);
    }
  }

  /// To core, those of a materialized view are objects.
  void read_indexes_of_views() {
    std::string wanted;
    for (int i : of_view_) wanted += (wanted.empty() ? "" : ", ") + rows_.string(i, 0);
    std::unordered_map<Oid, std::string> definitions;
    const CatalogRows rows = catalog_.query(std::string(definitions_query) + wanted + ")");
    for (int i = 0; i < rows.size(); ++i) definitions[rows.oid(i, 0)] = rows.text(i, 1);
    for (int i : of_view_) {
      const CatalogRelation& view = catalog_.relations.at(rows_.oid(i, 1));
      schema::Object object{{"index", {view.name.schema, rows_.string(i, 2)}, view.name.text(), ""},
                            {},
                            {view.object->key},
                            std::string(catalog_.comments.of(a_relation, rows_.oid(i, 0))),
                            {}};
      const std::string& text = definitions[rows_.oid(i, 0)];
      // CREATE [UNIQUE] INDEX name ON schema.view USING ...
      const std::string_view on = behind_name(text, rows_.flag(i, 9) ? 3 : 2);
      object.definition = definition_of(behind_name(on, 1));
      if (rows_.flag(i, 9)) set_option(object.options, "unique", true);
      if (const Oid space = rows_.oid(i, 16)) set_option(object.options, "tablespace", catalog_.tablespace(space));
      if (rows_.flag(i, 13)) set_option(view.object->options, "cluster_on", rows_.text(i, 2));
      const schema::ObjectKey key = object.key;
      catalog_.metadata.objects.insert_or_assign(key, std::move(object));
    }
  }

  Catalog& catalog_;
  CatalogRows rows_;
  std::unordered_map<Oid, OperatorClass> classes_;
  std::map<std::pair<Oid, Oid>, Oid> defaults_;  // by method and type
  std::unordered_map<Oid, std::string> definitions_;
  std::vector<int> of_view_;
};

}  // namespace

std::string operator_classes_query(const Catalog& catalog) { return for_version(catalog, operator_classes_text); }

std::string indexes_query(const Catalog& catalog) { return for_version(catalog, indexes_text); }

void read_keys(Catalog& catalog) {
  IndexReader(catalog).read();
  read_constraints(catalog);
  for (auto& [oid, read] : catalog.indexes) {
    if (!read.of_constraint) read.relation->table->indexes.push_back(std::move(read.index));
  }
  for (auto& [name, table] : catalog.metadata.tables.writable()) {
    std::sort(table.indexes.begin(), table.indexes.end(), [](const Index& a, const Index& b) { return a.name < b.name; });
    std::sort(table.constraints.begin(), table.constraints.end(), [](const schema::Constraint& a, const schema::Constraint& b) {
      return a.index() != b.index() ? a.index() < b.index() : name_of(a) < name_of(b);
    });
  }
}

}  // namespace aludel::postgresql
