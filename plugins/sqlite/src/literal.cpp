#include "literal.hpp"

#include "lexer.hpp"

#include <sqlite3.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <memory>
#include <string_view>

namespace aludel::sqlite {

namespace {

struct Closer {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

/// SQLite's own reading of decimal digits, which a cast shares with its literals.
class Reader {
 public:
  Reader() {
    sqlite3* handle = nullptr;
    sqlite3_open(":memory:", &handle);
    handle_.reset(handle);
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(handle, "SELECT CAST(? AS REAL)", -1, &statement, nullptr);
    statement_.reset(statement);
  }
  bool reads(const std::string& text, double number) {
    sqlite3_stmt* statement = statement_.get();
    if (!statement) return false;
    sqlite3_bind_text(statement, 1, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
    const bool same = sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_double(statement, 0) == number;
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return same;
  }

 private:
  std::unique_ptr<sqlite3, Closer> handle_;
  std::unique_ptr<sqlite3_stmt, Closer> statement_;
};

/// number = mantissa * 2^exponent with an integral mantissa: every step of the expression is exact.
std::string exact_expression(double number) {
  int exponent = 0;
  auto mantissa = static_cast<std::int64_t>(std::ldexp(std::frexp(number, &exponent), 53));
  exponent -= 53;
  for (; mantissa % 2 == 0; mantissa /= 2) ++exponent;
  std::string text = "(" + std::to_string(mantissa) + ".0";
  for (int left = std::abs(exponent); left > 0;) {
    const int step = std::min(left, 52);
    text += (exponent < 0 ? " / " : " * ") + std::to_string(std::int64_t{1} << step) + ".0";
    left -= step;
  }
  return text + ")";
}

std::string real_literal(double number) {
  if (std::isnan(number)) return "NULL";
  if (std::isinf(number)) return number > 0 ? "9e999" : "-9e999";
  std::array<char, 40> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  std::string text(buffer.data(), end);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";  // or it would be an INTEGER
  thread_local Reader reader;
  return number == 0 || reader.reads(text, number) ? text : exact_expression(number);
}

std::string blob_literal(const Bytes& bytes) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text = "X'";
  for (std::byte byte : bytes) {
    text += digits[std::to_integer<std::size_t>(byte) >> 4];
    text += digits[std::to_integer<std::size_t>(byte) & 15];
  }
  return text + "'";
}

}  // namespace

std::string quote_literal(const Value& value) {
  if (value.is_null()) return "NULL";
  if (const bool* boolean = value.boolean()) return *boolean ? "1" : "0";
  if (const std::int64_t* integer = value.integer()) return std::to_string(*integer);
  if (const double* number = value.number()) return real_literal(*number);
  if (const std::string* string = value.string()) return quote_string(*string);
  if (const Bytes* bytes = value.bytes()) return blob_literal(*bytes);
  return quote_string(to_json(value));
}

}  // namespace aludel::sqlite
