#pragma once

#include <aludel/op/rewriter.hpp>

namespace aludel::postgresql {

/// Renames in PostgreSQL's expressions and definitions; what it cannot tell it leaves to the caller to mark. Stateless, thread-safe.
const op::Rewriter& rewriter();

}  // namespace aludel::postgresql
