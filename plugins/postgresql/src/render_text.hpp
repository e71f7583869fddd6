#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/schema/schema.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The pieces of DDL: columns, constraints, indexes, options. Pure; identifiers and literals are quoted here and nowhere else in the renderer.
namespace aludel::postgresql {

/// The value under options.postgresql, or null.
const Value* option(const schema::Options& options, std::string_view key);
/// Is the option set and true?
bool flag(const schema::Options& options, std::string_view key);
/// The option's text, empty where there is none.
std::string text_option(const schema::Options& options, std::string_view key);
/// Its elements, where it is a list of strings.
std::vector<std::string> list_option(const schema::Options& options, std::string_view key);

/// The author's spelling, else the server's.
const std::string& sql_of(const schema::Expression& expression);
/// "a", "b"
std::string identifier_list(const std::vector<std::string>& names);
/// " WITH (fillfactor='70')", or nothing.
std::string with_clause(const schema::Options& options);
/// fillfactor='70', ...: without the parentheses.
std::string parameter_list(const Value& parameters);
/// What two lists of parameters differ in, as SET (...) and RESET (...); null is an empty one.
std::vector<std::string> parameter_changes(const Value* from, const Value* to);
/// OPTIONS (ADD a '1', SET b '2', DROP c), or nothing.
std::string foreign_option_changes(const Value* from, const Value* to);
/// OPTIONS of a foreign table or column, with a blank before it; nothing where there are none.
std::string foreign_options_clause(const schema::Options& options);
/// A collation's name as SQL has it: "C", app."german".
std::string collation_sql(std::string_view name);
/// An index's name as SQL has it: it stands in its table's schema.
std::string index_name(const schema::Name& table, std::string_view index);

/// START WITH ... CYCLE as CREATE SEQUENCE and identities have it; empty for the defaults.
std::string sequence_options(const schema::Identity& settings);
/// "name type COLLATE ... DEFAULT ... NOT NULL"
std::string column_definition(const schema::Column& column);
/// The name of the sequence behind an identity; it stands in the table's schema.
std::string identity_sequence(const schema::Table& table, const schema::Column& column);
/// GENERATED ... AS IDENTITY (...)
std::string identity_clause(const schema::Column& column);
/// "CONSTRAINT name CHECK (...)"; NOT VALID is not part of it.
std::string constraint_definition(const schema::Constraint& constraint);
/// " DEFERRABLE INITIALLY DEFERRED", or nothing.
std::string deferrable_clause(schema::Deferrable deferrable);
/// A key's part with order, collation and operator class.
std::string index_part(const schema::IndexPart& part);
/// "CREATE UNIQUE INDEX [CONCURRENTLY] name ON [ONLY] table USING ...".
std::string create_index(const schema::Name& table, const schema::Index& index, bool concurrently, bool if_not_exists, bool only = false);

bool is_foreign(const schema::Table& table);
bool is_partitioned(const schema::Table& table);
/// "TABLE" or "FOREIGN TABLE".
std::string_view table_word(const schema::Table& table);
/// CREATE TABLE without what must be said afterwards (render_create.cpp says that).
std::string create_table(const schema::Table& table, bool if_not_exists);
/// Only its own: what it does not have from a parent.
bool is_inherited(const schema::Options& options);
/// Neither NOT VALID nor NOT ENFORCED.
bool is_validated(const schema::Constraint& constraint);
const schema::Options& options_of(const schema::Constraint& constraint);
const std::string& comment_of(const schema::Constraint& constraint);

/// COMMENT ON what IS 'text' (or NULL).
std::string comment_on(std::string_view what, std::string_view text);

}  // namespace aludel::postgresql
