#pragma once

#include <aludel/dialect/dialect.hpp>

namespace aludel::mysql {

/// Stateless, thread-safe, alive as long as the process.
const dialect::Introspector& introspector();

}  // namespace aludel::mysql
