#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "fault/scenario.hpp"

// Many processes upgrade one database at once: each revision runs exactly once, the others wait, find nothing to do, and nobody fails.
namespace aludel::test {
namespace {

constexpr int racers = 20;

struct Course {
  std::string name;
  LinkedSystem system;
  std::string setup;
};
void PrintTo(const Course& course, std::ostream* out) { *out << course.name; }

std::vector<Course> courses() {
  std::vector<Course> all;
  for (const auto& system : linked_systems()) {
    if (!system.is_file()) {
      all.push_back({system.name, system, ""});
      continue;
    }
    for (const std::string mode : {"delete", "wal"}) all.push_back({system.name + "_" + mode, system, "PRAGMA journal_mode = " + mode});
  }
  return all;
}

class RaceTest : public testing::TestWithParam<Course> {};

/// Every racer waits for the starting signal, then runs; what it applied comes back through the pipe.
Ids race(const LinkedSystem& system, const std::string& url, const std::function<std::vector<migrate::Applied>(dialect::Connection&)>& run) {
  std::array<int, 2> gate{}, results{};
  EXPECT_EQ(pipe(gate.data()), 0);
  EXPECT_EQ(pipe(results.data()), 0);
  std::vector<pid_t> children;
  for (int i = 0; i < racers; ++i)
    children.push_back(spawn([&] {
      close(gate[1]);
      char signal = 0;
      if (read(gate[0], &signal, 1) != 0) return 98;
      const auto connection = system.connect(url);
      std::string lines;
      for (const auto& applied : run(*connection)) lines += applied.revision + "\n";
      return write(results[1], lines.data(), lines.size()) == static_cast<ssize_t>(lines.size()) ? 0 : 97;
    }));
  close(gate[0]);
  close(gate[1]);  // off they go
  close(results[1]);
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 0; (got = read(results[0], buffer.data(), buffer.size())) > 0;) text.append(buffer.data(), static_cast<std::size_t>(got));
  close(results[0]);
  for (const auto child : children) EXPECT_EQ(wait_for(child), 0) << "a racer did not leave with 0";
  auto lines = split(text, '\n');
  lines.pop_back();
  return lines;
}

TEST_P(RaceTest, TwentyRunnersApplyEachRevisionOnce) {
  const auto& system = GetParam().system;
  const auto store = scenario(system);
  Directory directory;
  const auto url = system.fresh(directory);
  if (!GetParam().setup.empty()) system.connect(url)->execute(GetParam().setup);
  const auto applied =
      race(system, url, [&](dialect::Connection& connection) { return Runner(connection, store, options(), hooks()).upgrade(Ids{"head"}); });
  EXPECT_THAT(applied, testing::UnorderedElementsAre("r1", "r2", "r3", "r4", "r5", "r6", "r7"));

  const auto connection = system.connect(url);
  EXPECT_EQ(heads_of(*connection), "r7");
  EXPECT_THAT(rows_of(*connection, "SELECT revision FROM aludel_journal WHERE position > 0 AND segment = segments ORDER BY position"),
              testing::ElementsAre("r1", "r2", "r3", "r4", "r5", "r6", "r7"));
  EXPECT_THAT(rows_of(*connection, "SELECT position FROM aludel_journal WHERE state <> 'done' OR position < 0"), testing::IsEmpty());
  EXPECT_THAT(rows_of(*connection, "SELECT name, size FROM team ORDER BY id"), testing::ElementsAre("Preventers|2", "Z-Force|1"));
  if (system.is_file()) {
    EXPECT_THAT(rows_of(*connection, "PRAGMA integrity_check"), testing::ElementsAre("ok"));
  }

  const auto undone = race(system, url, [&](dialect::Connection& racer) { return Runner(racer, store, options(), hooks()).downgrade(Ids{"r2"}); });
  EXPECT_THAT(undone, testing::UnorderedElementsAre("r7", "r6", "r5", "r4", "r3"));
  EXPECT_EQ(heads_of(*system.connect(url)), "r2");
}

INSTANTIATE_TEST_SUITE_P(Courses, RaceTest, testing::ValuesIn(courses()), [](const auto& parameter) { return parameter.param.name; });

class RaceWithoutTransactionTest : public testing::TestWithParam<LinkedSystem> {};

TEST_P(RaceWithoutTransactionTest, ARunnerThatIsAliveIsWaitedFor) {
  MemoryStore store;
  store.add(make_revision("one", {}, {op::CreateTable{table("hero", {column("name", Type::string())}), false}}));
  auto alone = make_revision("two", {"one"},
                             {sql("INSERT INTO hero VALUES (1, 'a')"), op::Call{"dawdle", Value(), {}}, sql("INSERT INTO hero VALUES (2, 'b')")});
  alone.revision.transaction = false;
  store.add(alone);
  Hooks slow;
  slow.functions["dawdle"] = [](dialect::Connection&, const Value&) { usleep(300'000); };
  Directory directory;
  const auto applied = race(GetParam(), GetParam().fresh(directory),
                            [&](dialect::Connection& connection) { return Runner(connection, store, options(), slow).upgrade(Ids{"head"}); });
  EXPECT_THAT(applied, testing::UnorderedElementsAre("one", "two"));
}

INSTANTIATE_TEST_SUITE_P(Systems, RaceWithoutTransactionTest, testing::ValuesIn(linked_systems()),
                         [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace aludel::test
