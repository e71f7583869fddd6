#include "render_conversions.hpp"

#include "render_text.hpp"
#include "types.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace aludel::postgresql {

using schema::Type;
using schema::TypeKind;

namespace {

bool is_textual(const Type& type) {
  return type.kind == TypeKind::text || type.kind == TypeKind::varchar || type.kind == TypeKind::character ||
         (type.kind == TypeKind::enumeration && type.name.empty()) ||
         (type.kind == TypeKind::native && equals_ignoring_case(type.text, "character varying"));
}

bool is_whole(const Type& type) { return type.kind == TypeKind::smallint || type.kind == TypeKind::integer || type.kind == TypeKind::bigint; }
bool is_numeric(const Type& type) {
  return is_whole(type) || type.kind == TypeKind::real || type.kind == TypeKind::double_precision || type.kind == TypeKind::decimal;
}

/// Between dates and times: PostgreSQL has assignment casts for these.
bool converts_time(const Type& from, const Type& to) {
  switch (from.kind) {
    case TypeKind::date:
      return to.kind == TypeKind::timestamp;
    case TypeKind::timestamp:
      return to.kind == TypeKind::date || to.kind == TypeKind::time || to.kind == TypeKind::timestamp;
    case TypeKind::time:
      return to.kind == TypeKind::time || (to.kind == TypeKind::interval && !from.with_zone);
    case TypeKind::interval:
      return to.kind == TypeKind::time && !to.with_zone;
    default:
      return false;
  }
}

/// Of the built-in ones (manual, 8.17.1).
bool is_range(const Type& type) {
  static constexpr std::string_view ranges[] = {"int4range",     "int8range",    "numrange",       "tsrange",
                                                "tstzrange",     "daterange",    "int4multirange", "int8multirange",
                                                "nummultirange", "tsmultirange", "tstzmultirange", "datemultirange"};
  return type.kind == TypeKind::native && std::find(std::begin(ranges), std::end(ranges), type.text) != std::end(ranges);
}

Conversion explicitly(std::string expression) { return {Conversion::Kind::explicitly, std::move(expression)}; }

}  // namespace

Conversion conversion_of(const Type& from, const Type& to, std::string_view column) {
  const std::string target = type_text(to);
  const std::string cast = fmt::format("{}::{}", column, target);
  if (type_text(from) == target) return {};
  if (is_textual(to)) return {};
  if (is_textual(from)) return explicitly(cast);
  if ((from.kind == TypeKind::array) != (to.kind == TypeKind::array)) return {Conversion::Kind::unknown, {}};
  if (is_range(from) && is_range(to)) return explicitly(fmt::format("{}::text::{}", column, target));
  // Enumerations have casts from and to texts only (manual, 8.7.3).
  const bool of_enumeration = from.kind == TypeKind::enumeration || to.kind == TypeKind::enumeration;
  if (of_enumeration && (from.kind == TypeKind::native || to.kind == TypeKind::native)) {
    return explicitly(fmt::format("{}::text::{}", column, target));
  }
  // There may be a cast that somebody made; spelled out, it need not be one for assignments.
  if (from.kind == TypeKind::native || to.kind == TypeKind::native) return explicitly(cast);
  if (is_numeric(from) && is_numeric(to)) return {};
  if (from.kind == TypeKind::enumeration && to.kind == TypeKind::enumeration) return explicitly(fmt::format("{}::text::{}", column, target));
  if (from.kind == TypeKind::boolean && is_numeric(to))
    return explicitly(to.kind == TypeKind::integer ? cast : fmt::format("{}::integer::{}", column, target));
  if (to.kind == TypeKind::boolean && is_numeric(from)) return explicitly(fmt::format("{} <> 0", column));
  if (converts_time(from, to)) return {};
  if (to.kind == TypeKind::json) return explicitly(fmt::format("to_jsonb({})", column));
  if (from.kind == TypeKind::json && (is_numeric(to) || to.kind == TypeKind::boolean)) return explicitly(cast);
  if (from.kind == TypeKind::array && to.kind == TypeKind::array && !from.element.empty() && !to.element.empty()) {
    const Conversion element = conversion_of(from.element[0], to.element[0], column);
    if (element.kind != Conversion::Kind::explicitly) return element;
    return explicitly(is_textual(from.element[0]) ? cast : fmt::format("{}::text[]::{}", column, target));
  }
  if (from.kind == to.kind) return {};
  return {Conversion::Kind::unknown, {}};
}

std::string default_after(const schema::Expression& value, const Type& from, const Type& to) {
  const std::string& text = sql_of(value);
  if (from.kind != TypeKind::enumeration || from.name.empty() || type_text(from) == type_text(to)) return text;
  // 'rookie'::rank, 'rookie'::app.rank, 'rookie'::"Rank": the value alone takes the column's type.
  const std::size_t cast = text.rfind("::");
  if (cast == std::string::npos || text.empty() || text.front() != '\'' || text.find('\'', cast) != std::string::npos) return text;
  return text.substr(0, cast);
}

bool rewrites(const Type& from, const Type& to) {
  if (type_text(from) == type_text(to)) return false;
  const auto unbounded = [](const Type& type) { return type.kind == TypeKind::text || (type.kind == TypeKind::native && is_textual(type)); };
  const bool from_varying = from.kind == TypeKind::varchar || unbounded(from);
  if (from_varying && unbounded(to)) return false;
  if (from.kind == TypeKind::varchar && to.kind == TypeKind::varchar && from.length && to.length) return *to.length < *from.length;
  if (from.kind == TypeKind::decimal && to.kind == TypeKind::decimal) {
    if (!to.precision) return false;
    return !from.precision || *to.precision < *from.precision || from.scale.value_or(0) != to.scale.value_or(0);
  }
  if (from.kind == to.kind && (from.kind == TypeKind::timestamp || from.kind == TypeKind::time) && from.with_zone == to.with_zone) {
    return to.precision.value_or(6) < from.precision.value_or(6);
  }
  return true;
}

std::string usual_storage(const Type& type) {
  switch (type.kind) {
    case TypeKind::text:
    case TypeKind::varchar:
    case TypeKind::character:
    case TypeKind::binary:
    case TypeKind::json:
    case TypeKind::array:
      return "extended";
    case TypeKind::decimal:
      return "main";
    default:
      return type.kind == TypeKind::native ? "extended" : "plain";
  }
}

}  // namespace aludel::postgresql
