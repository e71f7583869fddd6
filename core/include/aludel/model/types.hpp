#pragma once

#include <aludel/export.hpp>
#include <aludel/value.hpp>

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace aludel {

namespace detail {
__extension__ typedef __int128 Int128;  // NOLINT(modernize-use-using): __extension__ takes no alias

/// Throws Error(usage) for text that is no decimal number, or does not fit `precision` digits with `scale` of them behind the point.
ALUDEL_API Int128 parse_decimal(std::string_view text, int precision, int scale);
ALUDEL_API std::string decimal_text(Int128 unscaled, int scale);
/// Returns `unscaled`; throws Error(usage) if it has more than `precision` digits.
ALUDEL_API Int128 checked_decimal(Int128 unscaled, int precision);
/// An integer as a decimal. Throws Error(usage) where it does not fit.
ALUDEL_API Int128 scaled_decimal(std::int64_t whole, int precision, int scale);
}  // namespace detail

/// A decimal number of at most `Precision` digits, `Scale` of them behind the point: the column type decimal(Precision, Scale).
///
/// Exact: nothing is rounded, and what does not fit throws Error(usage). A plain value; addition and subtraction stay within the precision.
template <int Precision, int Scale = 0>
class Decimal {
  static_assert(Precision >= 1 && Precision <= 38, "aludel: a decimal has 1 to 38 digits");
  static_assert(Scale >= 0 && Scale <= Precision, "aludel: a decimal's scale lies between 0 and its precision");

 public:
  static constexpr int precision = Precision;
  static constexpr int scale = Scale;

  constexpr Decimal() = default;
  Decimal(std::int64_t whole) : unscaled_(detail::scaled_decimal(whole, Precision, Scale)) {}
  Decimal(int whole) : Decimal(static_cast<std::int64_t>(whole)) {}
  Decimal(double) = delete;  // 0.1 is no decimal number: write Decimal<4, 2>("0.1")
  /// "12", "-12.50", "+.5".
  explicit Decimal(std::string_view text) : unscaled_(detail::parse_decimal(text, Precision, Scale)) {}

  /// With exactly `Scale` digits behind the point.
  std::string text() const { return detail::decimal_text(unscaled_, Scale); }
  /// The number times 10^Scale.
  detail::Int128 unscaled() const { return unscaled_; }

  Decimal operator-() const { return from_unscaled(-unscaled_); }
  friend Decimal operator+(Decimal a, Decimal b) { return from_unscaled(a.unscaled_ + b.unscaled_); }
  friend Decimal operator-(Decimal a, Decimal b) { return from_unscaled(a.unscaled_ - b.unscaled_); }
  Decimal& operator+=(Decimal other) { return *this = *this + other; }
  Decimal& operator-=(Decimal other) { return *this = *this - other; }
  auto operator<=>(const Decimal&) const = default;

 private:
  static Decimal from_unscaled(detail::Int128 unscaled) {
    Decimal result;
    result.unscaled_ = detail::checked_decimal(unscaled, Precision);
    return result;
  }

  detail::Int128 unscaled_ = 0;
};

/// A universally unique identifier (RFC 9562): the column type uuid.
class ALUDEL_API Uuid {
 public:
  /// The nil identifier, all zeros.
  constexpr Uuid() = default;
  constexpr explicit Uuid(std::array<std::uint8_t, 16> octets) : octets_(octets) {}
  /// "6ba7b810-9dad-11d1-80b4-00c04fd430c8", in either case, also in braces or without hyphens. Throws Error(usage).
  static Uuid parse(std::string_view text);
  /// A random one (version 4) from the system's source of randomness. Thread-safe.
  static Uuid random();

  /// Lower case, with hyphens.
  std::string text() const;
  const std::array<std::uint8_t, 16>& octets() const { return octets_; }
  bool is_nil() const { return *this == Uuid(); }
  auto operator<=>(const Uuid&) const = default;

 private:
  std::array<std::uint8_t, 16> octets_{};
};

/// A JSON document: the column type json. Equality is that of the values, not of their spelling.
class ALUDEL_API Json {
 public:
  /// null
  Json() = default;
  Json(Value value) : value_(std::move(value)) {}
  /// Throws Error(syntax) with line and column.
  static Json parse(std::string_view text) { return Json(from_json(text)); }

  const Value& value() const { return value_; }
  Value& value() { return value_; }
  /// Compact.
  std::string text() const { return to_json(value_); }
  bool operator==(const Json&) const = default;

 private:
  Value value_;
};

}  // namespace aludel

template <>
struct std::hash<aludel::Uuid> {
  std::size_t operator()(const aludel::Uuid& uuid) const noexcept {
    const auto& octets = uuid.octets();
    return std::hash<std::string_view>()(std::string_view(reinterpret_cast<const char*>(octets.data()), octets.size()));
  }
};
