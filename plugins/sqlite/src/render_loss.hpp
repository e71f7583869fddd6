#pragma once

#include <aludel/dialect/dialect.hpp>

#include <optional>

namespace aludel::sqlite {

/// dialect::Renderer::loss_probe. Pure.
std::optional<dialect::LossProbe> probe_loss(const op::Operation& operation, const schema::Metadata& before);

}  // namespace aludel::sqlite
