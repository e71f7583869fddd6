#include "parser.hpp"

#include "expression.hpp"
#include "lexer.hpp"
#include "types.hpp"

#include <aludel/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <utility>
#include <vector>

namespace aludel::mysql {

using schema::Column;
using schema::Expression;
using schema::IndexPart;
using schema::Table;

namespace {

Expression expression_of(std::string_view text, bool outer = true) {
  Expression expression(declared_text(text, outer));
  expression.canonical = trim(text);
  return expression;
}

/// Walks over the tokens of one statement.
class Cursor {
 public:
  explicit Cursor(std::string_view sql, LexerMode mode = {}) : sql_(sql), mode_(mode), tokens_(tokenize(sql, mode)) {}

  const Token& now() const { return tokens_[at_]; }
  const Token& ahead(std::size_t count) const { return tokens_[std::min(at_ + count, tokens_.size() - 1)]; }
  const Token& before() const { return tokens_[at_ == 0 ? 0 : at_ - 1]; }
  bool done() const { return now().kind == TokenKind::end; }
  void skip() {
    if (!done()) ++at_;
  }

  [[noreturn]] void fail(std::string_view expected) const {
    const std::string found = done() ? "the end" : quoted(now().text);
    throw Error(ErrorKind::syntax, fmt::format("cannot read what the server says of its schema: found {} where {} was expected", found, expected))
        .at(locate(sql_, now().offset));
  }
  bool take(std::string_view keyword) {
    if (!now().is(keyword)) return false;
    skip();
    return true;
  }
  bool take(std::string_view first, std::string_view second) {
    if (!now().is(first) || !ahead(1).is(second)) return false;
    skip();
    skip();
    return true;
  }
  bool take(char symbol) {
    if (!now().is_symbol(symbol)) return false;
    skip();
    return true;
  }
  void need(std::string_view keyword) {
    if (!take(keyword)) fail(keyword);
  }
  void need(char symbol) {
    if (!take(symbol)) fail(std::string(1, symbol));
  }
  std::string name() {
    if (!now().is_name()) fail("a name");
    std::string text = unquote(now(), mode_);
    skip();
    return text;
  }
  std::string string() {
    if (now().kind != TokenKind::string) fail("a string");
    std::string text = unquote(now());
    skip();
    return text;
  }
  /// A word, name, string or number as it is meant.
  std::string value() {
    if (done()) fail("a value");
    std::string text = now().kind == TokenKind::string || now().kind == TokenKind::quoted ? unquote(now()) : std::string(now().text);
    skip();
    return text;
  }
  std::int64_t integer() {
    std::int64_t number = 0;
    const bool negative = take('-');
    const std::string_view text = now().text;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) fail("a number");
    skip();
    return negative ? -number : number;
  }
  /// What stands between this parenthesis and its partner.
  std::string_view parenthesised() {
    need('(');
    const std::size_t begin = now().offset;
    std::size_t end = begin;
    for (int depth = 1; depth > 0; skip()) {
      if (done()) fail(")");
      if (now().is_symbol('(')) ++depth;
      if (now().is_symbol(')')) --depth;
      end = now().offset;
    }
    return trim(sql_.substr(begin, end - begin));
  }
  std::string_view from(std::size_t offset) const { return trim(sql_.substr(offset, before().end_offset() - offset)); }
  std::string_view rest() const { return trim(sql_.substr(now().offset)); }

 private:
  std::string_view sql_;
  LexerMode mode_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

Value option_value(const Token& token) {
  if (token.kind == TokenKind::number) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(token.text.data(), token.text.data() + token.text.size(), number);
    if (error == std::errc() && end == token.text.data() + token.text.size()) return Value(number);
  }
  if (token.kind == TokenKind::string || token.kind == TokenKind::quoted) return Value(unquote(token));
  return Value(std::string(token.text));
}

class TableParser {
 public:
  TableParser(std::string_view sql, const ParseContext& context) : cursor_(sql), context_(context) {}

  Table parse() {
    cursor_.need("CREATE");
    cursor_.take("TEMPORARY");
    cursor_.need("TABLE");
    table_.name.name = cursor_.name();
    cursor_.need('(');
    do element();
    while (cursor_.take(','));
    cursor_.need(')');
    table_options();
    finish();
    return std::move(table_);
  }

 private:
  struct Charset {
    std::string charset, collation;
  };

  void element() {
    if (cursor_.now().kind == TokenKind::quoted) return column();
    if (cursor_.take("PRIMARY", "KEY")) return primary_key();
    if (cursor_.take("UNIQUE")) {
      if (!cursor_.take("KEY")) cursor_.take("INDEX");
      return key("unique");
    }
    if (cursor_.take("FULLTEXT") || cursor_.take("SPATIAL")) {
      const std::string type = to_lower(cursor_.before().text);
      if (!cursor_.take("KEY")) cursor_.take("INDEX");
      return key(type);
    }
    if (cursor_.take("VECTOR")) {
      if (!cursor_.take("KEY")) cursor_.take("INDEX");
      return key("vector");
    }
    if (cursor_.take("KEY") || cursor_.take("INDEX")) return key("");
    if (cursor_.take("PERIOD")) return period();
    std::string name;
    if (cursor_.take("CONSTRAINT") && cursor_.now().is_name() && !cursor_.now().is("CHECK")) name = cursor_.name();
    if (cursor_.take("FOREIGN", "KEY")) return foreign_key(std::move(name));
    if (cursor_.take("CHECK")) return check(std::move(name));
    cursor_.fail("a column or a key");
  }

  // Columns

  void type(Column& column, Charset& charset) {
    const std::size_t begin = cursor_.now().offset;
    cursor_.name();
    cursor_.take("PRECISION");
    if (cursor_.now().is_symbol('(')) cursor_.parenthesised();
    while (cursor_.take("UNSIGNED") || cursor_.take("SIGNED") || cursor_.take("ZEROFILL")) continue;
    column.type = type_of(cursor_.from(begin));
    if (cursor_.take("CHARACTER", "SET") || cursor_.take("CHARSET")) charset.charset = cursor_.name();
    if (cursor_.take("COLLATE")) charset.collation = cursor_.name();
  }

  /// DEFAULT's expression ends before the next attribute; what would end it too soon stands in parentheses.
  std::string_view default_text() {
    static constexpr std::array ends = {"ON",
                                        "COMMENT",
                                        "CHECK",
                                        "INVISIBLE",
                                        "VISIBLE",
                                        "COLLATE",
                                        "NOT",
                                        "AUTO_INCREMENT",
                                        "GENERATED",
                                        "COMPRESSED",
                                        "WITH",
                                        "WITHOUT",
                                        "UNIQUE",
                                        "COLUMN_FORMAT",
                                        "STORAGE",
                                        "SRID",
                                        "CONSTRAINT",
                                        "ENGINE_ATTRIBUTE",
                                        "SECONDARY_ENGINE_ATTRIBUTE",
                                        "REF_SYSTEM_ID"};
    const std::size_t begin = cursor_.now().offset;
    for (bool first = true; !cursor_.done(); first = false) {
      if (cursor_.now().is_symbol(',') || cursor_.now().is_symbol(')')) break;
      if (!first && std::any_of(ends.begin(), ends.end(), [&](std::string_view word) { return cursor_.now().is(word); })) break;
      if (cursor_.now().is_symbol('(')) {
        cursor_.parenthesised();
      } else {
        cursor_.skip();
      }
    }
    if (cursor_.now().offset == begin) cursor_.fail("a default");
    return cursor_.from(begin);
  }

  void server_default(Column& column) {
    const std::string text = without_database(default_text(), context_.database);
    if (equals_ignoring_case(text, "NULL")) return;
    Expression expression = expression_of(text);
    const std::vector<Token> tokens = tokenize(expression.declared);
    if (is_numeric_type(column.type.canonical) && tokens.size() == 2 && tokens[0].kind == TokenKind::string) {
      expression.declared = unquote(tokens[0]);  // MySQL prints numbers in quotes
    }
    if (column.type.kind == schema::TypeKind::boolean && (expression.declared == "0" || expression.declared == "1")) {
      expression.declared = expression.declared == "1" ? "true" : "false";
    }
    column.server_default = std::move(expression);
  }

  void generated(Column& column) {
    cursor_.take("ALWAYS");
    cursor_.need("AS");
    if (cursor_.take("ROW")) {  // a system-versioned table's own column
      column.options["mysql"]["generated"] = "row " + to_lower(cursor_.name());
      return;
    }
    schema::Generated generated;
    generated.expression = expression_of(without_database(cursor_.parenthesised(), context_.database));
    generated.stored = false;
    if (cursor_.take("STORED") || cursor_.take("PERSISTENT")) {
      generated.stored = true;
    } else {
      cursor_.take("VIRTUAL");
    }
    column.generated = std::move(generated);
  }

  void column() {
    Column column;
    column.name = cursor_.name();
    Charset charset;
    type(column, charset);
    auto option = [&](std::string_view key) -> Value& { return column.options["mysql"][std::string(key)]; };
    while (!cursor_.now().is_symbol(',') && !cursor_.now().is_symbol(')')) {
      if (cursor_.take("NOT", "NULL")) {
        column.nullable = false;
      } else if (cursor_.take("NULL") || cursor_.take("VISIBLE")) {
        continue;
      } else if (cursor_.take("CHARACTER", "SET") || cursor_.take("CHARSET")) {
        charset.charset = cursor_.name();
      } else if (cursor_.take("COLLATE")) {
        charset.collation = cursor_.name();
      } else if (cursor_.take("DEFAULT")) {
        server_default(column);
      } else if (cursor_.take("ON", "UPDATE")) {
        const std::size_t begin = cursor_.now().offset;
        cursor_.name();
        if (cursor_.now().is_symbol('(')) cursor_.parenthesised();
        option("on_update") = to_lower(cursor_.from(begin));
      } else if (cursor_.take("AUTO_INCREMENT")) {
        column.identity = schema::Identity{};
      } else if (cursor_.take("GENERATED") || cursor_.now().is("AS")) {
        generated(column);
      } else if (cursor_.take("COMMENT")) {
        column.comment = cursor_.string();
      } else if (cursor_.take("CHECK")) {
        column_check(column);
      } else if (cursor_.take("INVISIBLE")) {
        option("invisible") = true;
      } else if (cursor_.take("COMPRESSED")) {
        if (cursor_.take('=')) cursor_.value();
        option("compressed") = true;
      } else if (cursor_.take("SRID") || cursor_.take("REF_SYSTEM_ID")) {
        cursor_.take('=');
        option("srid") = cursor_.integer();
      } else if (cursor_.take("WITHOUT", "SYSTEM")) {
        cursor_.need("VERSIONING");
        option("system_versioning") = false;
      } else if (cursor_.take("WITH", "SYSTEM")) {
        cursor_.need("VERSIONING");
        option("system_versioning") = true;
      } else if (cursor_.take("COLUMN_FORMAT") || cursor_.take("STORAGE") || cursor_.take("ENGINE_ATTRIBUTE") ||
                 cursor_.take("SECONDARY_ENGINE_ATTRIBUTE")) {
        const std::string key = to_lower(cursor_.before().text);
        cursor_.take('=');
        option(key) = cursor_.value();
      } else if (cursor_.take("NOT", "SECONDARY")) {
        option("not_secondary") = true;
      } else if (cursor_.now().is_name() && cursor_.ahead(1).is_symbol('=')) {  // an engine's own
        const std::string key = to_lower(cursor_.name());
        cursor_.skip();
        option(key) = cursor_.value();
      } else {
        cursor_.fail("an attribute of column '" + column.name + "'");
      }
    }
    charsets_.push_back(std::move(charset));
    table_.columns.push_back(std::move(column));
  }

  /// MariaDB's check of one column has no name of its own: it is a part of the column, which it calls {column}.
  void column_check(Column& column) {
    const std::string_view text = cursor_.parenthesised();
    std::string result;
    std::size_t copied = 0;
    for (const Token& token : tokenize(text)) {
      if (token.kind != TokenKind::quoted || unquote(token) != column.name) continue;
      result.append(text.substr(copied, token.offset - copied)).append("{column}");
      copied = token.end_offset();
    }
    result.append(text.substr(copied));
    column.options["mysql"]["check"] = std::move(result);
  }

  void period() {
    cursor_.need("FOR");
    const std::string name = cursor_.name();
    const std::string text(cursor_.parenthesised());
    if (equals_ignoring_case(name, "SYSTEM_TIME")) {
      table_.options["mysql"]["period_for_system_time"] = text;
    } else {
      table_.options["mysql"]["period"] = "`" + name + "` (" + text + ")";
    }
  }

  // Keys

  std::vector<IndexPart> parts() {
    std::vector<IndexPart> all;
    cursor_.need('(');
    do {
      IndexPart part;
      if (cursor_.now().is_symbol('(')) {
        part.expression = expression_of(cursor_.parenthesised());
      } else {
        part.column = cursor_.name();
        if (cursor_.take('(')) {
          part.length = static_cast<int>(cursor_.integer());
          cursor_.need(')');
        }
      }
      if (cursor_.take("DESC")) part.order = schema::Order::descending;
      cursor_.take("ASC");
      if (cursor_.take("WITHOUT", "OVERLAPS")) part.operator_class = "without overlaps";
      all.push_back(std::move(part));
    } while (cursor_.take(','));
    cursor_.need(')');
    return all;
  }

  void key_options(schema::Options& options, std::string& comment) {
    auto option = [&](std::string_view key) -> Value& { return options["mysql"][std::string(key)]; };
    while (!cursor_.now().is_symbol(',') && !cursor_.now().is_symbol(')')) {
      if (cursor_.take("USING")) {
        option("using") = to_lower(cursor_.name());
      } else if (cursor_.take("KEY_BLOCK_SIZE")) {
        cursor_.take('=');
        option("key_block_size") = cursor_.integer();
      } else if (cursor_.take("COMMENT")) {
        comment = cursor_.string();
      } else if (cursor_.take("WITH", "PARSER")) {
        option("parser") = cursor_.name();
      } else if (cursor_.take("INVISIBLE")) {
        option("invisible") = true;
      } else if (cursor_.take("IGNORED")) {
        option("ignored") = true;
      } else if (cursor_.take("VISIBLE") || cursor_.take("NOT", "IGNORED")) {
        continue;
      } else if (cursor_.now().is_name() && cursor_.ahead(1).is_symbol('=')) {
        const std::string key = to_lower(cursor_.name());
        cursor_.skip();
        option(key) = cursor_.value();
      } else {
        cursor_.fail("an option of a key");
      }
    }
    const auto ours = options.find("mysql");
    if (ours == options.end()) return;
    // What InnoDB's keys are anyway; it is printed where it was said.
    const auto method = ours->second.find("using");
    if (method != ours->second.end() && method->second == Value("btree")) ours->second.erase(method);
    if (ours->second.empty()) options.erase(ours);
  }

  void primary_key() {
    schema::PrimaryKey key;
    key.columns = parts();
    key_options(key.options, key.comment);
    table_.constraints.emplace_back(std::move(key));
  }

  void key(const std::string& type) {
    const std::string name = cursor_.name();
    if (type == "unique") {
      schema::Unique unique;
      unique.name = name;
      unique.columns = parts();
      key_options(unique.options, unique.comment);
      table_.constraints.emplace_back(std::move(unique));
      return;
    }
    schema::Index index;
    index.name = name;
    index.columns = parts();
    if (!type.empty()) index.options["mysql"]["type"] = type;
    key_options(index.options, index.comment);
    table_.indexes.push_back(std::move(index));
  }

  std::vector<std::string> names() {
    std::vector<std::string> all;
    cursor_.need('(');
    do all.push_back(cursor_.name());
    while (cursor_.take(','));
    cursor_.need(')');
    return all;
  }

  schema::ForeignKeyAction action(schema::ForeignKey& key, const char* when) {
    if (cursor_.take("CASCADE")) return schema::ForeignKeyAction::cascade;
    if (cursor_.take("SET", "NULL")) return schema::ForeignKeyAction::set_null;
    if (cursor_.take("SET", "DEFAULT")) return schema::ForeignKeyAction::set_default;
    if (cursor_.take("RESTRICT")) return schema::ForeignKeyAction::restrict;
    if (!cursor_.take("NO", "ACTION")) cursor_.fail("an action");
    // MariaDB keeps it apart from its default, with the same meaning.
    if (context_.mariadb) key.options["mysql"][when] = "no action";
    return schema::ForeignKeyAction::no_action;
  }

  void foreign_key(std::string name) {
    schema::ForeignKey key;
    if (cursor_.now().is_name()) cursor_.name();  // an index's name, printed by some
    key.columns = names();
    cursor_.need("REFERENCES");
    key.referenced_table.name = cursor_.name();
    if (cursor_.take('.')) {
      key.referenced_table.schema = std::exchange(key.referenced_table.name, cursor_.name());
      if (key.referenced_table.schema == context_.database) key.referenced_table.schema.clear();
    }
    key.referenced_columns = names();
    while (true) {
      if (cursor_.take("ON", "DELETE")) {
        key.on_delete = action(key, "on_delete");
      } else if (cursor_.take("ON", "UPDATE")) {
        key.on_update = action(key, "on_update");
      } else if (cursor_.take("MATCH")) {
        cursor_.name();
      } else {
        break;
      }
    }
    if (is_server_name(name, table_.name.name, true)) {
      key.spelling = std::move(name);
    } else {
      key.name = std::move(name);
    }
    table_.constraints.emplace_back(std::move(key));
  }

  void check(std::string name) {
    schema::Check check;
    check.expression = expression_of(without_database(cursor_.parenthesised(), context_.database));
    if (cursor_.take("NOT", "ENFORCED")) check.enforced = false;
    cursor_.take("ENFORCED");
    if (is_server_name(name, table_.name.name, false)) {
      check.spelling = std::move(name);
    } else {
      check.name = std::move(name);
    }
    table_.constraints.emplace_back(std::move(check));
  }

  // The table

  void table_options() {
    auto option = [&](std::string_view key) -> Value& { return table_.options["mysql"][std::string(key)]; };
    while (!cursor_.done()) {
      if (cursor_.now().is("PARTITION") && cursor_.ahead(1).is("BY")) {
        partitions();
        return;
      }
      if (cursor_.take(',')) continue;
      if (cursor_.take("WITH", "SYSTEM")) {
        cursor_.need("VERSIONING");
        option("system_versioning") = true;
        continue;
      }
      cursor_.take("DEFAULT");
      if (cursor_.take("CHARSET") || cursor_.take("CHARACTER", "SET")) {
        cursor_.take('=');
        charset_.charset = cursor_.name();
        continue;
      }
      std::string key = to_lower(cursor_.name());
      if (key == "data" || key == "index") {
        cursor_.need("DIRECTORY");
        key += "_directory";
      }
      if (key == "start") {
        cursor_.need("TRANSACTION");
        continue;
      }
      cursor_.take('=');
      if (key == "collate") {
        charset_.collation = cursor_.name();
      } else if (key == "comment") {
        table_.comment = cursor_.string();
      } else if (key == "auto_increment") {
        cursor_.value();  // a counter, which rows move
      } else if (key == "union") {
        option(key) = std::string(cursor_.parenthesised());
      } else {
        option(key) = option_value(cursor_.now());
        cursor_.skip();
        if (key == "tablespace" && cursor_.take("STORAGE")) option("storage") = cursor_.name();
      }
    }
  }

  /// The rest of the text, without the engine that MySQL and MariaDB print for every partition: it is the table's.
  void partitions() {
    const std::size_t begin = cursor_.now().offset;
    std::string text;
    std::size_t copied = begin;
    const auto copy = [&](std::size_t end) {
      while (end > copied && whole_[end - 1] == ' ') --end;
      text.append(whole_.substr(copied, end - copied));
    };
    while (!cursor_.done()) {
      if (cursor_.now().is("ENGINE") && cursor_.ahead(1).is_symbol('=')) {
        copy(cursor_.now().offset);
        cursor_.skip();
        cursor_.skip();
        cursor_.skip();
        copied = cursor_.before().end_offset();
      } else {
        cursor_.skip();
      }
    }
    copy(cursor_.before().end_offset());
    table_.options["mysql"]["partition_by"] = std::string(trim(text.substr(std::string_view("PARTITION BY").size())));
  }

  std::string collation_of(const Charset& said, const std::string& otherwise) const {
    if (!said.collation.empty()) return said.collation;
    return said.charset.empty() ? otherwise : context_.default_collation(said.charset);
  }

  void finish() {
    const std::string own = collation_of(charset_, context_.collation);
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      Column& column = table_.columns[i];
      const std::string collation = collation_of(charsets_[i], own);
      if (context_.mariadb && is_json(column, collation)) {
        column.type = schema::Type::json();
        column.type.canonical = "json";
        erase(column.options, "check");
        continue;
      }
      if (is_text_type(column.type.canonical) && collation != own) column.collation = collation;
    }
    if (own != context_.collation) table_.options["mysql"]["collation"] = own;
    const auto ours = table_.options.find("mysql");
    if (ours == table_.options.end()) return;
    const auto engine = ours->second.find("engine");
    if (engine != ours->second.end() && engine->second.string() && equals_ignoring_case(*engine->second.string(), context_.engine))
      ours->second.erase(engine);
    if (ours->second.empty()) table_.options.erase(ours);
  }

  static void erase(schema::Options& options, const std::string& key) {
    const auto ours = options.find("mysql");
    if (ours == options.end()) return;
    ours->second.erase(key);
    if (ours->second.empty()) options.erase(ours);
  }

  /// MariaDB's JSON is a longtext with a check (manual, "JSON Data Type").
  static bool is_json(const Column& column, const std::string& collation) {
    if (column.type.canonical != "longtext" || collation != "utf8mb4_bin") return false;
    const auto ours = column.options.find("mysql");
    if (ours == column.options.end()) return false;
    const auto check = ours->second.find("check");
    return check != ours->second.end() && check->second == Value("json_valid({column})");
  }

 public:
  std::string_view whole_;

 private:
  Cursor cursor_;
  const ParseContext& context_;
  Table table_;
  Charset charset_;
  std::vector<Charset> charsets_;  ///< of the columns
};

}  // namespace

std::string charset_of(std::string_view collation) { return std::string(collation.substr(0, collation.find('_'))); }

std::string ParseContext::default_collation(std::string_view charset) const {
  const auto found = default_collations.find(charset);
  if (found != default_collations.end()) return found->second;
  if (charset == "binary") return "binary";
  return std::string(charset) + "_general_ci";
}

bool is_server_name(std::string_view name, std::string_view table, bool foreign_key) {
  const auto numbered = [&](std::string_view prefix) {
    return name.size() > prefix.size() && name.starts_with(prefix) &&
           std::all_of(name.begin() + static_cast<std::ptrdiff_t>(prefix.size()), name.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  if (foreign_key) return numbered(std::string(table) + "_ibfk_");
  return numbered("CONSTRAINT_") || numbered(std::string(table) + "_chk_");
}

Table parse_table(std::string_view sql, const ParseContext& context) {
  TableParser parser(sql, context);
  parser.whole_ = sql;
  return parser.parse();
}

schema::Object parse_view(std::string_view sql, const ParseContext& context) {
  Cursor cursor(sql);
  schema::Object object;
  object.key.kind = "view";
  cursor.need("CREATE");
  while (!cursor.take("VIEW")) {
    if (cursor.done()) cursor.fail("VIEW");
    if (cursor.take("ALGORITHM")) {
      cursor.take('=');
      const std::string algorithm = to_lower(cursor.name());
      if (algorithm != "undefined") object.options["mysql"]["algorithm"] = algorithm;
    } else if (cursor.take("SQL", "SECURITY")) {
      const std::string security = to_lower(cursor.name());
      if (security != "definer") object.options["mysql"]["security"] = security;
    } else {
      cursor.skip();  // the definer
    }
  }
  object.key.name.name = cursor.name();
  if (cursor.take('.')) object.key.name.name = cursor.name();
  const std::string text = without_database(cursor.rest(), context.database);
  object.definition.canonical = text;
  object.definition.declared = declared_text(text, false);
  return object;
}

std::vector<std::string> relations_in(std::string_view view_text) {
  std::set<std::string> found;
  const std::vector<Token> tokens = tokenize(view_text);
  for (std::size_t i = 1; i + 1 < tokens.size(); ++i) {
    const bool behind = tokens[i - 1].is("from") || tokens[i - 1].is("join") || tokens[i - 1].is("straight_join") || tokens[i - 1].is_symbol('(') ||
                        tokens[i - 1].is_symbol(',');
    if (!behind || !tokens[i].is_name() || tokens[i + 1].is_symbol('.') || tokens[i + 1].is_symbol('(')) continue;
    found.insert(unquote(tokens[i]));
  }
  return {found.begin(), found.end()};
}

namespace {

LexerMode mode_of(std::string_view sql_mode) {
  return {sql_mode.find("ANSI_QUOTES") != std::string_view::npos, sql_mode.find("NO_BACKSLASH_ESCAPES") == std::string_view::npos};
}

}  // namespace

std::string comparable_body(std::string_view text, std::string_view sql_mode) {
  std::string result;
  bool gap = false;
  Lexer lexer(text, 0, mode_of(sql_mode));
  for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next()) {
    if (token.is_trivia()) {
      gap = !result.empty();
      continue;
    }
    if (std::exchange(gap, false)) result += ' ';
    result += token.text;
  }
  return result;
}

schema::Object parse_routine(std::string_view sql, std::string_view kind, std::string_view created, std::string_view sql_mode) {
  Cursor cursor(sql, mode_of(sql_mode));
  schema::Object object;
  object.key.kind = kind;
  cursor.need("CREATE");
  while (!cursor.take(kind)) {
    if (cursor.done()) cursor.fail(kind);
    if (cursor.take("AGGREGATE"))
      object.options["mysql"]["aggregate"] = true;
    else
      cursor.skip();
  }
  object.key.name.name = cursor.name();
  if (cursor.take('.')) object.key.name.name = cursor.name();
  std::string text(cursor.rest());
  if (kind == "event" && !created.empty()) {
    // An event that did not say when it starts does so when it is made.
    const std::string starts = " STARTS '" + std::string(created.substr(0, 19)) + "'";
    const std::size_t at = text.find(starts);
    if (at < 200) text.erase(at, starts.size());
  }
  object.definition.canonical = comparable_body(text, sql_mode);
  object.definition.declared = std::move(text);
  return object;
}

schema::Sequence parse_sequence(std::string_view sql) {
  Cursor cursor(sql);
  schema::Sequence sequence;
  cursor.need("CREATE");
  cursor.need("SEQUENCE");
  sequence.name.name = cursor.name();
  while (!cursor.done()) {
    if (cursor.take("START")) {
      cursor.take("WITH");
      sequence.settings.start = cursor.integer();
    } else if (cursor.take("MINVALUE")) {
      sequence.settings.minimum = cursor.integer();
    } else if (cursor.take("MAXVALUE")) {
      sequence.settings.maximum = cursor.integer();
    } else if (cursor.take("INCREMENT")) {
      cursor.take("BY");
      sequence.settings.increment = cursor.integer();
    } else if (cursor.take("CACHE")) {
      sequence.settings.cache = cursor.integer();
    } else if (cursor.take("NOCACHE")) {
      sequence.settings.cache = 0;
    } else if (cursor.take("CYCLE")) {
      sequence.settings.cycle = true;
    } else if (cursor.take("AS")) {
      sequence.type = type_of(cursor.name()).canonical;
      if (sequence.type == "bigint") sequence.type.clear();
    } else if (cursor.take("COMMENT")) {
      cursor.take('=');
      sequence.comment = cursor.string();
    } else {
      cursor.skip();
    }
  }
  return sequence;
}

}  // namespace aludel::mysql
