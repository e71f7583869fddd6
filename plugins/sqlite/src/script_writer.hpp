#pragma once

#include <aludel/dialect/script_writer.hpp>

namespace aludel::sqlite {

/// Scripts for the sqlite3 shell.
dialect::ScriptWriter& script_writer();

}  // namespace aludel::sqlite
