#include "migrate/identity.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace aludel::migrate {
namespace {

TEST(IdentityTest, TimesSortAsText) {
  const auto first = utc_now();
  EXPECT_THAT(first, testing::MatchesRegex("20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9][.][0-9]{3}Z"));
  usleep(2000);
  EXPECT_LT(first, utc_now());
}

/// This process's description with another pid.
std::string with_pid(pid_t pid) {
  auto who = who_am_i();
  return who.substr(0, who.rfind(' ') + 1) + std::to_string(pid);
}

TEST(IdentityTest, AProcessOfThisHostIsKnownToBeGoneOrNot) {
  const auto child = fork();
  if (child == 0) _exit(0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(certainly_gone(with_pid(child)));
  EXPECT_FALSE(certainly_gone(with_pid(getppid())));
  EXPECT_TRUE(certainly_gone(who_am_i())) << "what this process left unfinished before is not being run";
}

TEST(IdentityTest, OfAnythingElseNothingIsKnown) {
  EXPECT_FALSE(certainly_gone("root@some-other-host pid 1"));
  EXPECT_FALSE(certainly_gone(""));
  EXPECT_FALSE(certainly_gone("nonsense"));
  EXPECT_FALSE(certainly_gone(with_pid(0)));
  EXPECT_FALSE(certainly_gone(with_pid(-1)));
}

}  // namespace
}  // namespace aludel::migrate
