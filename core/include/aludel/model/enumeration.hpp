#pragma once

#include <aludel/export.hpp>
#include <aludel/model/detail/signature.hpp>

#include <array>
#include <cstddef>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace aludel {

/// What the compiler cannot say about an enumeration. Specialise it with any of these, all optional:
///
///     template <>
///     struct aludel::Enumeration<Rank> {
///       static constexpr std::string_view name = "rank";     // the type's name; default: the C++ name in snake_case
///       static constexpr int minimum = 0, maximum = 500;     // where enumerators are looked for; default: -8 to 119
///       static constexpr std::pair<Rank, std::string_view> labels[] = {{Rank::rookie, "R"}, {Rank::veteran, "V"}};  // instead of looking
///     };
///
/// An enumerator outside the range would vanish silently: where one stands at either end of the default range, Models::metadata() throws.
/// An unscoped enumeration without a fixed underlying type needs `labels` or a range that it covers.
template <class E>
struct Enumeration {};

namespace detail {

struct EnumLabel {
  long long value = 0;
  std::string label;
};

/// What is known of an enumeration, labels in the order of their values (of their declaration, where they are explicit).
struct EnumInfo {
  std::string cpp_name;  ///< as the compiler spells it, for messages
  std::string name;      ///< of the column type
  std::vector<EnumLabel> labels;
  std::string problem;  ///< why the labels cannot be trusted; empty: they can

  ALUDEL_API const EnumLabel* find(long long value) const;
  ALUDEL_API const EnumLabel* find(std::string_view label) const;
};

struct EnumRange {
  long long minimum = 0;
  long long maximum = 0;
  bool open_below = false;  ///< the range is ours, and the enumeration could hold lower values
  bool open_above = false;
};

struct EnumLabelView {
  long long value = 0;
  std::string_view label;
};

/// All that is known at compile time, as a constant: what is made of it is made by one function for all enumerations.
struct EnumSpec {
  const char* type = nullptr;
  const char* values = nullptr;  ///< the compiler's spelling of the range; null: the labels are given
  EnumRange range;
  const EnumLabelView* labels = nullptr;
  std::size_t label_count = 0;
  std::string_view name;  ///< empty: made of the type's
};

ALUDEL_API EnumInfo make_enum_info(const EnumSpec& spec);

template <class E>
concept NamedEnumeration = requires {
  std::string_view(Enumeration<E>::name);
};
template <class E>
concept LabelledEnumeration = requires {
  std::size(Enumeration<E>::labels);
};
template <class E>
concept RangedEnumeration = requires {
  Enumeration<E>::minimum;
  Enumeration<E>::maximum;
};
/// Every value of the underlying type is one of the enumeration.
template <class E>
concept FixedEnumeration = requires {
  E{0};
};

inline constexpr long long lowest_enumerator = -8;
inline constexpr long long highest_enumerator = 119;

template <class E>
constexpr EnumRange enum_range() {
  if constexpr (RangedEnumeration<E>) {
    return {static_cast<long long>(Enumeration<E>::minimum), static_cast<long long>(Enumeration<E>::maximum), false, false};
  } else {
    using Limits = std::numeric_limits<std::underlying_type_t<E>>;
    constexpr bool low = std::is_signed_v<std::underlying_type_t<E>> && Limits::min() < lowest_enumerator;
    constexpr bool high = static_cast<unsigned long long>(Limits::max()) > highest_enumerator;
    return {low ? lowest_enumerator : static_cast<long long>(Limits::min()), high ? highest_enumerator : static_cast<long long>(Limits::max()), low,
            high};
  }
}

template <class E, long long Minimum, long long... Index>
constexpr const char* enum_signature(std::integer_sequence<long long, Index...>) {
  return values_signature<E, static_cast<E>(Minimum + Index)...>();
}

template <class E>
constexpr auto make_enum_labels() {
  constexpr std::size_t count = std::size(Enumeration<E>::labels);
  std::array<EnumLabelView, count> views{};
  for (std::size_t index = 0; index < count; ++index) {
    views[index] = {static_cast<long long>(Enumeration<E>::labels[index].first), std::string_view(Enumeration<E>::labels[index].second)};
  }
  return views;
}
template <LabelledEnumeration E>
inline constexpr auto enum_labels = make_enum_labels<E>();

template <class E>
constexpr EnumSpec make_enum_spec() {
  EnumSpec spec;
  spec.type = type_signature<E>();
  if constexpr (NamedEnumeration<E>) spec.name = std::string_view(Enumeration<E>::name);
  if constexpr (LabelledEnumeration<E>) {
    spec.labels = enum_labels<E>.data();
    spec.label_count = enum_labels<E>.size();
  } else {
    static_assert(FixedEnumeration<E> || RangedEnumeration<E>,
                  "aludel: the labels of an enumeration without a fixed underlying type cannot be found: write `enum class E` or `enum E : int`, or "
                  "specialise aludel::Enumeration<E> with labels");
    if constexpr (FixedEnumeration<E> || RangedEnumeration<E>) {
      constexpr EnumRange range = enum_range<E>();
      constexpr bool bounded = range.minimum <= range.maximum && range.maximum - range.minimum < 4096;
      static_assert(bounded, "aludel: the range in aludel::Enumeration<E> must hold 1 to 4096 values; give `labels` instead");
      spec.range = range;
      if constexpr (bounded) {
        spec.values = enum_signature<E, range.minimum>(std::make_integer_sequence<long long, range.maximum - range.minimum + 1>());
      }
    }
  }
  return spec;
}
template <class E>
inline constexpr EnumSpec enum_spec = make_enum_spec<E>();

/// For the application, which asks often. Thread-safe.
template <class E>
const EnumInfo& enum_info() {
  static const EnumInfo info = make_enum_info(enum_spec<E>);
  return info;
}

}  // namespace detail

/// The label that an enumeration's column holds for a value; nullopt for a value without one. Thread-safe.
template <class E>
requires std::is_enum_v<E> std::optional<std::string_view> enum_label(E value) {
  const auto* label = detail::enum_info<E>().find(static_cast<long long>(value));
  if (!label) return std::nullopt;
  return label->label;
}

/// The value a label stands for; nullopt for a label that the enumeration does not have. Thread-safe.
template <class E>
requires std::is_enum_v<E> std::optional<E> enum_value(std::string_view label) {
  const auto* found = detail::enum_info<E>().find(label);
  if (!found) return std::nullopt;
  return static_cast<E>(found->value);
}

}  // namespace aludel
