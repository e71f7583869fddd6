#pragma once

#include <aludel/schema/schema.hpp>

#include <string>
#include <string_view>

/// SQLite's normal form: how two spellings of one thing are told to be the same. Pure; every function is idempotent.
///
/// Expressions are compared token by token: comments and white space do not count, keywords are upper case, names lower case and unquoted where they
/// need no quotes, `==` is `=`, `<>` is `!=`, redundant parentheses around the whole are dropped, literals keep their spelling.
namespace aludel::sqlite {

/// An expression of a table (check, generated column, index part or predicate). A name in double quotes that is no column of the table is a string to
/// SQLite, and so here. The table's own name in front of a column is dropped.
std::string normal_expression(std::string_view text, const schema::Table& owner);
/// A default: names are strings, as in SQLite. In a column whose type is BOOLEAN, 1 and 0 are TRUE and FALSE.
std::string normal_default(std::string_view text, bool boolean);
/// A view, trigger or virtual table: like an expression, but names keep their case, for a view's names are what queries return.
std::string normal_definition(std::string_view text);

/// What an introspected expression is declared as: its text without outer parentheses and white space, comments dropped.
std::string expression_text(std::string_view text);
/// What stands behind DEFAULT: a literal as it is, an expression in parentheses. Names become strings, as in `normal_default`.
std::string default_clause(std::string_view declared);
/// The text without the table's name in front of columns (`hero.age` becomes `age`), so that it also holds for a copy of the table under another
/// name.
std::string unqualified(std::string_view expression, std::string_view table);
/// The text with another name, quoted already, in its place.
std::string requalified(std::string_view expression, std::string_view table, std::string_view quoted_name);

/// Brings a whole schema to the normal form, canonical spellings filled in (Dialect::canonicalise without a connection). The dependencies of views
/// and triggers are derived anew from their text.
void normalise(schema::Metadata& metadata);
/// One table's part of that, as far as it can be told without the others.
void normalise_alone(schema::Table& table);

}  // namespace aludel::sqlite
