#include "render.hpp"

#include <aludel/error.hpp>

#include <fmt/format.h>

namespace aludel::mysql {
namespace {

class MysqlRenderer final : public dialect::Renderer {
 public:
  dialect::Script render(std::span<const op::Operation> operations, const schema::Metadata&, const dialect::Server&,
                         const dialect::RenderOptions&) const override {
    if (operations.empty()) return {};
    throw Error(ErrorKind::unsupported, fmt::format("the MySQL dialect does not know the operation {}", op::name_of(operations.front())))
        .at(operations.front().location);
  }
  std::optional<dialect::LossProbe> loss_probe(const op::Operation&, const schema::Metadata&) const override { return std::nullopt; }
};

}  // namespace

const dialect::Renderer& renderer() {
  static const MysqlRenderer instance;
  return instance;
}

std::vector<std::string> supported_operations() { return {}; }

}  // namespace aludel::mysql
