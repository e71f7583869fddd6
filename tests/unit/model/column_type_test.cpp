#include "unit/model/support.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace {

struct Email {
  std::string text;
};
struct Celsius {
  double degrees;
};
enum class Flag : std::uint8_t { off, on };
enum class Mode { slow, fast };

}  // namespace

template <>
struct aludel::ColumnType<Email> {
  static schema::Type type() { return schema::Type::varchar(254); }
  static std::string literal(const Email& email) { return "'" + email.text + "'"; }
};
template <>
struct aludel::ColumnType<Celsius> {
  static schema::Type type() { return schema::Type::native("temperature"); }
};
template <>
struct aludel::ColumnType<Flag> {  // an enumeration kept as a number
  static schema::Type type() { return schema::Type::smallint(); }
  static std::string literal(Flag flag) { return flag == Flag::on ? "1" : "0"; }
};

namespace {

using namespace aludel;
using schema::Type;
using test::column_of;
using test::mistake;
using test::table_of;

struct Types {
  std::int8_t i8;
  std::uint8_t u8;
  std::int16_t i16;
  std::uint16_t u16;
  std::int32_t i32;
  std::uint32_t u32;
  std::int64_t i64;
  std::uint64_t u64;
  long native_long;
  unsigned long long native_unsigned;
  bool flag;
  float single_precision;
  double double_precision;
  std::string text;
  std::vector<std::byte> bytes;
  std::vector<std::uint8_t> octets;
  std::array<std::byte, 16> sixteen_bytes;
  std::array<std::uint8_t, 4> four_octets;
  std::chrono::year_month_day day;
  std::chrono::sys_days system_day;
  std::chrono::local_days local_day;
  std::chrono::sys_seconds seconds;
  std::chrono::sys_time<std::chrono::minutes> minutes;
  std::chrono::sys_time<std::chrono::milliseconds> milliseconds;
  std::chrono::sys_time<std::chrono::microseconds> microseconds;
  std::chrono::system_clock::time_point now;
  std::chrono::local_seconds local;
  std::chrono::minutes duration;
  std::chrono::hh_mm_ss<std::chrono::seconds> time_of_day;
  std::chrono::hh_mm_ss<std::chrono::milliseconds> exact_time_of_day;
  Decimal<10, 2> price;
  Uuid uuid;
  Json json;
  Email email;
  Celsius temperature;
  Flag flag_number;
  Mode mode;
  std::vector<std::string> tags;
  std::vector<int> numbers;
};

TEST(ColumnTypes, FollowTheMembers) {
  Models models;
  models.table<Types>("types");
  const auto table = table_of(models, "types");
  std::vector<std::string> found;
  for (const auto& column : table.columns) {
    EXPECT_FALSE(column.nullable) << column.name;
    found.push_back(column.name + " " + schema::to_text(column.type));
  }
  const std::vector<std::string> expected{"i8 smallint",
                                          "u8 smallint",
                                          "i16 smallint",
                                          "u16 integer",
                                          "i32 integer",
                                          "u32 bigint",
                                          "i64 bigint",
                                          "u64 decimal(20,0)",
                                          "native_long bigint",
                                          "native_unsigned decimal(20,0)",
                                          "flag boolean",
                                          "single_precision real",
                                          "double_precision double",
                                          "text text",
                                          "bytes binary",
                                          "octets binary",
                                          "sixteen_bytes binary(16)",
                                          "four_octets binary(4)",
                                          "day date",
                                          "system_day date",
                                          "local_day date",
                                          "seconds timestamp",
                                          "minutes timestamp",
                                          "milliseconds timestamp(3)",
                                          "microseconds timestamp(6)",
                                          "now timestamp(6)",
                                          "local timestamp",
                                          "duration interval",
                                          "time_of_day time",
                                          "exact_time_of_day time(3)",
                                          "price decimal(10,2)",
                                          "uuid uuid",
                                          "json json",
                                          "email varchar(254)",
                                          "temperature native('temperature')",
                                          "flag_number smallint",
                                          "mode enum(mode, 'slow', 'fast')",
                                          "tags array(text)",
                                          "numbers array(integer)"};
  EXPECT_EQ(found, expected);
}

struct Optionals {
  std::optional<std::string> text;
  const std::optional<int> number;
  std::optional<Mode> mode;
  std::optional<Email> email;
  const bool fixed;
};

TEST(ColumnTypes, OptionalIsNullable) {
  Models models;
  models.table<Optionals>("optionals").column<&Optionals::text>().length(30);
  const auto table = table_of(models, "optionals");
  for (const auto& column : table.columns) EXPECT_EQ(column.nullable, column.name != "fixed") << column.name;
  EXPECT_EQ(table.columns[0].type, Type::varchar(30));
  EXPECT_EQ(table.columns[1].type, Type::integer());
  EXPECT_EQ(table.columns[2].type, Type::enumeration("mode", {"slow", "fast"}));
  EXPECT_EQ(table.columns[3].type, Type::varchar(254));
}

struct Plain {
  int number;
  std::string text;
  double ratio;
  bool flag;
  Mode mode;
  Email email;
  Decimal<6, 2> price;
  std::uint64_t big;
  std::vector<std::byte> bytes;
  Uuid uuid;
  Flag numbered;
};

TEST(ColumnTypes, CanBeSaid) {
  Models models;
  auto plain = models.table<Plain>("plain");
  plain.column<&Plain::number>().type(Type::bigint()).nullable();
  plain.column<&Plain::text>().type("char(2)");
  plain.column<&Plain::bytes>().length(16);
  plain.column<&Plain::ratio>(Type::decimal(8, 3));
  EXPECT_EQ(column_of(models, "plain", "number").type, Type::bigint());
  EXPECT_TRUE(column_of(models, "plain", "number").nullable);
  EXPECT_EQ(column_of(models, "plain", "text").type, Type::character(2));
  EXPECT_EQ(column_of(models, "plain", "bytes").type, Type::binary(16));
  EXPECT_EQ(column_of(models, "plain", "ratio").type, Type::decimal(8, 3));
}

TEST(ColumnTypes, MistakesNameTheColumn) {
  const auto with = [](auto declare) {
    Models models;
    auto plain = models.table<Plain>("plain");
    declare(plain);
    return mistake(models);
  };
  EXPECT_EQ(with([](StructTable<Plain>& plain) { plain.column<&Plain::number>().length(3); }),
            "column 'plain.number' has a length, and its type integer takes none | remove length(), or make the member a std::string");
  EXPECT_EQ(with([](StructTable<Plain>& plain) { plain.column<&Plain::text>().length(0); }),
            "column 'plain.text' has the length 0 | a length is at least 1");
  EXPECT_NE(with([](StructTable<Plain>& plain) {
              plain.column<&Plain::text>().type("varchar(x)");
            }).find("column 'plain.text' has a type that cannot be read"),
            std::string::npos);
  EXPECT_EQ(with([](StructTable<Plain>& plain) { plain.column<&Plain::text>().identity(); }),
            "column 'plain.text' is an identity, and its type is text | an identity is an integer");
}

std::string default_of(const Models& models, const std::string& column) {
  const auto found = column_of(models, "plain", column).server_default;
  return found ? found->declared : "none";
}

TEST(ServerDefaults, AreStandardSql) {
  Models models;
  auto plain = models.table<Plain>("plain");
  plain.column<&Plain::number>().server_default(-42);
  plain.column<&Plain::text>().server_default("it's");
  plain.column<&Plain::ratio>().server_default(0.1);
  plain.column<&Plain::flag>().server_default(true);
  plain.column<&Plain::mode>().server_default(Mode::fast);
  plain.column<&Plain::email>().server_default(Email{"a@example.org"});
  plain.column<&Plain::price>().server_default(Decimal<6, 2>("9.90"));
  plain.column<&Plain::big>().server_default(18446744073709551615ULL);
  plain.column<&Plain::uuid>().server_default(Uuid());
  plain.column<&Plain::numbered>().server_default(Flag::on);
  EXPECT_EQ(default_of(models, "number"), "-42");
  EXPECT_EQ(default_of(models, "text"), "'it''s'");
  EXPECT_EQ(default_of(models, "ratio"), "0.1");
  EXPECT_EQ(default_of(models, "flag"), "TRUE");
  EXPECT_EQ(default_of(models, "mode"), "'fast'");
  EXPECT_EQ(default_of(models, "email"), "'a@example.org'");
  EXPECT_EQ(default_of(models, "price"), "9.90");
  EXPECT_EQ(default_of(models, "big"), "18446744073709551615");
  EXPECT_EQ(default_of(models, "uuid"), "'00000000-0000-0000-0000-000000000000'");
  EXPECT_EQ(default_of(models, "numbered"), "1");
  plain.column<&Plain::text>().server_default(std::string("so be it"));
  plain.column<&Plain::ratio>().server_default(3.0F);
  plain.column<&Plain::flag>().server_default(false);
  EXPECT_EQ(default_of(models, "text"), "'so be it'");
  EXPECT_EQ(default_of(models, "ratio"), "3.0");
  EXPECT_EQ(default_of(models, "flag"), "FALSE");
}

TEST(ServerDefaults, FitTheColumn) {
  const auto with = [](auto declare) {
    Models models;
    auto plain = models.table<Plain>("plain");
    declare(plain);
    return mistake(models);
  };
  const std::string hint = " | give a value of the column's type, or use server_default_sql(\"...\")";
  EXPECT_EQ(with([](StructTable<Plain>& plain) { plain.column<&Plain::number>().server_default("seven"); }),
            "column 'plain.number' is integer, and its default is 'seven'" + hint);
  EXPECT_EQ(with([](StructTable<Plain>& plain) { plain.column<&Plain::number>().server_default(true); }),
            "column 'plain.number' is integer, and its default is TRUE" + hint);
  EXPECT_EQ(with([](StructTable<Plain>& plain) { plain.column<&Plain::number>().server_default(1.5); }),
            "column 'plain.number' is integer, and its default is 1.5" + hint);
  EXPECT_EQ(with([](StructTable<Plain>& plain) { plain.column<&Plain::flag>().server_default(1); }),
            "column 'plain.flag' is boolean, and its default is 1" + hint);
  EXPECT_EQ(with([](StructTable<Plain>& plain) { plain.column<&Plain::text>().server_default(7); }),
            "column 'plain.text' is text, and its default is 7" + hint);
  EXPECT_EQ(with([](StructTable<Plain>& plain) { plain.column<&Plain::mode>().server_default("medium"); }),
            "column 'plain.mode' has the default 'medium', which is none of its labels | its labels are slow, fast");
  EXPECT_EQ(with([](StructTable<Plain>& plain) { plain.column<&Plain::text>().server_default_sql("upper('x')"); }), "nothing");
  EXPECT_NE(with([](StructTable<Plain>& plain) {
              plain.column<&Plain::ratio>().server_default(std::numeric_limits<double>::infinity());
            }).find("column 'plain.ratio' has a default that is no finite number"),
            std::string::npos);
  EXPECT_NE(with([](StructTable<Plain>& plain) {
              plain.column<&Plain::text>().server_default(std::string("a\0b", 3));
            }).find("column 'plain.text' has a default with a zero byte in it"),
            std::string::npos);
  EXPECT_EQ(with([](StructTable<Plain>& plain) { plain.column<&Plain::text>().server_default_sql(" "); }),
            "column 'plain.text' has an empty expression | write one, or remove it");
}

}  // namespace
