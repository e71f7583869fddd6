// A revision that stopped in the middle, as a user meets it: what is said, what `resolve` and `unlock` do, and which exit codes come of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/project.hpp"

namespace aludel::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class HalfApplied : public testing::TestWithParam<std::string> {
 protected:
  HalfApplied() : project(GetParam()) {
    project.with_sql_target("CREATE TABLE hero (id INTEGER PRIMARY KEY);");
    project.revision("aaaa00000001", "", "[[upgrade]]\nsql = \"CREATE TABLE hero (id BIGINT PRIMARY KEY)\"\neffect = []\n");
    write_second("nonsense");
  }
  void write_second(const std::string& column) const {
    project.revision("aaaa00000002", "aaaa00000001",
                     "[[upgrade]]\nsql = \"INSERT INTO hero (id) VALUES (1)\"\nundo = \"DELETE FROM hero\"\neffect = []\n"
                     "[[upgrade]]\nsql = \"INSERT INTO hero (" +
                         column + ") VALUES (2)\"\nundo = \"DELETE FROM hero WHERE id = 2\"\neffect = []\n",
                     "transaction = false\n");
  }
  Outcome run(const std::vector<std::string>& arguments, int code = 0) const {
    const Outcome outcome = project.aludel(arguments);
    EXPECT_EQ(outcome.code, code) << outcome.all();
    return outcome;
  }
  /// As if the process had died between the statement and its row.
  void forget_the_outcome() const { project.sql("UPDATE aludel_journal SET state = 'intent', error = '' WHERE state = 'failed' AND position > 0"); }

  Project project;
};
INSTANTIATE_TEST_SUITE_P(Dialects, HalfApplied, testing::ValuesIn(system_names()), [](const auto& parameter) { return parameter.param; });

TEST_P(HalfApplied, IsToldOfAndGoesOnWithTheMendedFile) {
  EXPECT_THAT(run({"upgrade", "head"}, 4).err, AllOf(HasSubstr("1 of 2 segments are done and stay"), HasSubstr("`aludel upgrade` goes on")));
  EXPECT_THAT(run({"status"}).all(), AllOf(HasSubstr("aaaa00000002 stopped in the middle: 1 of 2 statements applied, segment 2 of 2 failed"),
                                           HasSubstr("INSERT INTO hero (nonsense)"), HasSubstr("last failure")));
  EXPECT_THAT(run({"resolve"}).out, AllOf(HasSubstr("1 of 2 statements"), HasSubstr("the server refused the statement")));
  EXPECT_THAT(run({"upgrade", "head", "--dry-run"}).out, AllOf(HasSubstr("(nonsense)"), testing::Not(HasSubstr("VALUES (1)"))));
  run({"stamp", "aaaa00000001"}, 4);
  run({"resolve", "--applied"}, 1);

  write_second("id");
  EXPECT_THAT(run({"upgrade", "head"}).all(), HasSubstr("what ran is unchanged in it"));
  EXPECT_EQ(project.sql("SELECT id FROM hero ORDER BY id"), "1\n2\n");
  EXPECT_THAT(run({"resolve"}).out, HasSubstr("no revision is in the middle"));
  EXPECT_THAT(run({"unlock"}).out, HasSubstr("nobody holds the lock"));
}

TEST_P(HalfApplied, IsSettledWhereTheDatabaseCannotTell) {
  run({"upgrade", "head"}, 4);
  forget_the_outcome();
  EXPECT_THAT(run({"upgrade", "head"}, 4).err,
              AllOf(HasSubstr("1 of 2 statements applied"), HasSubstr("is not declared"), HasSubstr("aludel resolve")));
  EXPECT_THAT(run({"resolve"}).out, AllOf(HasSubstr("INSERT INTO hero (nonsense)"), HasSubstr("--applied or --not-applied")));
  run({"resolve", "--not-applied"});
  write_second("id");
  run({"upgrade", "head"});
  EXPECT_EQ(project.sql("SELECT id FROM hero ORDER BY id"), "1\n2\n");
  run({"downgrade", "-1"});
  EXPECT_EQ(project.sql("SELECT count(*) FROM hero"), "0\n");
}

TEST_P(HalfApplied, IsUndone) {
  run({"upgrade", "head"}, 4);
  EXPECT_THAT(run({"resolve", "--undo"}).out, HasSubstr("nothing of revision aaaa00000002 is there any more"));
  EXPECT_EQ(project.sql("SELECT count(*) FROM hero"), "0\n");
  EXPECT_THAT(run({"current"}).out, HasSubstr("aaaa00000001"));
  run({"resolve", "--undo"}, 1);
  write_second("id");
  run({"upgrade", "head"});
  EXPECT_EQ(project.sql("SELECT id FROM hero ORDER BY id"), "1\n2\n");
}

TEST_P(HalfApplied, ARelativeDowngradeUndoesItAlone) {
  run({"upgrade", "head"}, 4);
  run({"downgrade", "-1"});
  EXPECT_EQ(project.sql("SELECT count(*) FROM hero"), "0\n");
  EXPECT_THAT(run({"current"}).out, HasSubstr("aaaa00000001"));
}

class SqliteHalfApplied : public HalfApplied {};
INSTANTIATE_TEST_SUITE_P(Dialects, SqliteHalfApplied, testing::Values("sqlite"), [](const auto& parameter) { return std::string(parameter.param); });

TEST_P(SqliteHalfApplied, ByARunnerThatMayLiveIsLeftAloneUntilSomebodyKnowsBetter) {
  run({"upgrade", "head"}, 4);
  forget_the_outcome();
  project.sql("UPDATE aludel_journal SET who = 'somebody@elsewhere pid 1' WHERE state = 'intent'");
  EXPECT_THAT(run({"upgrade", "head", "--lock-wait", "300ms"}, 5).err, HasSubstr("somebody@elsewhere pid 1 runs revision"));
  EXPECT_THAT(run({"status"}).out, HasSubstr("locked by somebody@elsewhere pid 1"));
  EXPECT_THAT(run({"unlock"}, 6).err, HasSubstr("may be at work"));
  EXPECT_THAT(run({"unlock", "--force"}).out, HasSubstr("freed"));
  EXPECT_THAT(run({"upgrade", "head"}, 4).err, HasSubstr("aludel resolve"));
}

}  // namespace
}  // namespace aludel::test
