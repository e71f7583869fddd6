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
/// to it (of NOT NULL, DEFAULT, COLLATE and generated columns) are not kept.
schema::Table parse_table(std::string_view sql);

struct ParsedIndex {
  schema::Index index;
  std::string table;
};
/// CREATE [UNIQUE] INDEX.
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
