#include "support/server.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

namespace aludel::test {
namespace {

using namespace std::chrono_literals;

bool is_there(pid_t process) { return kill(process, 0) == 0; }

template <typename Condition>
bool comes_true(const Condition& condition) {
  for (int i = 0; i < 500; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(20ms);
  }
  return false;
}

template <typename Kind>
class Servers : public testing::Test {};

struct Names {
  template <typename Kind>
  static std::string GetName(int) {
    return std::is_same_v<Kind, PostgresqlServer> ? "postgresql" : "mariadb";
  }
};

using Kinds = testing::Types<PostgresqlServer, MariadbServer>;
TYPED_TEST_SUITE(Servers, Kinds, Names);

TYPED_TEST(Servers, starts_again_on_its_data_and_leaves_nothing) {
  std::filesystem::path directory;
  pid_t process = 0;
  {
    TypeParam server;
    directory = server.directory();
    EXPECT_TRUE(std::filesystem::exists(directory / "data"));
    EXPECT_NE(server.url("name").find(directory.string()), std::string::npos);
    const pid_t first = server.process();
    EXPECT_TRUE(is_there(first));
    server.stop(SIGKILL);
    EXPECT_FALSE(is_there(first));
    server.start();
    process = server.process();
    EXPECT_TRUE(is_there(process));
  }
  EXPECT_FALSE(is_there(process));
  EXPECT_FALSE(std::filesystem::exists(directory));
}

TYPED_TEST(Servers, goes_with_a_test_that_is_killed) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    const TypeParam server;
    const std::string line = std::to_string(server.process()) + " " + server.directory().string();
    if (write(ends[1], line.data(), line.size()) < 0) _exit(1);
    close(ends[1]);
    pause();
    _exit(0);
  }
  close(ends[1]);
  std::array<char, 512> line{};
  ASSERT_GT(read(ends[0], line.data(), line.size() - 1), 0);
  close(ends[0]);
  const std::string text(line.data());
  const pid_t server = std::stoi(text);
  const std::filesystem::path directory = text.substr(text.find(' ') + 1);
  EXPECT_TRUE(is_there(server));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(comes_true([&] { return !is_there(server); }));
  EXPECT_TRUE(comes_true([&] { return !std::filesystem::exists(directory); }));
}

}  // namespace
}  // namespace aludel::test
