#pragma once

#include <aludel/export.hpp>
#include <aludel/op/operation.hpp>
#include <aludel/op/rewriter.hpp>
#include <aludel/schema/equivalent.hpp>

#include <span>

namespace aludel::op {

/// Applies one operation to a schema value. Pure; no database. Drops are RESTRICT: what depends on a dropped thing must have been dropped before.
///
/// Renames rewrite, through `rewriter`, every expression and definition that names the thing, foreign keys of other tables included; what
/// cannot be rewritten is marked stale. sql with an effect applies the effect; opaque operations and data leave the schema as it is.
/// Throws Error(schema) at the operation's location when it does not fit: the table exists, the column is missing, `from` differs (compared by
/// `schema::equivalent`, skipped when `ignore_from`).
struct ApplyOptions {
  bool ignore_from = false;
  schema::Comparison comparison{};
};
ALUDEL_API void apply(const Operation& operation, schema::Metadata& schema, const Rewriter& rewriter, const ApplyOptions& options = {});
ALUDEL_API schema::Metadata apply(std::span<const Operation> operations, schema::Metadata schema, const Rewriter& rewriter,
                                  const ApplyOptions& options = {});

/// The operations that undo `operations`, last first: apply(invert(ops, a), apply(ops, a)) == a (law 2).
///
/// `before` completes what a file left out (the definition of a dropped column). Throws Error(unsupported) naming the operation that cannot be
/// inverted: sql without undo, call without undo, irreversible, custom.
/// if_exists / if_not_exists operations that did nothing in `before` invert to nothing. Pure.
ALUDEL_API Operations invert(std::span<const Operation> operations, const schema::Metadata& before, const Rewriter& rewriter,
                             const ApplyOptions& options = {});

/// Fills in the definitions that hand-written drops left out from `before`, operation by operation. Pure.
ALUDEL_API Operations complete(std::span<const Operation> operations, const schema::Metadata& before, const Rewriter& rewriter,
                               const ApplyOptions& options = {});

}  // namespace aludel::op
