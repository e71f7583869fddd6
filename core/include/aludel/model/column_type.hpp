#pragma once

#include <aludel/export.hpp>
#include <aludel/model/enumeration.hpp>
#include <aludel/model/types.hpp>
#include <aludel/schema/type.hpp>

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <ratio>
#include <string>
#include <type_traits>
#include <vector>

namespace aludel {

/// The one trait that maps an application's own type to a column type:
///
///     template <>
///     struct aludel::ColumnType<Email> {
///       static aludel::schema::Type type() { return aludel::schema::Type::varchar(254); }
///       static std::string literal(const Email& email) { ... }   // optional: an SQL literal, for server_default(Email{...})
///     };
///
/// It goes before the mapping of standard types (docs/models.md has the table), so it can change those too. std::optional of a mapped type is
/// mapped, and nullable. Specialise it before the type is first used in a model.
template <class T>
struct ColumnType {};

namespace detail {

template <class T>
concept HasColumnType = requires {
  { ColumnType<T>::type() } -> std::convertible_to<schema::Type>;
};

/// The mapping of the types that need no trait; empty for all others.
template <class T>
struct StandardType {};
template <class T>
concept HasStandardType = requires {
  { StandardType<T>::type() } -> std::convertible_to<schema::Type>;
};

template <class T>
concept Character =
    std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> || std::same_as<T, char16_t> || std::same_as<T, char32_t>;
template <class T>
concept Octet = std::same_as<T, std::byte> || std::same_as<T, std::uint8_t>;
template <class T>
concept Integer = std::integral<T> && !Character<T> && !std::same_as<T, bool>;

template <class T>
concept Mapped = HasColumnType<T> || HasStandardType<T> || std::is_enum_v<T>;

template <>
struct StandardType<bool> {
  static schema::Type type() { return schema::Type::boolean(); }
};
/// The smallest type that holds every value: databases have no unsigned integers in common.
template <Integer T>
struct StandardType<T> {
  static schema::Type type() {
    if constexpr (std::numeric_limits<T>::digits < 16)
      return schema::Type::smallint();
    else if constexpr (std::numeric_limits<T>::digits < 32)
      return schema::Type::integer();
    else if constexpr (std::numeric_limits<T>::digits < 64)
      return schema::Type::bigint();
    else
      return schema::Type::decimal(20, 0);
  }
};
template <>
struct StandardType<float> {
  static schema::Type type() { return schema::Type::real(); }
};
template <>
struct StandardType<double> {
  static schema::Type type() { return schema::Type::double_precision(); }
};
template <>
struct StandardType<std::string> {
  static schema::Type type() { return schema::Type::string(); }
};
template <Octet T>
struct StandardType<std::vector<T>> {
  static schema::Type type() { return schema::Type::binary(); }
};
template <Octet T, std::size_t Size>
struct StandardType<std::array<T, Size>> {
  static schema::Type type() { return schema::Type::binary(static_cast<int>(Size)); }
};
template <int Precision, int Scale>
struct StandardType<Decimal<Precision, Scale>> {
  static schema::Type type() { return schema::Type::decimal(Precision, Scale); }
};
template <>
struct StandardType<Uuid> {
  static schema::Type type() { return schema::Type::uuid(); }
};
template <>
struct StandardType<Json> {
  static schema::Type type() { return schema::Type::json(); }
};

/// Digits of a second's fraction: none for whole seconds, at most the 6 that databases keep.
template <class Duration>
constexpr std::optional<int> fraction_digits() {
  using Period = typename Duration::period;
  if constexpr (std::ratio_greater_equal_v<Period, std::ratio<1>>)
    return std::nullopt;
  else if constexpr (std::ratio_greater_equal_v<Period, std::milli>)
    return 3;
  else
    return 6;
}
template <>
struct StandardType<std::chrono::year_month_day> {
  static schema::Type type() { return schema::Type::date(); }
};
template <class Clock, class Duration>
requires std::same_as<Clock, std::chrono::system_clock> || std::same_as<Clock, std::chrono::local_t>
struct StandardType<std::chrono::time_point<Clock, Duration>> {
  static schema::Type type() {
    if constexpr (std::ratio_greater_equal_v<typename Duration::period, std::chrono::days::period>)
      return schema::Type::date();
    else
      return schema::Type::timestamp(false, fraction_digits<Duration>());
  }
};
template <class Rep, class Period>
struct StandardType<std::chrono::duration<Rep, Period>> {
  static schema::Type type() { return schema::Type::interval(); }
};
template <class Duration>
struct StandardType<std::chrono::hh_mm_ss<Duration>> {
  static schema::Type type() {
    auto time = schema::Type::time();
    time.precision = fraction_digits<Duration>();
    return time;
  }
};
/// Only where the dialect has arrays.
template <class T>
requires(!Octet<T>) && Mapped<T> struct StandardType<std::vector<T>>;

ALUDEL_API schema::Type enumeration_type(const EnumInfo& info);

template <class T>
schema::Type type_of() {
  if constexpr (HasColumnType<T>)
    return ColumnType<T>::type();
  else if constexpr (HasStandardType<T>)
    return StandardType<T>::type();
  else if constexpr (std::is_enum_v<T>)
    return enumeration_type(make_enum_info(enum_spec<T>));
}

template <class T>
requires(!Octet<T>) && Mapped<T> struct StandardType<std::vector<T>> {
  static schema::Type type() { return schema::Type::array(type_of<T>()); }
};

/// What a member's type says of its column.
struct ValueInfo {
  schema::Type (*type)() = nullptr;       ///< null: not mapped, or an enumeration
  const EnumSpec* enumeration = nullptr;  ///< null: none
  bool nullable = false;
  const char* signature = nullptr;  ///< the C++ type's, for messages
};

template <class T>
struct StripOptional {
  using type = T;
  static constexpr bool nullable = false;
};
template <class T>
struct StripOptional<std::optional<T>> {
  using type = std::remove_cv_t<T>;
  static constexpr bool nullable = true;
};
/// What is stored of a member: without const and std::optional.
template <class T>
using Stored = typename StripOptional<std::remove_cv_t<T>>::type;

template <class T>
constexpr ValueInfo make_value_info() {
  using Plain = Stored<T>;
  ValueInfo info;
  info.nullable = StripOptional<std::remove_cv_t<T>>::nullable;
  info.signature = type_signature<Plain>();
  if constexpr (HasColumnType<Plain> || HasStandardType<Plain>)
    info.type = &type_of<Plain>;
  else if constexpr (std::is_enum_v<Plain>)
    info.enumeration = &enum_spec<Plain>;
  return info;
}
template <class T>
inline constexpr ValueInfo value_info = make_value_info<T>();

/// Stops the compilation, in words that say what to do, unless the type is mapped.
template <class T>
constexpr bool require_mapped() {
  using Plain = Stored<T>;
  static_assert(!Character<Plain>,
                "aludel: a char member has no column type, for it could be text or a number: use std::string, std::int8_t or std::uint8_t");
  static_assert(!std::is_array_v<Plain>,
                "aludel: a C array member has no column type: use std::string for text or std::array<std::byte, N> for bytes");
  static_assert(
      !std::is_pointer_v<Plain>,
      "aludel: a pointer member has no column type: use the value itself, std::optional where it may be missing, and the other struct's key "
      "for a relationship");
  static_assert(Mapped<Plain> || Character<Plain> || std::is_array_v<Plain> || std::is_pointer_v<Plain>,
                "aludel: this member's type has no column type: specialise aludel::ColumnType<T> with `static aludel::schema::Type type()`, or leave "
                "the member out with models.table<T>(name, aludel::ignore<&T::member>)");
  return true;
}

}  // namespace detail
}  // namespace aludel
