#include "rewriter.hpp"

#include "lexer.hpp"
#include "names.hpp"
#include "quoting.hpp"

#include <utility>
#include <vector>

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

/// Text whose dollar quotes are looked into by nobody: to the server they are strings, a function's body among them, and renames leave them alone.
class Veiled {
 public:
  explicit Veiled(std::string_view text) {
    std::size_t copied = 0;
    if (text.find('$') != std::string_view::npos) {
      for (const Token& token : tokenize(text)) {
        if (token.kind != TokenKind::string || token.text.front() != '$') continue;
        text_.append(text.substr(copied, token.offset - copied)).append(veil(strings_.size()));
        strings_.emplace_back(token.text);
        copied = token.end_offset();
      }
    }
    text_.append(text.substr(copied));
  }

  const std::string& text() const { return text_; }
  std::string unveil(std::string text) const {
    for (std::size_t i = 0; i < strings_.size(); ++i) {
      const std::string name = veil(i);
      if (const std::size_t at = text.find(name); at != std::string::npos) text.replace(at, name.size(), strings_[i]);
    }
    return text;
  }

 private:
  static std::string veil(std::size_t i) { return "'\x01" + std::to_string(i) + "\x01'"; }

  std::string text_;
  std::vector<std::string> strings_;
};

class PostgresqlRewriter final : public op::Rewriter {
 public:
  std::optional<std::string> rewrite(std::string_view text, op::TextKind kind, const schema::Name& owner, const op::Rename& rename) const override {
    const Veiled veiled(text);
    auto rewritten = op::standard_rewriter().rewrite(veiled.text(), kind, owner, rename);
    if (!rewritten) return std::nullopt;
    if (*rewritten == veiled.text()) return std::string(text);
    return veiled.unveil(as_printed(*rewritten, rename.to));
  }
  bool mentions_column(std::string_view text, const schema::Name& owner, std::string_view column) const override {
    return op::standard_rewriter().mentions_column(Veiled(text).text(), owner, column);
  }
  bool mentions_table(std::string_view text, const schema::Name& table) const override {
    return op::standard_rewriter().mentions_table(Veiled(text).text(), table);
  }
  bool definition_mentions_column(std::string_view definition, const schema::Name& table, std::string_view column) const override {
    return op::standard_rewriter().definition_mentions_column(Veiled(definition).text(), table, column);
  }
  void name_parts(schema::Table& table, const schema::Metadata& schema) const override { postgresql::name_parts(table, schema); }
};

}  // namespace

const op::Rewriter& rewriter() {
  static const PostgresqlRewriter instance;
  return instance;
}

}  // namespace aludel::postgresql
