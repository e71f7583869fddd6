#pragma once

#include <aludel/dialect/dialect.hpp>

#include <optional>

namespace aludel::mysql {

/// Renderer::loss_probe.
std::optional<dialect::LossProbe> probe_loss(const op::Operation& operation, const schema::Metadata& before);

}  // namespace aludel::mysql
