#include "render_definitions.hpp"

#include "quoting.hpp"
#include "render_text.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace aludel::postgresql {

namespace {

/// A piece of a definition that is not looked into: a word, a quoted text, a group in parentheses, a mark.
struct Piece {
  std::size_t begin;
  std::size_t end;
};

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' || (c & 0x80) != 0; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::size_t end_of_quotes(std::string_view text, std::size_t i) {
  const char quote = text[i];
  const bool escapes = quote == '\'' && i > 0 && (text[i - 1] == 'E' || text[i - 1] == 'e') && (i < 2 || !is_word(text[i - 2]));
  for (++i; i < text.size(); ++i) {
    if (escapes && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (i + 1 < text.size() && text[i + 1] == quote) {
        ++i;
      } else {
        return i + 1;
      }
    }
  }
  return text.size();
}

std::size_t end_of_group(std::string_view text, std::size_t i) {
  std::size_t depth = 0;
  while (i < text.size()) {
    if (text[i] == '\'' || text[i] == '"') {
      i = end_of_quotes(text, i);
      continue;
    }
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth == 0) return i + 1;
    ++i;
  }
  return i;
}

std::vector<Piece> pieces_of(std::string_view text) {
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t begin = i;
    if (is_blank(text[i])) {
      ++i;
      continue;
    }
    if (text[i] == '\'' || text[i] == '"') {
      i = end_of_quotes(text, i);
    } else if (text[i] == '(') {
      i = end_of_group(text, i);
    } else if (is_word(text[i])) {
      while (i < text.size() && is_word(text[i])) ++i;
    } else {
      ++i;
    }
    pieces.push_back({begin, i});
  }
  return pieces;
}

/// The parts between commas that stand in no parentheses or quotes.
std::vector<std::string> list_items(std::string_view text) {
  std::vector<std::string> items;
  std::size_t begin = 0;
  for (const Piece& piece : pieces_of(text)) {
    if (text.substr(piece.begin, piece.end - piece.begin) != ",") continue;
    items.emplace_back(trim(text.substr(begin, piece.begin - begin)));
    begin = piece.end;
  }
  if (const std::string_view last = trim(text.substr(begin)); !last.empty()) items.emplace_back(last);
  return items;
}

struct Domain {
  std::string base;  // type and collation
  std::string value;
  bool not_null = false;
  std::map<std::string, std::string> checks;  // by name as it is written
};

/// AS type [COLLATE c] [DEFAULT e] [[NOT] NULL] [CONSTRAINT n] CHECK (...) ...
std::optional<Domain> domain_of(std::string_view text) {
  Domain domain;
  const std::vector<Piece> pieces = pieces_of(text);
  const auto word = [&](std::size_t i) {
    return i < pieces.size() ? text.substr(pieces[i].begin, pieces[i].end - pieces[i].begin) : std::string_view();
  };
  const auto is = [&](std::size_t i, std::string_view expected) { return equals_ignoring_case(word(i), expected); };
  const auto ends = [&](std::size_t i) {
    return i >= pieces.size() || is(i, "default") || is(i, "constraint") || is(i, "check") || is(i, "null") || (is(i, "not") && is(i + 1, "null"));
  };
  const auto between = [&](std::size_t first, std::size_t last) {
    return first >= last ? std::string() : std::string(text.substr(pieces[first].begin, pieces[last - 1].end - pieces[first].begin));
  };
  std::size_t i = is(0, "as") ? 1 : 0;
  std::size_t first = i;
  while (!ends(i)) ++i;
  domain.base = between(first, i);
  while (i < pieces.size()) {
    if (is(i, "default")) {
      first = ++i;
      do ++i;
      while (!ends(i));
      domain.value = between(first, i);
    } else if (is(i, "not")) {
      domain.not_null = true;
      i += 2;
    } else if (is(i, "null")) {
      ++i;
    } else if (is(i, "constraint") && is(i + 2, "check")) {
      domain.checks[std::string(word(i + 1))] = between(i + 2, i + 4);
      i += 4;
    } else {
      return std::nullopt;  // a check without a name, or what is not known
    }
  }
  return domain;
}

}  // namespace

std::optional<std::vector<std::string>> domain_changes(std::string_view from_text, std::string_view to_text) {
  const auto from = domain_of(from_text);
  const auto to = domain_of(to_text);
  if (!from || !to || from->base != to->base) return std::nullopt;
  std::vector<std::string> changes;
  for (const auto& [name, check] : from->checks) {
    const auto held = to->checks.find(name);
    if (held == to->checks.end() || held->second != check) changes.push_back("DROP CONSTRAINT " + name);
  }
  if (from->value != to->value) changes.push_back(to->value.empty() ? "DROP DEFAULT" : "SET DEFAULT " + to->value);
  if (from->not_null != to->not_null) changes.emplace_back(to->not_null ? "SET NOT NULL" : "DROP NOT NULL");
  for (const auto& [name, check] : to->checks) {
    const auto held = from->checks.find(name);
    if (held == from->checks.end() || held->second != check) changes.push_back(fmt::format("ADD CONSTRAINT {} {}", name, check));
  }
  return changes;
}

std::optional<std::string> domain_base(std::string_view definition) {
  const auto domain = domain_of(definition);
  if (!domain) return std::nullopt;
  const std::vector<Piece> pieces = pieces_of(domain->base);
  for (const Piece& piece : pieces) {
    if (equals_ignoring_case(std::string_view(domain->base).substr(piece.begin, piece.end - piece.begin), "collate"))
      return std::string(trim(domain->base.substr(0, piece.begin)));
  }
  return domain->base;
}

std::vector<std::pair<std::string, std::string>> attributes_of(std::string_view definition) {
  std::vector<std::pair<std::string, std::string>> all;
  const std::size_t open = definition.find('(');
  if (open == std::string_view::npos || definition.back() != ')') return all;
  for (const std::string& item : list_items(definition.substr(open + 1, definition.size() - open - 2))) {
    const std::vector<Piece> pieces = pieces_of(item);
    if (pieces.empty()) continue;
    all.emplace_back(item.substr(0, pieces[0].end), std::string(trim(std::string_view(item).substr(pieces[0].end))));
  }
  return all;
}

std::optional<std::vector<std::string>> attribute_changes(std::string_view from_text, std::string_view to_text) {
  const auto from = attributes_of(from_text);
  const auto to = attributes_of(to_text);
  const auto find = [](const auto& all, const std::string& name) {
    return std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.first == name; });
  };
  std::vector<std::string> changes;
  for (const auto& [name, rest] : from) {
    if (find(to, name) == to.end()) changes.push_back("DROP ATTRIBUTE " + name);
  }
  std::vector<std::string> order;  // as it will be: what stays, then what is new
  for (const auto& [name, rest] : from) {
    if (find(to, name) != to.end()) order.push_back(name);
  }
  for (const auto& [name, rest] : to) {
    const auto held = find(from, name);
    if (held == from.end()) {
      changes.push_back(fmt::format("ADD ATTRIBUTE {} {}", name, rest));
      order.push_back(name);
    } else if (held->second != rest) {
      changes.push_back(fmt::format("ALTER ATTRIBUTE {} SET DATA TYPE {}", name, rest));
    }
  }
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (order[i] != to[i].first) return std::nullopt;
  }
  return changes;
}

std::optional<std::string> server_changes(std::string_view from_text, std::string_view to_text) {
  struct Clauses {
    std::map<std::string, std::string> words;  // TYPE, VERSION, FOREIGN DATA WRAPPER, HANDLER, VALIDATOR
    Value options;
  };
  const auto read = [](std::string_view text) {
    Clauses clauses;
    std::string key;
    std::string value;
    const auto finish = [&] {
      if (!key.empty()) clauses.words[key] = value;
      key.clear();
      value.clear();
    };
    for (const Piece& piece : pieces_of(text)) {
      const std::string_view one = text.substr(piece.begin, piece.end - piece.begin);
      if (one.front() == '(') {
        for (const std::string& item : list_items(one.substr(1, one.size() - 2))) {
          const std::vector<Piece> parts = pieces_of(item);
          if (parts.size() != 2) continue;
          const std::string name = split_name(item.substr(0, parts[0].end)).front();
          std::string text_value = item.substr(parts[1].begin + 1, parts[1].end - parts[1].begin - 2);
          for (std::size_t at = 0; (at = text_value.find("''", at)) != std::string::npos; ++at) text_value.erase(at, 1);
          clauses.options.set(name, Value(text_value));
        }
        continue;
      }
      const std::string word = to_upper(one);
      if (word == "OPTIONS" || word == "TYPE" || word == "VERSION" || word == "FOREIGN" || word == "HANDLER" || word == "VALIDATOR") {
        finish();
        if (word != "OPTIONS") key = word;
      } else if (word != "DATA" && word != "WRAPPER") {
        value += one;
      }
    }
    finish();
    return clauses;
  };
  const Clauses from = read(from_text);
  const Clauses to = read(to_text);
  std::string changes;
  const auto add = [&](const std::string& text) { changes += (changes.empty() ? "" : " ") + text; };
  for (const char* fixed : {"TYPE", "FOREIGN"}) {
    const auto was = from.words.find(fixed);
    const auto is = to.words.find(fixed);
    if ((was == from.words.end()) != (is == to.words.end()) || (was != from.words.end() && was->second != is->second)) return std::nullopt;
  }
  for (const char* word : {"VERSION", "HANDLER", "VALIDATOR"}) {
    const auto was = from.words.find(word);
    const auto is = to.words.find(word);
    const std::string old_value = was == from.words.end() ? "" : was->second;
    const std::string new_value = is == to.words.end() ? "" : is->second;
    if (old_value == new_value) continue;
    if (new_value.empty() && std::string_view(word) == "VERSION") return std::nullopt;
    add(new_value.empty() ? fmt::format("NO {}", word) : fmt::format("{} {}", word, new_value));
  }
  if (const std::string options = foreign_option_changes(&from.options, &to.options); !options.empty()) add(options);
  return changes;
}

std::string routine_head(std::string_view definition) {
  static constexpr std::string_view heads[] = {"language", "as",     "immutable", "stable",    "volatile", "strict", "security",
                                               "parallel", "cost",   "rows",      "leakproof", "window",   "set",    "return",
                                               "begin",    "called", "support",   "transform", "external"};
  std::string head;
  for (const Piece& piece : pieces_of(definition)) {
    const std::string_view one = definition.substr(piece.begin, piece.end - piece.begin);
    if (std::any_of(std::begin(heads), std::end(heads), [&](std::string_view word) { return equals_ignoring_case(one, word); })) break;
    head += (head.empty() ? "" : " ") + to_lower(one);
  }
  return head;
}

bool is_type_kind(std::string_view kind) { return kind == "domain" || kind == "composite_type" || kind == "range_type"; }

bool has_same_attributes(std::string_view from, std::string_view to) {
  const auto was = attributes_of(from), is = attributes_of(to);
  return std::equal(was.begin(), was.end(), is.begin(), is.end(), [](const auto& a, const auto& b) { return a.first == b.first; });
}

std::vector<TypeUser> users_of_type(const schema::Metadata& schema, const schema::Name& type) {
  const std::string quoted_name = quote_name(type);
  const std::string text = type.text();
  std::vector<TypeUser> users;
  for (const auto& [name, table] : schema.tables) {
    for (const auto& column : table.columns) {
      const bool of_array = !column.type.element.empty();
      const schema::Type& own = of_array ? column.type.element[0] : column.type;
      const bool named = own.kind == schema::TypeKind::enumeration ? own.name == text : own.text == quoted_name || own.text == text;
      if (named) users.push_back({name, column.name, of_array});
    }
  }
  return users;
}

}  // namespace aludel::postgresql
