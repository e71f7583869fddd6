#include "normal.hpp"

#include "lexer.hpp"

#include <aludel/text.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <vector>

namespace aludel::sqlite {

namespace {

using Tokens = std::span<const Token>;

template <std::size_t Size>
bool is_one_of(std::string_view word, const std::array<std::string_view, Size>& words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view other) { return equals_ignoring_case(word, other); });
}

bool is_true_or_false(std::string_view word) { return equals_ignoring_case(word, "TRUE") || equals_ignoring_case(word, "FALSE"); }

/// Keywords that SQLite also takes for names and that are keywords in expressions: they keep their quotes where they are names.
bool is_expression_keyword(std::string_view word) {
  static constexpr std::array<std::string_view, 12> words = {"CAST",  "LIKE", "GLOB", "REGEXP",       "MATCH",        "END",
                                                             "RAISE", "ASC",  "DESC", "CURRENT_TIME", "CURRENT_DATE", "CURRENT_TIMESTAMP"};
  return is_one_of(word, words);
}

/// Keywords that views and triggers hold only as names.
bool is_name_in_definitions(std::string_view word) {
  static constexpr std::array<std::string_view, 9> words = {"ACTION", "COLUMN", "DATABASE", "KEY", "PLAN", "QUERY", "TEMP", "TRIGGER", "VIEW"};
  return is_one_of(word, words);
}

enum class Style { expression, definition };

/// Does a bare word of this spelling mean a name?
bool is_bare_name(std::string_view word, Style style) {
  if (is_true_or_false(word)) return false;
  switch (keyword_class(word)) {
    case Keyword::none:
      return true;
    case Keyword::fallback:
      return style == Style::expression ? !is_expression_keyword(word) : is_name_in_definitions(word);
    case Keyword::join:
    case Keyword::reserved:
      return false;
  }
  return false;
}

bool has_plain_characters(std::string_view text) {
  const Token token = next_token(text, 0);
  return token.kind == TokenKind::word && token.text.size() == text.size();
}

std::string quote_with_backticks(std::string_view name) {
  std::string result = "`";
  for (char c : name) {
    if (c == '`') result += c;
    result += c;
  }
  return result + '`';
}

/// Parentheses around all of it, taken away.
Tokens without_outer_parentheses(Tokens tokens) {
  while (tokens.size() > 2 && tokens.front().is_symbol("(") && tokens.back().is_symbol(")")) {
    int depth = 0;
    std::size_t i = 0;
    for (; i < tokens.size(); ++i) {
      if (tokens[i].is_symbol("(")) ++depth;
      if (tokens[i].is_symbol(")") && --depth == 0) break;
    }
    if (i + 1 != tokens.size()) break;
    tokens = tokens.subspan(1, tokens.size() - 2);
  }
  return tokens;
}

/// Puts normal tokens one behind the other, with one space where one belongs.
class Joiner {
 public:
  enum class Role { name, keyword, value, symbol };

  void add(std::string_view text, Role role) {
    if (!result_.empty() && space_before(text, role)) result_ += ' ';
    sign_ = role == Role::symbol && (text == "-" || text == "+" || text == "~") && (result_.empty() || !operand_);
    // A second sign stays apart, or "- -1" would become a comment.
    operand_ = role == Role::name || role == Role::value || text == ")" || (role == Role::keyword && ends_operand(text));
    result_ += text;
    last_ = text;
    role_ = role;
  }
  std::string take() { return std::move(result_); }

 private:
  static bool ends_operand(std::string_view keyword) {
    static constexpr std::array<std::string_view, 7> words = {"NULL", "TRUE", "FALSE", "END", "CURRENT_TIME", "CURRENT_DATE", "CURRENT_TIMESTAMP"};
    return is_one_of(keyword, words);
  }
  bool space_before(std::string_view text, Role role) const {
    if ((last_ == "." && role == Role::value) || (text == "." && role_ == Role::value)) return true;  // or they would be one number
    if (last_ == "(" || last_ == "." || text == ")" || text == "," || text == "." || text == ";") return false;
    if (sign_) return role == Role::symbol && text != "(";
    if (text != "(") return true;
    static constexpr std::array<std::string_view, 4> called = {"CAST", "RAISE", "REPLACE", "IF"};
    return role_ != Role::name && !(role_ == Role::keyword && is_one_of(last_, called));
  }

  std::string result_;
  std::string last_;
  Role role_ = Role::symbol;
  bool operand_ = false;
  bool sign_ = false;
};

/// Spells the tokens of one text in the normal form.
class Normaliser {
 public:
  Normaliser(Tokens tokens, Style style, const schema::Table* owner) : tokens_(tokens), style_(style), owner_(owner) {}

  std::string run() {
    for (at_ = 0; at_ < tokens_.size(); ++at_) {
      if (is_own_qualifier()) {
        ++at_;
        own_qualifier_ = true;
        continue;
      }
      add(tokens_[at_]);
      own_qualifier_ = false;
    }
    return joiner_.take();
  }

 private:
  using Role = Joiner::Role;

  bool next_is(std::string_view symbol) const { return at_ + 1 < tokens_.size() && tokens_[at_ + 1].is_symbol(symbol); }
  bool previous_is(std::string_view symbol) const { return at_ > 0 && tokens_[at_ - 1].is_symbol(symbol); }

  bool is_own_qualifier() const {
    return owner_ && tokens_[at_].is_name() && next_is(".") && !previous_is(".") && same_name(unquote(tokens_[at_]), owner_->name.name);
  }

  void add(const Token& token) {
    switch (token.kind) {
      case TokenKind::word:
        return word(token);
      case TokenKind::quoted:
        return quoted_name(token);
      case TokenKind::blob:
        return emit(to_upper(token.text), Role::value);
      case TokenKind::symbol:
        return emit(token.text == "==" ? "=" : token.text == "<>" ? "!=" : token.text, Role::symbol);
      case TokenKind::string:
      case TokenKind::number:
      case TokenKind::parameter:
      case TokenKind::illegal:
        return emit(token.text, Role::value);
      case TokenKind::space:
      case TokenKind::comment:
      case TokenKind::end:
        return;
    }
  }

  void word(const Token& token) {
    if (token.is("ISNULL") || token.is("NOTNULL")) {
      emit("IS", Role::keyword);
      if (token.is("NOTNULL")) emit("NOT", Role::keyword);
      return emit("NULL", Role::keyword);
    }
    const bool name = is_bare_name(token.text, style_) || previous_is(".");
    if (name) {
      emit_name(std::string(token.text));
    } else {
      emit(to_upper(token.text), Role::keyword);
    }
  }

  void quoted_name(const Token& token) {
    std::string name = unquote(token);
    const bool string = style_ == Style::expression && token.text.front() == '"' && !is_name_by_place() && !is_column(name);
    if (string) return emit(quote_string(name), Role::value);
    emit_name(std::move(name));
  }

  /// Does nothing but a name make sense here?
  bool is_name_by_place() const {
    if (next_is("(") || next_is(".") || (previous_is(".") && !own_qualifier_)) return true;
    return at_ > 0 && (tokens_[at_ - 1].is("COLLATE") || tokens_[at_ - 1].is("AS"));
  }

  bool is_column(std::string_view name) const {
    if (!owner_) return false;
    const auto same = [&](const schema::Column& column) { return same_name(column.name, name); };
    const bool rowid = same_name(name, "rowid") || same_name(name, "oid") || same_name(name, "_rowid_");
    return rowid || std::any_of(owner_->columns.begin(), owner_->columns.end(), same);
  }

  void emit_name(std::string name) {
    // A view's names are what its readers see, so only names of functions lose their case there.
    if (style_ == Style::expression || (next_is("(") && is_plain_identifier(name))) name = to_lower(name);
    if (has_plain_characters(name) && is_bare_name(name, style_)) return emit(name, Role::name);
    // In double quotes, what is no column would be read as a string.
    const bool safe = style_ == Style::definition || is_name_by_place() || is_column(name);
    emit(safe ? quote_identifier(name) : quote_with_backticks(name), Role::name);
  }

  void emit(std::string_view text, Role role) { joiner_.add(text, role); }

  Tokens tokens_;
  Style style_;
  const schema::Table* owner_;
  std::size_t at_ = 0;
  bool own_qualifier_ = false;  // dropped right before
  Joiner joiner_;
};

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens = tokenize(text);
  tokens.pop_back();
  return tokens;
}

bool is_constant_keyword(const Token& token) {
  static constexpr std::array<std::string_view, 6> words = {"NULL", "TRUE", "FALSE", "CURRENT_TIME", "CURRENT_DATE", "CURRENT_TIMESTAMP"};
  return token.kind == TokenKind::word && is_one_of(token.text, words);
}

/// A default that is nothing but a name, which SQLite takes for a string.
bool is_lone_name(Tokens tokens) { return tokens.size() == 1 && tokens.front().is_name() && !is_constant_keyword(tokens.front()); }

bool is_literal(Tokens tokens) {
  if (tokens.size() == 2 && (tokens[0].is_symbol("-") || tokens[0].is_symbol("+"))) return tokens[1].kind == TokenKind::number;
  if (tokens.size() != 1) return false;
  const TokenKind kind = tokens.front().kind;
  return kind == TokenKind::string || kind == TokenKind::number || kind == TokenKind::blob || is_constant_keyword(tokens.front());
}

/// The source between the first and the last token, without the comments in it, and with what `replace` says for a token.
template <class Replace>
std::string respell(std::string_view source, Tokens tokens, Replace replace) {
  std::string result;
  if (tokens.empty()) return result;
  const std::size_t last = tokens.back().end_offset();
  std::size_t index = 0;
  for (std::size_t offset = tokens.front().offset; offset < last;) {
    const Token token = next_token(source, offset);
    offset = token.end_offset();
    if (token.kind == TokenKind::comment) {
      if (!result.empty() && result.back() != ' ') result += ' ';
    } else if (token.is_trivia()) {
      result += token.text;
    } else {
      result += replace(index++);
    }
  }
  return result;
}

}  // namespace

std::string normal_expression(std::string_view text, const schema::Table& owner) {
  const std::vector<Token> tokens = tokens_of(text);
  return Normaliser(without_outer_parentheses(tokens), Style::expression, &owner).run();
}

std::string normal_default(std::string_view text, bool boolean) {
  const std::vector<Token> all = tokens_of(text);
  const Tokens tokens = without_outer_parentheses(all);
  if (is_lone_name(tokens)) return quote_string(unquote(tokens.front()));
  std::string result = Normaliser(tokens, Style::expression, nullptr).run();
  if (boolean && result == "1") return "TRUE";
  if (boolean && result == "0") return "FALSE";
  return result;
}

std::string normal_definition(std::string_view text) {
  std::vector<Token> tokens = tokens_of(text);
  while (!tokens.empty() && tokens.back().is_symbol(";")) tokens.pop_back();
  if (tokens.empty() || !tokens.front().is("USING")) return Normaliser(tokens, Style::definition, nullptr).run();
  Joiner joiner;  // a virtual table's arguments belong to its module: only white space is known to mean nothing
  for (const Token& token : tokens) {
    const bool value = token.kind != TokenKind::symbol && !token.is_name();
    joiner.add(token.is("USING") ? "USING" : token.text, value             ? Joiner::Role::value
                                                         : token.is_name() ? (token.is("USING") ? Joiner::Role::keyword : Joiner::Role::name)
                                                                           : Joiner::Role::symbol);
  }
  return joiner.take();
}

std::string expression_text(std::string_view text) {
  const std::vector<Token> all = tokens_of(text);
  const Tokens tokens = without_outer_parentheses(all);
  return respell(text, tokens, [&](std::size_t i) { return tokens[i].text; });
}

std::string default_clause(std::string_view declared) {
  const std::vector<Token> all = tokens_of(declared);
  const Tokens tokens = without_outer_parentheses(all);
  if (is_lone_name(tokens)) return quote_string(unquote(tokens.front()));
  const auto spelled = [&](std::size_t i) {
    const Token& token = tokens[i];
    const bool called = i + 1 < tokens.size() && tokens[i + 1].is_symbol("(");
    const bool is_string = token.kind == TokenKind::quoted && token.text.front() == '"' && !called;
    return is_string ? quote_string(unquote(token)) : std::string(token.text);
  };
  std::string text = respell(declared, tokens, spelled);
  return is_literal(tokens) ? text : "(" + text + ")";
}

namespace {

/// Exchanges the table's name in front of columns, or takes it away together with its point.
std::string exchange_qualifier(std::string_view expression, std::string_view table, const std::string_view* by) {
  const std::vector<Token> tokens = tokens_of(expression);
  std::string result;
  std::size_t copied = 0;
  for (std::size_t i = 0; i + 2 < tokens.size(); ++i) {
    const bool qualifier = tokens[i].is_name() && tokens[i + 1].is_symbol(".") && same_name(unquote(tokens[i]), table);
    if (!qualifier || (i > 0 && tokens[i - 1].is_symbol("."))) continue;
    result += expression.substr(copied, tokens[i].offset - copied);
    if (by) result += *by;
    copied = by ? tokens[i].end_offset() : tokens[i + 2].offset;
  }
  return result.append(expression.substr(copied));
}

}  // namespace

std::string unqualified(std::string_view expression, std::string_view table) { return exchange_qualifier(expression, table, nullptr); }

std::string requalified(std::string_view expression, std::string_view table, std::string_view quoted_name) {
  return exchange_qualifier(expression, table, &quoted_name);
}

}  // namespace aludel::sqlite
