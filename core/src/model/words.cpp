#include "model/words.hpp"

#include <aludel/text.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace aludel::detail {
namespace {

bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' || byte >= 0x80;
}

/// The end of what stands between quotes, doubled quotes inside; `at` is behind the opening one.
std::size_t quoted_end(std::string_view sql, std::size_t at, char close, std::string& text) {
  for (; at < sql.size(); ++at) {
    if (sql[at] == close) {
      if (at + 1 < sql.size() && sql[at + 1] == close && close != ']')
        ++at;
      else
        return at + 1;
    }
    text += sql[at];
  }
  return at;
}

}  // namespace

std::vector<Word> words(std::string_view sql) {
  std::vector<Word> found;
  for (std::size_t at = 0; at < sql.size();) {
    const char c = sql[at];
    std::string text;
    if (sql.substr(at, 2) == "--") {
      at = std::min(sql.find('\n', at), sql.size());
    } else if (sql.substr(at, 2) == "/*") {
      const auto end = sql.find("*/", at + 2);
      at = end == std::string_view::npos ? sql.size() : end + 2;
    } else if (c == '\'') {
      at = quoted_end(sql, at + 1, '\'', text);
    } else if (c == '"' || c == '`' || c == '[') {
      at = quoted_end(sql, at + 1, c == '[' ? ']' : c, text);
      found.push_back({std::move(text), true});
    } else if (is_word(c)) {
      const auto begin = at;
      while (at < sql.size() && is_word(sql[at])) ++at;
      found.push_back({std::string(sql.substr(begin, at - begin)), false});
    } else {
      ++at;
    }
  }
  return found;
}

bool names(const Word& word, std::string_view name) { return word.quoted ? word.text == name : equals_ignoring_case(word.text, name); }

std::string slug(std::string_view sql) {
  std::string text;
  for (const auto& word : words(sql)) {
    if (!text.empty()) text += '_';
    for (const char c : word.text) text += is_word(c) ? c : '_';
  }
  text = to_lower(text);
  constexpr std::size_t limit = 40, kept = 31;
  if (text.size() <= limit) return text;
  auto end = kept;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // not within a character
  return text.substr(0, end) + "_" + sha256(text).substr(0, 8);
}

std::string string_literal(std::string_view text) {
  std::string literal = "'";
  for (const char c : text) {
    if (c == '\'') literal += '\'';
    literal += c;
  }
  return literal + "'";
}

std::string number_literal(double value) {
  std::array<char, 40> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  std::string text(buffer.data(), result.ptr);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

}  // namespace aludel::detail
