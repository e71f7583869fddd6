#pragma once

#include <aludel/schema/schema.hpp>

#include <string>
#include <string_view>
#include <vector>

/// Reads the CREATE statements that SQLite keeps in sqlite_schema. Pure.
///
/// What is read is as written: canonical spellings are empty, rules that need the whole schema are not applied yet (see normal.hpp). All throw
/// Error(syntax) with line and column in the statement where they cannot read it.
namespace aludel::sqlite {

/// CREATE TABLE. Constraints of columns become constraints of the table, in the order of the text. Names that SQLite allows and that mean nothing
/// to it (of NOT NULL, DEFAULT, COLLATE and generated columns) are kept in the spelling only, as are comments.
schema::Table parse_table(std::string_view sql);

/// A column as it stands in CREATE TABLE, by the places of its parts.
struct ParsedColumn {
  enum class Part { not_null, null, default_value, collation, generated, constraint, deferral, name_only };
  struct Clause {
    Part part = Part::name_only;
    std::size_t first = 0;  ///< with its CONSTRAINT name
    std::size_t last = 0;
    std::size_t constraint = 0;  ///< in `constraints`
  };
  schema::Column column;
  std::vector<schema::Constraint> constraints;  ///< those that stand in the column
  std::size_t name_last = 0;
  std::size_t type_first = 0;  ///< equal to type_last where there is no type
  std::size_t type_last = 0;
  std::vector<Clause> clauses;
};
/// "name TYPE NOT NULL ...".
ParsedColumn parse_column(std::string_view text);
/// A constraint as it stands behind the columns.
schema::Constraint parse_constraint(std::string_view text);

struct ParsedIndex {
  schema::Index index;
  std::string table;
};
/// CREATE [UNIQUE] INDEX. Its spelling is what follows the table's name.
ParsedIndex parse_index(std::string_view sql);

struct ParsedObject {
  std::string kind;  ///< "view", "trigger", "virtual_table"
  std::string name;
  std::string table;       ///< a trigger's
  std::string definition;  ///< all that follows the name, without outer white space and comments
};
/// CREATE VIEW, CREATE TRIGGER and CREATE VIRTUAL TABLE.
ParsedObject parse_object(std::string_view sql);

/// The module of a virtual table's definition ("USING fts5(...)"), in lower case.
std::string module_of(std::string_view definition);

}  // namespace aludel::sqlite
