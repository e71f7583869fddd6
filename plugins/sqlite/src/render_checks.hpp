#pragma once

#include "render_copy.hpp"

#include <aludel/dialect/statement.hpp>

#include <string>
#include <vector>

/// Statements that find the rows which break what a revision demands, and name them, before SQLite stops at the first of them. Pure.
namespace aludel::sqlite {

/// Rows that cannot be copied: NULL where there may be none, keys that are not unique, keys that cannot be a rowid.
std::vector<dialect::Statement> checks_before_copy(const TableChange& change);
/// Rows of the new form, created as `name` and filled without regard to checks, that a check which is new to them excludes.
std::vector<dialect::Statement> checks_after_copy(const TableChange& change, std::string_view name);
/// Does checks_after_copy give any?
bool has_new_checks(const TableChange& change);

/// Rows that would not fit into a unique index, asked of the table as it stands in the database.
dialect::Statement unique_index_check(const schema::Table& table, const schema::Index& index);
/// Rows that would break a check which comes with an added column, asked before the column is added. `table` has the column already.
dialect::Statement added_column_check(const schema::Table& table, const schema::Column& column, const schema::Check& check);
/// Rows for which a generated column that is added would be NULL.
dialect::Statement generated_null_check(const schema::Table& table, const schema::Column& column);
/// Rows that break a constraint which is there; nothing for one that SQLite itself keeps.
std::vector<dialect::Statement> validation(const schema::Table& table, const schema::Constraint& constraint);

}  // namespace aludel::sqlite
