#include <aludel/op/apply.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/heroes.hpp"

namespace aludel::op {
namespace {

using schema::Metadata;
using schema::Type;
using test::error_of;
using test::heroes;

const Name hero{"", "hero"};

Operations inverse(const Operations& operations, const Metadata& before = heroes()) { return invert(operations, before, standard_rewriter()); }

std::vector<std::string> lines(const Operations& operations) {
  std::vector<std::string> all;
  for (const auto& operation : operations) all.push_back(describe(operation));
  return all;
}

TEST(Invert, TurnsARevisionRound) {
  schema::Column rank = test::column("rank", Type::integer(), false);
  rank.backfill = "0";
  const Operations all =
      inverse({AddColumn{hero, rank, false}, CreateIndex{hero, test::index("ix_rank", {"rank"}), false}, RenameTable{hero, "person"}});
  EXPECT_THAT(lines(all),
              testing::ElementsAre("rename table person to hero", "drop index ix_rank on hero (rank)", "drop column hero.rank integer not null"));
  EXPECT_EQ(all[2].data_loss, DataLoss::review);
}

TEST(Invert, TakesWhatADropLeftOutFromTheSchemaBefore) {
  Metadata before = heroes();
  before.objects.erase({"view", {"", "adult"}, "", ""});
  const Operations all = inverse({DropTable{hero, std::nullopt, false}}, before);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(std::get<CreateTable>(all[0].body).table, *before.find_table(hero));
  EXPECT_EQ(describe(all[1]), "create trigger hero_log on hero");
}

TEST(Invert, KeepsTheFilesWordsWhereTheyAreRight) {
  Metadata before = heroes();
  before.find_table(hero)->columns.push_back(test::column("motto", Type::string()));
  before.find_table(hero)->columns.back().type.canonical = "TEXT";
  schema::Column said = test::column("motto", Type::string());
  EXPECT_EQ(std::get<AddColumn>(inverse({DropColumn{hero, "motto", said, false}}, before)[0].body).column, said);
  said.type = Type::integer();
  EXPECT_EQ(std::get<AddColumn>(inverse({DropColumn{hero, "motto", said, false}}, before)[0].body).column.type.canonical, "TEXT");
}

TEST(Invert, GivesBackTheConstraintThatAUniqueIndexWasReadAs) {
  Metadata before = heroes();
  schema::Unique unique;
  unique.name = "ux_hero_name";
  unique.columns = {"name"};
  before.find_table(hero)->constraints.emplace_back(unique);
  EXPECT_EQ(inverse({DropIndex{hero, "ux_hero_name", std::nullopt, false}}, before), (Operations{AddConstraint{hero, unique}}));
  schema::Index from = test::index("ux_hero_name", {"name"});
  from.unique = true;
  schema::Index to = from;
  to.comment = "once";
  EXPECT_EQ(inverse({AlterIndex{hero, from, to}}, before), (Operations{AlterIndex{hero, to, from}}));
}

TEST(Invert, DoesNothingForWhatDidNothing) {
  EXPECT_TRUE(inverse({CreateTable{test::hero(), true}, DropTable{{"", "power"}, std::nullopt, true}, DropIndex{hero, "ix_none", std::nullopt, true},
                       Assert{{{"default", "SELECT 0"}}, 0, ""}})
                  .empty());
}

TEST(Invert, CarriesTheAcceptanceOfDataLoss) {
  Operation add = AddColumn{hero, test::column("motto", Type::string()), false};
  add.data_loss = DataLoss::accepted;
  EXPECT_EQ(inverse({add})[0].data_loss, DataLoss::accepted);
}

TEST(Invert, SwapsDataAndUndo) {
  const Row row{{"id", 1}, {"name", "x"}};
  EXPECT_EQ(inverse({Insert{hero, {row}}})[0], Operation(Delete{hero, {row}}));
  EXPECT_EQ(inverse({Delete{hero, {row}}})[0], Operation(Insert{hero, {row}}));
  EXPECT_EQ(inverse({Sql{{{"default", "a"}}, SqlByDialect{{"default", "b"}}, std::nullopt}})[0],
            Operation(Sql{{{"default", "b"}}, SqlByDialect{{"default", "a"}}, std::nullopt}));
  EXPECT_EQ(inverse({Call{"up", {}, "down"}})[0], Operation(Call{"down", {}, "up"}));
}

TEST(Invert, RefusesByNameWhatCannotBeUndone) {
  Operation sql = Sql{{{"default", "UPDATE hero\nSET age = 1"}}, std::nullopt, std::nullopt};
  sql.location = {"1.toml", 3, 1};
  const Error error = error_of([&] { inverse({sql}); });
  EXPECT_EQ(error.kind(), ErrorKind::unsupported);
  EXPECT_EQ(error.message(), "cannot be undone: sql UPDATE hero\\nSET age = 1: the revision does not say how");
  EXPECT_EQ(error.hint(), "give it `undo = \"...\"`, or write a [[downgrade]] section");
  EXPECT_EQ(error.location().line, 3U);
  EXPECT_EQ(error_of([&] { inverse({Irreversible{"the old keys are gone"}}); }).message(), "cannot be undone: the old keys are gone");
  EXPECT_EQ(error_of([&] { inverse({Custom{"reindex", {}}}); }).kind(), ErrorKind::unsupported);
  EXPECT_EQ(error_of([&] { inverse({Call{"fill", {}, std::nullopt}}); }).kind(), ErrorKind::unsupported);
}

TEST(Invert, MakesAnEnumAnewWhereAValueWasAdded) {
  Metadata before = heroes();
  before.add(schema::EnumType{{"", "rank"}, {"rookie"}, "", {}});
  before.find_table(hero)->columns.push_back(test::column("rank", Type::enumeration("rank", {"rookie"})));
  AlterEnum add;
  add.type = {"", "rank"};
  add.add = {{"veteran", "", ""}};
  EXPECT_THAT(lines(inverse({add}, before)),
              testing::ElementsAre("alter column hero.rank: type enum(rank, 'rookie', 'veteran') -> text", "drop enum rank",
                                   "create enum rank (rookie)", "alter column hero.rank: type text -> enum(rank, 'rookie')"));
}

TEST(Invert, TakesOlderTextOutOfTheWay) {
  // The trigger's `motto` is the log's, which its text alone does not tell.
  Metadata before = heroes();
  before.add(
      schema::Object{{"trigger", {"", "log"}, "team", ""}, "AFTER DELETE ON team BEGIN INSERT INTO audit (motto) VALUES (1); END", {}, "", {}});
  EXPECT_THAT(lines(inverse({AddColumn{{"", "team"}, test::column("motto", Type::string()), false}}, before)),
              testing::ElementsAre("drop trigger log on team", "drop column team.motto text", "create trigger log on team"));
}

TEST(Invert, MakesAgainUnderTheOldNamesWhatWasLostUnderTheNew) {
  const schema::ObjectKey adult{"view", {"", "adult"}, "", ""};
  Metadata before = heroes();
  before.add(test::view("grown", "AS SELECT name FROM adult"));
  // The view's text, which says age, is stale between the rename and what becomes of it.
  const Operations dropped{RenameColumn{hero, "age", "years"}, DropObject{{"view", {"", "grown"}, "", ""}, std::nullopt, false},
                           AddColumn{hero, test::column("motto", Type::string()), false}, DropObject{adult, std::nullopt, false}};
  const Operations again = inverse(dropped, before);
  EXPECT_THAT(lines(again),
              testing::ElementsAre("drop column hero.motto text", "rename column hero.years to age", "create view adult", "create view grown"));
  EXPECT_EQ(std::get<CreateObject>(again[2].body).object, before.objects.at(adult));

  const Operations replaced{RenameColumn{hero, "age", "years"}, AddColumn{hero, test::column("motto", Type::string()), false},
                            ReplaceObject{before.objects.at(adult), test::view("adult", "AS SELECT name, motto FROM hero WHERE years > 17")}};
  const Operations back = inverse(replaced, before);
  EXPECT_THAT(lines(back), testing::ElementsAre("drop view grown", "drop view adult", "drop column hero.motto text",
                                                "rename column hero.years to age", "create view adult", "create view grown"));
  EXPECT_EQ(apply(back, apply(replaced, before, standard_rewriter()), standard_rewriter()), before);

  // Also where the one that reads it comes first by its name.
  Metadata read = heroes();
  read.add(test::view("actors", "AS SELECT name FROM adult"));
  EXPECT_THAT(lines(inverse(replaced, read)), testing::ElementsAre("drop view actors", "drop view adult", "drop column hero.motto text",
                                                                   "rename column hero.years to age", "create view adult", "create view actors"));

  const schema::ObjectKey log{"trigger", {"", "hero_log"}, "hero", ""};
  before.objects.at(log).definition = "AFTER UPDATE OF age ON hero BEGIN SELECT 1; END";
  const Operations lost{RenameColumn{hero, "age", "years"}, DropObject{{"view", {"", "grown"}, "", ""}, std::nullopt, false},
                        DropObject{adult, std::nullopt, false}, RenameTable{hero, "person"}, DropTable{{"", "person"}, std::nullopt, false}};
  const Operations found = inverse(lost, before);
  EXPECT_THAT(lines(found), testing::ElementsAre("create table person (4 columns)", "rename table person to hero", "rename column hero.years to age",
                                                 "create trigger hero_log on hero", "create view adult", "create view grown"));
  EXPECT_EQ(std::get<CreateObject>(found[3].body).object, before.objects.at(log));
}

TEST(Invert, SaysWhatDoesNotFitAsApplyDoes) {
  EXPECT_EQ(error_of([&] {
              inverse({RenameIndex{hero, "ix_hero_nam", "x"}, ValidateConstraint{hero, "nothing"}});
            }).message(),
            "table 'hero' has no index 'ix_hero_nam' (did you mean 'ix_hero_name'?)");
  EXPECT_EQ(error_of([&] { inverse({ValidateConstraint{{"", "nowhere"}, "nothing"}}); }).message(), "there is no table 'nowhere'");
}

TEST(Complete, FillsInWhatAHandWrittenDropLeftOut) {
  const Operations all =
      complete(Operations{DropIndex{hero, "ix_hero_name", std::nullopt, false}, DropConstraint{hero, "ck_hero_age", std::nullopt, false},
                          DropObject{{"view", {"", "adult"}, "", ""}, std::nullopt, false}, DropColumn{hero, "age", std::nullopt, false},
                          DropTable{hero, std::nullopt, false}, DropTable{{"", "none"}, std::nullopt, true}},
               heroes(), standard_rewriter());
  EXPECT_THAT(lines(all), testing::ElementsAre("drop index ix_hero_name on hero (name)", "drop check constraint ck_hero_age (age >= 0) of hero",
                                               "drop view adult", "drop column hero.age integer", "drop table hero (3 columns)", "drop table none"));
}

}  // namespace
}  // namespace aludel::op
