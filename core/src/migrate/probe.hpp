#pragma once

#include "rendering.hpp"

#include <aludel/dialect/dialect.hpp>
#include <aludel/migrate/runner.hpp>

#include <string>
#include <vector>

namespace aludel::migrate {

/// Did a statement take effect whose outcome nobody was told? Asked when the session that ran it is gone.
struct Finding {
  Effect effect = Effect::unknown;
  std::vector<std::string> cleanup;  ///< to run first
  std::string evidence;              ///< for people
};

/// Looks at the database: the dialect's Recovery first, else the schema is compared with what the statement's effect makes of it. The comparison is
/// of the effect alone: undone and done again (or done and undone) it must give the schema that is there, whatever else has changed since.
Finding probe(dialect::Connection& connection, const KnownSchema& schema, const dialect::Statement& statement, const StatementInverse& inverse,
              const RunOptions& options);

}  // namespace aludel::migrate
