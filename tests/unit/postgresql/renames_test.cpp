#include "walk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/heroes.hpp"

/// Renames beside other changes in one revision: what the server names, and what it alone can say of a view, must be met in time.
namespace aludel::postgresql::test {
namespace {

using aludel::test::check;
using aludel::test::column;
using aludel::test::foreign_key;
using schema::Name;
using schema::Type;
using testing::ElementsAre;

const Name hero{"", "hero"};
const Name person{"", "person"};
const std::string heroes =
    "CREATE TABLE team (id bigint PRIMARY KEY); CREATE TABLE hero (id bigint, age int, team_id bigint);"
    "INSERT INTO team VALUES (1); INSERT INTO hero VALUES (1, 5, 1);";

schema::ObjectKey view(const std::string& name) { return {"view", {"", name}, "", ""}; }

op::AlterColumn change_type(const Name& table, const std::string& name, Type from, Type to) {
  op::AlterColumn change;
  change.table = table;
  change.column = name;
  change.type = op::Change<Type>{std::move(from), std::move(to)};
  return change;
}

TEST(PostgresqlRenames, ConstraintsWithoutANameKeepTheOneThatTheyAreMadeWith) {
  schema::Unique unique;
  unique.columns = {"age", "team_id"};
  const op::Operations operations{op::AddConstraint{hero, check("", "age > 0")},
                                  op::AddConstraint{hero, check("", "age < 99")},
                                  op::AddConstraint{hero, unique},
                                  op::AddConstraint{hero, foreign_key("", {"team_id"}, "team", {"id"})},
                                  op::RenameColumn{hero, "age", "years"},
                                  op::RenameTable{hero, "person"}};
  EXPECT_THAT(texts(there_and_back(heroes, operations, false).back),
              ElementsAre(R"(ALTER TABLE "person" RENAME TO "hero")", R"(ALTER TABLE "hero" RENAME COLUMN "years" TO "age")",
                          "ALTER TABLE \"hero\"\n  DROP CONSTRAINT \"hero_team_id_fkey\",\n  DROP CONSTRAINT \"hero_age_team_id_key\",\n"
                          "  DROP CONSTRAINT \"hero_age_check1\",\n  DROP CONSTRAINT \"hero_age_check\""));
  // With a name they take no locks for long, either.
  EXPECT_TRUE(says(there_and_back(heroes, operations).there, "NOT VALID"));
}

TEST(PostgresqlRenames, ConstraintsOfANewTableKeepTheirNames) {
  schema::Table made;
  made.name = hero;
  made.columns = {column("id", Type::bigint(), false), column("age", Type::integer())};
  made.constraints = {schema::PrimaryKey{"", {"id"}, schema::Deferrable::no, "", {}}, check("", "age > 0"), check("", "id > 0 AND age < 99")};
  there_and_back("", {op::CreateTable{made, false}, op::RenameTable{hero, "person"}, op::RenameColumn{person, "age", "years"}});
  // A table that is dropped in other words than the server's comes back with the server's names.
  there_and_back(
      "CREATE TABLE hero (id bigint PRIMARY KEY, age int CHECK (age > 0), CHECK (id > 0 AND age < 99)); ALTER TABLE hero RENAME TO person;",
      {op::RenameTable{person, "hero"}, op::DropTable{hero, made, false}});
}

TEST(PostgresqlRenames, AConstraintWithoutANameIsFoundByWhatItSays) {
  op::AlterConstraint defer{hero, foreign_key("", {"team_id"}, "team", {"id"}), foreign_key("", {"team_id"}, "team", {"id"})};
  std::get<schema::ForeignKey>(defer.to).deferrable = schema::Deferrable::initially_deferred;
  const std::string script = heroes + "ALTER TABLE hero ADD CHECK (age > 0), ADD FOREIGN KEY (team_id) REFERENCES team (id)";
  there_and_back(script, {defer, op::DropConstraint{hero, "", check("", "age > 0"), false}});
}

TEST(PostgresqlRenames, WhatIsValidatedLaterIsFoundUnderItsNewName) {
  schema::ForeignKey to_team = foreign_key("to_team", {"team_id"}, "team", {"id"});
  there_and_back(heroes, {op::AddConstraint{hero, check("old_enough", "age > 0")}, op::RenameTable{hero, "person"},
                          op::AddConstraint{person, to_team}, op::RenameConstraint{person, "to_team", "of_team"}});
  there_and_back(heroes, {op::AddConstraint{hero, to_team}, op::DropTable{hero, std::nullopt, false}});
}

TEST(PostgresqlRenames, WhatIsNoLongerValidIsNotValidatedLater) {
  op::AlterConstraint loosen{hero, check("old_enough", "age > 0"), check("old_enough", "age > 0")};
  std::get<schema::Check>(loosen.to).validated = false;
  there_and_back(heroes, {op::AddConstraint{hero, check("old_enough", "age > 0")}, loosen});
  schema::ForeignKey later = foreign_key("to_team", {"team_id"}, "team", {"id"});
  later.deferrable = schema::Deferrable::initially_deferred;
  there_and_back(heroes, {op::AddConstraint{hero, foreign_key("to_team", {"team_id"}, "team", {"id"})},
                          op::AlterConstraint{hero, foreign_key("to_team", {"team_id"}, "team", {"id"}), later}});
}

const std::string viewed = heroes +
                           "CREATE VIEW old AS SELECT id, age FROM hero WHERE age > 3; CREATE VIEW upon AS SELECT age + 1 AS next FROM old;"
                           "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
                           "CREATE TRIGGER watch BEFORE UPDATE OF age ON hero FOR EACH ROW WHEN (NEW.age > 1) EXECUTE FUNCTION f();";

TEST(PostgresqlRenames, WhatIsDroppedAfterItsColumnWasRenamedComesBackAsItWas) {
  there_and_back(viewed,
                 {op::RenameColumn{hero, "age", "years"}, op::DropObject{view("upon"), std::nullopt, false},
                  op::DropObject{view("old"), std::nullopt, false}, op::DropObject{{"trigger", {"", "watch"}, "hero", ""}, std::nullopt, false}});
  there_and_back(
      "CREATE TABLE hero (id int, age int); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
      "CREATE TRIGGER watch BEFORE UPDATE OF age ON hero FOR EACH ROW WHEN (NEW.age > 1) EXECUTE FUNCTION f()",
      {op::RenameColumn{hero, "age", "years"}, op::DropTable{hero, std::nullopt, false}});
}

TEST(PostgresqlRenames, AViewThatSaysMoreAfterTheRenameIsUndone) {
  schema::Object from{view("old"), "AS SELECT id, age FROM hero WHERE age > 3", {}, "", {}};
  schema::Object to{view("old"), "AS SELECT id, years AS age, motto FROM hero", {}, "", {}};
  there_and_back(viewed,
                 {op::RenameColumn{hero, "age", "years"}, op::AddColumn{hero, column("motto", Type::string()), false}, op::ReplaceObject{from, to}});
}

TEST(PostgresqlRenames, AColumnGoesBeforeTheViewStopsReadingIt) {
  const op::ReplaceObject leaves_it{{view("old"), "AS SELECT age FROM hero", {}, "", {}}, {view("old"), "AS SELECT id FROM hero", {}, "", {}}};
  const std::string script = heroes + "CREATE VIEW old AS SELECT age FROM hero; CREATE VIEW upon AS SELECT 1 AS one FROM old";
  there_and_back(script, {op::RenameColumn{hero, "age", "years"}, op::DropColumn{hero, "years", std::nullopt, false}, leaves_it});
  there_and_back(
      heroes + "CREATE VIEW old AS SELECT age FROM hero",
      {op::RenameColumn{hero, "age", "years"}, op::DropColumn{hero, "years", std::nullopt, false}, op::DropObject{view("old"), std::nullopt, false}});
}

TEST(PostgresqlRenames, AColumnThatGoesAfterAllIsChangedBefore) {
  there_and_back(heroes, {change_type(hero, "age", Type::integer(), Type::bigint()), op::DropColumn{hero, "age", std::nullopt, false}});
}

TEST(PostgresqlRenames, TheTypeOfARenamedColumnChangesUnderAView) {
  const auto change = change_type(hero, "age", Type::integer(), Type::bigint());
  const std::string ask = "SELECT sum(age) FROM old";
  for (const bool online : {true, false}) {
    const Walked walked = there_and_back(viewed, {change, op::RenameColumn{hero, "age", "years"}}, online, ask);
    EXPECT_EQ(texts(walked.back).back(), R"(ALTER TABLE "hero" RENAME COLUMN "years" TO "age")");
    there_and_back(viewed, {op::RenameColumn{hero, "age", "years"}, change_type(hero, "years", Type::integer(), Type::bigint())}, online, ask);
    there_and_back(viewed, {op::RenameColumn{hero, "id", "number"}, change, op::RenameTable{hero, "person"}}, online, ask);
    auto with = change_type(person, "years", Type::integer(), Type::string());
    with.using_ = "(years * 2)::text";
    there_and_back(heroes + "CREATE VIEW old AS SELECT id, age FROM hero",
                   {op::RenameTable{hero, "person"}, op::RenameColumn{person, "age", "years"}, op::RenameColumn{person, "id", "number"}, with},
                   online);
  }
}

TEST(PostgresqlRenames, AViewThatNoLongerReadsAnotherReadsItAgain) {
  const auto becomes = [](const char* name, const char* from, const char* to) {
    return op::ReplaceObject{{view(name), from, {}, "", {}}, {view(name), to, {}, "", {}}};
  };
  there_and_back(
      heroes + "CREATE VIEW b AS SELECT age FROM hero; CREATE VIEW a AS SELECT age FROM b; CREATE VIEW c AS SELECT age FROM a",
      {becomes("b", "AS SELECT age FROM hero", "AS SELECT id FROM team"), becomes("a", "AS SELECT age FROM b", "AS SELECT age FROM hero")});
}

}  // namespace
}  // namespace aludel::postgresql::test
