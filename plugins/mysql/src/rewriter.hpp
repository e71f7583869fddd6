#pragma once

#include <aludel/op/rewriter.hpp>

namespace aludel::mysql {

/// Renames in MySQL's and MariaDB's text: by their own tokens, with names compared without case. Stateless, thread-safe, lives as long as the
/// process.
const op::Rewriter& rewriter();

}  // namespace aludel::mysql
