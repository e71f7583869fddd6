#include <aludel/diff/compare.hpp>
#include <aludel/op/apply.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>

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
using testing::IsEmpty;

const Name hero{"", "hero"};
const Name team{"", "team"};

Table& table(Metadata& schema, const Name& name) { return *schema.find_table(name); }

std::vector<std::string> lines(const Result& result) {
  std::vector<std::string> all;
  for (const auto& operation : result.operations) all.push_back(op::describe(operation));
  return all;
}

/// The operations in one line each, which must lead to the target.
std::vector<std::string> steps(const Metadata& from, const Metadata& to, const Options& options = {}) {
  const Result result = compare(from, to, options);
  EXPECT_TRUE(schema::equivalent(op::apply(result.operations, from, *options.rewriter), to, options.comparison));
  return lines(result);
}

Metadata empty() { return {}; }

TEST(Compare, CreatesAWholeSchemaInOrder) {
  EXPECT_THAT(steps(empty(), heroes()),
              ElementsAre("create table team (2 columns)", "create table hero (4 columns)", "create index ix_hero_name on hero (name)",
                          "create trigger hero_log on hero", "create view adult"));
}

TEST(Compare, DropsAWholeSchemaInReverse) {
  EXPECT_THAT(steps(heroes(), empty()),
              ElementsAre("drop trigger hero_log on hero", "drop view adult", "drop table hero (4 columns)", "drop table team (2 columns)"));
}

TEST(Compare, BreaksARingOfForeignKeys) {
  Metadata ring = heroes();
  ring.objects.clear();
  table(ring, team).columns.push_back(column("leader_id", Type::bigint()));
  table(ring, team).constraints.push_back(test::foreign_key("fk_team_leader", {"leader_id"}, "hero", {"id"}));
  const Result up = compare(empty(), ring);
  EXPECT_THAT(lines(up), testing::Contains(testing::StartsWith("add foreign key")));
  EXPECT_THAT(steps(ring, empty()), testing::Contains(testing::StartsWith("drop foreign key")));
  (void)steps(empty(), ring);
}

TEST(Compare, EmitsWhatTheAuthorDeclared) {
  Metadata from = heroes();
  Metadata to = heroes();
  schema::Column& is = *table(from, hero).find_column("age");
  schema::Column& wanted = *table(to, hero).find_column("age");
  is.server_default = "'0'::integer";
  is.server_default->canonical = "0";
  wanted.server_default = "0";
  wanted.server_default->canonical = "0";
  EXPECT_THAT(steps(from, to), IsEmpty());
  wanted.server_default = "1";
  wanted.server_default->canonical = "1::integer";
  const auto alter = std::get<op::AlterColumn>(compare(from, to).operations.at(0).body);
  EXPECT_EQ(alter.server_default->to->declared, "1");
}

TEST(Compare, ChangesATableAPropertyAtATime) {
  Metadata to = heroes();
  Table& wanted = table(to, hero);
  wanted.find_column("age")->type = Type::bigint();
  wanted.find_column("age")->comment = "in years";
  wanted.columns.push_back(column("motto", Type::string()));
  wanted.comment = "people";
  wanted.find_index("ix_hero_name")->columns.push_back("age");
  std::get<schema::Check>(*wanted.find_constraint("ck_hero_age")).expression = "age > 0";
  EXPECT_THAT(
      steps(heroes(), to),
      ElementsAre("drop check constraint ck_hero_age (age >= 0) of hero", "drop index ix_hero_name on hero (name)", "add column hero.motto text",
                  "alter column hero.age: type integer -> bigint, comment none -> 'in years'", "add check constraint ck_hero_age (age > 0) to hero",
                  "create index ix_hero_name on hero (name, age)", "alter table hero: comment none -> 'people'"));
  Options silent;
  silent.comparison.comments = false;
  EXPECT_THAT(lines(compare(to, heroes(), silent)), testing::Each(testing::Not(testing::HasSubstr("comment"))));
}

TEST(Compare, AltersInPlaceWhatAServerCan) {
  Metadata from = heroes();
  Metadata to = heroes();
  std::get<schema::ForeignKey>(*table(to, hero).find_constraint("fk_hero_team")).deferrable = schema::Deferrable::initially_deferred;
  std::get<schema::Check>(*table(from, hero).find_constraint("ck_hero_age")).validated = false;
  EXPECT_THAT(steps(from, to),
              ElementsAre("validate constraint ck_hero_age of hero", "alter foreign key fk_hero_team (team_id) -> team(id) of hero"));
}

TEST(Compare, RenamesKeysAndIndexesThatSayTheSame) {
  Metadata to = heroes();
  name_of(*table(to, hero).find_constraint("ck_hero_age")) = "hero_age_check";
  table(to, hero).find_index("ix_hero_name")->name = "hero_name";
  EXPECT_THAT(steps(heroes(), to),
              ElementsAre("rename constraint ck_hero_age of hero to hero_age_check", "rename index ix_hero_name of hero to hero_name"));
}

TEST(Compare, PairsUnnamedKeysByWhatTheySay) {
  Metadata to = heroes();
  for (auto& constraint : table(to, hero).constraints) name_of(constraint).clear();
  EXPECT_THAT(steps(heroes(), to), IsEmpty());
  EXPECT_THAT(steps(to, heroes()), IsEmpty());
  table(to, hero).constraints.push_back(test::check("", "age < 200"));
  EXPECT_THAT(steps(heroes(), to), ElementsAre("add check constraint (age < 200) to hero"));
  EXPECT_THAT(steps(to, heroes()), ElementsAre("drop check constraint (age < 200) of hero"));
  Options careless;
  careless.comparison.constraint_names = false;
  name_of(table(to, hero).constraints.front()) = "PRIMARY";
  EXPECT_THAT(lines(compare(heroes(), to, careless)), ElementsAre("add check constraint (age < 200) to hero"));
}

TEST(Compare, FreesWhatDependsOnADropAndRestoresWhatStays) {
  Metadata to = heroes();
  std::erase_if(table(to, hero).columns, [](const auto& held) { return held.name == "age"; });
  std::erase_if(table(to, hero).constraints, [](const auto& held) { return name_of(held) == "ck_hero_age"; });
  to.objects.at({"view", {"", "adult"}, "", ""}).definition = "AS SELECT name FROM hero";
  Metadata from = heroes();
  for (Metadata* schema : {&from, &to}) schema->add(test::view("adults", "AS SELECT count(*) FROM adult"));
  EXPECT_THAT(steps(from, to), ElementsAre("drop check constraint ck_hero_age (age >= 0) of hero", "drop view adults", "drop view adult",
                                           "drop column hero.age integer", "create view adult", "create view adults"));
}

TEST(Compare, MovesTheForeignKeysOfAKeyThatChanges) {
  Metadata to = heroes();
  name_of(*table(to, team).find_constraint("pk_team")) = "pk";
  std::get<schema::PrimaryKey>(*table(to, team).find_constraint("pk")).deferrable = schema::Deferrable::initially_deferred;
  EXPECT_THAT(steps(heroes(), to), ElementsAre("drop foreign key fk_hero_team (team_id) -> team(id) of hero", "drop primary key pk_team (id) of team",
                                               "add primary key pk (id) to team", "add foreign key fk_hero_team (team_id) -> team(id) to hero"));
}

TEST(Compare, AddsAForeignKeyAfterTheKeyItNeeds) {
  Metadata to = heroes();
  table(to, team).constraints.push_back(schema::Unique{"uq_team_name", {"name"}, true, schema::Deferrable::no, {}, "", {}});
  Table power;
  power.name.name = "power";
  power.columns = {column("team", Type::varchar(80))};
  power.constraints = {test::foreign_key("fk_power_team", {"team"}, "team", {"name"})};
  to.add(power);
  EXPECT_THAT(steps(heroes(), to), ElementsAre("create table power (1 column)", "add unique constraint uq_team_name (name) to team",
                                               "add foreign key fk_power_team (team) -> team(name) to power"));
}

TEST(Compare, ReplacesObjectsOrMakesThemAnew) {
  Metadata to = heroes();
  to.objects.at({"view", {"", "adult"}, "", ""}).definition = "AS SELECT name FROM hero WHERE age > 20";
  EXPECT_THAT(steps(heroes(), to), ElementsAre("replace view adult"));
  Options anew;
  anew.replace_objects = false;
  EXPECT_THAT(steps(heroes(), to, anew), ElementsAre("drop view adult", "create view adult"));
}

TEST(Compare, CreatesFunctionsBeforeTheTablesThatMayNeedThem) {
  Metadata to = heroes();
  to.add(schema::Object{{"function", {"", "slug"}, "", "text"}, "RETURNS text AS 'SELECT $1'", {}, "", {}});
  to.add(schema::Object{{"function", {"", "oldest"}, "", ""}, "RETURNS int AS '...'", {{"table", hero, "", ""}}, "", {}});
  const auto up = steps(empty(), to);
  EXPECT_EQ(up.front(), "create function slug(text)");
  EXPECT_THAT(std::vector(up.end() - 3, up.end()), ElementsAre("create function oldest", "create trigger hero_log on hero", "create view adult"));
}

TEST(Compare, GivesAnEnumItsNewValuesInPlaceOrAnew) {
  Metadata from = heroes();
  const std::vector<std::string> values{"rookie", "veteran"};
  from.add(schema::EnumType{{"", "rank"}, values, "", {}});
  table(from, hero).columns.push_back(column("rank", Type::enumeration("rank", values)));
  const auto with = [&](const std::vector<std::string>& wanted) {
    Metadata to = from;
    to.enums.begin()->second.values = wanted;
    table(to, hero).find_column("rank")->type.values = wanted;
    return to;
  };
  EXPECT_THAT(steps(from, with({"pupil", "rookie", "novice", "veteran", "legend"})),
              ElementsAre("alter enum rank: add 'pupil' before 'rookie', add 'novice' after 'rookie', add 'legend'"));
  EXPECT_THAT(steps(from, with({"veteran"})),
              ElementsAre("alter column hero.rank: type enum(rank, 'rookie', 'veteran') -> text", "drop enum rank", "create enum rank (veteran)",
                          "alter column hero.rank: type text -> enum(rank, 'veteran')"));
  EXPECT_EQ(compare(from, with({"veteran"})).operations.back().data_loss, op::DataLoss::review);
}

TEST(Compare, WarnsOfColumnsThatExistingRowsCannotFill) {
  Metadata to = heroes();
  table(to, hero).columns.push_back(column("rank", Type::integer(), false));
  table(to, hero).find_column("age")->nullable = false;
  const Result result = compare(heroes(), to);
  EXPECT_THAT(result.warnings,
              ElementsAre("hero.rank is NOT NULL and has neither a default nor a backfill: the upgrade fails where the table has rows",
                          "hero.age becomes NOT NULL and has no backfill: the upgrade fails where a row has no value"));
  for (const auto& operation : result.operations) EXPECT_EQ(operation.remarks.size(), 1U);
  for (const char* name : {"rank", "age"}) table(to, hero).find_column(name)->backfill = "0";
  const Result filled = compare(heroes(), to);
  EXPECT_THAT(filled.warnings, IsEmpty());
  EXPECT_EQ(std::get<op::AddColumn>(filled.operations.at(0).body).column.backfill, schema::Expression("0"));
  EXPECT_EQ(std::get<op::AlterColumn>(filled.operations.at(1).body).backfill, schema::Expression("0"));
  // A new table has no rows.
  EXPECT_THAT(compare(empty(), to).warnings, IsEmpty());
}

TEST(Compare, MarksWhatDestroys) {
  Metadata to = heroes();
  table(to, hero).find_column("name")->type = Type::varchar(10);
  EXPECT_EQ(compare(heroes(), to).operations.at(0).data_loss, op::DataLoss::review);
  EXPECT_EQ(compare(to, heroes()).operations.at(0).data_loss, op::DataLoss::unsaid);
  for (const auto& operation : compare(heroes(), empty()).operations) {
    const bool drops_rows = std::holds_alternative<op::DropTable>(operation.body);
    EXPECT_EQ(operation.data_loss, drops_rows ? op::DataLoss::review : op::DataLoss::unsaid) << op::describe(operation);
  }
}

TEST(Compare, KeepsWhatAPartialTableDoesNotKnow) {
  Metadata from = heroes();
  from.objects.clear();
  table(from, hero).indexes.push_back(test::index("ix_hero_age", {"age"}));
  Metadata to = from;
  Table& wanted = table(to, hero);
  wanted.partial = true;
  wanted.columns.pop_back();                                                           // team_id
  std::erase_if(wanted.columns, [](const auto& held) { return held.name == "age"; });  // and its check and index
  std::erase_if(wanted.constraints, [](const auto& held) { return name_of(held) != "pk_hero"; });
  wanted.indexes.clear();
  EXPECT_THAT(lines(compare(from, to)), ElementsAre("drop index ix_hero_name on hero (name)"));
  wanted.columns.push_back(column("motto", Type::string()));
  wanted.indexes = heroes().find_table(hero)->indexes;
  EXPECT_THAT(lines(compare(from, to)), ElementsAre("add column hero.motto text"));
}

TEST(Compare, NeverTouchesExternalTables) {
  Metadata to = heroes();
  to.objects.clear();
  table(to, team).external = true;
  table(to, team).columns.pop_back();
  EXPECT_THAT(lines(compare(empty(), to)), ElementsAre("create table hero (4 columns)", "create index ix_hero_name on hero (name)"));
  Metadata from = heroes();
  from.objects.clear();
  EXPECT_THAT(lines(compare(from, to)), IsEmpty());
}

TEST(Compare, TakesNamesInAnyCaseForOneWhereTheDialectFolds) {
  Metadata to = heroes();
  to.objects.clear();
  Metadata from = to;
  Table& wanted = table(to, hero);
  wanted.find_column("age")->name = "AGE";
  wanted.find_index("ix_hero_name")->name = "IX_Hero_Name";
  wanted.find_index("IX_Hero_Name")->columns = {"NAME"};
  std::get<schema::ForeignKey>(*wanted.find_constraint("fk_hero_team")).referenced_table.name = "Team";
  Table renamed = to.tables.take(team);
  renamed.name.name = "TEAM";
  to.add(std::move(renamed));
  Options fold;
  fold.fold_case = true;
  EXPECT_THAT(lines(compare(from, to, fold)), IsEmpty());
  EXPECT_THAT(lines(compare(to, from, fold)), IsEmpty());
  wanted.find_column("AGE")->type = Type::bigint();
  EXPECT_THAT(lines(compare(from, to, fold)), ElementsAre("alter column hero.age: type integer -> bigint"));
  EXPECT_FALSE(compare(from, to).operations.empty());
}

TEST(Compare, ComparesOptionsOfTheDialectInForceOnly) {
  Metadata to = heroes();
  table(to, hero).options["mysql"]["engine"] = "InnoDB";
  Options sqlite;
  sqlite.comparison.dialects = {"sqlite"};
  EXPECT_THAT(lines(compare(heroes(), to, sqlite)), IsEmpty());
  EXPECT_THAT(lines(compare(heroes(), to)), ElementsAre("alter table hero: options"));
}

TEST(Compare, LetsANameMoveFromOneTableToAnother) {
  Metadata to = heroes();
  std::swap(table(to, hero).indexes, table(to, team).indexes);
  EXPECT_THAT(steps(heroes(), to), ElementsAre("drop index ix_hero_name on hero (name)", "create index ix_hero_name on team (name)"));
}

TEST(Compare, TakesASequenceFromTheTableThatOwnsIt) {
  Metadata from = heroes();
  from.objects.clear();
  from.add(schema::Sequence{{"", "ids"}, "", {}, "hero.id", "", {}});
  Metadata to = from;
  to.tables.erase(hero);
  to.sequences.begin()->second.owned_by.clear();
  EXPECT_THAT(steps(from, to), ElementsAre("alter sequence ids", "drop table hero (4 columns)"));
  EXPECT_THAT(steps(empty(), from), ElementsAre("create sequence ids", "create table team (2 columns)", "create table hero (4 columns)",
                                                "create index ix_hero_name on hero (name)", "alter sequence ids"));
}

/// 10,000 tables without a difference are compared in the time a person does not notice.
TEST(Compare, CostsLittleWhereNothingDiffers) {
  Metadata large;
  for (int i = 0; i < 10'000; ++i) {
    Table made = test::hero();
    made.name.name = "hero" + std::to_string(i);
    large.add(made);
  }
  const Metadata same = large;
  Options fold;
  fold.fold_case = true;
  const std::clock_t begin = std::clock();
  EXPECT_TRUE(compare(large, same, fold).operations.empty());
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  RecordProperty("cpu_ms", static_cast<int>(seconds * 1000));
  EXPECT_LT(seconds, 1.0);  // far above what it takes, even unoptimised and under sanitizers
}

}  // namespace
}  // namespace aludel::diff
