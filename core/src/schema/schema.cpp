#include <aludel/schema/schema.hpp>

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace aludel::schema {

std::string Name::text() const {
  const std::array<std::string, 2> parts = {schema, name};
  return join_name(schema.empty() ? std::span(parts).subspan(1) : std::span(parts));
}

Name parse_name(std::string_view text) {
  std::vector<std::string> parts = split_name(text);
  if (parts.size() > 2) {
    throw Error(ErrorKind::syntax, fmt::format("{} has {} parts, and a name has one or two", quoted(text), parts.size()))
        .with_hint("write table or schema.table; a part with a dot in it stands in double quotes");
  }
  if (parts.size() == 1) return {"", std::move(parts[0])};
  return {std::move(parts[0]), std::move(parts[1])};
}

const std::string& name_of(const Constraint& constraint) {
  return std::visit([](const auto& held) -> const std::string& { return held.name; }, constraint);
}

std::string& name_of(Constraint& constraint) {
  return std::visit([](auto& held) -> std::string& { return held.name; }, constraint);
}

namespace {

struct KindOf {
  std::string_view operator()(const PrimaryKey&) const { return "primary key"; }
  std::string_view operator()(const Unique&) const { return "unique constraint"; }
  std::string_view operator()(const Check&) const { return "check constraint"; }
  std::string_view operator()(const ForeignKey&) const { return "foreign key"; }
  std::string_view operator()(const Exclude&) const { return "exclusion constraint"; }
};

template <class T>
const T* find_named(const std::vector<T>& elements, std::string_view name) {
  const auto found = std::find_if(elements.begin(), elements.end(), [&](const T& element) { return element.name == name; });
  return found == elements.end() ? nullptr : &*found;
}

template <class Map, class Key>
void insert_new(Map& map, const Key& key, typename Map::mapped_type element, std::string_view what, std::string_view name) {
  if (!map.try_emplace(key, std::move(element)).second) {
    throw Error(ErrorKind::schema, fmt::format("{} {} exists already", what, quoted(name))).with_hint("give one of the two another name");
  }
}

}  // namespace

std::string_view kind_of(const Constraint& constraint) { return std::visit(KindOf{}, constraint); }

const Column* Table::find_column(std::string_view column) const { return find_named(columns, column); }
Column* Table::find_column(std::string_view column) { return const_cast<Column*>(std::as_const(*this).find_column(column)); }
const Index* Table::find_index(std::string_view index) const { return find_named(indexes, index); }
Index* Table::find_index(std::string_view index) { return const_cast<Index*>(std::as_const(*this).find_index(index)); }

const Constraint* Table::find_constraint(std::string_view constraint) const {
  if (constraint.empty()) return nullptr;
  const auto found = std::find_if(constraints.begin(), constraints.end(), [&](const Constraint& held) { return name_of(held) == constraint; });
  return found == constraints.end() ? nullptr : &*found;
}
Constraint* Table::find_constraint(std::string_view constraint) { return const_cast<Constraint*>(std::as_const(*this).find_constraint(constraint)); }

const PrimaryKey* Table::primary_key() const {
  for (const Constraint& constraint : constraints) {
    if (const auto* key = std::get_if<PrimaryKey>(&constraint)) return key;
  }
  return nullptr;
}
PrimaryKey* Table::primary_key() { return const_cast<PrimaryKey*>(std::as_const(*this).primary_key()); }

std::string ObjectKey::text() const {
  std::string result = kind + " " + name.text();
  if (!signature.empty()) result += "(" + signature + ")";
  if (!parent.empty()) result += " on " + parent;
  return result;
}

Table& Metadata::add(Table table) {
  const Name name = table.name;
  insert_new(tables, name, std::move(table), "table", name.text());
  return tables.at(name);
}

void Metadata::add(EnumType type) {
  const Name name = type.name;
  insert_new(enums, name, std::move(type), "enum", name.text());
}

void Metadata::add(Sequence sequence) {
  const Name name = sequence.name;
  insert_new(sequences, name, std::move(sequence), "sequence", name.text());
}

void Metadata::add(Namespace space) {
  const std::string name = space.name;
  insert_new(schemas, name, std::move(space), "schema", name);
}

void Metadata::add(Object object) {
  const ObjectKey key = object.key;
  const std::string name = key.text().substr(key.kind.size() + 1);
  insert_new(objects, key, std::move(object), printable(key.kind, 60), name);
}

const Table* Metadata::find_table(const Name& name) const {
  const auto found = tables.find(name);
  return found == tables.end() ? nullptr : &found->second;
}
Table* Metadata::find_table(const Name& name) { return tables.get(name); }

bool Metadata::empty() const { return tables.empty() && enums.empty() && sequences.empty() && schemas.empty() && objects.empty(); }

}  // namespace aludel::schema
