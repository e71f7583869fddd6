#include "definition.hpp"

#include <aludel/text.hpp>

#include <algorithm>
#include <utility>

namespace aludel::sqlite {

namespace {

bool is_any(const Token& token, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return token.is(word); });
}

}  // namespace

/// What is going on between two parentheses.
struct Definition::Level {
  bool in_from = false;
  bool expects_table = false;
  bool is_derived = false;  ///< stands where a table was expected, so that an alias may follow it
};

Definition::Definition(std::string_view text) : tokens_(tokenize(text)), statements_(tokens_.size(), 0) {
  virtual_ = at(0).is("USING");
  if (virtual_) return;
  trigger_ = is_any(at(0), {"BEFORE", "AFTER", "INSTEAD", "DELETE", "INSERT", "UPDATE"});
  std::size_t body = 0;
  if (trigger_) body = read_trigger_head();
  number_statements(body);
  if (!trigger_ && at(0).is_symbol("(")) {  // the names of a view's columns
    body = closing(0) + 1;
    for (std::size_t i = 1; i < body; ++i) new_names_.insert(i);
  }
  find_local_names();
  scan(body);
}

bool Definition::refers_to(std::string_view table) const {
  return std::any_of(references_.begin(), references_.end(), [&](const Reference& one) { return same_name(one.table, table); });
}

bool Definition::is_reference(std::size_t token) const {
  return std::any_of(references_.begin(), references_.end(), [&](const Reference& one) { return one.token == token; });
}

bool Definition::is_local(std::string_view name) const { return locals_.contains(to_lower(name)); }

std::optional<std::string> Definition::table_by_place(std::size_t token) const {
  for (const auto& [place, table] : placed_) {
    if (place == token) return table;
  }
  return std::nullopt;
}

bool Definition::defines(std::string_view name, std::size_t statement) const {
  return std::any_of(new_names_.begin(), new_names_.end(), [&](std::size_t index) {
    const bool of_the_view = !trigger_ && at(0).is_symbol("(") && index < closing(0);
    return !of_the_view && statements_[index] == statement && at(index).is_name() && same_name(unquote(at(index)), name);
  });
}

bool Definition::is_no_column(std::size_t token) const {
  if (at(token + 1).is_symbol("(") || at(token + 1).is_symbol(".") || new_names_.contains(token) || is_reference(token)) return true;
  return token > 0 && (at(token - 1).is("COLLATE") || (at(token - 1).is("BY") && token > 1 && at(token - 2).is("INDEXED")));
}

/// Names, and strings where a table is expected, which SQLite takes for names.
bool Definition::may_name(std::size_t index) const {
  const Token& token = at(index);
  if (token.kind == TokenKind::quoted || token.kind == TokenKind::string) return true;
  return token.kind == TokenKind::word && keyword_class(token.text) != Keyword::reserved;
}

std::size_t Definition::closing(std::size_t open) const {
  int depth = 0;
  for (std::size_t i = open; i + 1 < tokens_.size(); ++i) {
    if (at(i).is_symbol("(")) ++depth;
    if (at(i).is_symbol(")") && --depth == 0) return i;
  }
  return tokens_.size() - 1;
}

void Definition::number_statements(std::size_t body) {
  std::size_t number = 0;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    statements_[i] = number;
    if (i + 1 == body || (i >= body && at(i).is_symbol(";"))) ++number;
  }
}

/// Up to and with BEGIN; returns the index behind it. Only NEW and OLD can be named there.
std::size_t Definition::read_trigger_head() {
  std::size_t i = 0;
  std::vector<std::size_t> columns;
  for (; i + 1 < tokens_.size() && !at(i).is("ON"); ++i) {
    if (at(i).is("OF") && i > 0 && at(i - 1).is("UPDATE")) {
      for (std::size_t j = i + 1; j + 1 < tokens_.size() && !at(j).is("ON"); ++j) {
        if (at(j).is_name()) columns.push_back(j);
      }
    }
  }
  ++i;
  if (at(i + 1).is_symbol(".")) i += 2;
  trigger_table_ = unquote(at(i));
  references_.push_back({i, trigger_table_, {}, 0, true});
  for (std::size_t column : columns) placed_.emplace_back(column, trigger_table_);
  while (i + 1 < tokens_.size() && !at(i).is("BEGIN")) ++i;
  return std::min(i + 1, tokens_.size() - 1);
}

/// name [(columns)] AS [[NOT] MATERIALIZED] ( ... ), and every other new name behind AS.
void Definition::find_local_names() {
  for (std::size_t i = 1; i + 1 < tokens_.size(); ++i) {
    if (!at(i).is("AS")) continue;
    std::size_t next = i + 1;
    if (at(next).is("NOT")) ++next;
    if (at(next).is("MATERIALIZED") && (at(next + 1).is_symbol("("))) ++next;
    if (!at(next).is_symbol("(")) {
      if (at(i + 1).is_name() && (at(i + 1).kind == TokenKind::quoted || keyword_class(at(i + 1).text) != Keyword::reserved))
        new_names_.insert(i + 1);
      continue;
    }
    std::size_t name = i - 1;
    if (at(name).is_symbol(")")) {  // back to its opening parenthesis; what stands between are names of columns
      int depth = 0;
      do {
        if (at(name).is_symbol(")")) ++depth;
        if (at(name).is_symbol("(")) --depth;
        new_names_.insert(name);
      } while (depth > 0 && name-- > 0);
      if (name == 0) continue;
      --name;
    }
    if (!at(name).is_name()) continue;
    locals_.insert(to_lower(unquote(at(name))));
    new_names_.insert(name);
  }
}

/// [AS] alias at `index`, which moves behind it.
std::string Definition::read_alias(std::size_t& index) const {
  const bool as = at(index).is("AS");
  const std::size_t name = as ? index + 1 : index;
  const Token& token = at(name);
  const bool word = token.kind == TokenKind::word && (keyword_class(token.text) == Keyword::none || (as && may_name(name)));
  if (!word && token.kind != TokenKind::quoted && token.kind != TokenKind::string) return {};
  index = name + 1;
  return unquote(token);
}

/// A table's name where one is expected; returns the index behind it and its alias.
std::size_t Definition::read_table(std::size_t index, Place place) {
  if (at(index + 1).is_symbol(".") && may_name(index + 2)) {
    if (!same_name(unquote(at(index)), "main")) return index + 3;  // of another database
    index += 2;
  }
  Reference found{index, unquote(at(index)), {}, statements_[index], place == Place::into};
  std::size_t next = index + 1;
  if (at(next).is_symbol("(") && place != Place::into) return next;  // a table-valued function
  if (place != Place::in) found.alias = read_alias(next);
  if (!is_local(found.table)) references_.push_back(std::move(found));
  return next;
}

void Definition::mark_list(std::size_t open, const std::string& table) {
  const std::size_t close = closing(open);
  for (std::size_t i = open + 1; i < close; ++i) {
    const bool alone = at(i - 1).is_symbol("(") || at(i - 1).is_symbol(",");
    if (at(i).is_name() && alone) placed_.emplace_back(i, table);
  }
}

/// SET a = 1, (b, c) = (2, 3): the names on the left.
void Definition::mark_assignments(std::size_t set, const std::string& table) {
  int depth = 0;
  for (std::size_t i = set + 1; i + 1 < tokens_.size() && statements_[i] == statements_[set]; ++i) {
    if (depth == 0 && is_any(at(i), {"WHERE", "FROM", "RETURNING", "ON"})) return;
    const bool first = depth == 0 && (i == set + 1 || at(i - 1).is_symbol(","));
    if (first && at(i).is_name() && at(i + 1).is_symbol("=")) placed_.emplace_back(i, table);
    if (first && at(i).is_symbol("(")) mark_list(i, table);
    if (at(i).is_symbol("(")) ++depth;
    if (at(i).is_symbol(")") && --depth < 0) return;
  }
}

void Definition::scan(std::size_t first) {
  std::vector<Level> levels(1);
  std::string target;  // of the statement: the table that INSERT or UPDATE writes
  for (std::size_t i = first; i + 1 < tokens_.size();) {
    const Token& token = at(i);
    Level& level = levels.back();
    if (level.expects_table && may_name(i) && !is_any(token, {"SELECT", "VALUES", "WITH"})) {
      level.expects_table = false;
      i = read_table(i, Place::from);
      continue;
    }
    if (token.is_symbol("(")) {
      const bool derived = std::exchange(level.expects_table, false);
      levels.push_back({derived, derived && !is_any(at(i + 1), {"SELECT", "VALUES", "WITH"}), derived});
    } else if (token.is_symbol(")")) {
      const bool derived = level.is_derived;
      if (levels.size() > 1) levels.pop_back();
      std::size_t next = i + 1;
      if (derived) {
        if (const std::string alias = read_alias(next); !alias.empty()) locals_.insert(to_lower(alias));
      }
      i = next;
      continue;
    } else if (token.is_symbol(";")) {
      levels.assign(1, {});
      target.clear();
    } else if (token.is_symbol(",")) {
      level.expects_table = level.in_from;
    } else if (token.is("JOIN") || (token.is("FROM") && !(i > 0 && at(i - 1).is("DISTINCT") && i > 1 && is_any(at(i - 2), {"IS", "NOT"})))) {
      level.in_from = level.expects_table = true;
    } else if (is_any(token, {"WHERE", "GROUP", "ORDER", "LIMIT", "HAVING", "UNION", "EXCEPT", "INTERSECT", "SELECT", "VALUES", "RETURNING"})) {
      level.in_from = false;
    } else if (token.is("SET") && !target.empty()) {
      level.in_from = false;
      mark_assignments(i, target);
    } else if (token.is("CONFLICT") && at(i + 1).is_symbol("(") && !target.empty()) {
      mark_list(i + 1, target);
    } else if (token.is("IN") && may_name(i + 1) && at(i + 1).kind != TokenKind::string) {
      i = read_table(i + 1, Place::in);
      continue;
    } else if (token.is("INTO") || (token.is("UPDATE") && (i == first || at(i - 1).is_symbol(";") || at(i - 1).is(")")))) {
      std::size_t name = i + 1;
      if (token.is("UPDATE") && at(name).is("OR")) name += 2;
      if (may_name(name)) {
        const bool into = token.is("INTO");
        target = unquote(at(at(name + 1).is_symbol(".") ? name + 2 : name));
        i = read_table(name, into ? Place::into : Place::update);
        if (into && at(i).is_symbol("(")) mark_list(i, target);
        continue;
      }
    }
    ++i;
  }
}

}  // namespace aludel::sqlite
