#include "catalog.hpp"
#include "names.hpp"

#include <fmt/format.h>

namespace aludel::postgresql {

using schema::ForeignKeyAction;

namespace {

constexpr std::string_view constraints_text = R"(
SELECT c.oid, c.conrelid, c.conname, c.contype, c.conkey, c.confrelid, c.confkey, c.confupdtype, c.confdeltype,
       {v15:c.confdelsetcols}{<15:NULL}, c.confmatchtype, c.condeferrable, c.condeferred, c.convalidated, c.connoinherit, c.conindid, c.conislocal,
       c.conparentid, CASE WHEN c.contype = 'c' THEN pg_get_expr(c.conbin, c.conrelid) END,
       c.conexclop, {v18:c.conenforced}{<18:true}
  FROM pg_constraint c
 WHERE c.conrelid <> 0 AND c.contype <> 't' AND c.connamespace IN ({spaces}))";

constexpr std::string_view operators_query = R"(
SELECT o.oid, CASE WHEN pg_operator_is_visible(o.oid) THEN o.oprname ELSE 'OPERATOR(' || quote_ident(n.nspname) || '.' || o.oprname || ')' END
  FROM pg_operator o
  JOIN pg_namespace n ON n.oid = o.oprnamespace
 WHERE o.oid IN ()";

/// The columns of tables that foreign keys lead to and that are not read themselves.
constexpr std::string_view foreign_columns_query = R"(
SELECT c.oid, n.nspname, c.relname, a.attnum, a.attname
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
 WHERE c.oid IN ()";

ForeignKeyAction action_of(char letter) {
  switch (letter) {
    case 'r':
      return ForeignKeyAction::restrict;
    case 'c':
      return ForeignKeyAction::cascade;
    case 'n':
      return ForeignKeyAction::set_null;
    case 'd':
      return ForeignKeyAction::set_default;
    default:
      return ForeignKeyAction::no_action;
  }
}

class ConstraintReader {
 public:
  explicit ConstraintReader(Catalog& catalog) : catalog_(catalog) {}

  void read() {
    const auto stream = catalog_.reader.stream(constraints_query(catalog_));
    // Keys whose parent is a key wait until it is known whose that is.
    std::vector<CatalogRows> waiting;
    while (auto rows = stream->next()) {
      rows_ = *std::move(rows);
      bool waits = false;
      name_operators();
      for (int i = 0; i < rows_.size(); ++i) {
        catalog_.constraint_owners.emplace(rows_.oid(i, 0), rows_.oid(i, 1));
        if (has_parent(i)) {
          waits = true;
        } else {
          read_row(i);
        }
      }
      if (waits) waiting.push_back(std::move(rows_));
    }
    for (CatalogRows& rows : waiting) {
      rows_ = std::move(rows);
      for (int i = 0; i < rows_.size(); ++i) {
        if (has_parent(i)) read_row(i);
      }
    }
    if (!elsewhere_.empty()) read_foreign_columns();
  }

 private:
  /// Of the exclusion constraints among the rows, which are rare.
  void name_operators() {
    std::string wanted;
    for (int i = 0; i < rows_.size(); ++i) {
      for (std::int64_t oid : rows_.numbers(i, 19)) {
        if (operators_.try_emplace(oid).second) wanted += (wanted.empty() ? "" : ", ") + std::to_string(oid);
      }
    }
    if (wanted.empty()) return;
    const CatalogRows rows = catalog_.query(std::string(operators_query) + wanted + ")");
    for (int i = 0; i < rows.size(); ++i) operators_[rows.number(i, 0)] = rows.text(i, 1);
  }

  std::string comment(int i) const { return std::string(catalog_.comments.of(a_constraint, rows_.oid(i, 0))); }

  bool has_parent(int i) const { return rows_.number(i, 17) != 0; }

  void read_row(int i) {
    CatalogRelation* relation = catalog_.relation(rows_.oid(i, 1));
    if (!relation || !relation->table) return;
    add(i, *relation);
  }

  schema::Deferrable deferrable(int i) const {
    if (!rows_.flag(i, 11)) return schema::Deferrable::no;
    return rows_.flag(i, 12) ? schema::Deferrable::initially_deferred : schema::Deferrable::initially_immediate;
  }

  /// What a constraint has of its index.
  static void take_options(schema::Options& options, const schema::Index& index, bool include) {
    const auto ours = index.options.find("postgresql");
    if (ours != index.options.end()) {
      for (const auto& [key, value] : ours->second) {
        if (key == "with" || key == "tablespace" || key == "inherited") set_option(options, key, value);
      }
    }
    if (!include || index.include.empty()) return;
    Value::Array columns;
    for (const std::string& column : index.include) columns.emplace_back(column);
    set_option(options, "include", std::move(columns));
  }

  void add(int i, CatalogRelation& relation) {
    const std::string name = rows_.string(i, 2);
    switch (rows_.letter(i, 3)) {
      case 'p':
      case 'u':
      case 'x':
        return add_indexed(i, relation, name);
      case 'c': {
        schema::Check check;
        check.name = name;
        check.expression = expression_of(rows_.text(i, 18));
        check.validated = rows_.flag(i, 13);
        check.inherit = !rows_.flag(i, 14);
        check.enforced = rows_.flag(i, 20);
        if (!check.enforced) check.validated = true;  // what is not enforced is never validated
        check.comment = comment(i);
        if (!rows_.flag(i, 16)) set_option(check.options, "inherited", true);
        relation.table->constraints.emplace_back(std::move(check));
        return;
      }
      case 'f':
        return add_foreign_key(i, relation, name);
      case 'n':
        return add_not_null(i, relation, name);
      default:
        catalog_.unsupported("constraint", relation.name.text() + "." + name, fmt::format("its kind {} is not known", rows_.text(i, 3)));
    }
  }

  void add_indexed(int i, CatalogRelation& relation, const std::string& name) {
    const auto found = catalog_.indexes.find(rows_.oid(i, 15));
    if (found == catalog_.indexes.end()) return;
    CatalogIndex& behind = found->second;
    const schema::Index& index = behind.index;
    behind.of_constraint = true;
    if (rows_.letter(i, 3) == 'x') {
      schema::Exclude exclude;
      exclude.name = name;
      exclude.method = behind.method;
      const auto operators = rows_.numbers(i, 19);
      for (std::size_t k = 0; k < index.columns.size() && k < operators.size(); ++k)
        exclude.elements.push_back({index.columns[k], operators_[operators[k]]});
      exclude.where = index.where;
      exclude.deferrable = deferrable(i);
      exclude.comment = comment(i);
      take_options(exclude.options, index, true);
      if (!rows_.flag(i, 16)) set_option(exclude.options, "inherited", true);
      relation.table->constraints.emplace_back(std::move(exclude));
      return;
    }
    const auto fill = [&](auto& key) {
      key.name = name;
      key.columns = index.columns;
      key.deferrable = deferrable(i);
      key.comment = comment(i);
      if (!rows_.flag(i, 16)) set_option(key.options, "inherited", true);
    };
    if (behind.primary) {
      schema::PrimaryKey key;
      fill(key);
      take_options(key.options, index, true);
      relation.table->constraints.emplace_back(std::move(key));
    } else {
      schema::Unique key;
      fill(key);
      key.nulls_distinct = index.nulls_distinct;
      key.include = index.include;
      take_options(key.options, index, false);
      relation.table->constraints.emplace_back(std::move(key));
    }
  }

  void add_foreign_key(int i, CatalogRelation& relation, const std::string& name) {
    const CatalogRelation* target = catalog_.relation(rows_.oid(i, 5));
    // A key that leads to a partitioned table has a shadow for each partition of it, which is nobody's to change.
    if (has_parent(i) && target && is_shadow(i, relation)) return;
    schema::ForeignKey key;
    key.name = name;
    for (std::int64_t column : rows_.numbers(i, 4)) key.columns.push_back(relation.column(column));
    key.on_update = action_of(rows_.letter(i, 7));
    key.on_delete = action_of(rows_.letter(i, 8));
    for (std::int64_t column : rows_.numbers(i, 9)) key.on_delete_columns.push_back(relation.column(column));
    key.match = rows_.letter(i, 10) == 'f' ? schema::Match::full : rows_.letter(i, 10) == 'p' ? schema::Match::partial : schema::Match::simple;
    key.deferrable = deferrable(i);
    key.validated = rows_.flag(i, 13) || !rows_.flag(i, 20);
    if (!rows_.flag(i, 20)) set_option(key.options, "not_enforced", true);
    key.comment = comment(i);
    if (!rows_.flag(i, 16)) set_option(key.options, "inherited", true);
    if (target) {
      key.referenced_table = target->name;
      for (std::int64_t column : rows_.numbers(i, 6)) key.referenced_columns.push_back(target->column(column));
    } else {
      elsewhere_.push_back({rows_.oid(i, 5), rows_.numbers(i, 6), &relation, relation.table->constraints.size()});
    }
    relation.table->constraints.emplace_back(std::move(key));
  }

  /// Its parent key is of the same table, while a partition's own key has a parent on the partitioned table.
  bool is_shadow(int i, const CatalogRelation& relation) const {
    const auto parent = catalog_.constraint_owners.find(rows_.oid(i, 17));
    return parent != catalog_.constraint_owners.end() && parent->second == relation.oid;
  }

  /// Since 18 NOT NULL is a constraint with a name; it is said of the column, where the name is not the one that the server gives.
  void add_not_null(int i, CatalogRelation& relation, const std::string& name) {
    const auto numbers = rows_.numbers(i, 4);
    schema::Column* column = numbers.empty() ? nullptr : relation.table_column(numbers[0]);
    if (!column) return;
    // Over partitions that were made by themselves it cannot be changed when the table is renamed.
    const bool chosen = name != object_name(relation.name.name, column->name, "not_null") && rows_.flag(i, 16) && relation.kind != 'p';
    if (chosen) set_option(column->options, "not_null_name", name);
    if (rows_.flag(i, 14)) set_option(column->options, "not_null_no_inherit", true);
    if (!rows_.flag(i, 13)) catalog_.unsupported("constraint", relation.name.text() + "." + name, "a NOT NULL constraint that is not validated");
  }

  void read_foreign_columns() {
    std::string wanted;
    for (const Elsewhere& key : elsewhere_) wanted += (wanted.empty() ? "" : ", ") + std::to_string(key.table);
    const CatalogRows columns = catalog_.query(std::string(foreign_columns_query) + wanted + ")");
    std::unordered_map<Oid, std::pair<schema::Name, std::map<std::int64_t, std::string>>> tables;
    for (int i = 0; i < columns.size(); ++i) {
      auto& [name, names] = tables[columns.oid(i, 0)];
      name = {columns.text(i, 1) == catalog_.default_schema ? "" : columns.string(i, 1), columns.string(i, 2)};
      names[columns.number(i, 3)] = columns.text(i, 4);
    }
    for (const Elsewhere& elsewhere : elsewhere_) {
      auto& key = std::get<schema::ForeignKey>(elsewhere.relation->table->constraints[elsewhere.position]);
      auto& [name, names] = tables[elsewhere.table];
      key.referenced_table = name;
      for (std::int64_t column : elsewhere.columns) key.referenced_columns.push_back(names[column]);
    }
  }

  struct Elsewhere {
    Oid table;
    std::vector<std::int64_t> columns;
    CatalogRelation* relation;
    std::size_t position;
  };

  Catalog& catalog_;
  CatalogRows rows_;
  std::unordered_map<std::int64_t, std::string> operators_;
  std::vector<Elsewhere> elsewhere_;
};

}  // namespace

std::string constraints_query(const Catalog& catalog) { return for_version(catalog, constraints_text); }

void read_constraints(Catalog& catalog) { ConstraintReader(catalog).read(); }

}  // namespace aludel::postgresql
