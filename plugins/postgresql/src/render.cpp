#include "render.hpp"

#include "render_arrange.hpp"
#include "render_loss.hpp"
#include "render_plan.hpp"
#include "render_versions.hpp"
#include "rewriter.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace aludel::postgresql {
namespace {

bool lacks_name(const op::Operation& operation) {
  const auto unnamed = [](const schema::Constraint& constraint) { return name_of(constraint).empty(); };
  if (const auto* create = std::get_if<op::CreateTable>(&operation.body)) {
    const auto& table = create->table;
    return std::any_of(table.constraints.begin(), table.constraints.end(), unnamed) ||
           std::any_of(table.indexes.begin(), table.indexes.end(), [](const auto& index) { return index.name.empty(); });
  }
  if (const auto* add = std::get_if<op::AddConstraint>(&operation.body)) return unnamed(add->constraint);
  if (const auto* drop = std::get_if<op::DropConstraint>(&operation.body)) return drop->name.empty();
  if (const auto* alter = std::get_if<op::AlterConstraint>(&operation.body)) return unnamed(alter->from);
  return false;
}

dialect::Script render_named(std::span<const op::Operation> operations, const schema::Metadata& before, const dialect::Server& server,
                             const dialect::RenderOptions& options) {
  const auto arranged = types_before_names(operations, before);
  if (arranged) return Planner(arranged->operations, before, server, options).run(arranged->order);
  std::vector<std::size_t> order(operations.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  return Planner(operations, before, server, options).run(order);
}

class Renderer final : public dialect::Renderer {
 public:
  dialect::Script render(std::span<const op::Operation> operations, const schema::Metadata& before, const dialect::Server& server,
                         const dialect::RenderOptions& options) const override {
    refuse_newer(operations, server);
    if (std::none_of(operations.begin(), operations.end(), lacks_name)) return render_named(operations, before, server, options);
    // The server's own names are said, so that it cannot choose others.
    op::ApplyOptions applying;
    applying.ignore_from = true;
    applying.comparison.dialects = {"postgresql"};
    return render_named(op::complete(operations, before, rewriter(), applying), before, server, options);
  }
  std::optional<dialect::LossProbe> loss_probe(const op::Operation& operation, const schema::Metadata& before) const override {
    return probe_loss(operation, before);
  }
};

}  // namespace

const dialect::Renderer& renderer() {
  static const Renderer instance;
  return instance;
}

std::vector<std::string> supported_operations() {
  std::vector<std::string> all;
  for (const std::string& name : op::operation_names()) {
    if (name != "custom") all.push_back(name);
  }
  return all;
}

}  // namespace aludel::postgresql
