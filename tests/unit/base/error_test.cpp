#include <aludel/error.hpp>

#include <gtest/gtest.h>

namespace aludel {
namespace {

TEST(Location, LeavesOutWhatIsUnknown) {
  EXPECT_EQ((Location{"a.toml", 3, 5}.text()), "a.toml:3:5");
  EXPECT_EQ((Location{"a.toml", 3, 0}.text()), "a.toml:3");
  EXPECT_EQ((Location{"a.toml", 0, 0}.text()), "a.toml");
  EXPECT_EQ((Location{"", 3, 5}.text()), "line 3, column 5");
  EXPECT_EQ(Location{}.text(), "");
}

TEST(Error, SaysEverythingAPersonNeeds) {
  Error error = Error(ErrorKind::schema, "table 'hero' does not exist")
                    .at({"a.toml", 7, 1})
                    .with_hint("create it first")
                    .in_revision("4f6c")
                    .with_statement("DROP TABLE hero")
                    .with_code("42P01");
  error.add_context("while running 4f6c: statement 3 of 5").add_note("the rollback failed as well");
  EXPECT_STREQ(error.what(), "a.toml:7:1: table 'hero' does not exist");
  EXPECT_EQ(error.text(),
            "a.toml:7:1: table 'hero' does not exist [42P01]\n"
            "  while running 4f6c: statement 3 of 5\n"
            "  revision: 4f6c\n"
            "  statement: DROP TABLE hero\n"
            "  note: the rollback failed as well\n"
            "  hint: create it first");
}

TEST(Error, OfALongStatementTheBeginningIsPrinted) {
  std::string statement = "INSERT INTO t VALUES ('";
  while (statement.size() < 100'000) statement += "\u00e4";
  const Error error = Error(ErrorKind::database, "data too long").with_statement(statement);
  EXPECT_LT(error.text().size(), 5'000U);
  EXPECT_NE(error.text().find("\u00e4 ... (96"), std::string::npos) << error.text().substr(3'900);
  EXPECT_EQ(error.statement(), statement);
}

TEST(Error, IndentsStatementsOfSeveralLines) {
  const Error error = Error(ErrorKind::database, "no such column").with_statement("SELECT a\nFROM b\n");
  EXPECT_EQ(error.text(), "no such column\n  statement:\n    SELECT a\n    FROM b");
}

TEST(Error, TheInnermostPlaceStays) {
  Error error(ErrorKind::syntax, "bad");
  error.set_location({"inner", 1, 2});
  error.set_location({"outer", 9, 9});
  EXPECT_STREQ(error.what(), "inner:1:2: bad");
}

TEST(Error, KindsHaveTheirNames) {
  EXPECT_EQ(to_string(ErrorKind::half_applied), "half_applied");
  EXPECT_EQ(to_string(ErrorKind::io), "io");
}

}  // namespace
}  // namespace aludel
