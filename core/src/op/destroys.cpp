#include <aludel/op/operation.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>

#include "op/overloaded.hpp"
#include "op/spelling.hpp"

namespace aludel::op {

namespace {

using schema::TypeKind;

/// How many decimal digits stand before the point of an integer type, 0 for other types.
int digits(TypeKind kind) {
  switch (kind) {
    case TypeKind::smallint:
      return 5;
    case TypeKind::integer:
      return 10;
    case TypeKind::bigint:
      return 19;
    default:
      return 0;
  }
}

bool is_text(TypeKind kind) { return kind == TypeKind::text || kind == TypeKind::varchar || kind == TypeKind::character; }

/// The longest text a value prints as; nullopt when there is no bound.
std::optional<int> text_length(const Type& type) {
  switch (type.kind) {
    case TypeKind::boolean:
      return 5;
    case TypeKind::smallint:
    case TypeKind::integer:
    case TypeKind::bigint:
      return digits(type.kind) + 1;
    case TypeKind::decimal:
      if (type.precision) return *type.precision + 3;
      return std::nullopt;
    case TypeKind::date:
      return 10;
    case TypeKind::time:
      return 21;
    case TypeKind::timestamp:
      return 35;
    case TypeKind::uuid:
      return 36;
    case TypeKind::varchar:
    case TypeKind::character:
      return type.length;
    case TypeKind::enumeration: {
      std::size_t longest = 0;
      for (const auto& value : type.values) longest = std::max(longest, value.size());
      return static_cast<int>(longest);
    }
    default:
      return std::nullopt;
  }
}

bool fits_text(const Type& from, const Type& to) {
  if (from.kind == TypeKind::binary || from.kind == TypeKind::native || from.kind == TypeKind::array) return false;
  if (to.kind == TypeKind::text || !to.length) return true;
  const auto longest = text_length(from);
  return longest && *longest <= *to.length;
}

bool fits_decimal(int before_point, int after_point, const Type& to) {
  if (!to.precision) return true;
  const int scale = to.scale.value_or(0);
  return *to.precision - scale >= before_point && scale >= after_point;
}

bool fits_number(const Type& from, const Type& to) {
  const int from_digits = digits(from.kind);
  const int to_digits = digits(to.kind);
  if (from.kind == TypeKind::boolean) return to_digits > 0;
  if (from_digits > 0) {
    if (to_digits > 0) return to_digits >= from_digits;
    if (to.kind == TypeKind::decimal) return fits_decimal(from_digits, 0, to);
    if (to.kind == TypeKind::double_precision) return from.kind != TypeKind::bigint;  // 53 bits
    return to.kind == TypeKind::real && from.kind == TypeKind::smallint;              // 24 bits
  }
  if (from.kind == TypeKind::real) return to.kind == TypeKind::double_precision;
  if (from.kind != TypeKind::decimal || !from.precision) return false;
  const int whole = *from.precision - from.scale.value_or(0);
  if (to.kind == TypeKind::decimal) return fits_decimal(whole, from.scale.value_or(0), to);
  if (to_digits > 0) return from.scale.value_or(0) == 0 && whole < to_digits;
  return to.kind == TypeKind::double_precision && *from.precision <= 15;
}

bool fits_length(const std::optional<int>& from, const std::optional<int>& to) { return !to || (from && *from <= *to); }

bool fits_same_kind(const Type& from, const Type& to);

/// Can every value of `from` be held by `to` as it is?
bool fits(const Type& from, const Type& to) {
  if (from.kind == to.kind) return fits_same_kind(from, to);
  if (is_text(to.kind)) return fits_text(from, to);
  if (from.kind == TypeKind::date) return to.kind == TypeKind::timestamp;
  return fits_number(from, to);
}

bool fits_same_kind(const Type& from, const Type& to) {
  switch (from.kind) {
    case TypeKind::varchar:
    case TypeKind::character:
    case TypeKind::binary:
      return fits_length(from.length, to.length);
    case TypeKind::decimal:
      return !to.precision || (from.precision && fits_number(from, to));
    case TypeKind::time:
    case TypeKind::timestamp:
      return (to.with_zone || !from.with_zone) && fits_length(from.precision.value_or(6), to.precision);
    case TypeKind::enumeration:
      return std::all_of(from.values.begin(), from.values.end(),
                         [&](const auto& value) { return std::find(to.values.begin(), to.values.end(), value) != to.values.end(); });
    case TypeKind::array:
      return from.element.size() == 1 && to.element.size() == 1 && fits(from.element[0], to.element[0]);
    case TypeKind::native:
      return equals_ignoring_case(from.text, to.text);
    case TypeKind::boolean:
    case TypeKind::smallint:
    case TypeKind::integer:
    case TypeKind::bigint:
    case TypeKind::real:
    case TypeKind::double_precision:
    case TypeKind::text:
    case TypeKind::date:
    case TypeKind::interval:
    case TypeKind::uuid:
    case TypeKind::json:
      return true;
  }
  return true;
}

std::optional<std::string> destroys_column(const AlterColumn& body) {
  const std::string column = shown(body.table, body.column);
  if (body.type && !fits(body.type->from, body.type->to)) {
    return fmt::format("values of {} that do not fit {} (it was {})", column, printable(to_text(body.type->to), 80),
                       printable(to_text(body.type->from), 80));
  }
  if (body.generated && body.generated->to && !body.generated->from) return fmt::format("the values of {}, which is computed from now on", column);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> destroys(const Operation& operation) {
  return std::visit(
      [](const auto& body) -> std::optional<std::string> {
        using T = std::decay_t<decltype(body)>;
        if constexpr (std::same_as<T, DropTable>) {
          return fmt::format("all rows of {}", shown(body.table));
        } else if constexpr (std::same_as<T, DropColumn>) {
          if (body.definition && body.definition->generated) return std::nullopt;
          return fmt::format("all values of {}", shown(body.table, body.column));
        } else if constexpr (std::same_as<T, AlterColumn>) {
          return destroys_column(body);
        } else if constexpr (std::same_as<T, DropSequence>) {
          return fmt::format("the position of sequence {}", shown(body.sequence));
        } else if constexpr (std::same_as<T, DropObject>) {
          // A virtual or foreign table, or whatever a dialect stores rows in under a name of its own.
          if (body.object.kind.find("table") == std::string::npos) return std::nullopt;
          return fmt::format("what {} holds", printable(body.object.text()));
        } else {
          return std::nullopt;
        }
      },
      operation.body);
}

}  // namespace aludel::op
