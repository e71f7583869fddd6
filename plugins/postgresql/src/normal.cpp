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

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || (c & 0x80) != 0; }

/// The columns that an expression names, each once.
std::set<std::string> columns_in(std::string_view text, const Table& table) {
  std::set<std::string> found;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\'') {
      i = std::min(text.find('\'', i + 1), text.size() - 1) + 1;
      continue;
    }
    std::string word;
    if (text[i] == '"') {
      for (++i; i < text.size() && (text[i] != '"' || (i + 1 < text.size() && text[i + 1] == '"')); ++i) {
        if (text[i] == '"') ++i;
        word += text[i];
      }
      ++i;
    } else if (is_word(text[i])) {
      const std::size_t begin = i;
      while (i < text.size() && is_word(text[i])) ++i;
      word = to_lower(text.substr(begin, i - begin));
      const bool cast = begin >= 2 && text.substr(begin - 2, 2) == "::";
      const bool call = i < text.size() && text[i] == '(';
      if (cast || call) continue;
    } else {
      ++i;
      continue;
    }
    if (table.find_column(word)) found.insert(word);
  }
  return found;
}

/// The names that PostgreSQL would give (manual, CREATE TABLE and CREATE INDEX; makeObjectName): numbered where they are taken in the schema.
class Namer {
 public:
  explicit Namer(const Metadata& metadata) {
    for (const auto& [name, table] : metadata.tables) {
      take(name.schema, name.name);
      for (const auto& constraint : table.constraints) take(name.schema, name_of(constraint));
      for (const auto& index : table.indexes) take(name.schema, index.name);
    }
    for (const auto& [name, sequence] : metadata.sequences) take(name.schema, name.name);
  }

  void give(Table& table) {
    for (auto& constraint : table.constraints) {
      if (!name_of(constraint).empty()) continue;
      std::visit([&](auto& one) { one.name = this->name(table, one); }, constraint);
    }
    for (auto& index : table.indexes) {
      if (index.name.empty()) index.name = unique(table, addition(index.columns), "idx");
    }
  }

 private:
  std::string name(const Table& table, const schema::PrimaryKey&) { return unique(table, "", "pkey"); }
  std::string name(const Table& table, const schema::Unique& key) {
    auto parts = key.columns;
    for (const std::string& column : key.include) parts.emplace_back(column);
    return unique(table, addition(parts), "key");
  }
  std::string name(const Table& table, const schema::Check& check) {
    const auto columns = columns_in(check.expression.canonical.empty() ? check.expression.declared : check.expression.canonical, table);
    return unique(table, columns.size() == 1 ? *columns.begin() : "", "check");
  }
  std::string name(const Table& table, const schema::ForeignKey& key) {
    std::vector<schema::IndexPart> parts(key.columns.begin(), key.columns.end());
    return unique(table, addition(parts), "fkey");
  }
  std::string name(const Table& table, const schema::Exclude& exclude) {
    std::vector<schema::IndexPart> parts;
    for (const auto& element : exclude.elements) parts.push_back(element.part);
    return unique(table, addition(parts), "excl");
  }

  static std::string addition(const std::vector<schema::IndexPart>& parts) {
    std::string text;
    std::set<std::string> taken;
    for (const auto& part : parts) {
      const std::string base = part.column.empty() ? function_of(part) : part.column;
      std::string own = base;
      for (int i = 1; !taken.insert(own).second; ++i) own = base + std::to_string(i);
      text += (text.empty() ? "" : "_") + own;
      if (text.size() >= 64) break;
    }
    return text;
  }
  /// A plain call lends its function's name, everything else is an "expr".
  static std::string function_of(const schema::IndexPart& part) {
    if (!part.expression) return "expr";
    const std::string& text = part.expression->canonical.empty() ? part.expression->declared : part.expression->canonical;
    std::size_t end = 0;
    while (end < text.size() && is_word(text[end])) ++end;
    return end > 0 && end < text.size() && text[end] == '(' && text.back() == ')' ? to_lower(text.substr(0, end)) : "expr";
  }

  std::string unique(const Table& table, std::string_view second, const std::string& label) {
    std::string name = object_name(table.name.name, second, label);
    for (int i = 1; !take(table.name.schema, name); ++i) name = object_name(table.name.name, second, label + std::to_string(i));
    return name;
  }
  bool take(const std::string& schema, const std::string& name) { return taken_.emplace(schema, name).second; }

  std::set<std::pair<std::string, std::string>> taken_;
};

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
    Namer namer(metadata_);
    for (auto& [name, table] : metadata_.tables.writable()) namer.give(table);
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
