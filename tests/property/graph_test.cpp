#include <aludel/revision/graph.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

// The planner on random graphs with merges, dependencies, several bases and several heads.
namespace aludel::revision {
namespace {

using Ids = std::vector<std::string>;
using Set = std::set<std::string>;

unsigned long setting(const char* name, unsigned long otherwise) {
  const auto* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoul(text, nullptr, 10);
}

class Random {
 public:
  explicit Random(unsigned long seed) : engine_(seed) {}
  std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(engine_); }
  bool chance(std::size_t percent) { return below(100) < percent; }
  template <class T>
  void shuffle(std::vector<T>& values) {
    std::shuffle(values.begin(), values.end(), engine_);
  }

 private:
  std::mt19937_64 engine_;
};

std::vector<Revision> random_revisions(Random& random) {
  std::vector<Revision> revisions;
  const auto count = 1 + random.below(25);
  for (std::size_t i = 0; i < count; ++i) {
    Revision revision;
    revision.id = "r" + std::to_string(random.below(10'000)) + "x" + std::to_string(i);
    revision.created = std::to_string(random.below(5));
    Set parents;
    if (i > 0 && !random.chance(8)) parents.insert(revisions[i - 1 - random.below(std::min<std::size_t>(i, 4))].id);
    if (i > 1 && random.chance(20)) parents.insert(revisions[random.below(i)].id);
    revision.down_revisions.assign(parents.begin(), parents.end());
    if (i > 0 && random.chance(10)) revision.depends_on.push_back(revisions[random.below(i)].id);
    revisions.push_back(std::move(revision));
  }
  random.shuffle(revisions);
  return revisions;
}

/// The heads of an applied set, by definition rather than by bookkeeping.
Ids expected_heads(const Graph& graph, const Set& applied) {
  Ids heads;
  for (const auto& id : applied) {
    const auto has_child = std::any_of(applied.begin(), applied.end(), [&](const auto& other) {
      const auto& parents = graph.at(other).down_revisions;
      return std::find(parents.begin(), parents.end(), id) != parents.end();
    });
    if (!has_child) heads.push_back(id);
  }
  return heads;
}

bool closed(const Graph& graph, const Set& applied) {
  return std::all_of(applied.begin(), applied.end(), [&](const auto& id) {
    const auto& revision = graph.at(id);
    const auto there = [&](const auto& other) { return applied.count(other) != 0; };
    return std::all_of(revision.down_revisions.begin(), revision.down_revisions.end(), there) &&
           std::all_of(revision.depends_on.begin(), revision.depends_on.end(), there);
  });
}

Ids random_ids(Random& random, Ids from) {
  if (from.empty()) return {};
  random.shuffle(from);
  from.resize(1 + random.below(std::min<std::size_t>(from.size(), 3)));
  return from;
}

void run(const Graph& graph, const std::vector<Step>& steps, Set& applied) {
  for (const auto& step : steps) {
    if (step.direction == Direction::upgrade)
      ASSERT_TRUE(applied.insert(step.revision).second) << "applied twice: " << step.revision;
    else
      ASSERT_EQ(applied.erase(step.revision), 1U) << "undone though not applied: " << step.revision;
    ASSERT_TRUE(closed(graph, applied)) << "after " << step.revision << " something stands on nothing";
    ASSERT_EQ(step.heads_after, expected_heads(graph, applied)) << "after " << step.revision;
    ASSERT_EQ(graph.ancestors(step.heads_after), applied) << "the heads do not tell what is applied after " << step.revision;
  }
}

void check_one(unsigned long seed) {
  SCOPED_TRACE("ALUDEL_SEED=" + std::to_string(seed) + " ALUDEL_CASES=1");
  Random random(seed);
  auto revisions = random_revisions(random);
  const Graph graph(revisions);
  random.shuffle(revisions);
  ASSERT_EQ(graph.topological(), Graph(revisions).topological()) << "the order depends on how files are listed";

  Set applied;
  Ids current;
  for (int round = 0; round < 4; ++round) {
    const auto targets = random_ids(random, graph.topological());
    const auto up = graph.upgrade(current, targets);
    const auto before = applied;
    run(graph, up, applied);
    if (testing::Test::HasFatalFailure()) return;
    for (const auto& target : targets) ASSERT_EQ(applied.count(target), 1U) << target << " was not reached";
    ASSERT_TRUE(graph.upgrade(graph.heads_of(applied), targets).empty()) << "a second upgrade finds something to do";
    // Nothing ran that no target needs.
    const auto needed = graph.ancestors(targets);
    for (const auto& step : up) ASSERT_EQ(needed.count(step.revision), 1U) << step.revision;

    current = graph.heads_of(applied);
    if (!applied.empty() && random.chance(60)) {
      const auto stops = random.chance(15) ? Ids{} : random_ids(random, Ids(applied.begin(), applied.end()));
      const auto down = graph.downgrade(current, stops);
      auto left = applied;
      run(graph, down, left);
      if (testing::Test::HasFatalFailure()) return;
      const auto kept = graph.ancestors(stops);
      for (const auto& id : left)  // nothing stays that stands on a target, unless a target needs it
        for (const auto& stop : stops) {
          const auto stands_on = graph.ancestors(Ids{id}).count(stop) != 0 && id != stop;
          ASSERT_TRUE(!stands_on || kept.count(id) != 0) << id << " still stands on " << stop;
        }
      ASSERT_TRUE(!stops.empty() || left.empty());
      // Up again: the inverse.
      auto again = left;
      run(graph, graph.upgrade(graph.heads_of(left), current), again);
      if (testing::Test::HasFatalFailure()) return;
      ASSERT_EQ(again, applied);
      applied = left;
      current = graph.heads_of(applied);
    }
  }
}

TEST(GraphProperty, PlansRespectParentsAndKeepTheBooks) {
  const auto seed = setting("ALUDEL_SEED", std::random_device()());
  const auto cases = setting("ALUDEL_CASES", 2000);
  std::printf("seed %lu, %lu cases\n", seed, cases);
  for (unsigned long i = 0; i < cases && !HasFailure(); ++i) check_one(seed + i);
}

}  // namespace
}  // namespace aludel::revision
