#pragma once

#include <aludel/export.hpp>
#include <aludel/op/operation.hpp>
#include <aludel/op/rewriter.hpp>
#include <aludel/schema/equivalent.hpp>

#include <span>

namespace aludel::op {

struct ApplyOptions {
  bool ignore_from = false;  ///< what an operation says was there before is not checked
  schema::Comparison comparison{};
};

/// Applies one operation to a schema value. Pure; no database. Drops are RESTRICT: what depends on a dropped thing must have been dropped before
/// (dependents.hpp says what depends on what).
///
/// Renames rewrite, through `rewriter`, every expression and definition that names the thing, foreign keys of other tables included; what
/// cannot be rewritten keeps its text and is marked stale, and stale text is left alone from then on. sql with an effect applies the effect; opaque
/// operations and data leave the schema as it is. What an operation's values say of hints (`renamed_from`, `backfill`) does not enter the schema. A
/// foreign key may name a table that the schema does not hold (it may be external), and rows are none of its business: a NOT NULL column without a
/// default is added as any other.
///
/// Throws Error(schema) at the operation's location when it does not fit: the table exists, the column is missing, something depends on what is
/// dropped, `from` differs (compared by `schema::equivalent`, skipped when `ignore_from` and for stale text). The schema is then as it was, but for
/// sql with an effect of several operations.
ALUDEL_API void apply(const Operation& operation, schema::Metadata& schema, const Rewriter& rewriter, const ApplyOptions& options = {});
ALUDEL_API schema::Metadata apply(std::span<const Operation> operations, schema::Metadata schema, const Rewriter& rewriter,
                                  const ApplyOptions& options = {});

/// The operations that undo `operations`, last first: apply(invert(ops, a), apply(ops, a)) == a (law 2).
///
/// Where the file's definition of what was dropped or changed agrees with `before`, its spelling is kept; else, and where it was left out, `before`'s
/// own is taken. What went with a dropped table (triggers, owned sequences) comes back with it. An operation that is marked `data_loss = "accepted"`
/// inverts to one that is too; other inverses that destroy are marked for review. if_exists / if_not_exists operations that did nothing in `before`
/// invert to nothing, and so does assert. insert and delete invert to each other, sql to its undo, call to its undo function. A type change inverts
/// without `using`, and a column that becomes NOT NULL again without `backfill`. Pure.
///
/// Throws Error(unsupported) at the operation's location, naming what cannot be inverted: sql without undo, call without undo, irreversible, custom.
ALUDEL_API Operations invert(std::span<const Operation> operations, const schema::Metadata& before, const Rewriter& rewriter,
                             const ApplyOptions& options = {});

/// Fills in, operation by operation, the definitions that hand-written drops left out and the names that constraints and indexes have got, or get
/// when they are made (Rewriter::name_parts). Pure; throws as `apply` does.
ALUDEL_API Operations complete(std::span<const Operation> operations, const schema::Metadata& before, const Rewriter& rewriter,
                               const ApplyOptions& options = {});

}  // namespace aludel::op
