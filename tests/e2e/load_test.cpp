// A migration while the table is in use: nobody is kept waiting for long, and nobody fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>

#include "support/project.hpp"

namespace aludel::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// The longest transaction that pgbench logged (-l), and how many there were. The third word of a line is how long it took, in microseconds.
struct Latency {
  std::chrono::microseconds longest{0};
  std::size_t count = 0;
};

Latency latency_in(const std::filesystem::path& directory) {
  Latency latency;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (!entry.path().filename().string().starts_with("pgbench_log.")) continue;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line); ++latency.count) {
      std::istringstream words(line);
      long client = 0;
      long number = 0;
      long taken = 0;
      words >> client >> number >> taken;
      latency.longest = std::max(latency.longest, std::chrono::microseconds(taken));
    }
  }
  return latency;
}

TEST(PostgresqlUnderLoad, NobodyWaitsLongerThanALockTimeoutAndARetryAndNobodyFails) {
  Project project("postgresql");
  if (run_program({"sh", "-c", "command -v pgbench"}, "/").code != 0) GTEST_SKIP() << "there is no pgbench, which Debian's postgresql package has";
  const std::string url = project.url();
  const Outcome filled = run_program({"pgbench", "--initialize", "--init-steps=dtgp", "--scale=2", "--quiet", url}, project.directory());
  ASSERT_EQ(filled.code, 0) << filled.err;
  constexpr auto lock_timeout = 1s;
  project.write("aludel.toml", "[database]\nurl = \"" + url + "\"\n\n[run]\nlock_timeout = \"1s\"\n");
  project.revision("aaaa00000001", "",
                   "[[upgrade]]\nalter_column = \"pgbench_accounts.abalance\"\nnullable = {from = true, to = false}\n"
                   "[[upgrade]]\nadd_constraint = \"fk_accounts_branch\"\ntable = \"pgbench_accounts\"\n"
                   "foreign_key = {columns = [\"bid\"], references = \"pgbench_branches(bid)\"}\n"
                   "[[upgrade]]\ncreate_index = \"ix_accounts_balance\"\ntable = \"pgbench_accounts\"\ncolumns = [\"abalance\"]\n");

  Program bench({"pgbench", "--no-vacuum", "--client=4", "--jobs=1", "--time=10", "--log", "--builtin=simple-update", url}, project.directory());
  std::this_thread::sleep_for(1s);
  // Somebody reads for longer than a lock is waited for, so that it has to be tried again.
  project.write("reader.sql", "BEGIN; SELECT count(*) FROM pgbench_accounts; SELECT pg_sleep(3); COMMIT;\n");
  Program reader({"psql", "-X", "-q", "-d", url, "-f", "reader.sql"}, project.directory());
  std::this_thread::sleep_for(200ms);
  const Outcome upgraded = project.aludel({"upgrade", "head"});
  EXPECT_EQ(upgraded.code, 0) << upgraded.all();
  EXPECT_EQ(reader.wait().code, 0);
  const Outcome worked = bench.wait();
  EXPECT_EQ(worked.code, 0) << worked.err;
  EXPECT_THAT(worked.out, HasSubstr("number of failed transactions: 0"));

  const Latency latency = latency_in(project.directory());
  EXPECT_GT(latency.count, 100U);
  EXPECT_LT(latency.longest, 2 * lock_timeout) << "of " << latency.count << " transactions";
  EXPECT_EQ(project.sql("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), "0\n");
  EXPECT_EQ(project.sql("SELECT count(*) FROM pg_constraint WHERE NOT convalidated"), "0\n");
  EXPECT_EQ(project.sql("SELECT count(*) FROM pg_attribute WHERE attrelid = 'pgbench_accounts'::regclass AND attname = 'abalance' AND attnotnull"),
            "1\n");
}

}  // namespace
}  // namespace aludel::test
