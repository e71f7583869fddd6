#pragma once

#include "rendering.hpp"

#include <aludel/migrate/journal.hpp>

#include <cstddef>
#include <string>
#include <vector>

/// What a revision of several segments is going to do, as the journal keeps it from before its first segment until it is whole.
namespace aludel::migrate {

struct Plan {
  Entry row;              ///< revision, action, checksum, heads, flags
  op::Operations source;  ///< the operations that were rendered, as the file had them
  std::vector<std::size_t> starts;
  std::vector<std::string> prologue, epilogue;
  std::vector<Part> parts;  ///< those that are rendered; without the schemas

  bool is_undo() const;
  /// Of those that are rendered, and one for each part that is not.
  std::size_t segments() const;
  std::size_t statements() const;
  bool is_rendered() const { return parts.size() == starts.size(); }
};

/// Cuts the part's statements, from `first` on, and works out what undoes each.
void cut_part(Part& part, const Task& task, bool carry, const dialect::Connection& connection, const RunOptions& options);
/// The same cut for statements that begin at `first`, where those before it ran already in segments that stay as they are.
std::vector<Segment> cut_rest(const Part& part, std::size_t first, const Task& task, const dialect::Dialect& dialect);

Value encode_plan(const std::vector<Part>& parts, const std::vector<std::size_t>& starts, const std::vector<std::string>& prologue,
                  const std::vector<std::string>& epilogue);
/// Throws Error(revision) for one that cannot be read.
Plan decode_plan(Entry row);

/// One segment of a plan.
struct Piece {
  std::size_t part = 0;
  Segment segment;
};
std::vector<Piece> pieces_of(const std::vector<Part>& parts);

/// The operations that bring the database back to where the plan began, where the first `done` segments ran. Throws Error(unsupported) naming the
/// statement that cannot be undone.
op::Operations undo_of(const Plan& plan, std::size_t done);

/// "-- call name(arguments)" or the SQL.
std::string statement_text(const dialect::Statement& statement);

}  // namespace aludel::migrate
