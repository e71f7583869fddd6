#include "support/random_schema.hpp"
#include "support/run_script.hpp"

#include <aludel/autogenerate/autogenerate.hpp>
#include <aludel/diff/compare.hpp>
#include <aludel/op/codec.hpp>
#include <aludel/sqlite/sqlite.hpp>
#include <aludel/text.hpp>
#include <aludel/url.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "lexer.hpp"

/// Law 4 for SQLite, the database is the judge of equality: what it was given is what it says it holds, whatever the spelling.
namespace aludel {
namespace {

using schema::Metadata;
using test::Random;
using test::Shape;

const dialect::Dialect& sqlite_dialect() { return sqlite::dialect(); }

std::unique_ptr<dialect::Connection> in_memory() { return sqlite_dialect().connect(parse_url("sqlite://"), {}); }

Metadata schema_of(dialect::Connection& connection) { return sqlite_dialect().introspector().introspect(connection, {}); }

/// The same statement as another hand would write it: keywords in any case, other white space, comments between the words.
std::string respelt(Random& random, std::string_view sql) {
  static const std::vector<std::string> between = {" ", "\n", "\t  ", " /* note */ ", " -- note\n", "\r\n"};
  std::string text;
  bool behind_comment = false;
  for (sqlite::Token token = sqlite::next_token(sql, 0); token.kind != sqlite::TokenKind::end; token = sqlite::next_token(sql, token.end_offset())) {
    const bool keyword = token.kind == sqlite::TokenKind::word && sqlite::keyword_class(token.text) == sqlite::Keyword::reserved;
    if (behind_comment) {  // its newline ends it
      text += token.text;
    } else if (token.kind == sqlite::TokenKind::space) {
      text += random.chance(50) ? std::string(token.text) : random.of(between);
    } else if (keyword && random.chance(50)) {
      text += to_lower(token.text);
    } else {
      text += token.text;
    }
    behind_comment = token.kind == sqlite::TokenKind::comment;
    if ((token.is_symbol("(") || token.is_symbol(",")) && random.chance(30)) text += random.of(between);
  }
  return text;
}

std::vector<std::string> definitions(dialect::Connection& connection) {
  std::vector<std::string> all;
  const std::string order = "CASE type WHEN 'table' THEN 1 WHEN 'index' THEN 2 WHEN 'view' THEN 3 ELSE 4 END, rowid";
  for (const auto& row :
       connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY " + order).rows) {
    all.push_back(*row[0].string());
  }
  return all;
}

std::string differences(const Metadata& from, const Metadata& to, const diff::Options& options) {
  std::string lines;
  for (const auto& operation : diff::compare(from, to, options).operations) lines += op::describe(operation) + "\n";
  return lines;
}

void check_case(Random& random, std::string& trace, std::size_t& ran) {
  const auto first = in_memory();
  const diff::Options options = autogenerate::comparison_options(sqlite_dialect(), first->server());
  const Metadata declared = test::random_schema(random, Shape::sqlite());
  const Metadata canonical = sqlite_dialect().canonicalise(declared, first.get());
  trace = test::dump(declared);
  test::run_script(*first, sqlite_dialect().renderer().render(op::create_operations(canonical), {}, first->server(), {}));
  const Metadata found = schema_of(*first);
  EXPECT_EQ(differences(found, canonical, options), "") << "what was asked for is not what is there";
  EXPECT_EQ(differences(found, sqlite_dialect().canonicalise(found, first.get()), options), "") << "canonicalise changes what the database said";

  const auto second = in_memory();
  std::string script;
  for (const std::string& definition : definitions(*first)) {
    script += respelt(random, definition) + ";\n";
    second->execute(respelt(random, definition));
  }
  trace += script;
  const Metadata other = schema_of(*second);
  EXPECT_EQ(differences(found, other, options), "") << "spelling makes a difference";
  EXPECT_EQ(differences(other, found, options), "") << "spelling makes a difference, the other way";
  ++ran;
}

TEST(SqliteLaw4, SpellingMakesNoDifference) {
  const std::uint64_t seed = test::seed_from_environment();
  const std::size_t cases = test::cases_from_environment(1000);
  Random seeds(seed);
  std::size_t ran = 0;
  for (std::size_t i = 0; i < cases; ++i) {
    Random random(seeds.seed());
    std::string trace;
    try {
      check_case(random, trace, ran);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::unsupported) continue;
      FAIL() << "ALUDEL_SEED=" << seed << ", case " << i << ": " << error.text() << "\n" << trace;
    }
    if (HasFailure()) FAIL() << "ALUDEL_SEED=" << seed << ", case " << i << "\n" << trace;
  }
  EXPECT_GT(ran, cases / 2);
}

}  // namespace
}  // namespace aludel
