#include "render.hpp"

#include "render_loss.hpp"
#include "render_plan.hpp"

#include <algorithm>
#include <array>

namespace aludel::mysql {
namespace {

class MysqlRenderer final : public dialect::Renderer {
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
  static const MysqlRenderer instance;
  return instance;
}

std::vector<std::string> supported_operations() {
  static constexpr std::array<std::string_view, 6> unknown = {"custom",      "create_schema",    "alter_schema",
                                                              "drop_schema", "attach_partition", "detach_partition"};
  std::vector<std::string> all;
  for (const std::string& name : op::operation_names()) {
    if (std::find(unknown.begin(), unknown.end(), name) == unknown.end()) all.push_back(name);
  }
  return all;
}

}  // namespace aludel::mysql
