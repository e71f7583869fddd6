#include <aludel/text.hpp>

#include <aludel/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aludel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Nearest, FindsTheMisspelledAndNothingElse) {
  const std::vector<std::string> known = {"create_table", "drop_table", "create_index", "sql"};
  EXPECT_EQ(nearest("creat_table", known), "create_table");
  EXPECT_EQ(nearest("CREATE_TABLE", known), "create_table");
  EXPECT_EQ(nearest("slq", known), "sql");
  EXPECT_EQ(nearest("xyz", known), std::nullopt);
  EXPECT_EQ(nearest("", known), std::nullopt);
  EXPECT_EQ(nearest("a", std::vector<std::string>{"b"}), std::nullopt);
  EXPECT_EQ(nearest(std::string(5000, 'x'), known), std::nullopt);
}

TEST(DidYouMean, IsEmptyWithoutAGuess) {
  const std::vector<std::string> known = {"nullable"};
  EXPECT_EQ(did_you_mean("nulable", known), " (did you mean 'nullable'?)");
  EXPECT_EQ(did_you_mean("type", known), "");
}

TEST(Text, FoldsAsciiOnly) {
  EXPECT_EQ(to_lower("HERÖ"), "herÖ");
  EXPECT_EQ(to_upper("herö"), "HERö");
  EXPECT_TRUE(equals_ignoring_case("Hero", "hERO"));
  EXPECT_FALSE(equals_ignoring_case("hero", "her"));
}

TEST(Text, SplitsAndJoins) {
  EXPECT_THAT(split("a,,b", ','), ElementsAre("a", "", "b"));
  EXPECT_THAT(split("", ','), ElementsAre(""));
  EXPECT_EQ(join(std::vector<std::string>{"a", "b"}, ", "), "a, b");
  EXPECT_EQ(trim(" \t\na b\r\n"), "a b");
  EXPECT_EQ(trim("  "), "");
}

TEST(Printable, EscapesWhatWouldUpsetATerminal) {
  EXPECT_EQ(printable("a\nb\t\x1b[31m"), "a\\nb\\t\\x1b[31m");
  EXPECT_EQ(printable("grün 🦸 O'Hara \\"), "grün 🦸 O'Hara \\");
  EXPECT_EQ(printable("\xff\xc3("), "\\xff\\xc3(");
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate is no character";
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf") << "nor is an overlong form";
  EXPECT_EQ(printable("a\u202eb\u2028"), "a\\u202eb\\u2028");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
}

TEST(Printable, CutsAtACharacter) {
  EXPECT_EQ(printable("abcdef", 6), "abcdef");
  EXPECT_EQ(printable("abcdefg", 6), "abcdef…");
  EXPECT_EQ(printable("ääää", 5), "ää…");
  EXPECT_EQ(quoted(std::string(1000, 'x')).size(), 200 + 2 + std::string("…").size());
}

TEST(Counted, KnowsThePlural) {
  EXPECT_EQ(counted(1, "row"), "1 row");
  EXPECT_EQ(counted(0, "row"), "0 rows");
  EXPECT_EQ(counted(2, "index", "indexes"), "2 indexes");
}

TEST(CanonicalText, IsTheSameHoweverItWasCheckedOut) {
  const std::string canonical = "a\nb\n";
  for (const char* text : {"a\nb", "a\nb\n", "a\r\nb\r\n",
                           "\xEF\xBB\xBF"
                           "a\r\nb",
                           "a\nb\n\n\n", "a\nb\r\n\r\n"}) {
    EXPECT_EQ(canonical_text(text), canonical) << printable(text);
  }
  EXPECT_EQ(canonical_text(""), "\n");
  EXPECT_EQ(canonical_text("a\rb"), "a\rb\n") << "a lone carriage return is content";
  EXPECT_EQ(canonical_text(canonical), canonical);
}

// FIPS 180-4 examples and NIST CAVP vectors; the lengths around 56 and 64 bytes are where the padding takes a second block.
TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"),
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  EXPECT_EQ(sha256(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  EXPECT_EQ(sha256(std::string_view("\xbd", 1)), "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b");
}

TEST(SplitName, ReadsPartsAndQuotes) {
  EXPECT_THAT(split_name("hero"), ElementsAre("hero"));
  EXPECT_THAT(split_name("public.hero.age"), ElementsAre("public", "hero", "age"));
  EXPECT_THAT(split_name("\"odd.name\".age"), ElementsAre("odd.name", "age"));
  EXPECT_THAT(split_name("\"say \"\"hi\"\"\""), ElementsAre("say \"hi\""));
  EXPECT_THAT(split_name(" hero . age "), ElementsAre("hero", "age"));
}

TEST(SplitName, RefusesWhatIsNoName) {
  for (const char* text : {"", ".", "a.", ".a", "a..b", "\"a", "\"a\"b", "a\"b\"", "\"a\" b.c"}) {
    try {
      split_name(text);
      FAIL() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::syntax);
      EXPECT_THAT(error.message(), HasSubstr(quoted(text)));
    }
  }
}

TEST(JoinName, IsTheInverse) {
  const std::vector<std::vector<std::string>> names = {{"hero"},   {"a", "b", "c"}, {"odd.name", "x"}, {"\""},      {""},
                                                       {" a"},     {"a "},          {"line\nbreak"},   {"\t", "."}, {"emoji 🦸"},
                                                       {"select"}, {"''`"},         {"a\"\"\"b"},      {"a(b)"},    {std::string(1000, 'x'), "y"}};
  for (const auto& parts : names) EXPECT_EQ(split_name(join_name(parts)), parts) << join_name(parts);
  EXPECT_EQ(join_name(std::vector<std::string>{"odd.name", "plain"}), "\"odd.name\".plain");
}

}  // namespace
}  // namespace aludel
