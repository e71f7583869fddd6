#include <aludel/models.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace {

enum class Rank { rookie, veteran };

struct Team {
  std::optional<std::int64_t> id;
  std::string name;
};

struct Hero {
  std::optional<std::int64_t> id;
  std::string name;
  std::string secret_name;
  std::optional<int> age;
  std::optional<std::int64_t> team_id;
  Rank rank;
  std::chrono::sys_seconds created;
};

void declare(aludel::Models& models) {
  auto hero = models.table<Hero>("hero");
  hero.primary_key<&Hero::id>();
  hero.column<&Hero::name>().length(80);
  hero.index<&Hero::name>();
  hero.column<&Hero::rank>().server_default(Rank::rookie);
  hero.column<&Hero::created>().server_default_sql("CURRENT_TIMESTAMP");
  hero.foreign_key<&Hero::team_id, &Team::id>().on_delete(aludel::cascade);
  hero.unique<&Hero::name, &Hero::secret_name>();
  hero.check("ck_hero_age", "age >= 0");

  auto team = models.table<Team>("team");
  team.primary_key<&Team::id>();
}

aludel::schema::Column column(std::string name, aludel::schema::Type type, bool nullable) {
  aludel::schema::Column result;
  result.name = std::move(name);
  result.type = std::move(type);
  result.nullable = nullable;
  return result;
}

TEST(HeroModel, IsTheWholeSchema) {
  using namespace aludel::schema;
  aludel::Models models;
  declare(models);

  Table hero;
  hero.name.name = "hero";
  hero.columns = {column("id", Type::bigint(), false),          column("name", Type::varchar(80), false),
                  column("secret_name", Type::string(), false), column("age", Type::integer(), true),
                  column("team_id", Type::bigint(), true),      column("rank", Type::enumeration("rank", {"rookie", "veteran"}), false),
                  column("created", Type::timestamp(), false)};
  hero.columns[0].identity = Identity{};
  hero.columns[5].server_default = "'rookie'";
  hero.columns[6].server_default = "CURRENT_TIMESTAMP";
  PrimaryKey key;
  key.columns = {"id"};
  ForeignKey foreign_key;
  foreign_key.name = "fk_hero_team_id";
  foreign_key.columns = {"team_id"};
  foreign_key.referenced_table.name = "team";
  foreign_key.referenced_columns = {"id"};
  foreign_key.on_delete = ForeignKeyAction::cascade;
  Unique unique;
  unique.name = "uq_hero_name_secret_name";
  unique.columns = {"name", "secret_name"};
  Check check;
  check.name = "ck_hero_age";
  check.expression = "age >= 0";
  hero.constraints = {key, foreign_key, unique, check};
  Index index;
  index.name = "ix_hero_name";
  index.columns = {"name"};
  hero.indexes = {index};

  Table team;
  team.name.name = "team";
  team.columns = {column("id", Type::bigint(), false), column("name", Type::string(), false)};
  team.columns[0].identity = Identity{};
  team.constraints = {key};

  Metadata expected;
  expected.add(hero);
  expected.add(team);
  EnumType rank;
  rank.name.name = "rank";
  rank.values = {"rookie", "veteran"};
  expected.add(rank);
  EXPECT_EQ(models.metadata(), expected);
}

TEST(HeroModel, MayBeAskedTwiceAndGrow) {
  aludel::Models models;
  declare(models);
  const auto before = models.metadata();
  EXPECT_EQ(models.metadata(), before);
  models.table("sidekick").column("name", "text");
  EXPECT_EQ(models.metadata().tables.size(), before.tables.size() + 1);
}

TEST(HeroModel, HandlesSurviveAMove) {
  aludel::Models models;
  auto team = models.table<Team>("team");
  aludel::Models moved = std::move(models);
  team.primary_key<&Team::id>();
  EXPECT_NE(moved.metadata().find_table({"", "team"})->primary_key(), nullptr);
}

TEST(HeroModel, IsAJsonSchemaToo) {
  aludel::Models models;
  declare(models);
  const auto schema = models.json_schema();
  const auto* hero = schema.find("$defs")->find("hero");
  EXPECT_EQ(aludel::to_json(*hero->find("required")), R"(["name","secret_name"])");
  EXPECT_EQ(aludel::to_json(*hero->find("properties")->find("rank")), R"({"type":"string","enum":["rookie","veteran"],"default":"rookie"})");
}

}  // namespace
