#include "splitter.hpp"

#include "lexer.hpp"

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace aludel::mysql {

namespace {

bool is_one_of(const Token& token, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return token.is(word); });
}

/// Follows the tokens of one statement and knows whether a semicolon ends it.
class Nesting {
 public:
  void take(const Token& token) {
    // A closing frame of an executable comment changes nothing.
    if (token.kind == TokenKind::opening || token.kind == TokenKind::closing) return;
    ++count_;
    if (kind_ == Kind::unknown) recognise(token);
    if (kind_ == Kind::routine) follow(token);
    before_ = previous_;
    previous_ = token;
  }
  bool open() const { return depth_ > 0; }

 private:
  enum class Kind { unknown, plain, routine };

  void recognise(const Token& token) {
    if (count_ == 1) {
      if (token.is("BEGIN")) {
        begins_ = true;
      } else if (!is_one_of(token, {"CREATE", "ALTER"})) {
        kind_ = Kind::plain;
      }
      return;
    }
    if (begins_) {  // MariaDB's block outside of a routine
      if (count_ == 2 && token.is("NOT")) return;
      kind_ = count_ == 3 && token.is("ATOMIC") ? Kind::routine : Kind::plain;
      if (kind_ == Kind::routine) depth_ = 1;
      return;
    }
    if (is_one_of(token, {"PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE"})) {
      kind_ = Kind::routine;
    } else if (is_one_of(token, {"TABLE", "VIEW", "INDEX", "DATABASE", "SCHEMA", "USER", "SEQUENCE", "ROLE", "SERVER"}) || count_ > 16) {
      kind_ = Kind::plain;
    }
  }

  /// May a statement of a compound body begin here?
  bool at_statement() const {
    if (depth_ == 0) {
      // The body itself: behind what a head ends with.
      return is_one_of(previous_, {"ROW", "DO", "DETERMINISTIC", "SQL", "DATA", "INVOKER", "DEFINER", "AS", "IS"}) || previous_.is_symbol(')') ||
             previous_.kind == TokenKind::string || previous_.is_symbol(':') || before_.is_symbol(')');
    }
    return is_one_of(previous_, {"BEGIN", "THEN", "ELSE", "DO", "LOOP", "REPEAT", "ATOMIC"}) || previous_.is_symbol(';') ||
           previous_.is_symbol(':') || previous_.is_symbol('>');
  }

  void follow(const Token& token) {
    if (token.kind != TokenKind::word || previous_.is_symbol('.')) return;
    if (previous_.is("END") && ended_) {
      ended_ = false;
      if (is_one_of(token, {"IF", "CASE", "LOOP", "REPEAT", "WHILE", "FOR"})) return;
    }
    ended_ = false;
    if (token.is("END")) {
      if (depth_ > 0) --depth_;
      ended_ = true;
    } else if (token.is("BEGIN")) {
      if (depth_ == 0 || at_statement() || is_one_of(previous_, {"HANDLER"}) || handler_) ++depth_;
    } else if (token.is("CASE")) {
      ++depth_;
    } else if (is_one_of(token, {"IF", "LOOP", "REPEAT", "WHILE", "FOR"}) && at_statement()) {
      const bool of_head = depth_ == 0 && token.is("FOR");  // FOR EACH ROW
      if (!of_head) ++depth_;
    } else if (token.is("HANDLER")) {
      handler_ = true;
    }
    if (handler_ && token.is("BEGIN")) handler_ = false;
  }

  Kind kind_ = Kind::unknown;
  int depth_ = 0;
  int count_ = 0;
  bool begins_ = false;
  bool ended_ = false;
  bool handler_ = false;  ///< DECLARE ... HANDLER FOR ... BEGIN
  Token previous_, before_;
};

class Splitter {
 public:
  explicit Splitter(std::string_view script) : script_(script), lexer_(script) {}

  std::vector<std::string> run() {
    while (true) {
      if (statement_empty() && take_delimiter_command()) continue;
      if (at_delimiter()) {
        // The servers' clients send the pieces, which no server can read.
        if (lexer_.inside_executable_comment()) fail(at_, fmt::format("{} ends the statement inside of /*! ... */", quoted(delimiter_)));
        finish(at_);
        at_ += delimiter_.size();
        begin_ = at_;
        continue;
      }
      if (at_ >= script_.size()) break;
      step();
    }
    if (lexer_.inside_executable_comment() && first_ != std::string_view::npos) fail(first_, "unclosed comment");
    finish(script_.size());
    return std::move(statements_);
  }

 private:
  [[noreturn]] void fail(std::size_t offset, std::string_view what) const {
    throw Error(ErrorKind::syntax, fmt::format("the script cannot be read: {}", what)).at(locate(script_, offset));
  }

  bool statement_empty() const { return first_ == std::string_view::npos; }

  /// "DELIMITER ;;" at the beginning of a line, to be taken by the client alone.
  bool take_delimiter_command() {
    constexpr std::string_view command = "delimiter";
    if (!equals_ignoring_case(script_.substr(at_, command.size()), command)) return false;
    const std::size_t behind = at_ + command.size();
    if (behind < script_.size() && std::string_view(" \t\r\n").find(script_[behind]) == std::string_view::npos) return false;
    std::size_t start = at_;
    while (start > 0 && (script_[start - 1] == ' ' || script_[start - 1] == '\t')) --start;
    if (start > 0 && script_[start - 1] != '\n' && start != begin_) return false;
    const std::size_t line_end = std::min(script_.find('\n', at_), script_.size());
    std::string_view argument = trim(script_.substr(behind, line_end - behind));
    argument = argument.substr(0, argument.find_first_of(" \t"));
    if (argument.size() >= 2 && (argument.front() == '\'' || argument.front() == '"') && argument.back() == argument.front()) {
      argument = argument.substr(1, argument.size() - 2);
    }
    if (argument.empty()) fail(at_, "DELIMITER is followed by what shall end statements");
    if (argument.find('\\') != std::string_view::npos) fail(at_, "a DELIMITER holds no backslash");
    delimiter_ = argument;
    at_ = begin_ = line_end;
    lexer_.jump(at_);
    return true;
  }

  bool at_delimiter() const {
    if (delimiter_.empty() || script_.substr(at_, delimiter_.size()) != delimiter_) return false;
    return !(delimiter_ == ";" && nesting_.open());
  }

  void step() {
    const Token token = lexer_.next();
    if (token.kind == TokenKind::illegal && token.text.size() != 1) fail(token.offset, describe_illegal(token));
    if (token.kind == TokenKind::illegal && (token.text[0] == '\'' || token.text[0] == '"' || token.text[0] == '`')) {
      fail(token.offset, describe_illegal(token));
    }
    std::size_t end = token.end_offset();
    // A delimiter such as $$ or // may stand inside of what would else be one token.
    const bool divisible = token.kind == TokenKind::word || token.kind == TokenKind::symbol || token.kind == TokenKind::number;
    if (divisible && delimiter_ != ";") {
      const std::size_t found = script_.substr(token.offset, token.text.size() + delimiter_.size() - 1).find(delimiter_);
      if (found != std::string_view::npos && found > 0) {
        end = token.offset + found;
        const bool inside = lexer_.inside_executable_comment();
        if (!inside) lexer_.jump(end);
      }
    }
    at_ = end;
    if (token.is_trivia()) return;
    if (statement_empty()) first_ = token.offset;
    nesting_.take(token);
    if (delimiter_ == ";" || head_.size() < 12) remember(token);
  }

  /// SET ... sql_mode = '...': the modes decide how the rest is read.
  void remember(const Token& token) {
    if (head_.size() < 12 && token.kind != TokenKind::opening && token.kind != TokenKind::closing) head_.push_back(token);
  }
  void follow_mode() {
    if (head_.size() < 4 || !head_[0].is("SET")) return;
    for (std::size_t i = 1; i + 2 < head_.size(); ++i) {
      const bool names =
          head_[i].is("sql_mode") || equals_ignoring_case(head_[i].text, "@@sql_mode") || equals_ignoring_case(head_[i].text, "@@session.sql_mode");
      if (!names || !(head_[i + 1].is_symbol('=') || head_[i + 1].text == ":=") || head_[i + 2].kind != TokenKind::string) continue;
      const std::string modes = "," + to_upper(unquote(head_[i + 2])) + ",";
      const auto has = [&](std::string_view mode) { return modes.find("," + std::string(mode) + ",") != std::string::npos; };
      LexerMode mode;
      mode.ansi_quotes = has("ANSI_QUOTES") || has("ANSI") || has("ORACLE") || has("MSSQL") || has("POSTGRESQL") || has("DB2") || has("MAXDB");
      mode.backslash_escapes = !has("NO_BACKSLASH_ESCAPES");
      lexer_.set_mode(mode);
    }
  }

  void finish(std::size_t end) {
    if (!statement_empty()) {
      follow_mode();
      statements_.emplace_back(trim(script_.substr(first_, end - first_)));
    }
    lexer_.jump(std::min(end + delimiter_.size(), script_.size()));
    first_ = std::string_view::npos;
    nesting_ = {};
    head_.clear();
  }

  std::string_view script_;
  Lexer lexer_;
  std::string_view delimiter_ = ";";
  std::size_t at_ = 0;
  std::size_t begin_ = 0;  ///< behind the last statement
  std::size_t first_ = std::string_view::npos;
  Nesting nesting_;
  std::vector<Token> head_;
  std::vector<std::string> statements_;
};

}  // namespace

std::vector<std::string> split_script(std::string_view script) { return Splitter(script).run(); }

}  // namespace aludel::mysql
