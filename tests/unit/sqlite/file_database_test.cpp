#include <aludel/dialect/file_database.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "support/revisions.hpp"

namespace aludel::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const dialect::FileDatabase& files_of(dialect::Connection& connection) { return *dialect::FileDatabase::of(connection); }

TEST(FileDatabaseTest, KnowsTheFileAndWhatACopyTakes) {
  Directory directory;
  const auto connection = open_sqlite(directory / "a.db");
  EXPECT_EQ(files_of(*connection).file(*connection), directory / "a.db");
  EXPECT_EQ(files_of(*connection).size(*connection), 0U);
  connection->execute("CREATE TABLE t (x)");
  EXPECT_EQ(files_of(*connection).size(*connection), 8192U);
  const auto memory = open_memory();
  EXPECT_TRUE(files_of(*memory).file(*memory).empty());
  EXPECT_EQ(connection->dialect().extension("time_travel/1"), nullptr);
}

TEST(FileDatabaseTest, CopiesAndPutsBackEverything) {
  Directory directory;
  const auto connection = open_sqlite(directory / "a.db");
  connection->execute("CREATE TABLE t (x TEXT)");
  connection->execute("INSERT INTO t (rowid, x) VALUES (7, 'seven'), (9, 'nine')");
  connection->execute("PRAGMA user_version = 12");
  const auto copy = directory / "it's a copy.db";
  files_of(*connection).copy_to(*connection, copy);
  connection->execute("DROP TABLE t");
  connection->execute("PRAGMA user_version = 13");
  files_of(*connection).restore_from(*connection, copy);
  EXPECT_THAT(rows_of(*connection, "SELECT rowid, x FROM t"), ElementsAre("7|seven", "9|nine"));
  EXPECT_THAT(rows_of(*connection, "PRAGMA user_version"), ElementsAre("12"));
  EXPECT_THAT(error_of([&] { files_of(*connection).copy_to(*connection, copy); }).text(), HasSubstr("exists"));
}

TEST(FileDatabaseTest, ALimitOnTheSizeOfFilesIsAFullDisk) {
  Directory directory;
  const auto connection = open_sqlite(directory / "a.db");
  connection->execute("CREATE TABLE t (x)");
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit tight = before;
  tight.rlim_cur = 16384;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
  const auto error = error_of([&] { connection->execute("INSERT INTO t VALUES (zeroblob(1000000))"); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(error.kind(), ErrorKind::io);
  EXPECT_THAT(error.message(), HasSubstr("cannot grow: the disk or the database is full"));
  EXPECT_TRUE(files_of(*connection).is_full(error));
  EXPECT_FALSE(files_of(*connection).is_full(error_of([&] { connection->execute("SELECT * FROM nowhere"); })));
  EXPECT_THAT(rows_of(*connection, "PRAGMA integrity_check"), ElementsAre("ok"));
}

}  // namespace
}  // namespace aludel::test
