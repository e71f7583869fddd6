#pragma once

#include <aludel/migrate/runner.hpp>

#include "documents.hpp"

namespace aludel::cli {

/// A revision that stopped in the middle, as --json tells of it.
inline Value half_applied_document(const migrate::HalfApplied& half) {
  return object({{"revision", half.revision},
                 {"direction", half.direction == revision::Direction::upgrade ? "upgrade" : "downgrade"},
                 {"undoing", half.undoing},
                 {"segment", half.segment},
                 {"segments", half.segments},
                 {"statements_done", static_cast<std::int64_t>(half.statements_done)},
                 {"statements", static_cast<std::int64_t>(half.statements)},
                 {"in_doubt", half.in_doubt},
                 {"failed", half.failed},
                 {"statement", half.statement},
                 {"error", half.error},
                 {"who", half.who},
                 {"session", half.session},
                 {"started", half.started}});
}

}  // namespace aludel::cli
