#include <aludel/model/types.hpp>

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <random>

namespace aludel {
namespace {

detail::Int128 power_of_ten(int exponent) {
  detail::Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

[[noreturn]] void no_decimal(std::string_view text, int precision, int scale, std::string_view why) {
  throw Error(ErrorKind::usage, fmt::format("{} is no decimal({},{}): {}", quoted(text), precision, scale, why));
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

namespace detail {

Int128 checked_decimal(Int128 unscaled, int precision) {
  const auto limit = power_of_ten(precision);
  if (unscaled >= limit || unscaled <= -limit) {
    throw Error(ErrorKind::usage, fmt::format("a decimal number has more than {} digits", precision))
        .with_hint("use a Decimal of a higher precision");
  }
  return unscaled;
}

Int128 scaled_decimal(std::int64_t whole, int precision, int scale) {
  const auto limit = power_of_ten(precision - scale);
  if (whole >= limit || whole <= -limit) no_decimal(std::to_string(whole), precision, scale, "too many digits");
  return whole * power_of_ten(scale);
}

Int128 parse_decimal(std::string_view text, int precision, int scale) {
  auto rest = text;
  const bool negative = !rest.empty() && rest.front() == '-';
  if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) rest.remove_prefix(1);
  Int128 unscaled = 0;
  int digits = 0, behind_point = -1;  // -1: no point yet
  for (const char c : rest) {
    if (c == '.' && behind_point < 0) {
      behind_point = 0;
      continue;
    }
    if (c < '0' || c > '9') no_decimal(text, precision, scale, "it must be digits, with at most one sign and one point");
    ++digits;
    if (behind_point >= 0 && ++behind_point > scale) {
      if (c != '0') no_decimal(text, precision, scale, "too many digits behind the point");
      behind_point = scale;
      continue;
    }
    unscaled = unscaled * 10 + (c - '0');
    if (unscaled >= power_of_ten(precision)) no_decimal(text, precision, scale, "too many digits");
  }
  if (digits == 0) no_decimal(text, precision, scale, "it has no digits");
  const auto missing = scale - std::max(behind_point, 0);
  if (unscaled >= power_of_ten(precision - missing)) no_decimal(text, precision, scale, "too many digits");
  unscaled *= power_of_ten(missing);
  return negative ? -unscaled : unscaled;
}

std::string decimal_text(Int128 unscaled, int scale) {
  const bool negative = unscaled < 0;
  if (negative) unscaled = -unscaled;
  std::string digits;
  for (int count = 0; unscaled > 0 || count <= scale; ++count) {
    if (count == scale && scale > 0) digits += '.';
    digits += static_cast<char>('0' + static_cast<int>(unscaled % 10));
    unscaled /= 10;
  }
  if (negative) digits += '-';
  std::reverse(digits.begin(), digits.end());
  return digits;
}

}  // namespace detail

Uuid Uuid::parse(std::string_view text) {
  auto rest = text;
  if (rest.size() >= 2 && rest.front() == '{' && rest.back() == '}') rest = rest.substr(1, rest.size() - 2);
  const bool hyphens = rest.size() == 36;
  std::array<std::uint8_t, 16> octets{};
  std::size_t digits = 0;
  bool valid = hyphens || rest.size() == 32;
  for (std::size_t at = 0; valid && at < rest.size(); ++at) {
    if (hyphens && (at == 8 || at == 13 || at == 18 || at == 23)) {
      valid = rest[at] == '-';
      continue;
    }
    const int digit = hex_digit(rest[at]);
    valid = digit >= 0;
    if (valid) octets[digits / 2] = static_cast<std::uint8_t>(octets[digits / 2] * 16 + digit);
    ++digits;
  }
  if (!valid) {
    throw Error(ErrorKind::usage, fmt::format("{} is no uuid", quoted(text))).with_hint("expected 6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  }
  return Uuid(octets);
}

Uuid Uuid::random() {
  std::random_device source;
  std::array<std::uint8_t, 16> octets{};
  for (std::size_t at = 0; at < octets.size(); at += 4) {
    const auto word = source();
    for (std::size_t byte = 0; byte < 4; ++byte) octets[at + byte] = static_cast<std::uint8_t>(word >> (8 * byte));
  }
  octets[6] = static_cast<std::uint8_t>((octets[6] & 0x0FU) | 0x40U);
  octets[8] = static_cast<std::uint8_t>((octets[8] & 0x3FU) | 0x80U);
  return Uuid(octets);
}

std::string Uuid::text() const {
  std::string text;
  for (std::size_t at = 0; at < octets_.size(); ++at) {
    if (at == 4 || at == 6 || at == 8 || at == 10) text += '-';
    text += fmt::format("{:02x}", octets_[at]);
  }
  return text;
}

}  // namespace aludel
