// A migration while the table is in use: nobody is kept waiting for long, and nobody fails.
#include <aludel/connect.hpp>
#include <aludel/dialect/connection.hpp>
#include <aludel/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "support/project.hpp"

namespace aludel::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Change accounts one by one, each on a connection of its own, and note how long a transaction takes.
class Users {
 public:
  Users(const std::string& url, unsigned count, int accounts) : logs_(count) {
    for (unsigned i = 0; i < count; ++i) threads_.emplace_back([this, url, accounts, i] { work(url, accounts, i); });
  }
  Users(const Users&) = delete;
  Users& operator=(const Users&) = delete;
  ~Users() { stop(); }

  void stop() {
    stopped_ = true;
    for (auto& thread : threads_)
      if (thread.joinable()) thread.join();
  }
  std::chrono::milliseconds longest() const {
    Clock::duration longest{0};
    for (const Log& log : logs_) longest = std::max(longest, log.longest);
    return std::chrono::duration_cast<std::chrono::milliseconds>(longest);
  }
  std::size_t count() const {
    std::size_t count = 0;
    for (const Log& log : logs_) count += log.count;
    return count;
  }
  std::vector<std::string> failures() const {
    std::vector<std::string> failures;
    for (const Log& log : logs_)
      if (!log.failure.empty()) failures.push_back(log.failure);
    return failures;
  }

 private:
  struct Log {
    Clock::duration longest{0};
    std::size_t count = 0;
    std::string failure;
  };

  void work(const std::string& url, int accounts, unsigned number) {
    Log& log = logs_[number];
    std::minstd_rand random(number + 1);
    try {
      const auto connection = connect(url);
      while (!stopped_) {
        const std::string account = std::to_string(random() % static_cast<unsigned>(accounts));
        const auto begun = Clock::now();
        connection->begin();
        connection->execute("UPDATE account SET balance = balance + 1 WHERE id = " + account);
        connection->execute("SELECT balance FROM account WHERE id = " + account);
        connection->execute("INSERT INTO history VALUES (" + account + ")");
        connection->commit();
        log.longest = std::max(log.longest, Clock::now() - begun);
        ++log.count;
      }
    } catch (const Error& error) {
      log.failure = error.text();
    }
  }

  std::atomic<bool> stopped_{false};
  std::vector<Log> logs_;
  std::vector<std::thread> threads_;
};

/// What can be done to a table of that system's while it is written to.
struct Load {
  std::string system;
  std::string operations;                                      ///< beside those that can be had everywhere
  std::vector<std::pair<std::string, std::string>> queries{};  ///< and what they give behind it
};
void PrintTo(const Load& load, std::ostream* out) { *out << load.system; }

std::vector<Load> loads() {
  const std::vector<Load> all = {
      {"postgresql",
       "[[upgrade]]\nadd_constraint = \"fk_account_branch\"\ntable = \"account\"\nforeign_key = {columns = [\"branch\"], references = "
       "\"branch(id)\"}\n",
       {{"SELECT count(*) FROM pg_index WHERE NOT indisvalid", "0\n"},
        {"SELECT count(*) FROM pg_constraint WHERE NOT convalidated", "0\n"},
        {"SELECT count(*) FROM pg_attribute WHERE attrelid = 'account'::regclass AND attname = 'balance' AND attnotnull", "1\n"}}},
      // A foreign key that is checked copies the table there.
      {"mariadb",
       "[[upgrade]]\nadd_column = \"account.note\"\ntype = \"varchar(40)\"\n",
       {{"SELECT IS_NULLABLE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'account' AND COLUMN_NAME = 'balance'",
         "NO\n"}}},
  };
  std::vector<Load> known;
  for (const std::string& name : system_names())
    for (const Load& load : all) {
      // MySQL does as MariaDB.
      if (load.system != (name == "mysql" ? "mariadb" : name)) continue;
      known.push_back(load);
      known.back().system = name;
    }
  return known;
}

class UnderLoad : public testing::TestWithParam<Load> {};
INSTANTIATE_TEST_SUITE_P(Servers, UnderLoad, testing::ValuesIn(loads()), [](const auto& instance) { return instance.param.system; });

TEST_P(UnderLoad, NobodyWaitsLongerThanALockTimeoutAndARetryAndNobodyFails) {
  constexpr auto lock_timeout = 1s;
  constexpr auto reading = 6s;
  constexpr int accounts = 100'000;
  const Project project(GetParam().system);
  const std::string url = project.url();
  project.write("aludel.toml", "[database]\nurl = \"" + url + "\"\n\n[run]\nlock_timeout = \"1s\"\n");
  project.sql(
      "CREATE TABLE digit (d INTEGER NOT NULL); INSERT INTO digit VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);"
      "CREATE TABLE branch (id INTEGER NOT NULL PRIMARY KEY); INSERT INTO branch SELECT d FROM digit;"
      "CREATE TABLE account (id INTEGER NOT NULL PRIMARY KEY, branch INTEGER, balance INTEGER);"
      "CREATE TABLE history (account INTEGER);"
      "INSERT INTO account SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d, a.d, 0 FROM digit a, digit b, digit c, digit e, digit f;");
  project.revision("aaaa00000001", "",
                   "[[upgrade]]\nalter_column = \"account.balance\"\nnullable = {from = true, to = false}\n"
                   "[[upgrade]]\ncreate_index = \"ix_account_balance\"\ntable = \"account\"\ncolumns = [\"balance\"]\n" +
                       GetParam().operations);

  Users users(url, 4, accounts);
  std::this_thread::sleep_for(500ms);
  // Somebody reads for longer than a lock is waited for, so that it has to be tried again; and for longer than users may be kept waiting on a machine
  // that has much else to do.
  const auto reader = connect(url);
  reader->begin();
  reader->execute("SELECT count(*) FROM account");
  std::thread reads_on([&] {
    std::this_thread::sleep_for(reading);
    reader->commit();
  });
  const auto begun = Clock::now();
  const Outcome upgraded = project.aludel({"upgrade", "head"});
  const auto took = Clock::now() - begun;
  reads_on.join();
  EXPECT_GT(took, reading / 2) << "nobody stood in the way";
  EXPECT_EQ(upgraded.code, 0) << upgraded.all();
  users.stop();
  EXPECT_THAT(users.failures(), testing::IsEmpty());
  EXPECT_GT(users.count(), 100U);
  EXPECT_LT(users.longest(), 4 * lock_timeout) << "of " << users.count() << " transactions";

  EXPECT_TRUE(project.has("ix_account_balance"));
  EXPECT_EQ(project.sql("SELECT sum(balance) - (SELECT count(*) FROM history) FROM account"), "0\n");
  for (const auto& [query, answer] : GetParam().queries) EXPECT_EQ(project.sql(query), answer) << query;
}

}  // namespace
}  // namespace aludel::test
