#include <aludel/diff/compare.hpp>
#include <aludel/op/apply.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/heroes.hpp"

namespace aludel::diff {
namespace {

using schema::Metadata;
using schema::Name;
using schema::Table;
using schema::Type;
using test::column;
using test::heroes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Name hero{"", "hero"};

Metadata tables_only() {
  Metadata made = heroes();
  made.objects.clear();
  return made;
}

Table& table(Metadata& schema, const std::string& name) { return *schema.find_table({"", name}); }

void rename(Metadata& schema, const op::Operation& operation) { op::apply(operation, schema, op::standard_rewriter()); }

std::vector<std::string> lines(const Result& result) {
  std::vector<std::string> all;
  for (const auto& operation : result.operations) all.push_back(op::describe(operation));
  return all;
}

std::vector<std::string> steps(const Metadata& from, const Metadata& to, const Options& options = {}) {
  const Result result = compare(from, to, options);
  EXPECT_TRUE(schema::equivalent(op::apply(result.operations, from, *options.rewriter), to));
  return lines(result);
}

Options asking(std::initializer_list<const char*> renames) {
  Options options;
  for (const char* text : renames) options.renames.push_back(parse_rename(text));
  return options;
}

Table one_column(const std::string& name, std::string held, Type type) {
  Table made;
  made.name.name = name;
  made.columns = {column(std::move(held), std::move(type))};
  return made;
}

TEST(Renames, AreTakenFromHintsInTheModel) {
  Metadata to = tables_only();
  rename(to, op::RenameTable{hero, "person"});
  rename(to, op::RenameColumn{{"", "person"}, "age", "years"});
  table(to, "person").renamed_from = {"superhero", "hero"};
  table(to, "person").find_column("years")->renamed_from = {"age"};
  table(to, "person").find_column("years")->type = Type::bigint();
  EXPECT_THAT(steps(tables_only(), to),
              ElementsAre("rename table hero to person", "rename column person.age to years", "alter column person.years: type integer -> bigint"));
  // The hint may stay where it is.
  const Result again = compare(to, to);
  EXPECT_THAT(lines(again), IsEmpty());
  EXPECT_THAT(again.warnings, IsEmpty());
}

TEST(Renames, AreTakenFromTheCommandLine) {
  Metadata to = tables_only();
  rename(to, op::RenameTable{hero, "person"});
  rename(to, op::RenameColumn{{"", "person"}, "age", "years"});
  const std::vector<std::string> expected{"rename table hero to person", "rename column person.age to years"};
  EXPECT_EQ(steps(tables_only(), to, asking({"hero:person", "hero.age:years"})), expected);
  EXPECT_EQ(steps(tables_only(), to, asking({"person.age:years", "hero:person"})), expected);
  EXPECT_EQ(steps(tables_only(), to, asking({"hero:person", "person.age:person.years"})), expected);
}

TEST(Renames, CarryViewsAndTriggersAlong) {
  Metadata to = heroes();
  rename(to, op::RenameTable{hero, "person"});
  EXPECT_THAT(steps(heroes(), to, asking({"hero:person"})), ElementsAre("rename table hero to person"));
  // A view whose text cannot be rewritten is made anew, as the target has it.
  Metadata years = heroes();
  rename(years, op::RenameColumn{hero, "age", "years"});
  years.objects.at({"view", {"", "adult"}, "", ""}).definition = "AS SELECT name FROM hero WHERE years > 17";
  EXPECT_THAT(steps(heroes(), years, asking({"hero.age:years"})),
              ElementsAre("rename column hero.age to years", "drop view adult", "create view adult"));
}

TEST(Renames, WithoutAHintAreOnlySuggested) {
  Metadata to = tables_only();
  rename(to, op::RenameColumn{hero, "age", "years"});
  rename(to, op::RenameTable{{"", "team"}, "squad"});
  const Result result = compare(tables_only(), to);
  EXPECT_THAT(result.suggestions,
              ElementsAre("team was dropped and squad added, alike: if it was renamed, run again with --rename team:squad",
                          "hero.age was dropped and hero.years added, alike: if it was renamed, run again with --rename hero.age:years"));
  for (const auto& operation : result.operations) EXPECT_NE(op::name_of(operation), "rename_column");
  // Each suggestion is followed as it is printed.
  EXPECT_THAT(lines(compare(tables_only(), to, asking({"team:squad", "hero.age:years"}))),
              ElementsAre("rename table team to squad", "rename column hero.age to years"));
  // Two that are alike say nothing.
  table(to, "hero").columns.push_back(column("months", Type::integer()));
  EXPECT_THAT(compare(tables_only(), to).suggestions, testing::SizeIs(1));
}

TEST(Renames, ThatMatchNothingAreWarnedOf) {
  Metadata to = tables_only();
  const auto warnings = [&](const char* text) { return compare(tables_only(), to, asking({text})).warnings; };
  EXPECT_THAT(warnings("heros:hero"), IsEmpty()) << "done already, as far as one can see";
  EXPECT_THAT(warnings("hero:person"), ElementsAre("--rename hero:person matches nothing: the target has no table 'person'"));
  EXPECT_THAT(warnings("hero.age:years"), ElementsAre("--rename hero.age:years matches nothing: the target has no column 'hero.years'"));
  EXPECT_THAT(warnings("villain.age:years"), ElementsAre(HasSubstr("there is no such table on both sides")));
  to.add(one_column("power", "id", Type::bigint()));
  EXPECT_THAT(warnings("powers:power"), ElementsAre("--rename powers:power matches nothing: there is no table 'powers'"));
  table(to, "power").renamed_from = {"powers"};
  EXPECT_THAT(compare(tables_only(), to).warnings, ElementsAre("table 'power' is new: no table has the name that it is said to have had (powers)"));
  EXPECT_THAT(compare({}, to).warnings, IsEmpty()) << "in an empty database everything is new";
  table(to, "hero").columns.push_back(column("motto", Type::string()));
  table(to, "hero").find_column("motto")->renamed_from = {"moto"};
  EXPECT_THAT(compare(tables_only(), to).warnings,
              testing::Contains("column 'hero.motto' is new: no column of the table has the name that it is said to have had (moto)"));
}

TEST(Renames, OntoANameThatIsTakenAreRefused) {
  const Metadata both = tables_only();
  EXPECT_THAT(compare(both, both, asking({"hero:team"})).warnings,
              ElementsAre("table 'hero' is not renamed to table 'team': there is one of that name already"));
}

TEST(Renames, AreFoundInAnyCaseWhereTheDialectFolds) {
  Metadata to = tables_only();
  rename(to, op::RenameTable{hero, "Person"});
  rename(to, op::RenameColumn{{"", "Person"}, "age", "Years"});
  Options options = asking({"HERO:PERSON", "Hero.AGE:years"});
  options.fold_case = true;
  EXPECT_THAT(lines(compare(tables_only(), to, options)), ElementsAre("rename table hero to Person", "rename column Person.age to Years"));
  options.renames.clear();
  table(to, "Person").renamed_from = {"Hero"};
  table(to, "Person").find_column("Years")->renamed_from = {"Age"};
  EXPECT_THAT(lines(compare(tables_only(), to, options)), ElementsAre("rename table hero to Person", "rename column Person.age to Years"));
}

TEST(Renames, FollowAChain) {
  Metadata from;
  from.add(one_column("a", "x", Type::integer()));
  from.add(one_column("b", "y", Type::string()));
  Metadata to;
  to.add(one_column("b", "x", Type::integer()));
  to.add(one_column("c", "y", Type::string()));
  table(to, "b").renamed_from = {"a"};
  table(to, "c").renamed_from = {"b"};
  EXPECT_THAT(steps(from, to), ElementsAre("rename table b to c", "rename table a to b"));
  EXPECT_THAT(steps(to, to), IsEmpty());
}

TEST(Renames, SwapByWayOfAThirdName) {
  Metadata from;
  from.add(one_column("a", "x", Type::integer()));
  from.add(one_column("b", "y", Type::string()));
  Metadata to;
  to.add(one_column("a", "y", Type::string()));
  to.add(one_column("b", "x", Type::integer()));
  table(to, "a").renamed_from = {"b"};
  table(to, "b").renamed_from = {"a"};
  EXPECT_THAT(steps(from, to), ElementsAre("rename table b to b_renamed", "rename table a to b", "rename table b_renamed to a"));
  const Result again = compare(to, to);
  EXPECT_THAT(lines(again), IsEmpty()) << "the hints are still there, and followed";
  EXPECT_THAT(again.warnings, IsEmpty());
}

TEST(Renames, DoNotSwapWhatLooksTheSameUnlessAsked) {
  Metadata from;
  from.add(one_column("t", "a", Type::integer()));
  table(from, "t").columns.push_back(column("b", Type::integer()));
  Metadata to = from;
  table(to, "t").find_column("a")->renamed_from = {"b"};
  table(to, "t").find_column("b")->renamed_from = {"a"};
  const Result result = compare(from, to);
  EXPECT_THAT(lines(result), IsEmpty());
  EXPECT_THAT(result.warnings, ElementsAre(HasSubstr("form a ring")));
  EXPECT_THAT(lines(compare(from, to, asking({"t.a:b", "t.b:a"}))),
              ElementsAre("rename column t.b to b_renamed", "rename column t.a to b", "rename column t.b_renamed to a"));
}

TEST(Renames, MakeWayWhereAViewHasTheName) {
  Metadata from = heroes();
  Metadata to = tables_only();
  rename(to, op::RenameTable{hero, "adult"});
  table(to, "adult").renamed_from = {"hero"};
  EXPECT_THAT(steps(from, to), ElementsAre("drop view adult", "rename table hero to adult", "drop trigger hero_log on adult"));
}

TEST(Renames, OfAnEnumTakeItsColumnsAlong) {
  Metadata from = tables_only();
  from.add(schema::EnumType{{"", "rank"}, {"rookie"}, "", {}});
  table(from, "hero").columns.push_back(column("rank", Type::enumeration("rank", {"rookie"})));
  Metadata to = from;
  rename(to, op::RenameObject{{"enum", {"", "rank"}, "", ""}, "grade"});
  to.enums.begin()->second.renamed_from = {"rank"};
  EXPECT_THAT(steps(from, to), ElementsAre("rename enum rank to grade"));
}

TEST(Renames, MoveATableToAnotherSchema) {
  Metadata from = tables_only();
  Metadata to = tables_only();
  to.add(schema::Namespace{"app", "", {}});
  op::AlterTable move;
  move.table = hero;
  move.schema = op::Change<std::string>{"", "app"};
  rename(to, move);
  to.find_table({"app", "hero"})->renamed_from = {"hero"};
  EXPECT_THAT(steps(from, to), ElementsAre("create schema app", "alter table hero: schema none -> 'app'"));
}

TEST(ParseRename, ReadsTablesAndColumns) {
  const auto expect = [](const char* text, const Name& of, const char* held, const char* to) {
    const RenameHint hint = parse_rename(text);
    EXPECT_EQ(hint.table, of) << text;
    EXPECT_EQ(hint.column, held) << text;
    EXPECT_EQ(hint.to, to) << text;
  };
  expect("hero:person", hero, "", "person");
  expect("hero.age:years", hero, "age", "years");
  expect("app.hero.age:years", {"app", "hero"}, "age", "years");
  expect("hero.age:hero.years", hero, "age", "years");
  expect("\"a:b.c\":\"d.e\"", {"", "a:b.c"}, "", "d.e");
  for (const char* text : {"", "hero", ":", "hero:", ":person", "a.b.c.d:e", "hero:team.person", "\"hero:person"}) {
    EXPECT_EQ(test::error_of([&] { parse_rename(text); }).kind(), ErrorKind::usage) << text;
  }
}

}  // namespace
}  // namespace aludel::diff
