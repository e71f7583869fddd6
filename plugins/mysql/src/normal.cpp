#include "normal.hpp"

#include "expression.hpp"
#include "parser.hpp"
#include "types.hpp"

#include <aludel/text.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <utility>

namespace aludel::mysql {

using schema::Column;
using schema::Constraint;
using schema::ForeignKey;
using schema::Index;
using schema::IndexPart;
using schema::Metadata;
using schema::Table;
using schema::TypeKind;

namespace {

/// MySQL compares names of columns, keys and constraints without case (manuals, "Identifier Case Sensitivity").
bool same_name(std::string_view a, std::string_view b) { return equals_ignoring_case(a, b); }

std::string setting(const dialect::Server& server, const std::string& key) {
  const auto found = server.settings.find(key);
  return found == server.settings.end() ? std::string() : found->second;
}

void normalise_options(schema::Options& options) {
  for (const char* dialect : {"mysql", "mariadb"}) {
    const auto ours = options.find(dialect);
    if (ours == options.end()) continue;
    std::erase_if(ours->second, [](const auto& entry) {
      const Value& value = entry.second;
      const bool off = value.boolean() && !*value.boolean() && entry.first != "system_versioning";
      return off || value.is_null() || (value.string() && value.string()->empty());
    });
    if (ours->second.empty()) options.erase(ours);
  }
}

bool begins_with(const std::vector<IndexPart>& parts, const std::vector<std::string>& columns, bool descending) {
  return parts.size() >= columns.size() &&
         std::equal(columns.begin(), columns.end(), parts.begin(), [&](const std::string& column, const IndexPart& part) {
           return !part.expression && !part.length && (descending || part.order == schema::Order::ascending) && same_name(part.column, column);
         });
}

/// Fulltext and spatial indexes are no help to a foreign key.
bool is_ordinary(const schema::Options& options) {
  const auto ours = options.find("mysql");
  return ours == options.end() || !ours->second.contains("type");
}

class TableNormaliser {
 public:
  TableNormaliser(Table& table, const Metadata& metadata, const dialect::Server& server, std::string_view database)
      : table_(table), metadata_(metadata), server_(server), database_(database) {}

  void run() {
    declared_ = std::any_of(table_.columns.begin(), table_.columns.end(), [](const Column& one) { return one.type.canonical.empty(); });
    normalise_options(table_.options);
    table_.comment = as_kept(table_.comment);
    for (Column& column : table_.columns) column.comment = as_kept(column.comment);
    if (declared_) drop_usual_options();
    raise_unique_indexes();
    for (Column& column : table_.columns) this->column(column);
    for (Constraint& one : table_.constraints) {
      std::visit(
          [&](auto& held) {
            normalise_options(held.options);
            this->constraint(held);
          },
          one);
    }
    for (Index& index : table_.indexes) {
      normalise_options(index.options);
      parts(index.columns);
      index.nulls_distinct = true;
    }
    for (Index& index : implicit_indexes(table_, server_.flavour == "mariadb")) table_.indexes.push_back(std::move(index));
  }

 private:
  void drop_usual_options() {
    const auto ours = table_.options.find("mysql");
    if (ours == table_.options.end()) return;
    ours->second.erase("auto_increment");
    if (const auto said = ours->second.find("collate"); said != ours->second.end()) {
      ours->second.emplace("collation", said->second);
      ours->second.erase("collate");
    }
    // The collation says it as well; alone, it means its default one, which the server knows.
    if (const auto said = ours->second.find("charset"); said != ours->second.end()) {
      if (ours->second.contains("collation") || said->second == Value(setting(server_, "character_set_database"))) ours->second.erase(said);
    }
    const std::string engine = setting(server_, "default_storage_engine");
    const auto said = ours->second.find("engine");
    if (said != ours->second.end() && said->second.string() && equals_ignoring_case(*said->second.string(), engine.empty() ? "InnoDB" : engine)) {
      ours->second.erase(said);
    }
    const auto collation = ours->second.find("collation");
    if (collation != ours->second.end() && collation->second == Value(setting(server_, "collation_database"))) ours->second.erase(collation);
    if (ours->second.empty()) table_.options.erase(ours);
  }

  /// The servers keep comments in utf8mb3, and a question mark for each character that has no place in it.
  static std::string as_kept(const std::string& comment) {
    std::string kept;
    for (std::size_t i = 0; i < comment.size(); ++i) {
      const bool four_bytes = static_cast<unsigned char>(comment[i]) >= 0xf0;
      kept += four_bytes ? '?' : comment[i];
      if (four_bytes) i += 3;
    }
    return kept;
  }

  /// A unique index and a unique constraint are one thing here.
  void raise_unique_indexes() {
    std::erase_if(table_.indexes, [&](Index& index) {
      if (!index.unique) return false;
      schema::Unique unique;
      unique.name = std::move(index.name);
      unique.columns = std::move(index.columns);
      unique.comment = std::move(index.comment);
      unique.options = std::move(index.options);
      unique.spelling = std::move(index.spelling);
      table_.constraints.emplace_back(std::move(unique));
      return true;
    });
  }

  void column(Column& column) {
    normalise_options(column.options);
    if (column.type.kind == TypeKind::enumeration && column.type.values.empty() && !column.type.name.empty()) {
      const auto found = metadata_.enums.find(schema::parse_name(column.type.name));
      if (found != metadata_.enums.end()) column.type.values = found->second.values;
    }
    if (column.type.canonical.empty() && column.type.kind != TypeKind::interval && column.type.kind != TypeKind::array &&
        !(column.type.kind == TypeKind::enumeration && column.type.values.empty())) {
      column.type.canonical = type_of(type_text(column.type, server_)).canonical;
    }
    if (column.identity) {
      column.identity = schema::Identity{};
      column.nullable = false;
    }
    if (column.server_default && equals_ignoring_case(trim(sql_of(*column.server_default)), "NULL")) column.server_default.reset();
    const auto ours = table_.options.find("mysql");
    const std::string own = ours != table_.options.end() && ours->second.contains("collation") && ours->second.at("collation").string()
                                ? *ours->second.at("collation").string()
                                : setting(server_, "collation_database");
    if (declared_ && !column.collation.empty() && column.collation == own) column.collation.clear();
  }

  static void parts(std::vector<IndexPart>& all) {
    for (IndexPart& part : all) {
      part.nulls = schema::Nulls::unspecified;
      part.collation.clear();
    }
  }

  void constraint(schema::PrimaryKey& key) {
    key.name.clear();
    key.deferrable = schema::Deferrable::no;
    parts(key.columns);
    for (const IndexPart& part : key.columns) {
      for (Column& column : table_.columns) {
        if (same_name(column.name, part.column)) column.nullable = false;
      }
    }
  }
  static void constraint(schema::Unique& unique) {
    unique.nulls_distinct = true;
    unique.deferrable = schema::Deferrable::no;
    unique.include.clear();
    parts(unique.columns);
  }
  static void constraint(schema::Check& check) {
    check.validated = true;
    check.inherit = true;
    check.comment.clear();
  }
  void constraint(ForeignKey& key) {
    key.validated = true;
    key.deferrable = schema::Deferrable::no;
    key.match = schema::Match::simple;
    key.on_delete_columns.clear();
    key.comment.clear();
    if (!database_.empty() && key.referenced_table.schema == database_) key.referenced_table.schema.clear();
    if (server_.flavour == "mariadb" && !server_.settings.empty()) {  // RESTRICT is the default, and not printed
      if (key.on_delete == schema::ForeignKeyAction::restrict) key.on_delete = schema::ForeignKeyAction::no_action;
      if (key.on_update == schema::ForeignKeyAction::restrict) key.on_update = schema::ForeignKeyAction::no_action;
    }
    if (!key.referenced_columns.empty()) return;
    const Table* target = key.referenced_table == table_.name ? &table_ : metadata_.find_table(key.referenced_table);
    const schema::PrimaryKey* primary = target == nullptr ? nullptr : target->primary_key();
    if (primary == nullptr || primary->columns.size() != key.columns.size()) return;
    for (const IndexPart& part : primary->columns) key.referenced_columns.push_back(part.column);
  }
  static void constraint(schema::Exclude&) {}

  Table& table_;
  const Metadata& metadata_;
  const dialect::Server& server_;
  std::string_view database_;
  bool declared_ = false;  ///< by an author: what a server printed already says nothing that holds anyway
};

template <class Map, class Forget>
void forget_schema(Map& map, Metadata& metadata, Forget forget) {
  const Map held = std::exchange(map, {});
  for (const auto& [key, value] : held) {
    auto renamed = value;
    forget(renamed);
    metadata.add(std::move(renamed));
  }
}

/// The connection's own database is no schema of its own.
void forget_database(Metadata& metadata, std::string_view database) {
  if (database.empty()) return;
  const auto forget = [&](schema::Name& name) {
    if (name.schema == database) name.schema.clear();
  };
  const auto named = [&](const auto& entry) { return entry.first.schema == database; };
  if (std::any_of(metadata.tables.begin(), metadata.tables.end(), named)) {
    forget_schema(metadata.tables, metadata, [&](Table& table) { forget(table.name); });
  }
  if (std::any_of(metadata.sequences.begin(), metadata.sequences.end(), named)) {
    forget_schema(metadata.sequences, metadata, [&](schema::Sequence& sequence) { forget(sequence.name); });
  }
  const auto object_named = [&](const auto& entry) { return entry.first.name.schema == database; };
  if (std::any_of(metadata.objects.begin(), metadata.objects.end(), object_named)) {
    forget_schema(metadata.objects, metadata, [&](schema::Object& object) { forget(object.key.name); });
  }
}

}  // namespace

bool has_index_for(const Table& table, const std::vector<std::string>& columns, bool descending) {
  const auto key_serves = [&](const Constraint& one) {
    if (const auto* primary = std::get_if<schema::PrimaryKey>(&one)) return begins_with(primary->columns, columns, descending);
    if (const auto* unique = std::get_if<schema::Unique>(&one)) return begins_with(unique->columns, columns, descending);
    return false;
  };
  return std::any_of(table.constraints.begin(), table.constraints.end(), key_serves) ||
         std::any_of(table.indexes.begin(), table.indexes.end(),
                     [&](const Index& index) { return is_ordinary(index.options) && begins_with(index.columns, columns, descending); });
}

std::vector<Index> implicit_indexes(const Table& table, bool descending) {
  std::vector<Index> added;
  std::optional<Table> known;  // with those that were added; most tables need none
  const auto is_taken = [&](const std::string& name) {
    return std::any_of(known->indexes.begin(), known->indexes.end(), [&](const Index& index) { return same_name(index.name, name); }) ||
           std::any_of(known->constraints.begin(), known->constraints.end(),
                       [&](const Constraint& one) { return std::holds_alternative<schema::Unique>(one) && same_name(name_of(one), name); });
  };
  for (const Constraint& one : table.constraints) {
    const auto* key = std::get_if<ForeignKey>(&one);
    if (key == nullptr || key->columns.empty() || has_index_for(known ? *known : table, key->columns, descending)) continue;
    if (!known) known = table;
    Index index;
    index.name = key->name.empty() ? key->columns[0] : key->name;
    const std::string base = index.name;
    for (int i = 2; is_taken(index.name); ++i) index.name = base + "_" + std::to_string(i);
    for (const std::string& column : key->columns) index.columns.emplace_back(column);
    known->indexes.push_back(index);
    added.push_back(std::move(index));
  }
  return added;
}

void normalise(schema::Sequence& sequence) {
  schema::Identity& settings = sequence.settings;
  settings.always = false;
  const auto drop = [](std::optional<std::int64_t>& setting, std::int64_t usual) {
    if (setting && *setting == usual) setting.reset();
  };
  const std::int64_t increment = settings.increment.value_or(1);
  constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max() - 1;
  const std::int64_t minimum = settings.minimum.value_or(increment < 0 ? -largest : 1);
  const std::int64_t maximum = settings.maximum.value_or(increment < 0 ? -1 : largest);
  drop(settings.start, increment < 0 ? maximum : minimum);
  drop(settings.minimum, increment < 0 ? -largest : 1);
  drop(settings.maximum, increment < 0 ? -1 : largest);
  drop(settings.cache, 1000);
  drop(settings.increment, 1);
  sequence.owned_by.clear();
  sequence.comment.clear();
  if (sequence.type == "bigint") sequence.type.clear();
}

void normalise(Metadata& metadata, const dialect::Server& server, std::string_view database) {
  forget_database(metadata, database);
  const Metadata names = metadata;  // shares its elements
  for (auto& [name, table] : metadata.tables.writable()) TableNormaliser(table, names, server, database).run();
  metadata.enums.clear();
  metadata.schemas.clear();
  if (server.flavour != "mariadb" && !server.flavour.empty()) metadata.sequences.clear();
  for (auto& [name, sequence] : metadata.sequences) normalise(sequence);
  for (auto& [key, object] : metadata.objects.writable()) {
    normalise_options(object.options);
    object.comment.clear();
  }
}

}  // namespace aludel::mysql
