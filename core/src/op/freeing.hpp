#pragma once

#include <aludel/op/dependents.hpp>
#include <aludel/op/operation.hpp>

namespace aludel::op {

/// What has to be done around a drop so that nothing stands in its way: `before` drops what depends on it, `after` brings it back.
struct Freed {
  Operations before, after;
};

/// Takes one dependent away and gives it back, in the schema that it was found in.
Operation take_away(const Dependent& dependent, const schema::Metadata& schema);
Operation give_back(const Dependent& dependent, const schema::Metadata& schema);

/// For drops of a table, column, constraint, index or object; for other operations there is nothing to do.
Freed free_dependents(const Operation& drop, const schema::Metadata& schema, const Rewriter& rewriter);

}  // namespace aludel::op
