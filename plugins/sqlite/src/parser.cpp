#include "parser.hpp"

#include "cursor.hpp"
#include "normal.hpp"
#include "spelling.hpp"
#include "types.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>
#include <optional>

namespace aludel::sqlite {

namespace {

using schema::Column;
using schema::Deferrable;
using schema::ForeignKey;
using schema::ForeignKeyAction;
using schema::IndexPart;
using schema::Options;
using schema::Table;

Value& option(Options& options, const std::string& key) { return options["sqlite"][key]; }

/// The name behind CREATE ... [IF NOT EXISTS], with or without a schema in front.
std::string object_name(Cursor& cursor) {
  cursor.accept_all({"IF", "NOT", "EXISTS"});
  std::string name = cursor.name("a name");
  if (cursor.accept_symbol(".")) name = cursor.name("a name");
  return name;
}

/// ON CONFLICT resolution, in lower case; nothing where there is none.
std::optional<std::string> conflict_clause(Cursor& cursor) {
  if (!cursor.accept_all({"ON", "CONFLICT"})) return std::nullopt;
  for (std::string_view word : {"rollback", "abort", "fail", "ignore", "replace"}) {
    if (cursor.accept(word)) return std::string(word);
  }
  cursor.fail("ROLLBACK, ABORT, FAIL, IGNORE or REPLACE");
}

schema::Order sort_order(Cursor& cursor) {
  if (cursor.accept("DESC")) return schema::Order::descending;
  cursor.accept("ASC");
  return schema::Order::ascending;
}

/// Can a COLLATE behind these tokens only mean all of them? A name, a call or a parenthesised expression; an operator would bind weaker than COLLATE.
bool is_primary_expression(const std::vector<Token>& tokens, std::size_t count) {
  if (count == 0) return false;
  if (count == 1) return true;
  std::size_t open = 0;
  if (tokens[0].is_name() && tokens[1].is_symbol("(")) open = 1;
  if (!tokens[open].is_symbol("(")) return false;
  int depth = 0;
  for (std::size_t i = open; i < count; ++i) {
    if (tokens[i].is_symbol("(")) ++depth;
    if (tokens[i].is_symbol(")") && --depth == 0) return i + 1 == count;
  }
  return false;
}

IndexPart key_part(std::string_view text) {
  std::vector<Token> tokens = tokenize(text);
  tokens.pop_back();
  IndexPart part;
  if (tokens.size() > 1 && (tokens.back().is("ASC") || tokens.back().is("DESC"))) {
    if (tokens.back().is("DESC")) part.order = schema::Order::descending;
    tokens.pop_back();
  }
  if (tokens.size() > 2 && tokens[tokens.size() - 2].is("COLLATE") && is_primary_expression(tokens, tokens.size() - 2)) {
    part.collation = unquote(tokens.back());
    tokens.resize(tokens.size() - 2);
  }
  if (tokens.empty()) return part;
  const std::string_view rest = text.substr(tokens.front().offset, tokens.back().end_offset() - tokens.front().offset);
  const std::string bare = expression_text(rest);
  const std::vector<Token> inner = tokenize(bare);
  const Token& only = inner.front();
  const bool single = inner.size() == 2;
  const bool is_column = only.kind == TokenKind::quoted || (only.kind == TokenKind::string && tokens.size() == 1) ||
                         (only.kind == TokenKind::word && keyword_class(only.text) != Keyword::reserved && !only.is("TRUE") && !only.is("FALSE"));
  if (single && is_column) {
    part.column = unquote(only);
  } else {
    part.expression = schema::Expression(bare);
  }
  return part;
}

/// The entries of a key or an index, behind the opening parenthesis. AUTOINCREMENT may close a primary key's.
std::vector<IndexPart> key_parts(Cursor& cursor, bool* autoincrement = nullptr) {
  std::vector<IndexPart> parts;
  std::size_t first = cursor.peek().offset;
  for (int depth = 0; !cursor.done();) {
    const std::size_t last = cursor.peek().offset;
    if (autoincrement && depth == 0 && cursor.accept("AUTOINCREMENT")) {
      *autoincrement = true;
      parts.push_back(key_part(cursor.text_between(first, last)));
      cursor.expect_symbol(")");
      return parts;
    }
    const Token& token = cursor.take();
    if (token.is_symbol("(")) ++depth;
    if (token.is_symbol(")") && depth-- == 0) {
      parts.push_back(key_part(cursor.text_between(first, last)));
      return parts;
    }
    if (token.is_symbol(",") && depth == 0) {
      parts.push_back(key_part(cursor.text_between(first, last)));
      first = cursor.peek().offset;
    }
  }
  cursor.fail("')'");
}

std::vector<std::string> names_in_parentheses(Cursor& cursor) {
  std::vector<std::string> names;
  cursor.expect_symbol("(");
  do {
    names.push_back(cursor.name("a column name"));
    if (cursor.accept("COLLATE")) cursor.name("a collation");  // allowed here by SQLite's grammar, without a meaning
    sort_order(cursor);
  } while (cursor.accept_symbol(","));
  cursor.expect_symbol(")");
  return names;
}

ForeignKeyAction action(Cursor& cursor) {
  if (cursor.accept_all({"SET", "NULL"})) return ForeignKeyAction::set_null;
  if (cursor.accept_all({"SET", "DEFAULT"})) return ForeignKeyAction::set_default;
  if (cursor.accept("CASCADE")) return ForeignKeyAction::cascade;
  if (cursor.accept("RESTRICT")) return ForeignKeyAction::restrict;
  if (cursor.accept_all({"NO", "ACTION"})) return ForeignKeyAction::no_action;
  cursor.fail("SET NULL, SET DEFAULT, CASCADE, RESTRICT or NO ACTION");
}

/// [NOT] DEFERRABLE [INITIALLY ...], which may also stand apart from its REFERENCES.
bool deferral(Cursor& cursor, Deferrable& deferrable) {
  const bool negated = cursor.peek().is("NOT") && cursor.peek(1).is("DEFERRABLE");
  if (!negated && !cursor.peek().is("DEFERRABLE")) return false;
  if (negated) cursor.take();
  cursor.take();
  bool deferred = false;
  if (cursor.accept("INITIALLY")) {
    deferred = cursor.accept("DEFERRED");
    if (!deferred) cursor.expect("IMMEDIATE");
  }
  deferrable = negated ? Deferrable::no : deferred ? Deferrable::initially_deferred : Deferrable::initially_immediate;
  return true;
}

/// What follows REFERENCES.
void references(Cursor& cursor, ForeignKey& key) {
  key.referenced_table.name = cursor.name("a table name");
  if (cursor.peek().is_symbol("(")) key.referenced_columns = names_in_parentheses(cursor);
  for (;;) {
    if (cursor.accept("ON")) {
      if (cursor.accept("DELETE")) {
        key.on_delete = action(cursor);
      } else if (cursor.accept("UPDATE")) {
        key.on_update = action(cursor);
      } else {
        cursor.expect("INSERT");  // in the grammar, without a meaning
        action(cursor);
      }
    } else if (cursor.accept("MATCH")) {
      const std::string match = to_lower(cursor.name("SIMPLE, FULL or PARTIAL"));
      key.match = match == "full" ? schema::Match::full : match == "partial" ? schema::Match::partial : schema::Match::simple;
    } else {
      break;
    }
  }
  deferral(cursor, key.deferrable);
}

/// The words that may stand behind DEFAULT and are no name. (Hex digits of a blob and the like are no words.)
bool is_default_keyword(const Token& token) {
  for (std::string_view word : {"NULL", "TRUE", "FALSE", "CURRENT_TIME", "CURRENT_DATE", "CURRENT_TIMESTAMP"}) {
    if (token.is(word)) return true;
  }
  return false;
}

class TableParser {
 public:
  explicit TableParser(std::string_view sql) : cursor_(sql) {}

  Table parse() {
    cursor_.expect("CREATE");
    if (!cursor_.accept("TEMP")) cursor_.accept("TEMPORARY");
    cursor_.expect("TABLE");
    table_.name.name = object_name(cursor_);
    const std::size_t head = last_end();
    make_room();
    cursor_.expect_symbol("(");
    bool columns = true;
    do {
      if (columns && at_table_constraint()) columns = false;
      if (columns) {
        column();
      } else {
        while (!at_item_end()) table_constraint();  // commas between them may be missing
      }
    } while (cursor_.accept_symbol(","));
    cursor_.expect_symbol(")");
    const std::size_t tail = last_end();
    table_options();
    cursor_.accept_symbol(";");
    if (!cursor_.done()) cursor_.fail("the statement's end");
    spell(head, tail);
    finish();
    return std::move(table_);
  }

  ParsedColumn parse_column() {
    alone_ = true;
    column();
    if (!cursor_.done()) cursor_.fail("a column constraint or the end");
    parts_.column = std::move(table_.columns.front());
    parts_.constraints = std::move(table_.constraints);
    return std::move(parts_);
  }

  schema::Constraint parse_constraint() {
    alone_ = true;
    table_constraint();
    if (!cursor_.done() || table_.constraints.empty()) cursor_.fail("the constraint's end");
    return std::move(table_.constraints.front());
  }

 private:
  /// A column or a constraint of the table, by its place in the text.
  struct Item {
    std::size_t first, last;
    std::size_t index;
    bool is_column;
  };

  /// Columns and constraints are large: they are moved about as little as can be, and take no more room than they need.
  void make_room() {
    std::size_t items = 1, constraints = 0;
    int depth = 0;
    for (std::size_t i = cursor_.position(); cursor_.at(i).kind != TokenKind::end; ++i) {
      const Token& token = cursor_.at(i);
      if (token.is_symbol("(")) ++depth;
      if (token.is_symbol(")")) --depth;
      if (depth != 1) continue;
      if (token.is_symbol(",")) ++items;
      if (!token.is("PRIMARY") && !token.is("UNIQUE") && !token.is("CHECK") && !token.is("REFERENCES")) continue;
      ++constraints;
    }
    table_.columns.reserve(items);
    table_.constraints.reserve(constraints);
    items_.reserve(items);
  }

  bool at_item_end() const { return cursor_.peek().is_symbol(",") || cursor_.peek().is_symbol(")") || (alone_ && cursor_.done()); }
  std::size_t last_end() const { return cursor_.at(cursor_.position() - 1).end_offset(); }

  /// Every item's text, each with the comments about it; what is left over is the table's own.
  void spell(std::size_t head, std::size_t tail) {
    std::size_t last = head;
    schema::Spelling* before = &table_.spelling;
    for (const Item& item : items_) {
      schema::Spelling* spelling = item.is_column ? &table_.columns[item.index].spelling : spelling_of(table_.constraints[item.index]);
      *spelling = cursor_.text_between(item.first, item.last);
      add_comments(cursor_.text_between(last, item.first), *before, *spelling);
      before = spelling;
      last = item.last;
    }
    add_comments(cursor_.text_between(last, tail), *before, *before);
    add_comments(cursor_.text_between(tail, cursor_.source().size()), table_.spelling, table_.spelling);
  }

  bool at_table_constraint() const {
    for (std::string_view word : {"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"}) {
      if (cursor_.peek().is(word)) return true;
    }
    return false;
  }

  void column() {
    const std::size_t first = cursor_.peek().offset;
    Column added;
    added.name = cursor_.name("a column name");
    parts_.name_last = last_end();
    const std::string_view text = type();
    parts_.type_first = text.empty() ? parts_.name_last : static_cast<std::size_t>(text.data() - cursor_.source().data());
    parts_.type_last = parts_.type_first + text.size();
    added.type = type_of_text(text);
    table_.columns.push_back(std::move(added));
    name_.clear();
    while (!at_item_end()) clause(table_.columns.back());
    items_.push_back({first, last_end(), table_.columns.size() - 1, true});
  }

  void clause(Column& added) {
    const std::size_t first = cursor_.peek().offset;
    const std::size_t constraints = table_.constraints.size();
    const ParsedColumn::Part part = column_constraint(added);
    if (table_.constraints.size() > constraints) *spelling_of(table_.constraints.back()) = cursor_.text_between(first, last_end());
    if (alone_) parts_.clauses.push_back({part, first, last_end(), constraints});
  }

  /// Words up to the first constraint, then perhaps one or two numbers in parentheses.
  std::string_view type() {
    const std::size_t first = cursor_.peek().offset;
    std::size_t last = first;
    const auto in_type = [&] {
      const Token& token = cursor_.peek();
      if (token.kind == TokenKind::quoted || token.kind == TokenKind::string) return true;
      if (token.is("GENERATED") && cursor_.peek(1).is("ALWAYS")) return false;
      const Keyword keyword = keyword_class(token.text);
      return token.kind == TokenKind::word && (keyword == Keyword::none || keyword == Keyword::fallback);
    };
    while (in_type()) last = cursor_.take().end_offset();
    if (last > first && cursor_.accept_symbol("(")) {
      cursor_.parenthesised();
      last = cursor_.at(cursor_.position() - 1).end_offset();
    }
    return cursor_.text_between(first, last);
  }

  void constraint_name() {
    name_.clear();
    while (cursor_.accept("CONSTRAINT")) name_ = cursor_.name("a constraint name");
  }

  ParsedColumn::Part column_constraint(Column& added) {
    using Part = ParsedColumn::Part;
    constraint_name();
    if (cursor_.accept("DEFAULT")) {
      added.server_default = default_value();
      return Part::default_value;
    } else if (cursor_.accept("NULL")) {
      conflict_clause(cursor_);
      return Part::null;
    } else if (cursor_.peek().is("NOT") && cursor_.peek(1).is("NULL")) {
      cursor_.accept_all({"NOT", "NULL"});
      added.nullable = false;
      added.options.clear();  // of two in a row, the last one counts
      if (auto conflict = conflict_clause(cursor_)) option(added.options, "not_null_conflict") = *conflict;
      return Part::not_null;
    } else if (cursor_.accept_all({"PRIMARY", "KEY"})) {
      primary_key_of(added);
    } else if (cursor_.accept("UNIQUE")) {
      schema::Unique unique;
      unique.name = name_;
      unique.columns.emplace_back(added.name);
      if (auto conflict = conflict_clause(cursor_)) option(unique.options, "on_conflict") = *conflict;
      table_.constraints.emplace_back(std::move(unique));
    } else if (cursor_.accept("CHECK")) {
      check();
    } else if (cursor_.accept("REFERENCES")) {
      ForeignKey key;
      key.name = name_;
      key.columns = {added.name};
      references(cursor_, key);
      table_.constraints.emplace_back(std::move(key));
    } else if (cursor_.accept("COLLATE")) {
      added.collation = cursor_.name("a collation");
      return Part::collation;
    } else if (cursor_.accept_all({"GENERATED", "ALWAYS", "AS"}) || cursor_.accept("AS")) {
      generated(added);
      return Part::generated;
    } else if (late_deferral()) {
      return Part::deferral;
    } else if (name_.empty()) {
      cursor_.fail("a column constraint, ',' or ')'");
    } else {
      return Part::name_only;
    }
    return Part::constraint;
  }

  schema::Expression default_value() {
    if (cursor_.accept_symbol("(")) return schema::Expression(expression_text(cursor_.parenthesised()));
    std::string sign;
    if (cursor_.peek().is_symbol("-") || cursor_.peek().is_symbol("+")) sign = cursor_.take().text;
    const Token& token = cursor_.peek();
    if (token.kind == TokenKind::end || token.kind == TokenKind::illegal || token.kind == TokenKind::symbol) cursor_.fail("a default value");
    cursor_.take();
    const bool is_name = token.kind == TokenKind::quoted || (token.kind == TokenKind::word && !is_default_keyword(token));
    return schema::Expression(is_name ? quote_string(unquote(token)) : sign + std::string(token.text));  // a name is a string to SQLite
  }

  void primary_key_of(const Column& column) {
    schema::PrimaryKey key;
    key.name = name_;
    IndexPart part(column.name);
    part.order = sort_order(cursor_);
    key.columns.push_back(std::move(part));
    if (auto conflict = conflict_clause(cursor_)) option(key.options, "on_conflict") = *conflict;
    if (cursor_.accept("AUTOINCREMENT")) option(key.options, "autoincrement") = true;
    table_.constraints.emplace_back(std::move(key));
  }

  void check() {
    schema::Check added;
    added.name = name_;
    cursor_.expect_symbol("(");
    added.expression = schema::Expression(expression_text(cursor_.parenthesised()));
    if (auto conflict = conflict_clause(cursor_)) option(added.options, "on_conflict") = *conflict;
    table_.constraints.emplace_back(std::move(added));
  }

  void generated(Column& added) {
    cursor_.expect_symbol("(");
    schema::Generated value;
    value.expression = schema::Expression(expression_text(cursor_.parenthesised()));
    value.stored = cursor_.accept("STORED");
    if (!value.stored) cursor_.accept("VIRTUAL");
    added.generated = std::move(value);
  }

  /// A DEFERRABLE that stands apart belongs to the foreign key before it.
  bool late_deferral() {
    Deferrable deferrable{};
    if (!deferral(cursor_, deferrable)) return false;
    for (auto i = table_.constraints.rbegin(); i != table_.constraints.rend(); ++i) {
      if (auto* key = std::get_if<ForeignKey>(&*i)) {
        key->deferrable = deferrable;
        break;
      }
    }
    return true;
  }

  void table_constraint() {
    const std::size_t first = cursor_.peek().offset;
    const std::size_t constraints = table_.constraints.size();
    read_table_constraint();
    if (table_.constraints.size() > constraints) items_.push_back({first, last_end(), constraints, false});
  }

  void read_table_constraint() {
    constraint_name();
    if (cursor_.accept_all({"PRIMARY", "KEY"})) {
      schema::PrimaryKey key;
      key.name = name_;
      cursor_.expect_symbol("(");
      bool autoincrement = false;
      key.columns = key_parts(cursor_, &autoincrement);
      if (autoincrement) option(key.options, "autoincrement") = true;
      if (auto conflict = conflict_clause(cursor_)) option(key.options, "on_conflict") = *conflict;
      key_of_table_ = true;
      table_.constraints.emplace_back(std::move(key));
    } else if (cursor_.accept("UNIQUE")) {
      schema::Unique unique;
      unique.name = name_;
      cursor_.expect_symbol("(");
      unique.columns = key_parts(cursor_);
      if (auto conflict = conflict_clause(cursor_)) option(unique.options, "on_conflict") = *conflict;
      table_.constraints.emplace_back(std::move(unique));
    } else if (cursor_.accept("CHECK")) {
      check();
    } else if (cursor_.accept_all({"FOREIGN", "KEY"})) {
      ForeignKey key;
      key.name = name_;
      key.columns = names_in_parentheses(cursor_);
      cursor_.expect("REFERENCES");
      references(cursor_, key);
      table_.constraints.emplace_back(std::move(key));
    } else if (name_.empty()) {
      cursor_.fail("a table constraint, ',' or ')'");
    }
  }

  void table_options() {
    if (cursor_.done() || cursor_.peek().is_symbol(";")) return;
    cursor_.accept_symbol(",");  // SQLite's grammar lets the first option be nothing
    do {
      if (cursor_.accept_all({"WITHOUT", "ROWID"})) {
        option(table_.options, "without_rowid") = true;
      } else if (cursor_.accept("STRICT")) {
        option(table_.options, "strict") = true;
      } else {
        cursor_.fail("WITHOUT ROWID or STRICT");
      }
    } while (cursor_.accept_symbol(","));
  }

  /// PRIMARY KEY (id DESC) of an INTEGER column stands for the rowid all the same, in which DESC means nothing; `id INTEGER PRIMARY KEY DESC` does
  /// not (https://www.sqlite.org/lang_createtable.html#rowid).
  void finish() {
    auto* key = table_.primary_key();
    if (!key || !key_of_table_ || key->columns.size() != 1 || is_without_rowid(table_)) return;
    for (const Column& column : table_.columns) {
      if (same_name(column.name, key->columns.front().column) && column.type.canonical == "INTEGER") {
        key->columns.front().order = schema::Order::ascending;
      }
    }
  }

  Cursor cursor_;
  Table table_;
  std::string name_;
  bool key_of_table_ = false;
  bool alone_ = false;  ///< not in a statement
  std::vector<Item> items_;
  ParsedColumn parts_;
};

/// The text from a token to the statement's last one, which leaves out outer comments.
std::string rest_of(Cursor& cursor) {
  const std::size_t first = cursor.peek().offset;
  std::size_t last = first;
  while (!cursor.done()) {
    const Token& token = cursor.take();
    if (!token.is_symbol(";") || !cursor.done()) last = token.end_offset();
  }
  return std::string(cursor.text_between(first, last));
}

/// The table behind ON in a trigger's head: the first ON at the top level, for UPDATE OF lists columns only.
std::string table_of_trigger(std::string_view definition) {
  Cursor cursor(definition);
  while (!cursor.done()) {
    if (!cursor.accept("ON")) {
      cursor.take();
      continue;
    }
    std::string name = cursor.name("a table name");
    if (cursor.accept_symbol(".")) name = cursor.name("a table name");
    return name;
  }
  cursor.fail("ON and a table name");
}

}  // namespace

schema::Table parse_table(std::string_view sql) { return TableParser(sql).parse(); }
ParsedColumn parse_column(std::string_view text) { return TableParser(text).parse_column(); }
schema::Constraint parse_constraint(std::string_view text) { return TableParser(text).parse_constraint(); }

ParsedIndex parse_index(std::string_view sql) {
  Cursor cursor(sql);
  ParsedIndex result;
  cursor.expect("CREATE");
  result.index.unique = cursor.accept("UNIQUE");
  cursor.expect("INDEX");
  result.index.name = object_name(cursor);
  cursor.expect("ON");
  result.table = cursor.name("a table name");
  const std::size_t first = cursor.peek().offset;
  cursor.expect_symbol("(");
  result.index.columns = key_parts(cursor);
  std::size_t last = cursor.at(cursor.position() - 1).end_offset();
  if (cursor.accept("WHERE")) {
    const std::size_t where = cursor.peek().offset;
    const std::string condition = rest_of(cursor);
    result.index.where = schema::Expression(expression_text(condition));
    last = where + condition.size();
  }
  result.index.spelling = cursor.text_between(first, last);
  cursor.accept_symbol(";");
  if (!cursor.done()) cursor.fail("WHERE or the statement's end");
  return result;
}

ParsedObject parse_object(std::string_view sql) {
  Cursor cursor(sql);
  ParsedObject result;
  cursor.expect("CREATE");
  if (!cursor.accept("TEMP")) cursor.accept("TEMPORARY");
  if (cursor.accept("VIEW")) {
    result.kind = "view";
  } else if (cursor.accept("TRIGGER")) {
    result.kind = "trigger";
  } else if (cursor.accept_all({"VIRTUAL", "TABLE"})) {
    result.kind = "virtual_table";
  } else {
    cursor.fail("VIEW, TRIGGER or VIRTUAL TABLE");
  }
  result.name = object_name(cursor);
  result.definition = rest_of(cursor);
  if (result.definition.empty()) cursor.fail("a definition");
  if (result.kind == "trigger") result.table = table_of_trigger(result.definition);
  return result;
}

std::string module_of(std::string_view definition) {
  Cursor cursor(definition);
  cursor.expect("USING");
  return to_lower(cursor.name("a module name"));
}

}  // namespace aludel::sqlite
