#pragma once

#include <aludel/schema/schema.hpp>

#include <span>
#include <string>
#include <string_view>

/// Spells CREATE statements for SQLite. Pure. All throw Error(unsupported) for what SQLite cannot hold, and Error(schema) for text that names
/// something which was renamed and could not be rewritten.
namespace aludel::sqlite {

/// The name without its schema, which may only be `main`.
const std::string& local_name(const schema::Name& name);
/// local_name in quotes.
std::string quoted_name(const schema::Name& name);

/// The text to run: as declared, else the canonical one. `what` names it in the error for stale text.
const std::string& usable_text(const schema::Expression& expression, std::string_view what);
/// Parentheses around it, on lines of their own where a comment could swallow the closing one.
std::string in_parentheses(std::string_view text);

/// CREATE TABLE without the table's indexes, under another name where `name` is given.
std::string create_table_sql(const schema::Table& table, std::string_view name = {}, bool if_not_exists = false);
/// "CONSTRAINT name " in front of a constraint; nothing for one without a name.
std::string constraint_prefix(const std::string& name);
/// As it stands in CREATE TABLE; of a primary key without its AUTOINCREMENT, which belongs to the column.
std::string constraint_sql(const schema::Table& table, const schema::Constraint& constraint);
/// A column as it stands in CREATE TABLE; `with_key` where it carries the primary key, if that is its own.
std::string column_sql(const schema::Table& table, const schema::Column& column, bool with_key = true);
/// What follows the columns and constraints: " STRICT, WITHOUT ROWID".
std::string table_options(const schema::Table& table);
/// Can the column itself carry the key?
bool is_inline_key(const schema::PrimaryKey& key);
// Clauses of a column, each with a space in front; empty where it has none.
std::string inline_key_clause(const schema::Table& table, const schema::Column& column, bool alias);
std::string not_null_clause(const schema::Column& column);
std::string default_clause_of(const schema::Table& table, const schema::Column& column);
std::string generated_clause(const schema::Table& table, const schema::Column& column);
/// ALTER TABLE ... ADD COLUMN, with constraints that go to the column itself. `table` has the column already.
std::string add_column_sql(const schema::Table& table, const schema::Column& column, std::span<const schema::Constraint* const> constraints);
std::string create_index_sql(const schema::Table& table, const schema::Index& index, bool if_not_exists = false);

/// "view", "trigger" and "virtual_table"; throws Error(unsupported) for others.
std::string create_object_sql(const schema::Object& object, bool if_not_exists = false);
std::string drop_object_sql(const schema::ObjectKey& object, bool if_exists = false);

/// An option under the key `sqlite`; null where it is not set.
const Value* option(const schema::Options& options, std::string_view name);
bool flag(const schema::Options& options, std::string_view name);

}  // namespace aludel::sqlite
