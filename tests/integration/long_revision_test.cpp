// What a revision says is kept in the journal whole, however long it is: a TEXT of MySQL ends at 65,535 bytes.
#include <aludel/migrate/runner.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/linked_systems.hpp"
#include "support/revisions.hpp"

namespace aludel::test {
namespace {

class LongRevisionTest : public testing::TestWithParam<LinkedSystem> {};
INSTANTIATE_TEST_SUITE_P(Systems, LongRevisionTest, testing::ValuesIn(linked_systems()), [](const auto& instance) { return instance.param.name; });

TEST_P(LongRevisionTest, IsJournalledWholeAndUndoneWithoutItsFile) {
  constexpr int count = 2'000;
  op::Insert insert;
  insert.table.name = "hero";
  for (int i = 1; i <= count; ++i) insert.rows.push_back({{"id", Value(i)}, {"name", Value(std::string(60, 'n'))}});
  MemoryStore store;
  store.add(make_revision("one", {}, {op::CreateTable{table("hero", {column("name", schema::Type::varchar(80), false)}), false}, insert}));

  Directory directory;
  const auto connection = GetParam().connect(GetParam().fresh(directory));
  migrate::RunOptions options;
  options.accept_data_loss = true;
  migrate::Runner(*connection, store, options).upgrade(std::vector<std::string>{"one"});
  EXPECT_THAT(rows_of(*connection, "SELECT count(*) FROM hero"), testing::ElementsAre(std::to_string(count)));
  const auto longest = rows_of(*connection, "SELECT max(length(operations)) FROM aludel_journal");
  ASSERT_EQ(longest.size(), 1U);
  EXPECT_GT(std::stoi(longest.front()), count * 60);

  migrate::Runner(*connection, MemoryStore(), options).downgrade(std::vector<std::string>{"base"});
  EXPECT_THAT(rows_of(*connection, "SELECT count(*) FROM aludel_version"), testing::ElementsAre("0"));
}

}  // namespace
}  // namespace aludel::test
