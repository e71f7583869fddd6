#include "file/toml_writer.hpp"

#include "utf8.hpp"

#include <aludel/error.hpp>
#include <aludel/file/toml.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace aludel::file {
namespace {

constexpr std::size_t line_limit = 120;

void require_utf8(std::string_view text, std::string_view key) {
  for (std::size_t i = 0; i < text.size();) {
    const auto point = decode_utf8(text.substr(i));
    if (!point.valid) {
      throw Error(ErrorKind::unsupported, fmt::format("{} holds text that is not UTF-8: {}", quoted(key), quoted(text)))
          .with_hint("TOML files are UTF-8 throughout; rename the thing in the database, or leave it out");
    }
    i += point.length;
  }
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

std::string escape(char c) {
  switch (c) {
    case '\b':
      return "\\b";
    case '\t':
      return "\\t";
    case '\n':
      return "\\n";
    case '\f':
      return "\\f";
    case '\r':
      return "\\r";
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    default:
      return fmt::format("\\u{:04X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
}

/// """ or ''' strings; the newline after the opening quotes is no part of the text.
std::string lines_string(std::string_view text) {
  const auto allowed = [](char c) { return !is_control(c) || c == '\n' || c == '\t'; };
  const bool plain = std::all_of(text.begin(), text.end(), allowed);
  const bool awkward = text.find('\\') != std::string_view::npos || text.find("\"\"\"") != std::string_view::npos;
  if (plain && awkward && text.find("'''") == std::string_view::npos && !text.ends_with('\'')) return fmt::format("'''\n{}'''", text);
  std::string result = "\"\"\"\n";
  std::size_t quotes = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    quotes = c == '"' ? quotes + 1 : 0;
    // Three in a row would end it, and so would one right before the closing quotes.
    const bool closing = c == '"' && (quotes == 3 || i + 1 == text.size());
    if (closing) quotes = 0;
    result += closing || c == '\\' || !allowed(c) ? escape(c) : std::string(1, c);
  }
  return result + "\"\"\"";
}

std::string number_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::array<char, 32> buffer{};
  std::string text(buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

bool has_lines(const Value& value) {
  if (const auto* text = value.string()) return text->find('\n') != std::string::npos;
  if (const auto* array = value.array()) return std::any_of(array->begin(), array->end(), has_lines);
  if (const auto* object = value.object()) {
    return std::any_of(object->begin(), object->end(), [](const Member& member) { return has_lines(member.value); });
  }
  return false;
}

bool all_tables(const Value::Array& array) {
  return !array.empty() && std::all_of(array.begin(), array.end(), [](const Value& item) { return item.object() != nullptr; });
}

/// One entry a line; nullopt where one of them would pass the limit or holds several lines.
std::optional<std::string> one_a_line(const std::string& key, const Value::Array& array, bool strict) {
  auto text = key + " = [\n";
  for (const auto& item : array) {
    auto line = "  " + inline_toml(item, key) + ',';
    if (strict && (line.size() > line_limit || has_lines(item))) return std::nullopt;
    text += line + '\n';
  }
  return text + "]\n";
}

/// The member as it stands among its table's keys; nullopt where it needs a section. With `keep`, it never does.
std::optional<std::string> key_value(const Member& member, bool keep) {
  const auto key = toml_key(member.key);
  const auto* text = member.value.string();
  if (text && text->find('\n') != std::string::npos) {
    require_utf8(*text, member.key);
    return fmt::format("{} = {}\n", key, lines_string(*text));
  }
  const auto* array = member.value.array();
  const auto* object = member.value.object();
  auto line = fmt::format("{} = {}\n", key, inline_toml(member.value, member.key));
  const bool fits = line.size() <= line_limit + 1;
  // A section for one plain key would only part what belongs together.
  const bool lone = object && object->size() == 1 && !object->front().value.array() && !object->front().value.object();
  if (keep || (lone && !has_lines(member.value))) return line;
  if (object && !object->empty()) return fits && !has_lines(member.value) ? std::optional(line) : std::nullopt;
  if (array && all_tables(*array)) {
    if (array->size() == 1 && fits && !has_lines(member.value)) return line;
    return one_a_line(key, *array, true);
  }
  if (array && !fits) return one_a_line(key, *array, false);
  return line;
}

}  // namespace

std::string toml_key(std::string_view key) {
  const auto bare = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
  if (!key.empty() && std::all_of(key.begin(), key.end(), bare)) return std::string(key);
  require_utf8(key, key);
  return toml_string(key);
}

std::string toml_string(std::string_view text) {
  const bool controls = std::any_of(text.begin(), text.end(), is_control);
  if (!controls && text.find_first_of("\"\\") != std::string_view::npos && text.find('\'') == std::string_view::npos) {
    return fmt::format("'{}'", text);
  }
  std::string result = "\"";
  for (const char c : text) result += c == '"' || c == '\\' || is_control(c) ? escape(c) : std::string(1, c);
  return result + '"';
}

std::string inline_toml(const Value& value, std::string_view key) {
  if (const auto* truth = value.boolean()) return *truth ? "true" : "false";
  if (const auto* integer = value.integer()) return std::to_string(*integer);
  if (const auto* number = value.number()) return number_text(*number);
  if (const auto* text = value.string()) {
    require_utf8(*text, key);
    return toml_string(*text);
  }
  std::vector<std::string> parts;
  if (const auto* array = value.array()) {
    for (const auto& item : *array) parts.push_back(inline_toml(item, key));
    return '[' + join(parts, ", ") + ']';
  }
  if (const auto* object = value.object()) {
    for (const auto& member : *object) parts.push_back(toml_key(member.key) + " = " + inline_toml(member.value, member.key));
    return '{' + join(parts, ", ") + '}';
  }
  throw Error(ErrorKind::unsupported, fmt::format("{} is {}, which TOML cannot say", quoted(key), value.type_name()));
}

void write_toml_table(std::string& out, const Value::Object& object, const std::string& path) {
  // Sections come last, so they would change the order of a row's columns.
  const bool row = path.ends_with(".rows");
  std::vector<const Member*> sections;
  for (const auto& member : object) {
    if (const auto text = key_value(member, row)) {
      out += *text;
    } else {
      sections.push_back(&member);
    }
  }
  const auto blank = [&] {
    if (!out.empty()) out += '\n';
  };
  for (const auto* section : sections) {
    const auto name = path.empty() ? toml_key(section->key) : path + '.' + toml_key(section->key);
    if (const auto* array = section->value.array()) {
      for (const auto& item : *array) {
        blank();
        out += fmt::format("[[{}]]\n", name);
        write_toml_table(out, *item.object(), name);
      }
    } else {
      blank();
      out += fmt::format("[{}]\n", name);
      write_toml_table(out, *section->value.object(), name);
    }
  }
}

std::string to_toml(const Value& object) {
  const auto* members = object.object();
  if (!members) throw Error(ErrorKind::unsupported, "a TOML document is a table, not " + std::string(object.type_name()));
  std::string out;
  write_toml_table(out, *members, "");
  return out;
}

}  // namespace aludel::file
