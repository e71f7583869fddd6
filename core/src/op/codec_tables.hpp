#pragma once

#include "op/codec_values.hpp"

#include <algorithm>
#include <iterator>
#include <type_traits>

/// The tables of keys. `Fields<T>::visit` lists a struct's keys once, each with its member and what it means; the encoder, the decoder (unknown and
/// missing keys included) and the JSON Schema all walk this list (codec.cpp has the three visitors).
///
/// Where keys and members do not match one to one, the list goes over locals: filled from the struct, and written back `if constexpr (V::reading)`.
namespace aludel::op::codec {

template <class T>
struct Fields;

/// The same keys without `name`, which stands elsewhere.
template <class T>
struct Unnamed {
  T value;
  bool operator==(const Unnamed&) const = default;
};

template <class T>
std::optional<Unnamed<T>> unnamed(const std::optional<T>& value) {
  return value ? std::make_optional(Unnamed<T>{*value}) : std::nullopt;
}

/// What an alteration states. A missing `from` or `to` is none, where there can be none.
template <class M>
struct Fields<Change<M>> {
  static constexpr std::string_view name = "change";
  template <class V, class T>
  static void visit(V& v, T& change) {
    if constexpr (std::is_same_v<M, Type> || std::is_same_v<M, bool>) {
      v.required("from", change.from, "before");
      v.required("to", change.to, "after");
    } else {
      v.optional("from", change.from, "before; none when left out");
      v.optional("to", change.to, "after; none when left out");
    }
  }
};

// Columns

/// `true` for one with every default.
template <>
struct Fields<schema::Identity> {
  static constexpr std::string_view name = "identity";
  template <class V, class T>
  static void settings(V& v, T& identity) {
    v.optional("start", identity.start, "the first number");
    v.optional("increment", identity.increment, "the step between numbers");
    v.optional("minimum", identity.minimum, "the smallest number");
    v.optional("maximum", identity.maximum, "the largest number");
    v.optional("cache", identity.cache, "how many numbers a session takes at a time");
    v.optional("cycle", identity.cycle, "true: start over at the end");
  }
  template <class V, class T>
  static void visit(V& v, T& identity) {
    v.optional("always", identity.always, "true: GENERATED ALWAYS, a row cannot bring its own number");
    settings(v, identity);
  }
};

template <>
struct Fields<schema::Generated> {
  static constexpr std::string_view name = "generated";
  template <class V, class T>
  static void visit(V& v, T& generated) {
    v.required("expression", generated.expression, "how the value is computed");
    v.optional("stored", generated.stored, "false: computed when it is read", true);
  }
};

template <>
struct Fields<Unnamed<Column>> {
  static constexpr std::string_view name = "column definition";
  template <class V, class T>
  static void visit(V& v, T& unnamed) {
    auto& column = unnamed.value;
    v.required("type", column.type, "the type, neutral between dialects (\"varchar(80)\") or native('...')");
    v.optional("nullable", column.nullable, "false: NOT NULL", true);
    v.optional("default", column.server_default, "the server's default: an SQL expression, a number or a truth value");
    v.optional("generated", column.generated, "a computed column: {expression = \"...\", stored = true}");
    v.optional("identity", column.identity, "true, or a table of settings: numbers that the database hands out");
    v.optional("collation", column.collation, "the collation's name");
    v.optional("comment", column.comment, "a comment that the database keeps");
    v.optional("backfill", column.backfill, "what existing rows get: an SQL expression");
    v.optional("renamed_from", column.renamed_from, "earlier names, for the differ");
    v.options(column.options);
  }
};

template <>
struct Fields<Column> {
  static constexpr std::string_view name = "column";
  template <class V, class T>
  static void visit(V& v, T& column) {
    Unnamed<Column> rest{column};
    v.required("name", rest.value.name, "the column's name");
    Fields<Unnamed<Column>>::visit(v, rest);
    v.finish_options();
    if constexpr (V::reading) column = std::move(rest.value);
  }
};

// Keys and indexes

template <>
struct Fields<schema::IndexPart> {
  static constexpr std::string_view name = "key part";
  template <class V, class T>
  static void visit(V& v, T& part) {
    std::optional<std::string> column;
    if (!V::reading && !part.expression) column = part.column;
    v.optional("column", column, "a column's name");
    v.optional("expression", part.expression, "an SQL expression, instead of a column");
    v.optional("order", part.order, "\"desc\" for descending");
    v.optional("nulls", part.nulls, "where NULLs sort");
    v.optional("collation", part.collation, "the collation's name");
    v.optional("operator_class", part.operator_class, "PostgreSQL's operator class");
    v.optional("length", part.length, "MySQL's prefix length");
    if constexpr (V::reading) {
      if (column.has_value() == part.expression.has_value()) v.fail("needs exactly one of 'column' and 'expression'");
      part.column = std::move(column).value_or(std::string());
    }
  }
};

template <>
struct Fields<schema::PrimaryKey> {
  static constexpr std::string_view name = "primary key";
  template <class V, class T>
  static void visit(V& v, T& key) {
    v.optional("name", key.name, "the constraint's name");
    v.required("columns", key.columns, "its columns");
    v.optional("deferrable", key.deferrable, "when it is checked, where that can be put off");
    v.optional("comment", key.comment, "a comment that the database keeps");
    v.options(key.options);
  }
};

template <>
struct Fields<schema::Unique> {
  static constexpr std::string_view name = "unique constraint";
  template <class V, class T>
  static void visit(V& v, T& unique) {
    v.optional("name", unique.name, "the constraint's name");
    v.required("columns", unique.columns, "its columns");
    v.optional("nulls_distinct", unique.nulls_distinct, "false: two NULLs are equal", true);
    v.optional("deferrable", unique.deferrable, "when it is checked, where that can be put off");
    v.optional("include", unique.include, "columns that its index carries along");
    v.optional("comment", unique.comment, "a comment that the database keeps");
    v.options(unique.options);
  }
};

template <>
struct Fields<schema::Check> {
  static constexpr std::string_view name = "check constraint";
  template <class V, class T>
  static void visit(V& v, T& check) {
    v.optional("name", check.name, "the constraint's name");
    v.required("expression", check.expression, "what must not be false of any row");
    v.optional("validated", check.validated, "false: rows that were there before may break it", true);
    v.optional("enforced", check.enforced, "false: declared only", true);
    v.optional("inherit", check.inherit, "false: child tables do not have it", true);
    v.optional("comment", check.comment, "a comment that the database keeps");
    v.options(check.options);
  }
};

template <>
struct Fields<schema::ForeignKey> {
  static constexpr std::string_view name = "foreign key";
  template <class V, class T>
  static void visit(V& v, T& key) {
    Reference references{key.referenced_table, key.referenced_columns};
    v.optional("name", key.name, "the constraint's name");
    v.required("columns", key.columns, "the referencing columns");
    v.required("references", references, "\"table(column, ...)\"; without columns, the table's primary key");
    v.optional("on_delete", key.on_delete, "what happens when the referenced row is deleted");
    v.optional("on_update", key.on_update, "what happens when the referenced key changes");
    v.optional("on_delete_columns", key.on_delete_columns, "the columns that SET NULL or SET DEFAULT sets");
    v.optional("match", key.match, "how keys that are partly NULL match");
    v.optional("deferrable", key.deferrable, "when it is checked, where that can be put off");
    v.optional("validated", key.validated, "false: rows that were there before may break it", true);
    v.optional("comment", key.comment, "a comment that the database keeps");
    v.options(key.options);
    if constexpr (V::reading) {
      key.referenced_table = std::move(references.table);
      key.referenced_columns = std::move(references.columns);
    }
  }
};

template <>
struct Fields<schema::Exclude::Element> {
  static constexpr std::string_view name = "exclusion element";
  template <class V, class T>
  static void visit(V& v, T& element) {
    Fields<schema::IndexPart>::visit(v, element.part);
    v.required("with", element.with, "the operator that no two rows may satisfy");
  }
};

template <>
struct Fields<schema::Exclude> {
  static constexpr std::string_view name = "exclusion constraint";
  template <class V, class T>
  static void visit(V& v, T& exclude) {
    v.optional("name", exclude.name, "the constraint's name");
    v.optional("method", exclude.method, "the index method, as \"gist\"");
    v.required("elements", exclude.elements, "columns or expressions, each with its operator");
    v.optional("where", exclude.where, "which rows it holds for");
    v.optional("deferrable", exclude.deferrable, "when it is checked, where that can be put off");
    v.optional("comment", exclude.comment, "a comment that the database keeps");
    v.options(exclude.options);
  }
};

template <>
struct Fields<Unnamed<Index>> {
  static constexpr std::string_view name = "index definition";
  template <class V, class T>
  static void visit(V& v, T& unnamed) {
    auto& index = unnamed.value;
    v.required("columns", index.columns, "its columns or expressions");
    v.optional("unique", index.unique, "true: no two rows may have the same key");
    v.optional("nulls_distinct", index.nulls_distinct, "false: two NULLs are equal", true);
    v.optional("include", index.include, "columns that it carries along");
    v.optional("where", index.where, "which rows it holds");
    v.optional("comment", index.comment, "a comment that the database keeps");
    v.options(index.options);
  }
};

template <>
struct Fields<Index> {
  static constexpr std::string_view name = "index";
  template <class V, class T>
  static void visit(V& v, T& index) {
    Unnamed<Index> rest{index};
    v.required("name", rest.value.name, "the index's name");
    Fields<Unnamed<Index>>::visit(v, rest);
    v.finish_options();
    if constexpr (V::reading) index = std::move(rest.value);
  }
};

// Tables

/// All of a table but its name.
template <>
struct Fields<Unnamed<Table>> {
  static constexpr std::string_view name = "table definition";
  template <class V, class T>
  static void visit(V& v, T& unnamed) {
    auto& table = unnamed.value;
    std::optional<schema::PrimaryKey> primary_key;
    std::vector<schema::Unique> uniques;
    std::vector<schema::Check> checks;
    std::vector<schema::ForeignKey> foreign_keys;
    std::vector<schema::Exclude> excludes;
    for (const auto& constraint : table.constraints) {
      std::visit(
          [&]<class C>(const C& entry) {
            if constexpr (std::is_same_v<C, schema::PrimaryKey>) primary_key = entry;
            if constexpr (std::is_same_v<C, schema::Unique>) uniques.push_back(entry);
            if constexpr (std::is_same_v<C, schema::Check>) checks.push_back(entry);
            if constexpr (std::is_same_v<C, schema::ForeignKey>) foreign_keys.push_back(entry);
            if constexpr (std::is_same_v<C, schema::Exclude>) excludes.push_back(entry);
          },
          constraint);
    }
    v.required("columns", table.columns, "its columns");
    v.optional("primary_key", primary_key, "{columns = [...]}, with a name if it has one");
    v.optional("uniques", uniques, "unique constraints");
    v.optional("checks", checks, "check constraints");
    v.optional("foreign_keys", foreign_keys, "foreign keys");
    v.optional("excludes", excludes, "exclusion constraints");
    v.optional("indexes", table.indexes, "indexes");
    v.optional("comment", table.comment, "a comment that the database keeps");
    v.optional("renamed_from", table.renamed_from, "earlier names, for the differ");
    v.optional("partial", table.partial, "true: the table has columns that are not listed here and stay");
    v.optional("external", table.external, "true: somebody else's table, never created, altered or dropped");
    v.options(table.options);
    if constexpr (V::reading) {
      auto& all = table.constraints;
      if (primary_key) all.emplace_back(*std::move(primary_key));
      std::move(uniques.begin(), uniques.end(), std::back_inserter(all));
      std::move(checks.begin(), checks.end(), std::back_inserter(all));
      std::move(foreign_keys.begin(), foreign_keys.end(), std::back_inserter(all));
      std::move(excludes.begin(), excludes.end(), std::back_inserter(all));
    }
  }
};

template <>
struct Fields<CreateTable> {
  static constexpr std::string_view name = "create_table";
  template <class V, class T>
  static void visit(V& v, T& op) {
    Unnamed<Table> rest{op.table};
    v.required(name, rest.value.name, "creates the table of this name");
    v.optional("if_not_exists", op.if_not_exists, "true: nothing happens when it is there");
    Fields<Unnamed<Table>>::visit(v, rest);
    v.finish_options();
    if constexpr (V::reading) op.table = std::move(rest.value);
  }
};

template <>
struct Fields<DropTable> {
  static constexpr std::string_view name = "drop_table";
  template <class V, class T>
  static void visit(V& v, T& op) {
    auto definition = unnamed(op.definition);
    v.required(name, op.table, "drops the table of this name; the other keys of create_table say what is lost");
    v.optional("if_exists", op.if_exists, "true: nothing happens when it is not there");
    v.group(definition);
    if constexpr (V::reading) {
      if (definition) {
        definition->value.name = op.table;
        op.definition = std::move(definition->value);
      }
    }
  }
};

template <>
struct Fields<RenameTable> {
  static constexpr std::string_view name = "rename_table";
  template <class V, class T>
  static void visit(V& v, T& op) {
    SimpleName to{op.to};
    v.required(name, op.table, "renames the table of this name");
    v.required("to", to, "the new name; the schema stays (alter_table changes it)");
    if constexpr (V::reading) op.to = std::move(to.name);
  }
};

template <>
struct Fields<AlterTable> {
  static constexpr std::string_view name = "alter_table";
  template <class V, class T>
  static void visit(V& v, T& op) {
    v.required(name, op.table, "changes the table of this name");
    v.optional("comment", op.comment, "{from = \"...\", to = \"...\"}");
    v.optional("options", op.options, "dialects' options: {from = {mysql = {...}}, to = {mysql = {...}}}");
    v.optional("schema", op.schema, "moves it: {from = \"...\", to = \"...\"}");
  }
};

// Columns of a table

template <>
struct Fields<AddColumn> {
  static constexpr std::string_view name = "add_column";
  template <class V, class T>
  static void visit(V& v, T& op) {
    ColumnPath path{op.table, op.column.name};
    Unnamed<Column> rest{op.column};
    v.required(name, path, "adds the column \"table.column\"");
    v.optional("if_not_exists", op.if_not_exists, "true: nothing happens when it is there");
    Fields<Unnamed<Column>>::visit(v, rest);
    v.finish_options();
    if constexpr (V::reading) {
      op.table = std::move(path.table);
      op.column = std::move(rest.value);
      op.column.name = std::move(path.column);
    }
  }
};

template <>
struct Fields<DropColumn> {
  static constexpr std::string_view name = "drop_column";
  template <class V, class T>
  static void visit(V& v, T& op) {
    ColumnPath path{op.table, op.column};
    auto definition = unnamed(op.definition);
    v.required(name, path, "drops the column \"table.column\"");
    v.optional("if_exists", op.if_exists, "true: nothing happens when it is not there");
    v.optional("column", definition, "what is lost: {type = \"...\", ...}");
    if constexpr (V::reading) {
      op.table = std::move(path.table);
      op.column = std::move(path.column);
      if (definition) {
        definition->value.name = op.column;
        op.definition = std::move(definition->value);
      }
    }
  }
};

template <>
struct Fields<AlterColumn> {
  static constexpr std::string_view name = "alter_column";
  template <class V, class T>
  static void visit(V& v, T& op) {
    ColumnPath path{op.table, op.column};
    v.required(name, path, "changes the column \"table.column\"");
    v.optional("type", op.type, "{from = \"integer\", to = \"bigint\"}");
    v.optional("nullable", op.nullable, "{from = true, to = false}");
    v.optional("default", op.server_default, "{from = \"...\", to = \"...\"}; without from, or to, there is none");
    v.optional("generated", op.generated, "{from = {expression = \"...\"}}; without from, or to, it is none");
    v.optional("identity", op.identity, "{to = true}; without from, or to, it is none");
    v.optional("collation", op.collation, "{from = \"...\", to = \"...\"}");
    v.optional("comment", op.comment, "{from = \"...\", to = \"...\"}");
    v.optional("options", op.options, "dialects' options: {from = {mysql = {...}}, to = {mysql = {...}}}");
    v.optional("backfill", op.backfill, "what existing rows get where the column becomes NOT NULL: an SQL expression");
    v.optional("using", op.using_, "how values are converted where the type changes: an SQL expression");
    if constexpr (V::reading) {
      op.table = std::move(path.table);
      op.column = std::move(path.column);
    }
  }
};

template <>
struct Fields<RenameColumn> {
  static constexpr std::string_view name = "rename_column";
  template <class V, class T>
  static void visit(V& v, T& op) {
    ColumnPath path{op.table, op.column};
    v.required(name, path, "renames the column \"table.column\"");
    v.required("to", op.to, "the new name of the column alone");
    if constexpr (V::reading) {
      op.table = std::move(path.table);
      op.column = std::move(path.column);
    }
  }
};

// Constraints

/// A constraint under the key that says its kind: {unique = {columns = ["name"]}}. Its name stands elsewhere.
struct ConstraintBody {
  std::optional<schema::PrimaryKey> primary_key;
  std::optional<schema::Unique> unique;
  std::optional<schema::Check> check;
  std::optional<schema::ForeignKey> foreign_key;
  std::optional<schema::Exclude> exclude;
  bool operator==(const ConstraintBody&) const = default;

  auto& slot(const schema::PrimaryKey&) { return primary_key; }
  auto& slot(const schema::Unique&) { return unique; }
  auto& slot(const schema::Check&) { return check; }
  auto& slot(const schema::ForeignKey&) { return foreign_key; }
  auto& slot(const schema::Exclude&) { return exclude; }

  ConstraintBody() = default;
  /// Leaves the name out where it is the one known already.
  ConstraintBody(Constraint constraint, const std::string& name) {
    if (auto& own = schema::name_of(constraint); own == name) own.clear();
    std::visit([this](auto& entry) { slot(entry) = std::move(entry); }, constraint);
  }
  /// Empty unless there is exactly one.
  std::optional<Constraint> take(const std::string& name) {
    std::optional<Constraint> result;
    int count = 0;
    const auto look = [&](auto& entry) {
      if (!entry) return;
      ++count;
      result = std::move(*entry);
    };
    look(primary_key), look(unique), look(check), look(foreign_key), look(exclude);
    if (count != 1) return std::nullopt;
    if (auto& own = schema::name_of(*result); own.empty()) own = name;
    return result;
  }
  bool empty() const { return *this == ConstraintBody(); }
};

template <>
struct Fields<ConstraintBody> {
  static constexpr std::string_view name = "constraint";
  static constexpr std::string_view rule = "needs exactly one of 'primary_key', 'unique', 'check', 'foreign_key' and 'exclude'";
  template <class V, class T>
  static void kinds(V& v, T& body) {
    v.optional("primary_key", body.primary_key, "a primary key: {columns = [...]}");
    v.optional("unique", body.unique, "a unique constraint: {columns = [...]}");
    v.optional("check", body.check, "a check constraint: the expression, or {expression = \"...\", ...}");
    v.optional("foreign_key", body.foreign_key, "a foreign key: {columns = [...], references = \"table(column)\"}");
    v.optional("exclude", body.exclude, "an exclusion constraint: {elements = [{column = \"...\", with = \"&&\"}]}");
  }
  template <class V, class T>
  static void visit(V& v, T& body) {
    kinds(v, body);
    if constexpr (V::reading) {
      if (auto copy = body; !copy.take("")) v.fail(rule);
    }
  }
};

template <>
struct Fields<AddConstraint> {
  static constexpr std::string_view name = "add_constraint";
  template <class V, class T>
  static void visit(V& v, T& op) {
    std::string constraint = schema::name_of(op.constraint);
    ConstraintBody body;
    if constexpr (!V::reading) body = ConstraintBody(op.constraint, constraint);
    v.required(name, constraint, "adds the constraint of this name; \"\" for one without");
    v.required("table", op.table, "its table");
    Fields<ConstraintBody>::visit(v, body);
    if constexpr (V::reading) {
      auto taken = body.take(constraint);
      if (!taken) return;
      if (!constraint.empty() && schema::name_of(*taken) != constraint) v.fail("names the constraint twice, and not the same");
      op.constraint = *std::move(taken);
    }
  }
};

template <>
struct Fields<DropConstraint> {
  static constexpr std::string_view name = "drop_constraint";
  template <class V, class T>
  static void visit(V& v, T& op) {
    ConstraintBody body;
    if (op.definition) body = ConstraintBody(*op.definition, op.name);
    v.required(name, op.name, "drops the constraint of this name; \"\" for the one that the definition describes");
    v.required("table", op.table, "its table");
    v.optional("if_exists", op.if_exists, "true: nothing happens when it is not there");
    Fields<ConstraintBody>::kinds(v, body);
    if constexpr (V::reading) {
      const bool defined = !body.empty();
      op.definition = body.take(op.name);
      if (defined && !op.definition) v.fail(Fields<ConstraintBody>::rule);
      if (!defined && op.name.empty()) v.fail("needs a name, or what the constraint says");
    }
  }
};

template <>
struct Fields<AlterConstraint> {
  static constexpr std::string_view name = "alter_constraint";
  template <class V, class T>
  static void visit(V& v, T& op) {
    std::string constraint = schema::name_of(op.from);
    ConstraintBody from, to;
    if constexpr (!V::reading) {
      from = ConstraintBody(op.from, constraint);
      to = ConstraintBody(op.to, constraint);
    }
    v.required(name, constraint, "changes the constraint of this name");
    v.required("table", op.table, "its table");
    v.required("from", from, "what it says before: {foreign_key = {...}}");
    v.required("to", to, "what it says after: {foreign_key = {...}}");
    if constexpr (V::reading) {
      if (auto taken = from.take(constraint)) op.from = *std::move(taken);
      if (auto taken = to.take(constraint)) op.to = *std::move(taken);
    }
  }
};

template <>
struct Fields<RenameConstraint> {
  static constexpr std::string_view name = "rename_constraint";
  template <class V, class T>
  static void visit(V& v, T& op) {
    v.required(name, op.name, "renames the constraint of this name");
    v.required("table", op.table, "its table");
    v.required("to", op.to, "the new name");
  }
};

template <>
struct Fields<ValidateConstraint> {
  static constexpr std::string_view name = "validate_constraint";
  template <class V, class T>
  static void visit(V& v, T& op) {
    v.required(name, op.name, "checks the rows that were there before the constraint of this name");
    v.required("table", op.table, "its table");
  }
};

// Indexes

template <>
struct Fields<CreateIndex> {
  static constexpr std::string_view name = "create_index";
  template <class V, class T>
  static void visit(V& v, T& op) {
    Unnamed<Index> rest{op.index};
    v.required(name, rest.value.name, "creates the index of this name");
    v.required("table", op.table, "its table");
    v.optional("if_not_exists", op.if_not_exists, "true: nothing happens when it is there");
    Fields<Unnamed<Index>>::visit(v, rest);
    v.finish_options();
    if constexpr (V::reading) op.index = std::move(rest.value);
  }
};

template <>
struct Fields<DropIndex> {
  static constexpr std::string_view name = "drop_index";
  template <class V, class T>
  static void visit(V& v, T& op) {
    auto definition = unnamed(op.definition);
    v.required(name, op.index, "drops the index of this name; the other keys of create_index say what is lost");
    v.required("table", op.table, "its table");
    v.optional("if_exists", op.if_exists, "true: nothing happens when it is not there");
    v.group(definition);
    if constexpr (V::reading) {
      if (definition) {
        definition->value.name = op.index;
        op.definition = std::move(definition->value);
      }
    }
  }
};

template <>
struct Fields<AlterIndex> {
  static constexpr std::string_view name = "alter_index";
  template <class V, class T>
  static void visit(V& v, T& op) {
    Unnamed<Index> from{op.from}, to{op.to};
    v.required(name, from.value.name, "changes the index of this name");
    v.required("table", op.table, "its table");
    v.required("from", from, "what it says before: {columns = [...], ...}");
    v.required("to", to, "what it says after: {columns = [...], ...}");
    if constexpr (V::reading) {
      to.value.name = from.value.name;
      op.from = std::move(from.value);
      op.to = std::move(to.value);
    }
  }
};

template <>
struct Fields<RenameIndex> {
  static constexpr std::string_view name = "rename_index";
  template <class V, class T>
  static void visit(V& v, T& op) {
    v.required(name, op.index, "renames the index of this name");
    v.required("table", op.table, "its table");
    v.required("to", op.to, "the new name");
  }
};

// Enumerations, sequences, schemas

template <>
struct Fields<Unnamed<schema::EnumType>> {
  static constexpr std::string_view name = "enumeration";
  template <class V, class T>
  static void visit(V& v, T& unnamed) {
    v.required("values", unnamed.value.values, "its values, in their order");
    v.optional("comment", unnamed.value.comment, "a comment that the database keeps");
    v.optional("renamed_from", unnamed.value.renamed_from, "earlier names, for the differ");
  }
};

template <>
struct Fields<CreateEnum> {
  static constexpr std::string_view name = "create_enum";
  template <class V, class T>
  static void visit(V& v, T& op) {
    Unnamed<schema::EnumType> rest{op.type};
    v.required(name, rest.value.name, "creates the enumeration type of this name");
    v.optional("if_not_exists", op.if_not_exists, "true: nothing happens when it is there");
    Fields<Unnamed<schema::EnumType>>::visit(v, rest);
    if constexpr (V::reading) op.type = std::move(rest.value);
  }
};

template <>
struct Fields<AlterEnum::AddValue> {
  static constexpr std::string_view name = "value to add";
  template <class V, class T>
  static void visit(V& v, T& add) {
    v.required("value", add.value, "the new value");
    v.optional("before", add.before, "the value that it stands before");
    v.optional("after", add.after, "the value that it stands after; last of all when neither is said");
    if constexpr (V::reading) {
      if (!add.before.empty() && !add.after.empty()) v.fail("takes one of 'before' and 'after', not both");
    }
  }
};

template <>
struct Fields<AlterEnum::RenameValue> {
  static constexpr std::string_view name = "value to rename";
  template <class V, class T>
  static void visit(V& v, T& rename) {
    v.required("from", rename.from, "the value's name before");
    v.required("to", rename.to, "the value's name after");
  }
};

template <>
struct Fields<AlterEnum> {
  static constexpr std::string_view name = "alter_enum";
  template <class V, class T>
  static void visit(V& v, T& op) {
    v.required(name, op.type, "changes the enumeration type of this name");
    v.optional("add", op.add, "[{value = \"...\", after = \"...\"}]");
    v.optional("rename", op.rename, "[{from = \"...\", to = \"...\"}]");
    v.optional("comment", op.comment, "{from = \"...\", to = \"...\"}");
  }
};

template <>
struct Fields<DropEnum> {
  static constexpr std::string_view name = "drop_enum";
  template <class V, class T>
  static void visit(V& v, T& op) {
    auto definition = unnamed(op.definition);
    v.required(name, op.type, "drops the enumeration type of this name; `values` says what is lost");
    v.optional("if_exists", op.if_exists, "true: nothing happens when it is not there");
    v.group(definition);
    if constexpr (V::reading) {
      if (definition) {
        definition->value.name = op.type;
        op.definition = std::move(definition->value);
      }
    }
  }
};

template <>
struct Fields<Unnamed<schema::Sequence>> {
  static constexpr std::string_view name = "sequence";
  template <class V, class T>
  static void visit(V& v, T& unnamed) {
    auto& sequence = unnamed.value;
    v.optional("type", sequence.type, "its integer type");
    Fields<schema::Identity>::settings(v, sequence.settings);
    v.optional("owned_by", sequence.owned_by, "the column it goes with, \"table.column\"");
    v.optional("comment", sequence.comment, "a comment that the database keeps");
    v.options(sequence.options);
  }
};

template <>
struct Fields<CreateSequence> {
  static constexpr std::string_view name = "create_sequence";
  template <class V, class T>
  static void visit(V& v, T& op) {
    Unnamed<schema::Sequence> rest{op.sequence};
    v.required(name, rest.value.name, "creates the sequence of this name");
    v.optional("if_not_exists", op.if_not_exists, "true: nothing happens when it is there");
    Fields<Unnamed<schema::Sequence>>::visit(v, rest);
    v.finish_options();
    if constexpr (V::reading) op.sequence = std::move(rest.value);
  }
};

template <>
struct Fields<AlterSequence> {
  static constexpr std::string_view name = "alter_sequence";
  template <class V, class T>
  static void visit(V& v, T& op) {
    Unnamed<schema::Sequence> from{op.from}, to{op.to};
    v.required(name, from.value.name, "changes the sequence of this name");
    v.required("from", from, "its settings before: {increment = 1, ...}");
    v.required("to", to, "its settings after: {increment = 10, ...}");
    if constexpr (V::reading) {
      to.value.name = from.value.name;
      op.from = std::move(from.value);
      op.to = std::move(to.value);
    }
  }
};

template <>
struct Fields<DropSequence> {
  static constexpr std::string_view name = "drop_sequence";
  template <class V, class T>
  static void visit(V& v, T& op) {
    auto definition = unnamed(op.definition);
    v.required(name, op.sequence, "drops the sequence of this name");
    v.optional("if_exists", op.if_exists, "true: nothing happens when it is not there");
    v.optional("definition", definition, "what is lost: {increment = 1, ...}");
    if constexpr (V::reading) {
      if (definition) {
        definition->value.name = op.sequence;
        op.definition = std::move(definition->value);
      }
    }
  }
};

template <>
struct Fields<Unnamed<schema::Namespace>> {
  static constexpr std::string_view name = "schema";
  template <class V, class T>
  static void visit(V& v, T& unnamed) {
    v.optional("comment", unnamed.value.comment, "a comment that the database keeps");
    v.options(unnamed.value.options);
  }
};

template <>
struct Fields<CreateSchema> {
  static constexpr std::string_view name = "create_schema";
  template <class V, class T>
  static void visit(V& v, T& op) {
    Unnamed<schema::Namespace> rest{op.schema};
    v.required(name, rest.value.name, "creates the schema of this name");
    v.optional("if_not_exists", op.if_not_exists, "true: nothing happens when it is there");
    Fields<Unnamed<schema::Namespace>>::visit(v, rest);
    v.finish_options();
    if constexpr (V::reading) op.schema = std::move(rest.value);
  }
};

template <>
struct Fields<AlterSchema> {
  static constexpr std::string_view name = "alter_schema";
  template <class V, class T>
  static void visit(V& v, T& op) {
    Unnamed<schema::Namespace> from{op.from}, to{op.to};
    v.required(name, from.value.name, "changes the schema of this name");
    v.required("from", from, "what it was before: {comment = \"...\"}");
    v.required("to", to, "what it is after: {comment = \"...\"}");
    if constexpr (V::reading) {
      to.value.name = from.value.name;
      op.from = std::move(from.value);
      op.to = std::move(to.value);
    }
  }
};

template <>
struct Fields<DropSchema> {
  static constexpr std::string_view name = "drop_schema";
  template <class V, class T>
  static void visit(V& v, T& op) {
    auto definition = unnamed(op.definition);
    v.required(name, op.schema, "drops the schema of this name, which must be empty");
    v.optional("if_exists", op.if_exists, "true: nothing happens when it is not there");
    v.optional("definition", definition, "what is lost: {comment = \"...\"}");
    if constexpr (V::reading) {
      if (definition) {
        definition->value.name = op.schema;
        op.definition = std::move(definition->value);
      }
    }
  }
};

// Any other object, and partitions

/// What identifies an object, its name under `key`. `name = "schema.name"` is read too; it is written as two keys.
template <class V, class T>
void visit_object_key(V& v, T& object, std::string_view key, std::string_view documentation) {
  Name name{"", object.name.name};
  std::string space = object.name.schema;
  v.required(key, name, documentation);
  v.required("kind", object.kind, "what it is: \"view\", \"trigger\", \"function\", ...");
  v.optional("schema", space, "the schema it stands in");
  v.optional("parent", object.parent, "the table that it belongs to, as a trigger does");
  v.optional("signature", object.signature, "a function's argument types");
  if constexpr (V::reading) {
    if (!name.schema.empty() && !space.empty()) v.fail("says the schema twice: in the name and under 'schema'");
    object.name.schema = name.schema.empty() ? std::move(space) : std::move(name.schema);
    object.name.name = std::move(name.name);
  }
}

template <>
struct Fields<schema::ObjectKey> {
  static constexpr std::string_view name = "object reference";
  template <class V, class T>
  static void visit(V& v, T& key) {
    visit_object_key(v, key, "name", "the object's name");
  }
};

/// What an object says, whichever it is.
struct ObjectBody {
  schema::Object value;
  bool operator==(const ObjectBody&) const = default;
};
template <>
struct Fields<ObjectBody> {
  static constexpr std::string_view name = "object definition";
  template <class V, class T>
  static void visit(V& v, T& body) {
    v.required("definition", body.value.definition, "all that follows the name in the CREATE statement");
    v.optional("depends_on", body.value.depends_on, "what must exist before: {kind = \"view\", name = \"...\"}, or a table's name");
    v.optional("comment", body.value.comment, "a comment that the database keeps");
    v.options(body.value.options);
  }
};

template <>
struct Fields<CreateObject> {
  static constexpr std::string_view name = "create_object";
  template <class V, class T>
  static void visit(V& v, T& op) {
    ObjectBody body{op.object};
    visit_object_key(v, body.value.key, name, "creates the object of this name");
    v.optional("if_not_exists", op.if_not_exists, "true: nothing happens when it is there");
    Fields<ObjectBody>::visit(v, body);
    v.finish_options();
    if constexpr (V::reading) op.object = std::move(body.value);
  }
};

template <>
struct Fields<ReplaceObject> {
  static constexpr std::string_view name = "replace_object";
  template <class V, class T>
  static void visit(V& v, T& op) {
    ObjectBody from{op.from}, to{op.to};
    visit_object_key(v, from.value.key, name, "replaces the object of this name");
    v.required("from", from, "what it says before: {definition = \"...\", ...}");
    v.required("to", to, "what it says after: {definition = \"...\", ...}");
    if constexpr (V::reading) {
      to.value.key = from.value.key;
      op.from = std::move(from.value);
      op.to = std::move(to.value);
    }
  }
};

template <>
struct Fields<RenameObject> {
  static constexpr std::string_view name = "rename_object";
  template <class V, class T>
  static void visit(V& v, T& op) {
    SimpleName to{op.to};
    visit_object_key(v, op.object, name, "renames the object of this name");
    v.required("to", to, "the new name; the schema stays");
    if constexpr (V::reading) op.to = std::move(to.name);
  }
};

template <>
struct Fields<DropObject> {
  static constexpr std::string_view name = "drop_object";
  template <class V, class T>
  static void visit(V& v, T& op) {
    std::optional<ObjectBody> definition;
    if (op.definition) definition = ObjectBody{*op.definition};
    visit_object_key(v, op.object, name, "drops the object of this name; `definition` says what is lost");
    v.optional("if_exists", op.if_exists, "true: nothing happens when it is not there");
    v.group(definition);
    if constexpr (V::reading) {
      if (definition) {
        definition->value.key = op.object;
        op.definition = std::move(definition->value);
      }
    }
  }
};

template <class T>
struct PartitionFields {
  template <class V, class O>
  static void visit(V& v, O& op, std::string_view key, std::string_view documentation) {
    v.required(key, op.partition, documentation);
    v.required("table", op.table, "the partitioned table");
    v.optional("bounds", op.bounds, "which rows it holds, as in FOR VALUES ...");
  }
};
template <>
struct Fields<AttachPartition> {
  static constexpr std::string_view name = "attach_partition";
  template <class V, class T>
  static void visit(V& v, T& op) {
    PartitionFields<T>::visit(v, op, name, "makes the table of this name a partition");
  }
};
template <>
struct Fields<DetachPartition> {
  static constexpr std::string_view name = "detach_partition";
  template <class V, class T>
  static void visit(V& v, T& op) {
    PartitionFields<T>::visit(v, op, name, "makes the partition of this name a table of its own");
  }
};

// Data and escapes

template <>
struct Fields<Insert> {
  static constexpr std::string_view name = "insert";
  template <class V, class T>
  static void visit(V& v, T& op) {
    v.required(name, op.table, "inserts rows into the table of this name");
    v.required("rows", op.rows, "[{column = value, ...}]; {null = true} is NULL, {hex = \"00ff\"} are bytes");
  }
};
template <>
struct Fields<Delete> {
  static constexpr std::string_view name = "delete";
  template <class V, class T>
  static void visit(V& v, T& op) {
    v.required(name, op.table, "deletes rows from the table of this name");
    v.required("rows", op.rows, "the rows, whole, so that they can come back: [{column = value, ...}]");
  }
};

template <>
struct Fields<Sql> {
  static constexpr std::string_view name = "sql";
  template <class V, class T>
  static void visit(V& v, T& op) {
    v.required(name, op.sql, "SQL statements, or a table with a text for each dialect and \"default\" for the rest");
    v.optional("undo", op.undo, "what a downgrade runs");
    v.optional("effect", op.effect, "what it does to the schema, as operations");
  }
};

template <>
struct Fields<Call> {
  static constexpr std::string_view name = "call";
  template <class V, class T>
  static void visit(V& v, T& op) {
    v.required(name, op.function, "calls the function that the environment registered under this name");
    v.optional("arguments", op.arguments, "what it is called with");
    v.optional("undo", op.undo, "the function that a downgrade calls");
  }
};

template <>
struct Fields<Assert> {
  static constexpr std::string_view name = "assert";
  template <class V, class T>
  static void visit(V& v, T& op) {
    v.required(name, op.query, "a query with one value; the revision stops unless it is the one expected");
    v.required("equals", op.equals, "the value expected; {null = true} for NULL");
    v.optional("message", op.message, "what is said when it is another");
  }
};

template <>
struct Fields<Irreversible> {
  static constexpr std::string_view name = "irreversible";
  template <class V, class T>
  static void visit(V& v, T& op) {
    v.required(name, op.reason, "why a downgrade must not be attempted");
  }
};

template <>
struct Fields<Custom> {
  static constexpr std::string_view name = "custom";
  template <class V, class T>
  static void visit(V& v, T& op) {
    v.required(name, op.name, "the operation that a plugin or environment registered under this name");
    v.optional("arguments", op.arguments, "its arguments");
  }
};

}  // namespace aludel::op::codec
