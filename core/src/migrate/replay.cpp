#include <aludel/error.hpp>
#include <aludel/migrate/runner.hpp>
#include <aludel/op/apply.hpp>
#include <aludel/text.hpp>

namespace aludel::migrate {

schema::Metadata replay(const revision::Graph& graph, const revision::Store& store, std::span<const std::string> revisions,
                        const dialect::Dialect& dialect, bool see_through) {
  schema::Metadata schema;
  const auto needed = graph.ancestors(revisions);
  op::ApplyOptions options;
  options.comparison = dialect.comparison(dialect.default_server());
  for (const auto& id : graph.topological()) {
    if (needed.count(id) == 0) continue;
    const auto content = store.load(id);
    for (const auto& operation : content.upgrade) try {
        if (op::is_opaque(operation) && !see_through)
          throw Error(ErrorKind::unsupported,
                      "revision " + quoted(id) + " cannot be seen through: what " + op::describe(operation) + " does to the schema is not said")
              .with_hint("declare it with effect = [...] (an empty list where only rows change)");
        op::apply(operation, schema, dialect.rewriter(), options);
      } catch (Error& error) {
        error.set_location(operation.location);
        error.set_revision(id);
        throw;
      }
  }
  return schema;
}

}  // namespace aludel::migrate
