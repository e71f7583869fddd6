#include <aludel/file/toml.hpp>

#include "file/scanner.hpp"

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <toml++/toml.h>

#include <algorithm>
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

}  // namespace

Value parse_toml(std::string_view text, std::string_view name) {
  const auto canonical = canonical_text(text);
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
