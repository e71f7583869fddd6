#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <filesystem>
#include <memory>

#include "fault/scenario.hpp"
#include "support/server.hpp"

// A Galera cluster of two real nodes. There is no lock that both know: what a runner may do is decided by the journal, whose writes are certified by
// all nodes.
namespace aludel::test {
namespace {

constexpr const char* provider = "/usr/lib/galera/libgalera_smm.so";

/// A port of this machine that nobody listens on.
int free_port() {
  const int one = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(one, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(one, reinterpret_cast<sockaddr*>(&address), &size), 0);
  close(one);
  return ntohs(address.sin_port);
}

/// The settings of a node that joins the others, or founds the cluster when there are none.
std::vector<std::string> node(const std::string& name, int port, int transfer, const std::string& others) {
  const auto here = "127.0.0.1:" + std::to_string(port);
  std::vector<std::string> settings{
      "--wsrep-on=ON",
      std::string("--wsrep-provider=") + provider,
      "--wsrep-cluster-address=gcomm://" + others,
      "--wsrep-node-address=" + here,
      "--wsrep-node-name=" + name,
      "--wsrep-provider-options=base_port=" + std::to_string(port) + ";ist.recv_addr=127.0.0.1:" + std::to_string(free_port()) + ";gcache.size=8M",
      "--wsrep-sst-method=rsync",
      "--wsrep-sst-receive-address=127.0.0.1:" + std::to_string(transfer),
      "--binlog-format=ROW",
      "--innodb-autoinc-lock-mode=2"};
  if (others.empty()) settings.emplace_back("--wsrep-new-cluster");
  return settings;
}

class GaleraTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(provider) || linked_dialect("mariadb") == nullptr) GTEST_SKIP() << "no Galera here";
    const int port = free_port();
    nodes_[0] = std::make_unique<MariadbServer>(node("first", port, free_port(), ""));
    nodes_[1] = std::make_unique<MariadbServer>(node("second", free_port(), free_port(), "127.0.0.1:" + std::to_string(port)));
    system_.connect(nodes_[0]->url("mysql"))->execute("CREATE DATABASE heroes CHARACTER SET utf8mb4");
    for (int i = 0; i < 600 && value(1, "SHOW STATUS LIKE 'wsrep_ready'") != "ON"; ++i) usleep(100'000);
    ASSERT_EQ(value(0, "SHOW STATUS LIKE 'wsrep_cluster_size'"), "2");
  }
  std::unique_ptr<dialect::Connection> connect(int node) const { return system_.connect(nodes_[static_cast<std::size_t>(node)]->url("heroes")); }
  std::string value(int node, const std::string& sql) const {
    const auto rows = system_.connect(nodes_[static_cast<std::size_t>(node)]->url("mysql"))->execute(sql);
    return rows.empty() ? "" : *rows.rows[0][1].string();
  }

  LinkedSystem system_ = linked_system("mariadb");
  std::array<std::unique_ptr<MariadbServer>, 2> nodes_;
};

TEST_F(GaleraTest, RunnersOnBothNodesApplyEachRevisionOnce) {
  const auto store = scenario(system_);
  for (int round = 0; round < 8 && !HasFailure(); ++round) {
    std::vector<pid_t> racers;
    for (int i = 0; i < 8; ++i) {
      racers.push_back(spawn([&, i] {
        Runner(*connect(i % 2), store, options(), hooks()).upgrade(Ids{"head"});
        return 0;
      }));
    }
    for (const auto racer : racers) EXPECT_EQ(wait_for(racer), 0);
    for (int i = 0; i < 2; ++i) {
      const auto connection = connect(i);
      EXPECT_EQ(heads_of(*connection), "r7");
      EXPECT_THAT(rows_of(*connection, "SELECT revision FROM aludel_journal WHERE position > 0 AND segment = segments ORDER BY position"),
                  testing::ElementsAre("r1", "r2", "r3", "r4", "r5", "r6", "r7"));
      EXPECT_THAT(rows_of(*connection, "SELECT name, size FROM team ORDER BY id"), testing::ElementsAre("Preventers|2", "Z-Force|1"));
    }
    system_.connect(nodes_[0]->url("mysql"))->execute("DROP DATABASE heroes");
    system_.connect(nodes_[0]->url("mysql"))->execute("CREATE DATABASE heroes CHARACTER SET utf8mb4");
  }
}

}  // namespace
}  // namespace aludel::test
