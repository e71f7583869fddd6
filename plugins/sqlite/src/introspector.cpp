#include "introspector.hpp"

#include "connection.hpp"
#include "lexer.hpp"
#include "normal.hpp"
#include "parser.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>
#include <array>
#include <functional>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

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

/// Streams where it can: a large schema would otherwise be there twice.
void each_row(dialect::Connection& connection, std::string_view sql, const std::function<void(std::span<const std::string_view>)>& take) {
  if (auto* ours = dynamic_cast<Connection*>(&connection)) return ours->each_text_row(sql, take);
  for (const std::vector<Value>& row : connection.execute(sql).rows) {
    std::vector<std::string_view> texts;
    for (const Value& value : row) texts.push_back(value.string() ? std::string_view(*value.string()) : std::string_view());
    take(texts);
  }
}

class Reader {
 public:
  Reader(dialect::Connection& connection, const dialect::Scope& scope) : connection_(connection) {
    for (const Name& name : scope.ignored_tables) ignored_.insert(to_lower(name.name));
  }

  Metadata read() {
    each_row(connection_, schema_query, [this](std::span<const std::string_view> row) { read_entry({row[0], row[1], row[2], row[3]}); });
    remove_shadow_tables();
    name_parents();
    for (auto& [thing, table] : unsupported_) result_.unsupported.push_back(std::move(thing));
    normalise(result_);
    return std::move(result_);
  }

 private:
  struct Entry {
    std::string_view type, name, table, sql;
  };

  void read_entry(const Entry& entry) {
    if (starts_with_folded(entry.name, "sqlite_") || ignored_.contains(to_lower(entry.name)) || ignored_.contains(to_lower(entry.table))) return;
    try {
      add(entry);
    } catch (const Error& error) {
      const Location& place = error.location();
      refuse(entry, fmt::format("its stored statement cannot be read: {} (line {}, column {})", error.message(), place.line, place.column));
      unread_.insert(to_lower(entry.name));
    }
  }

  void refuse(const Entry& entry, std::string reason) {
    unsupported_.emplace_back(schema::Unsupported{std::string(entry.type), std::string(entry.name), std::move(reason)}, entry.table);
  }

  static bool is_virtual(std::string_view sql) {
    const Token create = skip(sql, 0);
    return skip(sql, create.end_offset()).is("VIRTUAL");
  }
  static Token skip(std::string_view text, std::size_t offset) {
    Token token = next_token(text, offset);
    while (token.is_trivia()) token = next_token(text, token.end_offset());
    return token;
  }

  void add(const Entry& entry) {
    if (entry.type == "table" && !is_virtual(entry.sql)) {
      schema::Table table = parse_table(entry.sql);
      table.name = {"", std::string(entry.name)};
      tables_.emplace(to_lower(entry.name), &result_.add(std::move(table)));
    } else if (entry.type == "index") {
      add_index(entry);
    } else {
      ParsedObject parsed = parse_object(entry.sql);
      schema::Object object;
      object.key.kind = parsed.kind;
      object.key.name = {"", std::string(entry.name)};
      if (parsed.kind == "trigger") object.key.parent = Name{"", std::string(entry.table)}.text();
      if (parsed.kind == "view") views_.emplace(to_lower(entry.name), entry.name);
      if (parsed.kind == "virtual_table") {
        views_.emplace(to_lower(entry.name), entry.name);
        modules_.emplace_back(to_lower(entry.name), module_of(parsed.definition));
      }
      object.definition = schema::Expression(std::move(parsed.definition));
      result_.add(std::move(object));
    }
  }

  void add_index(const Entry& entry) {
    ParsedIndex parsed = parse_index(entry.sql);
    parsed.index.name = entry.name;
    const auto table = tables_.find(to_lower(entry.table));
    if (table != tables_.end()) {
      table->second->indexes.push_back(std::move(parsed.index));
    } else {
      refuse(entry, unread_.contains(to_lower(entry.table)) ? "its table cannot be read" : "its table is not there");
    }
  }

  /// They stand among the others and are known by their virtual tables only.
  void remove_shadow_tables() {
    std::set<std::string> shadows;
    bool foreign_module = false;
    for (const auto& [table, module] : modules_) {
      const auto suffixes = shadow_suffixes(module);
      if (suffixes.empty()) foreign_module = true;
      for (std::string_view suffix : suffixes) shadows.insert(table + "_" + std::string(suffix));
    }
    const dialect::Server& server = connection_.server();
    if (foreign_module && (server.major > 3 || (server.major == 3 && server.minor >= 37))) {
      each_row(connection_, shadow_query, [&](std::span<const std::string_view> row) { shadows.insert(to_lower(row[0])); });
    }
    if (shadows.empty()) return;
    const auto is_shadow = [&](std::string_view name) { return shadows.contains(to_lower(name)); };
    erase_if(result_.tables, [&](const auto& entry) { return is_shadow(entry.first.name); });
    std::erase_if(tables_, [&](const auto& entry) { return is_shadow(entry.first); });
    erase_if(result_.objects, [&](const auto& entry) {
      return is_shadow(entry.first.name.name) || (!entry.first.parent.empty() && is_shadow(schema::parse_name(entry.first.parent).name));
    });
    std::erase_if(unsupported_, [&](const auto& entry) { return is_shadow(entry.first.name) || is_shadow(entry.second); });
  }

  /// A trigger's table or view, as that itself spells its name.
  void name_parents() {
    std::vector<schema::Object> renamed;
    for (const auto& [key, object] : result_.objects) {
      if (key.parent.empty()) continue;
      const std::string name = schema::parse_name(key.parent).name;
      const std::string spelled = relation_name(name);
      if (spelled == name) continue;
      renamed.push_back(object);
      renamed.back().key.parent = Name{"", spelled}.text();
    }
    if (renamed.empty()) return;
    erase_if(result_.objects, [&](const auto& entry) {
      return !entry.first.parent.empty() && relation_name(schema::parse_name(entry.first.parent).name) != schema::parse_name(entry.first.parent).name;
    });
    for (schema::Object& object : renamed) result_.add(std::move(object));
  }
  std::string relation_name(const std::string& name) const {
    const auto table = tables_.find(to_lower(name));
    if (table != tables_.end()) return table->second->name.name;
    const auto view = views_.find(to_lower(name));
    return view == views_.end() ? name : view->second;
  }

  dialect::Connection& connection_;
  std::set<std::string> ignored_;
  std::unordered_map<std::string, schema::Table*> tables_;  // by lower case; elements of result_.tables, which stay where they are
  std::map<std::string, std::string> views_;                // views and virtual tables by their lower case
  std::vector<std::pair<std::string, std::string>> modules_;
  std::set<std::string> unread_;
  std::vector<std::pair<schema::Unsupported, std::string>> unsupported_;  // each with its table
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
