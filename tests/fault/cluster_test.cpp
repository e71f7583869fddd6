#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>

#include "fault/scenario.hpp"
#include "support/server.hpp"

// Clusters of two real nodes that both take writes. There is no lock that both know: what a runner may do is decided by the journal, whose writes are
// certified by all nodes.
namespace aludel::test {
namespace {

using Settings = std::vector<std::string>;

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

std::string local(int port) { return "127.0.0.1:" + std::to_string(port); }

class ClusterTest : public testing::Test {
 protected:
  /// Starts the nodes, and throws where they do not find together.
  virtual void form() = 0;
  /// Why there can be none here; empty where there can.
  virtual std::string lacks() const = 0;

  void SetUp() override {
    if (const auto reason = lacks(); !reason.empty()) GTEST_SKIP() << reason;
    try {
      form();
    } catch (const std::exception& error) {  // a machine without a loopback, or without the programs that copy a node's data
      GTEST_SKIP() << "no cluster can be formed here: " << error.what();
    }
  }
  std::unique_ptr<dialect::Connection> connect(std::size_t node, const std::string& database = "heroes") const {
    return system_.connect(nodes_[node]->url(database));
  }
  void say(std::size_t node, const std::string& sql) const { connect(node, "mysql")->execute(sql); }
  static void wait_until(const std::string& what, const std::function<bool()>& is_so) {
    for (int i = 0; i < 600; ++i, usleep(100'000))
      if (is_so()) return;
    throw std::runtime_error("after a minute there is still not: " + what);
  }
  void make_database() const {
    say(0, "CREATE DATABASE heroes CHARACTER SET utf8mb4");
    wait_until("the database on the other node", [&] { return connect(1, "mysql")->execute("SHOW DATABASES LIKE 'heroes'").rows.size() == 1; });
  }
  void race() const;

  LinkedSystem system_{};
  std::array<std::unique_ptr<Server>, 2> nodes_;
};

/// Runners on both nodes at once; nobody fails, and each revision has run once.
void ClusterTest::race() const {
  const auto store = scenario(system_);
  for (int round = 0; round < 8 && !HasFailure(); ++round) {
    make_database();
    std::vector<pid_t> racers;
    for (std::size_t i = 0; i < 8; ++i) {
      racers.push_back(spawn([&, i] {
        Runner(*connect(i % 2), store, options(), hooks()).upgrade(Ids{"head"});
        return 0;
      }));
    }
    for (const auto racer : racers) EXPECT_EQ(wait_for(racer), 0);
    for (std::size_t i = 0; i < 2; ++i) {
      const auto connection = connect(i);
      wait_until("revision r7 on the other node", [&] { return heads_of(*connection) == "r7"; });
      EXPECT_THAT(rows_of(*connection, "SELECT revision FROM aludel_journal WHERE position > 0 AND segment = segments ORDER BY position"),
                  testing::ElementsAre("r1", "r2", "r3", "r4", "r5", "r6", "r7"));
      EXPECT_THAT(rows_of(*connection, "SELECT position FROM aludel_journal WHERE state <> 'done' OR position < 0"), testing::IsEmpty());
      EXPECT_THAT(rows_of(*connection, "SELECT name, size FROM team ORDER BY id"), testing::ElementsAre("Preventers|2", "Z-Force|1"));
    }
    say(0, "DROP DATABASE heroes");
    wait_until("the database's end", [&] { return connect(1, "mysql")->execute("SHOW DATABASES LIKE 'heroes'").empty(); });
  }
}

/// Of MariaDB: all nodes take writes, and refuse at COMMIT what another was faster with.
class GaleraTest : public ClusterTest {
 protected:
  static constexpr const char* provider = "/usr/lib/galera/libgalera_smm.so";

  /// A node that joins the others, or founds the cluster when there are none.
  static Settings node(const std::string& name, int port, const std::string& others) {
    Settings settings{"--wsrep-on=ON",
                      std::string("--wsrep-provider=") + provider,
                      "--wsrep-cluster-address=gcomm://" + others,
                      "--wsrep-node-address=" + local(port),
                      "--wsrep-node-name=" + name,
                      "--wsrep-provider-options=base_port=" + std::to_string(port) + ";ist.recv_addr=" + local(free_port()) + ";gcache.size=8M",
                      "--wsrep-sst-method=rsync",
                      "--wsrep-sst-receive-address=" + local(free_port()),
                      "--binlog-format=ROW",
                      "--innodb-autoinc-lock-mode=2"};
    if (others.empty()) settings.emplace_back("--wsrep-new-cluster");
    return settings;
  }

  std::string lacks() const override {
    return !std::filesystem::exists(provider) || linked_dialect("mariadb") == nullptr ? "there is no Galera here" : "";
  }

  void form() override {
    system_ = linked_system("mariadb");
    const int port = free_port();
    nodes_[0] = std::make_unique<MariadbServer>(node("first", port, ""));
    nodes_[1] = std::make_unique<MariadbServer>(node("second", free_port(), local(port)));
    wait_until("a second node", [&] {
      return rows_of(*connect(1, "mysql"), "SHOW STATUS LIKE 'wsrep_ready'") == std::vector<std::string>{"wsrep_ready|ON"} &&
             rows_of(*connect(0, "mysql"), "SHOW STATUS LIKE 'wsrep_cluster_size'") == std::vector<std::string>{"wsrep_cluster_size|2"};
    });
  }
};

TEST_F(GaleraTest, RunnersOnBothNodesApplyEachRevisionOnce) { race(); }

/// Of MySQL: group replication where every member is a primary.
class GroupReplicationTest : public ClusterTest {
 protected:
  static Settings member(int number, int port, const std::string& seeds) {
    return {"--skip-networking=OFF",
            "--bind-address=127.0.0.1",
            "--port=" + std::to_string(free_port()),
            "--report-host=127.0.0.1",
            "--server-id=" + std::to_string(number),
            "--log-bin=binlog",
            "--sync-binlog=0",
            "--gtid-mode=ON",
            "--enforce-gtid-consistency=ON",
            "--plugin-load-add=group_replication.so",
            "--loose-group_replication_group_name=aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa",
            "--loose-group_replication_local_address=" + local(port),
            "--loose-group_replication_group_seeds=" + seeds,
            "--loose-group_replication_start_on_boot=OFF",
            "--loose-group_replication_single_primary_mode=OFF"};
  }

  std::string lacks() const override {
    const auto* program = std::getenv("ALUDEL_TEST_MYSQL_SERVER");
    return program == nullptr || *program == '\0' || linked_dialect("mysql") == nullptr ? "there is no MySQL to start a group of" : "";
  }

  void form() override {
    system_ = linked_system("mysql");
    const std::array ports{free_port(), free_port()};
    const auto seeds = local(ports[0]) + "," + local(ports[1]);
    for (std::size_t i = 0; i < 2; ++i) {
      nodes_[i] = std::make_unique<MysqlServer>(member(static_cast<int>(i) + 1, ports[i], seeds));
      const auto connection = connect(i, "mysql");
      for (const char* sql :
           {"SET sql_log_bin = 0", "CREATE USER replicator@'%' IDENTIFIED BY 'secret'",
            "GRANT REPLICATION SLAVE, CONNECTION_ADMIN, BACKUP_ADMIN, GROUP_REPLICATION_STREAM ON *.* TO replicator@'%'", "SET sql_log_bin = 1",
            "CHANGE REPLICATION SOURCE TO SOURCE_USER = 'replicator', SOURCE_PASSWORD = 'secret' FOR CHANNEL 'group_replication_recovery'",
            "SET GLOBAL group_replication_recovery_get_public_key = 1"})
        connection->execute(sql);
      connection->execute(i == 0 ? "SET GLOBAL group_replication_bootstrap_group = ON" : "RESET BINARY LOGS AND GTIDS");
      connection->execute("START GROUP_REPLICATION");
      if (i == 0) connection->execute("SET GLOBAL group_replication_bootstrap_group = OFF");
    }
    wait_until("a second member", [&] {
      return rows_of(*connect(0, "mysql"), "SELECT count(*) FROM performance_schema.replication_group_members WHERE MEMBER_STATE = 'ONLINE'") ==
             std::vector<std::string>{"2"};
    });
  }
};

TEST_F(GroupReplicationTest, RunnersOnBothMembersApplyEachRevisionOnce) { race(); }

}  // namespace
}  // namespace aludel::test
