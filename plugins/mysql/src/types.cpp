#include "types.hpp"

#include "lexer.hpp"
#include "quoting.hpp"

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

namespace aludel::mysql {

using schema::Type;
using schema::TypeKind;

namespace {

/// A type's text in its parts: "int(10) unsigned zerofill".
struct Parts {
  std::string word;
  std::vector<std::string> arguments;  ///< strings unquoted
  bool strings = false;
  bool is_unsigned = false, zerofill = false;
  std::string rest;  ///< what nobody knows
};

struct Synonym {
  std::string_view said;
  std::string_view word;
};
/// Manuals, "Using Data Types from Other Database Engines" and the types' own pages.
constexpr std::array synonyms = {Synonym{"integer", "int"},
                                 Synonym{"int4", "int"},
                                 Synonym{"int1", "tinyint"},
                                 Synonym{"int2", "smallint"},
                                 Synonym{"int3", "mediumint"},
                                 Synonym{"middleint", "mediumint"},
                                 Synonym{"int8", "bigint"},
                                 Synonym{"dec", "decimal"},
                                 Synonym{"numeric", "decimal"},
                                 Synonym{"fixed", "decimal"},
                                 Synonym{"number", "decimal"},
                                 Synonym{"double precision", "double"},
                                 Synonym{"real", "double"},
                                 Synonym{"float8", "double"},
                                 Synonym{"float4", "float"},
                                 Synonym{"character", "char"},
                                 Synonym{"nchar", "char"},
                                 Synonym{"character varying", "varchar"},
                                 Synonym{"char varying", "varchar"},
                                 Synonym{"varcharacter", "varchar"},
                                 Synonym{"nvarchar", "varchar"},
                                 Synonym{"varchar2", "varchar"},
                                 Synonym{"long", "mediumtext"},
                                 Synonym{"long varchar", "mediumtext"},
                                 Synonym{"long varbinary", "mediumblob"},
                                 Synonym{"clob", "longtext"},
                                 Synonym{"raw", "varbinary"}};

struct Width {
  std::string_view word;
  std::string_view width, unsigned_width;
};
constexpr std::array widths = {Width{"tinyint", "4", "3"}, Width{"smallint", "6", "5"}, Width{"mediumint", "9", "8"}, Width{"int", "11", "10"},
                               Width{"bigint", "20", "20"}};

Parts parts_of(std::string_view text) {
  Parts parts;
  const std::vector<Token> tokens = tokenize(text);
  std::size_t at = 0;
  const auto take_words = [&] {
    for (; tokens[at].kind == TokenKind::word; ++at) {
      if (tokens[at].is("unsigned")) {
        parts.is_unsigned = true;
      } else if (tokens[at].is("zerofill")) {
        parts.zerofill = parts.is_unsigned = true;
      } else if (!tokens[at].is("signed")) {
        parts.word += (parts.word.empty() ? "" : " ") + to_lower(tokens[at].text);
      }
    }
  };
  take_words();
  if (tokens[at].is_symbol('(')) {
    for (++at; tokens[at].kind != TokenKind::end && !tokens[at].is_symbol(')'); ++at) {
      if (tokens[at].is_symbol(',')) continue;
      parts.strings |= tokens[at].kind == TokenKind::string;
      parts.arguments.push_back(unquote(tokens[at]));
    }
    if (tokens[at].is_symbol(')')) ++at;
  }
  take_words();
  if (tokens[at].kind != TokenKind::end) parts.rest = trim(text.substr(tokens[at].offset));
  for (const Synonym& synonym : synonyms) {
    if (parts.word == synonym.said) parts.word = synonym.word;
  }
  if (parts.word == "bool" || parts.word == "boolean") {
    parts.word = "tinyint";
    parts.arguments = {"1"};
  }
  return parts;
}

void normalise(Parts& parts) {
  for (const Width& known : widths) {
    if (parts.word != known.word || parts.zerofill || parts.arguments.empty()) continue;
    if (parts.arguments[0] == (parts.is_unsigned ? known.unsigned_width : known.width)) parts.arguments.clear();
  }
  if (parts.word == "year") parts.arguments.clear();
  if (parts.word == "decimal") {
    if (parts.arguments.empty()) parts.arguments = {"10"};
    if (parts.arguments.size() == 1) parts.arguments.emplace_back("0");
  }
  // float(p) only chooses between float and double.
  if (parts.word == "float" && parts.arguments.size() == 1) {
    if (parts.arguments[0].size() > 2 || (parts.arguments[0].size() == 2 && parts.arguments[0] > "24")) parts.word = "double";
    parts.arguments.clear();
  }
  const bool one = parts.word == "char" || parts.word == "binary" || parts.word == "bit";
  if (one && parts.arguments.empty()) parts.arguments = {"1"};
  const bool fraction = parts.word == "datetime" || parts.word == "timestamp" || parts.word == "time";
  if (fraction && parts.arguments.size() == 1 && parts.arguments[0] == "0") parts.arguments.clear();
}

std::string canonical_of(const Parts& parts) {
  std::string text = parts.word;
  if (!parts.arguments.empty()) {
    text += '(';
    for (std::size_t i = 0; i < parts.arguments.size(); ++i) {
      if (i > 0) text += ',';
      text += parts.strings ? quote_string(parts.arguments[i]) : parts.arguments[i];
    }
    text += ')';
  }
  if (parts.is_unsigned) text += " unsigned";
  if (parts.zerofill) text += " zerofill";
  if (!parts.rest.empty()) text += " " + parts.rest;
  return text;
}

std::optional<int> number_at(const Parts& parts, std::size_t i) {
  if (i >= parts.arguments.size()) return std::nullopt;
  int number = 0;
  const std::string& text = parts.arguments[i];
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::optional<Type> neutral(const Parts& parts) {
  const std::string& word = parts.word;
  const std::size_t count = parts.arguments.size();
  if (word == "enum" && parts.strings && parts.rest.empty()) return Type::enumeration("", parts.arguments);
  if (parts.strings || !parts.rest.empty() || parts.is_unsigned) return std::nullopt;
  if (word == "tinyint" && count == 1 && parts.arguments[0] == "1") return Type::boolean();
  if (word == "decimal" && count == 2) return Type::decimal(number_at(parts, 0), number_at(parts, 1));
  if (count == 1 && number_at(parts, 0)) {
    const int length = *number_at(parts, 0);
    if (word == "varchar") return Type::varchar(length);
    if (word == "char") return Type::character(length);
    if (word == "varbinary") return Type::binary(length);
    if (word == "datetime") return Type::timestamp(false, length);
    if (word == "timestamp") return Type::timestamp(true, length);
    if (word == "time") {
      Type type = Type::time();
      type.precision = length;
      return type;
    }
  }
  if (count != 0) return std::nullopt;
  if (word == "smallint") return Type::smallint();
  if (word == "int") return Type::integer();
  if (word == "bigint") return Type::bigint();
  if (word == "float") return Type::real();
  if (word == "double") return Type::double_precision();
  if (word == "text") return Type::string();
  if (word == "blob") return Type::binary();
  if (word == "date") return Type::date();
  if (word == "time") return Type::time();
  if (word == "datetime") return Type::timestamp();
  if (word == "timestamp") return Type::timestamp(true);
  if (word == "json") return Type::json();
  if (word == "uuid") return Type::uuid();
  return std::nullopt;
}

std::string with_fraction(std::string_view word, const Type& type) {
  return type.precision && *type.precision > 0 ? fmt::format("{}({})", word, *type.precision) : std::string(word);
}

bool has_uuid(const dialect::Server& server) { return server.flavour == "mariadb" && server.major * 100 + server.minor >= 1007; }

[[noreturn]] void refuse(const Type& type) {
  throw Error(ErrorKind::unsupported, fmt::format("MySQL and MariaDB have no type {}", quoted(to_text(type))))
      .with_hint("choose another one for this dialect, as a number of seconds or json: native('...') says it in its own words");
}

}  // namespace

Type type_of(std::string_view text) {
  Parts parts = parts_of(text);
  normalise(parts);
  const std::string canonical = canonical_of(parts);
  Type type = neutral(parts).value_or(Type::native(canonical));
  type.canonical = canonical;
  return type;
}

std::string type_text(const Type& type, const dialect::Server& server) {
  switch (type.kind) {
    case TypeKind::boolean:
      return "tinyint(1)";
    case TypeKind::smallint:
      return "smallint";
    case TypeKind::integer:
      return "int";
    case TypeKind::bigint:
      return "bigint";
    case TypeKind::real:
      return "float";
    case TypeKind::double_precision:
      return "double";
    case TypeKind::decimal:
      // Others keep every digit of a bare decimal; here it would be an integer.
      return type.precision ? fmt::format("decimal({},{})", *type.precision, type.scale.value_or(0)) : "decimal(65,30)";
    case TypeKind::text:
      return "text";
    case TypeKind::varchar:
      return type.length ? fmt::format("varchar({})", *type.length) : "text";
    case TypeKind::character:
      return fmt::format("char({})", type.length.value_or(1));
    case TypeKind::binary:
      return type.length ? fmt::format("varbinary({})", *type.length) : "blob";
    case TypeKind::date:
      return "date";
    case TypeKind::time:
      return with_fraction("time", type);
    case TypeKind::timestamp:
      return with_fraction(type.with_zone ? "timestamp" : "datetime", type);
    case TypeKind::uuid:
      return has_uuid(server) ? "uuid" : "char(36)";
    case TypeKind::json:
      return "json";
    case TypeKind::enumeration: {
      if (type.values.empty()) refuse(type);
      std::string text = "enum(";
      for (std::size_t i = 0; i < type.values.size(); ++i) text += (i == 0 ? "" : ",") + quote_string(type.values[i]);
      return text + ")";
    }
    case TypeKind::native:
      return type.text;
    case TypeKind::interval:
    case TypeKind::array:
      refuse(type);
  }
  return {};
}

std::string_view type_word(std::string_view canonical) { return canonical.substr(0, canonical.find_first_of("( ")); }

bool is_text_type(std::string_view canonical) {
  static constexpr std::array words = {"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"};
  return std::find(words.begin(), words.end(), type_word(canonical)) != words.end();
}

bool is_numeric_type(std::string_view canonical) {
  static constexpr std::array words = {"tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "year"};
  return std::find(words.begin(), words.end(), type_word(canonical)) != words.end();
}

bool needs_expression_default(std::string_view canonical) {
  static constexpr std::array words = {"tinytext", "text",  "mediumtext", "longtext", "tinyblob",   "blob",       "mediumblob",   "longblob",
                                       "json",     "point", "geometry",   "polygon",  "linestring", "multipoint", "multipolygon", "multilinestring"};
  return std::find(words.begin(), words.end(), type_word(canonical)) != words.end();
}

}  // namespace aludel::mysql
