#include <aludel/dialect/rows.hpp>
#include <aludel/error.hpp>
#include <aludel/sqlite/sqlite.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// The rows that all dialects share, with the names and literals of one of them.
namespace aludel::dialect {
namespace {

using testing::ElementsAre;

op::Row row(int id) { return {{"id", Value(id)}, {"a \"b\"", Value("it's")}}; }
op::Row hero(int id) { return {{"id", Value(id)}}; }

TEST(Rows, JoinsRowsOfTheSameColumns) {
  const op::Insert insert{{"", "t"}, {hero(1), hero(2), row(3), {}, hero(4)}};
  EXPECT_THAT(insert_texts(insert, sqlite::dialect()),
              ElementsAre("INSERT INTO \"t\" (\"id\") VALUES\n  (1),\n  (2)", "INSERT INTO \"t\" (\"id\", \"a \"\"b\"\"\") VALUES\n  (3, 'it''s')",
                          "INSERT INTO \"t\" DEFAULT VALUES", "INSERT INTO \"t\" (\"id\") VALUES\n  (4)"));
}

TEST(Rows, KeepsTheLimits) {
  const op::Insert insert{{"", "t"}, {hero(1), hero(2), hero(3)}};
  EXPECT_EQ(insert_texts(insert, sqlite::dialect(), "DEFAULT VALUES", {2, 1000}).size(), 2U);
  EXPECT_EQ(insert_texts(insert, sqlite::dialect(), "DEFAULT VALUES", {1000, 10}).size(), 3U);
  const op::Delete erase{{"", "t"}, {hero(1), hero(2), hero(3)}};
  EXPECT_EQ(delete_texts(erase, sqlite::dialect(), {2, 1000}).size(), 2U);
}

TEST(Rows, FindsNullsAndRefusesToEmptyATable) {
  const op::Delete erase{{"", "t"}, {{{"id", Value(1)}, {"b", Value()}}, hero(2)}};
  EXPECT_THAT(delete_texts(erase, sqlite::dialect()), ElementsAre("DELETE FROM \"t\" WHERE (\"id\" = 1 AND \"b\" IS NULL)\n  OR (\"id\" = 2)"));
  EXPECT_THROW(delete_texts({{"", "t"}, {op::Row{}}}, sqlite::dialect()), Error);
}

}  // namespace
}  // namespace aludel::dialect
