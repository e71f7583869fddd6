#include "introspector.hpp"

#include "lexer.hpp"
#include "normal.hpp"
#include "parser.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>
#include <array>
#include <map>
#include <set>

namespace aludel::sqlite {

namespace {

using schema::Metadata;
using schema::Name;

constexpr std::string_view schema_query = R"(
SELECT type, name, tbl_name, sql
  FROM main.sqlite_master
 WHERE sql IS NOT NULL
 ORDER BY rowid)";

/// Since 3.37; only asked where a virtual table's module is not known here.
constexpr std::string_view shadow_query = R"(
SELECT name
  FROM pragma_table_list
 WHERE schema = 'main' AND type = 'shadow')";

struct Entry {
  std::string type, name, table, sql;
};

std::string text_of(const Value& value) { return value.string() ? *value.string() : std::string(); }

bool starts_with_folded(std::string_view text, std::string_view prefix) { return same_name(text.substr(0, prefix.size()), prefix); }

/// The tables behind a virtual table, by the suffixes that SQLite's own modules give them.
std::span<const std::string_view> shadow_suffixes(std::string_view module) {
  static constexpr std::array<std::string_view, 5> fts3 = {"content", "segments", "segdir", "docsize", "stat"};
  static constexpr std::array<std::string_view, 5> fts5 = {"data", "idx", "content", "docsize", "config"};
  static constexpr std::array<std::string_view, 3> rtree = {"node", "parent", "rowid"};
  if (module == "fts3" || module == "fts4") return fts3;
  if (module == "fts5") return fts5;
  if (module == "rtree" || module == "rtree_i32" || module == "geopoly") return rtree;
  return {};
}

class Reader {
 public:
  Reader(dialect::Connection& connection, const dialect::Scope& scope) : connection_(connection), scope_(scope) {}

  Metadata read() {
    for (const std::vector<Value>& row : connection_.execute(schema_query).rows) {
      entries_.push_back({text_of(row[0]), text_of(row[1]), text_of(row[2]), text_of(row[3])});
      const Entry& entry = entries_.back();
      if (entry.type == "table" || entry.type == "view") relations_.emplace(to_lower(entry.name), entry.name);
    }
    find_ignored();
    for (const Entry& entry : entries_) {
      if (ignored(entry)) continue;
      try {
        add(entry);
      } catch (const Error& error) {
        const Location& place = error.location();
        result_.unsupported.push_back(
            {entry.type, entry.name,
             fmt::format("its stored statement cannot be read: {} (line {}, column {})", error.message(), place.line, place.column)});
        unread_.insert(to_lower(entry.name));
      }
    }
    normalise(result_);
    return std::move(result_);
  }

 private:
  void find_ignored() {
    for (const Name& name : scope_.ignored_tables) ignored_.insert(to_lower(name.name));
    bool foreign_module = false;
    for (const Entry& entry : entries_) {
      if (entry.type != "table" || !is_virtual(entry)) continue;
      const std::string module = module_name(entry);
      const auto suffixes = shadow_suffixes(module);
      if (suffixes.empty()) foreign_module = true;
      for (std::string_view suffix : suffixes) ignored_.insert(to_lower(entry.name) + "_" + std::string(suffix));
    }
    if (!foreign_module || connection_.server().major < 3 || (connection_.server().major == 3 && connection_.server().minor < 37)) return;
    for (const std::vector<Value>& row : connection_.execute(shadow_query).rows) ignored_.insert(to_lower(text_of(row[0])));
  }

  static bool is_virtual(const Entry& entry) {
    const Token create = skip(entry.sql, 0);
    return skip(entry.sql, create.end_offset()).is("VIRTUAL");
  }
  static Token skip(std::string_view text, std::size_t offset) {
    Token token = next_token(text, offset);
    while (token.is_trivia()) token = next_token(text, token.end_offset());
    return token;
  }
  static std::string module_name(const Entry& entry) {
    try {
      return module_of(parse_object(entry.sql).definition);
    } catch (const Error&) {
      return {};  // reported when the entry itself is read
    }
  }

  bool ignored(const Entry& entry) const {
    return starts_with_folded(entry.name, "sqlite_") || ignored_.contains(to_lower(entry.name)) || ignored_.contains(to_lower(entry.table));
  }

  void add(const Entry& entry) {
    if (entry.type == "table" && !is_virtual(entry)) {
      schema::Table table = parse_table(entry.sql);
      table.name = {"", entry.name};
      tables_.emplace(to_lower(entry.name), &result_.add(std::move(table)));
    } else if (entry.type == "index") {
      ParsedIndex parsed = parse_index(entry.sql);
      parsed.index.name = entry.name;
      const auto table = tables_.find(to_lower(entry.table));
      if (table == tables_.end()) {
        const std::string_view reason = unread_.contains(to_lower(entry.table)) ? "its table cannot be read" : "its table is not there";
        result_.unsupported.push_back({"index", entry.name, std::string(reason)});
        return;
      }
      table->second->indexes.push_back(std::move(parsed.index));
    } else {
      ParsedObject parsed = parse_object(entry.sql);
      schema::Object object;
      object.key.kind = parsed.kind;
      object.key.name = {"", entry.name};
      if (parsed.kind == "trigger") object.key.parent = Name{"", relation_name(entry.table)}.text();
      object.definition = schema::Expression(std::move(parsed.definition));
      result_.add(std::move(object));
    }
  }

  /// As the table or view itself spells it.
  const std::string& relation_name(const std::string& folded) const {
    const auto found = relations_.find(to_lower(folded));
    return found == relations_.end() ? folded : found->second;
  }

  dialect::Connection& connection_;
  const dialect::Scope& scope_;
  std::vector<Entry> entries_;
  std::map<std::string, std::string> relations_;  // names of tables and views by their lower case
  std::set<std::string> ignored_;
  std::set<std::string> unread_;
  std::map<std::string, schema::Table*> tables_;  // nodes of result_.tables, which stay where they are
  Metadata result_;
};

class SqliteIntrospector final : public dialect::Introspector {
 public:
  Metadata introspect(dialect::Connection& connection, const dialect::Scope& scope) const override { return Reader(connection, scope).read(); }
};

}  // namespace

const dialect::Introspector& introspector() {
  static const SqliteIntrospector instance;
  return instance;
}

}  // namespace aludel::sqlite
