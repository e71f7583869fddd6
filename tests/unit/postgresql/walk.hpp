#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/op/operation.hpp>
#include <aludel/schema/schema.hpp>

#include <string>
#include <string_view>
#include <vector>

/// Changes told by SQL: a database is led from one script's schema to another's and back, and looked at after each step.
namespace aludel::postgresql::test {

struct Walk {
  std::vector<std::string> places;      ///< scripts, of which each makes one schema
  std::vector<std::size_t> path{0, 1};  ///< by position in `places`
  bool online = true;
  bool privileges = false;
  /// A query whose answer is the same everywhere: rows that must survive.
  std::string ask{};
};

/// The scripts that were run on the first step and to undo it.
struct Walked {
  dialect::Script there, back;
};

/// Leads a database along the path. Each step is what the differ finds; it is run, undone by its inverse, and run again. After each of these law 3 is
/// demanded: the database is read as the schema that was promised, the effects of the statements tell of the same one, and a second comparison finds
/// nothing.
Walked walk(const Walk& walk);
/// Runs written operations where the script has been, undoes them and runs them again, under the same demands, but for texts that a rename has left
/// stale.
Walked there_and_back(const std::string& script, const op::Operations& operations, bool online = true, const std::string& ask = {});
/// There and back, with safe forms and with plain ones.
void walk_both(const std::string& from, const std::string& to, const std::string& ask = {});

/// The statements, a line each, without their closing semicolons.
std::vector<std::string> texts(const dialect::Script& script);
/// Does a statement contain the text?
bool says(const dialect::Script& script, std::string_view text);

}  // namespace aludel::postgresql::test
