#include <aludel/schema/schema.hpp>

#include <aludel/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aludel::schema {
namespace {

using testing::HasSubstr;

TEST(Name, ReadsBackWhatItWrites) {
  for (const Name& name : {Name{"", "hero"}, Name{"public", "hero"}, Name{"odd.schema", "a \"b\""}, Name{"", "x.y"}, Name{"", ""}}) {
    EXPECT_EQ(parse_name(name.text()), name) << name.text();
  }
  EXPECT_EQ((Name{"public", "x.y"}.text()), "public.\"x.y\"");
  EXPECT_THROW(parse_name("a.b.c"), Error);
}

TEST(Metadata, RefusesANameThatIsTaken) {
  Metadata metadata;
  EXPECT_TRUE(metadata.empty());
  Table hero;
  hero.name = {"", "hero"};
  metadata.add(hero).comment = "the one that was added";
  EXPECT_EQ(metadata.find_table({"", "hero"})->comment, "the one that was added");
  EXPECT_EQ(metadata.find_table({"public", "hero"}), nullptr);
  Object trigger;
  trigger.key = {"trigger", {"", "audit"}, "hero", ""};
  metadata.add(trigger);
  trigger.key.parent = "team";
  EXPECT_NO_THROW(metadata.add(trigger)) << "one trigger name on two tables";
  const auto message = [](auto add) -> std::string {
    try {
      add();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::schema);
      return error.message();
    }
    return "nothing was thrown";
  };
  EXPECT_EQ(message([&] { metadata.add(hero); }), "table 'hero' exists already");
  EXPECT_EQ(message([&] { metadata.add(trigger); }), "trigger 'audit on team' exists already");
  EXPECT_EQ(metadata.find_table({"", "hero"})->comment, "the one that was added") << "a refused table changes nothing";
}

TEST(ObjectKey, ReadsAsAPersonSaysIt) {
  EXPECT_EQ((ObjectKey{"trigger", {"", "hero_audit"}, "hero", ""}.text()), "trigger hero_audit on hero");
  EXPECT_EQ((ObjectKey{"function", {"public", "slug"}, "", "text, integer"}.text()), "function public.slug(text, integer)");
}

TEST(Table, FindsItsParts) {
  Table table;
  table.columns.resize(2);
  table.columns[1].name = "age";
  Check unnamed;
  PrimaryKey key;
  key.columns = {"age"};
  ForeignKey foreign;
  foreign.name = "fk";
  table.constraints = {unnamed, key, foreign};
  EXPECT_EQ(table.find_column("age"), &table.columns[1]);
  EXPECT_EQ(table.find_column("AGE"), nullptr);
  EXPECT_EQ(table.find_constraint("fk"), &table.constraints[2]);
  EXPECT_EQ(table.find_constraint(""), nullptr) << "unnamed constraints are not found by name";
  ASSERT_NE(table.primary_key(), nullptr);
  EXPECT_EQ(kind_of(table.constraints[1]), "primary key");
  EXPECT_EQ(kind_of(table.constraints[2]), "foreign key");
  name_of(table.constraints[0]) = "ck";
  EXPECT_EQ(name_of(table.constraints[0]), "ck");
}

}  // namespace
}  // namespace aludel::schema
