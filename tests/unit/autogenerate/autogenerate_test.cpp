#include <aludel/autogenerate/autogenerate.hpp>

#include <aludel/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aludel::autogenerate {
namespace {

using testing::Key;
using testing::UnorderedElementsAre;

TEST(Matches, UnderstandsStarsAndQuestionMarks) {
  const auto one = [](const schema::Name& name, const char* pattern) { return matches(name, {pattern}); };
  EXPECT_TRUE(one({"", "hero"}, "hero"));
  EXPECT_TRUE(one({"", "hero"}, "h?ro"));
  EXPECT_TRUE(one({"", "hero"}, "*"));
  EXPECT_TRUE(one({"", "pg_stat_x"}, "pg_stat_*"));
  EXPECT_TRUE(one({"", "aXbXc"}, "a*b*c"));
  EXPECT_TRUE(one({"", "aab"}, "*ab"));
  EXPECT_FALSE(one({"", "hero"}, "her"));
  EXPECT_FALSE(one({"", "hero"}, "heroes"));
  EXPECT_FALSE(one({"", "hero"}, "hero?"));
  EXPECT_FALSE(one({"", "hero"}, ""));
  EXPECT_TRUE(one({"", "literal*"}, "literal*"));
  EXPECT_TRUE(one({"public", "hero"}, "public.*"));
  EXPECT_TRUE(one({"public", "hero"}, "hero")) << "a pattern without a dot meets the name alone";
  EXPECT_FALSE(one({"public", "hero"}, "other.*"));
  EXPECT_FALSE(matches({"", "hero"}, {}));
}

TEST(Matches, IsNotSlowedDownByManyStars) {
  std::string pattern;
  for (int i = 0; i < 40; ++i) pattern += "*a";
  EXPECT_FALSE(matches({"", std::string(5'000, 'a') + "b"}, {pattern}));
}

/// Revisions in memory.
class Store final : public revision::Store {
 public:
  explicit Store(std::vector<op::Operations> upgrades) : upgrades_(std::move(upgrades)) {}
  std::vector<revision::Revision> revisions() const override {
    std::vector<revision::Revision> result;
    for (std::size_t i = 0; i < upgrades_.size(); ++i) result.push_back(head(i));
    return result;
  }
  revision::Content load(const std::string& id) const override {
    for (std::size_t i = 0; i < upgrades_.size(); ++i) {
      if (head(i).id != id) continue;
      revision::Content content;
      content.revision = head(i);
      content.upgrade = upgrades_[i];
      return content;
    }
    throw Error(ErrorKind::revision, "no revision " + id);
  }

 private:
  static revision::Revision head(std::size_t i) {
    revision::Revision revision;
    revision.id = "rev" + std::to_string(i);
    if (i != 0) revision.down_revisions = {"rev" + std::to_string(i - 1)};
    return revision;
  }
  std::vector<op::Operations> upgrades_;
};

schema::Table table(std::string name, std::vector<std::string> columns) {
  schema::Table result;
  result.name.name = std::move(name);
  for (std::string& column : columns) {
    result.columns.emplace_back();
    result.columns.back().name = std::move(column);
  }
  return result;
}

TEST(ManagedBy, RemembersWhatRevisionsMadeUnderEveryName) {
  schema::Object view;
  view.key = {"view", {"", "heroes"}, "", ""};
  op::Sql known, opaque;
  known.effect = op::Operations{op::CreateTable{table("by_sql", {"x"}), false}};
  const Store store({
      {op::CreateTable{table("hero", {"id", "name"}), false}, op::CreateObject{view, false}},
      {op::RenameTable{{"", "hero"}, "person"}, op::RenameColumn{{"", "person"}, "name", "alias"}, op::RenameObject{view.key, "people"}, known,
       opaque},
      {op::DropTable{{"", "person"}, {}, false}},
  });
  const Managed managed = managed_by(store);
  EXPECT_THAT(managed.tables, UnorderedElementsAre(Key(schema::Name{"", "hero"}), Key(schema::Name{"", "person"}), Key(schema::Name{"", "by_sql"})));
  EXPECT_THAT(managed.tables.at({"", "person"}).columns, UnorderedElementsAre("id", "name", "alias"));
  EXPECT_THAT(managed.others, UnorderedElementsAre("view heroes", "view people"));
}

TEST(Summarise, GivesEveryLineItsSignAndItsLoss) {
  schema::Column age;
  age.name = "age";
  age.type = schema::Type::integer();
  op::AlterColumn alter;
  alter.table.name = "hero";
  alter.column = "age";
  op::Sql sql;
  sql.sql["default"] = "UPDATE hero SET age = 1";
  const std::vector<Line> lines = summarise({op::AddColumn{{"", "hero"}, age, false}, op::DropColumn{{"", "hero"}, "nickname", {}, false},
                                             op::RenameColumn{{"", "hero"}, "a", "b"}, alter, sql});
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[0].sign, '+');
  EXPECT_EQ(lines[0].loss, "");
  EXPECT_EQ(lines[1].sign, '-');
  EXPECT_NE(lines[1].loss, "");
  EXPECT_THAT(lines[1].text, testing::HasSubstr("hero.nickname"));
  EXPECT_EQ(lines[2].sign, '>');
  EXPECT_EQ(lines[3].sign, '~');
  EXPECT_EQ(lines[4].sign, '!');
}

TEST(UnmanagedLine, ReadsAsASentence) {
  Result result;
  EXPECT_EQ(result.unmanaged_line(), "");
  result.unmanaged = {{"table", 1}};
  EXPECT_THAT(result.unmanaged_line(), testing::StartsWith("1 table that no model or revision made was left alone"));
  result.unmanaged = {{"index", 2}, {"table", 2}, {"view", 1}};
  EXPECT_THAT(result.unmanaged_line(), testing::StartsWith("2 indexes, 2 tables and 1 view that no model or revision made were left alone"));
}

}  // namespace
}  // namespace aludel::autogenerate
