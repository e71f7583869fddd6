#include "model/finish.hpp"

#include "model/words.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>

/// Constraints and indexes of one table: members to columns, and names for what has none.
namespace aludel::detail {

std::set<std::string> column_set(const std::vector<schema::IndexPart>& parts) {
  std::set<std::string> columns;
  for (const auto& part : parts) columns.insert(part.column);
  return columns;
}

namespace {

std::vector<std::string> part_names(const std::vector<schema::IndexPart>& parts) {
  std::vector<std::string> names;
  for (const auto& part : parts) names.push_back(part.expression ? slug(part.expression->declared) : part.column);
  return names;
}

}  // namespace

std::vector<schema::IndexPart> Finisher::resolve(const TableWork& work, const std::vector<PartDraft>& parts, const std::string& what) {
  std::vector<schema::IndexPart> resolved;
  std::vector<std::string> columns;
  for (const auto& part : parts) {
    auto result = part.part;
    if (part.member || part.column) {
      const auto* draft = part.column ? part.column : work.draft->find(*part.member);
      const auto name = work.names.find(draft);
      if (name == work.names.end()) {
        const auto member = part.member ? part.member->name : draft->member ? draft->member->name : draft->name.value_or("");
        problem(work, fmt::format("{} of {} uses the member {}, which is no column", what, table_text(work.table.name), quoted(member)),
                draft && draft->ignored ? "it is ignored: remove that, or the use" : "list it with column<&T::" + member + ">()");
        continue;
      }
      result.column = name->second;
    }
    if (result.column.empty() == !result.expression) {
      problem(work, fmt::format("{} of {} has a part that is not either a column or an expression", what, table_text(work.table.name)),
              "say the one or the other");
      continue;
    }
    if (!result.column.empty()) columns.push_back(result.column);
    resolved.push_back(std::move(result));
  }
  require_columns(work, columns, what);
  return resolved;
}

std::vector<std::string> Finisher::resolve_names(const TableWork& work, const std::vector<PartDraft>& parts, const std::string& what) {
  std::vector<std::string> names;
  for (const auto& part : resolve(work, parts, what)) names.push_back(part.column);
  return names;
}

void Finisher::require_columns(const TableWork& work, const std::vector<std::string>& columns, const std::string& what) {
  const auto here = fmt::format("{} of {}", what, table_text(work.table.name));
  std::set<std::string> seen;
  for (const auto& column : columns) {
    if (!seen.insert(column).second) problem(work, fmt::format("{} names {} twice", here, column_text(work, column)), "name it once");
    const bool unknown_columns = work.table.partial || (work.table.external && work.table.columns.empty());
    if (work.table.find_column(column) || unknown_columns) continue;
    std::vector<std::string> known;
    for (const auto& other : work.table.columns) known.push_back(other.name);
    problem(work, fmt::format("{} names {}, which does not exist{}", here, column_text(work, column), did_you_mean(column, known)),
            "columns go by their names in the database; partial() allows columns that the model does not know");
  }
}

std::string Finisher::convention(const std::string& pattern, const TableWork& work, const std::vector<std::string>& columns,
                                 const schema::ForeignKey* foreign_key) {
  std::string name;
  for (std::size_t at = 0; at < pattern.size();) {
    const auto close = pattern[at] == '{' ? pattern.find('}', at) : std::string::npos;
    if (close == std::string::npos) {
      name += pattern[at++];
      continue;
    }
    const auto token = pattern.substr(at + 1, close - at - 1);
    at = close + 1;
    if (token == "table")
      name += work.table.name.name;
    else if (token == "schema")
      name += work.table.name.schema;
    else if (token == "column")
      name += columns.empty() ? "" : columns.front();
    else if (token == "columns")
      name += join(columns, "_");
    else if (token == "referenced_table" && foreign_key)
      name += foreign_key->referenced_table.name;
    else if (token == "referenced_columns" && foreign_key)
      name += join(foreign_key->referenced_columns, "_");
    else {
      problem(work, fmt::format("the naming convention {} has a placeholder that is not known here: {}", quoted(pattern), quoted(token)),
              "known are {table}, {schema}, {column}, {columns}, and for foreign keys {referenced_table} and {referenced_columns}");
      break;
    }
  }
  return name;
}

void Finisher::add_constraints(TableWork& work) {
  for (const auto& draft : work.draft->constraints) {
    if (draft.raw) {
      const bool second_key = std::holds_alternative<schema::PrimaryKey>(draft.constraint) && work.table.primary_key();
      if (second_key)
        problem(work, table_text(work.table.name) + " has two primary keys", "remove one");
      else
        work.table.constraints.push_back(draft.constraint);
      if (std::holds_alternative<schema::Check>(draft.constraint)) work.checks.push_back(&draft);
      if (std::holds_alternative<schema::ForeignKey>(draft.constraint)) work.foreign_keys.push_back(&draft);
      continue;
    }
    if (std::holds_alternative<schema::PrimaryKey>(draft.constraint)) {
      add_primary_key(work, draft);
    } else if (const auto* unique = std::get_if<schema::Unique>(&draft.constraint)) {
      auto added = *unique;
      added.columns = resolve(work, draft.columns, "a unique constraint");
      if (added.columns.empty()) problem(work, table_text(work.table.name) + " has a unique constraint without columns", "name at least one");
      require_columns(work, added.include, "a unique constraint");
      if (added.name.empty()) added.name = convention(models_.naming.unique, work, part_names(added.columns));
      work.table.constraints.emplace_back(std::move(added));
    } else if (std::holds_alternative<schema::Check>(draft.constraint)) {
      add_check(work, draft);
    } else if (std::holds_alternative<schema::ForeignKey>(draft.constraint)) {
      add_foreign_key(work, draft);
    }
  }
  name_checks(work);
}

void Finisher::add_primary_key(TableWork& work, const ConstraintDraft& draft) {
  auto key = std::get<schema::PrimaryKey>(draft.constraint);
  if (work.table.primary_key()) {
    problem(work, table_text(work.table.name) + " has two primary keys", "remove one, or name both columns in one: primary_key<&T::a, &T::b>()");
    return;
  }
  key.columns = resolve(work, draft.columns, "the primary key");
  if (key.columns.empty()) {
    problem(work, table_text(work.table.name) + " has a primary key without columns", "name at least one");
    return;
  }
  for (const auto& part : key.columns) {
    if (auto* column = work.table.find_column(part.column)) column->nullable = false;
  }
  if (key.name.empty()) key.name = convention(models_.naming.primary_key, work, part_names(key.columns));
  work.table.constraints.emplace_back(std::move(key));
}

void Finisher::add_check(TableWork& work, const ConstraintDraft& draft) {
  auto check = std::get<schema::Check>(draft.constraint);
  if (trim(check.expression.declared).empty()) {
    problem(work, table_text(work.table.name) + " has a check without an expression", "write one: check(\"name\", \"age >= 0\")");
    return;
  }
  work.table.constraints.emplace_back(std::move(check));
  work.checks.push_back(&draft);
}

/// Last, so that a made name never takes one that was given. Several checks on the same columns are numbered.
void Finisher::name_checks(TableWork& work) {
  if (models_.naming.check.empty()) return;
  std::set<std::string> taken;
  for (const auto& constraint : work.table.constraints) taken.insert(name_of(constraint));
  std::size_t next = 0;
  for (auto& constraint : work.table.constraints) {
    auto* check = std::get_if<schema::Check>(&constraint);
    if (!check) continue;
    const auto* owner = work.checks[next++]->column_check;
    if (!check->name.empty()) continue;
    std::vector<std::string> columns;
    if (owner && work.names.contains(owner)) {
      columns.push_back(work.names.at(owner));
    } else {
      for (const auto& word : words(check->expression.declared)) {
        for (const auto& column : work.table.columns) {
          if (names(word, column.name) && std::find(columns.begin(), columns.end(), column.name) == columns.end()) columns.push_back(column.name);
        }
      }
    }
    if (columns.empty()) columns.emplace_back("1");
    auto name = convention(models_.naming.check, work, columns);
    for (int number = 2; !taken.insert(name).second; ++number) name = fmt::format("{}_{}", convention(models_.naming.check, work, columns), number);
    check->name = std::move(name);
  }
}

void Finisher::add_foreign_key(TableWork& work, const ConstraintDraft& draft) {
  auto key = std::get<schema::ForeignKey>(draft.constraint);
  key.columns = resolve_names(work, draft.columns, "a foreign key");
  if (key.columns.empty()) {
    problem(work, table_text(work.table.name) + " has a foreign key without columns", "name at least one");
    return;
  }
  work.table.constraints.emplace_back(std::move(key));
  work.foreign_keys.push_back(&draft);
}

void Finisher::add_indexes(TableWork& work) {
  for (const auto& draft : work.draft->indexes) {
    auto index = draft.index;
    const auto what = index.name.empty() ? std::string("an index") : "index " + quoted(index.name);
    index.columns = resolve(work, draft.parts, what);
    if (draft.parts.empty()) {
      problem(work, fmt::format("{} of {} has no columns", what, table_text(work.table.name)), "name at least one");
      continue;
    }
    require_columns(work, index.include, what);
    if (index.where && trim(index.where->declared).empty()) {
      problem(work, fmt::format("{} of {} has an empty condition", what, table_text(work.table.name)), "write one, or remove where()");
    }
    if (index.name.empty()) index.name = convention(models_.naming.index, work, part_names(index.columns));
    if (index.name.empty()) {
      problem(work, fmt::format("an index of {} has no name", table_text(work.table.name)),
              "give it a name, or a pattern to NamingConvention::index");
      continue;
    }
    work.table.indexes.push_back(std::move(index));
  }
}

/// A single integer key numbers itself, unless its values come from elsewhere: a default, an expression, the row it refers to.
void Finisher::add_identity(TableWork& work) {
  const auto* key = work.table.primary_key();
  if (!key || key->columns.size() != 1) return;
  auto* column = work.table.find_column(key->columns.front().column);
  if (!column || !is_integer(column->type.kind) || column->identity || column->server_default || column->generated) return;
  for (const auto& [draft, name] : work.names) {
    if (name == column->name && draft->identity == false) return;
  }
  for (const auto& draft : work.draft->constraints) {
    if (draft.no_identity) return;
  }
  for (const auto& constraint : work.table.constraints) {
    const auto* foreign = std::get_if<schema::ForeignKey>(&constraint);
    if (foreign && std::find(foreign->columns.begin(), foreign->columns.end(), column->name) != foreign->columns.end()) return;
  }
  column->identity.emplace();
}

}  // namespace aludel::detail
