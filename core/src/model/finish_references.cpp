#include "model/finish.hpp"

#include "model/words.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>

/// What looks beyond one table: foreign keys, names in a schema, objects and what they depend on.
namespace aludel::detail {

using schema::TypeKind;

namespace {

/// Types of one family can refer to each other; what servers make of widths is theirs.
int family(const schema::Type& type) {
  if (is_integer(type.kind) || type.kind == TypeKind::decimal) return 1;
  if (type.kind == TypeKind::text || type.kind == TypeKind::varchar || type.kind == TypeKind::character) return 2;
  if (type.kind == TypeKind::real || type.kind == TypeKind::double_precision) return 3;
  return 10 + static_cast<int>(type.kind);
}

bool begins_with(const std::vector<schema::IndexPart>& parts, const std::vector<std::string>& columns) {
  if (parts.size() < columns.size()) return false;
  return std::equal(columns.begin(), columns.end(), parts.begin(), [](const std::string& column, const auto& part) { return part.column == column; });
}

bool is_key(const schema::Table& table, const std::set<std::string>& columns) {
  for (const auto& constraint : table.constraints) {
    if (const auto* primary = std::get_if<schema::PrimaryKey>(&constraint); primary && column_set(primary->columns) == columns) return true;
    if (const auto* unique = std::get_if<schema::Unique>(&constraint); unique && column_set(unique->columns) == columns) return true;
  }
  return std::any_of(table.indexes.begin(), table.indexes.end(),
                     [&](const schema::Index& index) { return index.unique && !index.where && column_set(index.columns) == columns; });
}

std::string_view without_semicolon(std::string_view text) {
  text = trim(text);
  while (!text.empty() && text.back() == ';') text = trim(text.substr(0, text.size() - 1));
  return text;
}

/// "SELECT ..." -> "AS SELECT ..."; "AS ..." and "(a, b) AS ..." stay.
std::string view_definition(std::string_view query) {
  const auto text = without_semicolon(query);
  if (text.empty()) return {};
  auto rest = text;
  if (rest.front() == '(') {
    int depth = 0;
    std::size_t at = 0;
    for (; at < rest.size(); ++at) {
      if (rest[at] == '(') ++depth;
      if (rest[at] == ')' && --depth == 0) break;
    }
    rest = trim(rest.substr(std::min(at + 1, rest.size())));
  }
  const auto first = words(rest.substr(0, 3));
  const bool complete = !first.empty() && first.front() == Word{first.front().text, false} && equals_ignoring_case(first.front().text, "AS");
  return complete ? std::string(text) : "AS " + std::string(text);
}

}  // namespace

const TableWork* Finisher::target_of(const TableWork& work, const ForeignTarget& target, const std::string& what) {
  std::vector<const TableWork*> found;
  std::vector<std::string> known;
  for (const auto& other : works_) {
    known.push_back(other.table.name.text());
    const bool matches = target.type             ? other.draft->type == target.type
                         : target.table->draft() ? other.draft == target.table->draft()
                                                 : other.table.name == target.table->name();
    if (matches) found.push_back(&other);
  }
  if (found.size() == 1) return found.front();
  if (found.size() > 1) {
    problem(work,
            fmt::format("{} refers to the struct {}, which is more than one table: {} and {}", what, target.cpp_type, found[0]->table.name.text(),
                        found[1]->table.name.text()),
            "refer to one by name: foreign_key<&T::member>(\"" + found[0]->table.name.text() + "\")");
  } else if (target.type) {
    problem(work, fmt::format("{} refers to the struct {}, which is no table of these models", what, target.cpp_type),
            fmt::format("declare it: models.table<{0}>(\"...\"), or models.external_table<{0}>(\"...\") if it is somebody else's", target.cpp_type));
  } else {
    const auto name = target.table->draft() ? target.table->draft()->table.name.text() : target.table->name().text();
    problem(work, fmt::format("{} refers to the table {}, which these models do not have{}", what, quoted(name), did_you_mean(name, known)),
            fmt::format("declare it: models.table(\"{0}\"), or models.external_table(\"{0}\") if it is somebody else's", name));
  }
  return nullptr;
}

void Finisher::resolve_foreign_keys(TableWork& work) {
  std::size_t next = 0;
  for (auto& constraint : work.table.constraints) {
    auto* key = std::get_if<schema::ForeignKey>(&constraint);
    if (!key) continue;
    const auto& draft = *work.foreign_keys[next++];
    auto target = draft.target.value_or(ForeignTarget{});
    if (draft.raw) target.table = TableReference(key->referenced_table);
    const auto what = "the foreign key on " + column_text(work, key->columns.empty() ? "" : key->columns.front());
    const auto* other = target_of(work, target, what);
    if (!other) continue;
    key->referenced_table = other->table.name;
    if (!draft.raw) set_referenced(work, *other, target, *key, what);
    if (key->name.empty()) key->name = convention(models_.naming.foreign_key, work, key->columns, key);
    check_foreign_key(work, *other, *key, what);
    if (target.indexed) add_relationship_index(work, *key);
  }
}

void Finisher::set_referenced(const TableWork& work, const TableWork& other, const ForeignTarget& target, schema::ForeignKey& key,
                              const std::string& what) {
  if (!target.columns.empty()) {
    key.referenced_columns = resolve_names(other, target.columns, what + ", in its reference: the key");
    return;
  }
  if (const auto* primary = other.table.primary_key()) {
    for (const auto& part : primary->columns) key.referenced_columns.push_back(part.column);
  } else if (!other.table.external) {
    problem(work, fmt::format("{} names no columns of {}, which has no primary key", what, table_text(other.table.name)),
            "name the columns, or give that table a primary key");
  }
}

void Finisher::check_foreign_key(const TableWork& work, const TableWork& other, const schema::ForeignKey& key, const std::string& what) {
  const auto there = table_text(other.table.name);
  if (!key.referenced_columns.empty() && key.columns.size() != key.referenced_columns.size()) {
    problem(work,
            fmt::format("{} has {} and refers to {} of {}", what, counted(key.columns.size(), "column"),
                        counted(key.referenced_columns.size(), "column"), there),
            "a foreign key refers to as many columns as it has");
    return;
  }
  for (std::size_t index = 0; index < key.referenced_columns.size(); ++index) {
    const auto* local = work.table.find_column(key.columns[index]);
    const auto* referenced = other.table.find_column(key.referenced_columns[index]);
    if (!local || !referenced || local->type.kind == TypeKind::native || referenced->type.kind == TypeKind::native) continue;
    if (family(local->type) != family(referenced->type)) {
      problem(work,
              fmt::format("{} is {}, and refers to {}, which is {}", what, schema::to_text(local->type), column_text(other, referenced->name),
                          schema::to_text(referenced->type)),
              "make both the same type");
    }
  }
  const bool known = !other.table.external && !other.table.partial && !key.referenced_columns.empty();
  if (known && !is_key(other.table, {key.referenced_columns.begin(), key.referenced_columns.end()})) {
    problem(work, fmt::format("{} refers to ({}) of {}, which is no key of it", what, join(key.referenced_columns, ", "), there),
            "make it the primary key or unique<...>() there: databases demand it");
  }
  for (const auto& name : key.columns) {
    const auto* column = work.table.find_column(name);
    if (!column || column->nullable) continue;
    const bool sets_null = key.on_delete == schema::ForeignKeyAction::set_null && key.on_delete_columns.empty();
    if (sets_null || key.on_update == schema::ForeignKeyAction::set_null) {
      problem(work, fmt::format("{} would set {} to NULL, which is NOT NULL", what, column_text(work, name)),
              "make the member a std::optional, or choose another action");
    }
  }
}

void Finisher::add_relationship_index(TableWork& work, const schema::ForeignKey& key) {
  for (const auto& constraint : work.table.constraints) {
    if (const auto* primary = std::get_if<schema::PrimaryKey>(&constraint); primary && begins_with(primary->columns, key.columns)) return;
    if (const auto* unique = std::get_if<schema::Unique>(&constraint); unique && begins_with(unique->columns, key.columns)) return;
  }
  for (const auto& index : work.table.indexes) {
    if (!index.where && begins_with(index.columns, key.columns)) return;
  }
  schema::Index index;
  index.columns.assign(key.columns.begin(), key.columns.end());
  index.name = convention(models_.naming.index, work, key.columns);
  if (index.name.empty()) {
    problem(work, fmt::format("the index of the relationship on {} has no name", column_text(work, key.columns.front())),
            "give NamingConvention::index a pattern, or declare the index with a name");
    return;
  }
  work.table.indexes.push_back(std::move(index));
}

void Finisher::check_names(const TableWork& work) {
  std::set<std::string> names;
  for (const auto& constraint : work.table.constraints) {
    const auto& name = name_of(constraint);
    if (!name.empty() && !names.insert(name).second) {
      problem(work, fmt::format("{} has two constraints named {}", table_text(work.table.name), quoted(name)),
              "give one another name with name(\"...\")");
    }
  }
}

void Finisher::check_index_names() {
  std::map<schema::Name, const TableWork*> indexes;
  for (const auto& work : works_) {
    for (const auto& index : work.table.indexes) {
      const schema::Name name{work.table.name.schema, index.name};
      const auto [found, added] = indexes.emplace(name, &work);
      if (!added) {
        problem(work,
                fmt::format("{} and {} both have an index named {}, a name a schema has once", table_text(found->second->table.name),
                            table_text(work.table.name), quoted(index.name)),
                "give one another name with name(\"...\")");
      }
      const auto table = std::find_if(works_.begin(), works_.end(), [&](const TableWork& other) { return other.table.name == name; });
      if (table != works_.end()) {
        problem(work, fmt::format("{} has an index named {}, as a table is", table_text(work.table.name), quoted(index.name)),
                "give it another name with name(\"...\")");
      }
    }
  }
}

void Finisher::add_objects() {
  std::vector<std::size_t> underived;
  for (const auto& draft : models_.objects) {
    const auto before = objects_.size();
    add_object(draft);
    const bool said = !draft.tables.empty() || !draft.object.depends_on.empty();
    if (objects_.size() > before && !said) underived.push_back(before);
  }
  derive_dependencies(underived);
}

void Finisher::add_object(const ObjectDraft& draft) {
  auto object = draft.object;
  auto& key = object.key;
  const auto refer = [&](const TableReference& reference, std::string_view what) -> const TableWork* {
    const auto name = reference.draft() ? reference.draft()->table.name : reference.name();
    for (const auto& work : works_) {
      if (work.table.name == name) return &work;
    }
    problem(nullptr,
            fmt::format("{} {} {} the table {}, which these models do not have", key.kind, quoted(key.name.text()), what, quoted(name.text())),
            fmt::format("declare it: models.table(\"{0}\"), or models.external_table(\"{0}\") if it is somebody else's", name.text()));
    return nullptr;
  };
  if (draft.parent) {
    if (const auto* parent = refer(*draft.parent, "belongs to")) {
      key.parent = parent->table.name.text();
      if (key.name.schema.empty()) key.name.schema = parent->table.name.schema;
    }
  }
  for (const auto& table : draft.tables) {
    if (const auto* work = refer(table, "depends on")) object.depends_on.push_back({"table", work->table.name, {}, {}});
  }
  object.definition.declared =
      draft.view_query ? view_definition(object.definition.declared) : std::string(without_semicolon(object.definition.declared));
  const auto here = fmt::format("{} {}", key.kind, quoted(key.name.text()));
  if (key.name.name.empty() || key.kind.empty()) problem(nullptr, fmt::format("{} has an empty name or kind", here), "give it one");
  if (object.definition.declared.empty())
    problem(nullptr, here + " has an empty definition", "write all that follows its name in the CREATE statement");
  for (const auto& other : objects_) {
    if (other.key == key) problem(nullptr, here + " is declared twice", "rename one, or remove it");
  }
  for (const auto& work : works_) {
    if (work.table.name == key.name && (key.kind == "view" || key.kind == "materialized view")) {
      problem(work, fmt::format("{} is called as a table is", here), "rename one of them");
    }
  }
  objects_.push_back(std::move(object));
}

/// What is named in a definition comes before it. A word may name a column instead: then it is one dependency too many, which does no harm, unless
/// two views seem to need each other; the one declared first wins.
void Finisher::derive_dependencies(const std::vector<std::size_t>& without) {
  const auto is_view = [](const schema::ObjectKey& key) { return key.kind == "view" || key.kind == "materialized view"; };
  const auto depends = [](const schema::Object& object, const schema::ObjectKey& key) {
    return std::find(object.depends_on.begin(), object.depends_on.end(), key) != object.depends_on.end();
  };
  for (const auto index : without) {
    auto& object = objects_[index];
    const auto found = words(object.definition.declared);
    const auto named = [&](const std::string& name) {
      return std::any_of(found.begin(), found.end(), [&](const Word& word) { return names(word, name); });
    };
    for (const auto& work : works_) {
      if (named(work.table.name.name) || (!object.key.parent.empty() && object.key.parent == work.table.name.text())) {
        object.depends_on.push_back({"table", work.table.name, {}, {}});
      }
    }
    for (const auto& other : objects_) {
      if (&other != &object && is_view(other.key) && named(other.key.name.name) && !depends(other, object.key))
        object.depends_on.push_back(other.key);
    }
  }
}

}  // namespace aludel::detail
