#include <aludel/model/names.hpp>

#include <string>

namespace aludel::member_names {
namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }
char upper(char c) { return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c; }

}  // namespace

std::string as_written(std::string_view member) { return std::string(member); }

std::string plain(std::string_view member) {
  auto name = member;
  if (name.size() > 2 && name.substr(0, 2) == "m_") name.remove_prefix(2);
  while (name.size() > 1 && name.back() == '_') name.remove_suffix(1);
  return std::string(name);
}

std::string snake_case(std::string_view member) {
  const auto name = plain(member);
  std::string text;
  for (std::size_t at = 0; at < name.size(); ++at) {
    const char c = name[at];
    if (is_upper(c) && at > 0 && name[at - 1] != '_') {
      const bool word_before = is_lower(name[at - 1]) || is_digit(name[at - 1]);
      const bool word_after = is_upper(name[at - 1]) && at + 1 < name.size() && is_lower(name[at + 1]);  // the S of HTTPServer
      if (word_before || word_after) text += '_';
    }
    text += lower(c);
  }
  return text;
}

std::string camel_case(std::string_view member) {
  const auto name = plain(member);
  std::string text;
  bool word = false;
  for (std::size_t at = 0; at < name.size(); ++at) {
    if (name[at] == '_' && !text.empty()) {
      word = true;
      continue;
    }
    text += word ? upper(name[at]) : text.empty() ? lower(name[at]) : name[at];
    word = false;
  }
  return text;
}

}  // namespace aludel::member_names
