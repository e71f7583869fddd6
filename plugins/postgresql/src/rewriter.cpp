#include "rewriter.hpp"

namespace aludel::postgresql {

const op::Rewriter& rewriter() { return op::standard_rewriter(); }

}  // namespace aludel::postgresql
