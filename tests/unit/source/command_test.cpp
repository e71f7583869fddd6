#include <aludel/source/command.hpp>

#include <gtest/gtest.h>

#include <chrono>

namespace aludel::source {
namespace {

TEST(RunCommand, KeepsTheTwoOutputsApart) {
  const CommandResult result = run_command("echo out; echo err >&2; pwd", "/");
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.output, "out\n/\n");
  EXPECT_EQ(result.errors, "err\n");
}

TEST(RunCommand, SaysHowItEnded) {
  EXPECT_EQ(run_command("exit 3", {}).outcome, "exit code 3");
  EXPECT_EQ(run_command("kill -9 $$", {}).outcome, "killed by signal 9");
  EXPECT_EQ(run_command("kill -9 $$", {}).status, 137);
  EXPECT_EQ(run_command("no-such-command-anywhere", {}).status, 127);
  EXPECT_NE(run_command("true", "/no/such/directory").status, 0);
}

TEST(RunCommand, IsNotStalledByMuchOutputOrAPrompt) {
  const CommandResult result = run_command("head -c 500000 /dev/zero; head -c 500000 /dev/zero >&2; cat", {});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.output.size(), 500'000U);
  EXPECT_EQ(result.errors.size(), 500'000U);
}

}  // namespace
}  // namespace aludel::source
