#include <aludel/op/order.hpp>

#include <aludel/op/codec.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aludel::op {
namespace {

using testing::ElementsAre;

Table table(std::string name, std::vector<std::string> targets = {}) {
  Table result;
  result.name = {"", std::move(name)};
  for (auto& target : targets) {
    schema::ForeignKey key;
    key.columns = {target + "_id"};
    key.referenced_table = {"", target};
    result.constraints.emplace_back(std::move(key));
  }
  return result;
}

struct Ordered {
  std::vector<std::string> tables, deferred;
};
Ordered order(const std::vector<Table>& tables) {
  std::vector<const Table*> pointers;
  for (const auto& entry : tables) pointers.push_back(&entry);
  Ordered result;
  const auto ordered = order_tables(pointers);
  for (const auto* entry : ordered.tables) result.tables.push_back(entry->name.name);
  for (const auto& [from, key] : ordered.deferred) result.deferred.push_back(from->name.name + "->" + key->referenced_table.name);
  return result;
}

TEST(OrderTables, TargetsFirstElseByName) {
  const auto result = order({table("a", {"z"}), table("m"), table("z", {"m"}), table("b")});
  EXPECT_THAT(result.tables, ElementsAre("b", "m", "z", "a"));
  EXPECT_TRUE(result.deferred.empty());
}

TEST(OrderTables, KeysToItselfOrToNothingOrderNothing) {
  const auto result = order({table("a", {"a", "elsewhere"})});
  EXPECT_THAT(result.tables, ElementsAre("a"));
  EXPECT_TRUE(result.deferred.empty());
}

TEST(OrderTables, CutsACycleAtAsFewKeysAsItNeeds) {
  const auto result = order({table("hero", {"team"}), table("team", {"hero", "city"}), table("city"), table("log", {"hero"})});
  EXPECT_EQ(result.tables.size(), 4U);
  EXPECT_EQ(result.deferred.size(), 1U);
  const auto at = [&](const std::string& name) { return std::find(result.tables.begin(), result.tables.end(), name) - result.tables.begin(); };
  EXPECT_LT(at("city"), at("team"));
  EXPECT_LT(at("hero"), at("log"));
}

TEST(OrderTables, TenThousandCyclesTakeNoTime) {
  std::vector<Table> tables;
  for (int i = 0; i < 10'000; ++i) tables.push_back(table("t" + std::to_string(i), {"t" + std::to_string(i ^ 1)}));
  const auto result = order(tables);
  EXPECT_EQ(result.tables.size(), 10'000U);
  EXPECT_EQ(result.deferred.size(), 5'000U);
}

TEST(OrderObjects, WhatIsDependedOnFirst) {
  const auto object = [](std::string kind, std::string name, std::vector<schema::ObjectKey> depends_on, std::string parent = {}) {
    schema::Object result;
    result.key = {std::move(kind), {"", std::move(name)}, std::move(parent), ""};
    result.depends_on = std::move(depends_on);
    return result;
  };
  const schema::ObjectKey hero{"table", {"", "hero"}, "", ""}, b{"view", {"", "b"}, "", ""}, c{"view", {"", "c"}, "", ""},
      d{"view", {"", "d"}, "", ""};
  const std::vector<schema::Object> objects = {object("view", "a", {b, hero}), object("view", "b", {}), object("trigger", "t", {}, "a"),
                                               object("view", "c", {d}), object("view", "d", {c})};
  std::vector<const schema::Object*> pointers;
  for (const auto& entry : objects) pointers.push_back(&entry);
  std::vector<std::string> names;
  for (const auto* entry : order_objects(pointers)) names.push_back(entry->key.name.name);
  EXPECT_THAT(names, ElementsAre("b", "a", "t", "c", "d"));
}

TEST(CreateOperations, AddTheKeysThatCloseACycleLast) {
  schema::Metadata metadata;
  metadata.add(table("hero", {"team"}));
  metadata.add(table("team", {"hero"}));
  metadata.add(schema::Namespace{"app", "", {}});
  std::vector<std::string> names;
  for (const auto& operation : create_operations(metadata)) names.emplace_back(name_of(operation));
  EXPECT_THAT(names, ElementsAre("create_schema", "create_table", "create_table", "add_constraint"));
  EXPECT_TRUE(create_operations({}).empty());
}

}  // namespace
}  // namespace aludel::op
