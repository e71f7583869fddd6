#pragma once

#include <aludel/dialect/script_writer.hpp>

namespace aludel::postgresql {

/// Scripts for psql. Stateless, thread-safe, lives as long as the process.
dialect::ScriptWriter& script_writer();

}  // namespace aludel::postgresql
