#include <aludel/error.hpp>
#include <aludel/revision/graph.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace aludel::revision {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using Ids = std::vector<std::string>;

Revision make(std::string id, Ids parents, Ids depends_on = {}, Ids labels = {}) {
  Revision revision;
  revision.file = "versions/" + id + ".toml";
  revision.message = "make " + id;
  revision.id = std::move(id);
  revision.down_revisions = std::move(parents);
  revision.depends_on = std::move(depends_on);
  revision.branch_labels = std::move(labels);
  return revision;
}

/// base1 - base2 - left1 - left2 - merge - top, and right1 beside left.
Graph diamond() {
  return Graph({make("base1", {}), make("base2", {"base1"}), make("left1", {"base2"}, {}, {"left"}), make("left2", {"left1"}),
                make("right1", {"base2"}, {}, {"right"}), make("merge", {"left2", "right1"}), make("top1", {"merge"})});
}

Error error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return Error(ErrorKind::internal, "nothing was thrown");
}

Ids ids_of(const std::vector<Step>& steps) {
  Ids result;
  for (const auto& step : steps) result.push_back(step.revision);
  return result;
}

TEST(GraphTest, NamesBothFilesOfADuplicateId) {
  auto copy = make("base1", {});
  copy.file = "versions/copy.toml";
  const auto error = error_of([&] { Graph({make("base1", {}), copy}); });
  EXPECT_EQ(error.kind(), ErrorKind::revision);
  EXPECT_EQ(error.message(), "two revisions have the id 'base1': versions/base1.toml and versions/copy.toml");
}

TEST(GraphTest, NamesAMissingParentAndTheNearestId) {
  const auto error = error_of([] { Graph({make("4f6c1a2b9d3e", {}), make("1975ea83b712", {"4f6c1a2b9d3f"})}); });
  EXPECT_EQ(error.message(), "down_revision of revision '1975ea83b712' is '4f6c1a2b9d3f', which no revision has (did you mean '4f6c1a2b9d3e'?)");
  EXPECT_EQ(error.location().file, "versions/1975ea83b712.toml");
}

TEST(GraphTest, NamesAMissingDependency) {
  const auto error = error_of([] { Graph({make("base1", {}, {"gone"})}); });
  EXPECT_THAT(error.message(), HasSubstr("depends_on of revision 'base1' is 'gone'"));
}

TEST(GraphTest, NamesEveryMemberOfACycleAndNobodyElse) {
  const auto error = error_of([] {
    Graph({make("base1", {}), make("one", {"base1", "three"}), make("two", {"one"}), make("three", {"two"}), make("after", {"three"})});
  });
  EXPECT_THAT(error.message(), StartsWith("these revisions stand on each other in a cycle: "));
  for (const auto* id : {"one (", "two (", "three ("}) EXPECT_THAT(error.message(), HasSubstr(id));
  for (const auto* id : {"base1", "after"}) EXPECT_THAT(error.message(), testing::Not(HasSubstr(id)));
}

TEST(GraphTest, FindsACycleThroughADependencyAndOneOfItself) {
  EXPECT_THAT(error_of([] { Graph({make("one", {}, {"two"}), make("two", {"one"})}); }).message(), HasSubstr("cycle"));
  EXPECT_THAT(error_of([] { Graph({make("one", {"one"})}); }).message(), HasSubstr("one (versions/one.toml) -> one"));
}

TEST(GraphTest, RefusesALabelUsedTwice) {
  const auto error = error_of([] { Graph({make("one", {}, {}, {"api"}), make("two", {}, {}, {"api"})}); });
  EXPECT_EQ(error.message(), "the branch label 'api' is used twice: by revision 'one' (versions/one.toml) and by 'two'");
}

TEST(GraphTest, RefusesIdsThatCouldNotBeTyped) {
  for (const auto* id : {"", "head", "base", "a-1", "a+1", "a b", "a@b", "a:b", "a,b", "a\nb"})
    EXPECT_EQ(error_of([&] { Graph({make(id, {})}); }).kind(), ErrorKind::revision) << id;
}

TEST(GraphTest, KnowsHeadsBasesAndChildren) {
  const auto graph = diamond();
  EXPECT_THAT(graph.heads(), ElementsAre("top1"));
  EXPECT_THAT(graph.bases(), ElementsAre("base1"));
  EXPECT_THAT(graph.children("base2"), ElementsAre("left1", "right1"));
  EXPECT_THAT(graph.children("top1"), IsEmpty());
  EXPECT_THAT(Graph().heads(), IsEmpty());
}

TEST(GraphTest, UpgradesThroughAMergeParentsFirst) {
  const auto steps = diamond().upgrade({}, Ids{"top1"});
  EXPECT_THAT(ids_of(steps), ElementsAre("base1", "base2", "left1", "left2", "right1", "merge", "top1"));
  EXPECT_THAT(steps[4].heads_after, ElementsAre("left2", "right1"));
  EXPECT_THAT(steps[5].heads_after, ElementsAre("merge"));
}

TEST(GraphTest, OlderRevisionsComeFirstAmongEquals) {
  auto a = make("aaaa", {"base1"});
  a.created = "2026-02-01T00:00:00Z";
  auto b = make("bbbb", {"base1"});
  b.created = "2026-01-01T00:00:00Z";
  EXPECT_THAT(Graph({make("base1", {}), a, b}).topological(), ElementsAre("base1", "bbbb", "aaaa"));
}

TEST(GraphTest, UpgradeRunsOnlyWhatIsMissing) {
  EXPECT_THAT(ids_of(diamond().upgrade(Ids{"left2"}, Ids{"merge"})), ElementsAre("right1", "merge"));
  EXPECT_THAT(diamond().upgrade(Ids{"top1"}, Ids{"left1"}), IsEmpty());
}

TEST(GraphTest, DowngradeUndoesWhatStandsOnTheTargetAndLeavesOtherBranches) {
  const Graph graph({make("base1", {}), make("left1", {"base1"}), make("left2", {"left1"}), make("right1", {"base1"})});
  const auto steps = graph.downgrade(Ids{"left2", "right1"}, Ids{"left1"});
  EXPECT_THAT(ids_of(steps), ElementsAre("left2"));
  EXPECT_THAT(steps[0].heads_after, ElementsAre("left1", "right1"));
}

TEST(GraphTest, DowngradeUndoesWhatDependsOnTheUndone) {
  const Graph graph({make("one", {}), make("two", {"one"}), make("other", {}, {"two"})});
  EXPECT_THAT(ids_of(graph.downgrade(Ids{"two", "other"}, Ids{"one"})), ElementsAre("other", "two"));
}

TEST(GraphTest, DowngradeBelowAMergeLeavesBothParents) {
  const auto steps = diamond().downgrade(Ids{"top1"}, Ids{"left2"});
  EXPECT_THAT(ids_of(steps), ElementsAre("top1", "merge"));
  EXPECT_THAT(steps.back().heads_after, ElementsAre("left2", "right1"));
}

TEST(GraphTest, DowngradeToBaseUndoesAll) {
  const auto steps = diamond().downgrade(Ids{"top1"}, {});
  EXPECT_EQ(steps.size(), 7U);
  EXPECT_THAT(steps.back().heads_after, IsEmpty());
}

TEST(GraphTest, RefusesToDowngradeToWhatIsNotApplied) {
  const auto error = error_of([] { diamond().downgrade(Ids{"left1"}, Ids{"right1"}); });
  EXPECT_EQ(error.message(), "cannot downgrade to revision 'right1': the database is not past it");
  EXPECT_THAT(error.hint(), HasSubstr("left1"));
}

TEST(GraphTest, RefusesHeadsThatNoFileHas) {
  EXPECT_THAT(error_of([] { diamond().upgrade(Ids{"gone"}, Ids{"top1"}); }).message(), HasSubstr("there is no revision 'gone'"));
}

TEST(ResolveTest, ReadsWhatAPersonTypes) {
  const auto graph = diamond();
  const Ids at_left{"left1"};
  EXPECT_THAT(graph.resolve("head"), ElementsAre("top1"));
  EXPECT_THAT(graph.resolve("base"), IsEmpty());
  EXPECT_THAT(graph.resolve("current", at_left), ElementsAre("left1"));
  EXPECT_THAT(graph.resolve("merge"), ElementsAre("merge"));
  EXPECT_THAT(graph.resolve("merg"), ElementsAre("merge"));
  EXPECT_THAT(graph.resolve("right"), ElementsAre("right1"));
  EXPECT_THAT(graph.resolve("right@head"), ElementsAre("top1"));
  EXPECT_THAT(graph.resolve("+1", at_left), ElementsAre("left2"));
  EXPECT_THAT(graph.resolve("+2", at_left), ElementsAre("merge"));
  EXPECT_THAT(graph.resolve("-1", at_left), ElementsAre("base2"));
  EXPECT_THAT(graph.resolve("-3", at_left), IsEmpty());
  EXPECT_THAT(graph.resolve("head-1"), ElementsAre("merge"));
  EXPECT_THAT(graph.resolve("head-2"), ElementsAre("left2", "right1"));
  EXPECT_THAT(graph.resolve("merge+1"), ElementsAre("top1"));
  EXPECT_THAT(graph.resolve("+1"), ElementsAre("base1"));
}

TEST(ResolveTest, ReadsARange) {
  const auto graph = diamond();
  EXPECT_EQ(graph.range(""), graph.topological());
  EXPECT_THAT(graph.range("left1:merge"), ElementsAre("left1", "left2", "right1", "merge"));
  EXPECT_THAT(graph.range(":left1"), ElementsAre("base1", "base2", "left1"));
  EXPECT_THAT(graph.range("merge:"), ElementsAre("merge", "top1"));
  EXPECT_THAT(graph.range("left1"), ElementsAre("left1"));
  EXPECT_THAT(graph.range("current:head-1", Ids{"left2"}), ElementsAre("left2", "right1", "merge"));
  EXPECT_EQ(error_of([&] { graph.range("gone:"); }).kind(), ErrorKind::revision);
}

TEST(ResolveTest, NamesBothHeadsWhenHeadIsAmbiguous) {
  const Graph graph({make("base1", {}), make("left1", {"base1"}), make("right1", {"base1"})});
  const auto error = error_of([&] { (void)graph.resolve("head"); });
  EXPECT_EQ(error.message(), "there are 2 heads: left1 (make left1), right1 (make right1)");
  EXPECT_THAT(error.hint(), HasSubstr("'heads'"));
  EXPECT_THAT(graph.resolve("heads"), ElementsAre("left1", "right1"));
}

TEST(ResolveTest, ExplainsWhatItCannotRead) {
  const auto graph = diamond();
  EXPECT_EQ(error_of([&] { (void)graph.resolve("left3"); }).message(), "there is no revision 'left3' (did you mean 'left1'?)");
  EXPECT_EQ(error_of([&] { (void)graph.resolve("base3"); }).message().substr(0, 29), "there is no revision 'base3' ");
  EXPECT_THAT(error_of([&] { (void)Graph().resolve("abcd"); }).hint(), HasSubstr("there are no revisions yet"));
  EXPECT_EQ(error_of([&] { (void)graph.resolve("+x"); }).message(), "cannot read '+x' as a revision");
  EXPECT_THAT(error_of([&] { (void)graph.resolve("+9", Ids{"left1"}); }).message(), HasSubstr("goes too far: there are only 3 revisions above"));
  EXPECT_THAT(error_of([&] { (void)graph.resolve("-9", Ids{"left1"}); }).message(), HasSubstr("goes too far"));
  EXPECT_THAT(error_of([&] { (void)graph.resolve("base2+1"); }).message(), HasSubstr("the way up parts here: left1"));
  EXPECT_THAT(error_of([&] { (void)graph.resolve("head-3"); }).message(), HasSubstr("parts below a merge"));
  EXPECT_THAT(error_of([&] { (void)graph.resolve("-1", Ids{"left1", "right1"}); }).message(), HasSubstr("several revisions"));
  EXPECT_THAT(error_of([&] { (void)graph.resolve("left@foot"); }).hint(), HasSubstr("LABEL@head"));
}

TEST(ResolveTest, NamesTheCandidatesOfAnAmbiguousPrefix) {
  const Graph graph({make("abcd1", {}), make("abcd2", {"abcd1"}), make("abc", {"abcd2"})});
  EXPECT_EQ(error_of([&] { (void)graph.resolve("abcd"); }).message(),
            "the revision 'abcd' is ambiguous; these begin so: abcd1 (make abcd1), abcd2 (make abcd2)");
  EXPECT_THAT(graph.resolve("abc"), ElementsAre("abc"));
  EXPECT_THAT(error_of([&] { (void)graph.resolve("ab"); }).message(), HasSubstr("there is no revision 'ab'"));
}

TEST(GraphTest, TenThousandRevisionsTakeLinearTime) {
  const auto build = [](int count) {
    std::vector<Revision> revisions;
    for (int i = 0; i < count; ++i) {
      const auto id = [](int number) { return "r" + std::to_string(100'000 + number); };
      revisions.push_back(make(id(i), i == 0 ? Ids{} : Ids{id(i - 1)}));
    }
    const auto start = std::chrono::steady_clock::now();
    const Graph graph(std::move(revisions));
    EXPECT_EQ(graph.upgrade({}, graph.heads()).size(), static_cast<std::size_t>(count));
    EXPECT_EQ(graph.downgrade(graph.heads(), {}).size(), static_cast<std::size_t>(count));
    return std::chrono::steady_clock::now() - start;
  };
  (void)build(1'000);
  // A quadratic step anywhere would take minutes here.
  EXPECT_LT(build(10'000), std::chrono::seconds(5));
}

TEST(RevisionTest, IdentifiersAreTwelveHexDigitsAndDiffer) {
  const auto id = new_identifier();
  EXPECT_EQ(id.size(), 12U);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_NE(id, new_identifier());
}

}  // namespace
}  // namespace aludel::revision
