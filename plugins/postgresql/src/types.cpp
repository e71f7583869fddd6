#include "types.hpp"

#include "quoting.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

namespace aludel::postgresql {

using schema::Type;
using schema::TypeKind;

namespace {

/// A type's text in its parts: "timestamp(3) with time zone" is the word "timestamp with time zone" and the argument 3.
struct Parts {
  std::string word;  // lower case, one space between words
  std::vector<int> arguments;
  bool arguments_are_numbers = true;
  int dimensions = 0;
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

void add_word(std::string& words, std::string_view text) {
  for (char c : text) {
    if (!is_space(c)) {
      words += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!words.empty() && words.back() != ' ') {
      words += ' ';
    }
  }
}

/// Takes "[]", "[3]" and "array[3]" off the end. PostgreSQL keeps neither the number of dimensions nor their size (manual, 8.15.1).
bool take_dimension(std::string_view& text) {
  if (text.empty() || text.back() != ']') return false;
  const std::size_t open = text.rfind('[');
  if (open == std::string_view::npos) return false;
  for (char c : text.substr(open + 1, text.size() - open - 2)) {
    if (c < '0' || c > '9') return false;
  }
  text = trim(text.substr(0, open));
  return true;
}

std::optional<Parts> parts_of(std::string_view text) {
  Parts parts;
  text = trim(text);
  while (take_dimension(text)) parts.dimensions = 1;
  constexpr std::string_view array_word = " array";
  if (text.size() > array_word.size() && equals_ignoring_case(text.substr(text.size() - array_word.size()), array_word)) {
    text = trim(text.substr(0, text.size() - array_word.size()));
    parts.dimensions = 1;
  }
  if (text.find('"') != std::string_view::npos) return std::nullopt;
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos) {
    add_word(parts.word, text);
    return parts;
  }
  const std::size_t close = text.find(')', open);
  if (close == std::string_view::npos) return std::nullopt;
  add_word(parts.word, trim(text.substr(0, open)));
  if (const auto rest = trim(text.substr(close + 1)); !rest.empty()) {
    parts.word += ' ';
    add_word(parts.word, rest);
  }
  for (const std::string& argument : split(text.substr(open + 1, close - open - 1), ',')) {
    const std::string_view number = trim(argument);
    int value = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (error != std::errc() || end != number.data() + number.size()) return std::nullopt;
    parts.arguments.push_back(value);
  }
  return parts;
}

struct Known {
  std::string_view word;
  TypeKind kind;
  bool with_zone = false;
};

/// The names of the manual's table 8.1 and those of pg_type, without the word pg_catalog.
constexpr std::array known_types = {
    Known{"boolean", TypeKind::boolean},
    Known{"bool", TypeKind::boolean},
    Known{"smallint", TypeKind::smallint},
    Known{"int2", TypeKind::smallint},
    Known{"integer", TypeKind::integer},
    Known{"int", TypeKind::integer},
    Known{"int4", TypeKind::integer},
    Known{"bigint", TypeKind::bigint},
    Known{"int8", TypeKind::bigint},
    Known{"real", TypeKind::real},
    Known{"float4", TypeKind::real},
    Known{"double precision", TypeKind::double_precision},
    Known{"float8", TypeKind::double_precision},
    Known{"numeric", TypeKind::decimal},
    Known{"decimal", TypeKind::decimal},
    Known{"dec", TypeKind::decimal},
    Known{"text", TypeKind::text},
    Known{"character varying", TypeKind::varchar},
    Known{"varchar", TypeKind::varchar},
    Known{"char varying", TypeKind::varchar},
    Known{"character", TypeKind::character},
    Known{"char", TypeKind::character},
    Known{"bytea", TypeKind::binary},
    Known{"date", TypeKind::date},
    Known{"time", TypeKind::time},
    Known{"time without time zone", TypeKind::time},
    Known{"time with time zone", TypeKind::time, true},
    Known{"timetz", TypeKind::time, true},
    Known{"timestamp", TypeKind::timestamp},
    Known{"timestamp without time zone", TypeKind::timestamp},
    Known{"timestamp with time zone", TypeKind::timestamp, true},
    Known{"timestamptz", TypeKind::timestamp, true},
    Known{"interval", TypeKind::interval},
    Known{"uuid", TypeKind::uuid},
    Known{"jsonb", TypeKind::json},
};

std::optional<Type> neutral(const Parts& parts) {
  std::string_view word = parts.word;
  constexpr std::string_view catalog = "pg_catalog.";
  if (word.substr(0, catalog.size()) == catalog) word.remove_prefix(catalog.size());
  const auto& arguments = parts.arguments;
  if (word == "float") {  // manual, 8.1.3: up to 24 bits it is real
    if (arguments.size() > 1) return std::nullopt;
    return arguments.empty() || arguments[0] > 24 ? Type::double_precision() : Type::real();
  }
  for (const Known& known : known_types) {
    if (known.word != word) continue;
    Type type;
    type.kind = known.kind;
    type.with_zone = known.with_zone;
    switch (known.kind) {
      case TypeKind::decimal:
        if (arguments.size() > 2) return std::nullopt;
        if (!arguments.empty()) type.precision = arguments[0];
        if (!arguments.empty()) type.scale = arguments.size() == 2 ? arguments[1] : 0;
        return type;
      case TypeKind::varchar:
        if (arguments.size() > 1) return std::nullopt;
        if (!arguments.empty()) type.length = arguments[0];
        return type;
      case TypeKind::character:
        if (arguments.size() > 1) return std::nullopt;
        type.length = arguments.empty() ? 1 : arguments[0];  // manual, 8.3: character is character(1)
        return type;
      case TypeKind::time:
      case TypeKind::timestamp:
        if (arguments.size() > 1) return std::nullopt;
        // Six digits are all there are, so to say so is to say nothing; PostgreSQL keeps it apart all the same.
        if (!arguments.empty()) type.precision = arguments[0];
        return type;
      default:
        if (!arguments.empty()) return std::nullopt;
        return type;
    }
  }
  return std::nullopt;
}

std::string with_zone(std::string_view word, const Type& type) {
  const std::string precision = type.precision ? fmt::format("({})", *type.precision) : std::string();
  return fmt::format("{}{} {} time zone", word, precision, type.with_zone ? "with" : "without");
}

}  // namespace

Type type_of(std::string_view text) {
  const auto parts = parts_of(text);
  auto found = parts ? neutral(*parts) : std::nullopt;
  if (!found) {
    Type type = Type::native(std::string(trim(text)));
    type.canonical = type.text;
    return type;
  }
  // varchar without a length has no neutral name of its own: to every dialect it is a text, to PostgreSQL not the same one.
  if (found->kind == TypeKind::varchar && !found->length) found = Type::native("character varying");
  found->canonical = type_text(*found);
  if (parts->dimensions == 0) return *found;
  Type array = Type::array(*std::move(found));
  array.canonical = type_text(array);
  return array;
}

std::string type_text(const Type& type) {
  switch (type.kind) {
    case TypeKind::boolean:
      return "boolean";
    case TypeKind::smallint:
      return "smallint";
    case TypeKind::integer:
      return "integer";
    case TypeKind::bigint:
      return "bigint";
    case TypeKind::real:
      return "real";
    case TypeKind::double_precision:
      return "double precision";
    case TypeKind::decimal:
      return type.precision ? fmt::format("numeric({},{})", *type.precision, type.scale.value_or(0)) : "numeric";
    case TypeKind::text:
      return "text";
    case TypeKind::varchar:
      return type.length ? fmt::format("character varying({})", *type.length) : "character varying";
    case TypeKind::character:
      return fmt::format("character({})", type.length.value_or(1));
    case TypeKind::binary:
      return "bytea";
    case TypeKind::date:
      return "date";
    case TypeKind::time:
      return with_zone("time", type);
    case TypeKind::timestamp:
      return with_zone("timestamp", type);
    case TypeKind::interval:
      return "interval";
    case TypeKind::uuid:
      return "uuid";
    case TypeKind::json:
      return "jsonb";
    case TypeKind::enumeration:
      return type.name.empty() ? "text" : quote_name(enumeration_name(type));
    case TypeKind::array:
      // An array of arrays is an array (manual, 8.15.1).
      return type.element.empty()                      ? "text[]"
             : type.element[0].kind == TypeKind::array ? type_text(type.element[0])
                                                       : type_text(type.element[0]) + "[]";
    case TypeKind::native:
      return type.text;
  }
  return {};
}

std::string canonical_text(const Type& type) {
  if (type.kind == TypeKind::enumeration && !type.name.empty()) return enumeration_name(type).text();
  if (type.kind == TypeKind::array && !type.element.empty() && type.element[0].kind == TypeKind::enumeration) {
    return canonical_text(type.element[0]) + "[]";
  }
  return type_text(type);
}

schema::Name enumeration_name(const Type& type) { return schema::parse_name(type.name); }

std::int64_t largest_of(std::string_view integer_type) {
  if (integer_type == "smallint") return std::numeric_limits<std::int16_t>::max();
  if (integer_type == "integer") return std::numeric_limits<std::int32_t>::max();
  return std::numeric_limits<std::int64_t>::max();
}

std::int64_t smallest_of(std::string_view integer_type) {
  if (integer_type == "smallint") return std::numeric_limits<std::int16_t>::min();
  if (integer_type == "integer") return std::numeric_limits<std::int32_t>::min();
  return std::numeric_limits<std::int64_t>::min();
}

}  // namespace aludel::postgresql
