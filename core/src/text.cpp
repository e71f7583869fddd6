#include <aludel/text.hpp>

#include <aludel/error.hpp>

#include "utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace aludel {

namespace {

char lower(char character) { return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a') : character; }
char upper(char character) { return character >= 'a' && character <= 'z' ? static_cast<char>(character - 'a' + 'A') : character; }
bool is_space(char character) { return character == ' ' || (character >= '\t' && character <= '\r'); }
bool is_control(char character) { return static_cast<unsigned char>(character) < 0x20 || character == 0x7F; }

/// Edit distance in which two neighbours that changed places count once; anything above `limit` is only known to be above it.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
  std::vector<std::size_t> before(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
  std::iota(previous.begin(), previous.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    std::size_t best = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, changed});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) current[j] = std::min(current[j], before[j - 2] + 1);
      best = std::min(best, current[j]);
    }
    if (best > limit) return best;
    before.swap(previous);
    previous.swap(current);
  }
  return previous[b.size()];
}

/// What a terminal or a log must not be given raw: controls, line separators, and marks that turn the direction of the text around.
bool is_unprintable(char32_t value) {
  return value < 0x20 || (value >= 0x7F && value < 0xA0) || value == 0x2028 || value == 0x2029 || (value >= 0x202A && value <= 0x202E) ||
         (value >= 0x2066 && value <= 0x2069) || value == 0xFEFF;
}

std::string escaped(CodePoint point) {
  if (!point.valid) return fmt::format("\\x{:02x}", static_cast<unsigned>(point.value));
  switch (point.value) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      break;
  }
  const auto value = static_cast<unsigned>(point.value);
  return value < 0x80 ? fmt::format("\\x{:02x}", value) : fmt::format("\\u{:04x}", value);
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known) {
  const std::size_t limit = std::max<std::size_t>(1, word.size() / 3);
  if (word.empty() || word.size() > 200) return std::nullopt;
  const std::string wanted = to_lower(word);
  const std::string* best = nullptr;
  std::size_t best_distance = limit + 1;
  for (const std::string& candidate : known) {
    const std::size_t difference = candidate.size() > word.size() ? candidate.size() - word.size() : word.size() - candidate.size();
    if (candidate.empty() || difference >= best_distance) continue;
    const std::size_t distance = edit_distance(wanted, to_lower(candidate), best_distance - 1);
    // One letter for another is no likeness.
    if (distance >= best_distance || distance >= std::max(wanted.size(), candidate.size())) continue;
    best_distance = distance;
    best = &candidate;
  }
  if (best == nullptr) return std::nullopt;
  return *best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> known) {
  const auto found = nearest(word, known);
  return found ? " (did you mean " + quoted(*found) + "?)" : std::string();
}

std::string to_lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

std::string to_upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), upper);
  return result;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (;;) {
    const std::size_t end = text.find(separator, begin);
    parts.emplace_back(text.substr(begin, end == std::string_view::npos ? end : end - begin));
    if (end == std::string_view::npos) return parts;
    begin = end + 1;
  }
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  std::string result;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i != 0) result += separator;
    result += parts[i];
  }
  return result;
}

std::string printable(std::string_view text, std::size_t limit) {
  std::string result;
  while (!text.empty()) {
    const CodePoint point = decode_utf8(text);
    const std::string piece = point.valid && !is_unprintable(point.value) ? std::string(text.substr(0, point.length)) : escaped(point);
    if (result.size() + piece.size() > limit) return result + "…";
    result += piece;
    text.remove_prefix(point.length);
  }
  return result;
}

std::string quoted(std::string_view text) { return "'" + printable(text) + "'"; }

std::string counted(std::size_t count, std::string_view singular, std::string_view plural) {
  if (count == 1) return fmt::format("1 {}", singular);
  if (!plural.empty()) return fmt::format("{} {}", count, plural);
  return fmt::format("{} {}s", count, singular);
}

std::string canonical_text(std::string_view text) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  std::string result;
  result.reserve(text.size() + 1);
  for (std::size_t end = text.find("\r\n"); end != std::string_view::npos; end = text.find("\r\n")) {
    result += text.substr(0, end);
    text.remove_prefix(end + 1);
  }
  result += text;
  while (!result.empty() && result.back() == '\n') result.pop_back();
  result += '\n';
  return result;
}

namespace {

[[noreturn]] void bad_name(std::string_view text, std::string_view why) {
  throw Error(ErrorKind::syntax, fmt::format("{} is no name: {}", quoted(text), why))
      .with_hint("a name is written table, schema.table or \"odd.name\".column; a quote inside quotes is doubled");
}

/// Reads a quoted part from `i`, which stands on its opening quote; leaves `i` behind the closing one.
std::string read_quoted(std::string_view text, std::size_t& i) {
  std::string part;
  for (++i; i < text.size(); ++i) {
    if (text[i] != '"') {
      part += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == '"') {
      part += text[i++];
    } else {
      ++i;
      return part;
    }
  }
  bad_name(text, "a double quote is not closed");
}

bool needs_quotes(std::string_view part) {
  return part.empty() || is_space(part.front()) || is_space(part.back()) || part.find_first_of(".\"") != std::string_view::npos ||
         std::any_of(part.begin(), part.end(), is_control);
}

}  // namespace

std::vector<std::string> split_name(std::string_view text) {
  std::vector<std::string> parts;
  std::size_t i = 0;
  const auto skip_space = [&] {
    while (i < text.size() && is_space(text[i])) ++i;
  };
  for (;;) {
    skip_space();
    if (i < text.size() && text[i] == '"') {
      parts.push_back(read_quoted(text, i));
      skip_space();
      if (i < text.size() && text[i] != '.') bad_name(text, "a dot was expected after the closing quote");
    } else {
      const std::size_t end = std::min(text.find('.', i), text.size());
      const std::string_view part = trim(text.substr(i, end - i));
      if (part.empty()) bad_name(text, text.empty() ? "it is empty" : "a part of it is empty");
      if (part.find('"') != std::string_view::npos) bad_name(text, "a double quote stands in the middle of a part");
      parts.emplace_back(part);
      i = end;
    }
    if (i >= text.size()) return parts;
    ++i;
  }
}

std::string join_name(std::span<const std::string> parts) {
  std::string result;
  for (const std::string& part : parts) {
    if (&part != parts.data()) result += '.';
    if (!needs_quotes(part)) {
      result += part;
      continue;
    }
    result += '"';
    for (char character : part) {
      if (character == '"') result += '"';
      result += character;
    }
    result += '"';
  }
  return result;
}

}  // namespace aludel
