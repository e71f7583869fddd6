#include "migrate/guarded_connection.hpp"

#include <gtest/gtest.h>

namespace aludel::migrate {
namespace {

TEST(TransactionControlTest, IsSeenThroughCommentsCaseAndSemicolons) {
  for (const auto* sql :
       {"BEGIN", "begin immediate", "  \n\tCommit;", "-- why not\nROLLBACK", "/* a */ /* b */END", ";;COMMIT", "START TRANSACTION",
        "start /* x */ transaction", "rollback transaction", "ROLLBACK WORK", "ABORT", "PREPARE TRANSACTION 'x'", "COMMIT AND CHAIN"})
    EXPECT_TRUE(controls_transaction(sql)) << sql;
}

TEST(TransactionControlTest, LeavesSavepointsAndOtherWordsAlone) {
  for (const auto* sql :
       {"", "-- COMMIT", "/* COMMIT", "SELECT 'COMMIT'", "SAVEPOINT a", "RELEASE a", "ROLLBACK TO a", "ROLLBACK TRANSACTION TO SAVEPOINT a",
        "UPDATE t SET commit = 1", "ENDPOINT", "BEGINNING", "PREPARE q AS SELECT 1", "START_IT", "INSERT INTO begin VALUES (1)"})
    EXPECT_FALSE(controls_transaction(sql)) << sql;
}

}  // namespace
}  // namespace aludel::migrate
