#include "render_ddl.hpp"

#include "lexer.hpp"
#include "normal.hpp"
#include "types.hpp"

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace aludel::sqlite {
namespace {

using schema::Column;
using schema::Constraint;
using schema::ForeignKeyAction;
using schema::Table;

[[noreturn]] void unsupported(std::string message, std::string hint = {}) {
  throw Error(ErrorKind::unsupported, std::move(message)).with_hint(std::move(hint));
}

std::string list_of(std::span<const std::string> names) {
  std::vector<std::string> parts;
  parts.reserve(names.size());
  for (const std::string& name : names) parts.push_back(quote_identifier(name));
  return join(parts, ", ");
}

std::string conflict_clause(const schema::Options& options, std::string_view key = "on_conflict") {
  const Value* value = option(options, key);
  if (value == nullptr || value->string() == nullptr) return {};
  static constexpr std::string_view known[] = {"rollback", "abort", "fail", "ignore", "replace"};
  for (std::string_view word : known) {
    if (equals_ignoring_case(*value->string(), word)) return " ON CONFLICT " + to_upper(word);
  }
  unsupported(fmt::format("SQLite knows no conflict resolution {}", quoted(*value->string())), "use rollback, abort, fail, ignore or replace");
}

void refuse_deferrable(schema::Deferrable deferrable, const Table& table, const Constraint& constraint) {
  if (deferrable == schema::Deferrable::no) return;
  unsupported(fmt::format("SQLite cannot defer the {} {} of {}", schema::kind_of(constraint), quoted(schema::name_of(constraint)),
                          quoted(table.name.text())));
}

std::string key_parts(const std::vector<schema::IndexPart>& parts, std::string_view owner) {
  std::vector<std::string> texts;
  for (const schema::IndexPart& part : parts) {
    if (part.nulls != schema::Nulls::unspecified) unsupported(fmt::format("SQLite cannot say where NULLs stand in {}", owner));
    std::string text = part.expression ? usable_text(*part.expression, owner) : quote_identifier(part.column);
    if (!part.collation.empty()) text += " COLLATE " + quote_identifier(part.collation);
    if (part.order == schema::Order::descending) text += " DESC";
    texts.push_back(std::move(text));
  }
  return join(texts, ", ");
}

std::string_view action_text(ForeignKeyAction action) {
  switch (action) {
    case ForeignKeyAction::no_action:
      return "NO ACTION";
    case ForeignKeyAction::restrict:
      return "RESTRICT";
    case ForeignKeyAction::cascade:
      return "CASCADE";
    case ForeignKeyAction::set_null:
      return "SET NULL";
    case ForeignKeyAction::set_default:
      return "SET DEFAULT";
  }
  return {};
}

std::string references_clause(const Table& table, const schema::ForeignKey& key) {
  if (!key.on_delete_columns.empty()) {
    unsupported(fmt::format("SQLite sets all columns of the foreign key {} of {} on delete, not some", quoted(key.name), quoted(table.name.text())));
  }
  std::string text = "REFERENCES " + quoted_name(key.referenced_table);
  if (!key.referenced_columns.empty()) text += " (" + list_of(key.referenced_columns) + ")";
  if (key.on_delete != ForeignKeyAction::no_action) text += fmt::format(" ON DELETE {}", action_text(key.on_delete));
  if (key.on_update != ForeignKeyAction::no_action) text += fmt::format(" ON UPDATE {}", action_text(key.on_update));
  if (key.match == schema::Match::full) text += " MATCH FULL";
  if (key.match == schema::Match::partial) text += " MATCH PARTIAL";
  if (key.deferrable == schema::Deferrable::initially_immediate) text += " DEFERRABLE INITIALLY IMMEDIATE";
  if (key.deferrable == schema::Deferrable::initially_deferred) text += " DEFERRABLE INITIALLY DEFERRED";
  return text;
}

std::string check_clause(const Table& table, const schema::Check& check) {
  if (!check.enforced) unsupported(fmt::format("SQLite enforces every check, {} of {} too", quoted(check.name), quoted(table.name.text())));
  const std::string& text = usable_text(check.expression, fmt::format("check constraint {} of {}", quoted(check.name), quoted(table.name.text())));
  return "CHECK " + in_parentheses(unqualified(text, table.name.name)) + conflict_clause(check.options);
}

std::string_view keyword_of(const schema::ObjectKey& object) {
  if (object.kind == "view") return "VIEW";
  if (object.kind == "trigger") return "TRIGGER";
  if (object.kind == "virtual_table") return "VIRTUAL TABLE";
  unsupported(fmt::format("SQLite has no objects of kind {}: {}", quoted(object.kind), object.text()),
              "it knows view, trigger and virtual_table; use `sql = {sqlite = \"...\", default = \"...\"}` for what only another database has");
}

}  // namespace

std::string constraint_prefix(const std::string& name) { return name.empty() ? std::string() : "CONSTRAINT " + quote_identifier(name) + " "; }

const Value* option(const schema::Options& options, std::string_view name) {
  const auto dialect = options.find("sqlite");
  if (dialect == options.end()) return nullptr;
  const auto found = dialect->second.find(std::string(name));
  return found == dialect->second.end() ? nullptr : &found->second;
}

bool flag(const schema::Options& options, std::string_view name) {
  const Value* value = option(options, name);
  return value != nullptr && value->boolean() != nullptr && *value->boolean();
}

const std::string& local_name(const schema::Name& name) {
  if (!name.schema.empty() && !same_name(name.schema, "main")) {
    unsupported(fmt::format("SQLite has no schemas: {}", quoted(name.text())), "leave the schema's name out");
  }
  return name.name;
}

std::string quoted_name(const schema::Name& name) { return quote_identifier(local_name(name)); }

const std::string& usable_text(const schema::Expression& expression, std::string_view what) {
  if (expression.stale) {
    throw Error(ErrorKind::schema,
                fmt::format("{} names something that was renamed, and could not be rewritten: {}", what, printable(expression.declared)))
        .with_hint("say what it is now with an operation of its own, before this one");
  }
  return expression.declared.empty() ? expression.canonical : expression.declared;
}

std::string in_parentheses(std::string_view text) {
  return text.find("--") == std::string_view::npos ? fmt::format("({})", text) : fmt::format("({}\n)", text);
}

/// A single key column carries PRIMARY KEY itself: `id INTEGER PRIMARY KEY DESC` is no rowid, `PRIMARY KEY (id DESC)` would be one
/// (https://www.sqlite.org/lang_createtable.html#rowid).
bool is_inline_key(const schema::PrimaryKey& key) {
  return key.columns.size() == 1 && !key.columns.front().expression && key.columns.front().collation.empty();
}

std::string inline_key_clause(const Table& table, const Column& column, bool alias) {
  const schema::PrimaryKey* key = table.primary_key();
  if (key == nullptr || !is_inline_key(*key) || !same_name(key->columns.front().column, column.name)) return {};
  refuse_deferrable(key->deferrable, table, *key);
  const bool descending = key->columns.front().order == schema::Order::descending;
  std::string text = fmt::format(" {}PRIMARY KEY{}{}", constraint_prefix(key->name), descending ? " DESC" : "", conflict_clause(key->options));
  if (flag(key->options, "autoincrement")) {
    if (!alias) {
      unsupported(
          fmt::format("AUTOINCREMENT needs an integer column as the only key, and {} of {} is none", quoted(column.name), quoted(table.name.text())));
    }
    text += " AUTOINCREMENT";
  }
  return text;
}

std::string generated_clause(const Table& table, const Column& column) {
  const std::string& text =
      usable_text(column.generated->expression, fmt::format("generated column {} of {}", quoted(column.name), quoted(table.name.text())));
  return " GENERATED ALWAYS AS " + in_parentheses(unqualified(text, table.name.name)) + (column.generated->stored ? " STORED" : " VIRTUAL");
}

std::string not_null_clause(const Column& column) { return " NOT NULL" + conflict_clause(column.options, "not_null_conflict"); }

std::string default_clause_of(const Table& table, const Column& column) {
  return " DEFAULT " + default_clause(usable_text(*column.server_default, fmt::format("default of {}.{}", table.name.text(), column.name)));
}

std::string column_sql(const Table& table, const Column& column, bool with_key) {
  const bool alias = is_rowid_alias(table, column);
  if (column.identity && !alias) {
    unsupported(fmt::format("SQLite numbers only an integer column that is the table's whole primary key, not {} of {}", quoted(column.name),
                            quoted(table.name.text())),
                "drop `identity`, or make the column the primary key");
  }
  std::string text = quote_identifier(column.name);
  const std::string type = column_type_text(table, column);
  if (!type.empty()) text += " " + type;
  if (with_key) text += inline_key_clause(table, column, alias);
  if (!column.nullable && !alias) text += not_null_clause(column);
  if (column.server_default && !column.generated) text += default_clause_of(table, column);
  if (!column.collation.empty()) text += " COLLATE " + quote_identifier(column.collation);
  if (column.type.kind == schema::TypeKind::enumeration) text += " CHECK (" + enumeration_check(column.name, column.type) + ")";
  if (column.generated) text += generated_clause(table, column);
  return text;
}

std::string table_options(const Table& table) {
  std::vector<std::string> words;
  if (is_strict(table)) words.emplace_back("STRICT");
  if (is_without_rowid(table)) words.emplace_back("WITHOUT ROWID");
  return words.empty() ? std::string() : " " + join(words, ", ");
}

std::string constraint_sql(const Table& table, const Constraint& constraint) {
  const std::string owner = fmt::format("the {} of {}", schema::kind_of(constraint), quoted(table.name.text()));
  const auto spell = [&](const auto& value) -> std::string {
    using T = std::decay_t<decltype(value)>;
    if constexpr (std::is_same_v<T, schema::PrimaryKey>) {
      refuse_deferrable(value.deferrable, table, constraint);
      return fmt::format("PRIMARY KEY ({}){}", key_parts(value.columns, owner), conflict_clause(value.options));
    } else if constexpr (std::is_same_v<T, schema::Unique>) {
      refuse_deferrable(value.deferrable, table, constraint);
      if (!value.nulls_distinct)
        unsupported(fmt::format("SQLite takes all NULLs for distinct, so {} cannot be had", owner), "use a unique index over coalesce(...)");
      return fmt::format("UNIQUE ({}){}", key_parts(value.columns, owner), conflict_clause(value.options));
    } else if constexpr (std::is_same_v<T, schema::Check>) {
      return check_clause(table, value);
    } else if constexpr (std::is_same_v<T, schema::ForeignKey>) {
      return fmt::format("FOREIGN KEY ({}) {}", list_of(value.columns), references_clause(table, value));
    } else {
      static_assert(std::is_same_v<T, schema::Exclude>);
      unsupported(fmt::format("SQLite has no exclusion constraints: {} of {}", quoted(value.name), quoted(table.name.text())));
    }
  };
  return constraint_prefix(schema::name_of(constraint)) + std::visit(spell, constraint);
}

std::string create_table_sql(const Table& table, std::string_view name, bool if_not_exists) {
  std::vector<std::string> lines;
  for (const Column& column : table.columns) lines.push_back(column_sql(table, column));
  for (const Constraint& constraint : table.constraints) {
    const auto* key = std::get_if<schema::PrimaryKey>(&constraint);
    if (key == nullptr || !is_inline_key(*key)) lines.push_back(constraint_sql(table, constraint));
  }
  if (table.columns.empty()) unsupported(fmt::format("a table needs a column in SQLite, and {} has none", quoted(table.name.text())));
  return fmt::format("CREATE TABLE {}{} (\n  {}\n){}", if_not_exists ? "IF NOT EXISTS " : "",
                     name.empty() ? quoted_name(table.name) : quote_identifier(name), join(lines, ",\n  "), table_options(table));
}

std::string add_column_sql(const Table& table, const Column& column, std::span<const Constraint* const> constraints) {
  std::string text = fmt::format("ALTER TABLE {} ADD COLUMN {}", quoted_name(table.name), column_sql(table, column));
  for (const Constraint* constraint : constraints) {
    text += " " + constraint_prefix(schema::name_of(*constraint));
    if (const auto* check = std::get_if<schema::Check>(constraint)) text += check_clause(table, *check);
    if (const auto* key = std::get_if<schema::ForeignKey>(constraint)) text += references_clause(table, *key);
  }
  return text;
}

std::string create_index_sql(const Table& table, const schema::Index& index, bool if_not_exists) {
  const std::string owner = fmt::format("index {} on {}", quoted(index.name), quoted(table.name.text()));
  if (index.name.empty()) unsupported(fmt::format("an index of SQLite needs a name, and one on {} has none", quoted(table.name.text())));
  if (index.unique && !index.nulls_distinct) {
    unsupported(fmt::format("SQLite takes all NULLs for distinct, so {} cannot be had", owner), "index coalesce(...) instead");
  }
  std::string text = fmt::format("CREATE {}INDEX {}{} ON {} ({})", index.unique ? "UNIQUE " : "", if_not_exists ? "IF NOT EXISTS " : "",
                                 quote_identifier(index.name), quoted_name(table.name), key_parts(index.columns, owner));
  if (index.where) text += " WHERE " + usable_text(*index.where, owner);
  return text;
}

std::string create_object_sql(const schema::Object& object, bool if_not_exists) {
  const std::string_view keyword = keyword_of(object.key);
  return fmt::format("CREATE {} {}{} {}", keyword, if_not_exists ? "IF NOT EXISTS " : "", quoted_name(object.key.name),
                     usable_text(object.definition, object.key.text()));
}

std::string drop_object_sql(const schema::ObjectKey& object, bool if_exists) {
  const std::string_view keyword = keyword_of(object);
  return fmt::format("DROP {} {}{}", keyword == "VIRTUAL TABLE" ? "TABLE" : keyword, if_exists ? "IF EXISTS " : "", quoted_name(object.name));
}

}  // namespace aludel::sqlite
