#include <aludel/op/rewriter.hpp>
#include <aludel/text.hpp>

#include <algorithm>

#include "op/tokens.hpp"

namespace aludel::op {

Rewriter::~Rewriter() = default;

bool Rewriter::definition_mentions_column(std::string_view definition, const schema::Name& table, std::string_view column) const {
  return mentions_table(definition, table) && mentions_column(definition, table, column);
}

void Rewriter::name_parts(schema::Table&, const schema::Metadata&) const {}

std::vector<schema::Index> Rewriter::implied_indexes(const schema::Table&) const { return {}; }

namespace {

using schema::Name;
using Tokens = std::vector<Token>;

/// Does an identifier spell this name? `unsure`: it does in dialects that fold quoted names only.
enum class Spelling { no, yes, unsure };

Spelling spells(const Token& token, std::string_view name) {
  if (token.kind == Token::Kind::word) return equals_ignoring_case(token.text, name) ? Spelling::yes : Spelling::no;
  const std::string inner = token.name();
  if (inner == name) return Spelling::yes;
  return equals_ignoring_case(inner, name) ? Spelling::unsure : Spelling::no;
}

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return lower(a) == lower(b);
  };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

/// Quick and one-sided: false only where no identifier of the text can spell the name (a doubled quote hides one).
bool may_mention(std::string_view text, std::string_view name) {
  return contains_ignoring_case(text, name) || name.find_first_of("\"`") != std::string_view::npos;
}

bool in_dollar_string(const Tokens& tokens, std::string_view name) {
  return std::any_of(tokens.begin(), tokens.end(),
                     [&](const Token& token) { return token.kind == Token::Kind::dollar_string && contains_ignoring_case(token.text, name); });
}

/// The new name as it goes where the old token stood: bare where both can be, else in the old token's quotes.
std::string replacement(const Token& old, std::string_view name) {
  if (old.kind == Token::Kind::word && is_plain_identifier(name)) return std::string(name);
  char quote = old.kind == Token::Kind::quoted ? old.text.front() : '"';
  if (quote == '[') {
    if (name.find(']') == std::string_view::npos) return "[" + std::string(name) + "]";
    quote = '"';
  }
  std::string text(1, quote);
  for (char c : name) {
    text += c;
    if (c == quote) text += c;
  }
  return text + quote;
}

std::string replace_all(std::string_view text, const std::vector<const Token*>& found, std::string_view name) {
  std::string result;
  std::size_t at = 0;
  for (const Token* token : found) {
    result.append(text.substr(at, token->offset - at));
    result += replacement(*token, name);
    at = token->offset + token->text.size();
  }
  result.append(text.substr(at));
  return result;
}

const Token* at(const Tokens& tokens, std::size_t i) { return i < tokens.size() ? &tokens[i] : nullptr; }
const Token* before(const Tokens& tokens, std::size_t i) { return i > 0 ? &tokens[i - 1] : nullptr; }
bool is_dot(const Token* token) { return token && token->is_symbol('.'); }

/// Is the identifier at `i`, which follows a dot, qualified by this table?
bool qualified_by(const Tokens& tokens, std::size_t i, const Name& table) {
  if (i < 2 || !tokens[i - 2].is_identifier() || spells(tokens[i - 2], table.name) == Spelling::no) return false;
  if (i < 4 || !is_dot(&tokens[i - 3])) return true;
  return tokens[i - 4].is_identifier() && (table.schema.empty() || spells(tokens[i - 4], table.schema) != Spelling::no);
}

/// Can the identifier at `i` be a column of the expression's own table?
bool is_column_place(const Tokens& tokens, std::size_t i, const Name& owner) {
  const Token* next = at(tokens, i + 1);
  if (next && (next->is_symbol('(') || next->is_symbol('.'))) return false;
  // DATE '2000-01-01'
  if (next && next->kind == Token::Kind::string) return false;
  const Token* previous = before(tokens, i);
  if (!previous) return true;
  if (is_dot(previous)) return qualified_by(tokens, i, owner);
  if (previous->text == "::" || previous->is_word("as") || previous->is_word("collate")) return false;
  // INTERVAL 1 year
  if (previous->kind == Token::Kind::number || previous->kind == Token::Kind::string) return false;
  // EXTRACT(year FROM ...)
  return !(previous->is_symbol('(') && next && next->is_word("from"));
}

struct Found {
  std::vector<const Token*> tokens;
  bool unsure = false;
};

Found find_column(const Tokens& tokens, const Name& owner, std::string_view column) {
  Found found;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    if (!token.is_identifier()) continue;
    const Spelling spelling = spells(token, column);
    if (spelling == Spelling::no || !is_column_place(tokens, i, owner)) continue;
    if (token.kind == Token::Kind::word && is_reserved(token.text)) continue;
    found.tokens.push_back(&token);
    found.unsure |= spelling == Spelling::unsure || (token.kind == Token::Kind::word && is_expression_keyword(token.text));
  }
  return found;
}

std::optional<std::string> rename_column_in_expression(std::string_view text, const Name& owner, const Rename& rename) {
  if (owner != rename.table || !may_mention(text, rename.column)) return std::string(text);
  const Tokens tokens = tokenize(text);
  if (in_dollar_string(tokens, rename.column)) return std::nullopt;
  const Found old = find_column(tokens, owner, rename.column);
  if (old.unsure) return std::nullopt;
  if (old.tokens.empty()) return std::string(text);
  // What reads as the new name already would become the column.
  if (!equals_ignoring_case(rename.column, rename.to) && !find_column(tokens, owner, rename.to).tokens.empty()) return std::nullopt;
  return replace_all(text, old.tokens, rename.to);
}

/// Where the table qualifies a column: hero.age, public.hero.age.
Found find_qualifier(const Tokens& tokens, const Name& table, std::string_view name) {
  Found found;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (!tokens[i].is_identifier() || !is_dot(at(tokens, i + 1))) continue;
    const Spelling spelling = spells(tokens[i], name);
    if (spelling == Spelling::no) continue;
    if (is_dot(before(tokens, i))) {
      if (table.schema.empty() || i < 2 || !tokens[i - 2].is_identifier() || spells(tokens[i - 2], table.schema) == Spelling::no) continue;
    }
    found.tokens.push_back(&tokens[i]);
    found.unsure |= spelling == Spelling::unsure;
  }
  return found;
}

std::optional<std::string> rename_table_in_expression(std::string_view text, const Name& owner, const Rename& rename) {
  if (owner != rename.table || !may_mention(text, rename.table.name)) return std::string(text);
  const Tokens tokens = tokenize(text);
  const Found old = find_qualifier(tokens, rename.table, rename.table.name);
  if (old.unsure) return std::nullopt;
  if (old.tokens.empty()) return std::string(text);
  if (!equals_ignoring_case(rename.table.name, rename.to) && !find_qualifier(tokens, rename.table, rename.to).tokens.empty()) return std::nullopt;
  return replace_all(text, old.tokens, rename.to);
}

/// What an identifier is in a definition, told from the words around it.
enum class Place { table, qualifier, alias, column };

class Places {
 public:
  explicit Places(const Tokens& tokens) : tokens_(tokens), in_from_(1, false) {}

  /// To be called for each token in turn.
  Place of(std::size_t i) {
    const Token& token = tokens_[i];
    const Place place = token.is_identifier() ? classify(i) : Place::column;
    follow(token);
    return place;
  }

 private:
  Place classify(std::size_t i) const {
    const Token* next = at(tokens_, i + 1);
    const Token* previous = before(tokens_, i);
    if (is_dot(next)) {
      // schema.table, where the table is the next but one.
      return Place::qualifier;
    }
    if (is_dot(previous)) return i >= 3 && stands_as_table(i - 2) ? Place::table : Place::column;
    if (next && next->is_word("as") && i + 2 < tokens_.size() && tokens_[i + 2].is_symbol('(') && is_with(previous)) return Place::alias;
    if (stands_as_table(i)) return Place::table;
    if (previous && previous->is_word("as")) return Place::alias;
    const bool after_operand = previous && ((previous->is_identifier() && !is_reserved(previous->text)) || previous->is_symbol(')'));
    return in_from_.back() && after_operand ? Place::alias : Place::column;
  }

  static bool is_with(const Token* previous) {
    return previous && (previous->is_word("with") || previous->is_word("recursive") || previous->is_symbol(','));
  }

  bool stands_as_table(std::size_t i) const {
    const Token* previous = before(tokens_, i);
    if (!previous) return false;
    for (const auto* word : {"from", "join", "into", "update", "table", "only"}) {
      if (previous->is_word(word)) return true;
    }
    if (previous->is_word("on")) return !seen_body_;
    if (previous->is_symbol(',')) return in_from_.back();
    if (previous->is_symbol('(') && i >= 2) return in_from_.size() > 1 && in_from_[in_from_.size() - 2] && !starts_query(i);
    return false;
  }

  bool starts_query(std::size_t i) const { return tokens_[i].is_word("select") || tokens_[i].is_word("values") || tokens_[i].is_word("with"); }

  void follow(const Token& token) {
    if (token.is_symbol('(')) in_from_.push_back(false);
    if (token.is_symbol(')') && in_from_.size() > 1) in_from_.pop_back();
    if (token.kind != Token::Kind::word) return;
    if (token.is_word("from") || token.is_word("join")) in_from_.back() = seen_body_ = true;
    if (token.is_word("select") || token.is_word("begin")) seen_body_ = true;
    for (const auto* word :
         {"where", "group", "order", "having", "limit", "union", "intersect", "except", "set", "on", "using", "window", "select"}) {
      if (token.is_word(word)) in_from_.back() = false;
    }
  }

  const Tokens& tokens_;
  std::vector<bool> in_from_;  // per open parenthesis: between FROM and the clause after it
  bool seen_body_ = false;     // past a trigger's header
};

struct Mentions {
  std::vector<const Token*> rewritable;  // as a table and as a qualifier
  bool table = false, qualifier = false, alias = false, column = false, unsure = false;

  bool named() const { return table || qualifier; }
  bool any() const { return table || qualifier || alias || column; }
};

/// The default schema has no name here, but goes by one in the servers.
bool is_schema(const Token& token, const std::string& schema) {
  if (!token.is_identifier()) return false;
  if (!schema.empty()) return spells(token, schema) != Spelling::no;
  return spells(token, "main") != Spelling::no || spells(token, "public") != Spelling::no;
}

Mentions find_table(const Tokens& tokens, const std::string& schema, std::string_view name) {
  Mentions found;
  Places places(tokens);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Place place = places.of(i);
    if (!tokens[i].is_identifier()) continue;
    const Spelling spelling = spells(tokens[i], name);
    if (spelling == Spelling::no || (tokens[i].kind == Token::Kind::word && is_reserved(tokens[i].text))) continue;
    const Token* next = at(tokens, i + 1);
    if (place == Place::column && next && next->is_symbol('(')) continue;  // a function
    if (is_dot(before(tokens, i)) && i >= 2 && place != Place::column) {
      if (!is_schema(tokens[i - 2], schema)) continue;  // another schema's table
      found.unsure |= schema.empty();                   // by the default schema's own name, probably
    }
    found.unsure |= spelling == Spelling::unsure;
    found.table |= place == Place::table;
    found.qualifier |= place == Place::qualifier;
    found.alias |= place == Place::alias;
    found.column |= place == Place::column;
    if (place == Place::table || place == Place::qualifier) found.rewritable.push_back(&tokens[i]);
  }
  return found;
}

std::optional<std::string> rename_table_in_definition(std::string_view text, const Rename& rename) {
  const Name& table = rename.table;
  if (!may_mention(text, table.name) && !may_mention(text, rename.to)) return std::string(text);
  const Tokens tokens = tokenize(text);
  if (in_dollar_string(tokens, table.name) || in_dollar_string(tokens, rename.to)) return std::nullopt;
  const Mentions old = find_table(tokens, table.schema, table.name);
  const Mentions other = equals_ignoring_case(table.name, rename.to) ? Mentions() : find_table(tokens, table.schema, rename.to);
  // A name that the new one would capture, now or when it is renamed back. What the text calls so itself stays its own.
  const bool own = other.alias && !other.table;
  if (other.named() && !own) return std::nullopt;
  if (!old.named() || (old.alias && !old.table)) return std::string(text);
  if (old.unsure || old.alias || old.column || !old.table || other.alias || other.column) return std::nullopt;
  return replace_all(text, old.rewritable, rename.to);
}

bool names_table(const Tokens& tokens, const Name& table) {
  const Mentions found = find_table(tokens, table.schema, table.name);
  return found.table || (found.qualifier && !found.alias) || in_dollar_string(tokens, table.name);
}

/// Does the identifier at `i`, which follows a dot, belong to another table that the text names?
bool belongs_elsewhere(const Tokens& tokens, std::size_t i, const Name& table) {
  if (i < 2 || !is_dot(&tokens[i - 1]) || !tokens[i - 2].is_identifier() || spells(tokens[i - 2], table.name) != Spelling::no) return false;
  return find_table(tokens, "", tokens[i - 2].name()).table;
}

bool names_column(const Tokens& tokens, const Name& table, std::string_view column) {
  Places places(tokens);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Place place = places.of(i);
    const Token* next = at(tokens, i + 1);
    if (!tokens[i].is_identifier() || place != Place::column || (next && next->is_symbol('('))) continue;
    if (tokens[i].kind == Token::Kind::word && is_reserved(tokens[i].text)) continue;
    if (spells(tokens[i], column) != Spelling::no && !belongs_elsewhere(tokens, i, table)) return true;
  }
  return in_dollar_string(tokens, column);
}

std::optional<std::string> rename_column_in_definition(std::string_view text, const Rename& rename) {
  if (!may_mention(text, rename.column)) return std::string(text);
  const Tokens tokens = tokenize(text);
  if (!names_table(tokens, rename.table) || !names_column(tokens, rename.table, rename.column)) return std::string(text);
  return std::nullopt;
}

class StandardRewriter final : public Rewriter {
 public:
  std::optional<std::string> rewrite(std::string_view text, TextKind kind, const Name& owner, const Rename& rename) const override {
    if (rename.column.empty()) {
      return kind == TextKind::expression ? rename_table_in_expression(text, owner, rename) : rename_table_in_definition(text, rename);
    }
    return kind == TextKind::expression ? rename_column_in_expression(text, owner, rename) : rename_column_in_definition(text, rename);
  }

  bool mentions_column(std::string_view text, const Name&, std::string_view column) const override {
    if (!may_mention(text, column)) return false;
    const Tokens tokens = tokenize(text);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const Token* next = at(tokens, i + 1);
      if (!tokens[i].is_identifier() || (next && next->is_symbol('('))) continue;
      if (tokens[i].kind == Token::Kind::word && is_reserved(tokens[i].text)) continue;
      if (spells(tokens[i], column) != Spelling::no) return true;
    }
    return in_dollar_string(tokens, column);
  }

  bool mentions_table(std::string_view text, const Name& table) const override {
    return may_mention(text, table.name) && names_table(tokenize(text), table);
  }

  bool definition_mentions_column(std::string_view text, const Name& table, std::string_view column) const override {
    if (!may_mention(text, column) || !may_mention(text, table.name)) return false;
    const Tokens tokens = tokenize(text);
    return names_table(tokens, table) && names_column(tokens, table, column);
  }
};

}  // namespace

const Rewriter& standard_rewriter() {
  static const StandardRewriter rewriter;
  return rewriter;
}

}  // namespace aludel::op
