// What goes wrong with servers, as a user meets it: each time a message that names the remedy, an exit code, no password, and a database in which
// nothing is lost and nothing half done.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <thread>

#include "support/impostor.hpp"
#include "support/pgbouncer.hpp"
#include "support/project.hpp"
#include "support/proxy.hpp"

namespace aludel::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// What is a system's own in these tests.
struct Ways {
  std::string system;
  std::string sleep;                      ///< a statement that takes longer than any test
  std::string sleepers;                   ///< how many sessions are at it
  std::vector<std::string> few_sessions;  ///< settings of a server that lets in `sessions`
  int sessions;
  std::string full, full_remedy;
  int full_code;
  std::string make_guest;  ///< a user with the password "Dive Wilson" who may not create
  std::string let_in{};    ///< a rule for the server that this user needs a password
  std::string let_work{};  ///< with the rows of all tables
  std::string wrong_password, wrong_password_remedy;
  std::string no_server, no_server_remedy;
  std::string locked, locked_remedy;
  std::string no_table, no_schema, no_right_remedy, no_scratch, no_scratch_remedy;
  /// Operations that the server refuses.
  struct Refusal {
    std::string operation, mended, said, remedy;
  };
  std::vector<Refusal> refusals{};
};

Ways postgresql_ways() {
  return {
      .system = "postgresql",
      .sleep = "SELECT pg_sleep(600)",
      .sleepers = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()",
      .few_sessions = {"-c", "max_connections=4", "-c", "superuser_reserved_connections=0", "-c", "max_wal_senders=0"},
      .sessions = 4,
      .full = "too many clients already",
      .full_remedy = "wait until others have gone, or raise max_connections",
      .full_code = 1,
      .make_guest =
          "SET password_encryption = 'scram-sha-256'; CREATE ROLE guest LOGIN PASSWORD 'Dive Wilson'; REVOKE CREATE ON SCHEMA public FROM PUBLIC",
      .let_in = "local all guest scram-sha-256\n",
      .let_work = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO guest",
      .wrong_password = "password authentication failed for user \"guest\"",
      .wrong_password_remedy = "check user and password",
      .no_server = "Is the server running",
      .no_server_remedy = "start the server",
      .locked = "canceling statement due to lock timeout",
      .locked_remedy = "somebody else holds the lock: run again, or give more time with lock_timeout",
      .no_table = "permission denied for schema public",
      .no_schema = "permission denied for database",
      .no_right_remedy = "grant the right to the user of the URL, or connect as the owner",
      .no_scratch = "no scratch database can be made: permission denied to create database",
      .no_scratch_remedy = "grant CREATEDB to the user of the URL, or name another server for it (scratch_url in aludel.toml, --scratch)",
      .refusals = {{"sql = \"CREATE INDEX ix_hero ON hero USING gin (name)\"\neffect = []\n",
                    "sql = \"CREATE INDEX ix_hero ON hero (name)\"\neffect = []\n", "data type character varying has no default operator class",
                    "You must specify an operator class"}},
  };
}

Ways mariadb_ways() {
  const auto key_of = [](const std::string& length) {
    return "create_table = \"saga\"\ncolumns = [{name = \"title\", type = \"varchar(" + length +
           ")\", nullable = false}]\nprimary_key = {columns = [\"title\"]}\n";
  };
  return {
      .system = "mariadb",
      .sleep = "SELECT SLEEP(600)",
      .sleepers = "SELECT count(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP%'",
      .few_sessions = {"--max-connections=10"},
      .sessions = 11,  // one more for who may administer
      .full = "Too many connections",
      .full_remedy = "the server has no room for another connection: try again later, or raise max_connections",
      .full_code = 5,
      .make_guest = "CREATE USER guest@localhost IDENTIFIED BY 'Dive Wilson'; GRANT SELECT ON app.* TO guest@localhost",
      .let_work = "GRANT INSERT, UPDATE, DELETE ON app.* TO guest@localhost",
      .wrong_password = "Access denied for user 'guest'@'localhost'",
      .wrong_password_remedy = "check user and password in the URL",
      .no_server = "Can't connect to local server through socket",
      .no_server_remedy = "is the server running",
      .locked = "Lock wait timeout exceeded",
      .locked_remedy = "somebody else holds the lock: run again, or give more time with lock_timeout",
      .no_table = "CREATE command denied to user 'guest'@'localhost'",
      .no_schema = "",
      .no_right_remedy = "the user of the URL lacks the right: grant it, or connect as the owner",
      .no_scratch = "no scratch database can be made: Access denied for user 'guest'@'localhost'",
      .no_scratch_remedy = "grant the user of the URL all rights on `aludel\\_scratch\\_%`.*",
      .refusals = {{"add_column = \"hero.tale\"\ntype = \"varchar(16383)\"\n\n[[upgrade]]\nadd_column = \"hero.saga\"\ntype = \"varchar(16383)\"\n",
                    "add_column = \"hero.tale\"\ntype = \"text\"\n\n[[upgrade]]\nadd_column = \"hero.saga\"\ntype = \"text\"\n", "Row size too large",
                    "make columns TEXT or BLOB, which are kept outside of the row, or shorten them"},
                   {key_of("4000"), key_of("400"), "Specified key was too long",
                    "index a prefix of the column (length = n), or use a character set of fewer bytes"}},
  };
}

Ways mysql_ways() {
  Ways ways = mariadb_ways();
  ways.system = "mysql";
  return ways;
}

const std::vector<Ways>& all_ways() {
  static const std::vector<Ways> all = {postgresql_ways(), mariadb_ways(), mysql_ways()};
  return all;
}
void PrintTo(const Ways& ways, std::ostream* out) { *out << ways.system; }

std::vector<Ways> known_ways() {
  std::vector<Ways> known;
  for (const Ways& ways : all_ways())
    for (const std::string& name : system_names())
      if (name == ways.system && system_named(name).another != nullptr) known.push_back(ways);
  return known;
}

/// A project on a private server that may be hurt. The second revision takes a table, a row and, while there is a brake, for ever.
class ServerFailures : public testing::TestWithParam<Ways> {
 protected:
  ServerFailures() : ways(GetParam()), system(system_named(ways.system)), project(ways.system) {}

  void start(const std::vector<std::string>& settings = {}) {
    server = system.another(settings);
    sql("CREATE DATABASE app" + system.create_options, system.administration);
    use(server->url("app"));
    project.revision("aaaa00000001", "",
                     "[[upgrade]]\ncreate_table = \"team\"\ncolumns = [{name = \"id\", type = \"integer\", nullable = false}]\nprimary_key = "
                     "{columns = [\"id\"]}\n"
                     "[[upgrade]]\ncreate_table = \"brake\"\ncolumns = [{name = \"id\", type = \"integer\", nullable = false}]\nprimary_key = "
                     "{columns = [\"id\"]}\n");
    run({"upgrade", "head"});
    project.revision("aaaa00000002", "aaaa00000001",
                     "[[upgrade]]\ncreate_table = \"hero\"\ncolumns = [{name = \"id\", type = \"integer\", nullable = false}]\nprimary_key = "
                     "{columns = [\"id\"]}\n"
                     "[[upgrade]]\nsql = \"INSERT INTO team VALUES (1)\"\neffect = []\n"
                     "[[upgrade]]\nsql = \"" +
                         ways.sleep + " FROM brake\"\neffect = []\n");
  }
  void use(const std::string& url) const { project.write("aludel.toml", "[database]\nurl = \"" + url + "\"\n\n[models]\nsource = \"schema.sql\"\n"); }

  Outcome run(const std::vector<std::string>& arguments, int code = 0) const {
    const Outcome outcome = project.aludel(arguments);
    EXPECT_EQ(outcome.code, code) << outcome.all();
    EXPECT_THAT(outcome.all(), Not(HasSubstr("Wilson")));
    return outcome;
  }
  /// Past aludel, and whatever stands before the server.
  std::string sql(const std::string& script, const std::string& database = "app") const {
    const Outcome outcome = run_client(system, server->url(database), script + ";", project.directory());
    EXPECT_EQ(outcome.code, 0) << script << "\n" << outcome.err;
    return outcome.out;
  }
  /// A session that holds what it says for longer than any test.
  std::unique_ptr<Program> sleeper(const std::string& more = {}) const {
    const std::string file = ".sleep" + std::to_string(++sleepers_);
    project.write(file, ways.sleep + more + ";\n");
    return std::make_unique<Program>(system.client(server->url("app"), file), project.directory());
  }
  /// Whoever asks may be refused where sessions are few, as those that have ended leave a little later.
  bool are_sleeping(const std::string& count, int tries = 500) const {
    for (int i = 0; i < tries; ++i) {
      if (run_client(system, server->url("app"), ways.sleepers + ";", project.directory()).out == count + "\n") return true;
      std::this_thread::sleep_for(20ms);
    }
    return false;
  }
  void wait_for_sleepers(const std::string& count) const { ASSERT_TRUE(are_sleeping(count)); }
  std::string guest_url(const std::string& password) const {
    std::string url = server->url("app");
    const auto user = url.find("://") + 3;
    return url.replace(user, url.find('@') - user, "guest:" + password);
  }
  void make_guest() const {
    sql(ways.make_guest);
    if (ways.let_in.empty()) return;
    const auto file = server->directory() / "data/pg_hba.conf";
    const std::string rules = read_file(file);
    std::ofstream(file) << ways.let_in << rules;
    sql("SELECT pg_reload_conf()");
    for (int i = 0; i < 500 && sql("SELECT count(*) FROM pg_hba_file_rules WHERE 'guest' = ANY (user_name)") != "1\n"; ++i)
      std::this_thread::sleep_for(20ms);
    std::this_thread::sleep_for(200ms);
  }
  static std::string read_file(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  }

  /// Nothing of the second revision is there, and the database works.
  void expect_before() const {
    EXPECT_EQ(sql("SELECT count(*) FROM team"), "0\n");
    EXPECT_EQ(sql("SELECT revision FROM aludel_version"), "aaaa00000001\n");
    EXPECT_EQ(sql(system.count_relations + "'hero'"), "0\n");
  }
  /// Its rows are not, and its table only where DDL cannot be rolled back, which is told of.
  void expect_stopped() const {
    if (system.rolls_ddl_back) return expect_before();
    EXPECT_EQ(sql("SELECT count(*) FROM team"), "0\n");
    EXPECT_EQ(sql("SELECT revision FROM aludel_version"), "aaaa00000001\n");
    EXPECT_EQ(sql(system.count_relations + "'hero'"), "1\n");
    EXPECT_THAT(run({"status"}).all(), HasSubstr("aaaa00000002 stopped in the middle: 1 of 3 statements applied"));
  }
  /// The exit code of a run that stopped behind its first DDL.
  int stopped_code() const { return system.rolls_ddl_back ? 1 : 4; }
  /// All of it is, once.
  void expect_after() const {
    EXPECT_EQ(sql("SELECT id FROM team"), "1\n");
    EXPECT_EQ(sql("SELECT revision FROM aludel_version"), "aaaa00000002\n");
    EXPECT_EQ(sql("SELECT count(*) FROM hero"), "0\n");
    EXPECT_EQ(sql("SELECT count(*) FROM aludel_journal WHERE revision = 'aaaa00000002' AND state = 'done' AND segment = segments"), "1\n");
    EXPECT_EQ(sql("SELECT count(*) FROM aludel_journal WHERE state <> 'done' OR position < 0"), "0\n");
    EXPECT_THAT(project.aludel({"upgrade", "head"}).out, HasSubstr("nothing to do"));
  }

  Ways ways;
  const System& system;
  Project project;
  std::unique_ptr<Server> server;
  mutable int sleepers_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Servers, ServerFailures, testing::ValuesIn(known_ways()), [](const auto& instance) { return instance.param.system; });

TEST_P(ServerFailures, AWrongPasswordIsSaidAndNeverPrinted) {
  start();
  make_guest();
  use(guest_url("Not%20Wilson"));
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"upgrade", "head"}, {"status"}, {"status", "-v"}, {"revision", "-m", "x", "--autogenerate"}, {"check"}}) {
    const Outcome refused = run(arguments, 1);
    EXPECT_THAT(refused.err, AllOf(HasSubstr(ways.wrong_password), HasSubstr("hint: " + ways.wrong_password_remedy)));
  }
  EXPECT_THAT(run({"upgrade", "head", "--json"}, 1).out, HasSubstr(ways.wrong_password_remedy));
  EXPECT_THAT(run({"config"}).out, HasSubstr("guest:***@"));
  expect_before();
}

TEST_P(ServerFailures, NoServerIsSaidWithWhereItWasLookedFor) {
  start();
  server->stop(SIGKILL);
  const Outcome refused = run({"upgrade", "head"}, 1);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("cannot connect to"), HasSubstr(server->directory().string()), HasSubstr(ways.no_server),
                                 HasSubstr("hint: " + ways.no_server_remedy)));
  run({"status"}, 1);
  server->start();
  expect_before();
  run({"upgrade", "head"});
  expect_after();
}

TEST_P(ServerFailures, AServerKilledInTheMiddleLosesNothing) {
  start();
  sql("INSERT INTO brake VALUES (1)");
  Program upgrade(project.aludel_command({"upgrade", "head", "--lock-wait", "1s"}), project.directory(), project.environment);
  wait_for_sleepers("1");
  server->stop();
  const Outcome lost = upgrade.wait();
  EXPECT_EQ(lost.code, stopped_code()) << lost.all();
  EXPECT_THAT(lost.err, AllOf(HasSubstr("was lost"), HasSubstr("aaaa00000002"), HasSubstr("hint: ")));
  server->start();
  expect_stopped();
  sql("DELETE FROM brake");
  run({"upgrade", "head"});
  expect_after();
}

TEST_P(ServerFailures, ACommitWhoseAnswerIsLostIsLookedUpAndWasDone) {
  start();
  bool began = false, cut = false;
  Proxy proxy(*server, [&](std::string_view said) {
    if (said.size() > 100) return Proxy::Fate::pass;  // not the statement itself
    began = began || said.find("INSERT INTO team") != std::string_view::npos;
    if (!began || cut || said.find("COMMIT") == std::string_view::npos) return Proxy::Fate::pass;
    cut = true;
    return Proxy::Fate::cut_behind;
  });
  use(proxy.url("app"));
  const Outcome done = run({"upgrade", "head"});
  EXPECT_TRUE(cut);
  EXPECT_THAT(done.all(), HasSubstr("it got through"));
  expect_after();
}

TEST_P(ServerFailures, ACommitThatNeverArrivedIsLookedUpAndWasNotDone) {
  start();
  bool began = false, cut = false;
  Proxy proxy(*server, [&](std::string_view said) {
    if (said.size() > 100) return Proxy::Fate::pass;  // not the statement itself
    began = began || said.find("INSERT INTO team") != std::string_view::npos;
    if (!began || cut || said.find("COMMIT") == std::string_view::npos) return Proxy::Fate::pass;
    cut = true;
    return Proxy::Fate::cut_before;
  });
  use(proxy.url("app"));
  if (system.rolls_ddl_back) {
    const Outcome lost = run({"upgrade", "head"}, 1);
    EXPECT_THAT(lost.err, AllOf(HasSubstr("was lost"), HasSubstr("hint: ")));
    expect_before();
    run({"upgrade", "head"});
  } else {
    // The journal knows how far it came.
    EXPECT_THAT(run({"upgrade", "head"}).all(), AllOf(HasSubstr("was lost"), HasSubstr("connected anew")));
  }
  EXPECT_TRUE(cut);
  expect_after();
}

TEST_P(ServerFailures, ACommitThatNobodyCanAskAboutIsSaidToBeInDoubt) {
  start();
  Proxy* door = nullptr;
  bool began = false, cut = false;
  Proxy proxy(*server, [&](std::string_view said) {
    if (said.size() > 100) return Proxy::Fate::pass;  // not the statement itself
    began = began || said.find("INSERT INTO team") != std::string_view::npos;
    if (!began || cut || said.find("COMMIT") == std::string_view::npos) return Proxy::Fate::pass;
    cut = true;
    door->close_door();
    return Proxy::Fate::cut_behind;
  });
  door = &proxy;
  use(proxy.url("app"));
  const Outcome lost = run({"upgrade", "head", "--lock-wait", "500ms"}, stopped_code());
  EXPECT_TRUE(cut);
  EXPECT_THAT(lost.err, AllOf(HasSubstr("was lost"), HasSubstr("not known")));
  use(server->url("app"));
  expect_after();
}

TEST_P(ServerFailures, OutOfConnectionsIsSaidWithWhatToDo) {
  start(ways.few_sessions);
  std::vector<std::unique_ptr<Program>> others;
  for (int i = 1, tries = 0; i < ways.sessions && tries < 50; ++tries) {
    others.push_back(sleeper());
    if (are_sleeping(std::to_string(i), 50)) ++i;
  }
  wait_for_sleepers(std::to_string(ways.sessions - 1));
  // Whoever looks takes a place too, for a moment, as do those who have just ended: until the last one is taken for good.
  for (int in_a_row = 0, i = 0; in_a_row < 3 && i < 100; ++i) {
    others.push_back(sleeper());
    std::this_thread::sleep_for(100ms);
    in_a_row = project.aludel({"status"}).code == 0 ? 0 : in_a_row + 1;
  }
  const Outcome refused = run({"upgrade", "head"}, ways.full_code);
  EXPECT_THAT(refused.err, AllOf(HasSubstr(ways.full), HasSubstr("hint: " + ways.full_remedy)));
  others.clear();
  server->stop();  // the sessions of clients that were killed go on
  server->start();
  expect_before();
}

TEST_P(ServerFailures, WhoMayNotCreateIsToldWhatToGrant) {
  start();
  make_guest();
  sql(ways.let_work);
  use(guest_url("Dive%20Wilson"));
  EXPECT_THAT(run({"upgrade", "head"}, 1).err,
              AllOf(HasSubstr(ways.no_table), HasSubstr("hint: " + ways.no_right_remedy), HasSubstr("aaaa00000002")));
  expect_before();

  if (!ways.no_schema.empty()) {
    project.revision("aaaa00000002", "aaaa00000001", "[[upgrade]]\ncreate_schema = \"crime\"\n");
    EXPECT_THAT(run({"upgrade", "head"}, 1).err, AllOf(HasSubstr(ways.no_schema), HasSubstr("hint: " + ways.no_right_remedy)));
    expect_before();
  }

  project.write("schema.sql", "CREATE TABLE team (id integer PRIMARY KEY);\n");
  EXPECT_THAT(run({"check"}, 1).err, AllOf(HasSubstr(ways.no_scratch), HasSubstr("hint: " + ways.no_scratch_remedy)));
  const Outcome verified = run({"verify"}, 1);
  EXPECT_THAT(verified.err, AllOf(HasSubstr(ways.no_scratch), HasSubstr("hint: " + ways.no_scratch_remedy)));
  EXPECT_THAT(verified.all(), Not(HasSubstr("broken")));
  const std::string scratch = server->url(system.administration);
  EXPECT_THAT(run({"diff", "--from", server->url("app"), "--to", "schema.sql", "--scratch", scratch}).err, Not(HasSubstr("denied")));

  // What is no SQL is compared as it was declared, and nothing is claimed to be proven.
  sql("CREATE DATABASE other" + system.create_options, system.administration);
  sql("CREATE TABLE gadget (id integer NOT NULL PRIMARY KEY, power integer DEFAULT (1 + 1))", "other");
  project.write("snap.toml", run({"inspect", server->url("other"), "--as", "toml"}).out);
  std::filesystem::remove(project.file("migrations/versions/aaaa00000002.toml"));
  const Outcome generated = run({"revision", "--autogenerate", "-m", "gadgets", "--target", "snap.toml"});
  EXPECT_THAT(generated.err, AllOf(HasSubstr("not proven on a scratch database"), HasSubstr(ways.no_scratch)));
}

TEST_P(ServerFailures, ALockThatIsNotGivenInTimeIsSaid) {
  start();
  sql("INSERT INTO brake VALUES (1)");
  const auto reader = sleeper(" FROM brake");
  wait_for_sleepers("1");
  project.revision("aaaa00000002", "aaaa00000001", "[[upgrade]]\nadd_column = \"brake.strength\"\ntype = \"integer\"\n");
  project.write("aludel.toml", project.read("aludel.toml") + "\n[run]\nlock_timeout = \"1s\"\n");
  const Outcome busy = run({"upgrade", "head", "--lock-wait", "1s"}, 5);
  EXPECT_THAT(busy.err, AllOf(HasSubstr(ways.locked), HasSubstr("aaaa00000002"), HasSubstr("hint: " + ways.locked_remedy)));
  EXPECT_THAT(run({"status"}).all(), Not(HasSubstr("stopped in the middle")));
  expect_before();
}

TEST_P(ServerFailures, WhatTheServerRefusesStaysUndoneAndGoesOnWhenItIsMended) {
  start();
  project.revision("aaaa00000002", "aaaa00000001",
                   "[[upgrade]]\ncreate_table = \"hero\"\ncolumns = [{name = \"id\", type = \"integer\", nullable = false}, {name = \"name\", type "
                   "= \"varchar(4000)\"}]\nprimary_key = {columns = [\"id\"]}\n"
                   "[[upgrade]]\nsql = \"INSERT INTO hero VALUES (1, 'Deadpond')\"\neffect = []\n");
  run({"upgrade", "head"});
  std::string last = "aaaa00000002";
  for (const Ways::Refusal& refusal : ways.refusals) {
    const std::string next = last.substr(0, 11) + static_cast<char>(last[11] + 1);
    const auto write = [&](const std::string& operation) {
      project.revision(next, last,
                       "[[upgrade]]\ncreate_table = \"lair_" + next +
                           "\"\ncolumns = [{name = \"id\", type = \"integer\", nullable = false}]\nprimary_key = {columns = [\"id\"]}\n"
                           "[[upgrade]]\nsql = \"INSERT INTO team VALUES (" +
                           next[11] + ")\"\neffect = []\n[[upgrade]]\n" + operation);
    };
    write(refusal.operation);
    const Outcome refused = run({"upgrade", "head"}, stopped_code());
    EXPECT_THAT(refused.err, AllOf(HasSubstr(refusal.said), HasSubstr(refusal.remedy), HasSubstr(next)));
    EXPECT_EQ(sql("SELECT id, name FROM hero"), "1|Deadpond\n");
    EXPECT_EQ(sql("SELECT revision FROM aludel_version"), last + "\n");
    if (!system.rolls_ddl_back) {
      EXPECT_THAT(run({"status"}).all(), HasSubstr("stopped in the middle: 2 of 3 statements applied"));
    }
    write(refusal.mended);
    run({"upgrade", "head"});
    EXPECT_EQ(sql("SELECT id, name FROM hero"), "1|Deadpond\n");
    EXPECT_EQ(sql(std::string("SELECT count(*) FROM team WHERE id = ") + next[11]), "1\n");
    last = next;
  }
  EXPECT_EQ(sql("SELECT revision FROM aludel_version"), last + "\n");
}

/// What other systems have not.
class PostgresqlFailures : public testing::Test {
 protected:
  PostgresqlFailures() : project("postgresql") {
    project.revision("aaaa00000001", "",
                     "[[upgrade]]\ncreate_table = \"hero\"\ncolumns = [{name = \"id\", type = \"integer\", nullable = false}]\nprimary_key = "
                     "{columns = [\"id\"]}\n");
  }
  void use(const std::string& url) const { project.write("aludel.toml", "[database]\nurl = \"" + url + "\"\n"); }
  Outcome run(const std::vector<std::string>& arguments, int code = 0) const {
    const Outcome outcome = project.aludel(arguments);
    EXPECT_EQ(outcome.code, code) << outcome.all();
    return outcome;
  }

  Project project;
};

TEST_F(PostgresqlFailures, APoolerInTransactionModeIsRefusedBeforeAnythingIsWritten) {
  if (!postgresql_server().is_private()) GTEST_SKIP() << "needs the server's socket";
  const std::string direct = project.url();
  const auto begin = direct.rfind('/', direct.find('?')) + 1;
  const std::string database = direct.substr(begin, direct.find('?') - begin);
  {
    const Pgbouncer pooler("transaction");
    use(pooler.url(database));
    EXPECT_THAT(run({"upgrade", "head"}, 6).err,
                AllOf(HasSubstr("a connection pooler (PgBouncer or the like) stands before"), HasSubstr("transaction mode"),
                      HasSubstr("connect to the server itself"), HasSubstr("pool_mode=session")));
    run({"status"}, 6);
  }
  EXPECT_FALSE(project.has("hero"));
  EXPECT_FALSE(project.has("aludel_journal"));
  const Pgbouncer pooler("session");
  use(pooler.url(database) + "&pool_mode=session");
  run({"upgrade", "head"});
  EXPECT_TRUE(project.has("hero"));
}

TEST_F(PostgresqlFailures, AStandbyIsLookedAtAndNotWrittenTo) {
  PostgresqlServer server;
  use(server.url("postgres"));
  run({"upgrade", "head"});
  project.revision("aaaa00000002", "aaaa00000001", "[[upgrade]]\nadd_column = \"hero.name\"\ntype = \"text\"\n");
  server.stop(SIGQUIT);
  std::ofstream(server.directory() / "data" / "standby.signal") << "";
  server.start();
  EXPECT_THAT(run({"upgrade", "head"}, 1).err,
              AllOf(HasSubstr("read-only transaction"), HasSubstr("hint: the server is a standby"), HasSubstr("connect to the primary")));
  EXPECT_THAT(run({"status"}).all(), HasSubstr("aaaa00000002"));
  EXPECT_THAT(run({"current"}).out, HasSubstr("aaaa00000001"));
  EXPECT_THAT(run({"inspect", "--as", "tree"}).out, Not(HasSubstr("name")));
}

TEST_F(PostgresqlFailures, AVersionThatNobodyKnowsIsRefused) {
  const std::string place = project.directory().string();
  const auto url = [&](const std::string& port) { return "postgresql://x@/y?host=" + place + "&port=" + port; };
  pretend_to_be_postgresql("12.22", project.file(".s.PGSQL.1"));
  use(url("1"));
  EXPECT_THAT(run({"upgrade", "head"}, 1).err,
              AllOf(HasSubstr("runs on PostgreSQL 12.22, and this dialect knows 13 to 18"), HasSubstr("hint: upgrade the server")));
  pretend_to_be_postgresql("19.1", project.file(".s.PGSQL.2"));
  use(url("2"));
  EXPECT_THAT(run({"upgrade", "head"}, 1).err, AllOf(HasSubstr("PostgreSQL 19.1"), HasSubstr("hint: upgrade aludel")));
}

}  // namespace
}  // namespace aludel::test
