#include <aludel/migrate/runner.hpp>
#include <aludel/op/operation.hpp>
#include <aludel/schema/stale.hpp>
#include <aludel/source/source.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

namespace aludel::source {
namespace {

/// The first revision among these whose effect the files do not tell.
std::optional<std::string> first_opaque(const revision::Graph& graph, const revision::Store& store, const std::vector<std::string>& revisions) {
  const std::set<std::string> wanted = graph.ancestors(revisions);
  for (const std::string& id : graph.topological()) {
    if (!wanted.contains(id)) continue;
    const revision::Content content = store.load(id);
    if (std::any_of(content.upgrade.begin(), content.upgrade.end(), op::is_opaque)) return id;
  }
  return std::nullopt;
}

schema::Metadata replay_in_scratch(const revision::Store& store, const std::vector<std::string>& revisions, const Context& context,
                                   const std::string& reason) {
  try {
    const auto scratch = context.dialect->scratch(context.connection, context.scratch);
    migrate::RunOptions options;
    options.accept_data_loss = true;  // there are no rows to lose
    migrate::Runner runner(scratch->connection(), store, options);
    runner.upgrade(revisions);
    dialect::Scope scope;
    scope.ignored_tables = options.names.tables();
    return context.dialect->introspector().introspect(scratch->connection(), scope);
  } catch (Error& error) {
    error.add_context(fmt::format("while running the revisions in a scratch database, because {}", reason));
    throw;
  }
}

}  // namespace

schema::Metadata replay(const revision::Store& store, const std::vector<std::string>& revisions, const Context& context) {
  const revision::Graph graph(store.revisions());
  if (const auto opaque = first_opaque(graph, store, revisions)) {
    return replay_in_scratch(store, revisions, context, fmt::format("revision {} holds SQL or calls that do not declare their effect", *opaque));
  }
  schema::Metadata replayed = migrate::replay(graph, store, revisions, *context.dialect);
  if (schema::has_stale_text(replayed)) return replay_in_scratch(store, revisions, context, "a definition names something that was renamed since");
  return replayed;
}

}  // namespace aludel::source
