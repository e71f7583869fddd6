#pragma once

#include <aludel/op/operation.hpp>
#include <aludel/schema/schema.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace aludel::postgresql {

struct Arranged {
  op::Operations operations;       ///< as they stood; what moves has the names of its new place
  std::vector<std::size_t> order;  ///< in which they can run
};

/// The server alone knows what a view says once a column under it has another name. So a column whose type changes behind a rename, under a view of
/// which only the old text is known, changes it before the rename, under the old name. So it does before a column is added that is computed from it.
/// All else stays in its order; nullopt where nothing moves. Pure.
std::optional<Arranged> types_before_names(std::span<const op::Operation> operations, const schema::Metadata& before);

}  // namespace aludel::postgresql
