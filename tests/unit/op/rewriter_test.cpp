#include <aludel/op/rewriter.hpp>

#include <gtest/gtest.h>

namespace aludel::op {
namespace {

using schema::Name;

const Rewriter& rewriter() { return standard_rewriter(); }
const Name hero{"", "hero"};

std::optional<std::string> rename_column(std::string_view text, std::string column, std::string to, TextKind kind = TextKind::expression) {
  return rewriter().rewrite(text, kind, hero, {hero, std::move(column), std::move(to)});
}

std::optional<std::string> rename_table(std::string_view text, std::string table, std::string to, TextKind kind = TextKind::definition) {
  return rewriter().rewrite(text, kind, {"", "a_view"}, {{"", std::move(table)}, "", std::move(to)});
}

struct Case {
  std::string text, expected;
};
void PrintTo(const Case& value, std::ostream* out) { *out << value.text; }

class RenamesTheColumnAge : public testing::TestWithParam<Case> {};

TEST_P(RenamesTheColumnAge, InAnExpression) { EXPECT_EQ(rename_column(GetParam().text, "age", "years"), GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(, RenamesTheColumnAge,
                         testing::Values(Case{"age >= 0", "years >= 0"}, Case{"AGE>=0 and Age<200", "years>=0 and years<200"},
                                         Case{"\"age\" > 0", "\"years\" > 0"}, Case{"`age` > [age]", "`years` > [years]"},
                                         Case{"hero.age > 0", "hero.years > 0"}, Case{"\"hero\".\"age\" > 0", "\"hero\".\"years\" > 0"},
                                         Case{"name <> 'age'", "name <> 'age'"}, Case{"name <> 'it''s age'", "name <> 'it''s age'"},
                                         Case{"page > 0", "page > 0"}, Case{"age2 > 0", "age2 > 0"}, Case{"age > 0 -- age\n", "years > 0 -- age\n"},
                                         Case{"age /* age */ > 0", "years /* age */ > 0"}, Case{"age(age) > 0", "age(years) > 0"},
                                         Case{"team.age > 0", "team.age > 0"}, Case{"1e5 < age", "1e5 < years"},
                                         Case{"x::age > age", "x::age > years"}, Case{"cast(age AS integer) > 0", "cast(years AS integer) > 0"},
                                         Case{"E'\\'age' <> age", "E'\\'age' <> years"},
                                         Case{"extract(age FROM age) > 0", "extract(age FROM years) > 0"}, Case{"", ""}));

TEST(Rewriter, QuotesTheNewNameWhereItHasTo) {
  EXPECT_EQ(rename_column("age > 0", "age", "two words"), "\"two words\" > 0");
  EXPECT_EQ(rename_column("age > 0", "age", "select"), "\"select\" > 0");
  EXPECT_EQ(rename_column("age > 0", "age", "Mixed"), "\"Mixed\" > 0");
  EXPECT_EQ(rename_column("age > 0", "age", "quo\"te"), "\"quo\"\"te\" > 0");
  EXPECT_EQ(rename_column("`age` > 0", "age", "back`tick"), "`back``tick` > 0");
  EXPECT_EQ(rename_column("[age] > 0", "age", "bra]cket"), "\"bra]cket\" > 0");
  EXPECT_EQ(rename_column("\"two words\" > 0", "two words", "age"), "\"age\" > 0");
}

TEST(Rewriter, CannotTellWhereAKeywordMayBeMeant) {
  EXPECT_EQ(rename_column("x < current_date", "current_date", "day"), std::nullopt);
  EXPECT_EQ(rename_column("\"current_date\" > 0", "current_date", "day"), "\"day\" > 0");
  EXPECT_EQ(rename_column("x = 1 AND y = 2", "and", "both"), "x = 1 AND y = 2");
}

TEST(Rewriter, CannotTellWhereTheNewNameStandsAlready) { EXPECT_EQ(rename_column("age > years", "age", "years"), std::nullopt); }

TEST(Rewriter, CannotTellWhereOnlyTheCaseOfAQuotedNameDiffers) { EXPECT_EQ(rename_column("\"Age\" > 0", "age", "years"), std::nullopt); }

TEST(Rewriter, RenamesATableInADefinitionWhereItStandsAsATable) {
  EXPECT_EQ(rename_table("AS SELECT name FROM hero WHERE age > 17", "hero", "person"), "AS SELECT name FROM person WHERE age > 17");
  EXPECT_EQ(rename_table("AS SELECT hero.name FROM team JOIN hero ON hero.team_id = team.id", "hero", "person"),
            "AS SELECT person.name FROM team JOIN person ON person.team_id = team.id");
  EXPECT_EQ(rename_table("AS SELECT 1 FROM team, hero", "hero", "person"), "AS SELECT 1 FROM team, person");
  EXPECT_EQ(rename_table("AFTER UPDATE ON hero BEGIN INSERT INTO log SELECT id FROM hero; UPDATE hero SET a = 1; DELETE FROM \"hero\"; END", "hero",
                         "person"),
            "AFTER UPDATE ON person BEGIN INSERT INTO log SELECT id FROM person; UPDATE person SET a = 1; DELETE FROM \"person\"; END");
  EXPECT_EQ(rename_table("AS SELECT 'hero' FROM team -- hero", "hero", "person"), "AS SELECT 'hero' FROM team -- hero");
  EXPECT_EQ(rename_table("AS SELECT hero FROM team", "hero", "person"), "AS SELECT hero FROM team");
  EXPECT_EQ(rename_table("AS SELECT hero(1) FROM hero", "hero", "person"), "AS SELECT hero(1) FROM person");
}

TEST(Rewriter, KnowsTheSchemaOfATable) {
  const auto rename = [](std::string_view text) {
    return rewriter().rewrite(text, TextKind::definition, {"", "v"}, {{"app", "hero"}, "", "person"});
  };
  EXPECT_EQ(rename("AS SELECT 1 FROM app.hero"), "AS SELECT 1 FROM app.person");
  EXPECT_EQ(rename("AS SELECT app.hero.id FROM app.hero"), "AS SELECT app.person.id FROM app.person");
  EXPECT_EQ(rename("AS SELECT 1 FROM other.hero"), "AS SELECT 1 FROM other.hero");
}

TEST(Rewriter, KnowsTheDefaultSchemaByItsUsualNames) {
  EXPECT_EQ(rename_table("AS SELECT 1 FROM main.hero", "hero", "person"), std::nullopt);
  EXPECT_EQ(rename_table("AS SELECT 1 FROM app.hero", "hero", "person"), "AS SELECT 1 FROM app.hero");
  EXPECT_TRUE(rewriter().mentions_table("AS SELECT 1 FROM public.hero", hero));
  EXPECT_FALSE(rewriter().mentions_table("AS SELECT 1 FROM app.hero", hero));
}

TEST(Rewriter, CannotTellAnAliasOrAColumnFromTheTable) {
  EXPECT_EQ(rename_table("AS SELECT hero.a FROM team AS hero JOIN hero AS h", "hero", "person"), std::nullopt);
  EXPECT_EQ(rename_table("AS WITH hero AS (SELECT 1) SELECT * FROM hero", "hero", "person"), std::nullopt);
  EXPECT_EQ(rename_table("AS SELECT hero FROM hero", "hero", "person"), std::nullopt);
  EXPECT_EQ(rename_table("AS SELECT person.x FROM hero AS person", "hero", "person"), std::nullopt);
  EXPECT_EQ(rename_table("() LANGUAGE plpgsql AS $$ BEGIN DELETE FROM hero; END $$", "hero", "person"), std::nullopt);
}

TEST(Rewriter, CannotTellWhoseColumnADefinitionNames) {
  EXPECT_EQ(rename_table("AS SELECT name AS person FROM team", "hero", "person"), "AS SELECT name AS person FROM team") << "a column calls itself so";
  EXPECT_EQ(rename_table("AS SELECT person.name FROM team AS person", "hero", "person"), "AS SELECT person.name FROM team AS person");
  EXPECT_EQ(rename_table("AS SELECT name FROM person", "hero", "person"), std::nullopt) << "another person, who is not there yet";
  EXPECT_EQ(rename_table("AS SELECT name AS person FROM hero", "hero", "person"), std::nullopt);
  EXPECT_EQ(rename_column("AS SELECT age FROM hero", "age", "years", TextKind::definition), std::nullopt);
  EXPECT_EQ(rename_column("AS SELECT age FROM team", "age", "years", TextKind::definition), "AS SELECT age FROM team");
  EXPECT_EQ(rename_column("AS SELECT name FROM hero", "age", "years", TextKind::definition), "AS SELECT name FROM hero");
  EXPECT_EQ(rename_column("AS SELECT team.age FROM hero JOIN team", "age", "years", TextKind::definition), "AS SELECT team.age FROM hero JOIN team");
}

TEST(Rewriter, SeesWhichNamesATextMentions) {
  EXPECT_TRUE(rewriter().mentions_column("length(\"two words\") > 0", hero, "two words"));
  EXPECT_TRUE(rewriter().mentions_column("AGE > 0", hero, "age"));
  EXPECT_FALSE(rewriter().mentions_column("'age' <> name", hero, "age"));
  EXPECT_FALSE(rewriter().mentions_column("age(name) > 0", hero, "age"));
  EXPECT_TRUE(rewriter().mentions_table("AS SELECT 1 FROM \"hero\"", hero));
  EXPECT_FALSE(rewriter().mentions_table("AS SELECT hero FROM team", hero));
  EXPECT_FALSE(rewriter().mentions_table("AS SELECT 1 FROM team /* hero */", hero));
  EXPECT_TRUE(rewriter().definition_mentions_column("AS SELECT age FROM hero", hero, "age"));
  EXPECT_FALSE(rewriter().definition_mentions_column("AS SELECT name AS age FROM hero", hero, "age"));
  EXPECT_FALSE(rewriter().definition_mentions_column("AS SELECT age FROM team", hero, "age"));
}

TEST(Rewriter, SurvivesTextThatIsNotClosed) {
  for (const char* text : {"'", "\"", "[", "$$", "$a$", "/*", "--", "(", ")", "e'", "1e", "a.", ".", "::", "\"age", "age'"}) {
    (void)rename_column(text, "age", "years");
    (void)rename_table(text, "age", "years");
  }
  EXPECT_EQ(rename_column("age > '", "age", "years"), "years > '");
}

}  // namespace
}  // namespace aludel::op
