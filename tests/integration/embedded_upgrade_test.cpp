// A program that upgrades its own file: every outcome, the copy that is taken first, and the way back.
#include <aludel/embedded.hpp>
#include <aludel/sqlite/embedded.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "support/revisions.hpp"

namespace aludel::test {
namespace {

using embedded::Outcome;
using embedded::Progress;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Closer {
  void operator()(sqlite3* handle) const { sqlite3_close(handle); }
};
using Handle = std::unique_ptr<sqlite3, Closer>;

class EmbeddedUpgradeTest : public testing::Test {
 protected:
  EmbeddedUpgradeTest() {
    store_.add(make_revision("r1", {}, {op::CreateTable{table("note", {column("text", schema::Type::string())}), false}}));
    store_.add(make_revision(
        "r2", {"r1"},
        {add_column("note", column("title", schema::Type::string())), sql("INSERT INTO note (id, text) VALUES (1, 'first')", "DELETE FROM note")}));
    options_.lock_wait = std::chrono::milliseconds(0);
  }

  /// As an application opens its file.
  Handle open(const std::string& name = "notes.db") const {
    sqlite3* raw = nullptr;
    EXPECT_EQ(sqlite3_open((directory_ / name).c_str(), &raw), SQLITE_OK);
    return Handle(raw);
  }
  static void run(const Handle& handle, const std::string& sql) {
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(handle.get(), sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << sql << ": " << (message ? message : "");
    sqlite3_free(message);
  }
  static std::vector<std::string> ask(const Handle& handle, const std::string& sql) { return rows_of(*sqlite::adopt(handle.get()), sql); }
  embedded::Result upgrade(const Handle& handle) const { return sqlite::upgrade(handle.get(), store_, options_); }
  std::vector<std::filesystem::path> copies(const Handle& handle) const {
    return embedded::backups(*sqlite::adopt(handle.get()), options_.backup ? options_.backup->directory : "");
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory_ / "")) names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }
  /// The next version of the program has one revision more; this one copies the table, so it needs room.
  void next_version(const std::string& id, const std::string& parent) { store_.add(make_revision(id, {parent}, {rebuild()})); }
  static op::Operation rebuild() {
    op::AlterColumn alter;
    alter.table.name = "note";
    alter.column = "text";
    alter.nullable = op::Change<bool>{true, false};
    alter.backfill = schema::Expression("''");
    return op::Operation(alter);
  }

  Directory directory_;
  MemoryStore store_;
  embedded::Options options_;
};

TEST_F(EmbeddedUpgradeTest, UpgradesAndThenFindsNothingToDo) {
  const auto handle = open();
  const auto first = upgrade(handle);
  EXPECT_EQ(first.outcome, Outcome::upgraded) << first.text();
  EXPECT_TRUE(first.ok());
  EXPECT_THAT(first.applied, ElementsAre("r1", "r2"));
  EXPECT_THAT(first.heads, ElementsAre("r2"));
  EXPECT_EQ(first.text(), "upgraded: 2 revisions applied (r1, r2)");

  const auto second = upgrade(handle);
  EXPECT_EQ(second.outcome, Outcome::current) << second.text();
  EXPECT_TRUE(second.ok());
  EXPECT_THAT(second.applied, IsEmpty());
  EXPECT_THAT(second.heads, ElementsAre("r2"));
  EXPECT_FALSE(second.error);
}

/// What an application says whose first version kept its schema's version in user_version.
std::string by_user_version(dialect::Connection& connection) {
  return rows_of(connection, "PRAGMA user_version") == std::vector<std::string>{"1"} ? "r1" : "";
}

TEST_F(EmbeddedUpgradeTest, TakesOverAFileThatWasShippedWithoutAJournal) {
  const auto handle = open();
  run(handle, "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT); INSERT INTO note VALUES (7, 'old'); PRAGMA user_version = 1");
  options_.baseline = by_user_version;
  options_.backup.emplace();
  const auto result = upgrade(handle);
  EXPECT_EQ(result.outcome, Outcome::upgraded) << result.text();
  EXPECT_THAT(result.applied, ElementsAre("r2"));
  EXPECT_THAT(result.heads, ElementsAre("r2"));
  EXPECT_THAT(ask(handle, "SELECT id || text FROM note ORDER BY id"), ElementsAre("1first", "7old"));
  EXPECT_THAT(ask(handle, "SELECT action || ' ' || revision FROM aludel_journal WHERE position > 0 ORDER BY position"),
              ElementsAre("stamp r1", "upgrade r2"));
  // The copy is the file as it was shipped.
  EXPECT_THAT(rows_of(*open_sqlite(result.backup), "SELECT name FROM sqlite_schema"), ElementsAre("note"));

  EXPECT_EQ(upgrade(handle).outcome, Outcome::current);
}

TEST_F(EmbeddedUpgradeTest, AFileWithoutTablesOrWithAJournalIsNotAskedWhereItStands) {
  options_.baseline = [](dialect::Connection&) -> std::string { throw std::logic_error("asked"); };
  const auto handle = open();
  EXPECT_EQ(upgrade(handle).outcome, Outcome::upgraded);
  next_version("r3", "r2");
  EXPECT_EQ(upgrade(handle).outcome, Outcome::upgraded);
}

TEST_F(EmbeddedUpgradeTest, ABaselineThatIsNoRevisionFailsAndLeavesTheFileAlone) {
  const auto handle = open();
  run(handle, "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT)");
  options_.baseline = [](dialect::Connection&) { return std::string("r9"); };
  const auto result = upgrade(handle);
  EXPECT_EQ(result.outcome, Outcome::failed);
  EXPECT_THAT(result.text(), HasSubstr("r9"));
  EXPECT_THAT(ask(handle, "SELECT name FROM sqlite_schema WHERE type = 'table'"), ElementsAre("note"));
}

TEST_F(EmbeddedUpgradeTest, ManyProgramsTakeAFileOverOnce) {
  { run(open(), "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT); PRAGMA user_version = 1"); }
  options_.baseline = by_user_version;
  options_.lock_wait = std::chrono::seconds(20);
  std::vector<embedded::Result> results(8);
  {
    std::vector<std::jthread> programs;
    for (auto& result : results) programs.emplace_back([&] { result = upgrade(open()); });
  }
  std::size_t upgraded = 0;
  for (const auto& result : results) {
    EXPECT_TRUE(result.ok()) << result.text();
    upgraded += result.applied.size();
  }
  EXPECT_EQ(upgraded, 1u);
  EXPECT_THAT(ask(open(), "SELECT action || ' ' || revision FROM aludel_journal WHERE position > 0 ORDER BY position"),
              ElementsAre("stamp r1", "upgrade r2"));
}

TEST_F(EmbeddedUpgradeTest, LeavesTheApplicationsHandleAsItWas) {
  const auto handle = open();
  run(handle, "PRAGMA foreign_keys = OFF; PRAGMA cache_size = 123");
  sqlite3_busy_timeout(handle.get(), 77);
  upgrade(handle);
  EXPECT_THAT(ask(handle, "PRAGMA foreign_keys"), ElementsAre("0"));
  EXPECT_THAT(ask(handle, "PRAGMA cache_size"), ElementsAre("123"));
  EXPECT_THAT(ask(handle, "PRAGMA busy_timeout"), ElementsAre("77"));
  EXPECT_EQ(sqlite3_get_autocommit(handle.get()), 1);
}

TEST_F(EmbeddedUpgradeTest, TellsItsProgress) {
  std::vector<std::string> told;
  double last = -1;
  options_.progress = [&](const Progress& progress) {
    EXPECT_GE(progress.fraction(), last);
    EXPECT_LT(progress.fraction(), 1);
    last = progress.fraction();
    if (progress.stage == Progress::Stage::revision) told.push_back(progress.revision + " " + progress.message);
    if (progress.stage == Progress::Stage::statement) told.push_back("statement " + std::to_string(progress.statement));
    EXPECT_EQ(progress.steps, 2U);
  };
  upgrade(open());
  EXPECT_THAT(told, ElementsAre("r1 make r1", "statement 1", "r2 make r2", "statement 1", "statement 2"));
  EXPECT_GT(last, 0.5);
}

TEST_F(EmbeddedUpgradeTest, ANewerDatabaseIsLeftAlone) {
  const auto handle = open();
  next_version("r3", "r2");
  upgrade(handle);
  const auto before = ask(handle, "SELECT * FROM aludel_journal");
  store_ = MemoryStore();
  store_.add(make_revision("r1", {}, {op::CreateTable{table("note", {column("text", schema::Type::string())}), false}}));
  options_.backup.emplace();
  const auto result = upgrade(handle);
  EXPECT_EQ(result.outcome, Outcome::newer);
  EXPECT_FALSE(result.ok());
  ASSERT_TRUE(result.error);
  EXPECT_THAT(result.error->text(), AllOf(HasSubstr("notes.db"), HasSubstr("newer version of this program"), HasSubstr("'r3'")));
  EXPECT_THAT(result.heads, ElementsAre("r3"));
  EXPECT_EQ(ask(handle, "SELECT * FROM aludel_journal"), before);
  EXPECT_THAT(files(), ElementsAre("notes.db"));
}

TEST_F(EmbeddedUpgradeTest, AJournalOfANewerLayoutIsNewerToo) {
  const auto handle = open();
  upgrade(handle);
  run(handle, "UPDATE aludel_journal SET layout = 99 WHERE position = 2");
  const auto result = upgrade(handle);
  EXPECT_EQ(result.outcome, Outcome::newer) << result.text();
  EXPECT_THAT(result.error->text(), HasSubstr("layout 99"));
}

TEST_F(EmbeddedUpgradeTest, ALockedDatabaseIsSaidToBeLockedAfterTheWait) {
  for (const char* mode : {"delete", "wal"}) {
    SCOPED_TRACE(mode);
    const std::string name = std::string(mode) + ".db";
    const auto other = open(name);
    run(other, std::string("PRAGMA journal_mode = ") + mode + "; CREATE TABLE mine (x); BEGIN IMMEDIATE");
    const auto handle = open(name);
    options_.lock_wait = std::chrono::milliseconds(300);
    const auto start = std::chrono::steady_clock::now();
    bool waited = false;
    options_.progress = [&](const Progress& progress) { waited = waited || progress.stage == Progress::Stage::waiting; };
    const auto result = upgrade(handle);
    EXPECT_EQ(result.outcome, Outcome::locked) << result.text();
    EXPECT_TRUE(waited);
    EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(250));
    EXPECT_THAT(result.applied, IsEmpty());
    run(other, "ROLLBACK");
    EXPECT_EQ(upgrade(handle).outcome, Outcome::upgraded);
  }
}

TEST_F(EmbeddedUpgradeTest, AnExclusivelyLockedDatabaseIsLockedForACopyToo) {
  const auto handle = open();
  upgrade(handle);
  next_version("r3", "r2");
  options_.backup.emplace();
  const auto other = open();
  run(other, "BEGIN EXCLUSIVE");
  EXPECT_EQ(upgrade(handle).outcome, Outcome::locked);
  run(other, "ROLLBACK");
  EXPECT_THAT(files(), ElementsAre("notes.db"));
  const auto result = upgrade(handle);
  EXPECT_EQ(result.outcome, Outcome::upgraded) << result.text();
  EXPECT_FALSE(result.backup.empty());
}

TEST_F(EmbeddedUpgradeTest, AFullDatabaseIsNoSpaceAndKeepsWhatItHad) {
  for (const char* mode : {"delete", "wal"}) {
    SCOPED_TRACE(mode);
    const auto handle = open(std::string(mode) + ".db");
    run(handle, std::string("PRAGMA journal_mode = ") + mode);
    upgrade(handle);
    run(handle,
        "INSERT INTO note (id, text) WITH RECURSIVE n(x) AS (SELECT 2 UNION ALL SELECT x + 1 FROM n WHERE x < 5000) SELECT x, 'row ' || x FROM n");
    const auto before = ask(handle, "SELECT count(*), sum(length(text)) FROM note");
    auto store = store_;
    store.add(make_revision("r3", {"r2"}, {rebuild()}));
    run(handle, "PRAGMA max_page_count = 1");  // as many as there are
    const auto result = sqlite::upgrade(handle.get(), store, options_);
    EXPECT_EQ(result.outcome, Outcome::no_space) << result.text();
    EXPECT_THAT(result.error->text(), HasSubstr("full"));
    EXPECT_THAT(result.heads, ElementsAre("r2"));
    EXPECT_EQ(sqlite3_get_autocommit(handle.get()), 1);
    EXPECT_THAT(ask(handle, "PRAGMA integrity_check"), ElementsAre("ok"));
    EXPECT_EQ(ask(handle, "SELECT count(*), sum(length(text)) FROM note"), before);
    run(handle, "PRAGMA max_page_count = 1073741823");
    EXPECT_EQ(sqlite::upgrade(handle.get(), store, options_).outcome, Outcome::upgraded);
    EXPECT_EQ(ask(handle, "SELECT count(*), sum(length(text)) FROM note"), before);
  }
}

TEST_F(EmbeddedUpgradeTest, WhatFailsIsRolledBackAndSaysWhy) {
  const auto handle = open();
  upgrade(handle);
  store_.add(make_revision("r3", {"r2"}, {sql("INSERT INTO note (id) VALUES (3)"), sql("INSERT INTO nowhere VALUES (1)")}));
  options_.backup.emplace();
  const auto result = upgrade(handle);
  EXPECT_EQ(result.outcome, Outcome::failed);
  EXPECT_THAT(result.text(), AllOf(HasSubstr("failed"), HasSubstr("nowhere"), HasSubstr("versions/r3.toml:30")));
  EXPECT_THAT(result.heads, ElementsAre("r2"));
  EXPECT_THAT(ask(handle, "SELECT id FROM note"), ElementsAre("1"));
  EXPECT_TRUE(result.backup.empty()) << "nothing was changed: the database is its own copy";
  EXPECT_THAT(copies(handle), IsEmpty());
}

TEST_F(EmbeddedUpgradeTest, CanBeStopped) {
  options_.hooks.interrupted = [] { return true; };
  const auto handle = open();
  EXPECT_EQ(upgrade(handle).outcome, Outcome::interrupted);
  EXPECT_THAT(ask(handle, "SELECT name FROM sqlite_schema WHERE name = 'note'"), IsEmpty());
}

TEST_F(EmbeddedUpgradeTest, RefusesWhatIsNoConnectionToWorkOn) {
  EXPECT_EQ(sqlite::upgrade(nullptr, store_).outcome, Outcome::failed);
  const auto handle = open();
  run(handle, "BEGIN");
  const auto result = upgrade(handle);
  EXPECT_EQ(result.outcome, Outcome::failed);
  EXPECT_THAT(result.error->text(), HasSubstr("in a transaction"));
  run(handle, "ROLLBACK");
  std::ofstream(directory_ / "letter.db") << std::string(2000, 'x');
  const auto damaged = upgrade(open("letter.db"));
  EXPECT_EQ(damaged.outcome, Outcome::failed);
  EXPECT_THAT(damaged.error->text(), HasSubstr("is not an SQLite database"));
}

// The copy

TEST_F(EmbeddedUpgradeTest, TakesACopyOnlyWhenThereIsSomethingToDoAndToLose) {
  options_.backup.emplace();
  const auto handle = open();
  EXPECT_TRUE(upgrade(handle).backup.empty()) << "an empty file has nothing to lose";
  EXPECT_TRUE(upgrade(handle).backup.empty()) << "nothing to do";
  EXPECT_THAT(files(), ElementsAre("notes.db"));

  std::ofstream(directory_ / "notes.db.20200229T120000.000Z.backup.partial") << "of a process that was killed";
  std::ofstream(directory_ / ".notes.db.upgrade-lock");  // and its lock file
  next_version("r3", "r2");
  const auto result = upgrade(handle);
  EXPECT_EQ(result.outcome, Outcome::upgraded) << result.text();
  ASSERT_FALSE(result.backup.empty());
  EXPECT_THAT(result.text(), HasSubstr("the database as it was before is in " + result.backup.string()));
  EXPECT_EQ(result.backup.parent_path(), (directory_ / "notes.db").parent_path());
  EXPECT_THAT(copies(handle), ElementsAre(result.backup));
  EXPECT_THAT(files(), SizeIs(2)) << "no lock and no partial file stays";
  const auto copy = open(result.backup.filename());
  EXPECT_THAT(ask(copy, "SELECT revision FROM aludel_version"), ElementsAre("r2"));
  EXPECT_THAT(ask(copy, "SELECT id, text FROM note"), ElementsAre("1|first"));
}

TEST_F(EmbeddedUpgradeTest, KeepsTheNewestCopies) {
  options_.backup = embedded::BackupOptions{directory_ / "backups" / "deep", 2, false};
  const auto handle = open();
  upgrade(handle);
  std::filesystem::create_directories(options_.backup->directory);
  std::ofstream(options_.backup->directory / "notes.db.keep-this.backup") << "mine";
  std::vector<std::filesystem::path> taken;
  std::string parent = "r2";
  for (const std::string id : {"r3", "r4", "r5", "r6"}) {
    store_.add(make_revision(id, {parent}, {add_column("note", column(id, schema::Type::string()))}));
    parent = id;
    const auto result = upgrade(handle);
    ASSERT_EQ(result.outcome, Outcome::upgraded) << result.text();
    taken.push_back(result.backup);
    usleep(2000);
  }
  EXPECT_THAT(copies(handle), ElementsAre(taken[3], taken[2]));
  EXPECT_TRUE(std::filesystem::exists(options_.backup->directory / "notes.db.keep-this.backup"));
}

TEST_F(EmbeddedUpgradeTest, ACopyMayBeReadByWhomTheDatabaseMayBeRead) {
  const auto handle = open();
  upgrade(handle);
  ASSERT_EQ(chmod((directory_ / "notes.db").c_str(), 0600), 0);
  next_version("r3", "r2");
  options_.backup.emplace();
  const auto result = upgrade(handle);
  struct stat status {};
  ASSERT_EQ(stat(result.backup.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(EmbeddedUpgradeTest, ADirectoryThatCannotBeMadeIsSaidBeforeAnythingRuns) {
  const auto handle = open();
  upgrade(handle);
  next_version("r3", "r2");
  options_.backup = embedded::BackupOptions{directory_ / "notes.db" / "backups", 3, false};
  const auto result = upgrade(handle);
  EXPECT_EQ(result.outcome, Outcome::failed);
  EXPECT_THAT(result.error->text(), HasSubstr("cannot make the directory for backups"));
  EXPECT_THAT(ask(handle, "SELECT revision FROM aludel_version"), ElementsAre("r2"));
}

TEST_F(EmbeddedUpgradeTest, ACopyCanBePutBackWhileOthersHaveTheDatabaseOpen) {
  for (const char* mode : {"delete", "wal"}) {
    SCOPED_TRACE(mode);
    const std::string name = std::string(mode) + ".db";
    const auto handle = open(name);
    run(handle, std::string("PRAGMA journal_mode = ") + mode);
    upgrade(handle);
    auto store = store_;
    store.add(make_revision("r3", {"r2"}, {rebuild()}));
    store.add(make_revision("r4", {"r3"}, {sql("DELETE FROM note")}));
    options_.backup.emplace();
    const auto result = sqlite::upgrade(handle.get(), store, options_);
    ASSERT_EQ(result.outcome, Outcome::upgraded) << result.text();
    const auto other = open(name);
    EXPECT_THAT(ask(other, "SELECT id FROM note"), IsEmpty());

    const auto connection = sqlite::adopt(handle.get());
    run(other, "BEGIN IMMEDIATE");
    EXPECT_EQ(error_of([&] { embedded::restore(*connection, result.backup, std::chrono::milliseconds(0)); }).kind(), ErrorKind::busy);
    run(other, "ROLLBACK");
    embedded::restore(*connection, result.backup);
    EXPECT_THAT(ask(other, "SELECT id, text FROM note"), ElementsAre("1|first"));
    EXPECT_THAT(ask(handle, "PRAGMA journal_mode"), ElementsAre(mode));
    EXPECT_EQ(upgrade(handle).outcome, Outcome::current);
  }
}

TEST_F(EmbeddedUpgradeTest, OnlyAWholeCopyIsPutBack) {
  const auto handle = open();
  upgrade(handle);
  const auto connection = sqlite::adopt(handle.get());
  EXPECT_THAT(error_of([&] { embedded::restore(*connection, directory_ / "gone.backup"); }).text(), HasSubstr("gone.backup"));
  std::ofstream(directory_ / "letter.backup") << std::string(5000, 'x');
  EXPECT_THAT(error_of([&] { embedded::restore(*connection, directory_ / "letter.backup"); }).text(), HasSubstr("is not an SQLite database"));
  EXPECT_THAT(ask(handle, "SELECT id FROM note"), ElementsAre("1"));
}

TEST_F(EmbeddedUpgradeTest, AFailureBehindACommittedRevisionIsPutBackWhenAsked) {
  for (const bool asked : {false, true}) {
    SCOPED_TRACE(asked);
    const std::string name = asked ? "asked.db" : "unasked.db";
    const auto handle = open(name);
    upgrade(handle);
    auto store = store_;
    store.add(make_revision("r3", {"r2"}, {rebuild()}));
    store.add(make_revision("r4", {"r3"}, {sql("INSERT INTO nowhere VALUES (1)")}));
    auto options = options_;
    options.backup = embedded::BackupOptions{{}, 3, asked};
    const auto result = sqlite::upgrade(handle.get(), store, options);
    EXPECT_EQ(result.outcome, Outcome::failed);
    EXPECT_THAT(result.applied, ElementsAre("r3"));
    EXPECT_EQ(result.restored, asked);
    EXPECT_TRUE(std::filesystem::exists(result.backup));
    EXPECT_THAT(result.heads, ElementsAre(asked ? "r2" : "r3"));
    EXPECT_THAT(ask(handle, "SELECT revision FROM aludel_version"), ElementsAre(asked ? "r2" : "r3"));
    EXPECT_THAT(result.text(), HasSubstr(asked ? "put back from" : "as it was before is in"));
  }
}

TEST_F(EmbeddedUpgradeTest, ADatabaseInMemoryHasNoCopy) {
  options_.backup.emplace();
  const auto connection = open_memory();
  const auto result = embedded::upgrade(*connection, store_, options_);
  EXPECT_EQ(result.outcome, Outcome::upgraded) << result.text();
  EXPECT_TRUE(result.backup.empty());
  EXPECT_THAT(embedded::backups(*connection), IsEmpty());
}

}  // namespace
}  // namespace aludel::test
