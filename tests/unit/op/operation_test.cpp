#include <aludel/op/operation.hpp>

#include <gtest/gtest.h>

#include "support/heroes.hpp"

namespace aludel::op {
namespace {

using schema::Type;

const Name hero{"", "hero"};

TEST(Operation, HasTheFilesName) {
  EXPECT_EQ(name_of(CreateTable{}), "create_table");
  EXPECT_EQ(name_of(RenameObject{}), "rename_object");
  EXPECT_EQ(name_of(Custom{}), "custom");
  EXPECT_EQ(operation_names().size(), std::variant_size_v<Body>);
}

TEST(Operation, KnowsWhatMergingMustNotCross) {
  for (const Operation& operation : Operations{Sql{}, Call{}, Insert{}, Delete{}, Assert{}, Custom{}})
    EXPECT_TRUE(is_barrier(operation)) << name_of(operation);
  for (const Operation& operation : Operations{AddColumn{}, Irreversible{}, CreateObject{}})
    EXPECT_FALSE(is_barrier(operation)) << name_of(operation);
  EXPECT_FALSE(touches_rows(Assert{}));
  EXPECT_TRUE(touches_rows(Delete{}));
  EXPECT_TRUE(is_opaque(Sql{}));
  EXPECT_FALSE(is_opaque(Sql{{}, std::nullopt, Operations{}}));
  EXPECT_TRUE(is_opaque(Call{}));
  EXPECT_EQ(table_of(CreateTable{test::hero(), false}), hero);
  EXPECT_EQ(table_of(Insert{hero, {}}), hero);
  EXPECT_EQ(table_of(Sql{}), std::nullopt);
}

TEST(Operation, IsDescribedInOneLine) {
  schema::Column age = test::column("age", Type::integer(), false);
  age.server_default = "0";
  EXPECT_EQ(describe(CreateTable{test::team(), false}), "create table team (2 columns)");
  EXPECT_EQ(describe(AddColumn{hero, age, false}), "add column hero.age integer not null default 0");
  EXPECT_EQ(describe(RenameColumn{{"app", "odd.name"}, "a", "b\nc"}), "rename column app.\"odd.name\".a to b\\nc");
  EXPECT_EQ(describe(AddConstraint{hero, test::foreign_key("fk", {"a", "b"}, "team", {"x", "y"})}),
            "add foreign key fk (a, b) -> team(x, y) to hero");
  AlterColumn alter;
  alter.table = hero;
  alter.column = "age";
  alter.type = Change<Type>{Type::integer(), Type::bigint()};
  alter.nullable = Change<bool>{true, false};
  alter.server_default = Change<schema::Boxed<Expression>>{Expression("0"), std::nullopt};
  EXPECT_EQ(describe(alter), "alter column hero.age: type integer -> bigint, not null, default 0 -> none");
  alter.backfill = Expression("18");
  EXPECT_EQ(describe(alter), "alter column hero.age: type integer -> bigint, not null, null becomes 18, default 0 -> none");
  Column filled = age;
  filled.backfill = Expression("18");
  EXPECT_EQ(describe(AddColumn{hero, filled, false}), "add column hero.age integer not null default 0, existing rows get 18");
}

AlterColumn change(Type from, Type to) {
  AlterColumn body;
  body.table = hero;
  body.column = "x";
  body.type = Change<Type>{std::move(from), std::move(to)};
  return body;
}

TEST(Destroys, NarrowingTypes) {
  const std::vector<std::pair<Type, Type>> losing{
      {Type::varchar(80), Type::varchar(10)},
      {Type::string(), Type::varchar(10)},
      {Type::bigint(), Type::integer()},
      {Type::string(), Type::integer()},
      {Type::integer(), Type::varchar(5)},
      {Type::timestamp(), Type::date()},
      {Type::timestamp(true), Type::timestamp()},
      {Type::timestamp(), Type::timestamp(false, 0)},
      {Type::decimal(10, 2), Type::decimal(10, 1)},
      {Type::decimal(10, 2), Type::decimal(9, 2)},
      {Type::decimal(), Type::decimal(10, 2)},
      {Type::double_precision(), Type::real()},
      {Type::bigint(), Type::double_precision()},
      {Type::double_precision(), Type::bigint()},
      {Type::binary(), Type::binary(16)},
      {Type::binary(), Type::string()},
      {Type::enumeration("r", {"a", "b"}), Type::enumeration("r", {"a"})},
      {Type::array(Type::bigint()), Type::array(Type::integer())},
      {Type::native("tsvector"), Type::string()},
      {Type::integer(), Type::boolean()},
  };
  for (const auto& [from, to] : losing) EXPECT_TRUE(destroys(change(from, to))) << to_text(from) << " -> " << to_text(to);
  EXPECT_EQ(destroys(change(Type::bigint(), Type::integer())), "values of hero.x that do not fit integer (it was bigint)");
}

TEST(Destroys, NotWideningTypes) {
  const std::vector<std::pair<Type, Type>> keeping{
      {Type::varchar(10), Type::varchar(80)},
      {Type::varchar(10), Type::string()},
      {Type::integer(), Type::bigint()},
      {Type::smallint(), Type::real()},
      {Type::integer(), Type::double_precision()},
      {Type::integer(), Type::decimal(10, 0)},
      {Type::integer(), Type::string()},
      {Type::bigint(), Type::varchar(20)},
      {Type::boolean(), Type::integer()},
      {Type::real(), Type::double_precision()},
      {Type::decimal(10, 2), Type::decimal(12, 2)},
      {Type::decimal(10, 2), Type::decimal()},
      {Type::decimal(5, 0), Type::integer()},
      {Type::date(), Type::timestamp()},
      {Type::timestamp(false, 3), Type::timestamp()},
      {Type::timestamp(), Type::timestamp(true)},
      {Type::uuid(), Type::character(36)},
      {Type::enumeration("r", {"a"}), Type::enumeration("r", {"b", "a"})},
      {Type::enumeration("r", {"abc"}), Type::varchar(3)},
      {Type::binary(16), Type::binary()},
      {Type::native("TSVECTOR"), Type::native("tsvector")},
  };
  for (const auto& [from, to] : keeping) EXPECT_EQ(destroys(change(from, to)), std::nullopt) << to_text(from) << " -> " << to_text(to);
}

TEST(Destroys, DropsThatHoldRows) {
  EXPECT_EQ(destroys(DropTable{hero, std::nullopt, false}), "all rows of hero");
  EXPECT_EQ(destroys(DropColumn{hero, "age", std::nullopt, false}), "all values of hero.age");
  schema::Column computed = test::column("age", Type::integer());
  computed.generated = schema::Generated{"1", true};
  EXPECT_EQ(destroys(DropColumn{hero, "age", computed, false}), std::nullopt);
  EXPECT_EQ(destroys(DropIndex{}), std::nullopt);
  EXPECT_EQ(destroys(DropObject{{"view", hero, "", ""}, std::nullopt, false}), std::nullopt);
  EXPECT_TRUE(destroys(DropObject{{"virtual table", hero, "", ""}, std::nullopt, false}));
  EXPECT_EQ(destroys(Delete{}), std::nullopt);
  AlterColumn compute;
  compute.table = hero;
  compute.column = "age";
  compute.generated = Change<schema::Boxed<schema::Generated>>{std::nullopt, schema::Generated{"1", true}};
  EXPECT_EQ(destroys(compute), "the values of hero.age, which is computed from now on");
}

}  // namespace
}  // namespace aludel::op
