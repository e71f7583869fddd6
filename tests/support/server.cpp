#include "server.hpp"

#include <aludel/url.hpp>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <new>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace aludel::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Arguments = std::vector<std::string>;

constexpr auto patience = 60s;  // a server of a busy machine takes its time

std::string content(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

/// The first line that a program prints.
std::string first_line(const std::string& command) {
  const std::unique_ptr<FILE, decltype(&pclose)> pipe(popen(command.c_str(), "r"), &pclose);
  std::array<char, 512> line{};
  if (!pipe || !std::fgets(line.data(), line.size(), pipe.get())) throw std::runtime_error("cannot run " + command);
  return std::string(line.data(), std::strcspn(line.data(), "\n"));
}

bool is_alive(pid_t process) { return kill(process, 0) == 0 || errno == EPERM; }

[[noreturn]] void execute(const Arguments& arguments) {
  std::vector<char*> words;
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  execvp(words[0], words.data());
  std::fprintf(stderr, "%s: %s\n", words[0], std::strerror(errno));
  _exit(127);
}

/// In a child: another user, the root directory, nothing of ours open, all output into the log.
void leave_for(uid_t user, gid_t group, const fs::path& log) {
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
  const int in = open("/dev/null", O_RDONLY);
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  close_range(3, ~0U, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (chdir("/") != 0) _exit(126);
  if (geteuid() == 0 && (setgroups(0, nullptr) != 0 || setgid(group) != 0 || setuid(user) != 0)) _exit(126);
}

constexpr std::string_view prefix = "aludel-server-";

/// Directories whose process and watcher were both killed: aludel-server-PROCESS-KIND-XXXXXX.
void sweep(const fs::path& where) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(where, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix)) continue;
    pid_t process = 0;
    std::from_chars(name.data() + prefix.size(), name.data() + name.size(), process);
    if (process > 0 && !is_alive(process)) fs::remove_all(entry.path(), ignored);
  }
}

void own(const fs::path& root, uid_t user, gid_t group) {
  if (geteuid() != 0) return;
  const auto change = [&](const fs::path& path) {
    if (lchown(path.c_str(), user, group) != 0) throw std::runtime_error("chown " + path.string());
  };
  change(root);
  for (const auto& entry : fs::recursive_directory_iterator(root)) change(entry.path());
}

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  return value && *value ? std::optional<std::string>(value) : std::nullopt;
}

/// An URL with another path.
std::string with_database(const std::string& url, const std::string& database) {
  const auto authority = url.find("://") + 3;
  const auto query = std::min(url.find('?', authority), url.size());
  const auto path = std::min(url.find('/', authority), query);
  return url.substr(0, path) + "/" + database + url.substr(query);
}

}  // namespace

std::vector<std::string> mariadb_options(const std::string& text) {
  const Url url = parse_url(text);
  Arguments options{"--default-character-set=utf8mb4", "--user=" + url.user, "--database=" + url.path};
  if (!url.password.empty()) options.push_back("--password=" + url.password.reveal());
  if (!url.host.empty()) options.push_back("--host=" + url.host);
  if (url.port) options.push_back("--port=" + std::to_string(*url.port));
  if (const std::string* socket = url.option("unix_socket")) options.push_back("--socket=" + *socket);
  return options;
}

namespace {

/// What the server of an URL says of itself to its own client.
std::string version_at(const std::string& url) {
  const bool postgresql = url.starts_with("postgres");
  Arguments command{"psql", "-X", "-A", "-t", "-d", url, "-c", "SELECT version()"};
  if (!postgresql) {
    command = {"mariadb", "--no-defaults", "--batch", "--skip-column-names", "--execute=SELECT concat(@@version_comment, ' ', version())"};
    for (std::string& option : mariadb_options(url)) command.push_back(std::move(option));
  }
  std::string line;
  for (const std::string& word : command) {
    line += '\'';
    for (const char c : word) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += "' ";
  }
  try {
    return first_line(line);
  } catch (const std::runtime_error&) {  // whose text holds the password
    throw std::runtime_error("the server of the environment's URL does not say its version to " + command[0]);
  }
}

}  // namespace

Server::Server(std::string url) : url_(std::move(url)) {
  if (url_.find("://") == std::string::npos) throw std::runtime_error("not an URL: a test server's environment variable");
  version_ = "of the environment's URL: " + version_at(with_database(url_, url_.starts_with("postgres") ? "postgres" : "mysql"));
  std::fprintf(stderr, "[ server   ] %s\n", version_.c_str());
}

Server::Server(const std::string& kind, const std::vector<std::string>& users, std::string version, std::vector<std::string> settings)
    : settings_(std::move(settings)), kind_(kind), version_(std::move(version)), user_(geteuid()), group_(getegid()), owner_(getpid()) {
  if (user_ == 0) {
    for (const std::string& name : users) {
      if (const passwd* entry = getpwnam(name.c_str())) {
        user_ = entry->pw_uid;
        group_ = entry->pw_gid;
        break;
      }
    }
  }
  sweep(fs::temp_directory_path());
  std::string pattern = (fs::temp_directory_path() / (std::string(prefix) + std::to_string(owner_) + "-" + kind_ + "-XXXXXX")).string();
  if (!mkdtemp(pattern.data())) throw std::runtime_error("mkdtemp " + pattern);
  directory_ = pattern;
  fs::permissions(directory_, fs::perms::all);  // for the server's user and for whoever connects
  watch();
  std::fprintf(stderr, "[ server   ] %s\n", version_.c_str());
}

Server::~Server() {
  if (process_) munmap(process_, sizeof *process_);
}

void Server::stop_for_good() {
  if (!is_private() || getpid() != owner_) return;  // a fork of ours leaves it alone
  if (process() > 0) stop(stop_signal());
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
  close(lifeline_);
}

pid_t Server::process() const { return process_ ? process_->load() : 0; }

std::string Server::url(const std::string& database) const { return is_private() ? private_url(database) : with_database(url_, database); }

std::string Server::log() const { return content(directory_ / "log"); }

/// A process that outlives ours by a moment: when the pipe breaks, whatever ended us, it ends the server and removes the directory.
void Server::watch() {
  void* shared = mmap(nullptr, sizeof *process_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) throw std::runtime_error("mmap");
  process_ = new (shared) std::atomic<pid_t>(0);
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork");
  if (child != 0) {
    close(ends[0]);
    lifeline_ = ends[1];
    waitpid(child, nullptr, 0);
    return;
  }
  // Twice, so that nobody has to wait for it; away from the terminal's Ctrl-C.
  setsid();
  if (fork() != 0) _exit(0);
  dup2(ends[0], 3);
  close_range(4, ~0U, 0);
  dup2(open("/dev/null", O_RDWR), STDIN_FILENO);
  dup2(STDIN_FILENO, STDOUT_FILENO);
  dup2(STDIN_FILENO, STDERR_FILENO);
  char byte = 0;
  while (read(3, &byte, 1) < 0 && errno == EINTR) continue;
  if (const pid_t server = process(); server > 0) {
    kill(server, SIGQUIT);
    for (int i = 0; i < 100 && is_alive(server); ++i) std::this_thread::sleep_for(20ms);
    kill(server, SIGKILL);
  }
  std::error_code error;
  for (int i = 0; i < 50; ++i) {  // the server's own children may still write
    fs::remove_all(directory_, error);
    if (!error) break;
    std::this_thread::sleep_for(100ms);
  }
  _exit(0);
}

void Server::command(const Arguments& arguments) const {
  const fs::path output = directory_ / "output";
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    leave_for(user_, group_, output);
    execute(arguments);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (status != 0) throw std::runtime_error(arguments[0] + " failed:\n" + content(output));
}

void Server::make_data(const Arguments& initialise) {
  std::string name = kind_ + "-";
  for (const char c : version_) name += std::isalnum(static_cast<unsigned char>(c)) || c == '.' ? c : '_';
  const fs::path templates = fs::path(ALUDEL_BINARY_DIR) / "servers";
  const fs::path ready = templates / name;
  if (!fs::exists(ready)) {
    if (geteuid() == 0 && chown(directory_.c_str(), user_, group_) != 0) throw std::runtime_error("chown");
    command(initialise);
    // Two processes may make one at once: the first wins.
    std::string own_copy = (templates / (name + "-XXXXXX")).string();
    fs::create_directories(templates);
    if (!mkdtemp(own_copy.data())) throw std::runtime_error("mkdtemp " + own_copy);
    fs::copy(data(), own_copy, fs::copy_options::recursive);
    std::error_code lost;
    fs::rename(own_copy, ready, lost);
    if (lost) fs::remove_all(own_copy);
  } else {
    fs::copy(ready, data(), fs::copy_options::recursive);
    own(data(), user_, group_);
  }
  fs::permissions(data(), fs::perms::owner_all);
}

void Server::start(std::vector<std::string> settings) {
  settings_ = std::move(settings);
  start();
}

void Server::start() {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!start_once(end)) std::this_thread::sleep_for(50ms);
}

bool Server::start_once(std::chrono::steady_clock::time_point end) {
  const Arguments arguments = program();
  std::error_code ignored;
  fs::remove(directory_ / "log", ignored);
  std::fflush(nullptr);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork");
  if (child == 0) {
    leave_for(user_, group_, directory_ / "log");
    setsid();
    // Behind the change of user, which clears it: should the watcher be killed too, the server still goes with us.
    prctl(PR_SET_PDEATHSIG, stop_signal());
    if (getppid() != parent) _exit(125);
    execute(arguments);
  }
  process_->store(child);
  while (!is_ready()) {
    const bool late = std::chrono::steady_clock::now() > end;
    if (waitpid(child, nullptr, WNOHANG) == child || late) {
      process_->store(0);
      kill(child, SIGKILL);
      // Sessions of one that was killed outlive it until they notice.
      if (!late && log().find("pre-existing shared memory block") != std::string::npos) return false;
      throw std::runtime_error("the test's server did not start:\n" + log());
    }
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

void Server::stop(int signal) {
  const pid_t server = process();
  if (server <= 0) return;
  kill(server, signal);
  const auto end = std::chrono::steady_clock::now() + patience;
  while (waitpid(server, nullptr, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > end) kill(server, SIGKILL);
    std::this_thread::sleep_for(2ms);
  }
  process_->store(0);
}

// --- PostgreSQL

namespace {

int major_of(const fs::path& bin) {
  int number = 0;
  const std::string name = bin.parent_path().filename().string();
  std::from_chars(name.data(), name.data() + name.size(), number);
  return number;
}

fs::path postgresql_programs() {
  if (const auto given = variable("ALUDEL_TEST_POSTGRESQL_BIN")) return *given;
  fs::path newest;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
    const fs::path bin = entry.path() / "bin";
    if (fs::exists(bin / "initdb") && (newest.empty() || major_of(bin) > major_of(newest))) newest = bin;
  }
  if (newest.empty()) throw std::runtime_error("no PostgreSQL server in /usr/lib/postgresql: run ./dev setup, or set ALUDEL_TEST_POSTGRESQL_BIN");
  return newest;
}

}  // namespace

PostgresqlServer::PostgresqlServer(std::vector<std::string> settings)
    : Server("postgresql", {"postgres", "nobody"}, first_line("'" + (postgresql_programs() / "postgres").string() + "' --version"),
             std::move(settings)) {
  make_data({postgresql_programs() / "initdb", "-D", data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
             "--wal-segsize=1"});
  start();
}

std::vector<std::string> PostgresqlServer::program() const {
  Arguments arguments{postgresql_programs() / "postgres", "-D", data()};
  for (const std::string setting : {"listen_addresses=", "port=5432", "fsync=off", "full_page_writes=off", "autovacuum=off", "wal_level=logical",
                                    "max_connections=60", "max_prepared_transactions=4", "shared_buffers=32MB", "max_wal_size=1GB", "lc_messages=C"})
    arguments.insert(arguments.end(), {"-c", setting});
  arguments.insert(arguments.end(), {"-c", "unix_socket_directories=" + directory().string()});
  arguments.insert(arguments.end(), settings_.begin(), settings_.end());
  return arguments;
}

/// The eighth line of the postmaster's file says how far it is: "ready". The line before the last start's would be of another process.
bool PostgresqlServer::is_ready() const {
  std::ifstream file(data() / "postmaster.pid");
  std::string line, first;
  std::getline(file, first);
  for (int i = 1; i < 8; ++i) std::getline(file, line);
  return line.starts_with("ready") && first == std::to_string(process());
}

int PostgresqlServer::stop_signal() const { return SIGQUIT; }

std::string PostgresqlServer::private_url(const std::string& database) const {
  return "postgresql://postgres@/" + database + "?host=" + directory().string();
}

// --- MariaDB

MariadbServer::MariadbServer(std::vector<std::string> settings)
    : Server("mariadb", {"mysql", "nobody"}, first_line("mariadbd --no-defaults --version"), std::move(settings)) {
  make_data({"mariadb-install-db", "--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", "--innodb-log-file-size=8M",
             "--datadir=" + data().string()});
  start();
}

std::vector<std::string> MariadbServer::program() const {
  const std::string place = directory().string();
  Arguments arguments{"mariadbd", "--no-defaults", "--datadir=" + place + "/data", "--socket=" + place + "/mysql.sock",
                      "--pid-file=" + place + "/mysql.pid", "--skip-networking", "--innodb-log-file-size=8M", "--innodb-buffer-pool-size=64M",
                      // One that starts removes what it takes for temporary tables of a former life, also those of others.
                      "--tmpdir=" + place,
                      // Tests kill it, and not the machine.
                      "--innodb-flush-log-at-trx-commit=2", "--innodb-flush-method=nosync", "--debug-no-sync", "--skip-sync-frm", "--sync-binlog=0"};
  arguments.insert(arguments.end(), settings_.begin(), settings_.end());
  return arguments;
}

bool MariadbServer::is_ready() const { return log().find("ready for connections") != std::string::npos; }

int MariadbServer::stop_signal() const { return SIGKILL; }

std::string MariadbServer::private_url(const std::string& database) const {
  return "mariadb://root@localhost/" + database + "?unix_socket=" + directory().string() + "/mysql.sock";
}

// --- MySQL

namespace {

std::string mysql_program() {
  const auto given = variable("ALUDEL_TEST_MYSQL_SERVER");
  if (!given) throw std::runtime_error("ALUDEL_TEST_MYSQL_SERVER names no mysqld");
  return *given;
}

}  // namespace

MysqlServer::MysqlServer(std::vector<std::string> settings)
    : Server("mysql", {"mysql", "nobody"}, "MySQL, " + first_line("'" + mysql_program() + "' --no-defaults --version"), std::move(settings)) {
  make_data({mysql_program(), "--no-defaults", "--initialize-insecure", "--innodb-redo-log-capacity=8M", "--datadir=" + data().string()});
  fs::remove(data() / "auto.cnf");  // the server's UUID, which no other may have
  start();
}

std::vector<std::string> MysqlServer::program() const {
  const std::string place = directory().string();
  Arguments arguments{mysql_program(), "--no-defaults", "--datadir=" + place + "/data", "--socket=" + place + "/mysql.sock",
                      "--pid-file=" + place + "/mysql.pid", "--tmpdir=" + place, "--skip-networking", "--mysqlx=OFF", "--secure-file-priv=NULL",
                      "--innodb-redo-log-capacity=8M", "--innodb-buffer-pool-size=64M",
                      // Tests kill it, and not the machine.
                      "--innodb-flush-log-at-trx-commit=2", "--innodb-doublewrite=OFF"};
  const auto logs = [](const std::string& setting) { return setting.starts_with("--log-bin"); };
  if (std::none_of(settings_.begin(), settings_.end(), logs)) arguments.emplace_back("--skip-log-bin");
  arguments.insert(arguments.end(), settings_.begin(), settings_.end());
  return arguments;
}

bool MysqlServer::is_ready() const { return log().find("ready for connections") != std::string::npos; }

int MysqlServer::stop_signal() const { return SIGKILL; }

std::string MysqlServer::private_url(const std::string& database) const {
  return "mysql://root@localhost/" + database + "?unix_socket=" + directory().string() + "/mysql.sock";
}

// --- The process's own

namespace {

template <typename Kind>
std::unique_ptr<Kind> given_or_private(const char* name) {
  const auto url = variable(name);
  return url ? std::make_unique<Kind>(*url) : std::make_unique<Kind>();
}

}  // namespace

Server& postgresql_server() {
  static const auto server = given_or_private<PostgresqlServer>("ALUDEL_TEST_POSTGRESQL_URL");
  return *server;
}

Server& mariadb_server() {
  static const auto server = given_or_private<MariadbServer>("ALUDEL_TEST_MARIADB_URL");
  return *server;
}

Server* mysql_server() {
  static const bool any = variable("ALUDEL_TEST_MYSQL_URL") || variable("ALUDEL_TEST_MYSQL_SERVER");
  static const auto server = any ? given_or_private<MysqlServer>("ALUDEL_TEST_MYSQL_URL") : nullptr;
  return server.get();
}

}  // namespace aludel::test
