#include <aludel/op/apply.hpp>
#include <aludel/schema/equivalent.hpp>

#include <gtest/gtest.h>

#include <iostream>

#include "support/random_schema.hpp"

namespace aludel {
namespace {

using test::Random;
using test::Shape;

/// Law 2: apply(invert(ops, a), apply(ops, a)) == a.
TEST(Law2, ARandomRunOfOperationsIsUndoneByItsInverse) {
  const std::uint64_t seed = test::seed_from_environment();
  const std::size_t cases = test::cases_from_environment(3000);
  const auto& rewriter = op::standard_rewriter();
  std::cout << "ALUDEL_SEED=" << seed << " ALUDEL_CASES=" << cases << std::endl;
  Random seeds(seed);
  for (std::size_t i = 0; i < cases; ++i) {
    Random random(seeds.seed());
    const Shape shape = i % 2 == 0 ? Shape() : Shape::sqlite();
    const schema::Metadata before = test::random_schema(random, shape);
    schema::Metadata after = before;
    op::Operations operations;
    for (std::size_t k = 1 + random.below(8); k > 0; --k) operations.push_back(test::random_operation(random, after, shape));
    try {
      ASSERT_EQ(op::apply(operations, before, rewriter), after);
      const auto inverse = op::invert(operations, before, rewriter);
      const auto undone = op::apply(inverse, after, rewriter);
      ASSERT_TRUE(test::equivalent_but_for_stale(undone, before)) << "ALUDEL_SEED=" << seed << ", case " << i << "\nbefore:\n"
                                                                  << test::dump(before) << "\noperations:\n"
                                                                  << test::dump(operations) << "\ninverse:\n"
                                                                  << test::dump(inverse) << "\nundone:\n"
                                                                  << test::dump(undone);
    } catch (const Error& error) {
      FAIL() << "ALUDEL_SEED=" << seed << ", case " << i << ": " << error.text() << "\nbefore:\n"
             << test::dump(before) << "\noperations:\n"
             << test::dump(operations);
    }
  }
}

/// A refused operation changes nothing.
TEST(Apply, LeavesTheSchemaAloneWhenAnOperationDoesNotFit) {
  const std::uint64_t seed = test::seed_from_environment();
  const std::size_t cases = test::cases_from_environment(1000);
  Random random(seed);
  std::size_t refused = 0;
  for (std::size_t i = 0; i < cases; ++i) {
    // Made for one schema, tried on another.
    schema::Metadata home = test::random_schema(random, {});
    const op::Operation operation = test::random_operation(random, home, {});
    const schema::Metadata other = test::random_schema(random, {});
    schema::Metadata tried = other;
    try {
      op::apply(operation, tried, op::standard_rewriter());
    } catch (const Error& error) {
      ++refused;
      ASSERT_EQ(error.kind(), ErrorKind::schema) << error.text();
      ASSERT_FALSE(error.hint().empty()) << error.text();
      ASSERT_EQ(tried, other) << "ALUDEL_SEED=" << seed << ", case " << i << ": " << op::describe(operation);
    }
  }
  EXPECT_GT(refused, cases / 10);
}

}  // namespace
}  // namespace aludel
