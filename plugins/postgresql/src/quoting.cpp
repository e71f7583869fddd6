#include "quoting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace aludel::postgresql {

std::string quote_identifier(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string quote_name(const schema::Name& name) {
  return name.schema.empty() ? quote_identifier(name.name) : quote_identifier(name.schema) + "." + quote_identifier(name.name);
}

std::string quote_literal(const Value& value) {
  if (value.is_null()) return "NULL";
  if (const bool* flag = value.boolean()) return *flag ? "true" : "false";
  if (const auto* number = value.integer()) return std::to_string(*number);
  if (const auto* number = value.number()) return std::isfinite(*number) ? fmt::format("{}", *number) : fmt::format("'{}'::float8", *number);
  if (const Bytes* bytes = value.bytes()) {
    std::string quoted = "'\\x";
    for (const std::byte byte : *bytes) quoted += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
    return quoted + "'::bytea";
  }
  const std::string text = value.string() ? *value.string() : to_json(value);
  std::string quoted = text.find('\\') == std::string::npos ? "'" : "E'";
  for (char c : text) {
    if (c == '\'' || c == '\\') quoted += c;
    quoted += c;
  }
  return quoted + "'";
}

}  // namespace aludel::postgresql
