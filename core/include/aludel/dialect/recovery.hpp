#pragma once

#include <aludel/dialect/connection.hpp>
#include <aludel/dialect/statement.hpp>
#include <aludel/export.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aludel::dialect {

/// What a dialect knows about statements that stopped in the middle and left something that is neither the schema before nor the one after (an
/// invalid index, a partition that is half detached): the interface that Dialect::extension(Recovery::extension_name) hands out. Immutable,
/// thread-safe, alive as long as the dialect.
class ALUDEL_API Recovery {
 public:
  static constexpr std::string_view extension_name = "recovery/1";

  struct Verdict {
    bool applied = false;              ///< false: it is to be run again, once `cleanup` has run
    std::vector<std::string> cleanup;  ///< statements, run one by one outside any transaction; with `applied`, what completes it
    std::string evidence;              ///< for people: "index ix_hero_name is there, but not valid"
  };

  virtual ~Recovery();
  /// Looks at what `statement` works on, after the session that ran it is gone, or after the server refused it (lock timeout, deadlock, cancel). Null
  /// where there is nothing special to see: then the schema is compared with the statement's effect. Reads only.
  virtual std::optional<Verdict> judge(Connection& connection, const Statement& statement) const = 0;

  /// The connection's dialect's, or null.
  static const Recovery* of(const Connection& connection);
};

}  // namespace aludel::dialect
