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
using testing::HasSubstr;

const Name hero{"", "hero"};
const Name team{"", "team"};

Metadata after(const Operation& operation, Metadata schema = heroes(), const ApplyOptions& options = {}) {
  apply(operation, schema, standard_rewriter(), options);
  return schema;
}

Error refusal(const Operation& operation, const Metadata& schema = heroes()) {
  return error_of([&] { after(operation, schema); });
}

const schema::ForeignKey& key_of_hero(const Metadata& schema, const Name& table = hero) {
  return std::get<schema::ForeignKey>(*schema.find_table(table)->find_constraint("fk_hero_team"));
}

TEST(Apply, SaysWhereTheFileHasTheOperation) {
  Operation operation = DropTable{{"", "heros"}, std::nullopt, false};
  operation.location = {"versions/1.toml", 12, 1};
  const Error error = refusal(operation);
  EXPECT_EQ(error.kind(), ErrorKind::schema);
  EXPECT_EQ(error.message(), "there is no table 'heros' (did you mean 'hero'?)");
  EXPECT_EQ(error.location(), operation.location);
}

TEST(Apply, CreatesATableOnce) {
  EXPECT_EQ(refusal(CreateTable{test::hero(), false}).message(), "table 'hero' exists already");
  EXPECT_EQ(after(CreateTable{test::hero(), true}), heroes());
  Table adult = test::team();
  adult.name.name = "adult";
  EXPECT_EQ(refusal(CreateTable{adult, false}).message(), "view 'adult' has this name already");
}

TEST(Apply, RefusesATableThatDoesNotHangTogether) {
  Table table = test::team();
  table.name.name = "power";
  table.constraints.push_back(test::check("pk_team", "id > 0"));
  EXPECT_EQ(refusal(CreateTable{table, false}).message(), "table 'power' has two constraints 'pk_team'");
  table.constraints = {schema::PrimaryKey{"", {"idd"}, schema::Deferrable::no, "", {}}};
  EXPECT_EQ(refusal(CreateTable{table, false}).message(),
            "primary key (idd) names column 'idd', which table 'power' does not have (did you mean 'id'?)");
  table.constraints.clear();
  table.columns.push_back(table.columns.front());
  EXPECT_EQ(refusal(CreateTable{table, false}).message(), "table 'power' has two columns 'id'");
}

TEST(Apply, KeepsHintsOutOfTheSchema) {
  schema::Column rank = test::column("rank", Type::integer(), false);
  rank.backfill = "0";
  rank.renamed_from = {"level"};
  const Metadata schema = after(AddColumn{hero, rank, false});
  EXPECT_EQ(*schema.find_table(hero)->find_column("rank"), test::column("rank", Type::integer(), false));
}

TEST(Apply, DropsATableWithItsIndexesAndTriggersButNotWhatDependsOnIt) {
  EXPECT_EQ(refusal(DropTable{team, std::nullopt, false}).message(),
            "cannot drop table 'team': foreign key fk_hero_team (team_id) -> team(id) on 'hero' depends on it");
  EXPECT_EQ(refusal(DropTable{hero, std::nullopt, false}).message(), "cannot drop table 'hero': view 'adult' depends on it");
  Metadata schema = after(DropObject{{"view", {"", "adult"}, "", ""}, std::nullopt, false});
  schema = after(DropTable{hero, std::nullopt, false}, schema);
  EXPECT_TRUE(schema.objects.empty());
  EXPECT_EQ(schema.tables.size(), 1U);
  EXPECT_EQ(after(DropTable{hero, std::nullopt, true}, schema), schema);
}

TEST(Apply, DropsAColumnThatNothingDependsOn) {
  const Error error = refusal(DropColumn{hero, "age", std::nullopt, false});
  EXPECT_EQ(error.message(), "cannot drop column 'hero.age': check constraint ck_hero_age (age >= 0) on 'hero', view 'adult' depend on it");
  EXPECT_FALSE(error.hint().empty());
  EXPECT_THAT(refusal(DropColumn{hero, "name", std::nullopt, false}).message(), HasSubstr("index 'ix_hero_name' on 'hero'"));
  EXPECT_THAT(refusal(DropColumn{team, "id", std::nullopt, false}).message(), HasSubstr("foreign key fk_hero_team"));
  Metadata schema = heroes();
  schema.find_table(team)->columns.push_back(test::column("motto", Type::string()));
  EXPECT_EQ(after(DropColumn{team, "motto", std::nullopt, false}, schema), heroes());
}

TEST(Apply, CountsComputedColumnsAmongWhatDepends) {
  Metadata schema = heroes();
  schema::Column slug = test::column("slug", Type::string());
  slug.generated = schema::Generated{"lower(motto)", true};
  schema.find_table(team)->columns.push_back(test::column("motto", Type::string()));
  schema.find_table(team)->columns.push_back(slug);
  EXPECT_EQ(refusal(DropColumn{team, "motto", std::nullopt, false}, schema).message(),
            "cannot drop column 'team.motto': generated column 'team.slug' depends on it");
}

TEST(Apply, KeepsAKeyThatIsReferenced) {
  EXPECT_THAT(refusal(DropConstraint{team, "pk_team", std::nullopt, false}).message(), HasSubstr("foreign key fk_hero_team"));
  Metadata schema = heroes();
  schema::Index other = test::index("ux_team_id", {"id"});
  other.unique = true;
  schema.find_table(team)->indexes.push_back(other);
  schema = after(DropConstraint{team, "pk_team", std::nullopt, false}, schema);
  EXPECT_THAT(refusal(DropIndex{team, "ux_team_id", std::nullopt, false}, schema).message(), HasSubstr("foreign key fk_hero_team"));
}

TEST(Apply, FindsAUniqueIndexAmongTheConstraintsWhereADialectReadsItThere) {
  Metadata schema = heroes();
  schema::Unique unique;
  unique.name = "ux_hero_name";
  unique.columns = {"name"};
  schema.find_table(hero)->constraints.emplace_back(unique);
  EXPECT_EQ(after(DropIndex{hero, "ux_hero_name", std::nullopt, false}, schema), heroes());
  EXPECT_EQ(after(DropIndex{hero, "ux_hero_name", std::nullopt, true}, schema), heroes());
  const Metadata renamed = after(RenameIndex{hero, "ux_hero_name", "ux_name"}, schema);
  EXPECT_NE(renamed.find_table(hero)->find_constraint("ux_name"), nullptr);
  EXPECT_EQ(after(RenameIndex{hero, "ux_name", "ux_hero_name"}, renamed), schema);
  EXPECT_EQ(refusal(DropIndex{hero, "ck_hero_age", std::nullopt, false}).kind(), ErrorKind::schema);
  schema::Index from = test::index("ux_hero_name", {"name"});
  from.unique = true;
  schema::Index to = from;
  to.columns = {"name", "age"};
  const Metadata wider = after(AlterIndex{hero, from, to}, schema);
  EXPECT_EQ(std::get<schema::Unique>(*wider.find_table(hero)->find_constraint("ux_hero_name")).columns, to.columns);
  EXPECT_EQ(after(AlterIndex{hero, to, from}, wider), schema);
  to.unique = false;
  const Metadata plain = after(AlterIndex{hero, from, to}, schema);
  EXPECT_EQ(plain.find_table(hero)->find_constraint("ux_hero_name"), nullptr);
  EXPECT_EQ(*plain.find_table(hero)->find_index("ux_hero_name"), to);
  EXPECT_THAT(refusal(AlterIndex{hero, to, from}, schema).message(), HasSubstr("ux_hero_name"));
}

TEST(Apply, RenamesATableWhereverItIsNamed) {
  Metadata before = heroes();
  before.objects.at({"view", {"", "adult"}, "", ""}).depends_on = {{"table", hero, "", ""}};
  before.add(schema::Sequence{{"", "hero_id"}, "", {}, "hero.id", "", {}});
  before.find_table(hero)->constraints.push_back(test::check("ck_hero_team", "hero.team_id > 0"));
  const Metadata schema = after(RenameTable{hero, "person"}, before);
  const Name person{"", "person"};
  const Table& table = *schema.find_table(person);
  EXPECT_FALSE(schema.find_table(hero));
  EXPECT_TRUE(table.find_constraint("pk_hero")) << "a table's new name leaves those of its keys alone";
  EXPECT_EQ(std::get<schema::Check>(*table.find_constraint("ck_hero_team")).expression.declared, "person.team_id > 0");
  EXPECT_EQ(schema.sequences.at({"", "hero_id"}).owned_by, "person.id");
  EXPECT_TRUE(schema.objects.contains({"trigger", {"", "hero_log"}, "person", ""}));
  EXPECT_EQ(schema.objects.at({"trigger", {"", "hero_log"}, "person", ""}).definition.declared, "AFTER DELETE ON person BEGIN SELECT 1; END");
  const auto& adult = schema.objects.at({"view", {"", "adult"}, "", ""});
  EXPECT_EQ(adult.definition.declared, "AS SELECT name FROM person WHERE age > 17");
  EXPECT_EQ(adult.depends_on.front().name, person);
  EXPECT_EQ(key_of_hero(after(RenameTable{team, "squad"})).referenced_table, (Name{"", "squad"}));
  EXPECT_EQ(refusal(RenameTable{hero, "team"}).message(), "table 'team' exists already");
}

TEST(Apply, RenamesAColumnWhereverItIsNamed) {
  Metadata before = heroes();
  Table& table = *before.find_table(hero);
  table.indexes.push_back(test::index("ix_hero_age", {"age"}));
  table.indexes.back().where = "age IS NOT NULL";
  schema::Column twice = test::column("twice", Type::integer());
  twice.generated = schema::Generated{"age * 2", true};
  table.columns.push_back(twice);
  const Metadata schema = after(RenameColumn{hero, "age", "years"}, before);
  const Table& renamed = *schema.find_table(hero);
  EXPECT_TRUE(renamed.find_column("years"));
  EXPECT_EQ(renamed.find_column("twice")->generated->expression.declared, "years * 2");
  EXPECT_EQ(renamed.find_index("ix_hero_age")->columns.front().column, "years");
  EXPECT_EQ(renamed.find_index("ix_hero_age")->where->declared, "years IS NOT NULL");
  EXPECT_EQ(std::get<schema::Check>(*renamed.find_constraint("ck_hero_age")).expression.declared, "years >= 0");
  EXPECT_EQ(key_of_hero(after(RenameColumn{hero, "team_id", "squad"})).columns, std::vector<std::string>{"squad"});
  EXPECT_EQ(key_of_hero(after(RenameColumn{team, "id", "number"})).referenced_columns, std::vector<std::string>{"number"});
  EXPECT_THAT(refusal(RenameColumn{hero, "age", "name"}).message(), HasSubstr("has a column of that name already"));
}

TEST(Apply, MarksTextThatItCannotRewriteAndLeavesItAlone) {
  Metadata schema = after(RenameColumn{hero, "age", "years"});
  const schema::ObjectKey adult{"view", {"", "adult"}, "", ""};
  EXPECT_TRUE(schema.objects.at(adult).definition.stale);
  EXPECT_EQ(schema.objects.at(adult).definition.declared, heroes().objects.at(adult).definition.declared);
  schema = after(RenameColumn{hero, "years", "age"}, schema);
  EXPECT_TRUE(schema::equivalent(schema, heroes()));
}

TEST(Apply, RewritesTheServersSpellingToo) {
  Metadata before = heroes();
  auto& expression = std::get<schema::Check>(*before.find_table(hero)->find_constraint("ck_hero_age")).expression;
  expression.canonical = "(\"age\" >= 0)";
  const Metadata schema = after(RenameColumn{hero, "age", "years"}, before);
  EXPECT_EQ(std::get<schema::Check>(*schema.find_table(hero)->find_constraint("ck_hero_age")).expression.canonical, "(\"years\" >= 0)");
}

TEST(Apply, FindsReferencesSpelledInAnotherCase) {
  Metadata before = heroes();
  const_cast<schema::ForeignKey&>(key_of_hero(before)).referenced_table.name = "Team";
  EXPECT_EQ(key_of_hero(after(RenameTable{team, "squad"}, before)).referenced_table.name, "squad");
  // Unless that is another table.
  Table other = test::team();
  other.name.name = "Team";
  before.add(other);
  EXPECT_EQ(key_of_hero(after(RenameTable{team, "squad"}, before)).referenced_table.name, "Team");
}

AlterColumn change_age(Type from, Type to) {
  AlterColumn body;
  body.table = hero;
  body.column = "age";
  body.type = Change<Type>{std::move(from), std::move(to)};
  return body;
}

TEST(Apply, ChecksWhatAnOperationSaysWasThere) {
  EXPECT_EQ(after(change_age(Type::integer(), Type::bigint())).find_table(hero)->find_column("age")->type, Type::bigint());
  const Error error = refusal(change_age(Type::string(), Type::bigint()));
  EXPECT_EQ(error.message(), "the type of column 'hero.age' is integer here, but the operation says it was text");
  EXPECT_THAT(error.hint(), HasSubstr("--ignore-from"));
  EXPECT_EQ(after(change_age(Type::string(), Type::bigint()), heroes(), {.ignore_from = true}).find_table(hero)->find_column("age")->type,
            Type::bigint());
  AlterColumn tighten;
  tighten.table = hero;
  tighten.column = "name";
  tighten.nullable = Change<bool>{true, false};
  EXPECT_EQ(refusal(tighten).message(), "column 'hero.name' is not null here, but the operation says it was nullable");
  AlterColumn other_default;
  other_default.table = hero;
  other_default.column = "age";
  other_default.server_default = Change<schema::Boxed<Expression>>{Expression("1"), std::nullopt};
  EXPECT_EQ(refusal(other_default).message(), "the default of column 'hero.age' is none here, but the operation says it was '1'");
}

TEST(Apply, FindsAnUnnamedConstraintByWhatItSays) {
  Metadata schema = heroes();
  schema.find_table(hero)->constraints.push_back(test::check("", "\"age\" < 200"));
  EXPECT_EQ(after(DropConstraint{hero, "", test::check("", "age<200 /* years */"), false}, schema), heroes());
  EXPECT_THAT(refusal(DropConstraint{hero, "", test::check("", "age < 100"), false}, schema).message(),
              HasSubstr("has no check constraint (age < 100)"));
  EXPECT_EQ(refusal(DropConstraint{hero, "ck_hero_agee", std::nullopt, false}).message(),
            "table 'hero' has no constraint 'ck_hero_agee' (did you mean 'ck_hero_age'?)");
}

TEST(Apply, AltersOnlyWhatKeepsItsNameAndKind) {
  schema::ForeignKey late = test::foreign_key("fk_hero_team", {"team_id"}, "team", {"id"});
  const schema::ForeignKey early = late;
  late.deferrable = schema::Deferrable::initially_deferred;
  EXPECT_EQ(key_of_hero(after(AlterConstraint{hero, early, late})).deferrable, schema::Deferrable::initially_deferred);
  EXPECT_EQ(refusal(AlterConstraint{hero, late, early}).message(),
            "foreign key fk_hero_team (team_id) -> team(id) on table 'hero' is another here, but the operation says it was as in `from`");
  EXPECT_THAT(refusal(AlterConstraint{hero, early, test::check("fk_hero_team", "1")}).message(), HasSubstr("its name and kind stay"));
}

TEST(Apply, AltersAnEnumAndItsColumns) {
  Metadata before = heroes();
  before.add(schema::EnumType{{"", "rank"}, {"rookie", "veteran"}, "", {}});
  schema::Column rank = test::column("rank", Type::enumeration("rank", {"rookie", "veteran"}));
  rank.server_default = "'rookie'";
  before.find_table(hero)->columns.push_back(rank);
  AlterEnum body;
  body.type = {"", "rank"};
  body.rename = {{"rookie", "novice"}};
  body.add = {{"legend", "", "veteran"}, {"pupil", "novice", ""}};
  const Metadata schema = after(body, before);
  const std::vector<std::string> values{"pupil", "novice", "veteran", "legend"};
  EXPECT_EQ(schema.enums.at({"", "rank"}).values, values);
  EXPECT_EQ(schema.find_table(hero)->find_column("rank")->type.values, values);
  EXPECT_EQ(schema.find_table(hero)->find_column("rank")->server_default->declared, "'novice'");
  EXPECT_EQ(refusal(DropEnum{{"", "rank"}, std::nullopt, false}, before).message(), "cannot drop enum 'rank': it is the type of 'hero.rank'");
  body.rename = {{"rookies", "novice"}};
  EXPECT_EQ(refusal(body, before).message(), "enum 'rank' has no value 'rookies' (did you mean 'rookie'?)");
  const Metadata renamed = after(RenameObject{{"enum", {"", "rank"}, "", ""}, "grade"}, before);
  EXPECT_EQ(renamed.find_table(hero)->find_column("rank")->type.name, "grade");
}

TEST(Apply, DropsAViewWithItsTriggersButNotTheViewsOverIt) {
  Metadata schema = heroes();
  schema.add(test::view("elder", "AS SELECT * FROM adult"));
  schema.add(schema::Object{{"trigger", {"", "adult_log"}, "adult", ""}, "INSTEAD OF DELETE ON adult BEGIN SELECT 1; END", {}, "", {}});
  EXPECT_EQ(refusal(DropObject{{"view", {"", "adult"}, "", ""}, std::nullopt, false}, schema).message(),
            "cannot drop view adult: view 'elder' depends on it");
  schema.objects.erase({"view", {"", "elder"}, "", ""});
  schema = after(DropObject{{"view", {"", "adult"}, "", ""}, std::nullopt, false}, schema);
  EXPECT_EQ(schema.objects.size(), 1U);
}

TEST(Apply, DropsWhatDependsInARing) {
  Metadata schema = heroes();
  const schema::ObjectKey even{"function", {"", "even"}, "", ""}, odd{"function", {"", "odd"}, "", ""};
  schema.add(schema::Object{even, "() ...", {odd}, "", {}});
  schema.add(schema::Object{odd, "() ...", {even}, "", {}});
  EXPECT_EQ(after(DropObject{odd, std::nullopt, false}, after(DropObject{even, std::nullopt, false}, schema)), heroes());
}

TEST(Apply, SeesThroughSqlThatSaysWhatItDoes) {
  Sql sql{{{"default", "CREATE TABLE power (id bigint)"}}, std::nullopt, std::nullopt};
  EXPECT_EQ(after(sql), heroes());
  Table power;
  power.name.name = "power";
  power.columns = {test::column("id", Type::bigint())};
  sql.effect = Operations{CreateTable{power, false}};
  EXPECT_TRUE(after(sql).find_table({"", "power"}));
}

TEST(Apply, HoldsPartitionsAsAttachments) {
  Metadata schema = heroes();
  schema = after(AttachPartition{hero, team, "FOR VALUES IN (1)"}, schema);
  EXPECT_THAT(refusal(DropTable{team, std::nullopt, false}, schema).message(), HasSubstr("partition 'team on hero'"));
  EXPECT_EQ(after(DetachPartition{hero, team, "FOR VALUES IN (1)"}, schema), heroes());
}

TEST(Apply, DropsOnlyAnEmptySchema) {
  Metadata schema = heroes();
  schema.add(schema::Namespace{"app", "", {}});
  Table moved = test::team();
  moved.name = {"app", "squad"};
  schema.add(moved);
  EXPECT_EQ(refusal(DropSchema{"app", std::nullopt, false}, schema).message(), "cannot drop schema 'app': it holds table 'app.squad'");
  const AlterSchema comment{{"app", "", {}}, {"app", "ours", {}}};
  EXPECT_EQ(after(comment, schema).schemas.at("app").comment, "ours");
  EXPECT_EQ(after(AlterSchema{comment.to, comment.from}, after(comment, schema)), schema);
  EXPECT_THAT(refusal(AlterSchema{comment.to, comment.from}, schema).message(), HasSubstr("schema 'app' is another here"));
  EXPECT_THAT(refusal(AlterSchema{{"none", "", {}}, {"none", "x", {}}}, schema).message(), HasSubstr("none"));
  AlterTable move;
  move.table = {"app", "squad"};
  move.schema = Change<std::string>{"app", ""};
  schema = after(DropSchema{"app", std::nullopt, false}, after(move, schema));
  EXPECT_TRUE(schema.find_table({"", "squad"}));
}

}  // namespace
}  // namespace aludel::op
