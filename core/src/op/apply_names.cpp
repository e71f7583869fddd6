#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>

#include "op/alike.hpp"
#include "op/applier.hpp"
#include "op/overloaded.hpp"
#include "op/references.hpp"

namespace aludel::op {

using schema::Expression;
using schema::IndexPart;

void Applier::rewrite(Expression& expression, TextKind kind, const Name& owner, const Rename& rename) const {
  if (expression.stale) return;
  const auto text = rewriter_.rewrite(text_of(expression), kind, owner, rename);
  if (!text) {
    expression.stale = true;
    expression.canonical.clear();
    return;
  }
  if (expression.declared.empty()) {
    expression.canonical = *text;
    return;
  }
  expression.declared = *text;
  if (expression.canonical.empty()) return;
  expression.canonical = rewriter_.rewrite(expression.canonical, kind, owner, rename).value_or("");
}

void Applier::rewrite_expressions(Table& table, const Rename& rename) const {
  for_each_expression(table, [&](Expression& expression) { rewrite(expression, TextKind::expression, rename.table, rename); });
}

template <class Change>
void Applier::for_each_reference(const Name& table, Change change) {
  const auto refers_to_it = [&](const schema::Constraint& constraint) {
    const auto* key = std::get_if<schema::ForeignKey>(&constraint);
    return key && refers(key->referenced_table, table, schema_);
  };
  // Looked for in what other copies of the schema share, so that only what changes is copied.
  std::vector<Name> referring;
  for (const auto& [name, other] : schema_.tables) {
    if (std::any_of(other.constraints.begin(), other.constraints.end(), refers_to_it)) referring.push_back(name);
  }
  for (const Name& name : referring) {
    for (auto& constraint : schema_.tables.at(name).constraints) {
      if (refers_to_it(constraint)) change(std::get<schema::ForeignKey>(constraint));
    }
  }
}

void Applier::move_references(const Name& from, const Name& to, bool is_table) {
  if (is_table) for_each_reference(from, [&](schema::ForeignKey& key) { key.referenced_table = to; });
  for (auto& [name, sequence] : schema_.sequences) {
    const auto owner = owner_of(sequence);
    if (owner && owner->first == from) sequence.owned_by = owner_text(to, owner->second);
  }
}

void Applier::move_objects(const Name& from, const Name& to, std::string_view kind) {
  const Rename rename{from, "", to.name};
  const std::string old_parent = from.text();
  std::vector<schema::ObjectKey> rekeyed;
  for (auto& [key, object] : schema_.objects.writable()) {
    for (auto& other : object.depends_on) {
      if (other.name == from && other.parent.empty() && is_relation(other.kind) && (other.kind == "table") == (kind == "table")) other.name = to;
      if (other.parent == old_parent) other.parent = to.text();
    }
    if (from.schema == to.schema) {
      if (key.kind != "partition") rewrite(object.definition, TextKind::definition, key.name, rename);
    } else if (rewriter_.mentions_table(text_of(object.definition), from)) {
      object.definition.stale = true;
      object.definition.canonical.clear();
    }
    if (key.parent == old_parent || (key.kind == "partition" && key.name == from)) rekeyed.push_back(key);
  }
  for (const auto& key : rekeyed) {
    schema::Object object = schema_.objects.take(key);
    auto& moved = object.key;
    if (moved.parent == old_parent) {
      moved.parent = to.text();
      if (moved.kind != "partition" && moved.name.schema == from.schema) moved.name.schema = to.schema;
    }
    if (moved.kind == "partition" && moved.name == from) moved.name = to;
    const schema::ObjectKey now = moved;
    schema_.objects.emplace(now, std::move(object));
  }
}

void Applier::move_relation(const Name& from, const Name& to, std::string_view kind) {
  if (kind == "table") {
    const Rename rename{from, "", to.name};
    move_references(from, to, true);
    Table moved = schema_.tables.take(from);
    if (from.schema == to.schema) rewrite_expressions(moved, rename);
    moved.name = to;
    schema_.tables.emplace(to, std::move(moved));
    if (from.schema != to.schema) {
      // A server moves the sequences that a table owns along with it.
      std::vector<Name> owned = Dependencies(schema_, rewriter_).owned_by(to);
      for (const auto& name : owned) {
        if (name.schema != from.schema) continue;
        auto sequence = schema_.sequences.extract(name);
        sequence.mapped().name.schema = to.schema;
        sequence.key() = sequence.mapped().name;
        schema_.sequences.insert(std::move(sequence));
      }
    }
  }
  move_objects(from, to, kind);
}

void Applier::operator()(const RenameTable& body) {
  table(body.table);
  const Name to{body.table.schema, body.to};
  if (to == body.table) return;
  check_relation_free(to);
  move_relation(body.table, to, "table");
}

void Applier::operator()(const RenameColumn& body) {
  Table& altered = table(body.table);
  column(altered, body.column);
  if (body.to == body.column) return;
  if (altered.find_column(body.to)) {
    throw Error(ErrorKind::schema, fmt::format("cannot rename column {} to {}: table {} has a column of that name already",
                                               quoted(owner_text(body.table, body.column)), quoted(body.to), quoted(body.table.text())))
        .with_hint("to swap two columns, rename one to a third name first");
  }
  const auto change = [&](std::string& reference) {
    if (refers(reference, body.column, altered)) reference = body.to;
  };
  const auto change_all = [&](std::vector<std::string>& references) { std::for_each(references.begin(), references.end(), change); };
  const auto change_parts = [&](std::vector<IndexPart>& parts) {
    for (auto& part : parts) {
      if (!part.expression) change(part.column);
    }
  };
  for_each_reference(body.table, [&](schema::ForeignKey& key) { change_all(key.referenced_columns); });
  for (auto& constraint : altered.constraints) {
    std::visit(Overloaded{[&](schema::PrimaryKey& key) { change_parts(key.columns); },
                          [&](schema::Unique& key) {
                            change_parts(key.columns);
                            change_all(key.include);
                          },
                          [](schema::Check&) {},
                          [&](schema::ForeignKey& key) {
                            change_all(key.columns);
                            change_all(key.on_delete_columns);
                          },
                          [&](schema::Exclude& exclude) {
                            for (auto& element : exclude.elements) {
                              if (!element.part.expression) change(element.part.column);
                            }
                          }},
               constraint);
  }
  for (auto& index : altered.indexes) {
    change_parts(index.columns);
    change_all(index.include);
  }
  const Rename rename{body.table, body.column, body.to};
  rewrite_expressions(altered, rename);
  for (auto& [key, object] : schema_.objects.writable()) {
    if (key.kind != "partition") rewrite(object.definition, TextKind::definition, key.name, rename);
  }
  for (auto& [name, sequence] : schema_.sequences) {
    const auto owner = owner_of(sequence);
    if (owner && owner->first == body.table && owner->second == body.column) sequence.owned_by = owner_text(body.table, body.to);
  }
  altered.find_column(body.column)->name = body.to;
}

}  // namespace aludel::op
