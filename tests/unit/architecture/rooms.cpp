#include "rooms.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>

namespace aludel::architecture {

namespace {

/// Rooms of one number do not include each other; every other room may include those of lower numbers.
const std::map<std::string, int, std::less<>>& order() {
  static const std::map<std::string, int, std::less<>> rooms = {
      {"base", 0},
      {"schema", 1},
      {"model", 2},
      {"op", 2},
      {"diff", 3},
      {"revision", 3},
      {"dialect", 3},
      {"migrate", 4},
      {"file", 5},
      {"plugin", 5},
      {"environment", 6},
      {"source", 7},
      {"autogenerate", 8},
      // The sdk stands beside the environment: it is what an application's env.cpp and a plugin include.
      {"sdk", 7}};
  return rooms;
}

/// Headers that stand in no folder, and the room that implements them.
const std::map<std::string, std::string, std::less<>>& ground_floor() {
  static const std::map<std::string, std::string, std::less<>> headers = {
      {"error.hpp", "base"},     {"export.hpp", "base"},  {"text.hpp", "base"},       {"url.hpp", "base"},
      {"value.hpp", "base"},     {"version.hpp", "base"}, {"utf8.hpp", "base"},       {"json.hpp", "base"},
      {"connect.hpp", "plugin"}, {"models.hpp", "model"}, {"embedded.hpp", "migrate"}};
  return headers;
}

bool is_word(char character) { return std::isalnum(static_cast<unsigned char>(character)) != 0 || character == '_'; }

/// Walks over C++ text and tells code, comments and literals apart.
class Scanner {
 public:
  enum class Kind { code, comment, literal };
  explicit Scanner(std::string_view text) : text_(text) {}

  /// Calls visit(kind, piece) for consecutive pieces that make up the whole text. A literal comes with its quotes.
  template <class Visit>
  void scan(Visit visit) {
    std::size_t begin = 0, i = 0;
    while (i < text_.size()) {
      Kind kind = Kind::code;
      const std::size_t end = end_of_special(i, kind);
      if (end == i) {
        ++i;
        continue;
      }
      if (begin != i) visit(Kind::code, text_.substr(begin, i - begin));
      visit(kind, text_.substr(i, end - i));
      begin = i = end;
    }
    if (begin != i) visit(Kind::code, text_.substr(begin));
  }

 private:
  std::size_t end_of_special(std::size_t i, Kind& kind) const {
    const std::string_view rest = text_.substr(i);
    if (rest.substr(0, 2) == "//") {
      kind = Kind::comment;
      return std::min(text_.find('\n', i), text_.size());
    }
    if (rest.substr(0, 2) == "/*") {
      kind = Kind::comment;
      const std::size_t end = text_.find("*/", i + 2);
      return end == std::string_view::npos ? text_.size() : end + 2;
    }
    // An apostrophe inside a word or a number (1'000) opens nothing.
    if (rest[0] == '\'' && i != 0 && is_word(text_[i - 1])) return i;
    if (rest[0] != '"' && rest[0] != '\'') return i;
    kind = Kind::literal;
    if (rest[0] == '"' && i != 0 && text_[i - 1] == 'R') return end_of_raw(i);
    std::size_t end = i + 1;
    while (end < text_.size() && text_[end] != rest[0]) end += text_[end] == '\\' ? 2 : 1;
    return std::min(end + 1, text_.size());
  }
  std::size_t end_of_raw(std::size_t i) const {
    const std::size_t open = text_.find('(', i);
    if (open == std::string_view::npos) return text_.size();
    const std::string closing = ")" + std::string(text_.substr(i + 1, open - i - 1)) + "\"";
    const std::size_t end = text_.find(closing, open);
    return end == std::string_view::npos ? text_.size() : end + closing.size();
  }

  std::string_view text_;
};

std::vector<std::string> words_naming_a_database(std::string_view text) {
  constexpr std::array<std::string_view, 6> names = {"sqlite", "mysql", "mariadb", "postgres", "pg_catalog", "information_schema"};
  std::vector<std::string> found;
  for (std::size_t i = 0; i < text.size();) {
    if (!is_word(text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && is_word(text[end])) ++end;
    const std::string word(text.substr(i, end - i));
    std::string lowered = word;
    std::transform(lowered.begin(), lowered.end(), lowered.begin(),
                   [](unsigned char character) { return static_cast<char>(std::tolower(character)); });
    const auto named = [&](std::string_view name) { return lowered.find(name) != std::string::npos; };
    if (std::any_of(names.begin(), names.end(), named)) found.push_back(word);
    i = end;
  }
  return found;
}

/// Several words are prose for people, unless a word is a name of the database's own, such as sqlite_master.
bool is_prose(std::string_view literal, const std::string& word) {
  return literal.find(' ') != std::string_view::npos && word.find('_') == std::string::npos;
}

}  // namespace

std::string without_comments(std::string_view source) {
  std::string result;
  Scanner(source).scan([&](Scanner::Kind kind, std::string_view piece) {
    if (kind != Scanner::Kind::comment) {
      result += piece;
      return;
    }
    for (char character : piece) result += character == '\n' ? '\n' : ' ';
  });
  return result;
}

std::vector<Include> includes_of(std::string_view source) {
  std::vector<Include> result;
  const std::string code = without_comments(source);
  std::size_t line = 1;
  for (std::size_t begin = 0; begin < code.size(); ++line) {
    const std::size_t end = std::min(code.find('\n', begin), code.size());
    const std::string_view text = std::string_view(code).substr(begin, end - begin);
    begin = end + 1;
    const std::size_t hash = text.find_first_not_of(" \t");
    if (hash == std::string_view::npos || text[hash] != '#') continue;
    const std::size_t word = text.find_first_not_of(" \t", hash + 1);
    if (word == std::string_view::npos || text.substr(word, 7) != "include") continue;
    const std::size_t open = text.find_first_of("<\"", word);
    if (open == std::string_view::npos) continue;
    const std::size_t close = text.find_first_of(">\"", open + 1);
    if (close == std::string_view::npos) continue;
    result.push_back({std::string(text.substr(open + 1, close - open - 1)), text[open] == '<', line});
  }
  return result;
}

bool is_room(std::string_view room) { return order().find(room) != order().end(); }

std::optional<std::string> room_of(std::string_view header) {
  constexpr std::string_view prefix = "aludel/";
  const bool is_public = header.substr(0, prefix.size()) == prefix;
  if (is_public) header.remove_prefix(prefix.size());
  const std::size_t slash = header.find('/');
  if (slash == std::string_view::npos) {
    const auto found = ground_floor().find(header);
    if (found != ground_floor().end()) return found->second;
    return is_public ? std::optional<std::string>(header) : std::nullopt;
  }
  const std::string_view room = header.substr(0, slash);
  if (is_public || is_room(room)) return std::string(room);
  return std::nullopt;
}

bool may_include(std::string_view from, std::string_view to) {
  const auto a = order().find(from), b = order().find(to);
  if (a == order().end() || b == order().end()) return false;
  return from == to || b->second < a->second;
}

std::vector<std::string> databases_named(std::string_view source) {
  std::vector<std::string> result;
  std::size_t line = 1;
  Scanner(source).scan([&](Scanner::Kind kind, std::string_view piece) {
    if (kind != Scanner::Kind::comment) {
      for (const std::string& word : words_naming_a_database(piece)) {
        if (kind == Scanner::Kind::literal && is_prose(piece, word)) continue;
        const std::string_view before = piece.substr(0, piece.find(word));
        const auto lines = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
        result.push_back("line " + std::to_string(line + lines) + ": " + word);
      }
    }
    line += static_cast<std::size_t>(std::count(piece.begin(), piece.end(), '\n'));
  });
  return result;
}

std::vector<std::filesystem::path> sources_below(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> result;
  if (!std::filesystem::exists(directory)) return result;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    const std::string extension = entry.path().extension().string();
    if (entry.is_regular_file() && (extension == ".hpp" || extension == ".cpp" || extension == ".h")) result.push_back(entry.path());
  }
  std::sort(result.begin(), result.end());
  return result;
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + file.string());
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace aludel::architecture
