// The tutorial of apps/hero, as ./dev demo walks through it, in every dialect.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/project.hpp"

namespace aludel::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class Hero : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Dialects, Hero, testing::ValuesIn(system_names()), [](const auto& parameter) { return parameter.param; });

TEST_P(Hero, TheTutorialIsWalkedToItsEnd) {
  Project project(GetParam());
  project.environment["HERO_DATABASE_URL"] = project.url();
  project.environment["HERO_DIRECTORY"] = project.file("demo").string();
  const Outcome walked = run_program({ALUDEL_SOURCE_DIR "/apps/hero/demo.sh", ALUDEL_BINARY_DIR}, project.directory(), project.environment);
  ASSERT_EQ(walked.code, 0) << walked.all();
  // Every hero of the first day is there at the end, with the age and the rank that the models give.
  EXPECT_EQ(project.sql("SELECT name, alias, age, " + project.system().quoted("rank") + " FROM hero ORDER BY id"),
            "Deadpond|Dive Wilson|28|rookie\nSpider-Boy|Pedro Parqueador|18|rookie\nRusty-Man|Tommy Sharp|48|rookie\n");
  EXPECT_THAT(walked.out, HasSubstr("the database is what the target says"));
  EXPECT_THAT(walked.all(), Not(HasSubstr("warning")));
  EXPECT_EQ(walked.err, "");
}

}  // namespace
}  // namespace aludel::test
