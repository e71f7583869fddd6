#include "lexer.hpp"
#include "normal.hpp"
#include "rewriter.hpp"
#include "spelling.hpp"
#include "types.hpp"

#include <aludel/text.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

namespace aludel::sqlite {

namespace {

using schema::Check;
using schema::Column;
using schema::Expression;
using schema::ForeignKey;
using schema::IndexPart;
using schema::Metadata;
using schema::Name;
using schema::Options;
using schema::Table;
using schema::TypeKind;

const std::string& text_of(const Expression& expression) { return expression.declared.empty() ? expression.canonical : expression.declared; }

std::string normal_collation(std::string_view collation) {
  for (std::string_view known : {"BINARY", "NOCASE", "RTRIM"}) {
    if (equals_ignoring_case(collation, known)) return std::string(known);
  }
  return std::string(collation);
}

/// Options that say what holds anyway are dropped.
void normalise_options(Options& options) {
  const auto ours = options.find("sqlite");
  if (ours == options.end()) return;
  for (auto i = ours->second.begin(); i != ours->second.end();) {
    auto& [key, value] = *i;
    if (const std::string* text = value.string(); text && (key == "on_conflict" || key == "not_null_conflict")) value = to_lower(*text);
    const bool off = value.boolean() && !*value.boolean();
    const bool usual = value.string() && *value.string() == "abort";
    i = off || usual || value.is_null() ? ours->second.erase(i) : std::next(i);
  }
  if (ours->second.empty()) options.erase(ours);
}

/// Every name of the schema by its spelling in lower case, as SQLite looks names up.
class Names {
 public:
  explicit Names(const Metadata& metadata) {
    for (const auto& [name, table] : metadata.tables) {
      if (name.schema.empty()) tables_.emplace(to_lower(name.name), &table);
    }
    for (const auto& [key, object] : metadata.objects) {
      if ((key.kind == "view" || key.kind == "virtual_table") && key.name.schema.empty()) objects_.emplace(to_lower(key.name.name), key);
    }
  }
  const Table* table(std::string_view name) const {
    const auto found = tables_.find(to_lower(name));
    return found == tables_.end() ? nullptr : found->second;
  }
  std::optional<schema::ObjectKey> relation(std::string_view name) const {
    if (const Table* found = table(name)) return schema::ObjectKey{"table", found->name, {}, {}};
    const auto object = objects_.find(to_lower(name));
    return object == objects_.end() ? std::nullopt : std::optional(object->second);
  }

 private:
  std::unordered_map<std::string, const Table*> tables_;
  std::map<std::string, schema::ObjectKey> objects_;
};

/// A column by SQLite's comparison of names; null where the table has none.
Column* column_of(Table& table, std::string_view name) {
  for (Column& column : table.columns) {
    if (same_name(column.name, name)) return &column;
  }
  return nullptr;
}

/// Names are spelled as the column itself spells them.
void respell(std::string& name, const Table& table) {
  for (const Column& column : table.columns) {
    if (same_name(column.name, name)) name = column.name;
  }
}

class TableNormaliser {
 public:
  TableNormaliser(Table& table, const Names& names) : table_(table), names_(names) {}

  /// Types and keys first: what an expression means depends on them.
  void run() {
    normalise_options(table_.options);
    for (Column& column : table_.columns) normalise_options(column.options);
    for (schema::Constraint& constraint : table_.constraints) {
      std::visit([&](auto& one) { normalise_options(one.options); }, constraint);
      if (auto* key = std::get_if<schema::PrimaryKey>(&constraint)) primary_key(*key);
    }
    for (Column& column : table_.columns) type_and_key(column);
    raise_enumerations();
    for (Column& column : table_.columns) expressions(column);
    for (schema::Constraint& constraint : table_.constraints) {
      std::visit([&](auto& one) { this->constraint(one); }, constraint);
    }
    for (schema::Index& index : table_.indexes) {
      normalise_options(index.options);
      for (IndexPart& one : index.columns) part(one);
      if (index.where) canonical(*index.where);
    }
  }

 private:
  void canonical(Expression& expression) { expression.canonical = normal_expression(text_of(expression), table_); }

  void primary_key(schema::PrimaryKey& key) {
    for (IndexPart& one : key.columns) {
      part(one);
      Column* column = column_of(table_, one.column);
      if (!column) continue;
      // Models say it of the column, SQLite of the key.
      auto ours = column->options.find("sqlite");
      if (ours == column->options.end() || !ours->second.contains("autoincrement")) continue;
      key.options["sqlite"]["autoincrement"] = ours->second["autoincrement"];
      ours->second.erase("autoincrement");
      if (ours->second.empty()) column->options.erase(ours);
    }
  }

  void type_and_key(Column& column) {
    column.collation = normal_collation(column.collation);
    if (column.collation == "BINARY") column.collation.clear();
    if (is_rowid_alias(table_, column)) {
      column.type.canonical = "INTEGER";
      column.identity = schema::Identity{};
      column.nullable = false;
      if (const auto ours = column.options.find("sqlite"); ours != column.options.end()) {  // there is never a conflict to resolve
        ours->second.erase("not_null_conflict");
        if (ours->second.empty()) column.options.erase(ours);
      }
      return;
    }
    column.type.canonical = canonical_type(column.type, is_strict(table_));
    const schema::PrimaryKey* key = table_.primary_key();
    if (!key || (!is_without_rowid(table_) && !is_strict(table_))) return;
    // There, and only there, SQLite holds a primary key NOT NULL (https://www.sqlite.org/lang_createtable.html#the_primary_key).
    for (const IndexPart& one : key->columns) {
      if (same_name(one.column, column.name)) column.nullable = false;
    }
  }

  void expressions(Column& column) {
    if (column.server_default) {
      column.server_default->canonical = normal_default(text_of(*column.server_default), column.type.canonical == "BOOLEAN");
    }
    if (column.generated) canonical(column.generated->expression);
  }

  void part(IndexPart& one) {
    if (one.expression) {
      canonical(*one.expression);
      const std::vector<Token> tokens = tokenize(one.expression->canonical);
      if (tokens.size() == 2 && tokens[0].is_name() && column_of(table_, unquote(tokens[0]))) {  // to SQLite, (name) is the column
        one.column = unquote(tokens[0]);
        one.expression.reset();
      }
    }
    respell(one.column, table_);
    one.collation = normal_collation(one.collation);
    const bool usual = (one.nulls == schema::Nulls::first && one.order == schema::Order::ascending) ||
                       (one.nulls == schema::Nulls::last && one.order == schema::Order::descending);
    if (usual) one.nulls = schema::Nulls::unspecified;
  }

  void constraint(schema::PrimaryKey&) {}
  void constraint(schema::Unique& unique) {
    for (IndexPart& one : unique.columns) part(one);
  }
  void constraint(Check& check) {
    canonical(check.expression);
    check.validated = true;
  }
  void constraint(schema::Exclude&) {}
  void constraint(ForeignKey& key) {
    key.validated = true;
    for (std::string& column : key.columns) respell(column, table_);
    if (key.referenced_table.schema == "main") key.referenced_table.schema.clear();
    const bool itself = same_name(key.referenced_table.name, table_.name.name);
    const Table* target = itself ? &table_ : names_.table(key.referenced_table.name);
    if (!target || !key.referenced_table.schema.empty()) return;
    key.referenced_table = target->name;
    for (std::string& column : key.referenced_columns) respell(column, *target);
    const schema::PrimaryKey* referenced = target->primary_key();
    if (!key.referenced_columns.empty() || !referenced || referenced->columns.size() != key.columns.size()) return;
    for (const IndexPart& one : referenced->columns) {
      key.referenced_columns.push_back(one.column);
      respell(key.referenced_columns.back(), *target);
    }
  }

  /// The strings of `column IN ('a', 'b')`, where that is all the check says.
  std::optional<std::pair<Column*, std::vector<std::string>>> enumeration(const Check& check) {
    if (!check.name.empty() || !check.options.empty() || !check.enforced) return std::nullopt;
    const std::string text = normal_expression(text_of(check.expression), table_);
    const std::vector<Token> tokens = tokenize(text);
    if (tokens.size() < 6 || !tokens[0].is_name() || !tokens[1].is("IN") || !tokens[2].is_symbol("(")) return std::nullopt;
    Column* column = column_of(table_, unquote(tokens[0]));
    std::vector<std::string> values;
    for (std::size_t i = 3; column && i + 1 < tokens.size(); i += 2) {
      if (tokens[i].kind != TokenKind::string) return std::nullopt;
      values.push_back(unquote(tokens[i]));
      if (tokens[i + 1].is_symbol(")")) {
        if (tokens[i + 2].kind != TokenKind::end) return std::nullopt;
        return std::pair(column, std::move(values));
      }
      if (!tokens[i + 1].is_symbol(",")) return std::nullopt;
    }
    return std::nullopt;
  }

  /// A TEXT column with an unnamed check of exactly the form that enumerations are rendered in is an enumeration.
  void raise_enumerations() {
    for (auto i = table_.constraints.begin(); i != table_.constraints.end();) {
      const auto* check = std::get_if<Check>(&*i);
      const auto found = check ? enumeration(*check) : std::nullopt;
      if (found && found->first->type.kind == TypeKind::text) {
        found->first->type = schema::Type::enumeration("", found->second);
        found->first->type.canonical = canonical_type(found->first->type, is_strict(table_));
      }
      const bool told = found && found->first->type.kind == TypeKind::enumeration && found->first->type.values == found->second;
      if (told) keep_spelling(*found->first, *check);
      i = told ? table_.constraints.erase(i) : std::next(i);
    }
  }

  /// A check that stood behind the columns goes to its column.
  static void keep_spelling(Column& column, const Check& check) {
    if (check.spelling.empty() || column.spelling.empty() || column.spelling.find(check.spelling) != std::string::npos) return;
    append_to_spelling(column.spelling, check.spelling);
  }

  Table& table_;
  const Names& names_;
};

/// `main` is the default schema by its other name.
void forget_main(Metadata& metadata) {
  const auto is_main = [](const auto& entry) { return entry.first.schema == "main"; };
  if (std::any_of(metadata.tables.begin(), metadata.tables.end(), is_main)) {
    for (const auto& entry : std::exchange(metadata.tables, {})) {
      Table table = entry.second;
      if (table.name.schema == "main") table.name.schema.clear();
      metadata.add(std::move(table));
    }
  }
  const auto object_in_main = [](const auto& entry) { return entry.first.name.schema == "main"; };
  if (!std::any_of(metadata.objects.begin(), metadata.objects.end(), object_in_main)) return;
  for (const auto& entry : std::exchange(metadata.objects, {})) {
    schema::Object object = entry.second;
    if (object.key.name.schema == "main") object.key.name.schema.clear();
    metadata.add(std::move(object));
  }
}

/// An enumeration that only names its type gets the type's values, before the types go.
void fill_in_enumerations(Metadata& metadata) {
  for (auto& [name, table] : metadata.tables.writable()) {
    for (Column& column : table.columns) {
      if (column.type.kind != TypeKind::enumeration || !column.type.values.empty() || column.type.name.empty()) continue;
      const auto found = metadata.enums.find(schema::parse_name(column.type.name));
      if (found != metadata.enums.end()) column.type.values = found->second.values;
    }
  }
}

void normalise_object(schema::Object& object, const Names& names) {
  object.definition.canonical = normal_definition(text_of(object.definition));
  std::set<schema::ObjectKey> needed;
  const auto need = [&](std::string_view name) {
    const auto key = names.relation(name);
    if (key && *key != object.key) needed.insert(*key);
  };
  if (object.key.kind == "view") {
    for (const std::string& name : referenced_tables(text_of(object.definition))) need(name);
  } else if (object.key.kind == "trigger") {
    if (!object.key.parent.empty()) need(schema::parse_name(object.key.parent).name);
  } else {
    return;
  }
  object.depends_on.assign(needed.begin(), needed.end());
}

}  // namespace

void normalise(Metadata& metadata) {
  forget_main(metadata);
  fill_in_enumerations(metadata);
  metadata.enums.clear();
  metadata.sequences.clear();
  metadata.schemas.clear();
  const Names names(metadata);
  for (auto& [name, table] : metadata.tables.writable()) TableNormaliser(table, names).run();
  for (auto& [key, object] : metadata.objects.writable()) normalise_object(object, names);
}

void normalise_alone(Table& table) { TableNormaliser(table, Names(Metadata())).run(); }

}  // namespace aludel::sqlite
