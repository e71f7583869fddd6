#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "support.hpp"

// Connecting, what a session is set to, and what is said when something does not work.
namespace aludel::mysql::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

int free_port() {
  const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(descriptor, reinterpret_cast<sockaddr*>(&address), size), 0);
  getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  close(descriptor);
  return ntohs(address.sin_port);
}

/// A server of few connections, with TLS of a certificate that we made, and users that may little. Shared, since it takes a second to start.
class Guarded : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = std::make_unique<MariadbServer>();
    const auto certificate = [&](const std::string& name) {
      const std::string base = file(name);
      const std::string command =
          "openssl req -new -x509 -days 2 -nodes -newkey rsa:2048 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout " +
          base + ".key -out " + base + ".crt 2>/dev/null";
      ASSERT_EQ(std::system(command.c_str()), 0);
      chmod((base + ".key").c_str(), 0644);
    };
    certificate("server");
    certificate("other");
    {
      const auto root = connect(server_->url("mysql"));
      root->execute("CREATE USER hero@localhost IDENTIFIED BY 'Dive Wilson'");
      root->execute("CREATE USER hero@127.0.0.1 IDENTIFIED BY 'Dive Wilson'");
      root->execute("CREATE DATABASE heroes");
      root->execute("GRANT ALL ON heroes.* TO hero@localhost");
      root->execute("GRANT ALL ON heroes.* TO hero@127.0.0.1");
    }
    port_ = std::to_string(free_port());
    server_->stop(SIGTERM);
    server_->start({"--skip-networking=0", "--bind-address=127.0.0.1", "--port=" + port_, "--ssl-cert=" + file("server.crt"),
                    "--ssl-key=" + file("server.key"), "--max-connections=10", "--extra-max-connections=1"});
  }
  static void TearDownTestSuite() { server_.reset(); }

  static std::string file(const std::string& name) { return (server_->directory() / name).string(); }
  static std::string socket(const std::string& user, const std::string& database = "heroes") {
    return "mysql://" + user + "@localhost/" + database + "?unix_socket=" + file("mysql.sock");
  }
  static std::string tcp(const std::string& more) { return "mysql://hero:Dive%20Wilson@127.0.0.1:" + port_ + "/heroes?" + more; }

  static std::unique_ptr<MariadbServer> server_;
  static std::string port_;
};
std::unique_ptr<MariadbServer> Guarded::server_;
std::string Guarded::port_;

TEST_F(Guarded, takes_a_password_from_the_url_and_says_when_it_is_wrong) {
  EXPECT_EQ(scalar(*connect(socket("hero:Dive%20Wilson")), "SELECT CURRENT_USER()"), "hero@localhost");
  const Error wrong = error_of([] { connect(socket("hero:not%20this")); });
  EXPECT_EQ(wrong.kind(), ErrorKind::connection);
  EXPECT_THAT(wrong.text(), AllOf(HasSubstr("cannot connect to the database 'heroes' at"), HasSubstr("Access denied for user 'hero'@'localhost'"),
                                  HasSubstr("hint: check user and password"), Not(HasSubstr("not this")), Not(HasSubstr("not%20this"))));
}

TEST_F(Guarded, reads_option_files_only_when_asked) {
  std::ofstream(file("client.cnf")) << "[client]\nuser=hero\npassword=Dive Wilson\nsocket=" << file("mysql.sock") << "\n[other]\nuser=nobody\n";
  EXPECT_EQ(scalar(*connect("mysql:///heroes?defaults-file=" + file("client.cnf")), "SELECT CURRENT_USER()"), "hero@localhost");
  EXPECT_THAT(error_of([] { connect("mysql://nobody@localhost/heroes?unix_socket=" + file("mysql.sock")); }).text(), HasSubstr("Access denied"));
}

TEST_F(Guarded, speaks_tls_as_ssl_mode_says) {
  const auto cipher = [](const std::string& more) {
    return *connect(tcp(more))->execute("SHOW SESSION STATUS LIKE 'Ssl_cipher'").rows.at(0).at(1).string();
  };
  EXPECT_NE(cipher("ssl-mode=REQUIRED"), "");
  EXPECT_NE(cipher("ssl-mode=verify_identity&ssl-ca=" + file("server.crt")), "");
  EXPECT_NE(cipher("ssl-ca=" + file("server.crt")), "");
  EXPECT_EQ(cipher("ssl-mode=DISABLED"), "");
  const Error stranger = error_of([] { connect(tcp("ssl-mode=VERIFY_CA&ssl-ca=" + file("other.crt"))); });
  EXPECT_THAT(stranger.text(), AllOf(HasSubstr("cannot connect"), HasSubstr("ssl-mode"), Not(HasSubstr("Dive"))));
}

TEST_F(Guarded, says_who_lets_nobody_in) {
  EXPECT_THAT(error_of([] { connect(socket("hero:Dive%20Wilson", "villains")); }).text(),
              AllOf(HasSubstr("villains"), AnyOf(HasSubstr("grant the user"), HasSubstr("CREATE DATABASE"))));
  EXPECT_THAT(error_of([] { connect(socket("root", "nowhere")); }).text(), HasSubstr("create the database first (CREATE DATABASE)"));
}

TEST_F(Guarded, says_when_there_is_no_room) {
  std::vector<std::unique_ptr<dialect::Connection>> all;
  std::optional<Error> full;
  for (int i = 0; i < 20 && !full; ++i) {
    try {
      all.push_back(connect(socket("hero:Dive%20Wilson")));
    } catch (const Error& error) {
      full = error;
    }
  }
  ASSERT_TRUE(full);
  EXPECT_EQ(full->kind(), ErrorKind::busy);
  EXPECT_THAT(full->text(), AllOf(HasSubstr("Too many connections"), HasSubstr("try again later")));
}

TEST_F(Guarded, falls_back_where_the_user_may_create_no_scratch_database) {
  const auto connection = connect(socket("hero:Dive%20Wilson"));
  const Error refused = error_of([&] { dialect().scratch(connection.get(), nullptr); });
  EXPECT_EQ(refused.kind(), ErrorKind::unsupported);
  EXPECT_THAT(refused.text(), HasSubstr("scratch"));
  // Then text is compared as it is declared; nothing fails and nothing is left behind.
  schema::Metadata declared;
  schema::Table table;
  table.name = {"", "hero"};
  table.columns.emplace_back();
  table.columns[0].name = "age";
  table.columns[0].type = schema::Type::integer();
  table.columns[0].server_default = schema::Expression("(1+1)");
  declared.add(table);
  const schema::Metadata canonical = dialect().canonicalise(declared, connection.get());
  EXPECT_EQ(canonical.find_table({"", "hero"})->columns[0].type.canonical, "int");
}

TEST(connection, names_what_is_not_there) {
  EXPECT_THAT(error_of([] { connect("mysql://hero@localhost/heroes?unix_socket=/nowhere/mysql.sock"); }).text(),
              AllOf(HasSubstr("/nowhere/mysql.sock"), HasSubstr("is the server running")));
  EXPECT_THAT(error_of([] { connect("mysql://hero@127.0.0.1:1/heroes"); }).text(),
              AllOf(HasSubstr("127.0.0.1:1"), HasSubstr("is the server running")));
  EXPECT_THAT(error_of([] { connect("mysql://hero@no-such-host.invalid/heroes"); }).text(), HasSubstr("check the host in the URL"));
  const Error option = error_of([] { connect("mysql://hero@localhost/heroes?ssl_mode=REQUIRED"); });
  EXPECT_EQ(option.kind(), ErrorKind::usage);
  EXPECT_THAT(option.text(), AllOf(HasSubstr("unknown option 'ssl_mode'"), HasSubstr("did you mean 'ssl-mode'")));
  EXPECT_THAT(error_of([] { connect("mysql://hero@localhost/heroes?ssl-mode=maybe"); }).text(), HasSubstr("VERIFY_IDENTITY"));
  EXPECT_THAT(error_of([] { connect("mysql://hero@localhost/heroes?connect_timeout=soon"); }).text(), HasSubstr("connect_timeout=10"));
  EXPECT_THAT(error_of([] { connect("mysql://hero@localhost/heroes?charset=latin1"); }).text(), HasSubstr("utf8mb4"));
}

class OnServer : public testing::TestWithParam<Server*> {
 protected:
  Database database_{*GetParam()};
  std::string url(const std::string& more = {}) const { return database_.url(more); }
};

TEST_P(OnServer, sets_the_session_and_writes_it_down) {
  const auto connection = connect(url());
  EXPECT_EQ(scalar(*connection, "SELECT @@time_zone"), "+00:00");
  EXPECT_EQ(scalar(*connection, "SELECT @@character_set_client"), "utf8mb4");
  EXPECT_EQ(connection->server().settings.at("sql_mode"), scalar(*connection, "SELECT @@sql_mode"));
  EXPECT_THAT(connection->server().settings.at("sql_mode"), HasSubstr("STRICT_TRANS_TABLES"));
  EXPECT_EQ(connection->server().flavour, flavour_of(GetParam()));
  const auto other = connect(url("&time_zone=%2B02:00&sql_mode=TRADITIONAL"));
  EXPECT_EQ(scalar(*other, "SELECT @@time_zone"), "+02:00");
  EXPECT_THAT(scalar(*other, "SELECT @@sql_mode"), HasSubstr("NO_ZERO_DATE"));
}

TEST_P(OnServer, gives_every_setting_back_that_sql_has_changed) {
  const auto connection = connect(url());
  const auto all = [&] {
    std::string text;
    for (const auto& row : connection->execute("SHOW SESSION VARIABLES").rows) {
      const std::string name = *row[0].string();
      // Those that tell of the moment, of what was just inserted, and of what others do.
      if (name == "timestamp" || name == "statement_id" || name == "gtid_executed" || name.starts_with("rand_seed") || name == "last_gtid" ||
          name.find("insert_id") != std::string::npos)
        continue;
      text += name + "=" + (row[1].string() ? *row[1].string() : to_json(row[1])) + "\n";
    }
    return text + scalar(*connection, "SELECT DATABASE()");
  };
  const std::string before = all();
  for (const char* sql : {"SET sql_mode = 'ANSI'", "SET time_zone = '+05:00'", "SET foreign_key_checks = 0", "SET unique_checks = 0",
                          "SET NAMES latin1", "SET sql_safe_updates = 1", "SET sql_select_limit = 1", "SET lock_wait_timeout = 77",
                          "SET autocommit = 0", "USE mysql", "SET group_concat_max_len = 5"}) {
    connection->execute(sql);
  }
  if (GetParam() != &mariadb_server()) connection->execute("SET sql_generate_invisible_primary_key = 1");
  EXPECT_NE(all(), before);
  connection->execute("SET autocommit = 1");
  static_cast<const dialect::SessionSettings*>(dialect().extension(dialect::SessionSettings::extension_name))->reset(*connection);
  EXPECT_EQ(all(), before);
}

TEST_P(OnServer, never_connects_again_by_itself) {
  const auto connection = connect(url());
  const auto other = connect(url());
  const std::string id = scalar(*connection, "SELECT CONNECTION_ID()");
  other->execute("KILL CONNECTION " + id);
  std::this_thread::sleep_for(100ms);
  const Error lost = error_of([&] { connection->execute("SELECT 1"); });
  EXPECT_EQ(lost.kind(), ErrorKind::connection);
  EXPECT_THAT(lost.text(), AllOf(HasSubstr("the connection to the database"), HasSubstr("was lost"), HasSubstr("aludel status")));
  EXPECT_EQ(error_of([&] { connection->execute("SELECT 1"); }).kind(), ErrorKind::connection);
}

TEST_P(OnServer, says_which_statement_failed_and_what_to_do) {
  const auto connection = connect(url());
  connection->execute("CREATE TABLE hero (id INT PRIMARY KEY, age INT, CONSTRAINT grown CHECK (age >= 0))");
  connection->execute("INSERT INTO hero VALUES (1, 1)");
  const Error twice = error_of([&] { connection->execute("INSERT INTO hero VALUES (1, 1)"); });
  EXPECT_EQ(twice.kind(), ErrorKind::constraint);
  EXPECT_EQ(twice.code(), "23000 (1062)");
  EXPECT_EQ(twice.statement(), "INSERT INTO hero VALUES (1, 1)");
  EXPECT_EQ(error_of([&] { connection->execute("INSERT INTO hero VALUES (2, -1)"); }).kind(), ErrorKind::constraint);
  EXPECT_THAT(error_of([&] { connection->execute("CREATE TABLE t (a VARCHAR(16383), b VARCHAR(16383)) CHARACTER SET utf8mb4"); }).text(),
              HasSubstr("make columns TEXT or BLOB"));
  EXPECT_THAT(
      error_of([&] { connection->execute("CREATE TABLE t (a VARCHAR(4000), PRIMARY KEY (a)) CHARACTER SET utf8mb4 ROW_FORMAT=DYNAMIC"); }).text(),
      AllOf(HasSubstr("too long"), HasSubstr("index a prefix")));
  EXPECT_EQ(error_of([&] { connection->execute("SELECT * FROM nowhere"); }).kind(), ErrorKind::database);
  EXPECT_EQ(error_of([&] { connection->execute("  "); }).kind(), ErrorKind::database);
}

TEST_P(OnServer, lets_a_user_in_who_may_set_little) {
  const auto root = connect(url());
  const std::string name = "guest_" + std::to_string(getpid());
  root->execute("CREATE USER " + name + "@'%' IDENTIFIED BY ''");
  root->execute("GRANT ALL ON " + scalar(*root, "SELECT DATABASE()") + ".* TO " + name + "@'%'");
  Url mine = parse_url(url());
  mine.user = name;
  mine.password = {};
  const auto* settings = static_cast<const dialect::SessionSettings*>(dialect().extension(dialect::SessionSettings::extension_name));
  // Of the server, not of who asks: tables without a key get one that nobody declared.
  const bool adds_keys = GetParam() != &mariadb_server();
  for (const bool on : {false, true}) {
    if (on && !adds_keys) break;
    if (on) root->execute("SET GLOBAL sql_generate_invisible_primary_key = 1");
    try {
      const auto guest = dialect().connect(mine, {});
      guest->execute("CREATE TABLE note (text INT)");
      settings->reset(*guest);
      dialect::Scope scope;
      EXPECT_EQ(dialect().introspector().introspect(*guest, scope).tables.at({"", "note"}).columns.size(), 1U) << on;
      guest->execute("DROP TABLE note");
    } catch (const Error& error) {
      ADD_FAILURE() << on << ": " << error.text();
    }
    if (on) root->execute("SET GLOBAL sql_generate_invisible_primary_key = 0");
  }
  root->execute("DROP USER " + name + "@'%'");
}

TEST_P(OnServer, waits_for_locks_no_longer_than_told) {
  const auto holder = connect(url());
  const auto waiter = connect(url());
  holder->execute("CREATE TABLE hero (id INT PRIMARY KEY)");
  holder->execute("INSERT INTO hero VALUES (1)");
  holder->begin();
  holder->execute("UPDATE hero SET id = 2");
  const auto* settings = static_cast<const dialect::SessionSettings*>(dialect().extension(dialect::SessionSettings::extension_name));
  settings->set_timeouts(*waiter, {1000ms, 0ms});
  for (const char* sql : {"ALTER TABLE hero ADD COLUMN age INT", "UPDATE hero SET id = 3"}) {
    const Error late = error_of([&] { waiter->execute(sql); });
    EXPECT_EQ(late.kind(), ErrorKind::busy) << sql;
    EXPECT_THAT(late.text(), HasSubstr("lock_timeout"));
  }
  holder->rollback();
  waiter->execute("ALTER TABLE hero ADD COLUMN age INT");
}

TEST_P(OnServer, a_statement_can_be_stopped_from_another_thread) {
  const auto connection = connect(url());
  std::thread stopper([&] {
    std::this_thread::sleep_for(300ms);
    connection->cancel();
  });
  const auto began = std::chrono::steady_clock::now();
  // SLEEP itself ends early and says 1; a query over it fails.
  const Error stopped = error_of([&] {
    const Value slept = connection->execute("SELECT SLEEP(20) FROM (SELECT 1 UNION SELECT 2) AS two").scalar();
    if (slept == Value(std::int64_t{1})) throw Error(ErrorKind::interrupted, "interrupted");
  });
  stopper.join();
  EXPECT_EQ(stopped.kind(), ErrorKind::interrupted);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
  EXPECT_EQ(scalar(*connection, "SELECT 1"), "1");
}

TEST_P(OnServer, carries_values_there_and_back) {
  const auto connection = connect(url());
  const std::string odd = "it's \\ \"quoted\" \n\xf0\x9f\xa6\xb8 \x1a";
  const std::vector<Value> parameters = {Value(odd), Value(std::int64_t{-5}), Value(), Value(Bytes{std::byte{0}, std::byte{255}})};
  const auto rows = connection->execute("SELECT ?, ?, ?, ?, '?'", parameters);
  EXPECT_EQ(rows.rows[0][0], Value(odd));
  EXPECT_EQ(rows.rows[0][1], Value(std::int64_t{-5}));
  EXPECT_TRUE(rows.rows[0][2].is_null());
  EXPECT_EQ(rows.rows[0][3], parameters[3]);
  EXPECT_EQ(rows.rows[0][4], Value("?"));
  EXPECT_EQ(error_of([&] { connection->execute("SELECT 1", parameters); }).kind(), ErrorKind::usage);
}

TEST_P(OnServer, knows_sessions_that_are_there_and_those_that_are_gone) {
  const auto* sessions = static_cast<const dialect::Sessions*>(dialect().extension(dialect::Sessions::extension_name));
  const auto connection = connect(url());
  auto other = connect(url());
  const std::string name = other->session();
  EXPECT_EQ(sessions->presence(*connection, name), dialect::Sessions::Presence::present);
  sessions->end(*connection, name);
  for (int i = 0; i < 50 && sessions->presence(*connection, name) == dialect::Sessions::Presence::present; ++i) std::this_thread::sleep_for(100ms);
  EXPECT_EQ(sessions->presence(*connection, name), dialect::Sessions::Presence::gone);
  EXPECT_EQ(sessions->presence(*connection, "something else"), dialect::Sessions::Presence::unknown);
  EXPECT_EQ(error_of([&] { other->execute("SELECT 1"); }).kind(), ErrorKind::connection);
}

TEST_P(OnServer, one_runner_has_the_lock_and_others_hear_who) {
  const auto first = connect(url());
  const auto second = connect(url());
  auto lock = dialect().lock(*first, "aludel", 0ms);
  const Error busy = error_of([&] { dialect().lock(*second, "aludel", 200ms); });
  EXPECT_EQ(busy.kind(), ErrorKind::busy);
  EXPECT_THAT(busy.text(), HasSubstr(scalar(*first, "SELECT CONNECTION_ID()")));
  lock.reset();
  EXPECT_NE(dialect().lock(*second, "aludel", 0ms), nullptr);
}

TEST_P(OnServer, reads_only_where_it_shall) {
  dialect::ConnectOptions options;
  options.read_only = true;
  const auto connection = connect(url(), options);
  EXPECT_THAT(error_of([&] { connection->execute("CREATE TABLE hero (id INT)"); }).text(), HasSubstr("read-only"));
}

INSTANTIATE_TEST_SUITE_P(Servers, OnServer, testing::ValuesIn(all_servers()), [](const auto& one) { return flavour_of(one.param); });

TEST(connection, a_server_that_dies_is_a_lost_connection) {
  MariadbServer server;
  const auto connection = connect(server.url("mysql"));
  connection->execute("CREATE DATABASE heroes");
  connection->execute("CREATE TABLE heroes.hero (id INT)");
  const std::string name = connection->session();
  std::thread killer([&] {
    std::this_thread::sleep_for(300ms);
    server.stop(SIGKILL);
  });
  const Error lost = error_of([&] { connection->execute("SELECT SLEEP(20) FROM heroes.hero RIGHT JOIN (SELECT 1) AS one ON true"); });
  killer.join();
  EXPECT_EQ(lost.kind(), ErrorKind::connection);
  EXPECT_THAT(lost.text(), AllOf(HasSubstr("was lost"), HasSubstr("may still run in the server, or be done")));
  // The old session is of a server that has started anew since.
  std::this_thread::sleep_for(2s);
  server.start();
  const auto* sessions = static_cast<const dialect::Sessions*>(dialect().extension(dialect::Sessions::extension_name));
  EXPECT_EQ(sessions->presence(*connect(server.url("mysql")), name), dialect::Sessions::Presence::gone);
}

}  // namespace
}  // namespace aludel::mysql::test
