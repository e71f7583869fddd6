#include "support.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>
#include <atomic>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <thread>

namespace aludel::sqlite::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

class connection : public testing::Test {
 protected:
  connection() : directory_(fs::temp_directory_path() / fmt::format("aludel-sqlite-{}-{}", getpid(), std::random_device{}())) {
    fs::create_directories(directory_);
  }
  ~connection() override {
    std::error_code error;
    fs::permissions(directory_, fs::perms::owner_all, error);
    fs::remove_all(directory_, error);
  }
  std::string file(const std::string& name) const { return (directory_ / name).string(); }
  std::unique_ptr<dialect::Connection> open(const std::string& path, const std::string& query = {}, dialect::ConnectOptions options = {}) const {
    return dialect().connect(parse_url("sqlite:///" + path + query), options);
  }
  Error refused(const std::string& path, const std::string& query = {}, const dialect::ConnectOptions& options = {}) const {
    return error_of([&] { open(path, query, options); });
  }
  void write(const std::string& path, std::string_view bytes) const { std::ofstream(path, std::ios::binary) << bytes; }

  fs::path directory_;
};

TEST_F(connection, creates_a_file_and_finds_it_again) {
  {
    const auto first = open(file("new.db"));
    first->begin();
    EXPECT_TRUE(first->in_transaction());
    first->execute("CREATE TABLE hero (name)");
    first->execute("INSERT INTO hero VALUES (?)", std::vector<Value>{Value("Ada")});
    first->commit();
    EXPECT_FALSE(first->in_transaction());
  }
  const auto second = open(file("new.db"));
  EXPECT_EQ(second->execute("SELECT name FROM hero").scalar(), Value("Ada"));
  EXPECT_EQ(second->description(), "sqlite:///" + file("new.db"));
  EXPECT_EQ(second->server().flavour, "sqlite");
  EXPECT_EQ(second->server().settings.at("foreign_keys"), "on");
  EXPECT_EQ(second->server().version, sqlite3_libversion());
  EXPECT_EQ(second->dialect().name(), "sqlite");
  EXPECT_NE(second->native_handle(), nullptr);
}

TEST_F(connection, enforces_foreign_keys) {
  const auto open_one = memory();
  run(*open_one, "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a REFERENCES a)");
  const Error error = error_of([&] { open_one->execute("INSERT INTO b VALUES (1)"); });
  EXPECT_EQ(error.kind(), ErrorKind::constraint);
  EXPECT_EQ(error.message(), "FOREIGN KEY constraint failed");
  EXPECT_EQ(error.code(), "SQLITE_CONSTRAINT_FOREIGNKEY (787)");
  EXPECT_EQ(error.statement(), "INSERT INTO b VALUES (1)");
}

TEST_F(connection, says_in_words_why_a_file_cannot_be_opened) {
  const Error missing = refused(file("none.db"), "", {.create = false});
  EXPECT_EQ(missing.kind(), ErrorKind::connection);
  EXPECT_EQ(missing.message(), "cannot open the database '" + file("none.db") + "': the file does not exist");
  EXPECT_EQ(refused(file("none.db"), "?mode=rw").message(), missing.message());
  EXPECT_EQ(refused(file("none.db"), "?mode=ro").message(), missing.message());
  EXPECT_FALSE(fs::exists(file("none.db")));

  EXPECT_EQ(refused(directory_.string()).message(), "cannot open the database '" + directory_.string() + "': it is a directory");
  EXPECT_EQ(refused(file("no/such/x.db")).message(),
            fmt::format("cannot open the database '{}': the directory '{}' does not exist", file("no/such/x.db"), file("no/such")));

  write(file("text.db"), "This is no database, but a longer piece of text that nobody should overwrite. " + std::string(200, '.'));
  const Error text = refused(file("text.db"));
  EXPECT_EQ(text.kind(), ErrorKind::connection);
  EXPECT_EQ(text.message(), "the database '" + file("text.db") + "' is not an SQLite database, or an encrypted one");
  EXPECT_EQ(text.code(), "SQLITE_NOTADB (26)");
}

TEST_F(connection, opens_an_empty_file_as_a_new_database) {
  write(file("empty.db"), "");
  open(file("empty.db"))->execute("CREATE TABLE t (x)");
  EXPECT_GT(fs::file_size(file("empty.db")), 0U);
}

TEST_F(connection, notices_a_damaged_file) {
  {
    const auto whole = open(file("damaged.db"));
    run(*whole, "CREATE TABLE a (x); CREATE TABLE b (x);");
  }
  {
    std::fstream stream(file("damaged.db"), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(100);
    stream << std::string(600, '\x7F');
  }
  const Error error = refused(file("damaged.db"));
  EXPECT_EQ(error.kind(), ErrorKind::connection);
  EXPECT_EQ(error.message(), "the database '" + file("damaged.db") + "' is damaged: database disk image is malformed");
  EXPECT_NE(error.hint().find("backup"), std::string::npos);
}

TEST_F(connection, notices_a_damaged_schema) {
  {
    const auto whole = open(file("schema.db"));
    run(*whole, "CREATE TABLE a (x); PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = 'CREATE TABLE a (x'");
  }
  const Error error = refused(file("schema.db"));
  EXPECT_EQ(error.kind(), ErrorKind::connection);
  EXPECT_NE(error.message().find("malformed database schema (a)"), std::string::npos) << error.message();
}

TEST_F(connection, keeps_a_read_only_database_as_it_is) {
  open(file("ro.db"))->execute("CREATE TABLE t (x)");
  const auto reader = open(file("ro.db"), "?mode=ro");
  EXPECT_EQ(reader->execute("SELECT count(*) FROM t").scalar(), Value(0));
  const std::string expected = "the database '" + file("ro.db") + "' is read-only";
  EXPECT_EQ(error_of([&] { reader->begin(); }).message(), expected);
  const Error error = error_of([&] { reader->execute("INSERT INTO t VALUES (1)"); });
  EXPECT_EQ(error.kind(), ErrorKind::connection);
  EXPECT_EQ(error.message(), expected);
  EXPECT_FALSE(error.hint().empty());
}

TEST_F(connection, respects_permissions) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read and write everything";
  open(file("locked.db"))->execute("CREATE TABLE t (x)");
  fs::permissions(file("locked.db"), fs::perms::none);
  EXPECT_EQ(refused(file("locked.db")).message(), "cannot open the database '" + file("locked.db") + "': permission to read it is denied");
  fs::permissions(directory_, fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_EQ(refused(file("new.db")).message(),
            fmt::format("cannot open the database '{}': no file may be created in '{}'", file("new.db"), directory_.string()));
}

TEST_F(connection, waits_for_a_lock_and_then_says_who_is_busy) {
  const auto holder = open(file("busy.db"));
  holder->begin();
  holder->execute("CREATE TABLE t (x)");
  const auto waiter = open(file("busy.db"), "", {.lock_wait = milliseconds(150)});
  const auto start = std::chrono::steady_clock::now();
  const Error error = error_of([&] { waiter->begin(); });
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(140));
  EXPECT_EQ(error.kind(), ErrorKind::busy);
  EXPECT_EQ(error.message(), "the database '" + file("busy.db") + "' is locked by another connection");
  EXPECT_EQ(error.code(), "SQLITE_BUSY (5)");

  std::thread releaser([&] {
    std::this_thread::sleep_for(milliseconds(50));
    holder->commit();
  });
  const auto patient = open(file("busy.db"), "?busy_timeout=20000");
  patient->begin();
  releaser.join();
  EXPECT_EQ(patient->execute("SELECT count(*) FROM t").scalar(), Value(0));
  patient->rollback();
}

TEST_F(connection, refuses_a_file_that_stays_locked) {
  const auto holder = open(file("exclusive.db"));
  holder->execute("PRAGMA locking_mode = EXCLUSIVE");
  holder->execute("CREATE TABLE t (x)");
  const Error error = refused(file("exclusive.db"), "?busy_timeout=50");
  EXPECT_EQ(error.kind(), ErrorKind::busy);
  EXPECT_EQ(error.contexts().at(0), "while opening the database '" + file("exclusive.db") + "'");
}

TEST_F(connection, does_not_drop_the_locks_of_other_connections) {
  // Opening and closing the file in between, as a check of its header would, releases this process's POSIX locks.
  const auto holder = open(file("posix.db"));
  holder->begin();
  holder->execute("CREATE TABLE t (x)");
  error_of([&] { open(file("posix.db"), "?busy_timeout=0")->begin(); });
  const std::string other = fmt::format("sqlite3 '{}' 'BEGIN IMMEDIATE' >/dev/null 2>&1", file("posix.db"));
  if (std::system("sqlite3 --version >/dev/null 2>&1") == 0) {
    EXPECT_NE(std::system(other.c_str()), 0);
  }
  holder->commit();
}

TEST_F(connection, can_be_cancelled_while_it_works) {
  const auto worker = memory();
  std::atomic<bool> done{false};
  std::thread canceller([&] {
    while (!done) {
      worker->cancel();
      std::this_thread::sleep_for(milliseconds(5));
    }
  });
  const Error error = error_of([&] { worker->execute("WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c"); });
  done = true;
  canceller.join();
  EXPECT_EQ(error.kind(), ErrorKind::interrupted);
  EXPECT_EQ(worker->execute("SELECT 1").scalar(), Value(1));
}

TEST_F(connection, can_be_cancelled_while_it_waits) {
  const auto holder = open(file("wait.db"));
  holder->begin();
  const auto waiter = open(file("wait.db"), "", {.lock_wait = std::chrono::minutes(5)});
  std::atomic<bool> done{false};
  std::thread canceller([&] {
    while (!done) {
      std::this_thread::sleep_for(milliseconds(20));
      waiter->cancel();
    }
  });
  const Error error = error_of([&] { waiter->begin(); });
  done = true;
  canceller.join();
  EXPECT_EQ(error.kind(), ErrorKind::interrupted);
}

TEST_F(connection, refuses_urls_that_mean_something_else) {
  const auto said = [](std::string_view url) { return error_of([&] { dialect().connect(parse_url(url), {}); }); };
  const Error host = said("sqlite://app.db");
  EXPECT_EQ(host.kind(), ErrorKind::usage);
  EXPECT_EQ(host.message(), "the SQLite URL names a host, 'app.db'");
  EXPECT_EQ(host.hint(), "an SQLite database is a file: sqlite:///relative.db or sqlite:////absolute.db, with three or four slashes");
  EXPECT_EQ(said("sqlite:///a.db?mod=ro").message(), "the SQLite URL has an unknown option 'mod' (did you mean 'mode'?)");
  EXPECT_EQ(said("sqlite:///a.db?mode=fast").message(), "the SQLite URL's option mode has no value 'fast'");
  EXPECT_EQ(said("sqlite:///a.db?busy_timeout=5s").message(), "the SQLite URL's option busy_timeout is no number of milliseconds: '5s'");
  EXPECT_EQ(error_of([] { adopt(nullptr); }).kind(), ErrorKind::usage);
  EXPECT_FALSE(fs::exists("a.db"));
}

TEST_F(connection, opens_paths_that_sqlite_would_read_otherwise) {
  const fs::path before = fs::current_path();
  fs::current_path(directory_);
  for (const std::string path : {"file:x.db", "with space.db", "\xC3\xA4\xF0\x9F\xA6\xB8.db", "-dash.db", "quote'\".db"}) {
    Url url;
    url.scheme = "sqlite";
    url.path = path;
    dialect().connect(url, {})->execute("CREATE TABLE t (x)");
    EXPECT_TRUE(fs::exists(path)) << path;
  }
  fs::current_path(before);
}

TEST_F(connection, in_memory_databases_are_apart) {
  for (const std::string url : {"sqlite://", "sqlite:///:memory:", "sqlite:///x.db?mode=memory"}) {
    const auto one = dialect().connect(parse_url(url), {});
    one->execute("CREATE TABLE t (x)");
    EXPECT_EQ(one->description(), "sqlite:// (in memory)");
  }
  EXPECT_FALSE(fs::exists("x.db"));
  EXPECT_TRUE(introspect(*memory()).empty());
}

TEST_F(connection, runs_exactly_one_statement) {
  const auto one = memory();
  EXPECT_EQ(one->execute("SELECT 1; -- done\n ;").scalar(), Value(1));
  EXPECT_EQ(error_of([&] { one->execute("CREATE TABLE a (x); CREATE TABLE b (x)"); }).message(), "there is more than one statement in the text");
  EXPECT_EQ(error_of([&] { one->execute(" -- nothing"); }).message(), "there is no statement in the text");
  EXPECT_EQ(error_of([&] { one->execute(std::string("SELECT 1 \0 + 1", 14)); }).message(),
            "the statement holds a NUL byte, where SQLite would stop reading");
  EXPECT_TRUE(introspect(*one).empty());
}

TEST_F(connection, says_what_is_wrong_with_a_statement_and_where) {
  const auto one = memory();
  const Error error = error_of([&] { one->execute("SELECT 1,\n  unknown"); });
  EXPECT_EQ(error.kind(), ErrorKind::database);
  EXPECT_EQ(error.statement(), "SELECT 1,\n  unknown");
#if SQLITE_VERSION_NUMBER >= 3038000
  EXPECT_EQ(error.message(), "no such column: unknown (line 2, column 3)");
#endif
  EXPECT_EQ(error_of([&] { one->execute("SELECT ?, ?", std::vector<Value>{Value(1)}); }).message(),
            "the statement takes 2 parameters, but 1 was given");
}

TEST_F(connection, calls_rows_that_break_an_added_column_a_constraint) {
  const auto one = memory();
  one->execute("CREATE TABLE a (x)");
  one->execute("INSERT INTO a VALUES (NULL)");
  for (const char* column : {"y INTEGER DEFAULT 1 CHECK (y > 2)", "y AS (x) NOT NULL"}) {
    const Error error = error_of([&] { one->execute(std::string("ALTER TABLE a ADD COLUMN ") + column); });
    EXPECT_EQ(error.kind(), ErrorKind::constraint) << error.text();
    EXPECT_EQ(error.message().rfind("rows that exist break the new column's ", 0), 0u) << error.message();
  }
}

TEST_F(connection, carries_every_kind_of_value) {
  const auto one = memory();
  const auto back = [&](const Value& value) { return one->execute("SELECT ?", std::vector<Value>{value}).scalar(); };
  for (const Value& value : {Value(), Value(INT64_MIN), Value(INT64_MAX), Value(0.1), Value(""), Value(std::string("a\0b", 3)), Value("\xC3\xA4"),
                             Value(Bytes{}), Value(Bytes{std::byte{0}, std::byte{255}})}) {
    EXPECT_EQ(back(value), value) << to_json(value);
  }
  EXPECT_EQ(back(Value(true)), Value(1));
  EXPECT_EQ(back(Value(Value::Array{Value(1), Value("x")})), Value("[1,\"x\"]"));
  one->execute("CREATE TABLE t (x)");
  EXPECT_EQ(one->execute("INSERT INTO t VALUES (1), (2)").affected, 2);
  EXPECT_EQ(one->execute("CREATE TABLE u (x)").affected, 0);
  EXPECT_EQ(one->execute("DELETE FROM t WHERE x = 1").affected, 1);
  EXPECT_EQ(one->execute("SELECT x AS a, 2 AS b FROM t").columns, (std::vector<std::string>{"a", "b"}));
}

TEST_F(connection, literals_read_back_as_they_were) {
  const auto one = memory();
  const auto back = [&](const Value& value) { return one->execute("SELECT " + dialect().quote_literal(value)).scalar(); };
  for (const Value& value : {Value(), Value(INT64_MIN), Value(INT64_MAX), Value(-1), Value("it's"), Value(std::string("a\0'b", 4)), Value(Bytes{}),
                             Value(Bytes{std::byte{0}, std::byte{0xAB}}), Value(1.0), Value(-0.5), Value(1e300), Value(5e-324), Value(0.1),
                             Value(std::numeric_limits<double>::max()), Value(std::numeric_limits<double>::infinity())}) {
    EXPECT_EQ(back(value), value) << dialect().quote_literal(value);
  }
  EXPECT_EQ(back(Value(true)), Value(1));
  EXPECT_EQ(dialect().quote_literal(Value(1.0)), "1.0");
  std::mt19937_64 random(seed());
  for (int i = 0; i < cases(2000); ++i) {
    const double number =
        (random() % 2 ? 1 : -1) * std::ldexp(static_cast<double>(random() % (1ULL << 53)), static_cast<int>(random() % 2000) - 1070);
    ASSERT_EQ(back(Value(number)), Value(number)) << dialect().quote_literal(Value(number));
  }
}

TEST_F(connection, schema_token_changes_with_the_schema_only) {
  const auto one = open(file("token.db"));
  const auto other = open(file("token.db"));
  one->execute("CREATE TABLE t (x)");
  const auto token = other->schema_token();
  ASSERT_TRUE(token);
  one->execute("INSERT INTO t VALUES (1)");
  EXPECT_EQ(other->schema_token(), token);
  one->execute("ALTER TABLE t ADD COLUMN y");
  EXPECT_NE(other->schema_token(), token);
}

TEST_F(connection, rolls_back_also_where_sqlite_has_already) {
  const auto one = memory();
  run(*one, "CREATE TABLE t (x UNIQUE); INSERT INTO t VALUES (1)");
  one->begin();
  error_of([&] { one->execute("INSERT OR ROLLBACK INTO t VALUES (1)"); });
  EXPECT_FALSE(one->in_transaction());
  one->rollback();
  one->begin();
  one->execute("INSERT INTO t VALUES (2)");
  one->rollback();
  EXPECT_EQ(one->execute("SELECT count(*) FROM t").scalar(), Value(1));
}

TEST_F(connection, adopts_a_handle_and_leaves_it_alone) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(file("own.db").c_str(), &handle), SQLITE_OK);
  {
    const auto adopted = adopt(handle);
    adopted->execute("CREATE TABLE t (x)");
    EXPECT_EQ(adopted->server().settings.at("foreign_keys"), "off");
    EXPECT_EQ(adopted->native_handle(), handle);
    EXPECT_EQ(adopted->description(), "sqlite:///" + file("own.db"));
    EXPECT_EQ(error_of([&] { adopted->execute("SELECT nothing"); }).kind(), ErrorKind::database);
  }
  EXPECT_EQ(sqlite3_exec(handle, "INSERT INTO t VALUES (1)", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_EQ(sqlite3_close(handle), SQLITE_OK);
}

TEST_F(connection, refuses_to_work_where_something_temporary_hides_a_table) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(":memory:", &handle), SQLITE_OK);
  const auto run_raw = [&](const char* sql) { ASSERT_EQ(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sql; };
  run_raw("CREATE TABLE hero (id INTEGER PRIMARY KEY); CREATE TEMP TABLE scratchpad (x)");
  const auto adopted = adopt(handle);
  adopted->begin();
  adopted->rollback();
  run_raw("CREATE TEMP TABLE Hero (x)");
  const Error hidden = error_of([&] { adopted->begin(); });
  EXPECT_EQ(hidden.kind(), ErrorKind::guard);
  EXPECT_EQ(hidden.message(), "the connection has a temporary table 'Hero', which hides 'hero' of the database in memory");
  EXPECT_FALSE(adopted->in_transaction());
  run_raw("DROP TABLE temp.Hero; CREATE TEMP TRIGGER watch AFTER INSERT ON main.hero BEGIN SELECT 1; END");
  EXPECT_NE(error_of([&] { adopted->begin(); }).message().find("temporary trigger 'watch', which works on 'hero'"), std::string::npos);
  run_raw("DROP TRIGGER watch");
  adopted->begin();
  adopted->rollback();
  sqlite3_close(handle);
}

TEST_F(connection, scratch_takes_the_application_s_collations) {
  const auto scratch = dialect().scratch(nullptr, nullptr);
  scratch->connection().execute("CREATE TABLE t (x TEXT COLLATE unicase UNIQUE)");
  const auto metadata = introspect(scratch->connection());
  EXPECT_EQ(metadata.tables.at({"", "t"}).columns.at(0).collation, "unicase");
}

TEST_F(connection, declares_what_it_can) {
  const auto& can = dialect().capabilities();
  EXPECT_TRUE(can.transactional_ddl);
  EXPECT_TRUE(can.fold_identifiers);
  EXPECT_TRUE(can.file_databases);
  EXPECT_FALSE(can.comments);
  EXPECT_EQ(dialect().schemes().front(), "sqlite");
  EXPECT_EQ(dialect().quote_name({"", "a\"b"}), "\"a\"\"b\"");
  EXPECT_EQ(dialect().quote_name({"main", "t"}), "\"main\".\"t\"");
  EXPECT_EQ(dialect().extension("none"), nullptr);
  const auto one = memory();
  EXPECT_NE(one->session().find(std::to_string(getpid())), std::string::npos);
  EXPECT_NE(dialect().lock(*one, "aludel", milliseconds(1)), nullptr);
  EXPECT_FALSE(dialect().comparison(dialect().default_server()).comments);
}

}  // namespace
}  // namespace aludel::sqlite::test
