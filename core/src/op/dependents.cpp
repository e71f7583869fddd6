#include <aludel/error.hpp>
#include <aludel/op/dependents.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "op/overloaded.hpp"
#include "op/references.hpp"
#include "op/spelling.hpp"

namespace aludel::op {

using schema::Expression;
using schema::ForeignKey;
using schema::IndexPart;
using schema::Metadata;
using schema::ObjectKey;

std::optional<std::pair<Name, std::string>> owner_of(const schema::Sequence& sequence) {
  if (sequence.owned_by.empty()) return std::nullopt;
  try {
    auto parts = split_name(sequence.owned_by);
    if (parts.size() == 2) return std::pair{Name{"", parts[0]}, parts[1]};
    if (parts.size() == 3) return std::pair{Name{parts[0], parts[1]}, parts[2]};
  } catch (const Error&) {  // written by hand, and nothing's name
  }
  return std::nullopt;
}

std::string owner_text(const Name& table, std::string_view column) {
  std::vector<std::string> parts;
  if (!table.schema.empty()) parts.push_back(table.schema);
  parts.push_back(table.name);
  parts.emplace_back(column);
  return join_name(parts);
}

bool is_relation(std::string_view kind) { return kind.find("view") != std::string_view::npos || kind.find("table") != std::string_view::npos; }

namespace {

/// Bodies of these are bound when they run, so a server lets what they name be dropped.
bool is_bound_late(std::string_view kind) { return kind == "function" || kind == "procedure" || kind == "aggregate" || kind == "event"; }

bool is_word(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) >= 0x80;
  });
}

std::set<std::string> words_of(std::string_view text) {
  std::set<std::string> words;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && is_word(text.substr(i, 1))) continue;
    if (i > begin) words.insert(to_lower(text.substr(begin, i - begin)));
    begin = i + 1;
  }
  return words;
}

std::string folded(const Name& name) { return to_lower(name.schema) + '\0' + to_lower(name.name); }

std::vector<std::string> plain_columns(const std::vector<IndexPart>& parts) {
  std::vector<std::string> columns;
  for (const auto& part : parts) {
    if (part.expression || part.column.empty()) return {};
    columns.push_back(to_lower(part.column));
  }
  std::sort(columns.begin(), columns.end());
  return columns;
}

/// The columns that a key makes unique, sorted and folded; empty for what is no key.
std::vector<std::string> key_columns(const Constraint& constraint) {
  if (const auto* key = std::get_if<schema::PrimaryKey>(&constraint)) return plain_columns(key->columns);
  if (const auto* unique = std::get_if<schema::Unique>(&constraint)) return plain_columns(unique->columns);
  return {};
}
std::vector<std::string> key_columns(const Index& index) {
  return index.unique && !index.where ? plain_columns(index.columns) : std::vector<std::string>();
}

struct Reference {
  const Table* table;
  std::size_t position;
  const ForeignKey& key() const { return std::get<ForeignKey>(table->constraints[position]); }
};

}  // namespace

std::string describe(const Dependent& dependent, const Metadata& schema) {
  if (dependent.kind == Dependent::Kind::object)
    return printable(dependent.object.kind, 60) + " " + quoted(dependent.object.text().substr(dependent.object.kind.size() + 1));
  const Table& table = schema.tables.at(dependent.table);
  switch (dependent.kind) {
    case Dependent::Kind::default_value:
      return "the default of " + quoted(owner_text(table.name, table.columns[dependent.position].name));
    case Dependent::Kind::generated:
      return "generated column " + quoted(owner_text(table.name, table.columns[dependent.position].name));
    case Dependent::Kind::constraint:
      return fmt::format("{} on {}", describe_constraint(table.constraints[dependent.position]), quoted(table.name.text()));
    case Dependent::Kind::index:
      return fmt::format("index {} on {}", quoted(table.indexes[dependent.position].name), quoted(table.name.text()));
    case Dependent::Kind::object:
      break;
  }
  return "";
}

struct Dependencies::State {
  const Metadata& schema;
  const Rewriter& rewriter;
  bool indexed;
  // Filled when indexed, keyed by folded names; what is found is checked again.
  std::unordered_map<std::string, std::vector<Reference>> references;
  std::unordered_map<std::string, std::vector<const schema::Object*>> words;
  std::unordered_map<std::string, std::vector<const schema::Object*>> parents;
  std::unordered_map<std::string, std::vector<const schema::Object*>> named;
  std::unordered_map<std::string, std::vector<const schema::Sequence*>> owners;
  std::vector<const schema::Object*> everything;

  State(const Metadata& of, const Rewriter& with, bool index) : schema(of), rewriter(with), indexed(index) {
    for (const auto& [key, object] : schema.objects) everything.push_back(&object);
    if (indexed) prepare();
  }

  void prepare() {
    for_each_reference([&](const Reference& reference) { references[folded(reference.key().referenced_table)].push_back(reference); });
    for (const auto* object : everything) {
      std::set<std::string> found = words_of(object->definition.declared);
      found.merge(words_of(object->definition.canonical));
      for (const auto& other : object->depends_on) found.insert(to_lower(other.name.name));
      for (const auto& word : found) words[word].push_back(object);
      if (!object->key.parent.empty()) parents[to_lower(object->key.parent)].push_back(object);
      named[to_lower(object->key.name.name)].push_back(object);
    }
    for (const auto& [name, sequence] : schema.sequences) {
      if (const auto owner = owner_of(sequence)) owners[folded(owner->first)].push_back(&sequence);
    }
  }

  template <class Use>
  void for_each_reference(Use use) const {
    for (const auto& [name, table] : schema.tables) {
      for (std::size_t i = 0; i < table.constraints.size(); ++i) {
        if (std::holds_alternative<ForeignKey>(table.constraints[i])) use(Reference{&table, i});
      }
    }
  }

  template <class Use>
  void for_each_reference_to(const Name& table, Use use) const {
    const auto check = [&](const Reference& reference) {
      if (refers(reference.key().referenced_table, table, schema)) use(reference);
    };
    if (!indexed) return for_each_reference(check);
    const auto found = references.find(folded(table));
    if (found != references.end()) std::for_each(found->second.begin(), found->second.end(), check);
  }

  /// All objects that may name this thing.
  const std::vector<const schema::Object*>& candidates(const std::string& name) const {
    static const std::vector<const schema::Object*> none;
    if (!indexed || !is_word(name)) return everything;
    const auto found = words.find(to_lower(name));
    return found == words.end() ? none : found->second;
  }

  bool is_child(const schema::Object& object, const Name& table) const {
    const std::string& parent = object.key.parent;
    if (parent.empty()) return false;
    const std::string text = table.text();
    if (parent == text) return true;
    return equals_ignoring_case(parent, text) && refers(schema::parse_name(parent), table, schema);
  }

  static bool depends_on(const schema::Object& object, const Name& name, bool (*of_kind)(std::string_view)) {
    return std::any_of(object.depends_on.begin(), object.depends_on.end(),
                       [&](const ObjectKey& key) { return key.name == name && of_kind(key.kind); });
  }

  bool names(const schema::Object& object, const Name& relation) const {
    if (depends_on(object, relation, is_relation)) return true;
    if (is_unreadable(object)) return false;
    return rewriter.mentions_table(text_of(object.definition), relation);
  }

  /// Its text says nothing of what it depends on: bound when it runs, no SQL, or stale.
  static bool is_unreadable(const schema::Object& object) {
    return is_bound_late(object.key.kind) || object.key.kind == "partition" || object.definition.stale;
  }

  bool names(const Expression& expression, const Table& table, std::string_view column) const {
    return !expression.stale && rewriter.mentions_column(text_of(expression), table.name, column);
  }

  bool names(const std::vector<IndexPart>& parts, const Table& table, std::string_view column) const {
    return std::any_of(parts.begin(), parts.end(), [&](const IndexPart& part) {
      return part.expression ? names(*part.expression, table, column) : refers(part.column, column, table);
    });
  }

  static bool names(const std::vector<std::string>& columns, const Table& table, std::string_view column) {
    return std::any_of(columns.begin(), columns.end(), [&](const std::string& reference) { return refers(reference, column, table); });
  }

  bool names(const Constraint& constraint, const Table& table, std::string_view column) const {
    return std::visit(
        Overloaded{[&](const schema::PrimaryKey& key) { return names(key.columns, table, column); },
                   [&](const schema::Unique& key) { return names(key.columns, table, column) || names(key.include, table, column); },
                   [&](const schema::Check& check) { return names(check.expression, table, column); },
                   [&](const ForeignKey& key) { return names(key.columns, table, column) || names(key.on_delete_columns, table, column); },
                   [&](const schema::Exclude& exclude) {
                     const auto in_element = [&](const auto& element) { return names(std::vector{element.part}, table, column); };
                     return std::any_of(exclude.elements.begin(), exclude.elements.end(), in_element) ||
                            (exclude.where && names(*exclude.where, table, column));
                   }},
        constraint);
  }

  bool names(const Index& index, const Table& table, std::string_view column) const {
    return names(index.columns, table, column) || names(index.include, table, column) || (index.where && names(*index.where, table, column));
  }

  std::vector<Dependent> of_key(const Table& table, const std::vector<std::string>& columns, bool primary, std::size_t keys) const {
    std::vector<Dependent> found;
    if (columns.empty() || keys > 1) return found;
    for_each_reference_to(table.name, [&](const Reference& reference) {
      std::vector<std::string> target;
      for (const auto& column : reference.key().referenced_columns) target.push_back(to_lower(column));
      std::sort(target.begin(), target.end());
      if (target.empty() ? primary : target == columns) found.push_back(constraint_of(reference));
    });
    return found;
  }

  /// How many keys of the table are over these columns.
  static std::size_t count_keys(const Table& table, const std::vector<std::string>& columns) {
    const auto same = [&](const auto& key) { return key_columns(key) == columns; };
    return static_cast<std::size_t>(std::count_if(table.constraints.begin(), table.constraints.end(), same) +
                                    std::count_if(table.indexes.begin(), table.indexes.end(), same));
  }

  static Dependent constraint_of(const Reference& reference) { return {Dependent::Kind::constraint, reference.table->name, reference.position, {}}; }
};

Dependencies::Dependencies(const Metadata& schema, const Rewriter& rewriter, Mode mode)
    : state_(std::make_unique<State>(schema, rewriter, mode == Mode::indexed)) {}
Dependencies::~Dependencies() = default;

std::vector<Dependent> Dependencies::of_table(const Name& table) const {
  std::vector<Dependent> found;
  state_->for_each_reference_to(table, [&](const Reference& reference) {
    if (reference.table->name != table) found.push_back(State::constraint_of(reference));
  });
  const auto is_partition_of = [&](const schema::Object& object) {
    return object.key.kind == "partition" && (object.key.name == table || state_->is_child(object, table));
  };
  std::set<ObjectKey> seen;
  const auto add = [&](const schema::Object& object) {
    if (seen.insert(object.key).second) found.push_back({Dependent::Kind::object, {}, 0, object.key});
  };
  for (const auto* object : state_->candidates(table.name)) {
    if (is_partition_of(*object) || (!state_->is_child(*object, table) && state_->names(*object, table))) add(*object);
  }
  if (state_->indexed) {
    for (const auto& map : {&state_->parents, &state_->named}) {
      const auto entry = map->find(to_lower(map == &state_->parents ? table.text() : table.name));
      if (entry == map->end()) continue;
      for (const auto* object : entry->second) {
        if (is_partition_of(*object)) add(*object);
      }
    }
  }
  return found;
}

std::vector<Dependent> Dependencies::of_column(const Name& name, std::string_view column) const {
  std::vector<Dependent> found;
  const Table* table = state_->schema.find_table(name);
  if (!table) return found;
  for (std::size_t i = 0; i < table->columns.size(); ++i) {
    const Column& other = table->columns[i];
    if (other.name == column) continue;
    if (other.server_default && state_->names(*other.server_default, *table, column)) found.push_back({Dependent::Kind::default_value, name, i, {}});
    if (other.generated && state_->names(other.generated->expression, *table, column)) found.push_back({Dependent::Kind::generated, name, i, {}});
  }
  for (std::size_t i = 0; i < table->indexes.size(); ++i) {
    if (state_->names(table->indexes[i], *table, column)) found.push_back({Dependent::Kind::index, name, i, {}});
  }
  for (std::size_t i = 0; i < table->constraints.size(); ++i) {
    if (state_->names(table->constraints[i], *table, column)) found.push_back({Dependent::Kind::constraint, name, i, {}});
  }
  state_->for_each_reference_to(name, [&](const Reference& reference) {
    const Dependent dependent = State::constraint_of(reference);
    if (!State::names(reference.key().referenced_columns, *table, column)) return;
    if (std::find(found.begin(), found.end(), dependent) == found.end()) found.push_back(dependent);
  });
  for (const auto* object : state_->candidates(name.name)) {
    if (State::is_unreadable(*object)) continue;
    if (state_->rewriter.definition_mentions_column(text_of(object->definition), name, column)) {
      found.push_back({Dependent::Kind::object, {}, 0, object->key});
    }
  }
  return found;
}

std::vector<Dependent> Dependencies::of_constraint(const Name& name, std::size_t position) const {
  const Table* table = state_->schema.find_table(name);
  if (!table || position >= table->constraints.size()) return {};
  const Constraint& constraint = table->constraints[position];
  const auto columns = key_columns(constraint);
  const bool primary = std::holds_alternative<schema::PrimaryKey>(constraint);
  auto found = state_->of_key(*table, columns, primary, State::count_keys(*table, columns));
  if (primary && found.empty()) {
    // Keys that name no columns mean the primary key, whatever else is unique.
    state_->for_each_reference_to(name, [&](const Reference& reference) {
      if (reference.key().referenced_columns.empty()) found.push_back(State::constraint_of(reference));
    });
  }
  return found;
}

std::vector<Dependent> Dependencies::of_index(const Name& name, std::size_t position) const {
  const Table* table = state_->schema.find_table(name);
  if (!table || position >= table->indexes.size()) return {};
  const auto columns = key_columns(table->indexes[position]);
  return state_->of_key(*table, columns, false, State::count_keys(*table, columns));
}

std::vector<Dependent> Dependencies::of_object(const ObjectKey& key) const {
  std::vector<Dependent> found;
  const auto self = state_->schema.objects.find(key);
  const auto needs = [&](const schema::Object& object, const ObjectKey& other) {
    if (is_relation(other.kind) && state_->is_child(object, other.name)) return false;
    if (std::find(object.depends_on.begin(), object.depends_on.end(), other) != object.depends_on.end()) return true;
    return is_relation(other.kind) && state_->names(object, other.name);
  };
  for (const auto* object : state_->candidates(key.name.name)) {
    if (object->key == key || !needs(*object, key)) continue;
    // Of two that name each other neither can have needed the other when it was created.
    if (self != state_->schema.objects.end() && needs(self->second, object->key)) continue;
    found.push_back({Dependent::Kind::object, {}, 0, object->key});
  }
  return found;
}

std::vector<ObjectKey> Dependencies::children_of(const Name& table) const {
  std::vector<ObjectKey> found;
  const auto add = [&](const schema::Object* object) {
    if (state_->is_child(*object, table) && object->key.kind != "partition") found.push_back(object->key);
  };
  if (!state_->indexed) {
    std::for_each(state_->everything.begin(), state_->everything.end(), add);
  } else if (const auto entry = state_->parents.find(to_lower(table.text())); entry != state_->parents.end()) {
    std::for_each(entry->second.begin(), entry->second.end(), add);
  }
  return found;
}

std::vector<Name> Dependencies::owned_by(const Name& table, std::string_view column) const {
  std::vector<Name> found;
  const auto add = [&](const schema::Sequence& sequence) {
    const auto owner = owner_of(sequence);
    if (owner && owner->first == table && (column.empty() || owner->second == column)) found.push_back(sequence.name);
  };
  if (!state_->indexed) {
    for (const auto& [name, sequence] : state_->schema.sequences) add(sequence);
  } else if (const auto entry = state_->owners.find(folded(table)); entry != state_->owners.end()) {
    for (const auto* sequence : entry->second) add(*sequence);
  }
  return found;
}

}  // namespace aludel::op
