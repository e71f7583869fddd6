#include "quoting.hpp"

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <cmath>

namespace aludel::mysql {

std::string quote_identifier(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) {
    throw Error(ErrorKind::unsupported, fmt::format("the name {} holds a NUL byte", quoted(text))).with_hint("MySQL and MariaDB have no such names");
  }
  std::string result = "`";
  for (char c : text) {
    if (c == '`') result += '`';
    result += c;
  }
  return result + '`';
}

std::string quote_name(const schema::Name& name) {
  return name.schema.empty() ? quote_identifier(name.name) : quote_identifier(name.schema) + "." + quote_identifier(name.name);
}

std::string quote_string(std::string_view text) {
  std::string result = "'";
  for (char c : text) {
    if (c == '\0') {
      result += "\\0";
      continue;
    }
    if (c == '\'' || c == '\\') result += c;
    result += c;
  }
  return result + "'";
}

std::string quote_literal(const Value& value) {
  if (value.is_null()) return "NULL";
  if (const bool* flag = value.boolean()) return *flag ? "TRUE" : "FALSE";
  if (const auto* number = value.integer()) return std::to_string(*number);
  if (const auto* number = value.number()) {
    if (std::isfinite(*number)) {
      // With an exponent it is a double, without one a decimal.
      const std::string text = fmt::format("{}", *number);
      return text.find('e') == std::string::npos ? text + "e0" : text;
    }
    throw Error(ErrorKind::unsupported, fmt::format("MySQL and MariaDB have no floating-point number {}", *number));
  }
  if (const Bytes* bytes = value.bytes()) {
    std::string result = "x'";
    for (const std::byte byte : *bytes) result += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
    return result + "'";
  }
  return quote_string(value.string() ? *value.string() : to_json(value));
}

}  // namespace aludel::mysql
