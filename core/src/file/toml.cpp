#include <aludel/file/toml.hpp>

#include "file/scanner.hpp"

#include <aludel/error.hpp>
#include <aludel/text.hpp>

// Its own doubts are no reason to end the process: what they are about it refuses, as its library does, which is built without them.
#define TOML_ASSERT(condition) static_assert(true)
#include <toml++/toml.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <sstream>

namespace aludel::file {
namespace {

/// toml++ counts characters; places in messages and marks count bytes, as compilers and editors' jump lists do.
class Places {
 public:
  explicit Places(std::string_view text) : text_(text) {
    starts_.push_back(0);
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') starts_.push_back(i + 1);
      if (static_cast<unsigned char>(text[i]) >= 0x80) ascii_ = false;
    }
  }
  Mark mark(const toml::source_position& position) const {
    Mark mark{position.line, position.column};
    if (ascii_ || mark.line == 0 || mark.line > starts_.size()) return mark;
    const auto start = starts_[mark.line - 1];
    std::size_t at = start;
    for (std::uint32_t column = 1; column < position.column && at < text_.size() && text_[at] != '\n'; ++column) {
      ++at;
      while (at < text_.size() && (static_cast<unsigned char>(text_[at]) & 0xC0U) == 0x80U) ++at;
    }
    mark.column = static_cast<std::uint32_t>(at - start) + 1;
    return mark;
  }

 private:
  std::string_view text_;
  std::vector<std::size_t> starts_;
  bool ascii_ = true;
};

template <class T>
std::string streamed(const T& value) {
  std::ostringstream stream;
  stream.imbue(std::locale::classic());
  stream << value;
  return stream.str();
}

Value convert(const toml::node& node, const Places& places);

Value convert_table(const toml::table& table, const Places& places) {
  Value::Object members;
  members.reserve(table.size());
  for (const auto& [key, node] : table) members.push_back({std::string(key.str()), convert(node, places), places.mark(key.source().begin)});
  // toml++ sorts by name; the text's order is what a person wrote, and rows and dialects keep it.
  std::stable_sort(members.begin(), members.end(),
                   [](const Member& a, const Member& b) { return std::pair(a.mark.line, a.mark.column) < std::pair(b.mark.line, b.mark.column); });
  return members;
}

Value convert_plain(const toml::node& node, const Places& places) {
  if (const auto* table = node.as_table()) return convert_table(*table, places);
  if (const auto* array = node.as_array()) {
    Value::Array items;
    items.reserve(array->size());
    for (const auto& item : *array) items.push_back(convert(item, places));
    return items;
  }
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* integer = node.as_integer()) return std::int64_t{integer->get()};
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* truth = node.as_boolean()) return truth->get();
  if (const auto* date = node.as_date()) return streamed(date->get());
  if (const auto* time = node.as_time()) return streamed(time->get());
  return streamed(node.as_date_time()->get());
}

Value convert(const toml::node& node, const Places& places) {
  auto value = convert_plain(node, places);
  value.mark = places.mark(node.source().begin);
  return value;
}

/// toml++ limits how deep brackets nest, but not how long a dotted key is, and each dot is a table in a table.
void limit_depth(std::string_view text, std::string_view name) {
  TomlScanner scanner(text);
  for (TomlLine line; scanner.next(line);) {
    if (scanner.dots() <= TOML_MAX_NESTED_VALUES) continue;
    throw Error(ErrorKind::syntax, "this is no valid TOML: a key of more than " + std::to_string(TOML_MAX_NESTED_VALUES) + " parts")
        .at({std::string(name), static_cast<std::uint32_t>(line.number), 1});
  }
}

bool is_key_character(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; }

/// 2026-11-29T05:12:36Z, of a day that every month has.
bool is_plain_time(std::string_view text) {
  constexpr std::string_view form = "0000-00-00T00:00:00Z";
  if (text.size() != form.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i]) return false;
  }
  const auto between = [&](std::size_t at, std::string_view least, std::string_view most) {
    return text.substr(at, 2) >= least && text.substr(at, 2) <= most;
  };
  return between(5, "01", "12") && between(8, "01", "28") && between(11, "00", "23") && between(14, "00", "59") && between(17, "00", "59");
}

/// What most revision files begin with: lines of `key = "text"`, each key once, the text in ASCII and without escapes, or a time; comments and blank
/// lines. Nothing where there is more to it. Every command reads the head of every file.
std::optional<Value> parse_plain(std::string_view text) {
  Value::Object members;
  std::uint32_t number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    begin = end + 1;
    ++number;
    const auto is_plain = [](char c) { return c >= ' ' && c <= '~'; };
    if (!std::all_of(line.begin(), line.end(), is_plain)) return std::nullopt;
    if (line.empty() || line.front() == '#') continue;
    const auto key = static_cast<std::size_t>(std::find_if_not(line.begin(), line.end(), is_key_character) - line.begin());
    constexpr std::string_view equals = " = ";
    if (key == 0 || line.substr(key, equals.size()) != equals) return std::nullopt;
    std::string_view value = line.substr(key + equals.size());
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
      if (value.find_first_of("\"\\") != std::string_view::npos) return std::nullopt;
    } else if (!is_plain_time(value)) {
      return std::nullopt;
    }
    const std::string_view name = line.substr(0, key);
    if (std::any_of(members.begin(), members.end(), [&](const Member& one) { return one.key == name; })) return std::nullopt;
    Value content{std::string(value)};
    content.mark = {number, static_cast<std::uint32_t>(key + equals.size()) + 1};
    members.push_back({std::string(name), std::move(content), {number, 1}});
  }
  Value value(std::move(members));
  value.mark = {1, 1};
  return value;
}

}  // namespace

Value parse_toml(std::string_view text, std::string_view name) {
  const auto canonical = canonical_text(text);
  if (auto plain = parse_plain(canonical)) return *std::move(plain);
  limit_depth(canonical, name);
  const Places places(canonical);
  try {
    auto value = convert_table(toml::parse(canonical), places);
    value.mark = {1, 1};
    return value;
  } catch (const toml::parse_error& error) {
    const auto mark = places.mark(error.source().begin);
    throw Error(ErrorKind::syntax, "this is no valid TOML: " + printable(error.description(), 400)).at({std::string(name), mark.line, mark.column});
  }
}

}  // namespace aludel::file
