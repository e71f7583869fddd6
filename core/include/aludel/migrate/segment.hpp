#pragma once

#include <aludel/dialect/statement.hpp>
#include <aludel/export.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace aludel::migrate {

/// Statements that commit together, or one that commits by itself.
struct Segment {
  std::size_t first = 0;  ///< index of its first statement
  std::size_t count = 0;
  bool transactional = true;  ///< false: exactly one statement, run outside any transaction between an intent row and a done row
  bool operator==(const Segment&) const = default;
};

/// What the cutter has to know.
struct CutOptions {
  bool transactional_ddl = true;  ///< Capabilities::transactional_ddl
  bool transaction = true;        ///< false where the revision's head says `transaction = false`
};

/// Cuts a revision's statements into segments, in order and without a gap. Pure.
///
/// Neighbours join in one transaction. A statement with Boundary::outside_transaction, and every one of a revision with `transaction = false`,
/// stands alone outside. Boundary::commit_after ends the segment behind the statement where DDL is transactional; elsewhere such a statement
/// commits by itself and stands alone outside. A revision without statements is one empty transactional segment: its journal row must commit
/// somewhere.
ALUDEL_API std::vector<Segment> cut(std::span<const dialect::Statement> statements, const CutOptions& options = {});

}  // namespace aludel::migrate
