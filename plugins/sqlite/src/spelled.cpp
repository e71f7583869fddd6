#include "lexer.hpp"
#include "meaning.hpp"
#include "normal.hpp"
#include "parser.hpp"
#include "render_ddl.hpp"
#include "spelling.hpp"
#include "types.hpp"

#include <aludel/schema/equivalent.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace aludel::sqlite {

namespace {

using schema::Check;
using schema::Column;
using schema::Constraint;
using schema::ForeignKey;
using schema::Metadata;
using schema::PrimaryKey;
using schema::Table;

/// "... REFERENCES ..." from that word on.
std::string_view from_references(std::string_view text) {
  for (const Token& token : tokenize(text)) {
    if (token.is("REFERENCES")) return text.substr(token.offset);
  }
  return {};
}

/// Without CONSTRAINT and its name, as often as that stands in front.
std::string_view without_name(std::string_view text) {
  const std::vector<Token> tokens = tokenize(text);
  std::size_t first = 0;
  while (first + 2 < tokens.size() && tokens[first].is("CONSTRAINT")) first += 2;
  return text.substr(tokens[first].offset);
}

/// Exchanges ranges of a text, which are given in order.
class Edits {
 public:
  explicit Edits(std::string_view text) : text_(text) {}

  void replace(std::size_t first, std::size_t last, std::string_view by) {
    result_ += text_.substr(copied_, first - copied_);
    result_ += by;
    copied_ = last;
  }
  /// With the white space in front of it, where that is no line's end.
  void cut(std::size_t first, std::size_t last) {
    while (first > copied_ && text_[first - 1] == ' ') --first;
    replace(first, last, {});
  }
  std::string take() { return result_.append(text_.substr(copied_)); }

 private:
  std::string_view text_;
  std::size_t copied_ = 0;
  std::string result_;
};

/// The parts of one table, each as it is to be written.
class Writer {
 public:
  Writer(const Table& table, const Metadata& around) : table_(table), around_(around), written_(table.constraints.size(), false) {}

  /// The columns and constraints, in order; `texts` false keeps the comments only.
  std::vector<SpelledText> items(bool texts) {
    texts_ = texts;
    std::vector<SpelledText> result;
    result.reserve(table_.columns.size() + table_.constraints.size());
    for (const Column& column : table_.columns) result.push_back(this->column(column));
    for (std::size_t i = 0; i < table_.constraints.size(); ++i) {
      if (!written_[i]) result.push_back(constraint(table_.constraints[i]));
    }
    return result;
  }

  SpelledText column(const Column& column) {
    SpelledText spelled = split_spelling(column.spelling);
    if (!spelled.text.empty() && texts_) {
      if (std::optional<std::string> text = edited(column, spelled.text)) {
        // What is left of the text may end with a comment that stood within it.
        SpelledText again = split_spelling(*text);
        spelled.text = std::move(again.text);
        spelled.behind = joined_comments(again.behind, spelled.behind);
        return spelled;
      }
    }
    spelled.behind = joined_comments(comments_of(spelled.text), spelled.behind);
    const std::optional<std::size_t> key = inline_key(column);
    const bool with_key = key && is_rendered_inline(std::get<PrimaryKey>(table_.constraints[*key]));
    if (with_key) written_[*key] = true;
    spelled.text = column_sql(table_, column, with_key);
    return spelled;
  }

  SpelledText constraint(const Constraint& constraint) const {
    const schema::Spelling* spelling = spelling_of(constraint);
    SpelledText spelled = split_spelling(spelling == nullptr ? std::string_view() : *spelling);
    if (!spelled.text.empty() && texts_) {
      if (std::optional<std::string> text = as_table_constraint(constraint, spelled.text)) {
        spelled.text = std::move(*text);
        return spelled;
      }
    }
    spelled.behind = joined_comments(comments_of(spelled.text), spelled.behind);
    spelled.text = constraint_sql(table_, constraint);
    return spelled;
  }

  /// As a clause of the one column that it concerns.
  std::string clause(const Constraint& constraint) const {
    const SpelledText spelled = this->constraint(constraint);
    if (!std::holds_alternative<ForeignKey>(constraint)) return spelled.text;
    return constraint_prefix(schema::name_of(constraint)) + std::string(from_references(spelled.text));
  }

  bool is_written(std::size_t index) const { return written_[index]; }

 private:
  using Part = ParsedColumn::Part;

  std::optional<std::size_t> inline_key(const Column& column) const {
    for (std::size_t i = 0; i < table_.constraints.size(); ++i) {
      const auto* key = std::get_if<PrimaryKey>(&table_.constraints[i]);
      if (key != nullptr && is_inline_key(*key) && same_name(key->columns.front().column, column.name)) return i;
    }
    return std::nullopt;
  }

  /// A key whose own text still holds stays where it was, behind the columns.
  bool is_rendered_inline(const PrimaryKey& key) const {
    const std::string text = split_spelling(key.spelling).text;
    return text.empty() || !texts_ || !as_table_constraint(key, text);
  }

  std::optional<std::string> as_table_constraint(const Constraint& constraint, const std::string& text) const {
    try {
      const auto* key = std::get_if<ForeignKey>(&constraint);
      if (key != nullptr && !key->columns.empty() && !is_table_level(text)) {
        const ParsedColumn read = parse_column(quote_identifier(key->columns.front()) + " " + text);
        const bool same =
            key->columns.size() == 1 && read.constraints.size() == 1 && same_but_for_name(read.constraints.front(), constraint, table_, around_);
        if (!same) return std::nullopt;
        return fmt::format("{}FOREIGN KEY ({}) {}", constraint_prefix(key->name), quote_identifier(key->columns.front()), from_references(text));
      }
      const Constraint read = parse_constraint(text);
      if (!same_but_for_name(read, constraint, table_, around_)) return std::nullopt;
      return schema::name_of(read) == schema::name_of(constraint) ? text
                                                                  : constraint_prefix(schema::name_of(constraint)) + std::string(without_name(text));
    } catch (const Error&) {
      return std::nullopt;  // a clause of a column that a constraint of the table cannot be spelled with
    }
  }

  static bool is_table_level(std::string_view text) {
    const std::vector<Token> tokens = tokenize(text);
    return std::any_of(tokens.begin(), tokens.end(), [](const Token& token) { return token.is("FOREIGN"); });
  }

  /// The column's text with what has changed in it exchanged; nullopt where it cannot be read.
  std::optional<std::string> edited(const Column& column, const std::string& text) {
    ParsedColumn read;
    try {
      read = parse_column(text);
    } catch (const Error&) {
      return std::nullopt;
    }
    Edits edits(text);
    if (read.column.name != column.name) edits.replace(0, read.name_last, quote_identifier(column.name));
    edit_type(column, read, text, edits);
    Said said;
    for (std::size_t i = 0; i < read.clauses.size(); ++i) {
      const ParsedColumn::Clause& clause = read.clauses[i];
      if (is_overruled(read, i) || !holds(clause, column, read, said)) edits.cut(clause.first, clause.last);
    }
    return edits.take() + unsaid(column, said);
  }

  /// What the kept clauses of a column say already.
  struct Said {
    bool not_null = false;
    bool server_default = false;
    bool collation = false;
    bool generated = false;
    bool enumeration = false;
  };

  /// Of two defaults in a row, SQLite takes the last.
  static bool is_overruled(const ParsedColumn& read, std::size_t index) {
    const Part part = read.clauses[index].part;
    if (part == Part::constraint || part == Part::deferral || part == Part::name_only) return false;
    return std::any_of(read.clauses.begin() + static_cast<std::ptrdiff_t>(index) + 1, read.clauses.end(),
                       [&](const ParsedColumn::Clause& later) { return later.part == part; });
  }

  /// May the clause stay? Then it is said.
  bool holds(const ParsedColumn::Clause& clause, const Column& column, const ParsedColumn& read, Said& said) {
    const auto once = [](bool& done, bool right) {
      const bool kept = right && !done;
      done = done || kept;
      return kept;
    };
    switch (clause.part) {
      case Part::not_null:
        return once(said.not_null, keeps_not_null(column, read.column));
      case Part::null:
        return column.nullable && !is_rowid_alias(table_, column);
      case Part::default_value:
        return once(said.server_default, keeps_default(column, read.column));
      case Part::collation:
        return once(said.collation, equals_ignoring_case(column.collation.empty() ? "BINARY" : column.collation, read.column.collation));
      case Part::generated:
        return once(said.generated, keeps_generated(column, read.column));
      case Part::constraint: {
        const Constraint& found = read.constraints[clause.constraint];
        return once(said.enumeration, is_enumeration(found, column)) || take(found);
      }
      case Part::deferral:
      case Part::name_only:
        return true;
    }
    return false;
  }

  /// The clauses that are missing, each with a space in front.
  std::string unsaid(const Column& column, const Said& said) {
    const bool alias = is_rowid_alias(table_, column);
    std::string result = new_key(column, alias);
    if (!said.not_null && !column.nullable && !alias && !is_held_not_null(column)) result += not_null_clause(column);
    if (!said.server_default && column.server_default && !column.generated) result += default_clause_of(table_, column);
    if (!said.collation && !column.collation.empty()) result += " COLLATE " + quote_identifier(column.collation);
    if (!said.enumeration && column.type.kind == schema::TypeKind::enumeration) {
      result += " CHECK (" + enumeration_check(column.name, column.type) + ")";
    }
    if (!said.generated && column.generated) result += generated_clause(table_, column);
    return result;
  }

  void edit_type(const Column& column, const ParsedColumn& read, const std::string& text, Edits& edits) const {
    const std::string wanted = column_type_text(table_, column);
    const std::string_view old = std::string_view(text).substr(read.type_first, read.type_last - read.type_first);
    if (normal_type_text(old) == wanted) return;
    if (wanted.empty()) {
      edits.cut(read.type_first, read.type_last);
    } else {
      edits.replace(read.type_first, read.type_last, old.empty() ? " " + wanted : wanted);
    }
  }

  /// SQLite holds a rowid NOT NULL whether it is said or not, so that what is said may stay.
  bool keeps_not_null(const Column& column, const Column& read) const {
    if (is_rowid_alias(table_, column)) return true;
    return !column.nullable && text_option(column.options, "not_null_conflict") == text_option(read.options, "not_null_conflict");
  }

  /// A key of such a table is NOT NULL unsaid (https://www.sqlite.org/lang_createtable.html#the_primary_key).
  bool is_held_not_null(const Column& column) const {
    const PrimaryKey* key = table_.primary_key();
    if (key == nullptr || (!is_without_rowid(table_) && !is_strict(table_)) || !text_option(column.options, "not_null_conflict").empty())
      return false;
    return std::any_of(key->columns.begin(), key->columns.end(), [&](const schema::IndexPart& part) { return same_name(part.column, column.name); });
  }

  bool keeps_default(const Column& column, const Column& read) const {
    if (!column.server_default || !read.server_default || column.server_default->stale || column.generated) return false;
    const std::string& wanted = column.server_default->declared.empty() ? column.server_default->canonical : column.server_default->declared;
    return normal_default(read.server_default->declared, false) == normal_default(wanted, false);
  }

  bool keeps_generated(const Column& column, const Column& read) const {
    return column.generated && read.generated && column.generated->stored == read.generated->stored && !column.generated->expression.stale &&
           same_normal(read.generated->expression, column.generated->expression, table_);
  }

  bool is_enumeration(const Constraint& constraint, const Column& column) const {
    const auto* check = std::get_if<Check>(&constraint);
    return check != nullptr && check->name.empty() && column.type.kind == schema::TypeKind::enumeration && check->options.empty() &&
           same_normal(check->expression, schema::Expression(enumeration_check(column.name, column.type)), table_);
  }

  /// Is there such a constraint that is not written yet? Then it is now.
  bool take(const Constraint& read) {
    for (std::size_t i = 0; i < table_.constraints.size(); ++i) {
      if (written_[i] || !same_meaning(read, table_.constraints[i], table_, around_)) continue;
      written_[i] = true;
      return true;
    }
    return false;
  }

  /// The key that the column carries and that is not in its text.
  std::string new_key(const Column& column, bool alias) {
    const std::optional<std::size_t> key = inline_key(column);
    if (!key || written_[*key] || !is_rendered_inline(std::get<PrimaryKey>(table_.constraints[*key]))) return {};
    written_[*key] = true;
    return inline_key_clause(table_, column, alias);
  }

  const Table& table_;
  const Metadata& around_;
  std::vector<bool> written_;
  bool texts_ = true;
};

std::string with_qualifier(const std::string& text, const Table& table, const Qualifier& qualifier) {
  if (qualifier.name.empty()) return text;
  return qualifier.keep ? requalified(text, table.name.name, quote_identifier(qualifier.name)) : unqualified(text, table.name.name);
}

/// Lines, each with its comments around it and a comma at its end where one belongs.
std::string item_lines(const std::vector<SpelledText>& items) {
  std::string text;
  const auto indented = [](const std::string& comments) {
    std::string result;
    for (const char c : comments) {
      result += c;
      if (c == '\n') result += "  ";
    }
    return result;
  };
  for (std::size_t i = 0; i < items.size(); ++i) {
    const SpelledText& item = items[i];
    if (!item.above.empty()) text += "  " + indented(item.above) + "\n";
    text += "  " + item.text;
    if (i + 1 < items.size()) text += ",";
    if (!item.behind.empty()) text += " " + indented(item.behind);
    text += "\n";
  }
  return text;
}

std::string assemble(const Table& table, const std::vector<SpelledText>& items, const Qualifier& qualifier, bool if_not_exists) {
  const std::string comments = comments_of(table.spelling);
  return fmt::format("CREATE TABLE {}{} ({}{}\n{}){}", if_not_exists ? "IF NOT EXISTS " : "",
                     qualifier.name.empty() ? quoted_name(table.name) : quote_identifier(qualifier.name), comments.empty() ? "" : " ", comments,
                     item_lines(items), table_options(table));
}

/// Of the one table, with those that it references.
Table read_back(const std::string& sql, const Table& table, const Metadata& around) {
  Table read = parse_table(sql);
  for (Constraint& constraint : read.constraints) {
    if (auto* key = std::get_if<ForeignKey>(&constraint)) key->referenced_columns = referenced_columns(*key, table, around);
  }
  Metadata alone;
  normalise_alone(alone.add(std::move(read)));
  return alone.tables.take(alone.tables.begin()->first);
}

std::vector<std::string> sorted_names(const Table& table) {
  std::vector<std::string> names;
  for (const Constraint& constraint : table.constraints) names.push_back(schema::name_of(constraint));
  std::sort(names.begin(), names.end());
  return names;
}

/// The last word on a spelling: SQLite would read both statements as the same table.
bool reads_alike(const std::string& spelled, const std::string& rendered, const Table& table, const Metadata& around) {
  try {
    const Table a = read_back(spelled, table, around);
    const Table b = read_back(rendered, table, around);
    schema::Comparison how;
    how.dialects = {"sqlite"};
    how.comments = false;
    return schema::equivalent(a, b, how) && sorted_names(a) == sorted_names(b);
  } catch (const Error&) {
    return false;
  }
}

bool is_spelled(const Table& table) {
  const auto spelled = [](const Constraint& constraint) {
    const schema::Spelling* spelling = spelling_of(constraint);
    return spelling != nullptr && !spelling->empty();
  };
  return !table.spelling.empty() ||
         std::any_of(table.columns.begin(), table.columns.end(), [](const Column& one) { return !one.spelling.empty(); }) ||
         std::any_of(table.constraints.begin(), table.constraints.end(), spelled);
}

}  // namespace

std::string spelled_table_sql(const Table& table, const Metadata& around, const Qualifier& qualifier, bool if_not_exists) {
  const std::string rendered = create_table_sql(table, qualifier.name, if_not_exists);
  if (!is_spelled(table)) return rendered;
  for (const bool texts : {true, false}) {
    std::vector<SpelledText> items = Writer(table, around).items(texts);
    for (SpelledText& item : items) item.text = with_qualifier(item.text, table, qualifier);
    std::string spelled = assemble(table, items, qualifier, if_not_exists);
    if (reads_alike(spelled, rendered, table, around)) return spelled;
  }
  return rendered;
}

bool has_qualifiers(const Table& table) {
  const auto qualified = [&](const std::string& text) { return unqualified(text, table.name.name) != text; };
  return std::any_of(table.columns.begin(), table.columns.end(), [&](const Column& one) { return qualified(one.spelling); }) ||
         std::any_of(table.constraints.begin(), table.constraints.end(), [&](const Constraint& constraint) {
           const schema::Spelling* spelling = spelling_of(constraint);
           return spelling != nullptr && qualified(*spelling);
         });
}

std::string spelled_add_column_sql(const Table& table, const Column& column, std::span<const Constraint* const> constraints, const Metadata& around) {
  const std::string rendered = add_column_sql(table, column, constraints);
  Table carried = table;
  std::erase_if(carried.constraints, [](const Constraint& constraint) { return !std::holds_alternative<PrimaryKey>(constraint); });
  for (Column& one : carried.columns) {
    if (one.name != column.name) one.spelling.clear();
  }
  const std::size_t first = carried.constraints.size();
  for (Constraint& constraint : carried.constraints) spelling_of(constraint)->clear();
  for (const Constraint* constraint : constraints) carried.constraints.push_back(*constraint);
  if (!is_spelled(carried)) return rendered;
  Writer writer(carried, around);
  std::string text = writer.column(column).text;
  for (std::size_t i = first; i < carried.constraints.size(); ++i) {
    if (!writer.is_written(i)) text += " " + writer.clause(carried.constraints[i]);
  }
  // Would the table be the same if it were made with that column?
  const std::string all = create_table_sql(carried);
  carried.constraints.resize(first);
  std::vector<SpelledText> items = Writer(carried, around).items(true);
  items[static_cast<std::size_t>(&column - table.columns.data())].text = text;
  if (!reads_alike(assemble(carried, items, {}, false), all, carried, around)) return rendered;
  return fmt::format("ALTER TABLE {} ADD COLUMN {}", quoted_name(table.name), text);
}

std::string spelled_index_sql(const Table& table, const schema::Index& index) {
  std::string rendered = create_index_sql(table, index);
  if (index.spelling.empty()) return rendered;
  const std::string head =
      fmt::format("CREATE {}INDEX {} ON {} ", index.unique ? "UNIQUE " : "", quote_identifier(index.name), quoted_name(table.name));
  try {
    const ParsedIndex read = parse_index(head + index.spelling);
    const bool where = read.index.where ? index.where && same_normal(*read.index.where, *index.where, table) : !index.where;
    if (where && same_parts(read.index.columns, index.columns, table)) return head + index.spelling;
  } catch (const Error&) {
    // It named something that is called otherwise now.
  }
  return rendered;
}

}  // namespace aludel::sqlite
