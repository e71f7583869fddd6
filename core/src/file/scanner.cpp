#include "file/scanner.hpp"

#include <aludel/text.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <string_view>

namespace aludel::file {

namespace {

/// Outside strings.
constexpr std::array<bool, 256> means_something = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("#,=[]{}.\"'")) table[static_cast<unsigned char>(c)] = true;
  return table;
}();

}  // namespace

bool TomlScanner::next(TomlLine& line) {
  if (position_ >= text_.size()) return false;
  line.begin = position_;
  line.end = std::min(text_.find('\n', position_), text_.size());
  line.number = ++number_;
  line.fresh = inside_ == Inside::nothing && depth_ == 0;
  const auto whole = text_.substr(line.begin, line.end - line.begin);
  line.text = trim(whole);
  walk(whole);
  position_ = line.end + 1;
  return true;
}

void TomlScanner::walk(std::string_view line) {
  // Strings of one line cannot go on, whatever the line before said.
  if (inside_ == Inside::basic || inside_ == Inside::literal) inside_ = Inside::nothing;
  std::size_t dots = 0;
  most_dots_ = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    // Most of a line's characters mean nothing here.
    if (inside_ == Inside::nothing) {
      while (i < line.size() && !means_something[static_cast<unsigned char>(line[i])]) ++i;
      if (i == line.size()) return;
    }
    const auto rest = line.substr(i);
    switch (inside_) {
      case Inside::nothing:
        if (rest[0] == '#') return;
        if (std::string_view(",=[]{}").find(rest[0]) != std::string_view::npos) dots = 0;
        if (rest[0] == '.') most_dots_ = std::max(most_dots_, ++dots);
        if (rest.starts_with("\"\"\"") || rest.starts_with("'''")) {
          inside_ = rest[0] == '"' ? Inside::basic_lines : Inside::literal_lines;
          i += 2;
        } else if (rest[0] == '"') {
          inside_ = Inside::basic;
        } else if (rest[0] == '\'') {
          inside_ = Inside::literal;
        } else if (rest[0] == '[' || rest[0] == '{') {
          ++depth_;
        } else if ((rest[0] == ']' || rest[0] == '}') && depth_ > 0) {
          --depth_;
        }
        break;
      case Inside::basic:
        if (rest[0] == '\\') ++i;
        if (rest[0] == '"') inside_ = Inside::nothing;
        break;
      case Inside::literal:
        if (rest[0] == '\'') inside_ = Inside::nothing;
        break;
      case Inside::basic_lines:
      case Inside::literal_lines: {
        const char quote = inside_ == Inside::basic_lines ? '"' : '\'';
        if (quote == '"' && rest[0] == '\\') ++i;
        if (rest.size() < 3 || rest[0] != quote || rest[1] != quote || rest[2] != quote) break;
        // Up to two quotes before the closing three belong to the string.
        i += 2;
        for (int more = 0; more < 2 && i + 1 < line.size() && line[i + 1] == quote; ++more) ++i;
        inside_ = Inside::nothing;
        break;
      }
    }
  }
}

bool is_plain_time(std::string_view text) {
  constexpr std::string_view form = "0000-00-00T00:00:00Z";
  if (text.size() != form.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i]) return false;
  }
  const auto number = [&](std::size_t begin, std::size_t length) {
    int value = 0;
    std::from_chars(text.data() + begin, text.data() + begin + length, value);
    return value;
  };
  const std::chrono::year_month_day date{std::chrono::year(number(0, 4)), std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                         std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  return date.ok() && number(11, 2) < 24 && number(14, 2) < 60 && number(17, 2) < 60;
}

}  // namespace aludel::file
