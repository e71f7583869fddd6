#include "render.hpp"

#include "render_loss.hpp"
#include "render_plan.hpp"

namespace aludel::postgresql {
namespace {

class Renderer final : public dialect::Renderer {
 public:
  dialect::Script render(std::span<const op::Operation> operations, const schema::Metadata& before, const dialect::Server& server,
                         const dialect::RenderOptions& options) const override {
    return Planner(operations, before, server, options).run();
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
