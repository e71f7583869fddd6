#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "support.hpp"
#include "support/impostor.hpp"
#include "support/pgbouncer.hpp"

// Connecting, in all the ways that libpq knows, and what is said when it does not work.
namespace aludel::postgresql::test {
namespace {

using namespace std::chrono_literals;
using aludel::test::Pgbouncer;
using aludel::test::pretend_to_be_postgresql;
using testing::AllOf;
using testing::AnyOf;
using testing::ElementsAre;
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

void write(const std::filesystem::path& file, const std::string& text, mode_t mode = 0644) {
  std::ofstream(file) << text;
  chmod(file.c_str(), mode);
}

/// A server that wants passwords, and TLS of whoever comes through TCP, with a certificate that we made. Shared, since it takes a second to start.
class Guarded : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = std::make_unique<PostgresqlServer>();
    const auto place = server_->directory();
    {
      const auto connection = connect(server_->url("postgres"));
      connection->execute("SET password_encryption = 'scram-sha-256'");  // md5 before 14
      connection->execute("CREATE ROLE hero LOGIN PASSWORD 'Dive Wilson'");
      connection->execute("CREATE ROLE limited LOGIN CONNECTION LIMIT 0");
      connection->execute("CREATE DATABASE closed ALLOW_CONNECTIONS false");
    }
    const auto certificate = [&](const std::string& name) {
      const std::string file = (place / name).string();
      const std::string command =
          "openssl req -new -x509 -days 2 -nodes -newkey rsa:2048 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout " + file +
          ".key -out " + file + ".crt 2>/dev/null";
      ASSERT_EQ(std::system(command.c_str()), 0);
    };
    certificate("server");
    certificate("other");
    struct stat owner {};
    ASSERT_EQ(stat((place / "data").c_str(), &owner), 0);
    ASSERT_EQ(chown((place / "server.key").c_str(), owner.st_uid, owner.st_gid), 0);
    chmod((place / "server.key").c_str(), 0600);
    write(place / "hba.conf", "local all hero scram-sha-256\nlocal all all trust\nhostssl all all all trust\n");
    port_ = std::to_string(free_port());
    server_->stop(SIGQUIT);
    server_->start({"-c", "hba_file=" + (place / "hba.conf").string(), "-c", "ssl=on", "-c", "ssl_cert_file=" + (place / "server.crt").string(), "-c",
                    "ssl_key_file=" + (place / "server.key").string(), "-c", "listen_addresses=127.0.0.1", "-c", "port=" + port_, "-c",
                    "max_connections=12"});
  }
  static void TearDownTestSuite() { server_.reset(); }

  static std::string socket(const std::string& user, const std::string& more = {}) {
    return "postgresql://" + user + "@/postgres?host=" + server_->directory().string() + "&port=" + port_ + more;
  }
  static std::string tcp(const std::string& host, const std::string& more) {
    return "postgresql://postgres@" + host + ":" + port_ + "/postgres?" + more;
  }
  static std::string file(const std::string& name) { return (server_->directory() / name).string(); }

  static std::unique_ptr<PostgresqlServer> server_;
  static std::string port_;
};
std::unique_ptr<PostgresqlServer> Guarded::server_;
std::string Guarded::port_;

TEST_F(Guarded, takes_a_password_from_the_url_and_says_when_it_is_wrong) {
  EXPECT_EQ(scalar(*connect(socket("hero:Dive%20Wilson")), "SELECT current_user::text"), "hero");
  const Error wrong = error_of([] { connect(socket("hero:not%20this")); });
  EXPECT_EQ(wrong.kind(), ErrorKind::connection);
  EXPECT_THAT(wrong.text(),
              AllOf(HasSubstr("cannot connect to the database 'postgres' at"), HasSubstr("password authentication failed for user \"hero\""),
                    HasSubstr("hint: check user and password"), Not(HasSubstr("not this")), Not(HasSubstr("not%20this"))));
  EXPECT_THAT(error_of([] { connect(socket("hero")); }).text(), AllOf(HasSubstr("no password supplied"), HasSubstr(".pgpass")));
}

TEST_F(Guarded, reads_pgpass_and_service_files) {
  write(file("pgpass"), "*:*:*:hero:Dive Wilson\n", 0600);
  EXPECT_EQ(scalar(*connect(socket("hero", "&passfile=" + file("pgpass"))), "SELECT current_user::text"), "hero");
  write(file("service"),
        "[heroes]\nhost=" + server_->directory().string() + "\nport=" + port_ + "\nuser=hero\npassword=Dive Wilson\ndbname=postgres\n");
  setenv("PGSERVICEFILE", file("service").c_str(), 1);
  EXPECT_EQ(scalar(*connect("postgresql://?service=heroes"), "SELECT current_user::text"), "hero");
  EXPECT_THAT(error_of([] { connect("postgresql://?service=villains"); }).text(), HasSubstr("villains"));
  unsetenv("PGSERVICEFILE");
}

TEST_F(Guarded, speaks_tls_as_sslmode_says) {
  const auto encrypted = [](const std::string& url) { return scalar(*connect(url), "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"); };
  EXPECT_EQ(encrypted(tcp("127.0.0.1", "sslmode=require")), "true");
  EXPECT_EQ(encrypted(tcp("localhost", "sslmode=verify-full&sslrootcert=" + file("server.crt"))), "true");
  EXPECT_EQ(encrypted(tcp("127.0.0.1", "sslmode=verify-ca&sslrootcert=" + file("server.crt"))), "true");
  const auto refused = [](const std::string& url) { return error_of([&] { connect(url); }).text(); };
  EXPECT_THAT(refused(tcp("127.0.0.1", "sslmode=verify-full&sslrootcert=" + file("server.crt"))),
              AllOf(HasSubstr("does not match host name"), HasSubstr("hint: check sslmode and the certificates")));
  EXPECT_THAT(refused(tcp("localhost", "sslmode=verify-full&sslrootcert=" + file("other.crt"))),
              AllOf(HasSubstr("certificate verify failed"), HasSubstr("hint: check sslmode and the certificates")));
  EXPECT_THAT(refused(tcp("127.0.0.1", "sslmode=disable")),
              AllOf(HasSubstr("no pg_hba.conf entry"), AnyOf(HasSubstr("no encryption"), HasSubstr("SSL off"))));
}

TEST_F(Guarded, says_who_lets_nobody_in) {
  const auto refused = [](const std::string& url) { return error_of([&] { connect(url); }).text(); };
  EXPECT_THAT(refused(socket("limited")), AllOf(HasSubstr("too many connections for role"), HasSubstr("raise the limit of the role")));
  EXPECT_THAT(refused(socket("villain")), AllOf(HasSubstr("role \"villain\" does not exist"), HasSubstr("createuser")));
  EXPECT_THAT(refused("postgresql://postgres@/closed?host=" + server_->directory().string() + "&port=" + port_),
              HasSubstr("not currently accepting"));
  std::vector<std::unique_ptr<dialect::Connection>> all;
  const Error full = error_of([&] {
    for (int i = 0; i < 20; ++i) all.push_back(connect(socket("postgres")));
  });
  EXPECT_THAT(full.text(), AllOf(HasSubstr("too many clients already"), HasSubstr("hint: wait until others have gone, or raise max_connections")));
  EXPECT_EQ(full.kind(), ErrorKind::connection);
}

TEST_F(Guarded, tries_several_hosts_and_takes_the_one_asked_for) {
  const std::string here = server_->directory().string();
  const auto connection = connect("postgresql://postgres@/postgres?host=/nowhere," + here + "&port=1," + port_);
  EXPECT_EQ(scalar(*connection, "SELECT 1"), "1");
  EXPECT_EQ(scalar(*connect("postgresql://postgres@nowhere.invalid,localhost/postgres?port=" + port_ + "," + port_), "SELECT 1"), "1");
  EXPECT_EQ(scalar(*connect(socket("postgres", "&target_session_attrs=read-write")), "SELECT 1"), "1");
  const Error none = error_of([] { connect(socket("postgres", "&target_session_attrs=standby")); });
  EXPECT_THAT(none.text(), HasSubstr("server is not in hot standby mode"));
}

TEST(connection, names_what_is_not_there) {
  const Database database;
  const std::string here = postgresql_server().directory().string();
  const auto refused = [](const std::string& url) { return error_of([&] { connect(url); }).text(); };
  EXPECT_THAT(refused(postgresql_server().url("nobody_made_this")),
              AllOf(HasSubstr("cannot connect to the database 'nobody_made_this'"), HasSubstr("does not exist"),
                    HasSubstr("hint: create the database first (createdb)")));
  EXPECT_THAT(refused("postgresql://postgres@/x?host=/nowhere"),
              AllOf(HasSubstr("No such file or directory; Is the server running locally"), HasSubstr("hint: start the server")));
  EXPECT_THAT(refused("postgresql://localhost:" + std::to_string(free_port()) + "/x"),
              AllOf(HasSubstr("Connection refused"), HasSubstr("start the server")));
  EXPECT_THAT(refused("postgresql://nowhere.invalid/x"), AllOf(HasSubstr("could not translate host name"), HasSubstr("mend the host")));
  EXPECT_THAT(refused("postgresql:///x?hots=a"), HasSubstr("unknown option 'hots' (did you mean 'host'?)"));
  EXPECT_THAT(refused("postgresql:///x?sslmode=sometimes"), HasSubstr("invalid sslmode value"));
}

TEST(connection, gives_libpqs_parameters_and_server_settings_to_the_session) {
  const Database database;
  const auto connection = connect(database.url("&application_name=tests&options=-c%20work_mem%3D5MB%20-c%20TimeZone%3DAsia%2FTokyo"));
  EXPECT_EQ(scalar(*connection, "SHOW application_name"), "tests");
  EXPECT_EQ(scalar(*connection, "SHOW work_mem"), "5MB");
  EXPECT_EQ(scalar(*connection, "SHOW TimeZone"), "Asia/Tokyo");
  EXPECT_EQ(scalar(*connection, "SHOW lock_timeout"), "3s");
  EXPECT_EQ(scalar(*connect(database.url()), "SHOW application_name"), "aludel");
}

std::vector<std::string> settings_of(dialect::Connection& connection) {
  std::vector<std::string> all;
  for (const auto& row :
       connection
           .execute("SELECT name || '=' || setting FROM pg_settings UNION ALL SELECT 'user=' || current_user || ' of ' || session_user "
                    "UNION ALL SELECT 'path=' || coalesce(current_schema(), 'none') ORDER BY 1")
           .rows)
    all.push_back(*row[0].string());
  return all;
}

TEST(connection, gives_every_setting_back_that_sql_has_changed) {
  const Database database;
  {
    const auto owner = connect(database.url());
    owner->execute("DROP ROLE IF EXISTS aludel_test_owner");
    owner->execute("CREATE ROLE aludel_test_owner SUPERUSER");
  }
  for (const std::string more : {"", "&options=-c%20role%3Daludel_test_owner%20-c%20search_path%3Dpg_catalog"}) {
    const auto connection = connect(database.url(more));
    const auto before = settings_of(*connection);
    const auto lock = dialect().lock(*connection, "run", 0ms);
    for (const bool inside : {false, true}) {
      if (inside) connection->begin();
      for (const char* sql :
           {"SELECT set_config('search_path', '', false)", "SET TIME ZONE 'Pacific/Auckland'", "SET lock_timeout = 0", "SET statement_timeout = '1h'",
            "SET default_transaction_read_only = on", "SET datestyle = 'SQL, DMY'", "SET standard_conforming_strings = off", "SET row_security = off",
            "SET check_function_bodies = off", "SET session_replication_role = replica", "SET my.setting = 'x'", "SET ROLE pg_monitor",
            "SET SESSION AUTHORIZATION aludel_test_owner", "SET ROLE pg_signal_backend"})
        connection->execute(sql);
      dialect::SessionSettings::of(*connection)->reset(*connection);
      // What has no default is kept empty.
      auto after = settings_of(*connection);
      EXPECT_EQ(after, before) << more << inside;
      EXPECT_EQ(connection->in_transaction(), inside);
      if (inside) connection->commit();
    }
    const auto other = connect(database.url());
    EXPECT_EQ(error_of([&] { dialect().lock(*other, "run", 0ms); }).kind(), ErrorKind::busy) << "the lock went with the settings";
  }
}

TEST(connection, is_known_to_others_also_under_a_role) {
  const Database database;
  const auto plain = connect(database.url());
  plain->execute("DROP ROLE IF EXISTS aludel_test_role");
  plain->execute("CREATE ROLE aludel_test_role");
  const std::string url = database.url("&options=-c%20role%3Daludel_test_role");
  const auto watcher = connect(url);
  auto watched = connect(url);
  EXPECT_THAT(watched->session(), testing::MatchesRegex("[0-9]+ 20[0-9][0-9]-.*"));
  const auto& sessions = *dialect::Sessions::of(*watcher);
  const std::string name = watched->session();
  EXPECT_EQ(sessions.presence(*watcher, name), dialect::Sessions::Presence::present);
  sessions.end(*watcher, name);
  EXPECT_EQ(error_of([&] {
              for (int i = 0; i < 100; ++i, std::this_thread::sleep_for(10ms)) watched->execute("SELECT 1");
            }).kind(),
            ErrorKind::connection);
  EXPECT_EQ(sessions.presence(*watcher, name), dialect::Sessions::Presence::gone);
  EXPECT_EQ(scalar(*watcher, "SELECT current_user::text"), "aludel_test_role");
}

TEST(connection, shows_notices) {
  const Database database;
  std::vector<std::string> notices;
  dialect::ConnectOptions options;
  options.notice = [&](std::string_view text) { notices.emplace_back(text); };
  const auto connection = connect(database.url(), options);
  connection->execute("CREATE TABLE hero (id int)");
  connection->execute("CREATE TABLE IF NOT EXISTS hero (id int)");
  connection->execute("DO $$ BEGIN RAISE WARNING 'with care'; END $$");
  EXPECT_THAT(notices, ElementsAre("notice: relation \"hero\" already exists, skipping", "warning: with care"));
}

TEST(connection, never_connects_again_by_itself) {
  const Database database;
  const auto administrator = connect(database.url());
  const auto connection = connect(database.url("&application_name=victim"));
  const std::string pid = scalar(*connection, "SELECT pg_backend_pid()::text");
  administrator->execute("SELECT pg_terminate_backend(" + pid + ")");
  const Error lost = error_of([&] {
    for (int i = 0; i < 100; ++i) {
      connection->execute("SELECT 1");
      std::this_thread::sleep_for(10ms);
    }
  });
  EXPECT_EQ(lost.kind(), ErrorKind::connection);
  EXPECT_THAT(lost.text(), AllOf(HasSubstr("the connection to the database '" + database.name() + "'"), HasSubstr("was lost"),
                                 HasSubstr("terminating connection")));
  EXPECT_EQ(error_of([&] { connection->execute("SELECT 1"); }).kind(), ErrorKind::connection);
  EXPECT_EQ(error_of([&] { connection->begin(); }).kind(), ErrorKind::connection);
  EXPECT_EQ(scalar(*administrator, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'victim'"), "0");
  EXPECT_FALSE(connection->in_transaction());
}

TEST(connection, says_which_statement_failed_how_and_where) {
  const Database database;
  const auto connection = connect(database.url());
  const auto failed = [&](std::string_view sql) { return error_of([&] { connection->execute(sql); }); };
  const Error syntax = failed("SELECT 1,\n  'ä', nothing\nFROM hero");
  EXPECT_EQ(syntax.kind(), ErrorKind::database);
  EXPECT_EQ(syntax.code(), "42P01");
  EXPECT_THAT(syntax.text(), AllOf(HasSubstr("relation \"hero\" does not exist (line 3, column 6)"), HasSubstr("FROM hero")));
  connection->execute("CREATE TABLE hero (id int PRIMARY KEY, name text NOT NULL)");
  connection->execute("INSERT INTO hero VALUES (1, 'Deadpond')");
  const Error twice = failed("INSERT INTO hero VALUES (1, 'Rusty-Man')");
  EXPECT_EQ(twice.kind(), ErrorKind::constraint);
  EXPECT_THAT(twice.text(), AllOf(HasSubstr("hero_pkey"), HasSubstr("Key (id)=(1) already exists")));
  EXPECT_EQ(failed("COPY hero FROM STDIN").kind(), ErrorKind::unsupported);
  EXPECT_THAT(failed("SELECT 1; SELECT 2").text(), HasSubstr("cannot insert multiple commands"));
  EXPECT_EQ(scalar(*connection, "SELECT count(*) FROM hero"), "1") << "the session must be usable after each of these";
}

TEST(connection, tells_timeouts_locks_and_interrupts_apart) {
  const Database database;
  const auto holder = connect(database.url());
  const auto connection = connect(database.url("&options=-c%20lock_timeout%3D50ms"));
  holder->execute("CREATE TABLE hero (id int)");
  holder->begin();
  holder->execute("LOCK hero");
  const Error locked = error_of([&] { connection->execute("SELECT * FROM hero"); });
  EXPECT_EQ(locked.kind(), ErrorKind::busy);
  EXPECT_THAT(locked.text(), AllOf(HasSubstr("lock timeout"), HasSubstr("somebody else holds the lock")));
  connection->execute("SET statement_timeout = '50ms'");
  const Error slow = error_of([&] { connection->execute("SELECT pg_sleep(10)"); });
  EXPECT_EQ(slow.kind(), ErrorKind::database);
  EXPECT_THAT(slow.text(), AllOf(HasSubstr("statement timeout"), HasSubstr("statement_timeout")));
  connection->execute("SET statement_timeout = 0");
  std::thread interrupter([&] {
    std::this_thread::sleep_for(200ms);
    connection->cancel();
  });
  EXPECT_EQ(error_of([&] { connection->execute("SELECT pg_sleep(10)"); }).kind(), ErrorKind::interrupted);
  interrupter.join();
  EXPECT_EQ(scalar(*connection, "SELECT 1"), "1");
}

TEST(connection, says_what_the_user_may_not_do) {
  const Database database;
  const auto owner = connect(database.url());
  owner->execute("DROP ROLE IF EXISTS aludel_test_guest");
  owner->execute("CREATE ROLE aludel_test_guest");
  owner->execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
  const auto connection = connect(database.url("&options=-c%20role%3Daludel_test_guest"));
  const Error refused = error_of([&] { connection->execute("CREATE TABLE hero (id int)"); });
  EXPECT_EQ(refused.code(), "42501");
  EXPECT_THAT(refused.text(), AllOf(HasSubstr("permission denied for schema public"), HasSubstr("hint: grant the right to the user of the URL")));
  const Error scratch = error_of([&] { dialect().scratch(connection.get(), nullptr); });
  EXPECT_EQ(scratch.kind(), ErrorKind::unsupported);
  EXPECT_THAT(scratch.text(), AllOf(HasSubstr("permission denied to create database"), HasSubstr("grant CREATEDB"), HasSubstr("scratch_url")));
}

TEST(connection, says_that_a_standby_takes_no_changes) {
  PostgresqlServer server;
  server.stop(SIGQUIT);
  write(server.directory() / "data" / "standby.signal", "");
  server.start();
  const auto connection = connect(server.url("postgres"));
  const Error refused = error_of([&] { connection->execute("CREATE TABLE hero (id int)"); });
  EXPECT_EQ(refused.kind(), ErrorKind::connection);
  EXPECT_THAT(refused.text(), AllOf(HasSubstr("read-only transaction"), HasSubstr("connect to the primary")));
  EXPECT_THAT(error_of([&] { connect(server.url("postgres") + "&target_session_attrs=primary"); }).text(),
              HasSubstr("server is in hot standby mode"));
}

TEST(connection, a_server_that_dies_is_a_lost_connection) {
  PostgresqlServer server;
  const auto connection = connect(server.url("postgres"));
  connection->begin();
  connection->execute("CREATE TABLE hero (id int)");
  server.stop(SIGQUIT);  // as pg_ctl stop -m immediate does; a main process that is killed leaves its children at work
  const Error lost = error_of([&] { connection->commit(); });
  EXPECT_EQ(lost.kind(), ErrorKind::connection);
  EXPECT_THAT(lost.text(), AllOf(HasSubstr("was lost"), HasSubstr("whether the last statement took effect is not known")));
  EXPECT_THAT(error_of([&] { connect(server.url("postgres")); }).text(), AllOf(HasSubstr("cannot connect"), HasSubstr("start the server")));
  server.start();
  EXPECT_EQ(scalar(*connect(server.url("postgres")), "SELECT count(*) FROM pg_class WHERE relname = 'hero'"), "0");
}

TEST(connection, refuses_servers_that_it_does_not_know) {
  const std::filesystem::path place = postgresql_server().directory();
  const std::string url = "postgresql://x@/y?host=" + place.string() + "&port=";
  pretend_to_be_postgresql("12.22", place / ".s.PGSQL.1");
  const Error old = error_of([&] { connect(url + "1"); });
  EXPECT_EQ(old.kind(), ErrorKind::unsupported);
  EXPECT_THAT(old.text(), AllOf(HasSubstr("runs on PostgreSQL 12.22, and this dialect knows 13 to 18"), HasSubstr("hint: upgrade the server")));
  pretend_to_be_postgresql("19.1", place / ".s.PGSQL.2");
  EXPECT_THAT(error_of([&] { connect(url + "2"); }).text(), AllOf(HasSubstr("PostgreSQL 19.1"), HasSubstr("hint: upgrade aludel")));
}

TEST(connection, recognises_pgbouncer_and_says_why_not) {
  if (!postgresql_server().is_private()) GTEST_SKIP() << "needs the server's socket";
  const Database database;
  {
    const Pgbouncer pooler("transaction");
    const Error refused = error_of([&] { connect(pooler.url(database.name())); });
    EXPECT_EQ(refused.kind(), ErrorKind::guard);
    EXPECT_THAT(refused.text(), AllOf(HasSubstr("a connection pooler (PgBouncer or the like) stands before"), HasSubstr("transaction mode"),
                                      HasSubstr("connect to the server itself"), HasSubstr("pool_mode=session")));
  }
  {
    const Pgbouncer pooler("transaction", "ignore_startup_parameters = options\n");
    const Error refused = error_of([&] { connect(pooler.url(database.name())); });
    EXPECT_EQ(refused.kind(), ErrorKind::guard) << refused.text();
  }
}

TEST(connection, works_through_pgbouncer_in_session_mode) {
  if (!postgresql_server().is_private()) GTEST_SKIP() << "needs the server's socket";
  const Database database;
  const Pgbouncer pooler("session");
  EXPECT_EQ(error_of([&] { connect(pooler.url(database.name())); }).kind(), ErrorKind::guard) << "nobody said that it is in session mode";
  const auto connection = connect(pooler.url(database.name()) + "&pool_mode=session");
  EXPECT_EQ(scalar(*connection, "SHOW lock_timeout"), "3s");
  const auto lock = dialect().lock(*connection, "run", 0ms);
  const auto direct = connect(database.url());
  EXPECT_EQ(error_of([&] { dialect().lock(*direct, "run", 0ms); }).kind(), ErrorKind::busy);
  connection->execute("CREATE TABLE hero (id int)");
  EXPECT_EQ(scalar(*direct, "SELECT count(*) FROM hero"), "0");
  EXPECT_THAT(error_of([&] { connect(pooler.url(database.name()) + "&pool_mode=transaction"); }).text(), HasSubstr("only pool_mode=session"));
}

}  // namespace
}  // namespace aludel::postgresql::test
