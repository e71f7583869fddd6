#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>

#include "op/alike.hpp"
#include "op/applier.hpp"
#include "op/references.hpp"
#include "op/spelling.hpp"

namespace aludel::op {

namespace {

/// Finds an element or says that there is none, with the nearest name.
template <class Map>
typename Map::mapped_type& need(Map& map, const typename Map::key_type& key, std::string_view what) {
  if (map.contains(key)) return map.at(key);
  const auto text = [](const auto& name) {
    if constexpr (requires { name.text(); }) {
      return name.text();
    } else {
      return name;
    }
  };
  std::vector<std::string> known;
  for (const auto& [name, element] : map) known.push_back(text(name));
  throw Error(ErrorKind::schema, fmt::format("there is no {}{}{}", what, quoted(text(key)), did_you_mean(text(key), known)))
      .with_hint("is the database at the revision before this one?");
}

std::string literal(std::string_view value) {
  std::string text = "'";
  for (char c : value) text.append(c == '\'' ? 2 : 1, c);
  return text + "'";
}

/// Servers keep a default that is a value of the type by identity, so it follows the value's new name.
void rename_default(schema::Boxed<Expression>& value, const AlterEnum::RenameValue& rename) {
  if (!value || trim(value->declared) != literal(rename.from)) return;
  value->declared = literal(rename.to);
  value->canonical.clear();
}

std::vector<std::string> altered_values(std::vector<std::string> values, const AlterEnum& body) {
  const std::string type = quoted(body.type.text());
  const auto position = [&](const std::string& value) {
    const auto found = std::find(values.begin(), values.end(), value);
    if (found != values.end()) return found;
    throw Error(ErrorKind::schema, fmt::format("enum {} has no value {}{}", type, quoted(value), did_you_mean(value, values)))
        .with_hint("values are renamed first, then added");
  };
  const auto check_new = [&](const std::string& value) {
    if (std::find(values.begin(), values.end(), value) == values.end()) return;
    throw Error(ErrorKind::schema, fmt::format("enum {} has a value {} already", type, quoted(value))).with_hint("choose another value");
  };
  for (const auto& rename : body.rename) {
    const auto found = position(rename.from);
    if (rename.to != rename.from) check_new(rename.to);
    *found = rename.to;
  }
  for (const auto& add : body.add) {
    check_new(add.value);
    auto where = values.end();
    if (!add.before.empty()) where = position(add.before);
    if (!add.after.empty()) where = position(add.after) + 1;
    values.insert(where, add.value);
  }
  return values;
}

}  // namespace

bool uses_enum(const Type& type, const Name& name) {
  if (type.kind == schema::TypeKind::array) return type.element.size() == 1 && uses_enum(type.element.front(), name);
  if (type.kind != schema::TypeKind::enumeration) return false;
  return type.name == name.text() || (name.schema.empty() && type.name == name.name);
}

void Applier::operator()(const CreateEnum& body) {
  if (body.if_not_exists && schema_.enums.contains(body.type.name)) return;
  schema::EnumType type = body.type;
  type.renamed_from.clear();
  schema_.add(std::move(type));
}

void Applier::operator()(const AlterEnum& body) {
  auto& altered = need(schema_.enums, body.type, "enum ");
  std::vector<std::string> values = altered_values(altered.values, body);
  if (body.comment && options_.comparison.comments) {
    check_from(altered.comment == body.comment->from, "the comment of enum " + quoted(body.type.text()), quoted(altered.comment),
               quoted(body.comment->from));
  }
  if (body.comment) altered.comment = body.comment->to;
  if (values == altered.values) return;
  altered.values = std::move(values);
  for (auto& [name, table] : schema_.tables.writable()) {
    for (auto& column : table.columns) {
      if (!uses_enum(column.type, body.type)) continue;
      change_enum(column.type, body.type, [&](Type& type) { type.values = altered.values; });
      if (column.type.kind != schema::TypeKind::enumeration) continue;
      for (const auto& rename : body.rename) rename_default(column.server_default, rename);
    }
  }
}

void Applier::operator()(const DropEnum& body) {
  if (body.if_exists && !schema_.enums.contains(body.type)) return;
  need(schema_.enums, body.type, "enum ");
  std::vector<std::string> users;
  for (const auto& [name, table] : schema_.tables) {
    for (const auto& column : table.columns) {
      if (uses_enum(column.type, body.type)) users.push_back(quoted(owner_text(name, column.name)));
    }
  }
  if (!users.empty()) {
    if (users.size() > 5) users.resize(5), users.push_back("...");
    throw Error(ErrorKind::schema, fmt::format("cannot drop enum {}: it is the type of {}", quoted(body.type.text()), join(users, ", ")))
        .with_hint("give those columns another type first");
  }
  schema_.enums.erase(body.type);
}

void Applier::rename_enum(const Name& type, const std::string& to) {
  need(schema_.enums, type, "enum ");
  const Name renamed{type.schema, to};
  if (to != type.name && schema_.enums.contains(renamed)) {
    throw Error(ErrorKind::schema, fmt::format("enum {} exists already", quoted(renamed.text()))).with_hint("choose another name");
  }
  auto node = schema_.enums.extract(type);
  node.key() = node.mapped().name = renamed;
  schema_.enums.insert(std::move(node));
  for (auto& [name, table] : schema_.tables.writable()) {
    for (auto& column : table.columns) {
      if (!uses_enum(column.type, type)) continue;
      change_enum(column.type, type, [&](Type& used) { used.name = renamed.text(); });
      // The server's spelling may name the type; a plain literal of it means the same under the new name.
      if (column.server_default && column.server_default->declared.starts_with('\'')) column.server_default->canonical.clear();
    }
  }
}

void Applier::operator()(const CreateSequence& body) {
  if (body.if_not_exists && schema_.sequences.contains(body.sequence.name)) return;
  schema_.add(body.sequence);
}

void Applier::operator()(const AlterSequence& body) {
  auto& altered = need(schema_.sequences, body.from.name, "sequence ");
  if (body.from.name != body.to.name) {
    throw Error(ErrorKind::schema,
                fmt::format("cannot alter sequence {} to {}: its name stays as it is", quoted(body.from.name.text()), quoted(body.to.name.text())))
        .with_hint("drop one and create the other");
  }
  check_from(schema::equivalent(altered, body.from, options_.comparison), "sequence " + quoted(body.from.name.text()), "another", "as in `from`");
  altered = body.to;
}

void Applier::operator()(const DropSequence& body) {
  if (body.if_exists && !schema_.sequences.contains(body.sequence)) return;
  need(schema_.sequences, body.sequence, "sequence ");
  schema_.sequences.erase(body.sequence);
}

void Applier::operator()(const CreateSchema& body) {
  if (body.if_not_exists && schema_.schemas.contains(body.schema.name)) return;
  schema_.add(body.schema);
}

void Applier::operator()(const AlterSchema& body) {
  schema::Namespace& altered = need(schema_.schemas, body.from.name, "schema ");
  if (body.from.name != body.to.name) {
    throw Error(ErrorKind::schema, fmt::format("cannot alter schema {} to {}: its name stays as it is", quoted(body.from.name), quoted(body.to.name)))
        .with_hint("create the other, move what this one holds, and drop it");
  }
  const bool same_comment = !options_.comparison.comments || altered.comment == body.from.comment;
  check_from(same_comment && schema::equivalent(altered.options, body.from.options, options_.comparison), "schema " + quoted(body.from.name),
             "another", "as in `from`");
  altered = body.to;
}

void Applier::operator()(const DropSchema& body) {
  if (body.if_exists && !schema_.schemas.contains(body.schema)) return;
  need(schema_.schemas, body.schema, "schema ");
  std::vector<std::string> held;
  const auto look = [&](std::string_view what, const auto& map) {
    for (const auto& entry : map) {
      const auto& key = entry.first;  // clang 14 captures no structured bindings
      if constexpr (requires { key.schema; }) {
        if (key.schema == body.schema) held.push_back(fmt::format("{} {}", what, quoted(key.text())));
      } else {
        if (key.name.schema == body.schema) held.push_back(printable(key.text()));
      }
    }
  };
  look("table", schema_.tables);
  look("enum", schema_.enums);
  look("sequence", schema_.sequences);
  look("", schema_.objects);
  if (!held.empty()) {
    if (held.size() > 5) held.resize(5), held.push_back("...");
    throw Error(ErrorKind::schema, fmt::format("cannot drop schema {}: it holds {}", quoted(body.schema), join(held, ", ")))
        .with_hint("drop what it holds first");
  }
  schema_.schemas.erase(body.schema);
}

void Applier::operator()(const CreateObject& body) {
  const auto& key = body.object.key;
  if (body.if_not_exists && schema_.objects.contains(key)) return;
  if (is_relation(key.kind) && !schema_.objects.contains(key)) check_relation_free(key.name);
  schema_.add(body.object);
}

void Applier::operator()(const ReplaceObject& body) {
  auto& replaced = need(schema_.objects, body.to.key, "");
  const bool same = body.from.key == body.to.key && alike(replaced, body.from, options_.comparison);
  check_from(same || replaced.definition.stale, printable(body.to.key.text()), "defined otherwise", "as in `from`");
  replaced = body.to;
}

void Applier::operator()(const RenameObject& body) {
  if (body.object.kind == "enum") return rename_enum(body.object.name, body.to);
  need(schema_.objects, body.object, "");
  schema::ObjectKey renamed = body.object;
  renamed.name.name = body.to;
  if (renamed == body.object) return;
  if (is_relation(renamed.kind)) check_relation_free(renamed.name);
  if (schema_.objects.contains(renamed)) {
    throw Error(ErrorKind::schema, fmt::format("{} exists already", printable(renamed.text()))).with_hint("choose another name");
  }
  schema::Object moved = schema_.objects.take(body.object);
  moved.key = renamed;
  schema_.objects.emplace(renamed, std::move(moved));
  if (is_relation(renamed.kind)) {
    move_relation(body.object.name, renamed.name, renamed.kind);
  } else {
    for (auto& [key, object] : schema_.objects.writable()) std::replace(object.depends_on.begin(), object.depends_on.end(), body.object, renamed);
  }
}

void Applier::operator()(const DropObject& body) {
  if (body.if_exists && !schema_.objects.contains(body.object)) return;
  need(schema_.objects, body.object, "");
  check_free(printable(body.object.text()), Dependencies(schema_, rewriter_).of_object(body.object));
  if (is_relation(body.object.kind) && body.object.parent.empty()) erase_children(body.object.name);
  schema_.objects.erase(body.object);
}

void Applier::operator()(const AttachPartition& body) {
  table(body.table);
  table(body.partition);
  schema_.add(schema::Object{{"partition", body.partition, body.table.text(), ""}, body.bounds, {}, "", {}});
}

void Applier::operator()(const DetachPartition& body) {
  const schema::ObjectKey key{"partition", body.partition, body.table.text(), ""};
  const auto& attached = need(schema_.objects, key, "");
  check_from(body.bounds.empty() || alike(attached.definition, Expression(body.bounds)), "partition " + quoted(body.partition.text()),
             "attached with bounds " + quoted(attached.definition.declared), quoted(body.bounds));
  schema_.objects.erase(key);
}

}  // namespace aludel::op
