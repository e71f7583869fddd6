#include "rewriter.hpp"

#include "definition.hpp"
#include "lexer.hpp"

#include <aludel/text.hpp>

#include <algorithm>
#include <set>

namespace aludel::sqlite {

namespace {

using op::Rename;
using op::TextKind;
using schema::Name;

bool is_default_schema(const Name& name) { return name.schema.empty() || same_name(name.schema, "main"); }
bool same_table(const Name& a, const Name& b) { return is_default_schema(a) && is_default_schema(b) && same_name(a.name, b.name); }

/// Exchanges tokens for a new name, quoted where the old one was or where the new one must be.
class Replacement {
 public:
  Replacement(std::string_view source, std::string_view name) : source_(source), name_(name) {}

  void replace(const Token& token) {
    result_ += source_.substr(copied_, token.offset - copied_);
    result_ += token.kind == TokenKind::word && is_plain_identifier(name_) ? std::string(name_) : quote_identifier(name_);
    copied_ = token.end_offset();
  }
  std::string take() { return result_.append(source_.substr(copied_)); }

 private:
  std::string_view source_;
  std::string_view name_;
  std::string result_;
  std::size_t copied_ = 0;
};

/// A bare keyword, or a word that is a value, is never a column's name, even where a column is called so.
bool is_word_of_sql(const Token& token) {
  if (token.kind != TokenKind::word) return false;
  return keyword_class(token.text) == Keyword::reserved || token.is("CURRENT_DATE") || token.is("CURRENT_TIME") || token.is("CURRENT_TIMESTAMP");
}

// Expressions: columns stand alone, or behind the name of their own table.

bool names_column(const std::vector<Token>& tokens, std::size_t i, const Name& owner, std::string_view column) {
  if (!tokens[i].is_name() || is_word_of_sql(tokens[i]) || !same_name(unquote(tokens[i]), column)) return false;
  if (tokens[i + 1].is_symbol("(") || tokens[i + 1].is_symbol(".")) return false;
  if (i == 0) return true;
  if (tokens[i - 1].is_symbol(".")) return i > 1 && same_name(unquote(tokens[i - 2]), owner.name);
  return !tokens[i - 1].is("COLLATE") && !tokens[i - 1].is("AS");  // AS: a type in CAST
}

std::string rewrite_expression(std::string_view text, const Name& owner, const Rename& rename) {
  if (!same_table(owner, rename.table)) return std::string(text);
  const std::vector<Token> tokens = tokenize(text);
  Replacement result(text, rename.to);
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const bool qualifier = tokens[i].is_name() && tokens[i + 1].is_symbol(".") && same_name(unquote(tokens[i]), rename.table.name);
    if (rename.column.empty() ? qualifier : names_column(tokens, i, owner, rename.column)) result.replace(tokens[i]);
  }
  return result.take();
}

// Definitions

bool is_row_of_trigger(const Definition& definition, std::string_view qualifier) {
  return definition.is_trigger() && (same_name(qualifier, "NEW") || same_name(qualifier, "OLD"));
}

/// A virtual table's arguments belong to its module; a table named in them cannot be renamed from here.
bool mentions_in_arguments(const Definition& definition, std::string_view name) {
  return std::any_of(definition.tokens().begin(), definition.tokens().end(),
                     [&](const Token& token) { return (token.is_name() || token.kind == TokenKind::string) && same_name(unquote(token), name); });
}

std::optional<std::string> rename_table(std::string_view text, const Definition& definition, const Rename& rename) {
  const std::string& old = rename.table.name;
  if (!definition.refers_to(old)) return std::string(text);
  bool is_alias = definition.is_local(old);
  bool needs_qualifier = false;
  for (const auto& one : definition.references()) {
    if (same_name(one.alias, old)) is_alias = true;
    if (same_name(one.table, old) && one.alias.empty()) needs_qualifier = true;
  }
  const std::vector<Token>& tokens = definition.tokens();
  Replacement result(text, rename.to);
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const bool reference = definition.is_reference(i);
    const bool string_reference = reference && tokens[i].kind == TokenKind::string;
    if ((!tokens[i].is_name() && !string_reference) || !same_name(unquote(tokens[i]), old)) continue;
    if (reference) {
      result.replace(tokens[i]);
    } else if (tokens[i + 1].is_symbol(".") && !is_row_of_trigger(definition, old)) {
      if (is_alias && needs_qualifier) return std::nullopt;  // which of the two it means depends on its scope
      if (!is_alias) result.replace(tokens[i]);
    } else if (!definition.is_no_column(i) && !(i > 0 && tokens[i - 1].is_symbol(".")) && !definition.table_by_place(i)) {
      return std::nullopt;  // a column of that name, or a full-text table searched by its own name
    }
  }
  return result.take();
}

/// Whose column stands here.
enum class Owner { renamed_table, other, unknown };

class ColumnResolver {
 public:
  ColumnResolver(const Definition& definition, const Rename& rename) : definition_(definition), rename_(rename) {}

  Owner owner_of(std::size_t i) const {
    const std::vector<Token>& tokens = definition_.tokens();
    if (const auto table = definition_.table_by_place(i)) return is_renamed(*table) ? Owner::renamed_table : Owner::other;
    if (i > 1 && tokens[i - 1].is_symbol(".")) return by_qualifier(i, unquote(tokens[i - 2]));
    return by_scope(i);
  }

 private:
  bool is_renamed(std::string_view table) const { return same_name(table, rename_.table.name); }

  Owner by_qualifier(std::size_t i, const std::string& qualifier) const {
    if (is_row_of_trigger(definition_, qualifier)) return is_renamed(definition_.trigger_table()) ? Owner::renamed_table : Owner::other;
    const std::size_t statement = definition_.statement_of(i);
    bool renamed = false;
    bool other = false;
    for (const auto& one : definition_.references()) {
      if (one.statement != statement) continue;
      const bool excluded = one.target && same_name(qualifier, "excluded");
      if (!excluded && !same_name(one.alias.empty() ? one.table : one.alias, qualifier)) continue;
      (is_renamed(one.table) ? renamed : other) = true;
    }
    if (definition_.is_local(qualifier)) {  // its columns are called as those it is made of
      if (renamed || other) return Owner::unknown;
      return by_scope(i);
    }
    if (renamed == other) return Owner::unknown;
    return renamed ? Owner::renamed_table : Owner::other;
  }

  Owner by_scope(std::size_t i) const {
    const std::size_t statement = definition_.statement_of(i);
    bool renamed = false;
    bool other = false;
    for (const auto& one : definition_.references()) {
      if (one.statement != statement || one.target) continue;
      (is_renamed(one.table) ? renamed : other) = true;
    }
    if (!renamed) return Owner::other;
    return other || definition_.defines(rename_.column, statement) ? Owner::unknown : Owner::renamed_table;
  }

  const Definition& definition_;
  const Rename& rename_;
};

/// Where the column stands in the definition, or may stand.
bool may_be_column(const Definition& definition, std::size_t i, std::string_view column) {
  const Token& token = definition.tokens()[i];
  if (!token.is_name() || is_word_of_sql(token) || !same_name(unquote(token), column)) return false;
  return definition.table_by_place(i) || !definition.is_no_column(i);
}

bool names_column_of(const Definition& definition, const Rename& column) {
  if (!definition.refers_to(column.table.name)) return false;
  const ColumnResolver resolver(definition, column);
  for (std::size_t i = 0; i + 1 < definition.tokens().size(); ++i) {
    if (may_be_column(definition, i, column.column) && resolver.owner_of(i) != Owner::other) return true;
  }
  return false;
}

std::optional<std::string> rename_column(std::string_view text, const Definition& definition, const Rename& rename) {
  if (!definition.refers_to(rename.table.name)) return std::string(text);
  const std::vector<Token>& tokens = definition.tokens();
  const ColumnResolver resolver(definition, rename);
  Replacement result(text, rename.to);
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (!may_be_column(definition, i, rename.column)) continue;
    switch (resolver.owner_of(i)) {
      case Owner::renamed_table:
        result.replace(tokens[i]);
        break;
      case Owner::other:
        break;
      case Owner::unknown:
        return std::nullopt;
    }
  }
  return result.take();
}

class SqliteRewriter final : public op::Rewriter {
 public:
  std::optional<std::string> rewrite(std::string_view text, TextKind kind, const Name& owner, const Rename& rename) const override {
    if (!is_default_schema(rename.table)) return std::string(text);
    if (kind == TextKind::expression) return rewrite_expression(text, owner, rename);
    const Definition definition(text);
    if (definition.is_virtual_table()) {
      const bool named = mentions_in_arguments(definition, rename.column.empty() ? rename.table.name : rename.column);
      return named && mentions_in_arguments(definition, rename.table.name) ? std::nullopt : std::optional(std::string(text));
    }
    return rename.column.empty() ? rename_table(text, definition, rename) : rename_column(text, definition, rename);
  }

  bool mentions_column(std::string_view text, const Name& owner, std::string_view column) const override {
    const std::vector<Token> tokens = tokenize(text);
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
      if (names_column(tokens, i, owner, column)) return true;
    }
    return false;
  }

  bool mentions_table(std::string_view text, const Name& table) const override {
    if (!is_default_schema(table)) return false;
    const Definition definition(text);
    return definition.is_virtual_table() ? mentions_in_arguments(definition, table.name) : definition.refers_to(table.name);
  }

  bool definition_mentions_column(std::string_view text, const Name& table, std::string_view column) const override {
    if (!is_default_schema(table)) return false;
    const Definition definition(text);
    if (definition.is_virtual_table()) return mentions_in_arguments(definition, table.name) && mentions_in_arguments(definition, column);
    return names_column_of(definition, {table, std::string(column), {}});
  }
};

}  // namespace

const op::Rewriter& rewriter() {
  static const SqliteRewriter instance;
  return instance;
}

std::vector<std::string> referenced_tables(std::string_view definition_text) {
  const Definition definition(definition_text);
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const auto& one : definition.references()) {
    if (seen.insert(to_lower(one.table)).second) names.push_back(one.table);
  }
  return names;
}

}  // namespace aludel::sqlite
