#include "render_plan.hpp"

namespace aludel::postgresql {

void Planner::run_sql(const op::Sql&) { throw Error(ErrorKind::unsupported, "SQL in a revision cannot be cut into statements yet"); }
void Planner::check(const op::Assert&) { throw Error(ErrorKind::unsupported, "an assert cannot be cut into statements yet"); }

}  // namespace aludel::postgresql
