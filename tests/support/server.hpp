#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

/// Database servers for tests: real ones, each with a data directory of its own and on a unix socket alone, stopped and removed with the process that
/// started it, also when that is killed. Or the server that ALUDEL_TEST_POSTGRESQL_URL, ALUDEL_TEST_MARIADB_URL or ALUDEL_TEST_MYSQL_URL names.
namespace aludel::test {

class Server {
 public:
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  virtual ~Server();

  /// What a user would give to reach this database of it.
  std::string url(const std::string& database) const;
  /// Where socket, data and log of a private one lie; empty for one that an URL names.
  const std::filesystem::path& directory() const { return directory_; }
  bool is_private() const { return !directory_.empty(); }
  /// As the server's program says it.
  const std::string& version() const { return version_; }
  pid_t process() const;

  /// Ends a private one's main process with the signal and waits until it is gone; its data stay.
  void stop(int signal);
  /// At once, with its sessions.
  void stop() { stop(stop_signal()); }
  /// Starts it again on its data, with other settings when some are given.
  void start();
  void start(std::vector<std::string> settings);

 protected:
  explicit Server(std::string url);
  /// `kind` names directories; the server's programs run as the first of `users` that exists when we are root, whom they refuse.
  Server(const std::string& kind, const std::vector<std::string>& users, std::string version, std::vector<std::string> settings);

  /// The data directory, made once for each version and copied from then on.
  void make_data(const std::vector<std::string>& initialise);
  void stop_for_good();
  std::filesystem::path data() const { return directory_ / "data"; }
  /// Runs a program as the server's user until it ends.
  void command(const std::vector<std::string>& arguments) const;

  virtual std::vector<std::string> program() const = 0;
  virtual bool is_ready() const = 0;
  virtual int stop_signal() const = 0;  ///< fast, and leaves nothing in the system's memory
  virtual std::string private_url(const std::string& database) const = 0;
  std::string log() const;

  std::vector<std::string> settings_;

 private:
  void watch();
  /// False where it is worth another try.
  bool start_once(std::chrono::steady_clock::time_point end);

  std::string url_;
  std::string kind_;
  std::string version_;
  std::filesystem::path directory_;
  uid_t user_ = 0;
  gid_t group_ = 0;
  pid_t owner_ = 0;
  std::atomic<pid_t>* process_ = nullptr;  ///< shared with the watcher
  int lifeline_ = -1;
};

class PostgresqlServer final : public Server {
 public:
  /// A private one, with more settings: {"-c", "ssl=on"}. Its programs: ALUDEL_TEST_POSTGRESQL_BIN, or Debian's newest.
  explicit PostgresqlServer(std::vector<std::string> settings = {});
  explicit PostgresqlServer(const std::string& url) : Server(url) {}
  ~PostgresqlServer() override { stop_for_good(); }

 private:
  std::vector<std::string> program() const override;
  bool is_ready() const override;
  int stop_signal() const override;
  std::string private_url(const std::string& database) const override;
};

class MariadbServer final : public Server {
 public:
  explicit MariadbServer(std::vector<std::string> settings = {});
  explicit MariadbServer(const std::string& url) : Server(url) {}
  ~MariadbServer() override { stop_for_good(); }

 private:
  std::vector<std::string> program() const override;
  bool is_ready() const override;
  int stop_signal() const override;
  std::string private_url(const std::string& database) const override;
};

class MysqlServer final : public Server {
 public:
  /// A private one of the program that ALUDEL_TEST_MYSQL_SERVER names, a mysqld or a script that runs one.
  explicit MysqlServer(std::vector<std::string> settings = {});
  explicit MysqlServer(const std::string& url) : Server(url) {}
  ~MysqlServer() override { stop_for_good(); }

 private:
  std::vector<std::string> program() const override;
  bool is_ready() const override;
  int stop_signal() const override;
  std::string private_url(const std::string& database) const override;
};

/// The options by which MariaDB's programs reach an URL's database; they know no URLs.
std::vector<std::string> mariadb_options(const std::string& url);

/// The process's one, started on first use; tests make databases of their own in it.
Server& postgresql_server();
Server& mariadb_server();
/// Null where neither ALUDEL_TEST_MYSQL_URL nor ALUDEL_TEST_MYSQL_SERVER is set: Debian has no MySQL.
Server* mysql_server();

}  // namespace aludel::test
