#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "op/alike.hpp"
#include "op/applier.hpp"
#include "op/references.hpp"
#include "op/spelling.hpp"

namespace aludel::op {

namespace {

std::string on(const Name& table) { return " on table " + quoted(table.text()); }

/// Not compared when the schema's own text is stale: it says what was, not what is.
template <class T>
bool is_stale(T value) {
  bool stale = false;
  for_each_expression(value, [&](const Expression& expression) { stale |= expression.stale; });
  return stale;
}

Error no_constraint(const Table& table, const std::string& name, const std::optional<Constraint>& definition) {
  std::vector<std::string> names;
  for (const auto& constraint : table.constraints) names.push_back(name_of(constraint));
  const std::string what = name.empty() && definition ? describe_constraint(*definition) : "constraint " + quoted(name);
  return Error(ErrorKind::schema, fmt::format("table {} has no {}{}", quoted(table.name.text()), what, name.empty() ? "" : did_you_mean(name, names)))
      .with_hint(name.empty() ? "a constraint without a name is found by its definition, which must be the same"
                              : "is the database at the revision before this one?");
}

Constraint& need_constraint(Table& table, const std::string& name, const std::optional<Constraint>& definition, const schema::Comparison& how) {
  if (const auto position = find_constraint(table, name, definition, how)) return table.constraints[*position];
  throw no_constraint(table, name, definition);
}

Index& need_index(Table& table, const std::string& name) {
  if (Index* found = table.find_index(name)) return *found;
  std::vector<std::string> names;
  for (const auto& index : table.indexes) names.push_back(index.name);
  throw Error(ErrorKind::schema, fmt::format("table {} has no index {}{}", quoted(table.name.text()), quoted(name), did_you_mean(name, names)))
      .with_hint("is the database at the revision before this one?");
}

}  // namespace

const schema::Unique* find_unique(const Table& table, const std::string& index) {
  return table.find_index(index) ? nullptr : std::get_if<schema::Unique>(table.find_constraint(index));
}

std::optional<Index> find_unique_index(const Table& table, const std::string& index) {
  const schema::Unique* unique = find_unique(table, index);
  if (unique == nullptr) return std::nullopt;
  Index result;
  result.name = unique->name;
  result.columns = unique->columns;
  result.unique = true;
  result.nulls_distinct = unique->nulls_distinct;
  result.include = unique->include;
  result.comment = unique->comment;
  result.options = unique->options;
  result.spelling = unique->spelling;
  return result;
}

std::optional<std::size_t> find_constraint(const Table& table, const std::string& name, const std::optional<Constraint>& definition,
                                           const schema::Comparison& how) {
  const auto& all = table.constraints;
  const auto find = [&](auto fits) -> std::optional<std::size_t> {
    const auto found = std::find_if(all.begin(), all.end(), fits);
    return found == all.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - all.begin()));
  };
  if (!name.empty()) return find([&](const Constraint& held) { return name_of(held) == name; });
  if (!definition) return std::nullopt;
  const auto same = [&](const Constraint& held) { return schema::equivalent(held, *definition, how); };
  const auto like = [&](const Constraint& held) { return alike(held, *definition, how); };
  if (const auto found = find([&](const Constraint& held) { return name_of(held).empty() && same(held); })) return found;
  if (const auto found = find([&](const Constraint& held) { return name_of(held).empty() && like(held); })) return found;
  // The server may have given it a name, which the file does not know.
  if (const auto found = find(same)) return found;
  return find(like);
}

void take_names(Table& table, const Table& held, const schema::Comparison& how) {
  std::set<std::string_view> taken;
  for (const auto& constraint : table.constraints) taken.insert(name_of(constraint));
  for (auto& constraint : table.constraints) {
    if (!name_of(constraint).empty()) continue;
    const auto same = [&](const Constraint& other) { return !taken.contains(name_of(other)) && alike(other, constraint, how); };
    const auto found = std::find_if(held.constraints.begin(), held.constraints.end(), same);
    if (found == held.constraints.end()) continue;
    taken.insert(name_of(*found));
    name_of(constraint) = name_of(*found);
  }
  for (auto& index : table.indexes) {
    if (!index.name.empty()) continue;
    const auto same = [&](const Index& other) { return table.find_index(other.name) == nullptr && alike(other, index, how); };
    const auto found = std::find_if(held.indexes.begin(), held.indexes.end(), same);
    if (found != held.indexes.end()) index.name = found->name;
  }
}

void Applier::operator()(const AddConstraint& body) {
  Table& altered = table(body.table);
  const std::string& name = name_of(body.constraint);
  if (!name.empty() && altered.find_constraint(name)) {
    throw Error(ErrorKind::schema, fmt::format("there is a constraint {}{} already", quoted(name), on(body.table)))
        .with_hint("drop it first, or give the new one another name");
  }
  if (std::holds_alternative<schema::PrimaryKey>(body.constraint) && altered.primary_key()) {
    throw Error(ErrorKind::schema, fmt::format("table {} has a primary key already", quoted(body.table.text()))).with_hint("drop that one first");
  }
  check_columns(altered, body.constraint);
  altered.constraints.push_back(body.constraint);
  if (name.empty()) rewriter_.name_parts(altered, schema_);
}

void Applier::operator()(const DropConstraint& body) {
  if (body.if_exists && !schema_.find_table(body.table)) return;
  Table& altered = table(body.table);
  const auto position = find_constraint(altered, body.name, body.definition, options_.comparison);
  if (!position) {
    if (body.if_exists) return;
    throw no_constraint(altered, body.name, body.definition);
  }
  check_free(describe_constraint(altered.constraints[*position]) + on(body.table),
             Dependencies(schema_, rewriter_).of_constraint(body.table, *position));
  altered.constraints.erase(altered.constraints.begin() + static_cast<std::ptrdiff_t>(*position));
}

void Applier::operator()(const AlterConstraint& body) {
  Table& altered = table(body.table);
  Constraint& constraint = need_constraint(altered, name_of(body.from), body.from, options_.comparison);
  const std::string what = describe_constraint(body.to) + on(body.table);
  if (constraint.index() != body.to.index() || name_of(body.from) != name_of(body.to)) {
    throw Error(ErrorKind::schema, fmt::format("cannot alter {} to {}: its name and kind stay as they are", describe_constraint(constraint), what))
        .with_hint("use rename_constraint, or drop_constraint and add_constraint");
  }
  check_from(is_stale(constraint) || alike(constraint, body.from, options_.comparison), what, "another", "as in `from`");
  check_columns(altered, body.to);
  const std::string name = name_of(constraint);
  constraint = body.to;
  name_of(constraint) = name;
}

void Applier::operator()(const RenameConstraint& body) {
  Table& altered = table(body.table);
  Constraint& constraint = need_constraint(altered, body.name, std::nullopt, options_.comparison);
  if (body.to.empty() || (body.to != body.name && altered.find_constraint(body.to))) {
    throw Error(ErrorKind::schema, fmt::format("cannot rename constraint {}{} to {}: {}", quoted(body.name), on(body.table), quoted(body.to),
                                               body.to.empty() ? "that is no name" : "that name is taken"))
        .with_hint("choose another name");
  }
  name_of(constraint) = body.to;
}

void Applier::operator()(const ValidateConstraint& body) {
  Constraint& constraint = need_constraint(table(body.table), body.name, std::nullopt, options_.comparison);
  if (auto* check = std::get_if<schema::Check>(&constraint)) {
    check->validated = true;
  } else if (auto* key = std::get_if<schema::ForeignKey>(&constraint)) {
    key->validated = true;
  } else {
    throw Error(ErrorKind::schema, fmt::format("{}{} is always valid", describe_constraint(constraint), on(body.table)))
        .with_hint("only foreign keys and checks can be validated later");
  }
}

void Applier::operator()(const CreateIndex& body) {
  Table& altered = table(body.table);
  if (body.index.name.empty()) {
    throw Error(ErrorKind::schema, fmt::format("an index{} has no name", on(body.table))).with_hint("name it, or set a naming convention");
  }
  if (altered.find_index(body.index.name)) {
    if (body.if_not_exists) return;
    throw Error(ErrorKind::schema, fmt::format("there is an index {}{} already", quoted(body.index.name), on(body.table)))
        .with_hint("drop it first, or give the new one another name");
  }
  check_columns(altered, body.index);
  altered.indexes.push_back(body.index);
}

void Applier::operator()(const DropIndex& body) {
  const Table* known = schema_.find_table(body.table);
  if (body.if_exists && (!known || (!known->find_index(body.index) && !find_unique(*known, body.index)))) return;
  Table& altered = table(body.table);
  if (find_unique(altered, body.index)) return (*this)(DropConstraint{body.table, body.index, std::nullopt, false});
  const auto position = static_cast<std::size_t>(&need_index(altered, body.index) - altered.indexes.data());
  check_free("index " + quoted(body.index) + on(body.table), Dependencies(schema_, rewriter_).of_index(body.table, position));
  altered.indexes.erase(altered.indexes.begin() + static_cast<std::ptrdiff_t>(position));
}

void Applier::operator()(const AlterIndex& body) {
  Table& altered = table(body.table);
  std::optional<Index> unique = find_unique_index(altered, body.from.name);
  Index& index = unique ? *unique : need_index(altered, body.from.name);
  if (body.from.name != body.to.name) {
    throw Error(ErrorKind::schema, fmt::format("cannot alter index {} to {}: its name stays as it is", quoted(body.from.name), quoted(body.to.name)))
        .with_hint("use rename_index");
  }
  check_from(is_stale(index) || alike(index, body.from, options_.comparison), "index " + quoted(index.name), "another", "as in `from`");
  check_columns(altered, body.to);
  index = body.to;
  if (!unique) return;
  if (index.unique && !index.where) {
    auto& held = std::get<schema::Unique>(*altered.find_constraint(index.name));
    held = {index.name, index.columns, index.nulls_distinct, held.deferrable, index.include, index.comment, index.options, index.spelling};
  } else {
    std::erase_if(altered.constraints, [&](const Constraint& held) { return name_of(held) == index.name; });
    altered.indexes.push_back(index);
  }
}

void Applier::operator()(const RenameIndex& body) {
  Table& altered = table(body.table);
  if (find_unique(altered, body.index)) return (*this)(RenameConstraint{body.table, body.index, body.to});
  Index& index = need_index(altered, body.index);
  if (body.to.empty() || (body.to != body.index && altered.find_index(body.to))) {
    throw Error(ErrorKind::schema, fmt::format("cannot rename index {}{} to {}: {}", quoted(body.index), on(body.table), quoted(body.to),
                                               body.to.empty() ? "that is no name" : "that name is taken"))
        .with_hint("choose another name");
  }
  index.name = body.to;
}

}  // namespace aludel::op
