#include "support.hpp"

#include <sqlite3.h>

namespace aludel::sqlite::test {
namespace {

std::vector<std::string> texts(std::string_view source) {
  std::vector<std::string> result;
  for (const Token& token : tokenize(source)) result.emplace_back(token.text);
  result.pop_back();
  return result;
}

TokenKind only_kind(std::string_view source) {
  const auto tokens = tokenize(source);
  EXPECT_EQ(tokens.size(), 2U) << source;
  return tokens.front().kind;
}

TEST(lexer, cuts_a_statement_into_tokens) {
  EXPECT_EQ(
      texts("SELECT a.\"b c\",[d]]`e``f`'g''h'x'0F' -- end\n/* more */->>1e-3<>.5!=?1"),
      (std::vector<std::string>{"SELECT", "a", ".", "\"b c\"", ",", "[d]", "]", "`e``f`", "'g''h'", "x'0F'", "->>", "1e-3", "<>", ".5", "!=", "?1"}));
}

TEST(lexer, knows_what_each_token_is) {
  EXPECT_EQ(only_kind("\xC3\xA4ngstrom"), TokenKind::word);
  EXPECT_EQ(only_kind("a$1"), TokenKind::word);
  EXPECT_EQ(only_kind("'it''s'"), TokenKind::string);
  EXPECT_EQ(only_kind("0xFFul"), TokenKind::illegal);
  EXPECT_EQ(only_kind("0xFF"), TokenKind::number);
  EXPECT_EQ(only_kind("1_000.5e+10"), TokenKind::number);
  EXPECT_EQ(only_kind("1__0"), TokenKind::illegal);
  EXPECT_EQ(only_kind("12ab"), TokenKind::illegal);
  EXPECT_EQ(only_kind("x'0'"), TokenKind::illegal);
  EXPECT_EQ(only_kind("x'0g'"), TokenKind::illegal);
  EXPECT_EQ(only_kind("'open"), TokenKind::illegal);
  EXPECT_EQ(only_kind("\"open"), TokenKind::illegal);
  EXPECT_EQ(only_kind("[open"), TokenKind::illegal);
  EXPECT_EQ(only_kind("!"), TokenKind::illegal);
  EXPECT_EQ(only_kind(":name"), TokenKind::parameter);
  EXPECT_EQ(next_token("$a::b(c d", 0).kind, TokenKind::illegal);
  EXPECT_EQ(only_kind("$a::b(c)"), TokenKind::parameter);
  EXPECT_TRUE(next_token("/* open", 0).unclosed_comment());
  EXPECT_TRUE(next_token("/*/", 0).unclosed_comment());
  EXPECT_FALSE(next_token("/**/", 0).unclosed_comment());
}

TEST(lexer, says_what_a_name_is) {
  const auto said = [](std::string_view text) { return unquote(tokenize(text).front()); };
  EXPECT_EQ(said("\"a\"\"b\""), "a\"b");
  EXPECT_EQ(said("`a``b`"), "a`b");
  EXPECT_EQ(said("[a\"b]"), "a\"b");
  EXPECT_EQ(said("'it''s'"), "it's");
  EXPECT_EQ(said("\"\""), "");
  EXPECT_EQ(said("bare"), "bare");
}

TEST(lexer, places_count_lines_and_bytes) {
  const Location place = locate("a\nb\n  c", 6);
  EXPECT_EQ(place.line, 3U);
  EXPECT_EQ(place.column, 3U);
}

TEST(lexer, reads_every_byte_once) {
  // Whatever the bytes are, the tokens are the text, in order, and nothing is read beyond its end.
  std::mt19937_64 random(seed());
  const std::string alphabet = "ab1_$'\"`[]()-/*.,;=<>!xX'0e+ \n\t:?@#\xC3\xA9";
  for (int i = 0; i < cases(3000); ++i) {
    std::string text;
    for (int length = static_cast<int>(random() % 40); length > 0; --length) text += random() % 50 == 0 ? '\0' : alphabet[random() % alphabet.size()];
    std::string whole;
    for (std::size_t offset = 0; offset < text.size();) {
      const Token token = next_token(text, offset);
      ASSERT_EQ(token.offset, offset);
      ASSERT_GT(token.text.size(), 0U);
      whole += token.text;
      offset = token.end_offset();
    }
    ASSERT_EQ(whole, text);
  }
}

bool accepted(std::string_view sql) {
  const auto connection = memory();
  try {
    connection->execute(sql);
    return true;
  } catch (const Error&) {
    return false;
  }
}

TEST(lexer, has_the_library_s_keywords_and_their_classes) {
  std::set<std::string> unknown;
  for (int i = 0; i < sqlite3_keyword_count(); ++i) {
    const char* text = nullptr;
    int size = 0;
    sqlite3_keyword_name(i, &text, &size);
    const std::string word(text, static_cast<std::size_t>(size));
    const Keyword keyword = keyword_class(word);
    if (keyword == Keyword::none) unknown.insert(word);
    EXPECT_EQ(accepted("CREATE TABLE t (" + word + ")"), keyword != Keyword::reserved) << word;
    EXPECT_EQ(keyword_class(to_lower(word)), keyword);
  }
  EXPECT_TRUE(unknown.empty()) << "this SQLite has new keywords, such as " << *unknown.begin();
  EXPECT_EQ(keyword_class("hero"), Keyword::none);
  EXPECT_EQ(keyword_class(""), Keyword::none);
}

TEST(lexer, quotes_names_and_strings_so_that_sqlite_reads_them_back) {
  const auto connection = memory();
  for (const std::string& text : std::vector<std::string>{"plain", "it's", "say \"hi\"", "new\nline", "", "\xF0\x9F\xA6\xB8", "--", "/*",
                                                          std::string("a\0b", 3), std::string("\0", 1), "\\n", "%q", std::string(5000, '\'')}) {
    EXPECT_EQ(connection->execute("SELECT " + quote_string(text)).scalar(), Value(text)) << printable(text, 40);
    if (text.empty() || text.find('\0') != std::string::npos) continue;
    EXPECT_EQ(connection->execute("SELECT 1 AS " + quote_identifier(text)).columns.front(), text);
  }
  const Error error = error_of([] { quote_identifier(std::string("a\0b", 3)); });
  EXPECT_EQ(error.kind(), ErrorKind::unsupported);
  EXPECT_EQ(error.message(), "the name 'a\\x00b' holds a NUL byte, which SQLite cannot store in a name");
}

}  // namespace
}  // namespace aludel::sqlite::test
