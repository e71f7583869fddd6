#include <aludel/schema/drawing.hpp>

#include <gtest/gtest.h>

namespace aludel::schema {
namespace {

Object object(std::string kind, std::string name, std::string parent = {}) {
  Object result;
  result.key = {std::move(kind), Name{"", std::move(name)}, std::move(parent), ""};
  return result;
}

TEST(DrawingTest, ATreeHasTriggersBelowTheirTablesAndViews) {
  Metadata metadata;
  Table hero;
  hero.name = {"", "hero"};
  hero.columns.emplace_back().name = "id";
  hero.columns.back().type = Type::integer();
  metadata.add(std::move(hero));
  metadata.add(object("view", "heroes"));
  metadata.add(object("trigger", "on_table", "hero"));
  metadata.add(object("trigger", "on_view", "heroes"));
  metadata.add(object("trigger", "elsewhere", "nowhere"));
  EXPECT_EQ(to_tree(metadata),
            "table hero\n"
            "  id  integer\n"
            "  trigger on_table\n"
            "view heroes\n"
            "  trigger on_view\n"
            "trigger elsewhere on nowhere\n");
}

}  // namespace
}  // namespace aludel::schema
