#pragma once

#include <aludel/dialect/dialect.hpp>

#include <string>
#include <vector>

namespace aludel::postgresql {

/// Operations to SQL for PostgreSQL 13 to 18. Stateless, thread-safe, lives as long as the process. docs/postgresql.md says what is run how.
const dialect::Renderer& renderer();

/// Names of the operations that `renderer` supports, for Capabilities::operations.
std::vector<std::string> supported_operations();

}  // namespace aludel::postgresql
