#pragma once

#include <aludel/schema/schema.hpp>

#include <span>
#include <string>
#include <string_view>

/// The text of a table's parts as its author wrote it, comments included, and how it is written again. Pure.
///
/// A part's spelling is its own text with the comments about it around: those on the lines above, and those behind it on its last line. It is
/// written again where it still says what the part says; where only a clause of a column has changed, only that clause is exchanged.
namespace aludel::sqlite {

/// Where the constraint keeps its spelling; null for a kind that SQLite has not.
schema::Spelling* spelling_of(schema::Constraint& constraint);
const schema::Spelling* spelling_of(const schema::Constraint& constraint);

/// Gives the comments in `gap`, the text between two parts, to the part they are about: to the one before it up to the end of its line.
void add_comments(std::string_view gap, schema::Spelling& before, schema::Spelling& behind);

/// All comments of a text.
std::string comments_of(std::string_view text);
/// One behind the other, so that a comment to its line's end does not swallow the next.
std::string joined_comments(const std::string& a, const std::string& b);
std::string joined_lines(const std::string& a, const std::string& b);

struct SpelledText {
  std::string above;   ///< comments, one on a line
  std::string text;    ///< may be empty
  std::string behind;  ///< comments
};
SpelledText split_spelling(std::string_view spelling);
/// Gives a column's spelling one more clause, with the comments about that.
void append_to_spelling(schema::Spelling& spelling, const schema::Spelling& clause);

/// What to do with the table's own name in front of columns.
struct Qualifier {
  std::string name{};  ///< what the table is called in the statement; empty: as it is
  bool keep = false;   ///< `hero.age` becomes `name.age`, else `age`
};

/// CREATE TABLE as create_table_sql writes it, with the spellings that hold. `around` has the tables that foreign keys reference.
std::string spelled_table_sql(const schema::Table& table, const schema::Metadata& around, const Qualifier& qualifier = {},
                              bool if_not_exists = false);
/// Is a column named together with its table anywhere in what spelled_table_sql(..., keep) would write?
bool has_qualifiers(const schema::Table& table);
/// ALTER TABLE ... ADD COLUMN as add_column_sql writes it, likewise.
std::string spelled_add_column_sql(const schema::Table& table, const schema::Column& column, std::span<const schema::Constraint* const> constraints,
                                   const schema::Metadata& around);
/// CREATE INDEX as create_index_sql writes it, likewise.
std::string spelled_index_sql(const schema::Table& table, const schema::Index& index);

}  // namespace aludel::sqlite
