#include <aludel/schema/type.hpp>

#include <aludel/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aludel::schema {
namespace {

using testing::HasSubstr;

TEST(ParseType, ReadsBackEveryNeutralSpelling) {
  const std::vector<std::pair<Type, std::string>> types = {
      {Type::boolean(), "boolean"},
      {Type::smallint(), "smallint"},
      {Type::integer(), "integer"},
      {Type::bigint(), "bigint"},
      {Type::real(), "real"},
      {Type::double_precision(), "double"},
      {Type::decimal(), "decimal"},
      {Type::decimal(10), "decimal(10)"},
      {Type::decimal(10, 2), "decimal(10,2)"},
      {Type::decimal(3, -2), "decimal(3,-2)"},
      {Type::string(), "text"},
      {Type::varchar(80), "varchar(80)"},
      {Type::character(2), "char(2)"},
      {Type::binary(), "binary"},
      {Type::binary(16), "binary(16)"},
      {Type::date(), "date"},
      {Type::time(), "time"},
      {Type::time(true), "time with time zone"},
      {Type::timestamp(), "timestamp"},
      {Type::timestamp(false, 3), "timestamp(3)"},
      {Type::timestamp(true, 0), "timestamp(0) with time zone"},
      {Type::interval(), "interval"},
      {Type::uuid(), "uuid"},
      {Type::json(), "json"},
      {Type::enumeration("rank", {"rookie", "it's, (odd)", ""}), "enum(rank, 'rookie', 'it''s, (odd)', '')"},
      {Type::enumeration("", {"a", "b"}), "enum('a', 'b')"},
      {Type::enumeration("public.rank", {}), "enum(public.rank)"},
      {Type::enumeration("my rank", {"a"}), "enum(\"my rank\", 'a')"},
      {Type::enumeration("", {}), "enum()"},
      {Type::array(Type::varchar(10)), "array(varchar(10))"},
      {Type::array(Type::array(Type::enumeration("x", {"y"}))), "array(array(enum(x, 'y')))"},
      {Type::native("tsvector"), "native('tsvector')"},
      {Type::native("it's (1"), "native('it''s (1')"},
  };
  for (const auto& [type, text] : types) {
    EXPECT_EQ(to_text(type), text);
    EXPECT_EQ(parse_type(text), type) << text;
  }
}

TEST(ParseType, TakesAnyCaseAndFreeSpace) {
  EXPECT_EQ(parse_type(" VarChar ( 80 ) "), Type::varchar(80));
  EXPECT_EQ(parse_type("DECIMAL(10 , 2)"), Type::decimal(10, 2));
  EXPECT_EQ(parse_type("TIMESTAMP\nWITH  TIME ZONE"), Type::timestamp(true));
  EXPECT_EQ(parse_type("timestamp(3) without time zone"), Type::timestamp(false, 3));
  EXPECT_EQ(parse_type("Double Precision"), Type::double_precision());
  EXPECT_EQ(parse_type("ENUM ( Rank , 'A' )"), Type::enumeration("Rank", {"A"}));
}

TEST(ParseType, PassesOnWhatItDoesNotKnow) {
  for (const char* text : {"tsvector", "geometry(Point, 4326)", "integer unsigned", "varchar(80) collate nocase", "integer[]", "odd ')' type"}) {
    EXPECT_EQ(parse_type(text), Type::native(text));
  }
  EXPECT_EQ(parse_type("array(geometry(Point,4326))"), Type::array(Type::native("geometry(Point,4326)")));
}

TEST(ParseType, SaysWhatIsMalformed) {
  const std::vector<std::pair<const char*, const char*>> broken = {
      {"", "empty"},
      {"varchar(x)", "a number was expected"},
      {"varchar()", "a number was expected"},
      {"varchar(0)", "length of 0"},
      {"varchar(-1)", "negative"},
      {"varchar(99999999999)", "a number was expected"},
      {"varchar(80", "not closed"},
      {"decimal(10,2", "not closed"},
      {"decimal(10 2)", "')' or ','"},
      {"integer(11)", "takes nothing in parentheses"},
      {"enum", "values are missing"},
      {"enum(rank, rookie)", "single quotes"},
      {"enum(rank, 'rookie)", "quote is not closed"},
      {"enum('a',)", "single quotes"},
      {"array", "type of its elements"},
      {"array()", "type of its elements"},
      {"array(integer", "not closed"},
      {"native(tsvector)", "single quotes"},
      {"tsvector(", "not closed"},
      {"tsvector)", "not opened"},
  };
  for (const auto& [text, message] : broken) {
    try {
      parse_type(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::syntax);
      EXPECT_THAT(error.message(), HasSubstr(message)) << text;
    }
  }
  std::string deep;
  for (int i = 0; i < 10'000; ++i) deep += "array(";
  EXPECT_THROW(parse_type(deep), Error);
}

}  // namespace
}  // namespace aludel::schema
