#include <aludel/migrate/create_all.hpp>
#include <aludel/migrate/runner.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/revisions.hpp"

namespace aludel::migrate {
namespace {

using namespace aludel::test;
using schema::Type;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

schema::ForeignKey foreign_key(std::string column, std::string referenced) {
  schema::ForeignKey key;
  key.name = "fk_" + column;
  key.columns = {std::move(column)};
  key.referenced_table.name = std::move(referenced);
  key.referenced_columns = {"id"};
  return key;
}

/// hero and team refer to each other; a view and a trigger stand on them; power is somebody else's.
schema::Metadata models() {
  schema::Metadata metadata;
  auto hero = table("hero", {column("name", Type::varchar(80), false), column("team_id", Type::bigint()), column("power_id", Type::bigint())});
  hero.constraints.emplace_back(foreign_key("team_id", "team"));
  hero.constraints.emplace_back(foreign_key("power_id", "power"));
  schema::Index index;
  index.name = "ix_hero_name";
  index.columns = {"name"};
  hero.indexes.push_back(index);
  auto team = table("team", {column("leader_id", Type::bigint())});
  team.constraints.emplace_back(foreign_key("leader_id", "hero"));
  auto power = table("power", {});
  power.external = true;
  metadata.add(hero);
  metadata.add(team);
  metadata.add(power);
  schema::Object view;
  view.key = {"view", {"", "names"}, "", ""};
  view.definition = schema::Expression("AS SELECT name FROM hero");
  metadata.add(view);
  schema::Object trigger;
  trigger.key = {"trigger", {"", "hero_gone"}, "hero", ""};
  trigger.definition = schema::Expression("AFTER DELETE ON hero BEGIN DELETE FROM team WHERE leader_id = old.id; END");
  metadata.add(trigger);
  return metadata;
}

std::vector<std::string> names(dialect::Connection& connection) {
  return rows_of(connection, "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name");
}

TEST(CreateAllTest, CreatesWhatIsMissingAndLeavesTheRest) {
  const auto connection = open_memory();
  connection->execute("CREATE TABLE power (id BIGINT PRIMARY KEY)");
  connection->execute("CREATE TABLE team (id BIGINT NOT NULL PRIMARY KEY, by_hand TEXT)");
  connection->execute("INSERT INTO team VALUES (1, 'kept')");
  create_all(*connection, models());
  EXPECT_THAT(names(*connection), ElementsAre("hero", "hero_gone", "ix_hero_name", "names", "power", "team"));
  EXPECT_THAT(rows_of(*connection, "SELECT by_hand FROM team"), ElementsAre("kept"));
  create_all(*connection, models());
  EXPECT_FALSE(connection->in_transaction());
}

TEST(CreateAllTest, CreatesForeignKeysThatFormACycle) {
  const auto connection = open_memory();
  create_all(*connection, models());
  EXPECT_THAT(rows_of(*connection, "SELECT \"table\" FROM pragma_foreign_key_list('team')"), ElementsAre("hero"));
  EXPECT_THAT(rows_of(*connection, "SELECT \"table\" FROM pragma_foreign_key_list('hero') ORDER BY 1"), ElementsAre("power", "team"));
}

TEST(CreateAllTest, AFailureLeavesNothing) {
  const auto connection = open_memory();
  auto metadata = models();
  schema::Object wrong;
  wrong.key = {"view", {"", "wrong"}, "", ""};
  wrong.definition = schema::Expression("AS SELEKT 1");
  metadata.add(wrong);
  EXPECT_THROW(create_all(*connection, metadata), Error);
  EXPECT_THAT(names(*connection), IsEmpty());
  EXPECT_FALSE(connection->in_transaction());
}

TEST(CreateAllTest, StampsTheHeadSoThatUpgradeFindsNothingToDo) {
  const auto connection = open_memory();
  MemoryStore store;
  store.add(make_revision("one", {}, {op::CreateTable{table("hero", {}), false}}));
  store.add(make_revision("two", {"one"}, {add_column("hero", column("name", Type::string()))}));
  CreateAllOptions options;
  options.stamp = &store;
  create_all(*connection, models(), options);
  Runner runner(*connection, store);
  EXPECT_THAT(runner.upgrade(std::vector<std::string>{"head"}), IsEmpty());
  EXPECT_EQ(runner.journal().back().action, Action::stamp);

  // The next start of an application whose models and revisions have moved on: upgrade's work, not create_all's.
  store.add(make_revision("three", {"two"}, {op::CreateTable{table("mission", {}), false}}));
  auto more = models();
  more.add(table("mission", {}));
  create_all(*connection, more, options);
  EXPECT_THAT(rows_of(*connection, "SELECT name FROM sqlite_schema WHERE name = 'mission'"), IsEmpty());
  Runner next(*connection, store);
  EXPECT_EQ(next.upgrade(std::vector<std::string>{"head"}).size(), 1U);
}

TEST(CreateAllTest, DoesNotStampWhatItDidNotMake) {
  const auto connection = open_memory();
  connection->execute("CREATE TABLE hero (id INTEGER)");
  MemoryStore store;
  store.add(make_revision("one", {}, {op::CreateTable{table("hero", {}), false}}));
  CreateAllOptions options;
  options.stamp = &store;
  const auto error = error_of([&] { create_all(*connection, models(), options); });
  EXPECT_THAT(error.message(), HasSubstr("the table 'hero' exists already, in a database without a history"));
  EXPECT_THAT(error.hint(), HasSubstr("aludel stamp"));
  EXPECT_THAT(names(*connection), ElementsAre("hero"));
}

TEST(DropAllTest, DropsWhatTheModelsNameWithRowsAndNothingElse) {
  const auto connection = open_memory();
  connection->execute("CREATE TABLE power (id BIGINT PRIMARY KEY)");
  connection->execute("CREATE TABLE other (id INTEGER)");
  MemoryStore store;
  CreateAllOptions options;
  options.stamp = &store;
  create_all(*connection, models(), options);
  connection->execute("INSERT INTO hero (id, name) VALUES (1, 'Deadpond')");
  connection->execute("INSERT INTO team (id, leader_id) VALUES (1, 1)");
  connection->execute("UPDATE hero SET team_id = 1");
  connection->execute("CREATE TRIGGER by_hand AFTER INSERT ON hero BEGIN SELECT 1; END");
  drop_all(*connection, models());
  EXPECT_THAT(names(*connection), ElementsAre("other", "power"));
  drop_all(*connection, models());
  create_all(*connection, models());
}

}  // namespace
}  // namespace aludel::migrate
