#include <aludel/embedded.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fault/scenario.hpp"

// A program that copies and upgrades its own file is killed at everything it tells of; at its next start it goes on, and no copy is half a copy.
namespace aludel::test {
namespace {

embedded::Options embedding() {
  embedded::Options result;
  result.hooks = hooks();
  result.accept_data_loss = true;
  result.backup.emplace();
  result.lock_wait = std::chrono::seconds(120);
  return result;
}

class EmbeddedCrashTest : public testing::TestWithParam<const char*> {};

TEST_P(EmbeddedCrashTest, AProgramKilledAtAnyPointGoesOnAtItsNextStart) {
  const auto store = scenario(linked_system("sqlite"));
  Directory directory;
  const auto ready = directory / "ready.db";
  Runner(*open_sqlite(ready), store, options(), hooks()).upgrade(Ids{"r3"});
  const auto before = fingerprint(*open_sqlite(ready));
  std::string expected;
  {
    const auto undisturbed = open_memory();
    Runner(*undisturbed, store, options(), hooks()).upgrade(Ids{"head"});
    expected = fingerprint(*undisturbed);
  }
  int deaths = 0;
  for (bool survived = false; !survived && !HasFailure(); ++deaths) {
    SCOPED_TRACE("killed at " + std::to_string(deaths + 1));
    const auto home = directory / std::to_string(deaths);
    std::filesystem::create_directory(home);
    std::filesystem::copy_file(ready, home / "hero.db");
    const auto open = [&] {
      auto connection = open_sqlite(home / "hero.db");
      connection->execute(std::string("PRAGMA journal_mode = ") + GetParam());
      connection->execute("PRAGMA synchronous = off");
      return connection;
    };
    const auto status = wait_for(spawn([&] {
      int left = deaths + 1;
      auto mortal = embedding();
      mortal.progress = [&](const embedded::Progress&) {
        if (--left == 0) kill(getpid(), SIGKILL);
      };
      return embedded::upgrade(*open(), store, mortal).ok() ? 0 : 1;
    }));
    survived = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    ASSERT_TRUE(survived || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)) << "status " << status;

    const auto connection = open();
    const auto result = embedded::upgrade(*connection, store, embedding());
    EXPECT_TRUE(result.ok()) << result.text();
    EXPECT_EQ(heads_of(*connection), "r7");
    EXPECT_EQ(fingerprint(*connection), expected);
    EXPECT_THAT(rows_of(*connection, "SELECT revision FROM aludel_journal WHERE action = 'upgrade' GROUP BY 1 HAVING count(*) <> 1"),
                testing::IsEmpty());
    const auto copies = embedded::backups(*connection);
    ASSERT_FALSE(copies.empty());
    EXPECT_EQ(fingerprint(*open_sqlite(copies.back())), before) << "the oldest copy is of the time before the first start";
  }
  EXPECT_GT(deaths, 20) << "the scenario is too small to prove anything";
}

INSTANTIATE_TEST_SUITE_P(JournalModes, EmbeddedCrashTest, testing::Values("delete", "wal"),
                         [](const auto& parameter) { return std::string(parameter.param); });

}  // namespace
}  // namespace aludel::test
