#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "fault/fateful_connection.hpp"
#include "fault/scenario.hpp"

// Law 5: a revision is applied exactly once, wherever the process dies. A child process is killed before and after every single thing that a run says
// to the database, and then at random moments; after each death the database must stand at a revision's boundary, whole, and a second run must
// finish.
namespace aludel::test {
namespace {

struct Way {
  Direction direction;
  std::string target;
};

std::vector<migrate::Applied> go(dialect::Connection& connection, const revision::Store& store, const Way& way) {
  Runner runner(connection, store, options(), hooks());
  return way.direction == Direction::upgrade ? runner.upgrade(Ids{way.target}) : runner.downgrade(Ids{way.target});
}

class CrashTest : public testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<dialect::Connection> open() {
    auto connection = open_sqlite(directory_ / "hero.db");
    connection->execute(std::string("PRAGMA journal_mode = ") + GetParam());
    connection->execute("PRAGMA synchronous = off");  // the process dies, the machine does not
    return connection;
  }

  /// What the database looks like at each revision, from a run that nobody disturbs: on the way up, or on the way down again (a definition that a
  /// rename went through twice may be quoted differently).
  std::map<std::string, std::string> boundaries(const MemoryStore& store, Direction direction = Direction::upgrade) {
    std::map<std::string, std::string> result;
    const auto connection = open_memory();
    result[""] = fingerprint(*connection);
    Runner runner(*connection, store, options(), hooks());
    auto order = runner.graph().topological();
    for (const auto& id : order) {
      runner.upgrade(Ids{id});
      result[id] = fingerprint(*connection);
    }
    if (direction == Direction::upgrade) return result;
    for (order.pop_back(); !order.empty(); order.pop_back()) {
      runner.downgrade(Ids{order.back()});
      result[order.back()] = fingerprint(*connection);
    }
    return result;
  }

  void remove_database() {
    for (const auto* suffix : {"", "-journal", "-wal", "-shm"}) std::filesystem::remove(directory_ / (std::string("hero.db") + suffix));
  }

  void check_boundary(const std::map<std::string, std::string>& expected) {
    const auto connection = open();
    EXPECT_THAT(rows_of(*connection, "PRAGMA integrity_check"), testing::ElementsAre("ok"));
    EXPECT_THAT(rows_of(*connection, "PRAGMA foreign_key_check"), testing::IsEmpty());
    const auto head = heads_of(*connection);
    ASSERT_EQ(expected.count(head), 1U) << "not at a revision's boundary: " << head;
    EXPECT_EQ(fingerprint(*connection), expected.at(head)) << "at " << head;
    if (head.empty()) return;
    EXPECT_THAT(rows_of(*connection, "SELECT position FROM aludel_journal WHERE state <> 'done'"), testing::IsEmpty());
    EXPECT_THAT(rows_of(*connection, "SELECT heads_after FROM aludel_journal ORDER BY position DESC LIMIT 1"),
                testing::ElementsAre("[\"" + head + "\"]"));
  }

  /// After the second run: there, and every revision ran once in that direction.
  void check_finished(const std::map<std::string, std::string>& expected, const Way& way, const std::string& head) {
    const auto connection = open();
    EXPECT_EQ(heads_of(*connection), head);
    EXPECT_EQ(fingerprint(*connection), expected.at(head));
    EXPECT_THAT(rows_of(*connection, std::string("SELECT revision FROM aludel_journal WHERE action = '") +
                                         (way.direction == Direction::upgrade ? "upgrade" : "downgrade") + "' GROUP BY 1 HAVING count(*) <> 1"),
                testing::IsEmpty());
    EXPECT_THAT(rows_of(*connection, "SELECT count(*) = max(position) + 1 FROM aludel_journal"), testing::ElementsAre("1"));
    EXPECT_TRUE(go(*connection, scenario(linked_system("sqlite")), way).empty()) << "a third run finds something to do";
  }

  Directory directory_;
};

TEST_P(CrashTest, EveryUpgradeDiesAtEveryStatementAndIsFinishedByTheNext) {
  const auto store = scenario(linked_system("sqlite"));
  const auto expected = boundaries(store);
  const Way up{Direction::upgrade, "head"};
  int deaths = 0;
  for (bool survived = false; !survived && !HasFailure(); ++deaths) {
    SCOPED_TRACE("killed at call " + std::to_string(deaths + 1));
    remove_database();
    const auto status = wait_for(spawn([&] {
      const auto connection = open();
      MortalConnection mortal(*connection, deaths + 1);
      go(mortal, store, up);
      return 0;
    }));
    survived = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    ASSERT_TRUE(survived || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)) << "status " << status;
    check_boundary(expected);
    const auto connection = open();
    go(*connection, store, up);
    check_finished(expected, up, "r7");
  }
  EXPECT_GT(deaths, 100) << "the scenario is too small to prove anything";
}

TEST_P(CrashTest, EveryDowngradeDiesAtEveryStatementAndIsFinishedByTheNext) {
  const auto store = scenario(linked_system("sqlite"));
  const auto expected = boundaries(store, Direction::downgrade);
  const Way down{Direction::downgrade, "r1"};
  const auto ready = directory_ / "ready.db";
  {
    const auto connection = open_sqlite(ready);
    connection->execute(std::string("PRAGMA journal_mode = ") + GetParam());
    go(*connection, store, {Direction::upgrade, "head"});
  }
  int deaths = 0;
  for (bool survived = false; !survived && !HasFailure(); ++deaths) {
    SCOPED_TRACE("killed at call " + std::to_string(deaths + 1));
    remove_database();
    std::filesystem::copy_file(ready, directory_ / "hero.db");
    const auto status = wait_for(spawn([&] {
      const auto connection = open();
      MortalConnection mortal(*connection, deaths + 1);
      go(mortal, store, down);
      return 0;
    }));
    survived = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    ASSERT_TRUE(survived || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)) << "status " << status;
    check_boundary(expected);
    const auto connection = open();
    go(*connection, store, down);
    check_finished(expected, down, "r1");
  }
  EXPECT_GT(deaths, 100);
}

TEST_P(CrashTest, DeathInTheMiddleOfAStatementIsNoDifferent) {
  auto store = scenario(linked_system("sqlite"));
  // Enough rows that the rebuilds take a while.
  store.add(make_revision("r0", {},
                          {op::CreateTable{table("big", {column("a", Type::string()), column("b", Type::string())}), false},
                           sql("INSERT INTO big (id, a, b) WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 20000) "
                               "SELECT x, 'a' || x, NULL FROM n",
                               "DELETE FROM big")}));
  op::AlterColumn alter;
  alter.table.name = "big";
  alter.column = "a";
  alter.type = op::Change<Type>{Type::string(), Type::varchar(200)};
  store.at("r1").revision.down_revisions = {"r0"};
  store.add(make_revision("r8", {"r7"}, {alter}));
  const auto expected = boundaries(store);

  const char* seed_text = std::getenv("ALUDEL_SEED");
  const auto seed = seed_text != nullptr ? std::strtoul(seed_text, nullptr, 10) : std::random_device()();
  std::printf("seed %lu\n", static_cast<unsigned long>(seed));
  std::minstd_rand random(static_cast<std::minstd_rand::result_type>(seed));
  remove_database();
  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(wait_for(spawn([&] { return go(*open(), store, {Direction::upgrade, "head"}).empty() ? 1 : 0; })), 0);
  const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start).count();
  for (int round = 0; round < 12 && !HasFailure(); ++round) {
    remove_database();
    const auto child = spawn([&] { return go(*open(), store, {Direction::upgrade, "head"}).empty() ? 1 : 0; });
    std::this_thread::sleep_for(std::chrono::microseconds(static_cast<std::int64_t>(random() % static_cast<unsigned long>(whole))));
    kill(child, SIGKILL);
    wait_for(child);
    check_boundary(expected);
    const auto connection = open();
    go(*connection, store, {Direction::upgrade, "head"});
    EXPECT_EQ(fingerprint(*connection), expected.at("r8"));
  }
}

INSTANTIATE_TEST_SUITE_P(JournalModes, CrashTest, testing::Values("delete", "wal"),
                         [](const auto& parameter) { return std::string(parameter.param); });

TEST(CrashWithoutTransactionTest, WhatNobodySeesThroughIsSettledByWhoKnows) {
  MemoryStore store;
  store.add(make_revision("one", {}, {op::CreateTable{table("hero", {column("name", Type::string())}), false}}));
  auto alone = make_revision("two", {"one"}, {sql("INSERT INTO hero VALUES (1, 'a')"), sql("INSERT INTO hero VALUES (2, 'b')")});
  alone.revision.transaction = false;
  store.add(alone);
  Directory directory;
  int in_doubt = 0;
  for (int death = 1;; ++death) {
    SCOPED_TRACE("killed at call " + std::to_string(death));
    const auto file = directory / (std::to_string(death) + ".db");
    const auto status = wait_for(spawn([&] {
      const auto connection = open_sqlite(file);
      connection->execute("PRAGMA synchronous = off");
      MortalConnection mortal(*connection, death);
      go(mortal, store, {Direction::upgrade, "head"});
      return 0;
    }));
    const auto connection = open_sqlite(file);
    connection->execute("PRAGMA synchronous = off");
    Runner runner(*connection, store, options());
    if (const auto half = runner.state().half_applied; half && half->in_doubt) {
      ++in_doubt;
      EXPECT_EQ(half->revision, "two");
      const auto there = rows_of(*connection, "SELECT count(*) FROM hero").front();
      EXPECT_EQ(error_of([&] { runner.upgrade(Ids{"head"}); }).kind(), ErrorKind::half_applied);
      EXPECT_EQ(rows_of(*connection, "SELECT count(*) FROM hero").front(), there) << "nothing was run";
      const auto evidence = runner.examine();
      ASSERT_TRUE(evidence);
      EXPECT_EQ(evidence->effect, migrate::Effect::unknown);
      EXPECT_EQ(evidence->explanation, "what the statement does to the schema is not declared");
      runner.resolve(there == std::to_string(half->segment) ? migrate::Effect::applied : migrate::Effect::absent);
    }
    runner.upgrade(Ids{"head"});
    EXPECT_EQ(heads_of(*connection), "two");
    EXPECT_THAT(rows_of(*connection, "SELECT id FROM hero ORDER BY 1"), testing::ElementsAre("1", "2"));
    EXPECT_THAT(rows_of(*connection, "SELECT position FROM aludel_journal WHERE position < 0"), testing::IsEmpty());
    ASSERT_FALSE(testing::Test::HasFailure());
    if (WIFEXITED(status)) break;
  }
  EXPECT_GE(in_doubt, 6);
}

}  // namespace
}  // namespace aludel::test
