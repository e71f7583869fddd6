#pragma once

#include <aludel/schema/schema.hpp>

#include <string>
#include <string_view>

/// How neutral types are spelled in SQLite, and how SQLite's type texts are read. Pure.
///
/// The spelling chosen for a kind is read back as the same kind; every other text stays native, because its spelling could not be told from the
/// kind alone. SQLite itself only derives an affinity from the text (https://www.sqlite.org/datatype3.html, section 3.1).
namespace aludel::sqlite {

/// The canonical spelling of a column that was declared without any type, for which the text is empty.
inline constexpr std::string_view untyped = "(none)";

/// What stands behind the column's name in CREATE TABLE: "VARCHAR(80)"; empty for native(""). STRICT tables know INTEGER, REAL, TEXT, BLOB and ANY
/// only; native types are left as they are there. An enumeration is TEXT; `enumeration_check` says what belongs to it.
std::string type_text(const schema::Type& type, bool strict);

/// The type that a text in the database means, its canonical spelling filled in.
schema::Type type_of_text(std::string_view text);

/// A type text as it is compared: upper case, single spaces, none around parentheses and commas. Quotes around it are
/// dropped, as SQLite drops them, where it can do without.
std::string normal_type_text(std::string_view text);

/// The canonical spelling: the type text, "ENUM('a', 'b')" for an enumeration, `untyped` for no type.
std::string canonical_type(const schema::Type& type, bool strict);

enum class Affinity { integer, text, blob, real, numeric };
Affinity affinity_of(std::string_view type_text);

/// Does this column stand for the rowid? True where it is the table's only key column, ascending, the table has a rowid, and it is either an integer
/// with an identity (declared with any width) or has the very type INTEGER. In its normal form such a column is INTEGER, NOT NULL and has an
/// identity. An identity on any other column is left for the renderer to refuse: SQLite cannot hold it.
bool is_rowid_alias(const schema::Table& table, const schema::Column& column);

/// The column's type text in this table: INTEGER for a rowid alias, else type_text().
std::string column_type_text(const schema::Table& table, const schema::Column& column);

bool is_strict(const schema::Table& table);
bool is_without_rowid(const schema::Table& table);

/// The unnamed check that an enumeration column carries, without CHECK and its parentheses: "rank" IN ('rookie', 'veteran').
std::string enumeration_check(std::string_view column, const schema::Type& type);

}  // namespace aludel::sqlite
