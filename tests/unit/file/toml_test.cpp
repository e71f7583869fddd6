#include <aludel/error.hpp>
#include <aludel/file/toml.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace aludel::file {
namespace {

using testing::HasSubstr;

Value table(std::initializer_list<std::pair<const char*, Value>> members) {
  Value result{Value::Object{}};
  for (const auto& [key, value] : members) result.set(key, value);
  return result;
}

Error error_of(std::string_view text) {
  try {
    parse_toml(text, "file.toml");
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error for: " << text;
  return {ErrorKind::internal, ""};
}

// Plain lines are read past the parser: as it would have read them, which a number at the end makes it do.
TEST(Toml, PlainLinesAreReadAsTheParserReadsThem) {
  const std::vector<std::string> lines{"a = \"text\"",
                                       "b = \"\"",
                                       "a-b_C9 = \"#=[]{}.,'\"",
                                       "# remark",
                                       "",
                                       "1 = \"number\"",
                                       "d = \"a\\tb\"",
                                       "e = \"\xc3\xa4\"",
                                       "f = \"\"\"x\"\"\"",
                                       "g = \"x\" # remark",
                                       "h = \"a\"b\"",
                                       " i = \"x\"",
                                       "j=\"x\"",
                                       "k.l = \"x\"",
                                       "m = 2026-11-29T05:12:36Z",
                                       "n = 2026-13-29T05:12:36Z",
                                       "o = 2026-11-29T24:00:00Z",
                                       "p = 2024-02-29T00:00:00Z",
                                       "q = \"x",
                                       "r = \"\x7f\"",
                                       "a = \"again\"",
                                       "s = \"x\" ",
                                       "= \"x\"",
                                       "t = 'x'",
                                       "#\ttab",
                                       "#\x01",
                                       "u = 2026-11-29 05:12:36Z",
                                       "v = \"\\\"\""};
  const auto read = [](const std::string& text) -> std::optional<Value> {
    try {
      return parse_toml(text);
    } catch (const Error&) {
      return std::nullopt;
    }
  };
  std::mt19937_64 random(7);
  for (int i = 0; i < 2'000; ++i) {
    std::string text;
    for (std::size_t k = random() % 4 + 1; k > 0; --k) text += lines[random() % lines.size()] + "\n";
    const auto plain = read(text);
    const auto whole = read(text + "zzz = 1\n");
    ASSERT_EQ(plain.has_value(), whole.has_value()) << text;
    if (!plain) continue;
    const auto& members = *plain->object();
    ASSERT_EQ(members.size() + 1, whole->object()->size()) << text;
    for (std::size_t k = 0; k < members.size(); ++k) {
      const auto& other = (*whole->object())[k];
      EXPECT_EQ(members[k], other) << text;
      EXPECT_EQ(members[k].mark.line, other.mark.line) << text;
      EXPECT_EQ(members[k].mark.column, other.mark.column) << text;
      EXPECT_EQ(members[k].value.mark.line, other.value.mark.line) << text;
      EXPECT_EQ(members[k].value.mark.column, other.value.mark.column) << text;
    }
  }
}

TEST(Toml, ReadsEveryKindOfValueInTheOrderOfTheText) {
  const auto value = parse_toml("z = \"text\"\na = -3\nb = 1.5\nc = true\nd = 2026-11-22T13:10:00Z\ne = [1, \"two\", {x = 3}]\n\n[f]\ng = 'h'\n");
  ASSERT_TRUE(value.object());
  std::vector<std::string> keys;
  for (const auto& member : *value.object()) keys.push_back(member.key);
  EXPECT_THAT(keys, testing::ElementsAre("z", "a", "b", "c", "d", "e", "f"));
  EXPECT_EQ(*value.find("d"), Value("2026-11-22T13:10:00Z"));
  EXPECT_EQ(*value.find("e"), Value(Value::Array{1, "two", table({{"x", 3}})}));
  EXPECT_EQ(*value.find("f"), table({{"g", "h"}}));
}

TEST(Toml, KeepsDatesAndTimesAsWritten) {
  for (const char* text : {"2026-11-22", "13:10:00", "13:10:00.5", "2026-11-22T13:10:00", "2026-11-22T13:10:00.123Z", "2026-11-22T13:10:00+02:00"}) {
    EXPECT_EQ(*parse_toml(std::string("when = ") + text).find("when"), Value(text));
  }
}

TEST(Toml, MarksKeysAndValuesWithLineAndByteColumn) {
  const auto value = parse_toml("a = 1\n\n[[upgrade]]\n\"h\xc3\xa9\" = \"\xf0\x9f\xa6\x8a\"\nlist = [\n  {n = \"\xc3\xa4\", t = 1},\n]\n");
  const auto& upgrade = value.find("upgrade")->array()->front();
  EXPECT_EQ(upgrade.mark.line, 3U);
  EXPECT_EQ(upgrade.mark.column, 1U);
  const auto& first = upgrade.object()->front();
  EXPECT_EQ(first.mark.line, 4U);
  EXPECT_EQ(first.mark.column, 1U);
  EXPECT_EQ(first.value.mark.column, 9U);  // after "hé" = , in bytes
  const auto& item = upgrade.find("list")->array()->front();
  EXPECT_EQ(item.mark.line, 6U);
  EXPECT_EQ(item.mark.column, 3U);
  EXPECT_EQ(item.object()->back().mark.column, 14U);
}

// toml++ looks in a table of blanks for each of these places, and its end was undefined behaviour, which the sanitizers see.
TEST(Toml, CharactersBeyondAsciiAreOnlyText) {
  for (const std::string letter : {"\xc3\xa4", "\xc2\xa7", "\xe6\xbc\xa2", "\xef\xb9\xb0", "\xf0\x9f\x98\x80"}) {
    EXPECT_EQ(*parse_toml("a = \"\"\"x\\\n" + letter + "\"\"\"\nb = 1\n").find("a")->string(), "x" + letter);
  }
  for (const std::string letter : {"\xc3\xa4", "\xc2\xa7", "\xc2\xa0", "\xe2\x80\x83", "\xe6\xbc\xa2", "\xef\xb9\xb0", "\xf0\x9f\x98\x80"}) {
    for (const std::string& text :
         {letter + "a = 1\n", "a" + letter + " = 1\n", "a = [1, " + letter + "2]\n", "a = {b = 1," + letter + " c = 2}\n"}) {
      EXPECT_EQ(error_of(text).kind(), ErrorKind::syntax) << text;
    }
  }
}

TEST(Toml, SkipsByteOrderMarkAndReadsCrlfAsLf) {
  const auto value = parse_toml(
      "\xef\xbb\xbf"
      "sql = \"\"\"\r\nSELECT 1;\r\nSELECT 2;\r\n\"\"\"\r\n");
  EXPECT_EQ(*value.find("sql"), Value("SELECT 1;\nSELECT 2;\n"));
}

TEST(Toml, ErrorsNameThePlace) {
  const auto syntax = error_of("a = 1\nb = = 2\n");
  EXPECT_EQ(syntax.kind(), ErrorKind::syntax);
  EXPECT_EQ(syntax.location().file, "file.toml");
  EXPECT_EQ(syntax.location().line, 2U);
  EXPECT_EQ(syntax.location().column, 5U);
  EXPECT_THAT(syntax.what(), HasSubstr("file.toml:2:5"));
  EXPECT_THAT(syntax.what(), HasSubstr("no valid TOML"));

  const auto twice = error_of("a = 1\na = 2\n");
  EXPECT_EQ(twice.location().line, 2U);
  EXPECT_THAT(twice.what(), HasSubstr("'a'"));

  EXPECT_EQ(error_of("a = \"\xff\"\n").location().line, 1U);
  EXPECT_EQ(error_of("a = \"never closed\nb = 1\n").location().line, 1U);
  EXPECT_EQ(error_of("a = [1, 2\n").kind(), ErrorKind::syntax);
}

TEST(TomlWriter, WritesOneInlineTableALine) {
  const auto value = table({{"create_table", "hero"},
                            {"columns", Value::Array{table({{"name", "id"}, {"type", "bigint"}}), table({{"name", "age"}, {"nullable", false}})}},
                            {"checks", Value::Array{table({{"expression", "age >= 0"}})}}});
  EXPECT_EQ(to_toml(value),
            "create_table = \"hero\"\n"
            "columns = [\n"
            "  {name = \"id\", type = \"bigint\"},\n"
            "  {name = \"age\", nullable = false},\n"
            "]\n"
            "checks = [{expression = \"age >= 0\"}]\n");
}

TEST(TomlWriter, BreaksWhatPassesTheLineIntoSections) {
  const auto value = table({{"columns", Value::Array{table({{"name", "id"}}), table({{"name", "long"}, {"comment", std::string(120, 'x')}})}},
                            {"type", table({{"from", std::string(60, 'a')}, {"to", std::string(60, 'b')}})},
                            {"after", 1}});
  EXPECT_EQ(to_toml(value), "after = 1\n\n[[columns]]\nname = \"id\"\n\n[[columns]]\nname = \"long\"\ncomment = \"" + std::string(120, 'x') +
                                "\"\n\n[type]\nfrom = \"" + std::string(60, 'a') + "\"\nto = \"" + std::string(60, 'b') + "\"\n");
  EXPECT_EQ(parse_toml(to_toml(value)), value);
}

TEST(TomlWriter, WritesSqlOfSeveralLinesReadably) {
  EXPECT_EQ(to_toml(table({{"sql", "UPDATE hero\nSET a = 'b';\n"}})), "sql = \"\"\"\nUPDATE hero\nSET a = 'b';\n\"\"\"\n");
  EXPECT_EQ(to_toml(table({{"sql", "SELECT '\\d'\nFROM x"}})), "sql = '''\nSELECT '\\d'\nFROM x'''\n");
  EXPECT_EQ(to_toml(table({{"sql", table({{"default", "a\nb\n"}})}})), "[sql]\ndefault = \"\"\"\na\nb\n\"\"\"\n");
}

TEST(TomlWriter, PrefersTheQuotesThatNeedNoEscapes) {
  EXPECT_EQ(toml_string("plain 'text'"), "\"plain 'text'\"");
  EXPECT_EQ(toml_string("\"quoted\""), "'\"quoted\"'");
  EXPECT_EQ(toml_string("\"both\" 'kinds'"), "\"\\\"both\\\" 'kinds'\"");
  EXPECT_EQ(toml_string("tab\tnul\x01"), "\"tab\\tnul\\u0001\"");
}

TEST(TomlWriter, EveryStringSurvives) {
  using namespace std::string_literals;
  std::vector<std::string> strings = {"",
                                      "\n",
                                      "\n\n",
                                      "\n\"",
                                      "\n\"\"",
                                      "\n\"\"\"",
                                      "\n\"\"\"\"\"\"",
                                      "\"\"\"\n",
                                      "'''",
                                      "\n'''",
                                      "\n\\'''",
                                      "\n\\'",
                                      "a\\\nb",
                                      "\\",
                                      "\n\\",
                                      "\r\n",
                                      "a\rb\nc",
                                      " \n ",
                                      "\x7f\n",
                                      "a\0b"s,
                                      "\0\n"s,
                                      "\xf0\x9f\xa6\x8a\n\xc3\xa9",
                                      "\xef\xbb\xbf"
                                      "a",
                                      "\xe2\x80\xa8",
                                      "# no comment\n[[upgrade]]\n",
                                      "\x1b[31m",
                                      "\t\n\t",
                                      "\xef\xbf\xbf\n",
                                      std::string(1000, 'x')};
  for (int c = 0; c < 0x80; ++c) strings.push_back({static_cast<char>(c), '\n', static_cast<char>(c)});
  for (const auto& text : strings) {
    SCOPED_TRACE(testing::PrintToString(text));
    auto value = table({{"plain", text}, {"inline", table({{"text", text}, {"list", Value::Array{text, text}}})}});
    if (text.find('\n') == std::string::npos || !text.empty()) value.set(text, 1);
    EXPECT_EQ(parse_toml(to_toml(value)), value) << to_toml(value);
    EXPECT_EQ(to_toml(parse_toml(to_toml(value))), to_toml(value));
  }
}

TEST(TomlWriter, NumbersSurvive) {
  for (const double number : {0.0, 1.0, -1.5, 0.1, 1e22, 1e-300, 5e-324, 1.7976931348623157e308, std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(parse_toml(to_toml(table({{"n", number}}))), table({{"n", number}}));
  }
  for (const auto number : {std::int64_t{0}, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(parse_toml(to_toml(table({{"n", number}}))), table({{"n", number}}));
  }
}

TEST(TomlWriter, RefusesWhatTomlCannotSay) {
  EXPECT_THROW(to_toml(table({{"a", nullptr}})), Error);
  EXPECT_THROW(to_toml(table({{"a", Bytes{}}})), Error);
  EXPECT_THROW(to_toml(Value(1)), Error);
  for (const char* bad : {"\xff", "\xc3", "\xed\xa0\x80", "\xc0\x80", "\xf4\x90\x80\x80", "a\n\xff"}) {
    try {
      to_toml(table({{"comment", bad}}));
      ADD_FAILURE() << "written";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::unsupported);
      EXPECT_THAT(error.what(), HasSubstr("'comment' holds text that is not UTF-8"));
    }
  }
}

}  // namespace
}  // namespace aludel::file
