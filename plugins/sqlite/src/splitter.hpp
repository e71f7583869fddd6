#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aludel::sqlite {

/// Cuts a script at the semicolons that end statements, as sqlite3_complete() does: those in the body of a CREATE TRIGGER do not. Comments in front
/// of a statement stay with it. Throws Error(syntax) with line and column for what is unclosed and for commands of the sqlite3 shell.
std::vector<std::string> split_script(std::string_view script);

}  // namespace aludel::sqlite
