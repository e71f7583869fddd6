#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "op/alike.hpp"
#include "op/applier.hpp"
#include "op/overloaded.hpp"
#include "op/references.hpp"
#include "op/spelling.hpp"

namespace aludel::op {

using schema::IndexPart;

namespace {

template <class Map>
std::vector<std::string> keys_of(const Map& map) {
  std::vector<std::string> all;
  for (const auto& [name, value] : map) all.push_back(name.text());
  return all;
}

std::vector<std::string> column_names(const Table& table) {
  std::vector<std::string> names;
  for (const auto& column : table.columns) names.push_back(column.name);
  return names;
}

Column without_hints(Column column) {
  column.renamed_from.clear();
  column.backfill.reset();
  return column;
}

std::string shown_default(const schema::Boxed<Expression>& value) { return value ? quoted(value->declared) : "none"; }

std::string shown_generated(const schema::Boxed<schema::Generated>& value) {
  if (!value) return "not generated";
  return fmt::format("generated as {}{}", quoted(value->expression.declared), value->stored ? " stored" : " virtual");
}

bool is_stale(const schema::Boxed<schema::Generated>& value) { return value && value->expression.stale; }

}  // namespace

Table& Applier::table(const Name& name) {
  if (Table* found = schema_.find_table(name)) return *found;
  throw Error(ErrorKind::schema, fmt::format("there is no table {}{}", quoted(name.text()), did_you_mean(name.text(), keys_of(schema_.tables))))
      .with_hint("is the database at the revision before this one?");
}

Column& Applier::column(Table& table, std::string_view name) {
  if (Column* found = table.find_column(name)) return *found;
  throw Error(ErrorKind::schema,
              fmt::format("table {} has no column {}{}", quoted(table.name.text()), quoted(name), did_you_mean(name, column_names(table))))
      .with_hint("is the database at the revision before this one?");
}

void Applier::check_relation_free(const Name& name) const {
  if (schema_.find_table(name)) {
    throw Error(ErrorKind::schema, fmt::format("table {} exists already", quoted(name.text())))
        .with_hint("if it was made by hand, drop it or stamp the revision; `if_not_exists = true` lets a create pass");
  }
  // From kind to kind; there are few.
  for (auto entry = schema_.objects.begin(); entry != schema_.objects.end();) {
    const std::string& kind = entry->first.kind;
    if (is_relation(kind) && schema_.objects.contains({kind, name, "", ""})) {
      throw Error(ErrorKind::schema, fmt::format("{} {} has this name already", printable(kind), quoted(name.text())))
          .with_hint("tables and views share their names: drop or rename one of the two");
    }
    entry = schema_.objects.lower_bound({kind + '\0', {}, "", ""});
  }
}

void Applier::check_from(bool is_same, const std::string& what, const std::string& is, const std::string& said) const {
  if (is_same || options_.ignore_from) return;
  throw Error(ErrorKind::schema, fmt::format("{} is {} here, but the operation says it was {}", what, is, said))
      .with_hint("correct `from` if the database is right, or run again with --ignore-from");
}

void Applier::check_free(const std::string& what, const std::vector<Dependent>& dependents) const {
  if (dependents.empty()) return;
  constexpr std::size_t shown = 5;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < dependents.size() && i < shown; ++i) names.push_back(describe(dependents[i], schema_));
  if (dependents.size() > shown) names.push_back(fmt::format("{} more", dependents.size() - shown));
  throw Error(ErrorKind::schema, fmt::format("cannot drop {}: {} {} on it", what, join(names, ", "), dependents.size() == 1 ? "depends" : "depend"))
      .with_hint("drop what depends on it first, and create it again afterwards where it is still wanted");
}

void Applier::check_columns(const Table& table, const Constraint& constraint) const {
  if (table.partial || table.external) return;
  const auto need = [&](const std::string& name) {
    if (has_column(table, name)) return;
    throw Error(ErrorKind::schema, fmt::format("{} names column {}, which table {} does not have{}", describe_constraint(constraint), quoted(name),
                                               quoted(table.name.text()), did_you_mean(name, column_names(table))))
        .with_hint("add the column first, or correct the name");
  };
  const auto need_parts = [&](const std::vector<IndexPart>& parts) {
    for (const auto& part : parts) {
      if (!part.expression) need(part.column);
    }
  };
  std::visit(Overloaded{[&](const schema::PrimaryKey& key) { need_parts(key.columns); },
                        [&](const schema::Unique& key) {
                          need_parts(key.columns);
                          std::for_each(key.include.begin(), key.include.end(), need);
                        },
                        [](const schema::Check&) {},
                        [&](const schema::ForeignKey& key) {
                          std::for_each(key.columns.begin(), key.columns.end(), need);
                          std::for_each(key.on_delete_columns.begin(), key.on_delete_columns.end(), need);
                        },
                        [&](const schema::Exclude& exclude) {
                          for (const auto& element : exclude.elements) need_parts({element.part});
                        }},
             constraint);
}

void Applier::check_columns(const Table& table, const Index& index) const {
  if (table.partial || table.external) return;
  const auto need = [&](const std::string& name) {
    if (has_column(table, name)) return;
    throw Error(ErrorKind::schema, fmt::format("index {} names column {}, which table {} does not have{}", quoted(index.name), quoted(name),
                                               quoted(table.name.text()), did_you_mean(name, column_names(table))))
        .with_hint("add the column first, or correct the name");
  };
  for (const auto& part : index.columns) {
    if (!part.expression) need(part.column);
  }
  std::for_each(index.include.begin(), index.include.end(), need);
}

void Applier::check_table(const Table& table) const {
  const auto twice = [&](std::string_view what, const std::string& name) {
    return Error(ErrorKind::schema, fmt::format("table {} has two {} {}", quoted(table.name.text()), what, quoted(name)))
        .with_hint("leave one of them out, or rename it");
  };
  std::set<std::string_view> columns, constraints, indexes;
  for (const auto& column : table.columns) {
    if (!columns.insert(column.name).second) throw twice("columns", column.name);
  }
  bool primary = false;
  for (const auto& constraint : table.constraints) {
    if (!name_of(constraint).empty() && !constraints.insert(name_of(constraint)).second) throw twice("constraints", name_of(constraint));
    if (std::holds_alternative<schema::PrimaryKey>(constraint) && std::exchange(primary, true)) {
      throw Error(ErrorKind::schema, fmt::format("table {} has two primary keys", quoted(table.name.text()))).with_hint("a table has one");
    }
    check_columns(table, constraint);
  }
  for (const auto& index : table.indexes) {
    if (!index.name.empty() && !indexes.insert(index.name).second) throw twice("indexes", index.name);
    check_columns(table, index);
  }
}

void Applier::erase_children(const Name& relation) {
  for (const auto& key : Dependencies(schema_, rewriter_).children_of(relation)) schema_.objects.erase(key);
}

void Applier::operator()(const CreateTable& body) {
  if (body.if_not_exists && schema_.find_table(body.table.name)) return;
  check_relation_free(body.table.name);
  check_table(body.table);
  Table& added = schema_.add(body.table);
  added.renamed_from.clear();
  for (auto& column : added.columns) column = without_hints(std::move(column));
  const auto unnamed = [](const Constraint& constraint) { return name_of(constraint).empty(); };
  const auto unnamed_index = [](const Index& index) { return index.name.empty(); };
  if (std::any_of(added.constraints.begin(), added.constraints.end(), unnamed) ||
      std::any_of(added.indexes.begin(), added.indexes.end(), unnamed_index)) {
    rewriter_.name_parts(added, schema_);
  }
}

void Applier::operator()(const DropTable& body) {
  if (body.if_exists && !schema_.find_table(body.table)) return;
  table(body.table);
  const Dependencies dependencies(schema_, rewriter_);
  check_free("table " + quoted(body.table.text()), dependencies.of_table(body.table));
  for (const auto& name : dependencies.owned_by(body.table)) schema_.sequences.erase(name);
  erase_children(body.table);
  schema_.tables.erase(body.table);
}

void Applier::operator()(const AlterTable& body) {
  Table& altered = table(body.table);
  const std::string what = "of table " + quoted(body.table.text());
  if (body.comment && options_.comparison.comments) {
    check_from(altered.comment == body.comment->from, "the comment " + what, quoted(altered.comment), quoted(body.comment->from));
  }
  if (body.options)
    check_from(schema::equivalent(altered.options, body.options->from, options_.comparison), "an option " + what, "another", "as in `from`");
  if (body.schema) {
    check_from(body.schema->from == body.table.schema, "the schema " + what, quoted(body.table.schema), quoted(body.schema->from));
    if (body.schema->to != body.table.schema) check_relation_free({body.schema->to, body.table.name});
  }
  if (body.comment) altered.comment = body.comment->to;
  if (body.options) altered.options = body.options->to;
  if (body.schema && body.schema->to != body.table.schema) move_relation(body.table, {body.schema->to, body.table.name}, "table");
}

void Applier::operator()(const AddColumn& body) {
  Table& altered = table(body.table);
  if (altered.find_column(body.column.name)) {
    if (body.if_not_exists) return;
    throw Error(ErrorKind::schema, fmt::format("table {} has a column {} already", quoted(body.table.text()), quoted(body.column.name)))
        .with_hint("if it was added by hand, `if_not_exists = true` lets this pass");
  }
  altered.columns.push_back(without_hints(body.column));
}

void Applier::operator()(const DropColumn& body) {
  if (body.if_exists && (!schema_.find_table(body.table) || !schema_.find_table(body.table)->find_column(body.column))) return;
  Table& altered = table(body.table);
  column(altered, body.column);
  const Dependencies dependencies(schema_, rewriter_);
  check_free("column " + quoted(owner_text(body.table, body.column)), dependencies.of_column(body.table, body.column));
  for (const auto& name : dependencies.owned_by(body.table, body.column)) schema_.sequences.erase(name);
  std::erase_if(altered.columns, [&](const Column& candidate) { return candidate.name == body.column; });
}

void Applier::operator()(const AlterColumn& body) {
  Column& altered = column(table(body.table), body.column);
  const std::string name = quoted(owner_text(body.table, body.column));
  const std::string what = " of column " + name;
  if (body.type) {
    check_from(schema::equivalent(altered.type, body.type->from), "the type" + what, printable(to_text(altered.type)),
               printable(to_text(body.type->from)));
  }
  if (body.nullable) {
    const auto word = [](bool nullable) { return nullable ? "nullable" : "not null"; };
    check_from(altered.nullable == body.nullable->from, "column " + name, word(altered.nullable), word(body.nullable->from));
  }
  if (body.server_default) {
    const bool stale = altered.server_default && altered.server_default->stale;
    check_from(stale || alike(altered.server_default, body.server_default->from), "the default" + what, shown_default(altered.server_default),
               shown_default(body.server_default->from));
  }
  if (body.generated) {
    check_from(is_stale(altered.generated) || alike(altered.generated, body.generated->from), "column " + name, shown_generated(altered.generated),
               shown_generated(body.generated->from));
  }
  if (body.identity) {
    const auto word = [](const auto& identity) { return identity ? "an identity with other settings" : "no identity"; };
    check_from(altered.identity == body.identity->from, "column " + name, word(altered.identity),
               body.identity->from ? "as in `from`" : "no identity");
  }
  if (body.collation)
    check_from(altered.collation == body.collation->from, "the collation" + what, quoted(altered.collation), quoted(body.collation->from));
  if (body.comment && options_.comparison.comments) {
    check_from(altered.comment == body.comment->from, "the comment" + what, quoted(altered.comment), quoted(body.comment->from));
  }
  if (body.options)
    check_from(schema::equivalent(altered.options, body.options->from, options_.comparison), "an option" + what, "another", "as in `from`");

  if (body.type) altered.type = body.type->to;
  // The server's spelling may name the type; the author's means the same for the new one.
  if (body.type && altered.server_default && !altered.server_default->declared.empty()) altered.server_default->canonical.clear();
  if (body.nullable) altered.nullable = body.nullable->to;
  if (body.server_default) altered.server_default = body.server_default->to;
  if (body.generated) altered.generated = body.generated->to;
  if (body.identity) altered.identity = body.identity->to;
  if (body.collation) altered.collation = body.collation->to;
  if (body.comment) altered.comment = body.comment->to;
  if (body.options) altered.options = body.options->to;
}

}  // namespace aludel::op
