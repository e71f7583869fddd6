#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aludel::mysql {

/// Cuts a script as the servers' own clients do (DELIMITER at the beginning of a line), and besides, where the delimiter is a semicolon, keeps the
/// compound bodies of routines, triggers and events together. Executable comments stay as they are, for the server to decide on; what is nothing but
/// comments is no statement. A `SET sql_mode` in the script decides how what follows is quoted. Throws Error(syntax) with line and column.
std::vector<std::string> split_script(std::string_view script);

}  // namespace aludel::mysql
