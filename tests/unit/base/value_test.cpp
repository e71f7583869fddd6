#include <aludel/value.hpp>

#include <aludel/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace aludel {
namespace {

using testing::HasSubstr;

Value::Object object(std::initializer_list<std::pair<const char*, Value>> members) {
  Value value;
  for (const auto& [key, member] : members) value.set(key, member);
  return value.is_null() ? Value::Object{} : *value.object();
}

TEST(Value, ObjectsAreEqualWhateverTheirOrder) {
  EXPECT_EQ(Value(object({{"a", 1}, {"b", 2}})), Value(object({{"b", 2}, {"a", 1}})));
  EXPECT_NE(Value(object({{"a", 1}})), Value(object({{"a", 2}})));
  EXPECT_NE(Value(object({{"a", 1}})), Value(object({{"a", 1}, {"b", 2}})));
  EXPECT_NE(Value(1), Value(1.0)) << "types count";
  EXPECT_NE(Value(), Value(object({})));
  EXPECT_EQ(Value(std::nan("")), Value(std::nan(""))) << "a value equals its copy";
}

TEST(Value, MarksAreNoPartOfEquality) {
  Value a(1), b(1);
  b.mark = {4, 2};
  EXPECT_EQ(a, b);
}

TEST(Value, SetReplacesAndFinds) {
  Value value;
  value.set("a", 1);
  value.set("a", "two");
  ASSERT_NE(value.find("a"), nullptr);
  EXPECT_EQ(*value.find("a"), Value("two"));
  EXPECT_EQ(value.object()->size(), 1U);
  EXPECT_EQ(value.find("b"), nullptr);
  EXPECT_EQ(Value(1).find("a"), nullptr);
}

TEST(Value, NamesItsTypeAsMessagesDo) {
  EXPECT_EQ(Value().type_name(), "null");
  EXPECT_EQ(Value(true).type_name(), "boolean");
  EXPECT_EQ(Value(1).type_name(), "integer");
  EXPECT_EQ(Value(1.5).type_name(), "float");
  EXPECT_EQ(Value("x").type_name(), "string");
  EXPECT_EQ(Value(Bytes{}).type_name(), "bytes");
  EXPECT_EQ(Value(Value::Array{}).type_name(), "array");
  EXPECT_EQ(Value(Value::Object{}).type_name(), "table");
}

TEST(Json, RoundTrips) {
  const Value value(object({
      {"null", nullptr},
      {"yes", true},
      {"least", std::numeric_limits<std::int64_t>::min()},
      {"most", std::numeric_limits<std::int64_t>::max()},
      {"whole float", 1.0},
      {"tenth", 0.1},
      {"tiny", 5e-324},
      {"large", 1.7976931348623157e308},
      {"not a number", std::nan("")},
      {"infinite", -std::numeric_limits<double>::infinity()},
      {"text", "quote \" slash \\ line\n tab\t bell\a emoji 🦸 nul \\0"},
      {"nul", std::string("a\0b", 3)},
      {"bytes", Bytes{std::byte{0}, std::byte{0xff}, std::byte{0x1a}}},
      {"empty array", Value::Array{}},
      {"empty object", Value::Object{}},
      {"nested", Value::Array{1, Value::Array{2, object({{"x", 3}})}}},
      {"", "empty key"},
  }));
  EXPECT_EQ(from_json(to_json(value)), value);
  EXPECT_EQ(from_json(to_json(value, 2)), value);
}

TEST(Json, WritesCompactAndIndented) {
  const Value value(object({{"a", Value::Array{1, 2.0}}, {"b", object({})}}));
  EXPECT_EQ(to_json(value), R"({"a":[1,2.0],"b":{}})");
  EXPECT_EQ(to_json(value, 2), "{\n  \"a\": [\n    1,\n    2.0\n  ],\n  \"b\": {}\n}");
  EXPECT_EQ(to_json(Value(Bytes{std::byte{0xab}})), R"({"$bytes":"ab"})");
}

TEST(Json, ReplacesWhatIsNotUtf8) { EXPECT_EQ(from_json(to_json(Value("a\xff"))), Value("a\uFFFD")); }

TEST(Json, KnowsWhereEverythingStood) {
  const Value value = from_json("{\n  \"key \\\"one\\\\\" : [1, -2.5e3,true ,\n   \"te\\\"xt\"],\n \"b\": {} , \"c\":null}");
  const Value::Object& members = *value.object();
  EXPECT_EQ(value.mark.line, 1U);
  EXPECT_EQ(members[0].mark.line, 2U);
  EXPECT_EQ(members[0].mark.column, 3U);
  const Value::Array& array = *members[0].value.array();
  EXPECT_EQ(members[0].value.mark.column, 19U);
  EXPECT_EQ(array[0].mark.column, 20U);
  EXPECT_EQ(array[1].mark.column, 23U);
  EXPECT_EQ(array[2].mark.column, 30U);
  EXPECT_EQ(array[3].mark.line, 3U);
  EXPECT_EQ(array[3].mark.column, 4U);
  EXPECT_EQ(members[1].mark.line, 4U);
  EXPECT_EQ(members[1].value.mark.column, 7U);
  EXPECT_EQ(members[2].value.mark.column, 16U);
}

struct Broken {
  const char* text;
  std::uint32_t line, column;
  const char* message;
};

class BrokenJson : public testing::TestWithParam<Broken> {};

TEST_P(BrokenJson, IsRefusedWithItsPlace) {
  const Broken& broken = GetParam();
  try {
    from_json(broken.text, "snapshot.json");
    FAIL() << broken.text;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::syntax);
    EXPECT_EQ(error.location().file, "snapshot.json");
    EXPECT_EQ(error.location().line, broken.line) << error.what();
    EXPECT_EQ(error.location().column, broken.column) << error.what();
    EXPECT_THAT(error.message(), HasSubstr(broken.message));
    EXPECT_THAT(error.message(), testing::Not(HasSubstr("json.exception")));
  }
}

INSTANTIATE_TEST_SUITE_P(Texts, BrokenJson,
                         testing::Values(Broken{"", 1, 1, "end of input"}, Broken{"{\"a\": }", 1, 7, "unexpected '}'"},
                                         Broken{"[1,\n 2", 2, 3, "end of input"}, Broken{"{\"a\": 1} x", 1, 10, "invalid literal"},
                                         Broken{"{\"a\": 1,\n \"b\": 2, \"a\": 3}", 2, 10, "'a' stands here a second time"},
                                         Broken{"[9223372036854775808]", 1, 2, "64-bit"}, Broken{"[99999999999999999999]", 1, 2, "64-bit"},
                                         Broken{"{\"$bytes\": \"xyz\"}", 1, 12, "no hexadecimal"}, Broken{"\"a\nb\"", 1, 3, "control character"}));

TEST(Json, RefusesBottomlessNesting) {
  EXPECT_THROW(from_json(std::string(100'000, '[')), Error);
  EXPECT_NO_THROW(from_json(std::string(400, '[') + std::string(400, ']')));
}

}  // namespace
}  // namespace aludel
