#include "canonical.hpp"
#include "names.hpp"
#include "types.hpp"

#include <aludel/text.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace aludel::postgresql {

namespace {

using schema::Column;
using schema::Metadata;
using schema::Name;
using schema::Table;
using schema::Type;
using schema::TypeKind;

/// The default schema's own name is left out everywhere.
class SchemaForgetter {
 public:
  explicit SchemaForgetter(std::string_view schema) : schema_(schema) {}

  void forget(Metadata& metadata) const {
    if (schema_.empty()) return;
    rebuild(
        metadata.tables, [&](Table& table) { forget_in(table); }, metadata);
    rebuild(
        metadata.enums, [&](schema::EnumType& type) { forget(type.name); }, metadata);
    rebuild(
        metadata.sequences,
        [&](schema::Sequence& sequence) {
          forget(sequence.name);
          owner(sequence.owned_by);
        },
        metadata);
    rebuild(
        metadata.objects,
        [&](schema::Object& object) {
          forget(object.key);
          for (auto& key : object.depends_on) forget(key);
        },
        metadata);
  }

 private:
  void forget(Name& name) const {
    if (name.schema == schema_) name.schema.clear();
  }
  void forget(schema::ObjectKey& key) const {
    forget(key.name);
    if (key.parent.empty()) return;
    Name parent = schema::parse_name(key.parent);
    forget(parent);
    key.parent = parent.text();
  }
  void owner(std::string& owned_by) const {
    if (owned_by.empty()) return;
    std::vector<std::string> parts = split_name(owned_by);
    if (parts.size() != 3 || parts[0] != schema_) return;
    parts.erase(parts.begin());
    owned_by = join_name(parts);
  }
  void forget(Type& type) const {
    if (type.kind == TypeKind::enumeration && !type.name.empty()) {
      Name name = schema::parse_name(type.name);
      forget(name);
      type.name = name.text();
    }
    for (Type& element : type.element) forget(element);
  }
  void forget_in(Table& table) const {
    forget(table.name);
    for (Column& column : table.columns) forget(column.type);
    for (auto& constraint : table.constraints) {
      if (auto* key = std::get_if<schema::ForeignKey>(&constraint)) forget(key->referenced_table);
    }
  }
  template <class Map, class Change>
  static void rebuild(Map& map, Change change, Metadata& metadata) {
    const auto again = [&](auto& entries) {
      for (auto& [key, value] : entries) {
        change(value);
        metadata.add(std::move(value));
      }
    };
    Map taken = std::exchange(map, {});
    if constexpr (requires { taken.writable(); }) {
      auto entries = taken.writable();
      again(entries);
    } else {
      again(taken);
    }
  }

  std::string_view schema_;
};

/// Options that say what holds anyway are dropped.
void normalise_options(schema::Options& options) {
  const auto ours = options.find("postgresql");
  if (ours == options.end()) return;
  std::erase_if(ours->second, [](const auto& entry) {
    const auto& [key, value] = entry;
    const bool off = value.boolean() && !*value.boolean();
    const bool usual = (key == "using" || key == "access_method") && value.string() && (*value.string() == "btree" || *value.string() == "heap");
    const bool empty = (value.array() && value.array()->empty()) || (value.object() && value.object()->empty());
    return off || usual || empty || value.is_null();
  });
  if (ours->second.empty()) options.erase(ours);
}

class Normaliser {
 public:
  explicit Normaliser(Metadata& metadata) : metadata_(metadata) {}

  void run() {
    for (auto& [name, table] : metadata_.tables.writable()) normalise_table(table);
    for (auto& [name, sequence] : metadata_.sequences) {
      drop_default_settings(sequence.settings, sequence.type.empty() ? "bigint" : sequence.type);
      if (sequence.type == "bigint") sequence.type.clear();
      normalise_options(sequence.options);
    }
    for (auto& [key, object] : metadata_.objects.writable()) normalise_options(object.options);
    add_schemas();
    name_parts(metadata_);
  }

 private:
  void type(Type& type, const Table& table, const Column& column) {
    for (Type& element : type.element) this->type(element, table, column);
    if (type.kind == TypeKind::enumeration) {
      if (type.name.empty()) type.name = Name{table.name.schema, object_name(table.name.name, column.name, "")}.text();
      const Name name = schema::parse_name(type.name);
      const auto found = metadata_.enums.find(name);
      if (found == metadata_.enums.end()) {
        if (!type.values.empty() && !table.external) metadata_.add(schema::EnumType{name, type.values, "", {}});
      } else if (type.values.empty()) {
        type.values = found->second.values;
      }
    }
    if (!type.canonical.empty()) return;
    if (type.kind == TypeKind::native) {
      type.canonical = type_of(type.text).canonical;
    } else if (type.kind == TypeKind::array && !type.element.empty() && type.element[0].kind == TypeKind::native) {
      type.canonical = type.element[0].canonical + "[]";
    } else {
      type.canonical = canonical_text(type);
    }
  }

  void normalise_table(Table& table) {
    normalise_options(table.options);
    for (Column& column : table.columns) {
      type(column.type, table, column);
      normalise_options(column.options);
      if (column.identity) {
        column.nullable = false;
        drop_default_settings(*column.identity, column.type.canonical);
        drop_usual_sequence_name(column, table);
      }
      // DEFAULT NULL is no default.
      if (column.server_default && equals_ignoring_case(trim(column.server_default->declared), "null")) column.server_default.reset();
      if (column.collation == "default") column.collation.clear();
    }
    for (auto& constraint : table.constraints) {
      std::visit([&](auto& one) { this->constraint(one, table); }, constraint);
      std::visit([](auto& one) { normalise_options(one.options); }, constraint);
    }
    for (auto& index : table.indexes) {
      normalise_options(index.options);
      parts(index.columns);
    }
  }

  static void drop_usual_sequence_name(Column& column, const Table& table) {
    const auto ours = column.options.find("postgresql");
    if (ours == column.options.end() || !ours->second.contains("sequence_name")) return;
    if (ours->second.at("sequence_name") != Value(object_name(table.name.name, column.name, "seq"))) return;
    ours->second.erase("sequence_name");
    if (ours->second.empty()) column.options.erase(ours);
  }

  static void parts(std::vector<schema::IndexPart>& all) {
    for (auto& part : all) {
      const bool usual = (part.nulls == schema::Nulls::last && part.order == schema::Order::ascending) ||
                         (part.nulls == schema::Nulls::first && part.order == schema::Order::descending);
      if (usual) part.nulls = schema::Nulls::unspecified;
    }
  }

  static void constraint(schema::PrimaryKey& key, Table& table) {
    for (const auto& part : key.columns) {
      if (Column* column = table.find_column(part.column)) column->nullable = false;
    }
  }
  static void constraint(schema::Unique&, Table&) {}
  static void constraint(schema::Check& check, Table&) {
    if (!check.enforced) check.validated = true;
  }
  static void constraint(schema::Exclude& exclude, Table&) {
    if (exclude.method.empty()) exclude.method = "btree";
  }
  void constraint(schema::ForeignKey& key, Table&) {
    if (!key.referenced_columns.empty()) return;
    const Table* target = metadata_.find_table(key.referenced_table);
    const schema::PrimaryKey* primary = target ? target->primary_key() : nullptr;
    if (!primary) return;
    for (const auto& part : primary->columns) key.referenced_columns.push_back(part.column);
  }

  void add_schemas() {
    std::set<std::string> names;
    for (const auto& [name, table] : metadata_.tables) {
      if (!table.external) names.insert(name.schema);
    }
    for (const auto& [name, type] : metadata_.enums) names.insert(name.schema);
    for (const auto& [name, sequence] : metadata_.sequences) names.insert(name.schema);
    for (const auto& [key, object] : metadata_.objects) names.insert(key.name.schema);
    for (const std::string& name : names) {
      if (!name.empty() && !metadata_.schemas.contains(name)) metadata_.add(schema::Namespace{name, "", {}});
    }
  }

  Metadata& metadata_;
};

}  // namespace

void normalise(Metadata& metadata, std::string_view default_schema) {
  SchemaForgetter(default_schema).forget(metadata);
  Normaliser(metadata).run();
}

}  // namespace aludel::postgresql
