#pragma once

#include <aludel/dialect/script_writer.hpp>

namespace aludel::mysql {

/// Scripts for the servers' own clients (mariadb, mysql), which stop at the first error anyway.
dialect::ScriptWriter& script_writer();

}  // namespace aludel::mysql
