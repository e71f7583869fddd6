#include "rewriter.hpp"

#include "lexer.hpp"
#include "quoting.hpp"

#include <utility>

namespace aludel::postgresql {

namespace {

/// The new name as the server would print it, so that text from the server stays what the server says after a rename.
std::string as_printed(std::string_view text, std::string_view name) {
  if (!is_printed_bare(name)) return std::string(text);
  std::string result;
  std::size_t copied = 0;
  for (const Token& token : tokenize(text)) {
    if (token.kind != TokenKind::quoted || identifier_of(token) != name) continue;
    result.append(text.substr(copied, token.offset - copied)).append(name);
    copied = token.end_offset();
  }
  return result.append(text.substr(copied));
}

class PostgresqlRewriter final : public op::Rewriter {
 public:
  std::optional<std::string> rewrite(std::string_view text, op::TextKind kind, const schema::Name& owner, const op::Rename& rename) const override {
    auto rewritten = op::standard_rewriter().rewrite(text, kind, owner, rename);
    if (!rewritten || *rewritten == text) return rewritten;
    return as_printed(*rewritten, rename.to);
  }
  bool mentions_column(std::string_view text, const schema::Name& owner, std::string_view column) const override {
    return op::standard_rewriter().mentions_column(text, owner, column);
  }
  bool mentions_table(std::string_view text, const schema::Name& table) const override { return op::standard_rewriter().mentions_table(text, table); }
  bool definition_mentions_column(std::string_view definition, const schema::Name& table, std::string_view column) const override {
    return op::standard_rewriter().definition_mentions_column(definition, table, column);
  }
};

}  // namespace

const op::Rewriter& rewriter() {
  static const PostgresqlRewriter instance;
  return instance;
}

}  // namespace aludel::postgresql
