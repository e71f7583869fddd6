#include <aludel/error.hpp>
#include <aludel/model/types.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <string>
#include <unordered_set>

namespace {

using namespace aludel;
using Money = Decimal<6, 2>;

std::string refusal(auto action) {
  try {
    action();
  } catch (const Error& error) {
    return error.message();
  }
  return "nothing";
}

TEST(Decimals, ReadAndWriteExactly) {
  EXPECT_EQ(Money("12.5").text(), "12.50");
  EXPECT_EQ(Money("-0.05").text(), "-0.05");
  EXPECT_EQ(Money("+.5").text(), "0.50");
  EXPECT_EQ(Money("9999.99").text(), "9999.99");
  EXPECT_EQ(Money("1.2300").text(), "1.23");
  EXPECT_EQ(Money(7).text(), "7.00");
  EXPECT_EQ(Money().text(), "0.00");
  EXPECT_EQ((Decimal<38>("99999999999999999999999999999999999999").text()), "99999999999999999999999999999999999999");
  EXPECT_EQ((Decimal<38, 38>("-0.00000000000000000000000000000000000001").text()), "-0.00000000000000000000000000000000000001");
  EXPECT_EQ((Decimal<20>(std::numeric_limits<std::int64_t>::min()).text()), "-9223372036854775808");
}

TEST(Decimals, RefuseWhatDoesNotFit) {
  EXPECT_EQ(refusal([] { Money("10000"); }), "'10000' is no decimal(6,2): too many digits");
  EXPECT_EQ(refusal([] { Money(10000); }), "'10000' is no decimal(6,2): too many digits");
  EXPECT_EQ(refusal([] { Money("1.234"); }), "'1.234' is no decimal(6,2): too many digits behind the point");
  EXPECT_EQ(refusal([] { Money(""); }), "'' is no decimal(6,2): it has no digits");
  EXPECT_EQ(refusal([] { Money("."); }), "'.' is no decimal(6,2): it has no digits");
  EXPECT_EQ(refusal([] { Money("1,5"); }), "'1,5' is no decimal(6,2): it must be digits, with at most one sign and one point");
  EXPECT_EQ(refusal([] { Money("1.2.3"); }), "'1.2.3' is no decimal(6,2): it must be digits, with at most one sign and one point");
  EXPECT_EQ(refusal([] { (Decimal<38>("100000000000000000000000000000000000000")); }),
            "'100000000000000000000000000000000000000' is no decimal(38,0): too many digits");
  EXPECT_EQ(refusal([] { Money("9999.99") + Money("0.01"); }), "a decimal number has more than 6 digits");
}

TEST(Decimals, Calculate) {
  EXPECT_EQ(Money("0.1") + Money("0.2"), Money("0.3"));
  EXPECT_EQ(Money("1") - Money("2.50"), Money("-1.5"));
  EXPECT_EQ(-Money("1.5"), Money("-1.5"));
  EXPECT_LT(Money("-1"), Money("0.01"));
  Money sum;
  sum += 3;
  sum -= Money("0.01");
  EXPECT_EQ(sum.text(), "2.99");
}

TEST(Uuids, ReadAndWrite) {
  const auto uuid = Uuid::parse("6BA7B810-9dad-11d1-80b4-00c04fd430c8");
  EXPECT_EQ(uuid.text(), "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  EXPECT_EQ(Uuid::parse("{6ba7b810-9dad-11d1-80b4-00c04fd430c8}"), uuid);
  EXPECT_EQ(Uuid::parse("6ba7b8109dad11d180b400c04fd430c8"), uuid);
  EXPECT_TRUE(Uuid().is_nil());
  EXPECT_LT(Uuid(), uuid);
}

TEST(Uuids, RefuseOtherText) {
  for (const auto* text : {"", "6ba7b810", "6ba7b810-9dad-11d1-80b4-00c04fd430c", "6ba7b810-9dad-11d1-80b4-00c04fd430cg",
                           "6ba7b810+9dad-11d1-80b4-00c04fd430c8", "6ba7b810-9dad-11d1-80b4-00c04fd430c8-"}) {
    EXPECT_NE(refusal([&] { Uuid::parse(text); }).find("is no uuid"), std::string::npos) << text;
  }
}

TEST(Uuids, OfChanceDiffer) {
  std::unordered_set<Uuid> seen;
  for (int i = 0; i < 100; ++i) {
    const auto uuid = Uuid::random();
    EXPECT_TRUE(seen.insert(uuid).second);
    EXPECT_EQ(uuid.text()[14], '4');
    EXPECT_NE(std::string("89ab").find(uuid.text()[19]), std::string::npos);
  }
}

TEST(JsonValues, CompareByMeaning) {
  EXPECT_EQ(Json::parse(R"({"a": 1, "b": [true]})"), Json::parse(R"({"b":[true],"a":1})"));
  EXPECT_EQ(Json::parse(R"({ "a" : null })").text(), R"({"a":null})");
  EXPECT_EQ(Json().text(), "null");
  EXPECT_THROW(Json::parse("{"), Error);
}

}  // namespace
