#include <aludel/diff/compare.hpp>
#include <aludel/op/apply.hpp>
#include <aludel/schema/equivalent.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <set>

#include "support/random_schema.hpp"

namespace aludel {
namespace {

using schema::Metadata;
using test::Random;
using test::Shape;

struct Pair {
  Metadata from, to;
};

/// Strangers that share some names, or neighbours some edits apart, with hints or without.
Pair random_pair(Random& random, const Shape& shape, std::size_t i) {
  Pair pair{test::random_schema(random, shape), {}};
  if (i % 3 == 0) {
    pair.to = test::random_schema(random, shape);
  } else {
    pair.to = test::random_neighbour(random, pair.from, shape, 1 + random.below(10), i % 3 == 1);
  }
  return pair;
}

Metadata without_hints(Metadata schema) {
  for (auto& [name, table] : schema.tables.writable()) {
    table.renamed_from.clear();
    for (auto& column : table.columns) column.renamed_from.clear();
  }
  return schema;
}

class Law1 : public testing::Test {
 protected:
  /// Runs `check` on random pairs, naming the seed and showing the pair where it fails or throws.
  template <class Check>
  void on_random_pairs(Check check) {
    const std::uint64_t seed = test::seed_from_environment();
    const std::size_t cases = test::cases_from_environment(1000);
    std::cout << "ALUDEL_SEED=" << seed << " ALUDEL_CASES=" << cases << std::endl;
    Random seeds(seed);
    for (std::size_t i = 0; i < cases && !HasFailure(); ++i) {
      Random random(seeds.seed());
      const Shape shape = i % 2 == 0 ? Shape() : Shape::sqlite();
      const Pair pair = random_pair(random, shape, i);
      op::Operations operations;
      try {
        diff::Options options;
        options.replace_objects = i % 5 != 0;
        operations = diff::compare(pair.from, pair.to, options).operations;
        check(pair, operations, options);
      } catch (const Error& error) {
        ADD_FAILURE() << error.text();
      }
      if (HasFailure()) {
        ADD_FAILURE() << "ALUDEL_SEED=" << seed << ", case " << i << "\nfrom:\n"
                      << test::dump(pair.from) << "\nto:\n"
                      << test::dump(pair.to) << "\noperations:\n"
                      << test::dump(operations);
      }
    }
  }
};

TEST_F(Law1, TheDifferenceAppliedGivesTheTarget) {
  on_random_pairs([](const Pair& pair, const op::Operations& operations, const diff::Options& options) {
    const Metadata result = op::apply(operations, pair.from, *options.rewriter);
    EXPECT_TRUE(test::equivalent_but_for_stale(result, pair.to)) << "result:\n" << test::dump(result);
    EXPECT_TRUE(schema::equivalent(without_hints(result), without_hints(pair.to))) << "result:\n" << test::dump(result);
    EXPECT_EQ(diff::compare(result, pair.to, options).operations, op::Operations{}) << "the second time";
  });
}

TEST_F(Law1, ASchemaDoesNotDifferFromItself) {
  on_random_pairs([](const Pair& pair, const op::Operations&, const diff::Options& options) {
    EXPECT_EQ(diff::compare(pair.from, pair.from, options).operations, op::Operations{});
    const auto again = diff::compare(pair.to, pair.to, options);
    EXPECT_EQ(again.operations, op::Operations{});
    EXPECT_TRUE(again.suggestions.empty());
  });
}

TEST_F(Law1, OnlyTheOrderOfColumnsIsNoDifference) {
  on_random_pairs([](const Pair& pair, const op::Operations&, const diff::Options& options) {
    Metadata turned = pair.from;
    for (auto& [name, table] : turned.tables.writable()) {
      std::reverse(table.columns.begin(), table.columns.end());
      std::reverse(table.constraints.begin(), table.constraints.end());
      std::reverse(table.indexes.begin(), table.indexes.end());
    }
    EXPECT_EQ(diff::compare(pair.from, turned, options).operations, op::Operations{});
  });
}

/// Law 2 for what the differ makes.
TEST_F(Law1, TheDifferenceInverts) {
  on_random_pairs([](const Pair& pair, const op::Operations& operations, const diff::Options& options) {
    const Metadata result = op::apply(operations, pair.from, *options.rewriter);
    const auto inverse = op::invert(operations, pair.from, *options.rewriter);
    const Metadata undone = op::apply(inverse, result, *options.rewriter);
    EXPECT_TRUE(test::equivalent_but_for_stale(undone, pair.from)) << "inverse:\n" << test::dump(inverse) << "\nundone:\n" << test::dump(undone);
  });
}

bool is_key(const schema::Table& table, const std::vector<std::string>& columns) {
  std::multiset<std::string> wanted(columns.begin(), columns.end());
  const auto covers = [&](const std::vector<schema::IndexPart>& parts) {
    std::multiset<std::string> names;
    for (const auto& part : parts) names.insert(part.column);
    return names == wanted;
  };
  for (const auto& constraint : table.constraints) {
    if (const auto* key = std::get_if<schema::PrimaryKey>(&constraint); key && (columns.empty() || covers(key->columns))) return true;
    if (const auto* key = std::get_if<schema::Unique>(&constraint); key && covers(key->columns)) return true;
  }
  return std::any_of(table.indexes.begin(), table.indexes.end(),
                     [&](const auto& index) { return index.unique && !index.where && covers(index.columns); });
}

/// A server that checks references at once would take every step: the referenced table is there, and so is its key.
TEST_F(Law1, ForeignKeysComeAfterWhatTheyReference) {
  on_random_pairs([](const Pair& pair, const op::Operations& operations, const diff::Options& options) {
    Metadata state = pair.from;
    const auto check = [&](const schema::Constraint& constraint) {
      const auto* key = std::get_if<schema::ForeignKey>(&constraint);
      const auto* wanted = key ? pair.to.find_table(key->referenced_table) : nullptr;
      if (!wanted || !is_key(*wanted, key->referenced_columns)) return;  // never met
      const auto* is = state.find_table(key->referenced_table);
      ASSERT_TRUE(is) << key->name << " is added before " << key->referenced_table.text();
      EXPECT_TRUE(is_key(*is, key->referenced_columns)) << key->name << " is added before its key";
    };
    for (const auto& operation : operations) {
      op::apply(operation, state, *options.rewriter);
      if (const auto* create = std::get_if<op::CreateTable>(&operation.body)) {
        for (const auto& constraint : create->table.constraints) check(constraint);
      }
      if (const auto* add = std::get_if<op::AddConstraint>(&operation.body)) check(add->constraint);
    }
  });
}

TEST_F(Law1, ViewsComeAfterWhatTheyName) {
  on_random_pairs([](const Pair& pair, const op::Operations& operations, const diff::Options& options) {
    Metadata state = pair.from;
    for (const auto& operation : operations) {
      op::apply(operation, state, *options.rewriter);
      const auto* create = std::get_if<op::CreateObject>(&operation.body);
      if (!create) continue;
      for (const auto& [name, table] : pair.to.tables) {
        if (!options.rewriter->mentions_table(create->object.definition.declared, name)) continue;
        EXPECT_TRUE(state.find_table(name)) << create->object.key.text() << " is created before " << name.text();
      }
      for (const auto& [key, object] : pair.to.objects) {
        if (key.kind != "view" || key == create->object.key || !options.rewriter->mentions_table(create->object.definition.declared, key.name))
          continue;
        EXPECT_TRUE(state.objects.contains(key)) << create->object.key.text() << " is created before " << key.text();
      }
    }
  });
}

TEST_F(Law1, EveryDropCarriesWhatItDropsAndEveryLossIsMarked) {
  on_random_pairs([](const Pair&, const op::Operations& operations, const diff::Options&) {
    for (const auto& operation : operations) {
      EXPECT_EQ(operation.data_loss, op::destroys(operation) ? op::DataLoss::review : op::DataLoss::unsaid) << op::describe(operation);
      std::visit(
          [&](const auto& body) {
            if constexpr (requires { body.definition.has_value(); }) {
              EXPECT_TRUE(body.definition.has_value()) << op::describe(operation);
            }
          },
          operation.body);
    }
  });
}

}  // namespace
}  // namespace aludel
