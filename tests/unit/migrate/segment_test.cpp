#include <aludel/migrate/segment.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aludel::migrate {

void PrintTo(const Segment& segment, std::ostream* out) {
  *out << "{" << segment.first << ", " << segment.count << (segment.transactional ? ", transaction}" : ", alone}");
}

namespace {

using dialect::Boundary;
using testing::ElementsAre;

std::vector<dialect::Statement> statements(std::initializer_list<Boundary> boundaries) {
  std::vector<dialect::Statement> result;
  for (const auto boundary : boundaries) {
    dialect::Statement statement;
    statement.boundary = boundary;
    result.push_back(statement);
  }
  return result;
}

constexpr auto none = Boundary::none;
constexpr auto commits = Boundary::commit_after;
constexpr auto outside = Boundary::outside_transaction;
constexpr CutOptions transactional{true, true};
constexpr CutOptions implicit{false, true};

TEST(SegmentTest, TransactionalStatementsCommitTogether) {
  EXPECT_THAT(cut(statements({none, none, none}), transactional), ElementsAre(Segment{0, 3, true}));
}

TEST(SegmentTest, ARevisionWithoutStatementsStillHasASegmentForItsJournalRow) {
  EXPECT_THAT(cut({}, transactional), ElementsAre(Segment{0, 0, true}));
  EXPECT_THAT(cut({}, CutOptions{false, false}), ElementsAre(Segment{0, 0, true}));
}

TEST(SegmentTest, ACommitThatTheServerDemandsEndsTheTransactionBehindTheStatement) {
  EXPECT_THAT(cut(statements({none, commits, none, none}), transactional), ElementsAre(Segment{0, 2, true}, Segment{2, 2, true}));
  EXPECT_THAT(cut(statements({commits, commits}), transactional), ElementsAre(Segment{0, 1, true}, Segment{1, 1, true}));
}

TEST(SegmentTest, WhatCannotRunInATransactionStandsAlone) {
  EXPECT_THAT(cut(statements({none, outside, none}), transactional), ElementsAre(Segment{0, 1, true}, Segment{1, 1, false}, Segment{2, 1, true}));
}

TEST(SegmentTest, ImplicitCommitsStandAloneWhereDdlIsNotTransactionalAndDataCommitsWithItsJournalRow) {
  EXPECT_THAT(cut(statements({commits, none, none, commits}), implicit),
              ElementsAre(Segment{0, 1, false}, Segment{1, 2, true}, Segment{3, 1, false}));
}

TEST(SegmentTest, ARevisionThatWantsNoTransactionRunsEveryStatementAlone) {
  EXPECT_THAT(cut(statements({none, commits}), CutOptions{true, false}), ElementsAre(Segment{0, 1, false}, Segment{1, 1, false}));
}

}  // namespace
}  // namespace aludel::migrate
