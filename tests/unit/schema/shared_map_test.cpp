#include <aludel/schema/schema.hpp>
#include <aludel/schema/shared_map.hpp>

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

namespace aludel::schema {
namespace {

using Map = SharedMap<int, std::string>;
using Model = std::map<int, std::string>;

Model content(const Map& map) {
  Model model;
  for (const auto& [key, value] : map) model.emplace(key, value);
  EXPECT_EQ(model.size(), map.size());
  return model;
}

/// One random change to both.
void change(Map& map, Model& model, std::mt19937& random) {
  const int key = static_cast<int>(random() % 400);
  const std::string value = std::to_string(random());
  switch (random() % 6) {
    case 0:
      EXPECT_EQ(map.emplace(key, value).second, model.emplace(key, value).second);
      break;
    case 1:
      map[key] = value;
      model[key] = value;
      break;
    case 2:
      EXPECT_EQ(map.erase(key), model.erase(key));
      break;
    case 3:
      if (auto* found = map.get(key)) *found += "x";
      if (model.contains(key)) model[key] += "x";
      break;
    case 4:
      if (model.contains(key)) {
        EXPECT_EQ(map.take(key), model.at(key));
        model.erase(key);
      }
      break;
    default:
      for (int i = 0; i < 20; ++i) {
        map.emplace(key + i, value);
        model.emplace(key + i, value);
      }
  }
}

TEST(SharedMap, behaves_as_a_map_and_copies_do_not_see_each_other) {
  std::mt19937 random(17);
  std::vector<std::pair<Map, Model>> copies(1);
  for (int step = 0; step < 20'000; ++step) {
    auto& [map, model] = copies[random() % copies.size()];
    change(map, model, random);
    if (step % 50 == 0) copies.push_back(copies[random() % copies.size()]);
    if (copies.size() > 8) copies.erase(copies.begin() + static_cast<std::ptrdiff_t>(random() % copies.size()));
    if (step % 100 != 0) continue;
    for (const auto& [one, as_it_should_be] : copies) ASSERT_EQ(content(one), as_it_should_be) << "step " << step;
  }
}

TEST(SharedMap, looks_up_as_a_map_does) {
  Map map;
  Model model;
  std::mt19937 random(5);
  for (int i = 0; i < 1'000; ++i) change(map, model, random);
  for (int key = -1; key <= 421; ++key) {
    EXPECT_EQ(map.contains(key), model.contains(key));
    EXPECT_EQ(map.find(key) == map.end(), model.find(key) == model.end());
    const auto ours = map.lower_bound(key);
    const auto theirs = model.lower_bound(key);
    ASSERT_EQ(ours == map.end(), theirs == model.end()) << key;
    if (ours != map.end()) {
      EXPECT_EQ(ours->first, theirs->first);
    }
    if (!model.contains(key)) {
      EXPECT_THROW(map.at(key), std::out_of_range);
    }
  }
}

TEST(SharedMap, erases_while_walking) {
  Map map;
  for (int i = 0; i < 300; ++i) map.emplace(i, std::to_string(i));
  const Map before = map;
  EXPECT_EQ(erase_if(map, [](const auto& entry) { return entry.first % 3 != 0; }), 200u);
  EXPECT_EQ(map.size(), 100u);
  EXPECT_TRUE(std::all_of(map.begin(), map.end(), [](const auto& entry) { return entry.first % 3 == 0; }));
  EXPECT_EQ(before.size(), 300u);
  EXPECT_EQ(erase_if(map, [](const auto&) { return true; }), 100u);
  EXPECT_TRUE(map.empty());
  EXPECT_TRUE(map.begin() == map.end());
}

TEST(SharedMap, keeps_what_a_copy_has_when_it_writes) {
  Map map;
  for (int i = 0; i < 200; ++i) map.emplace(i, "old");
  const Map before = map;
  for (auto& [key, value] : map.writable()) value = "new";
  EXPECT_EQ(before.at(7), "old");
  EXPECT_EQ(map.at(7), "new");
  EXPECT_FALSE(before == map);
}

TEST(SharedMap, leaves_nothing_behind_when_it_is_moved_from) {
  Map map{{1, "one"}};
  Map other = std::move(map);
  EXPECT_TRUE(map.empty());
  map.emplace(2, "two");
  EXPECT_EQ(content(other), (Model{{1, "one"}}));
  EXPECT_EQ(content(map), (Model{{2, "two"}}));
}

TEST(SharedMap, shares_the_tables_of_a_copied_schema) {
  Metadata schema;
  Table table;
  table.name = {"", "hero"};
  schema.add(table);
  Metadata copy = schema;
  EXPECT_EQ(&schema.tables.begin()->second, &copy.tables.begin()->second);
  copy.find_table({"", "hero"})->comment = "changed";
  EXPECT_EQ(schema.tables.begin()->second.comment, "");
  EXPECT_NE(&schema.tables.begin()->second, &copy.tables.begin()->second);
}

TEST(Boxed, is_an_optional_value) {
  Boxed<Expression> none;
  EXPECT_FALSE(none);
  EXPECT_EQ(none, std::nullopt);
  EXPECT_THROW(none.value(), std::bad_optional_access);
  Boxed<Expression> one = Expression("now()");
  Boxed<Expression> copy = one;
  copy->declared = "later()";
  EXPECT_EQ(one->declared, "now()");
  EXPECT_FALSE(one == copy);
  copy = one;
  EXPECT_TRUE(one == copy);
  copy = std::nullopt;
  EXPECT_FALSE(copy.has_value());
  EXPECT_TRUE(one == Boxed<Expression>(Expression("now()")));
}

TEST(Boxed, goes_from_and_to_an_optional) {
  const std::optional<Expression> given("1");
  const Boxed<Expression> boxed = given;
  const std::optional<Expression> back = boxed;
  EXPECT_EQ(given, back);
  EXPECT_FALSE(std::optional<Expression>(Boxed<Expression>()));
}

}  // namespace
}  // namespace aludel::schema
