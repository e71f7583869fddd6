#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aludel::postgresql {

/// Cuts a script at the semicolons that end statements, as psql does: those in parentheses (CREATE RULE) and in a BEGIN ATOMIC body do not. Comments
/// in front of a statement stay with it. Of psql's own commands those are understood that ask for nothing (\restrict, \unrestrict, \set
/// ON_ERROR_STOP), as pg_dump and our scripts write them. Throws Error(syntax) with line and column for what is unclosed, for other commands of psql,
/// and for COPY ... FROM stdin, whose rows are no SQL.
std::vector<std::string> split_script(std::string_view script);

}  // namespace aludel::postgresql
