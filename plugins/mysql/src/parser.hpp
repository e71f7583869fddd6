#pragma once

#include <aludel/schema/schema.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>

/// Reads what SHOW CREATE prints, on both flavours. Pure. All throw Error(syntax) with line and column in the statement where they cannot read it.
namespace aludel::mysql {

/// What is left unsaid in the text, and what it means there.
struct ParseContext {
  std::string database;                                                  ///< whose name is dropped where it qualifies others
  std::string engine;                                                    ///< of the server: a table with this one says nothing
  std::string collation;                                                 ///< of the database: a table with this one says nothing
  std::map<std::string, std::string, std::less<>> default_collations{};  ///< by character set
  bool mariadb = true;

  std::string default_collation(std::string_view charset) const;
};

/// The collation's character set: what stands before the first underscore.
std::string charset_of(std::string_view collation);

/// SHOW CREATE TABLE: canonical and declared spellings filled in; names that only the server gave (hero_ibfk_1, CONSTRAINT_1, hero_chk_1) are kept in
/// the constraint's spelling.
schema::Table parse_table(std::string_view sql, const ParseContext& context);

/// SHOW CREATE VIEW.
schema::Object parse_view(std::string_view sql, const ParseContext& context);
/// SHOW CREATE PROCEDURE, FUNCTION and EVENT. `created` is when an event was made: a schedule that starts at that moment did not say so.
/// `sql_mode` is the one that it was made under: its text is quoted by it.
schema::Object parse_routine(std::string_view sql, std::string_view kind, std::string_view created = {}, std::string_view sql_mode = {});
/// SHOW CREATE SEQUENCE.
schema::Sequence parse_sequence(std::string_view sql);

/// Tables and views that a canonical view text reads from, as they are spelled there.
std::vector<std::string> relations_in(std::string_view view_text);
/// A routine's, trigger's or event's text for comparison: a blank where there is white space or a comment. The servers' clients take comments out
/// before they send it (option --comments), so that the same file gives either.
std::string comparable_body(std::string_view text, std::string_view sql_mode);

/// Is this a name that the server would give a foreign key or check of this table?
bool is_server_name(std::string_view name, std::string_view table, bool foreign_key);

}  // namespace aludel::mysql
