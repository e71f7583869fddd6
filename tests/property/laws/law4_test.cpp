#include "subject.hpp"
#include "support/run_script.hpp"

#include <aludel/autogenerate/autogenerate.hpp>
#include <aludel/diff/compare.hpp>
#include <aludel/op/codec.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

/// Law 4, the database is the judge of equality: what it was given is what it says it holds, whatever the spelling.
namespace aludel {
namespace {

using schema::Metadata;
using test::Database;
using test::Random;
using test::Subject;

std::string differences(const Metadata& from, const Metadata& to, const diff::Options& options) {
  std::string lines;
  for (const auto& operation : diff::compare(from, to, options).operations) lines += op::describe(operation) + "\n";
  return lines;
}

void check_case(Subject& subject, Random& random, std::string& trace, std::size_t& ran) {
  const auto first = subject.empty();
  const diff::Options options = autogenerate::comparison_options(first->dialect(), first->connection().server());
  const Metadata declared = test::random_schema(random, subject.shape());
  trace = test::dump(declared);
  const Metadata canonical = first->canonical(declared);
  const dialect::Script script = first->render(op::create_operations(canonical), {});
  trace += test::script_text(script);
  test::run_script(first->connection(), script);
  const Metadata found = first->schema();
  EXPECT_EQ(differences(found, canonical, options), "") << "what was asked for is not what is there";
  EXPECT_EQ(differences(found, first->canonical(found), options), "") << "canonicalise changes what the database said";

  const auto second = subject.empty();
  dialect::Script respelt = script;
  for (dialect::Statement& statement : respelt.statements) statement.sql = subject.respelt(random, statement.sql);
  trace += test::script_text(respelt);
  test::run_script(second->connection(), respelt);
  const Metadata other = second->schema();
  EXPECT_EQ(differences(found, other, options), "") << "spelling makes a difference";
  EXPECT_EQ(differences(other, found, options), "") << "spelling makes a difference, the other way";
  ++ran;
}

class Law4 : public testing::TestWithParam<std::shared_ptr<Subject>> {};

TEST_P(Law4, SpellingMakesNoDifference) {
  const std::uint64_t seed = test::seed_from_environment();
  const std::size_t cases = test::cases_from_environment(GetParam()->cases());
  Random seeds(seed);
  std::size_t ran = 0;
  for (std::size_t i = 0; i < cases; ++i) {
    Random random(seeds.seed());
    std::string trace;
    try {
      check_case(*GetParam(), random, trace, ran);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::unsupported) continue;
      FAIL() << "ALUDEL_SEED=" << seed << ", case " << i << ": " << error.text() << "\n" << trace;
    }
    if (HasFailure()) FAIL() << "ALUDEL_SEED=" << seed << ", case " << i << "\n" << trace;
  }
  EXPECT_GT(ran, cases / 2);
}

INSTANTIATE_TEST_SUITE_P(Dialects, Law4, testing::ValuesIn(test::subjects()), [](const auto& one) { return one.param->name(); });

}  // namespace
}  // namespace aludel
