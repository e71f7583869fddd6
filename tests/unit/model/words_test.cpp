#include "model/words.hpp"

#include <gtest/gtest.h>

namespace {

using namespace aludel::detail;

TEST(Words, AreIdentifiersAndNumbers) {
  const std::vector<Word> expected{{"lower", false}, {"odd \"name", true}, {"größe", false}, {"b", true}, {"c d", true}, {"x1", false}, {"7", false}};
  EXPECT_EQ(words("lower(\"odd \"\"name\") + größe /* not, this */ || `b` -- nor that\n[c d] * x1 - 7 || 'it''s text'"), expected);
  EXPECT_TRUE(words("").empty());
  EXPECT_TRUE(words("'unclosed").empty());
  EXPECT_TRUE(words("/* unclosed").empty());
  EXPECT_EQ(words("\"unclosed").size(), 1U);
}

TEST(Words, NameInTheirOwnCase) {
  EXPECT_TRUE(names({"Age", false}, "age"));
  EXPECT_TRUE(names({"age", true}, "age"));
  EXPECT_FALSE(names({"Age", true}, "age"));
}

TEST(Slugs, AreShortAndStable) {
  EXPECT_EQ(slug("lower(name)"), "lower_name");
  EXPECT_EQ(slug("\"Odd Name\""), "odd_name");
  const auto cut = slug(std::string(200, 'x'));
  EXPECT_EQ(cut.size(), 40U);
  EXPECT_NE(cut, slug(std::string(201, 'x')));
  const auto unicode = slug("a" + [] {
    std::string text;
    for (int i = 0; i < 60; ++i) text += "ö";
    return text;
  }());
  EXPECT_EQ(unicode.substr(0, 31), "a" + std::string("ööööööööööööööö"));
}

TEST(Literals, ReadBack) {
  EXPECT_EQ(string_literal("it's"), "'it''s'");
  EXPECT_EQ(number_literal(0.1), "0.1");
  EXPECT_EQ(number_literal(-2), "-2.0");
  EXPECT_EQ(number_literal(1e300), "1e+300");
}

}  // namespace
