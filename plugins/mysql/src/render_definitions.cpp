#include "expression.hpp"
#include "parser.hpp"
#include "quoting.hpp"
#include "render_text.hpp"
#include "types.hpp"

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

namespace aludel::mysql {

using schema::Constraint;
using schema::IndexPart;
using schema::Table;

namespace {

constexpr std::size_t longest_name = 64;

std::string part_text(const IndexPart& part) {
  std::string text = part.expression ? in_parentheses(sql_of(*part.expression)) : quote_identifier(part.column);
  if (part.length) text += fmt::format("({})", *part.length);
  if (part.order == schema::Order::descending) text += " DESC";
  if (equals_ignoring_case(part.operator_class, "without overlaps")) text += " WITHOUT OVERLAPS";
  return text;
}

/// The parts and options of a key: what stands behind its name.
std::string key_tail(const std::vector<IndexPart>& parts, const OptionMap& options, const std::string& comment) {
  std::vector<std::string> texts;
  for (const IndexPart& part : parts) texts.push_back(part_text(part));
  std::string text = "(" + join(texts, ", ") + ")";
  for (const auto& [key, value] : options) {
    if (key == "type" || key == "invisible" || key == "ignored" || (value.boolean() && !*value.boolean())) continue;
    const std::string said = text_option(options, key);
    if (key == "using") {
      text += " USING " + to_upper(said);
    } else if (key == "parser") {
      text += " WITH PARSER " + quote_identifier(said);
    } else if (key == "key_block_size") {
      text += " KEY_BLOCK_SIZE=" + said;
    } else {
      text += fmt::format(" {}={}", to_upper(key), value.string() ? quote_string(said) : said);
    }
  }
  if (!comment.empty()) text += " COMMENT " + quote_string(comment);
  return text;
}

bool may_be_null(const std::vector<IndexPart>& parts, const Table& table) {
  return std::any_of(parts.begin(), parts.end(), [&](const IndexPart& part) {
    const schema::Column* column = table.find_column(part.column);
    return part.expression || part.length || column == nullptr || column->nullable;
  });
}

Key key_of(std::string name, const std::vector<IndexPart>& parts, const schema::Options& said, const std::string& comment, const Table& table,
           const Target& target) {
  const OptionMap options = target.options(said);
  Key key;
  key.name = std::move(name);
  key.type = text_option(options, "type");
  key.hidden = flag(options, "invisible") || flag(options, "ignored");
  key.content = key_tail(parts, options, comment);
  for (const IndexPart& part : parts) {
    if (!part.expression) key.columns.push_back(part.column);
  }
  key.computed = key.columns.size() < parts.size();
  key.nullable = may_be_null(parts, table);
  return key;
}

/// MariaDB holds a unique key of texts whole by a hash (manual, "Unique Constraints").
bool is_hashed(const std::vector<IndexPart>& parts, const OptionMap& options, const Table& table, const Target& target) {
  if (!target.is_mariadb()) return false;
  return text_option(options, "using") == "hash" || std::any_of(parts.begin(), parts.end(), [&](const IndexPart& part) {
           const schema::Column* column = table.find_column(part.column);
           return column != nullptr && !part.length && needs_expression_default(target.canonical_type(column->type));
         });
}

void finish(Key& key, const std::string& word, const Target& target) {
  key.content = word + " " + key.content;
  key.definition =
      key.name.empty() || key.primary ? key.content : fmt::format("{} {}{}", word, quote_identifier(key.name), key.content.substr(word.size()));
  if (key.hidden) key.definition += target.is_mariadb() ? " IGNORED" : " INVISIBLE";
  key.description = key.primary ? "the primary key" : (key.unique ? "unique key " : "index ") + printable(key.name, 80);
}

void refuse(std::string_view what, const Table& table, const Target& target) {
  throw Error(ErrorKind::unsupported, fmt::format("{} has no {} (table {})", target.name(), what, quoted(table.name.text())));
}

/// Where the name is kept that only the server gave; null for what needs none.
const std::string* spelling_of(const Constraint& constraint) {
  if (const auto* key = std::get_if<schema::ForeignKey>(&constraint)) return &key->spelling;
  if (const auto* check = std::get_if<schema::Check>(&constraint)) return &check->spelling;
  if (const auto* unique = std::get_if<schema::Unique>(&constraint)) return &unique->spelling;
  return nullptr;
}
std::string* spelling_of(Constraint& constraint) { return const_cast<std::string*>(spelling_of(std::as_const(constraint))); }

/// The names that are taken, so that one is found which is not.
class Names {
 public:
  void take(std::string_view name) { taken_.insert(to_lower(name)); }
  bool is_free(std::string_view name) const { return !taken_.contains(to_lower(name)); }
  std::string numbered(const std::string& prefix, int first) {
    for (int i = first;; ++i) {
      std::string name = prefix + std::to_string(i);
      if (!is_free(name)) continue;
      take(name);
      return name;
    }
  }
  /// Behind the highest that there is.
  std::string next(const std::string& prefix) {
    int highest = 0;
    const std::string folded = to_lower(prefix);
    for (const std::string& name : taken_) {
      if (!name.starts_with(folded)) continue;
      int number = 0;
      std::from_chars(name.data() + folded.size(), name.data() + name.size(), number);
      highest = std::max(highest, number);
    }
    return numbered(prefix, highest + 1);
  }

 private:
  std::set<std::string> taken_;
};

}  // namespace

bool is_spelled(const Table& table) {
  return std::all_of(table.constraints.begin(), table.constraints.end(), [](const Constraint& one) {
    const std::string* spelling = spelling_of(one);
    return spelling == nullptr || !spelling->empty() || !name_of(one).empty();
  });
}

void spell(Table& table, const Target& target) {
  if (is_spelled(table)) return;
  const std::vector<std::string> names = server_names(table, target);
  for (std::size_t i = 0; i < names.size(); ++i) {
    Constraint& one = table.constraints[i];
    if (std::string* spelling = spelling_of(one); spelling != nullptr && name_of(one).empty()) *spelling = names[i];
  }
}

/// Manuals, "FOREIGN KEY Constraints" and "CHECK Constraints": hero_ibfk_1, hero_chk_1 (MySQL), CONSTRAINT_1 (MariaDB); an index is called as its
/// first column.
std::vector<std::string> server_names(const Table& table, const Target& target) {
  std::vector<std::string> names;
  Names keys, references, checks;
  for (const auto& index : table.indexes) keys.take(index.name);
  const auto names_of = [&](const Constraint& one) -> Names& {
    if (std::holds_alternative<schema::ForeignKey>(one)) return references;
    return std::holds_alternative<schema::Check>(one) ? checks : keys;
  };
  for (const Constraint& one : table.constraints) {
    std::string name = name_of(one);
    if (const std::string* spelling = spelling_of(one); spelling != nullptr && name.empty()) name = *spelling;
    if (std::holds_alternative<schema::PrimaryKey>(one)) name = "PRIMARY";
    if (!name.empty()) names_of(one).take(name);
    names.push_back(std::move(name));
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!names[i].empty()) continue;
    const Constraint& one = table.constraints[i];
    if (std::holds_alternative<schema::ForeignKey>(one)) {
      names[i] = references.next(table.name.name + "_ibfk_");
    } else if (std::holds_alternative<schema::Check>(one)) {
      names[i] = target.is_mariadb() ? checks.numbered("CONSTRAINT_", 1) : checks.next(table.name.name + "_chk_");
    } else if (const auto* unique = std::get_if<schema::Unique>(&one); unique != nullptr && !unique->columns.empty()) {
      const std::string& first = unique->columns[0].column;
      const std::string base = first.empty() ? "functional_index" : first;
      names[i] = keys.is_free(base) && !equals_ignoring_case(base, "PRIMARY") ? base : keys.numbered(base + "_", 2);
      keys.take(names[i]);
    }
    if (names[i].size() > longest_name) names[i].clear();  // the server finds another
  }
  return names;
}

std::vector<Key> keys_of(const Table& table, const Target& target) {
  std::vector<Key> keys;
  const std::vector<std::string> names = server_names(table, target);
  for (std::size_t i = 0; i < table.constraints.size(); ++i) {
    const Constraint& one = table.constraints[i];
    if (const auto* primary = std::get_if<schema::PrimaryKey>(&one)) {
      Key key = key_of(names[i], primary->columns, primary->options, primary->comment, table, target);
      key.primary = true;
      finish(key, "PRIMARY KEY", target);
      keys.push_back(std::move(key));
    } else if (const auto* unique = std::get_if<schema::Unique>(&one)) {
      Key key = key_of(names[i], unique->columns, unique->options, unique->comment, table, target);
      key.unique = true;
      key.hashed = is_hashed(unique->columns, target.options(unique->options), table, target);
      finish(key, "UNIQUE KEY", target);
      keys.push_back(std::move(key));
    } else if (std::holds_alternative<schema::Exclude>(one)) {
      refuse("exclusion constraints", table, target);
    }
  }
  for (const schema::Index& index : table.indexes) {
    if (index.where) refuse("indexes on a part of the rows", table, target);
    if (!index.include.empty()) refuse("indexes that include further columns", table, target);
    Key key = key_of(index.name, index.columns, index.options, index.comment, table, target);
    key.unique = index.unique;
    key.hashed = index.unique && is_hashed(index.columns, target.options(index.options), table, target);
    finish(key, index.unique ? "UNIQUE KEY" : (key.type.empty() ? "KEY" : to_upper(key.type) + " KEY"), target);
    keys.push_back(std::move(key));
  }
  return keys;
}

std::vector<Check> checks_of(const Table& table, const Target& target) {
  std::vector<Check> checks;
  const std::vector<std::string> names = server_names(table, target);
  for (std::size_t i = 0; i < table.constraints.size(); ++i) {
    const auto* one = std::get_if<schema::Check>(&table.constraints[i]);
    if (one == nullptr) continue;
    Check check;
    check.name = names[i];
    check.enforced = one->enforced;
    check.content = "CHECK " + in_parentheses(sql_of(one->expression));
    check.definition = (check.name.empty() ? "" : "CONSTRAINT " + quote_identifier(check.name) + " ") + check.content;
    if (!check.enforced) {
      if (target.is_mariadb()) refuse("checks that are not enforced", table, target);
      check.definition += " NOT ENFORCED";
    }
    checks.push_back(std::move(check));
  }
  return checks;
}

namespace {

std::string action_clause(std::string_view when, schema::ForeignKeyAction action, const OptionMap& options, const std::string& key) {
  switch (action) {
    case schema::ForeignKeyAction::no_action:
      // MariaDB tells it from RESTRICT, which it is without a word.
      return text_option(options, key) == "no action" ? fmt::format(" {} NO ACTION", when) : std::string();
    case schema::ForeignKeyAction::restrict:
      return fmt::format(" {} RESTRICT", when);
    case schema::ForeignKeyAction::cascade:
      return fmt::format(" {} CASCADE", when);
    case schema::ForeignKeyAction::set_null:
      return fmt::format(" {} SET NULL", when);
    case schema::ForeignKeyAction::set_default:
      return fmt::format(" {} SET DEFAULT", when);
  }
  return {};
}

}  // namespace

std::vector<Reference> references_of(const Table& table, const Target& target) {
  std::vector<Reference> references;
  const std::vector<std::string> names = server_names(table, target);
  for (std::size_t i = 0; i < table.constraints.size(); ++i) {
    const auto* key = std::get_if<schema::ForeignKey>(&table.constraints[i]);
    if (key == nullptr) continue;
    const OptionMap options = target.options(key->options);
    Reference reference;
    reference.name = names[i];
    reference.position = i;
    reference.key = key;
    reference.definition = fmt::format(
        "{}FOREIGN KEY ({}) REFERENCES {} ({}){}{}", names[i].empty() ? "" : "CONSTRAINT " + quote_identifier(names[i]) + " ",
        identifier_list(key->columns), quote_name(key->referenced_table), identifier_list(target.referenced_columns(*key, table)),
        action_clause("ON DELETE", key->on_delete, options, "on_delete"), action_clause("ON UPDATE", key->on_update, options, "on_update"));
    references.push_back(std::move(reference));
  }
  return references;
}

std::string create_table(const Table& table, const Target& target, bool if_not_exists) {
  std::vector<std::string> lines;
  for (const auto& column : table.columns) lines.push_back(column_definition(column, table, target));
  const OptionMap options = target.options(table.options);
  if (const std::string period = text_option(options, "period_for_system_time"); !period.empty())
    lines.push_back("PERIOD FOR SYSTEM_TIME (" + period + ")");
  if (const std::string period = text_option(options, "period"); !period.empty()) lines.push_back("PERIOD FOR " + period);
  for (const Key& key : keys_of(table, target)) lines.push_back(key.definition);
  for (const Reference& reference : references_of(table, target)) lines.push_back(reference.definition);
  for (const Check& check : checks_of(table, target)) lines.push_back(check.definition);
  std::string text = fmt::format("CREATE TABLE {}{} (\n  {}\n)", if_not_exists ? "IF NOT EXISTS " : "", quote_name(table.name), join(lines, ",\n  "));
  for (const auto& [key, value] : option_texts(table, target)) text += fmt::format(" {}={}", key, value);
  if (!table.comment.empty()) text += " COMMENT=" + quote_string(table.comment);
  if (flag(options, "system_versioning")) text += " WITH SYSTEM VERSIONING";
  if (const std::string partitions = text_option(options, "partition_by"); !partitions.empty()) text += "\nPARTITION BY " + partitions;
  return text;
}

}  // namespace aludel::mysql
