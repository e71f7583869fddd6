#include "unit/model/support.hpp"

#include <optional>
#include <string>

namespace app {
struct Villain {
  std::int64_t id;
};
}  // namespace app

/// What a wrong model is told: table, column and remedy.
namespace {

using namespace aludel;
using schema::Type;
using test::mistake;

struct Team {
  std::int64_t id;
  std::string name;
};
struct Hero {
  std::int64_t id;
  std::string name;
  std::int64_t team_id;
};
/// What is wrong with hero and team when `declare` has added its part.
std::string with(auto declare) {
  Models models;
  auto hero = models.table<Hero>("hero");
  auto team = models.table<Team>("team");
  hero.primary_key<&Hero::id>();
  team.primary_key<&Team::id>();
  declare(models, hero, team);
  return mistake(models);
}
using Heroes = StructTable<Hero>&;
using Teams = StructTable<Team>&;

TEST(Mistakes, TwoTablesOfOneName) {
  Models models;
  models.table<Hero>("hero");
  models.table<Team>("hero");
  const auto text = mistake(models);
  EXPECT_EQ(text.find("table 'hero' is declared twice, first at "), 0U) << text;
  EXPECT_NE(text.find("mistakes_test.cpp:"), std::string::npos) << text;
  EXPECT_NE(text.find(" | rename one, give one a schema(\"...\"), or remove it"), std::string::npos) << text;
}

TEST(Mistakes, SayWhereTheTableIsDeclared) {
  Models models;
  models.table<Hero>("hero");
  const auto line = static_cast<std::uint32_t>(__LINE__) + 1;
  models.table("team");
  try {
    models.metadata();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.location().line, line);
    EXPECT_NE(error.location().file.find("mistakes_test.cpp"), std::string::npos);
  }
}

TEST(Mistakes, AreAllReported) {
  const auto text = with([](Models&, Heroes hero, Teams) {
    hero.column<&Hero::id>().length(4);
    hero.index({"nmae"});
  });
  EXPECT_EQ(text.find("column 'hero.id' has a length"), 0U);
  EXPECT_NE(text.find("\nalso: "), std::string::npos);
  EXPECT_NE(text.find("an index of table 'hero' names column 'hero.nmae', which does not exist (did you mean 'name'?)"), std::string::npos);
}

TEST(Mistakes, ForeignKeyToAStructThatIsNoTable) {
  EXPECT_EQ(with([](Models&, Heroes hero, Teams) { hero.foreign_key<&Hero::team_id, &app::Villain::id>(); }),
            "the foreign key on column 'hero.team_id' refers to the struct app::Villain, which is no table of these models | declare it: "
            "models.table<app::Villain>(\"...\"), or models.external_table<app::Villain>(\"...\") if it is somebody else's");
}

TEST(Mistakes, ForeignKeyToATableThatIsNone) {
  EXPECT_EQ(
      with([](Models&, Heroes hero, Teams) { hero.foreign_key<&Hero::team_id>("teem", {"id"}); }),
      "the foreign key on column 'hero.team_id' refers to the table 'teem', which these models do not have (did you mean 'team'?) | declare it: "
      "models.table(\"teem\"), or models.external_table(\"teem\") if it is somebody else's");
}

TEST(Mistakes, ForeignKeyToAStructThatIsTwoTables) {
  EXPECT_EQ(with([](Models& models, Heroes hero, Teams) {
              models.table<Team>("old_team").primary_key<&Team::id>();
              hero.foreign_key<&Hero::team_id, &Team::id>();
            }).find("the foreign key on column 'hero.team_id' refers to the struct"),
            0U);
}

TEST(Mistakes, ForeignKeyToNoKey) {
  EXPECT_EQ(
      with([](Models&, Heroes hero, Teams) { hero.foreign_key<&Hero::name, &Team::name>(); }),
      "the foreign key on column 'hero.name' refers to (name) of table 'team', which is no key of it | make it the primary key or unique<...>() "
      "there: databases demand it");
  EXPECT_EQ(with([](Models&, Heroes hero, Teams team) {
              hero.foreign_key<&Hero::name, &Team::name>();
              team.index<&Team::name>().unique();
            }),
            "nothing");
}

TEST(Mistakes, ForeignKeyOfAnotherType) {
  EXPECT_EQ(with([](Models&, Heroes hero, Teams) { hero.foreign_key<&Hero::name, &Team::id>(); }),
            "the foreign key on column 'hero.name' is text, and refers to column 'team.id', which is bigint | make both the same type");
}

TEST(Mistakes, ForeignKeyThatWouldBreakNotNull) {
  EXPECT_EQ(
      with([](Models&, Heroes hero, Teams) { hero.foreign_key<&Hero::team_id, &Team::id>().on_delete(set_null); }),
      "the foreign key on column 'hero.team_id' would set column 'hero.team_id' to NULL, which is NOT NULL | make the member a std::optional, or "
      "choose another action");
}

TEST(Mistakes, ForeignKeyOfAnotherWidth) {
  EXPECT_EQ(
      with([](Models&, Heroes hero, Teams) {
        hero.foreign_key({"team_id", "name"}, "team", {"id"});
      }),
      "the foreign key on column 'hero.team_id' has 2 columns and refers to 1 column of table 'team' | a foreign key refers to as many columns as it "
      "has");
}

TEST(Mistakes, ForeignKeyToAColumnThatIsNone) {
  const auto text = with([](Models&, Heroes hero, Teams) { hero.foreign_key<&Hero::team_id>("team", {"nr"}); });
  EXPECT_NE(text.find("names column 'team.nr', which does not exist"), std::string::npos) << text;
  EXPECT_NE(text.find("column 'hero.team_id'"), std::string::npos) << text;
}

TEST(Mistakes, ForeignKeyWithoutAPrimaryKeyToReferTo) {
  EXPECT_EQ(
      with([](Models& models, Heroes hero, Teams) {
        models.table("heap").column("x", "bigint");
        hero.foreign_key<&Hero::team_id>("heap");
      }),
      "the foreign key on column 'hero.team_id' names no columns of table 'heap', which has no primary key | name the columns, or give that table a "
      "primary key");
}

TEST(Mistakes, TwoPrimaryKeys) {
  EXPECT_EQ(with([](Models&, Heroes hero, Teams) { hero.primary_key<&Hero::name>(); }),
            "table 'hero' has two primary keys | remove one, or name both columns in one: primary_key<&T::a, &T::b>()");
}

TEST(Mistakes, OneColumnTwice) {
  EXPECT_EQ(with([](Models&, Heroes hero, Teams) { hero.column("name", "text"); }),
            "column 'hero.name' is declared twice | give one of the two another name with name(\"...\"), or look at the rule for member names");
  EXPECT_EQ(with([](Models&, Heroes hero, Teams) { hero.column<&Hero::team_id>().name("id"); }).find("column 'hero.id' is declared twice"), 0U);
  EXPECT_EQ(with([](Models&, Heroes hero, Teams) { hero.index<&Hero::name, &Hero::name>(); }),
            "an index of table 'hero' names column 'hero.name' twice | name it once");
}

TEST(Mistakes, EmptyNamesAndExpressions) {
  EXPECT_EQ(with([](Models&, Heroes hero, Teams) { hero.column<&Hero::name>().name(""); }),
            "table 'hero' has a column with an empty name | give it one with name(\"...\")");
  EXPECT_EQ(with([](Models& models, Heroes, Teams) { models.table("").column("x", "text"); }), "a table has an empty name | give it one");
  EXPECT_EQ(with([](Models&, Heroes hero, Teams) { hero.check(" "); }),
            "table 'hero' has a check without an expression | write one: check(\"name\", \"age >= 0\")");
  EXPECT_EQ(with([](Models&, Heroes hero, Teams) { hero.index({}); }), "an index of table 'hero' has no columns | name at least one");
  EXPECT_EQ(with([](Models&, Heroes hero, Teams) { hero.unique({}); }), "table 'hero' has a unique constraint without columns | name at least one");
  EXPECT_EQ(with([](Models&, Heroes hero, Teams) { hero.index<&Hero::name>().where(""); }),
            "an index of table 'hero' has an empty condition | write one, or remove where()");
  EXPECT_EQ(with([](Models& models, Heroes, Teams) { models.table("void"); }),
            "table 'void' has no columns | list them with column<&T::member>() or column(\"name\", type)");
}

TEST(Mistakes, TwoOfOneName) {
  EXPECT_EQ(with([](Models&, Heroes hero, Teams) {
              hero.check("c", "id > 0");
              hero.unique<&Hero::name>().name("c");
            }),
            "table 'hero' has two constraints named 'c' | give one another name with name(\"...\")");
  EXPECT_EQ(
      with([](Models&, Heroes hero, Teams) {
        hero.index<&Hero::name>();
        hero.index<&Hero::name>().where("id > 7");
      }),
      "table 'hero' and table 'hero' both have an index named 'ix_hero_name', a name a schema has once | give one another name with name(\"...\")");
  EXPECT_EQ(with([](Models&, Heroes hero, Teams team) {
              hero.index<&Hero::name>().name("by_name");
              team.index<&Team::name>().name("by_name");
            }),
            "table 'hero' and table 'team' both have an index named 'by_name', a name a schema has once | give one another name with name(\"...\")");
  EXPECT_EQ(with([](Models&, Heroes hero, Teams) { hero.index<&Hero::name>().name("team"); }),
            "table 'hero' has an index named 'team', as a table is | give it another name with name(\"...\")");
}

TEST(Mistakes, ContradictoryColumns) {
  EXPECT_EQ(with([](Models&, Heroes hero, Teams) { hero.column<&Hero::name>().generated("'x'").server_default("y"); }),
            "column 'hero.name' is generated and has a default as well | remove one of them");
  EXPECT_EQ(with([](Models&, Heroes hero, Teams) { hero.column<&Hero::team_id>().identity().server_default(1); }),
            "column 'hero.team_id' is an identity and has a default as well | remove one of them");
  EXPECT_EQ(with([](Models&, Heroes hero, Teams) { hero.column<&Hero::team_id>().identity().generated("1"); }),
            "column 'hero.team_id' is generated and an identity as well | remove one of them");
}

TEST(Mistakes, PlaceholdersThatAreNone) {
  EXPECT_EQ(with([](Models& models, Heroes hero, Teams) {
              NamingConvention convention;
              convention.index = "ix_{tabel}";
              models.naming(convention);
              hero.index<&Hero::name>();
            }),
            "the naming convention 'ix_{tabel}' has a placeholder that is not known here: 'tabel' | known are {table}, {schema}, {column}, "
            "{columns}, and for "
            "foreign keys {referenced_table} and {referenced_columns}");
  EXPECT_EQ(with([](Models& models, Heroes hero, Teams) {
              NamingConvention convention;
              convention.index = "";
              models.naming(convention);
              hero.index<&Hero::name>();
            }),
            "an index of table 'hero' has no name | give it a name, or a pattern to NamingConvention::index");
}

TEST(Mistakes, Objects) {
  EXPECT_EQ(with([](Models& models, Heroes, Teams) { models.trigger("t", "villain", "AFTER INSERT ON villain BEGIN SELECT 1; END"); }),
            "trigger 't' belongs to the table 'villain', which these models do not have | declare it: models.table(\"villain\"), or "
            "models.external_table(\"villain\") if it is somebody else's");
  EXPECT_EQ(with([](Models& models, Heroes, Teams) { models.view("v", " ; "); }),
            "view 'v' has an empty definition | write all that follows its name in the CREATE statement");
  EXPECT_EQ(with([](Models& models, Heroes, Teams) {
              models.view("v", "SELECT 1");
              models.view("v", "SELECT 2");
            }),
            "view 'v' is declared twice | rename one, or remove it");
  EXPECT_EQ(with([](Models& models, Heroes, Teams) { models.view("hero", "SELECT 1"); }), "view 'hero' is called as a table is | rename one of them");
  EXPECT_EQ(with([](Models& models, Heroes, Teams) { models.schema("a").schema("a"); }), "the schema 'a' is declared twice | declare it once");
}

TEST(Mistakes, OddNamesAreQuotedReadably) {
  Models models;
  auto table = models.table("a \"b\"\n.c");
  table.column("x.y", "integer").length(3);
  const auto text = mistake(models);
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  EXPECT_NE(text.find("has a length, and its type integer takes none"), std::string::npos);
}

}  // namespace
