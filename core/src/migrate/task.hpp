#pragma once

#include <aludel/migrate/journal.hpp>
#include <aludel/migrate/runner.hpp>
#include <aludel/op/apply.hpp>
#include <aludel/revision/graph.hpp>

#include <span>
#include <string>
#include <vector>

namespace aludel::migrate {

/// One revision about to run: a step of the graph with its operations.
struct Task {
  revision::Step step;
  std::vector<std::string> heads_before;
  revision::Revision revision;
  op::Operations operations;  ///< of this direction
  std::string checksum;
  bool undo = false;  ///< brings back what ran of a revision that stopped in the middle: the heads stay
};

/// Does rendering these need the schema they start from?
bool needs_schema(std::span<const op::Operation> operations);
bool any_opaque(std::span<const op::Operation> operations);

/// How operations are applied on this connection's server.
op::ApplyOptions apply_options(const dialect::Connection& connection, const RunOptions& options);

/// Loads what the steps run. `graph` is `files` and what the journal adds to it. A downgrade is the file's own section, else the inverse that the
/// journal keeps, else the inverse of the file's operations over the replayed files. Throws Error(unsupported | guard) naming what cannot be undone,
/// before anything runs.
std::vector<Task> prepare(std::span<const revision::Step> steps, std::span<const std::string> heads, const revision::Graph& graph,
                          const revision::Graph& files, const revision::Store& store, Journal* journal, const dialect::Dialect& dialect);

/// Refuses operations that the dialect does not have, and calls that nobody registered; both by name, before statement 1.
void check_operations(std::span<const Task> tasks, const dialect::Dialect& dialect);
void look_up_calls(std::span<const Task> tasks, const Hooks& hooks);
/// Empty for a name that nobody registered.
Function find_function(const Hooks& hooks, const std::string& name);

/// The graph with the revisions that the journal knows and no file has any more, so that they can be undone.
revision::Graph with_journalled(const revision::Graph& graph, std::span<const std::string> heads, Journal& journal);

/// The journal's last row of that revision that says it was applied.
std::optional<Entry> last_applied(Journal& journal, std::string_view revision);

}  // namespace aludel::migrate
