#include <aludel/dialect/session_settings.hpp>
#include <aludel/dialect/sessions.hpp>
#include <aludel/schema/equivalent.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <random>
#include <thread>

#include "fault/committing_dialect.hpp"
#include "fault/fateful_connection.hpp"
#include "fault/scenario.hpp"
#include "fault/system.hpp"

// Law 5 where a revision cannot be rolled back as a whole: the process, or the server, is killed at everything that is said to the database; the next
// run goes on exactly where it stopped, or undoes exactly what ran.
namespace aludel::test {
namespace {

/// Those of the list, and SQLite with a commit behind every statement: as a database without transactional DDL, but fast.
std::vector<LinkedSystem> subjects() {
  static const CommittingDialect committing(sqlite::dialect());
  auto all = linked_systems();
  for (const auto& one : linked_systems()) {
    if (one.name != "sqlite") continue;
    all.push_back(one);
    all.back().name = "committing";
    all.back().dialect = &committing;
  }
  return all;
}

class ResumeTest : public testing::TestWithParam<LinkedSystem> {
 protected:
  const LinkedSystem& system() const { return GetParam(); }

  schema::Metadata look(dialect::Connection& connection) const {
    dialect::Scope scope;
    scope.ignored_tables = migrate::JournalNames().tables();
    return system().dialect->introspector().introspect(connection, scope);
  }
  void expect_schema(dialect::Connection& connection, const schema::Metadata& expected) const {
    const auto found = look(connection);
    EXPECT_TRUE(schema::equivalent(found, expected, system().dialect->comparison(connection.server())))
        << to_json(op::encode(op::create_operations(found))) << "\n"
        << to_json(op::encode(op::create_operations(expected)));
  }

  /// A database at "one", which all of a test's rounds use one after another.
  std::string prepare() {
    if (url_.empty()) {
      url_ = system().fresh(directory_);
    } else {
      system().clear_database(url_);
    }
    const auto connection = system().connect(url_);
    Runner(*connection, store_, options()).upgrade(Ids{"one"});
    return url_;
  }
  std::string prepare_at_two() {
    auto url = prepare();
    Runner(*system().connect(url), store_, options()).upgrade(Ids{"two"});
    return url;
  }
  void learn() {
    const auto connection = system().connect(prepare());
    at_one_ = look(*connection);
    Runner(*connection, store_, options()).upgrade(Ids{"two"});
    at_two_ = look(*connection);
  }

  void check_at_two(dialect::Connection& connection) const {
    expect_schema(connection, at_two_);
    EXPECT_THAT(rows_of(connection, "SELECT id, name FROM team"), testing::ElementsAre("1|Preventers"));
    EXPECT_THAT(rows_of(connection, "SELECT revision FROM aludel_version"), testing::ElementsAre("two"));
    EXPECT_THAT(rows_of(connection, "SELECT position FROM aludel_journal WHERE position < 0 OR state = 'intent'"), testing::IsEmpty());
    Runner runner(connection, store_, options());
    EXPECT_FALSE(runner.state().half_applied);
    EXPECT_THAT(runner.upgrade(Ids{"head"}), testing::IsEmpty());
  }
  static void check_ran_once(dialect::Connection& connection) {
    EXPECT_THAT(rows_of(connection,
                        "SELECT segment FROM aludel_journal WHERE revision = 'two' AND action = 'upgrade' AND state = 'done' "
                        "GROUP BY segment HAVING count(*) <> 1"),
                testing::IsEmpty());
  }
  void check_at_one(dialect::Connection& connection) const {
    expect_schema(connection, at_one_);
    EXPECT_THAT(rows_of(connection, "SELECT revision FROM aludel_version"), testing::ElementsAre("one"));
    EXPECT_THAT(rows_of(connection, "SELECT position FROM aludel_journal WHERE position < 0 OR state = 'intent'"), testing::IsEmpty());
  }

  /// Runs `action` in a process that is killed at the n-th thing it says, for n = 1, 2, ... until it survives; `then` looks at what it left.
  void at_every_death(const std::function<std::string()>& begin, const std::function<void(Runner&)>& action,
                      const std::function<void(dialect::Connection&)>& then, int step = 1, int first = 0, int least = 60) {
    int deaths = first;
    for (bool survived = false; !survived && !HasFailure(); deaths += step) {
      SCOPED_TRACE("killed at call " + std::to_string(deaths + 1));
      const auto url = begin();
      const auto status = wait_for(spawn([&] {
        const auto connection = system().connect(url);
        MortalConnection mortal(*connection, deaths + 1);
        Runner runner(mortal, store_, options());
        action(runner);
        return 0;
      }));
      survived = WIFEXITED(status) && WEXITSTATUS(status) == 0;
      ASSERT_TRUE(survived || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)) << "status " << status;
      const auto connection = system().connect(url);
      then(*connection);
    }
    EXPECT_GT(deaths, least) << "the revision is too small to prove anything";
  }

  /// Databases that take their time to be made anew are not made that often.
  int stride() const { return system().is_file() || !system().clear.empty() ? 1 : 3; }

  static std::minstd_rand seeded() {
    const char* given = std::getenv("ALUDEL_SEED");
    const auto seed = given != nullptr ? std::strtoul(given, nullptr, 10) : std::random_device()();
    std::printf("seed %lu\n", static_cast<unsigned long>(seed));
    return std::minstd_rand(static_cast<std::minstd_rand::result_type>(seed));
  }

  Directory directory_;
  std::string url_;
  MemoryStore store_ = in_segments(GetParam());
  schema::Metadata at_one_, at_two_;
};

TEST_P(ResumeTest, AnUpgradeKilledAtEveryStatementGoesOnWhereItStopped) {
  learn();
  at_every_death([&] { return prepare(); }, [](Runner& runner) { runner.upgrade(Ids{"two"}); },
                 [&](dialect::Connection& connection) {
                   Runner(connection, store_, options()).upgrade(Ids{"two"});
                   check_at_two(connection);
                   check_ran_once(connection);
                 });
}

TEST_P(ResumeTest, AnUpgradeKilledAtEveryStatementIsUndone) {
  learn();
  at_every_death([&] { return prepare(); }, [](Runner& runner) { runner.upgrade(Ids{"two"}); },
                 [&](dialect::Connection& connection) {
                   Runner runner(connection, store_, options());
                   if (!runner.state().half_applied) return;
                   runner.undo();
                   check_at_one(connection);
                   runner.upgrade(Ids{"two"});
                   check_at_two(connection);
                 },
                 3);
}

TEST_P(ResumeTest, AFirstRunKilledAtEveryStatementLeavesNoHalfOfAJournal) {
  learn();
  at_every_death(
      [&] {
        system().clear_database(url_);
        return url_;
      },
      [](Runner& runner) { runner.upgrade(Ids{"one"}); },
      [&](dialect::Connection& connection) {
        EXPECT_NO_THROW(Runner(connection, store_, options()).state());
        Runner(connection, store_, options()).upgrade(Ids{"two"});
        check_at_two(connection);
        check_ran_once(connection);
      },
      1, 0, 20);
}

TEST_P(ResumeTest, ADowngradeKilledAtEveryOtherStatementGoesOn) {
  learn();
  at_every_death([&] { return prepare_at_two(); }, [](Runner& runner) { runner.downgrade(Ids{"-1"}); },
                 [&](dialect::Connection& connection) {
                   Runner runner(connection, store_, options());
                   runner.downgrade(Ids{"one"});
                   check_at_one(connection);
                   runner.upgrade(Ids{"two"});
                   check_at_two(connection);
                 },
                 2 * stride());
}

TEST_P(ResumeTest, ADowngradeKilledAtTheOthersIsUndoneByAnUpgrade) {
  learn();
  at_every_death([&] { return prepare_at_two(); }, [](Runner& runner) { runner.downgrade(Ids{"-1"}); },
                 [&](dialect::Connection& connection) {
                   Runner(connection, store_, options()).upgrade(Ids{"two"});
                   check_at_two(connection);
                 },
                 2 * stride(), 1);
}

TEST_P(ResumeTest, DeathAtRandomMomentsIsNoDifferent) {
  learn();
  auto random = seeded();
  using Clock = std::chrono::steady_clock;
  const auto run = [&] { return spawn([&] { return Runner(*system().connect(url_), store_, options()).upgrade(Ids{"two"}).size() == 1 ? 0 : 1; }); };
  prepare();
  const auto start = Clock::now();
  ASSERT_EQ(wait_for(run()), 0);
  const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count();
  for (int round = 0; round < 15 && !HasFailure(); ++round) {
    prepare();
    const auto child = run();
    std::this_thread::sleep_for(std::chrono::microseconds(static_cast<std::int64_t>(random() % static_cast<unsigned long>(whole))));
    kill(child, SIGKILL);
    wait_for(child);
    const auto connection = system().connect(url_);
    Runner(*connection, store_, options()).upgrade(Ids{"two"});
    check_at_two(*connection);
    check_ran_once(*connection);
  }
}

TEST_P(ResumeTest, TheServerKilledAtEveryStatementLosesNothing) {
  if (system().server == nullptr) GTEST_SKIP() << "there is no server";
  auto& server = *system().server();
  if (!server.is_private()) GTEST_SKIP() << "this server is not ours to kill";
  learn();
  const auto die = [&] {
    server.stop(SIGKILL);
    server.start();
  };
  int deaths = 0;
  bool survived = false;
  for (; !survived && !HasFailure(); ++deaths) {
    // Before a statement and behind it the same; the next statement the other way.
    const bool reconnects = deaths / 2 % 2 == 1;
    SCOPED_TRACE("killed at call " + std::to_string(deaths + 1) + (reconnects ? ", connecting anew" : ""));
    const auto url = prepare();
    {
      const auto connection = system().connect(url);
      FatefulConnection fateful(*connection, deaths + 1, die);
      auto how = options();
      if (reconnects) how.reconnect = [&] { return system().connect(url); };
      Runner runner(fateful, store_, how);
      try {
        runner.upgrade(Ids{"two"});
        survived = !fateful.fulfilled();
      } catch (const Error& error) {
        EXPECT_THAT(error.kind(), testing::AnyOf(ErrorKind::connection, ErrorKind::half_applied)) << error.text();
      }
    }
    const auto connection = system().connect(url);
    Runner(*connection, store_, options()).upgrade(Ids{"two"});
    check_at_two(*connection);
    check_ran_once(*connection);
  }
  EXPECT_GT(deaths, 60);
}

TEST_P(ResumeTest, TheServerKilledAtRandomMomentsLosesNothing) {
  if (system().server == nullptr) GTEST_SKIP() << "there is no server";
  auto& server = *system().server();
  if (!server.is_private()) GTEST_SKIP() << "this server is not ours to kill";
  learn();
  using Clock = std::chrono::steady_clock;
  const auto url = prepare();
  const auto start = Clock::now();
  Runner(*system().connect(url), store_, options()).upgrade(Ids{"two"});
  const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start).count();
  auto random = seeded();
  for (int round = 0; round < 8 && !HasFailure(); ++round) {
    prepare();
    const auto connection = system().connect(url);
    std::thread killer([&, after = random() % static_cast<unsigned long>(whole)] {
      std::this_thread::sleep_for(std::chrono::microseconds(static_cast<std::int64_t>(after)));
      kill(server.process(), SIGKILL);
    });
    try {
      Runner(*connection, store_, options()).upgrade(Ids{"two"});
    } catch (const Error& error) {
      EXPECT_THAT(error.kind(), testing::AnyOf(ErrorKind::connection, ErrorKind::half_applied)) << error.text();
    }
    killer.join();
    server.stop(SIGKILL);
    server.start();
    const auto other = system().connect(url);
    Runner(*other, store_, options()).upgrade(Ids{"two"});
    check_at_two(*other);
    check_ran_once(*other);
  }
}

/// A server notices a client's death only when it has something to say to it.
TEST_P(ResumeTest, AStatementThatOutlivesItsRunnerIsEndedBeforeItIsLookedFor) {
  if (system().server == nullptr) GTEST_SKIP() << "there is no server";
  learn();
  const auto url = prepare();
  const auto reader = system().connect(url);
  const auto looker = system().connect(url);
  const auto* sessions = dialect::Sessions::of(*looker);
  ASSERT_NE(sessions, nullptr);
  reader->begin();
  reader->execute("SELECT * FROM villain");  // whoever alters it waits
  const auto patient = [&] {
    auto how = options();
    how.lock_timeout = std::chrono::seconds(60);
    return how;
  };
  const auto child = spawn([&] { return Runner(*system().connect(url), store_, patient()).upgrade(Ids{"two"}).size() == 1 ? 0 : 1; });
  const auto intents = [&] { return rows_of(*looker, "SELECT segment, session FROM aludel_journal WHERE state = 'intent' AND position > 0"); };
  std::vector<std::string> begun;
  for (int seen = 0; seen < 25; usleep(20'000)) {
    const auto now = intents();
    seen = !now.empty() && now == begun ? seen + 1 : 0;
    begun = now;
  }
  kill(child, SIGKILL);
  wait_for(child);
  ASSERT_EQ(begun.size(), 1U);
  const auto session = begun.front().substr(begun.front().find('|') + 1);
  EXPECT_EQ(sessions->presence(*looker, session), dialect::Sessions::Presence::present) << "the statement went with its runner";

  // The lock is given back only when the old session is gone.
  std::atomic<bool> ended = false;
  std::thread release([&] {
    for (int i = 0; i < 3000 && !ended; ++i, usleep(10'000)) ended = sessions->presence(*looker, session) == dialect::Sessions::Presence::gone;
    reader->rollback();
  });
  const auto connection = system().connect(url);
  auto how = options();
  how.lock_timeout = std::chrono::milliseconds(200);
  std::optional<Error> failed;
  try {
    Runner(*connection, store_, how).upgrade(Ids{"two"});
  } catch (const Error& error) {
    failed = error;
  }
  release.join();
  EXPECT_TRUE(ended) << "the old session was left at work";
  ASSERT_FALSE(failed) << failed->text();
  check_at_two(*connection);
  check_ran_once(*connection);
}

TEST_P(ResumeTest, OpaqueSqlInDoubtStopsUntilSomebodySays) {
  MemoryStore store;
  store.add(store_.load("one"));
  auto content = make_revision("two", {"one"},
                               {op::CreateTable{table("team", {column("name", Type::varchar(80), false)}), false},
                                opaque_sql("CREATE TABLE lair (id INTEGER PRIMARY KEY)"), sql("INSERT INTO lair (id) VALUES (7)")});
  content.revision.transaction = false;
  store.add(content);
  int in_doubt = 0;
  for (int death = 1;; ++death) {
    SCOPED_TRACE("killed at call " + std::to_string(death));
    const auto url = prepare();
    const auto status = wait_for(spawn([&] {
      const auto connection = system().connect(url);
      MortalConnection mortal(*connection, death);
      Runner(mortal, store, options()).upgrade(Ids{"two"});
      return 0;
    }));
    const auto connection = system().connect(url);
    Runner runner(*connection, store, options());
    if (const auto half = runner.state().half_applied; half && half->in_doubt && half->statement.find("lair (id INTEGER") != std::string::npos) {
      ++in_doubt;
      const auto stopped = error_of([&] { runner.upgrade(Ids{"two"}); });
      EXPECT_EQ(stopped.kind(), ErrorKind::half_applied);
      EXPECT_THAT(stopped.message(), testing::HasSubstr("1 of 3 statements applied"));
      EXPECT_EQ(stopped.statement(), "CREATE TABLE lair (id INTEGER PRIMARY KEY)");
      EXPECT_THAT(stopped.text(), testing::HasSubstr("`aludel resolve`"));
      const auto found = look(*connection);
      runner.resolve(found.find_table({"", "lair"}) != nullptr ? migrate::Effect::applied : migrate::Effect::absent);
    } else if (half && half->in_doubt && half->statement.find("INSERT") != std::string::npos) {
      runner.resolve(rows_of(*connection, "SELECT id FROM lair").empty() ? migrate::Effect::absent : migrate::Effect::applied);
    }
    runner.upgrade(Ids{"two"});
    EXPECT_THAT(rows_of(*connection, "SELECT id FROM lair"), testing::ElementsAre("7"));
    check_ran_once(*connection);
    ASSERT_FALSE(HasFailure());
    if (WIFEXITED(status)) break;
  }
  EXPECT_GE(in_doubt, 3);
}

TEST_P(ResumeTest, ALostCommitIsLookedUpInTheJournal) {
  if (system().server == nullptr) GTEST_SKIP() << "there is no server";
  const auto* sessions = dialect::Sessions::of(*system().connect(prepare()));
  ASSERT_NE(sessions, nullptr);
  MemoryStore store;
  store.add(make_revision("one", {}, {op::CreateTable{table("villain", {column("name", Type::varchar(80), false)}), false}}));
  store.add(make_revision("two", {"one"}, {sql("INSERT INTO villain (id, name) VALUES (1, 'Tarantula')")}));
  int got_through = 0;
  for (int at = 1;; ++at) {
    SCOPED_TRACE("lost at call " + std::to_string(at));
    const auto url = prepare();
    const auto connection = system().connect(url);
    FatefulConnection fateful(*connection, at, [&] {
      const auto other = system().connect(url);
      sessions->end(*other, connection->session());
      while (sessions->presence(*other, connection->session()) != dialect::Sessions::Presence::gone) usleep(10'000);
      // Every other one comes behind the statement: the server has carried it out, and its answer is what is lost.
      if (at % 2 == 0) throw Error(ErrorKind::connection, "the connection was lost");
    });
    auto how = options();
    how.reconnect = [&] { return system().connect(url); };
    std::vector<migrate::Applied> applied;
    Runner runner(fateful, store, how, {}, [&](const migrate::Event& event) {
      if (event.text.find("it got through") != std::string::npos) ++got_through;
    });
    std::optional<Error> failed;
    try {
      applied = runner.upgrade(Ids{"two"});
    } catch (const Error& error) {
      failed = error;
      EXPECT_EQ(error.kind(), ErrorKind::connection) << error.text();
    }
    const auto other = system().connect(url);
    const auto there = rows_of(*other, "SELECT count(*) FROM villain").front();
    if (!failed) {
      EXPECT_EQ(there, "1");
      EXPECT_EQ(applied.size(), 1U);
    }
    EXPECT_EQ(there, rows_of(*other, "SELECT count(*) FROM aludel_version WHERE revision = 'two'").front());
    Runner(*other, store, options()).upgrade(Ids{"two"});
    EXPECT_EQ(rows_of(*other, "SELECT count(*) FROM villain").front(), "1");
    if (!fateful.fulfilled() || HasFailure()) break;
  }
  EXPECT_GE(got_through, 1) << "no commit was lost behind the server's back";
}

TEST_P(ResumeTest, WhatWouldBeLostIsAskedBeforeTheFirstSegment) {
  const auto connection = system().connect(prepare());
  connection->execute("INSERT INTO villain (id, name) VALUES (1, 'Tarantula')");
  MemoryStore store;
  store.add(store_.load("one"));
  store.add(make_revision("two", {"one"},
                          {op::AddColumn{{"", "villain"}, column("lair", Type::varchar(80)), false},
                           op::CreateIndex{{"", "villain"}, index("ix_villain_lair", "lair"), false}, drop_column("villain", "name")}));
  auto how = options();
  how.accept_data_loss = false;
  const auto before = look(*connection);
  const auto refused = error_of([&] { Runner(*connection, store, how).upgrade(Ids{"two"}); });
  EXPECT_EQ(refused.kind(), ErrorKind::guard) << refused.text();
  EXPECT_THAT(refused.message(), testing::HasSubstr("would lose 1 non-null value of"));
  expect_schema(*connection, before);
  EXPECT_FALSE(Runner(*connection, store, how).state().half_applied);

  // What the revision itself sees to is asked when it has done so.
  auto careful = store;
  careful.at("two").upgrade.insert(careful.at("two").upgrade.begin() + 2, sql("DELETE FROM villain"));
  EXPECT_EQ(Runner(*connection, careful, how).upgrade(Ids{"two"}).size(), 1U);
}

TEST_P(ResumeTest, AFixedFileGoesOnFromTheFailedStatement) {
  const auto url = prepare();
  const auto connection = system().connect(url);
  auto broken = store_;
  auto& operations = broken.at("two").upgrade;
  operations[8] = sql("UPDATE team SET nonsense = 1");
  const auto error = error_of([&] { Runner(*connection, broken, options()).upgrade(Ids{"two"}); });
  EXPECT_EQ(error.kind(), ErrorKind::half_applied);

  auto rewritten = store_;
  rewritten.at("two").upgrade[4] = op::AddColumn{{"", "villain"}, column("lair", Type::varchar(90)), false};
  const auto refused = error_of([&] { Runner(*connection, rewritten, options()).upgrade(Ids{"two"}); });
  EXPECT_EQ(refused.kind(), ErrorKind::half_applied);
  EXPECT_THAT(refused.message(), testing::HasSubstr("was changed where it has run already"));
  EXPECT_THAT(refused.hint(), testing::HasSubstr("aludel resolve --undo"));

  Runner runner(*connection, store_, options());
  EXPECT_EQ(runner.upgrade(Ids{"two"}).size(), 1U);
  const auto done = look(*connection);
  learn();
  EXPECT_TRUE(schema::equivalent(done, at_two_, system().dialect->comparison(connection->server())));
  check_at_two(*connection);
  check_ran_once(*connection);
}

TEST_P(ResumeTest, ALockThatSomebodyHoldsIsWaitedForInShortTries) {
  const auto url = prepare();
  const auto connection = system().connect(url);
  if (dialect::SessionSettings::of(*connection) == nullptr) GTEST_SKIP() << "the dialect has no timeouts";
  const auto other = system().connect(url);
  auto how = options();
  how.lock_timeout = std::chrono::milliseconds(100);
  how.lock_wait = std::chrono::milliseconds(600);
  MemoryStore store;
  store.add(store_.load("one"));
  store.add(make_revision("two", {"one"}, {op::AddColumn{{"", "villain"}, column("lair", Type::varchar(80)), false}}));

  other->begin();
  other->execute("SELECT * FROM villain");
  const auto start = std::chrono::steady_clock::now();
  const auto busy = error_of([&] { Runner(*connection, store, how).upgrade(Ids{"two"}); });
  EXPECT_EQ(busy.kind(), ErrorKind::busy) << busy.text();
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(500));
  EXPECT_FALSE(Runner(*connection, store, how).state().half_applied);

  std::atomic<int> waited = 0;
  how.lock_wait = std::chrono::seconds(30);
  std::thread release([&] {
    for (int i = 0; i < 1000 && waited == 0; ++i) usleep(10'000);
    other->rollback();
  });
  Runner runner(*connection, store, how, {}, [&](const migrate::Event& event) { waited += event.kind == migrate::Event::Kind::waiting ? 1 : 0; });
  EXPECT_EQ(runner.upgrade(Ids{"two"}).size(), 1U);
  release.join();
  EXPECT_EQ(waited, 1);
  EXPECT_THAT(rows_of(*connection, "SELECT count(*) FROM aludel_journal WHERE revision = 'two'"), testing::ElementsAre("1"));
}

TEST_P(ResumeTest, WhatSqlSetsInTheSessionDoesNotReachTheNextRevision) {
  if (system().name != "postgresql") GTEST_SKIP() << "the statement is PostgreSQL's; other dialects test their own";
  const auto connection = system().connect(prepare());
  MemoryStore store;
  store.add(store_.load("one"));
  store.add(make_revision("two", {"one"}, {sql("SELECT set_config('search_path', 'pg_catalog', false)"), sql("SET lock_timeout = '1h'")}));
  store.add(make_revision("three", {"two"}, {op::CreateTable{table("gadget", {column("name", Type::string())}), false}}));
  EXPECT_EQ(Runner(*connection, store, options()).upgrade(Ids{"head"}).size(), 2U);
  EXPECT_THAT(rows_of(*connection, "SELECT schemaname FROM pg_tables WHERE tablename = 'gadget'"), testing::ElementsAre("public"));
  EXPECT_THAT(rows_of(*connection, "SHOW lock_timeout"), testing::ElementsAre("3s"));
}

INSTANTIATE_TEST_SUITE_P(Systems, ResumeTest, testing::ValuesIn(subjects()), [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace aludel::test
