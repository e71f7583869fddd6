#pragma once

#include <aludel/dialect/dialect.hpp>

#include <string>
#include <vector>

namespace aludel::mysql {

/// Operations to SQL for MySQL and MariaDB. Stateless, thread-safe, lives as long as the process.
const dialect::Renderer& renderer();

/// Names of the operations that `renderer` supports, for Capabilities::operations.
std::vector<std::string> supported_operations();

}  // namespace aludel::mysql
