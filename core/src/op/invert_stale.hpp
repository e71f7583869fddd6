#pragma once

#include <aludel/op/apply.hpp>

#include <vector>

namespace aludel::op {

/// Objects that are dropped, replaced or lost with their table after a rename has left their text stale can be made again only where that rename has
/// been undone: in `steps` (what undoes each operation, to be run last first) they, and what depends on them, are away from the step that undoes the
/// drop to the end of the one that undoes the rename. Objects whose text was stale in `before` are left as they are. Pure.
void make_again_under_old_names(std::span<const Operation> operations, const schema::Metadata& before, const Rewriter& rewriter,
                                const ApplyOptions& options, std::vector<Operations>& steps);

/// Does it drop or replace an object whose text is stale in `before`?
bool loses_stale_text(const Operation& operation, const schema::Metadata& before, const Rewriter& rewriter);

}  // namespace aludel::op
