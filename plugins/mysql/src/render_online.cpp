#include "expression.hpp"
#include "lexer.hpp"
#include "quoting.hpp"
#include "render_alter.hpp"
#include "rewriter.hpp"
#include "types.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace aludel::mysql {

using schema::Column;
using schema::Table;

bool has_fulltext(const Table& table, const Target& target) {
  return std::any_of(table.indexes.begin(), table.indexes.end(),
                     [&](const schema::Index& index) { return text_option(target.options(index.options), "type") == "fulltext"; });
}

namespace {

std::string quoted_name(const Column& column) { return printable(column.name, 80); }

/// Instant changes need InnoDB's newer formats, and no hidden column for documents.
std::optional<Work> never_instant(const Table& table, const Target& target) {
  if (equals_ignoring_case(text_option(target.options(table.options), "row_format"), "compressed")) return Work::rebuild("the table is compressed");
  constexpr const char* fulltext = "the table has a fulltext index";
  if (has_fulltext(table, target)) return target.is_mariadb() ? Work::locked(fulltext, true) : Work::copy(fulltext);
  return std::nullopt;
}

bool is_strict(const Target& target) { return target.setting("sql_mode").find("STRICT_") != std::string::npos; }

std::vector<std::string> values_of(const std::string& canonical) {
  std::vector<std::string> values;
  for (const Token& token : tokenize(canonical)) {
    if (token.kind == TokenKind::string) values.push_back(unquote(token));
  }
  return values;
}

/// The bytes that a stored value of so many members takes (manuals, "Data Type Storage Requirements").
std::size_t storage_of(std::string_view word, std::size_t members) {
  if (word == "enum") return members < 256 ? 1 : 2;
  const std::size_t bytes = (members + 7) / 8;
  return bytes > 4 ? 8 : bytes;
}

bool appends_values(const std::string& from, const std::string& to) {
  const std::string_view word = type_word(from);
  if (word != type_word(to) || (word != "enum" && word != "set")) return false;
  const std::vector<std::string> old_values = values_of(from), new_values = values_of(to);
  return new_values.size() >= old_values.size() && std::equal(old_values.begin(), old_values.end(), new_values.begin()) &&
         storage_of(word, old_values.size()) == storage_of(word, new_values.size());
}

std::optional<int> length_of(const std::string& canonical) {
  const std::size_t open = canonical.find('(');
  if (open == std::string::npos) return std::nullopt;
  int length = 0;
  std::from_chars(canonical.data() + open + 1, canonical.data() + canonical.size(), length);
  return length;
}

int bytes_of_character(std::string_view collation) {
  if (collation.starts_with("utf8mb4") || collation.starts_with("utf32") || collation.starts_with("utf16") || collation.starts_with("uca1400"))
    return 4;
  if (collation.starts_with("utf8")) return 3;
  if (collation.starts_with("latin") || collation.starts_with("ascii") || collation == "binary") return 1;
  return 0;  // not known
}

/// A longer varchar whose length still takes as many bytes (manuals, "Extending VARCHAR size"); MariaDB takes one byte for those up to 127 anyway.
bool only_grows(const std::string& from, const std::string& to, const std::string& collation, bool mariadb) {
  const std::string_view word = type_word(from);
  if (word != type_word(to) || (word != "varchar" && word != "varbinary")) return false;
  const std::optional<int> was = length_of(from), is = length_of(to);
  const int width = word == "varbinary" ? 1 : bytes_of_character(collation);
  if (!was || !is || width == 0 || *is < *was) return false;
  return (*was * width < 256) == (*is * width < 256) || (mariadb && *was * width < 128);
}

Work worse(const Work& a, const Work& b) {
  Work result = a.algorithm >= b.algorithm ? a : b;
  result.rebuilds = a.rebuilds || b.rebuilds;
  result.stops_writers = a.stops_writers || b.stops_writers;
  if (result.reason.empty()) result.reason = a.reason.empty() ? b.reason : a.reason;
  return result;
}

std::string default_of(const Column& column, const Target& target) {
  if (!column.server_default) return {};
  return default_clause(sql_of(*column.server_default), target.canonical_type(column.type), target.is_mariadb());
}

bool same_expression(const schema::Boxed<schema::Generated>& a, const schema::Boxed<schema::Generated>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->stored == b->stored && without_parentheses(sql_of(a->expression)) == without_parentheses(sql_of(b->expression));
}

std::string check_of(const Column& column, const Target& target) { return text_option(target.options(column.options), "check"); }

}  // namespace

Work adding_column(const Column& column, const Table& table, const Target& target) {
  const std::string name = quoted_name(column);
  if (column.generated && column.generated->stored) return Work::copy(fmt::format("{} is computed and stored for all rows", name));
  if (!text_option(target.options(column.options), "generated").empty()) return Work::copy(fmt::format("{} is filled in by the server", name));
  if (!check_of(column, target).empty()) return Work::copy(fmt::format("the check of {} is made on all rows", name));
  if (column.identity) return Work::locked(fmt::format("{} is numbered in all rows", name), true);
  if (default_of(column, target).starts_with("(")) return Work::copy(fmt::format("the default of {} is computed for all rows", name));
  const std::string type = target.canonical_type(column.type);
  const std::string_view word = type_word(type);
  const bool zero_date = !column.nullable && !column.server_default && (word == "date" || word == "datetime" || word == "timestamp");
  if (zero_date) return Work::copy(fmt::format("{} has no value for the rows there are", name));
  if (const auto hindrance = never_instant(table, target)) return *hindrance;
  if (!target.is_mariadb() && !target.is_at_least(8, 0, 12)) return Work::rebuild(fmt::format("{} is added to all rows", name));
  return Work::instant();
}

Work dropping_column(const Column& column, const Table& table, const Target& target) {
  if (column.generated && !column.generated->stored) return Work::instant();
  if (const auto hindrance = never_instant(table, target)) return *hindrance;
  const bool instant = target.is_mariadb() || target.is_at_least(8, 0, 29);
  return instant ? Work::instant() : Work::rebuild(fmt::format("{} is taken out of all rows", quoted_name(column)));
}

Work renaming_column(const Target& target, bool bound) {
  return target.is_mariadb() || (target.is_at_least(8, 0, 28) && !bound) ? Work::instant() : Work::in_place();
}

namespace {

bool has_stored(const Table& table) {
  return std::any_of(table.columns.begin(), table.columns.end(), [](const Column& one) { return one.generated && one.generated->stored; });
}

/// A table without a primary key is kept in the order of its first unique key without NULL (manuals, "Clustered and Secondary Indexes").
bool stands_for_primary(const Key& key) { return key.unique && !key.nullable && !key.columns.empty() && key.type.empty(); }
bool has_primary(const std::vector<Key>& keys) {
  return std::any_of(keys.begin(), keys.end(), [](const Key& key) { return key.primary; });
}

/// The key of this column that stands for the primary key, as long as the column is not NULL; else null.
const Key* key_standing_on(const Column& column, const std::vector<Key>& keys) {
  if (has_primary(keys)) return nullptr;
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const Key& key) {
    return stands_for_primary(key) &&
           std::any_of(key.columns.begin(), key.columns.end(), [&](const auto& one) { return equals_ignoring_case(one, column.name); });
  });
  return found == keys.end() ? nullptr : &*found;
}

Work changing_nullability(const Column& to, const TableChange& change, const Target& target, const Target& after) {
  const Table& table = change.from;
  const std::string why = fmt::format("{} {}", quoted_name(to), to.nullable ? "may be NULL from now on" : "becomes NOT NULL");
  if (!to.nullable && !is_strict(target)) return Work::copy(why + ", and the session is not strict");
  if (!to.nullable && target.is_mariadb() && after.canonical_type(to.type).starts_with("timestamp")) return Work::copy(why + ", a timestamp");
  // MariaDB does not compute others anew in place.
  if (!to.nullable && target.is_mariadb() && (has_stored(table) || has_indexed_virtual(table))) return Work::copy(why + " beside computed columns");
  if (to.nullable && !has_primary(keys_of(change.to, after))) {
    const std::vector<Key> keys = keys_of(table, target);
    if (const Key* key = key_standing_on(to, keys))
      return Work::copy(fmt::format("{}, and {} stands for the primary key that the table does not have", why, key->description));
  }
  return Work::rebuild(why);
}

}  // namespace

bool checks_lists_or_times(const Table& table, const Target& target) {
  static constexpr std::array<std::string_view, 6> words = {"enum", "set", "date", "time", "datetime", "timestamp"};
  return std::any_of(table.constraints.begin(), table.constraints.end(), [&](const schema::Constraint& one) {
    const auto* check = std::get_if<schema::Check>(&one);
    return check != nullptr && std::any_of(table.columns.begin(), table.columns.end(), [&](const Column& column) {
             const std::string type = target.canonical_type(column.type);
             return std::find(words.begin(), words.end(), type_word(type)) != words.end() &&
                    rewriter().mentions_column(sql_of(check->expression), table.name, column.name);
           });
  });
}

Work changing_column(const Column& from, const Column& to, const TableChange& change, const Target& before, const Target& after) {
  const std::string name = quoted_name(to);
  const std::string old_type = before.canonical_type(from.type), new_type = after.canonical_type(to.type);
  const bool text = is_text_type(new_type);
  const std::string old_collation = before.collation_of(from, change.from), new_collation = after.collation_of(to, change.to);
  Work work;
  if (text && is_text_type(old_type) && old_collation != new_collation) {
    return Work::copy(fmt::format("{} changes its character set or collation", name));
  }
  if (old_type != new_type && !appends_values(old_type, new_type)) {
    if (!only_grows(old_type, new_type, new_collation, after.is_mariadb())) return Work::copy(fmt::format("{} changes its type", name));
    if (!after.is_mariadb()) work = Work::in_place();
  }
  if (!same_expression(from.generated, to.generated)) return Work::copy(fmt::format("{} is computed anew", name));
  if (after.is_mariadb() && to.generated && to.generated->stored) return Work::copy(fmt::format("{} is computed and stored", name));
  if (from.identity.has_value() != to.identity.has_value()) return Work::copy(fmt::format("AUTO_INCREMENT of {} changes", name));
  if (!check_of(to, after).empty() && check_of(from, before) != check_of(to, after)) {
    return Work::copy(fmt::format("the check of {} is made on all rows", name));
  }
  if (from.nullable != to.nullable && !to.generated) {
    const Work nullability = changing_nullability(to, change, before, after);
    if (nullability.algorithm == Work::Algorithm::copy) return nullability;
    work = worse(work, nullability);
  }
  if (from.nullable != to.nullable && to.generated) work = worse(work, Work::in_place());
  // Whatever else the engine knows of it.
  OptionMap old_options = before.options(from.options), new_options = after.options(to.options);
  for (const char* harmless : {"check", "invisible", "on_update"}) {
    old_options.erase(harmless);
    new_options.erase(harmless);
  }
  if (old_options != new_options) return Work::copy(fmt::format("{} changes its attributes", name));
  return work;
}

bool can_modify(const Column& from, const Column& to) {
  const auto kind = [](const Column& column) { return column.generated ? (column.generated->stored ? 1 : 2) : 0; };
  if (kind(from) == kind(to)) return true;
  // Stored values may become plain ones and the other way round (manuals, "Generated Columns").
  return kind(from) != 2 && kind(to) != 2;
}

bool changes_storage(const Column& from, const Table& from_table, const Target& before, const Column& to, const Table& to_table,
                     const Target& after) {
  const std::string old_type = before.canonical_type(from.type), new_type = after.canonical_type(to.type);
  if (old_type != new_type) return true;
  return is_text_type(new_type) && before.collation_of(from, from_table) != after.collation_of(to, to_table);
}

bool has_indexed_virtual(const Table& table) {
  const auto is_virtual = [&](const schema::IndexPart& part) {
    const Column* column = table.find_column(part.column);
    return column != nullptr && column->generated && !column->generated->stored;
  };
  const auto any = [&](const std::vector<schema::IndexPart>& parts) { return std::any_of(parts.begin(), parts.end(), is_virtual); };
  return std::any_of(table.indexes.begin(), table.indexes.end(), [&](const schema::Index& index) { return any(index.columns); }) ||
         std::any_of(table.constraints.begin(), table.constraints.end(), [&](const schema::Constraint& one) {
           const auto* unique = std::get_if<schema::Unique>(&one);
           return unique != nullptr && any(unique->columns);
         });
}

Work adding_key(const Key& key, const std::vector<Key>& old_keys) {
  if (key.primary) return Work::rebuild("rows stand in the order of the primary key");
  if (key.type == "fulltext") {
    const bool first = std::none_of(old_keys.begin(), old_keys.end(), [](const Key& one) { return one.type == "fulltext"; });
    return Work::locked(fmt::format("{} is built", key.description), first);
  }
  if (!key.type.empty()) return Work::locked(fmt::format("{} is built", key.description), false);
  if (key.hashed) return Work::copy(fmt::format("{} is one of hashes, which are computed for all rows", key.description));
  if (key.computed) return Work::locked(fmt::format("the expression of {} is computed for all rows", key.description), false);
  const bool becomes_primary = stands_for_primary(key) && !has_primary(old_keys) &&
                               std::none_of(old_keys.begin(), old_keys.end(), [](const Key& one) { return stands_for_primary(one); });
  if (becomes_primary) return Work::rebuild(fmt::format("{} stands for the primary key that the table does not have", key.description));
  return Work::in_place();
}

Work dropping_key(const Key& key, const std::vector<Key>& old_keys, const std::vector<Key>& new_keys) {
  const bool stands = key.primary || (!has_primary(old_keys) && stands_for_primary(key));
  if (key.hashed) return Work::copy(fmt::format("{} is one of hashes", key.description));
  if (!stands) return Work::in_place();
  if (has_primary(new_keys)) return Work::rebuild("rows stand in the order of the primary key");
  if (key.primary) return Work::copy("the primary key goes and no other comes");
  return Work::copy(fmt::format("{} stands for the primary key that the table does not have", key.description));
}

Work changing_option(const std::string& option) {
  if (option == "ROW_FORMAT" || option == "KEY_BLOCK_SIZE") return Work::rebuild(fmt::format("{} changes", option));
  if (option == "COMMENT" || option == "COLLATE" || option == "CHARSET" || option.starts_with("STATS_")) return Work::in_place();
  return Work::copy(fmt::format("{} changes", option));
}

}  // namespace aludel::mysql
