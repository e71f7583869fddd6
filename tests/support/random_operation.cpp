#include <aludel/text.hpp>

#include <algorithm>
#include <array>

#include "support/generator.hpp"

namespace aludel::test {

using op::Change;
using op::Operation;
using schema::Column;
using schema::Constraint;
using schema::Index;
using schema::Metadata;
using schema::Name;
using schema::Table;

const Table* Generator::any_table() { return any(schema_.tables); }

const Column* Generator::any_column(const Table& table) { return &table.columns[random_.below(table.columns.size())]; }

namespace {

bool has_identity(const Table& table) {
  return std::any_of(table.columns.begin(), table.columns.end(), [](const Column& column) { return column.identity.has_value(); });
}

bool is_keyed(const Table& table, std::string_view column) {
  for (const auto& constraint : table.constraints) {
    if (const auto* key = std::get_if<schema::ForeignKey>(&constraint)) {
      if (std::find(key->columns.begin(), key->columns.end(), column) != key->columns.end()) return true;
    }
    const auto* primary = std::get_if<schema::PrimaryKey>(&constraint);
    if (!primary) continue;
    if (std::any_of(primary->columns.begin(), primary->columns.end(), [&](const auto& part) { return part.column == column; })) return true;
  }
  return false;
}

}  // namespace

std::optional<Operation> Generator::table_operation(std::string_view name) {
  if (name == "create_table") return op::CreateTable{table(relation_name()), random_.chance(10)};
  const Table* on = any_table();
  if (!on) return std::nullopt;
  if (name == "drop_table") return op::DropTable{on->name, random_.chance(50) ? std::optional(*on) : std::nullopt, false};
  if (name == "rename_table") return op::RenameTable{on->name, fresh_name()};
  op::AlterTable body;
  body.table = on->name;
  if (shape_.comments && random_.chance(50)) body.comment = Change<std::string>{on->comment, comment()};
  if (shape_.options && random_.chance(50)) body.options = Change<schema::Options>{on->options, options()};
  if (!schema_.schemas.empty() && random_.chance(50)) {
    const std::string other = any(schema_.schemas)->name;
    body.schema = Change<std::string>{on->name.schema, on->name.schema.empty() ? other : ""};
  }
  if (!body.comment && !body.options && !body.schema) return std::nullopt;
  return body;
}

bool Generator::is_referenced(const Table& table, std::string_view column) const {
  for (const auto& [name, other] : schema_.tables) {
    for (const auto& constraint : other.constraints) {
      const auto* key = std::get_if<schema::ForeignKey>(&constraint);
      if (!key || key->referenced_table != table.name) continue;
      if (std::find(key->referenced_columns.begin(), key->referenced_columns.end(), column) != key->referenced_columns.end()) return true;
    }
  }
  return false;
}

bool Generator::may_be_key_of(std::string_view column, const schema::Type& type, const Table& table) const {
  if (std::find(shape_.no_key_types.begin(), shape_.no_key_types.end(), type.kind) == shape_.no_key_types.end()) return true;
  const auto among = [&](const std::vector<schema::IndexPart>& parts) {
    return std::any_of(parts.begin(), parts.end(), [&](const schema::IndexPart& part) { return part.column == column; });
  };
  return std::none_of(table.indexes.begin(), table.indexes.end(), [&](const Index& index) { return among(index.columns); }) &&
         std::none_of(table.constraints.begin(), table.constraints.end(), [&](const Constraint& held) {
           const auto* unique = std::get_if<schema::Unique>(&held);
           return unique != nullptr && among(unique->columns);
         });
}

std::optional<Operation> Generator::alter_column(const Table& table, const Column& column) {
  op::AlterColumn body;
  body.table = table.name;
  body.column = column.name;
  const bool keyed = is_keyed(table, column.name);
  switch (random_.below(6)) {
    case 0:
      if (column.identity) return std::nullopt;
      // A key's type is its foreign keys' too, and what a text is computed from cannot become what it is not computed from.
      if (shape_.typed && (keyed || is_referenced(table, column.name))) return std::nullopt;
      body.type = Change<schema::Type>{column.type, type_like(column.type)};
      if (shape_.typed && !may_be_key_of(column.name, body.type->to, table)) return std::nullopt;
      if (column.server_default && body.type->to.kind == schema::TypeKind::enumeration) return std::nullopt;
      break;
    case 1:
      if (keyed) return std::nullopt;
      body.nullable = Change<bool>{column.nullable, !column.nullable};
      if (column.nullable) {
        const std::string value = shape_.typed ? literal_default(column.type) : "0";
        if (value.empty() || column.generated) return std::nullopt;
        body.backfill = value;
      }
      break;
    case 2:
      if (column.generated || column.identity || !shape_.defaults) return std::nullopt;
      body.server_default = Change<schema::Boxed<schema::Expression>>{column.server_default, std::nullopt};
      if (std::string value = literal_default(column.type); !value.empty() && random_.chance(70)) body.server_default->to = value;
      break;
    case 3: {
      if (!column.nullable && !shape_.not_null_generated) return std::nullopt;
      if (!shape_.generated || keyed || column.identity || column.server_default || stored_columns(table).size() < 2) return std::nullopt;
      // Nothing may be computed from it, or a ring could close.
      const bool used = std::any_of(table.columns.begin(), table.columns.end(), [](const Column& other) { return other.generated.has_value(); });
      if (!column.generated && used) return std::nullopt;
      body.generated = Change<schema::Boxed<schema::Generated>>{column.generated, std::nullopt};
      if (!column.generated) {
        const std::string from = computation(table, column);
        if (from.empty()) return std::nullopt;
        body.generated->to = schema::Generated{from, shape_.stored_only || random_.chance(50)};
      }
      break;
    }
    case 4:
      if (!shape_.comments) return std::nullopt;
      body.comment = Change<std::string>{column.comment, comment()};
      break;
    default:
      if (!shape_.options) return std::nullopt;
      body.options = Change<schema::Options>{column.options, options()};
  }
  return body;
}

std::optional<Operation> Generator::column_operation(std::string_view name) {
  const Table* on = any_table();
  if (!on) return std::nullopt;
  const Column& chosen = *any_column(*on);
  if (name == "add_column") return op::AddColumn{on->name, column(*on), random_.chance(10)};
  if (name == "rename_column") return op::RenameColumn{on->name, chosen.name, fresh_column(*on)};
  if (name == "alter_column") return alter_column(*on, chosen);
  if (!chosen.generated && stored_columns(*on).size() < 2) return std::nullopt;
  return op::DropColumn{on->name, chosen.name, random_.chance(50) ? std::optional(chosen) : std::nullopt, random_.chance(10)};
}

std::optional<Operation> Generator::constraint_operation(std::string_view name) {
  const Table* on = any_table();
  if (!on) return std::nullopt;
  if (name == "add_constraint") {
    Table copy = *on;  // a primary key would make its columns NOT NULL, which is an operation of its own
    auto added = constraint(copy);
    if (!added || copy.columns != on->columns) return std::nullopt;
    return op::AddConstraint{on->name, std::move(*added)};
  }
  if (on->constraints.empty()) return std::nullopt;
  const Constraint& held = on->constraints[random_.below(on->constraints.size())];
  if (name == "drop_constraint") {
    if (std::holds_alternative<schema::PrimaryKey>(held) && has_identity(*on)) return std::nullopt;
    const bool said = name_of(held).empty() || random_.chance(50);
    return op::DropConstraint{on->name, name_of(held), said ? std::optional(held) : std::nullopt, false};
  }
  if (name == "rename_constraint" && !name_of(held).empty()) {
    // MariaDB names the check of a column after it, and no other check may have that name.
    return op::RenameConstraint{on->name, name_of(held), "renamed_" + fresh_name()};
  }
  if (name == "validate_constraint" && !name_of(held).empty()) return op::ValidateConstraint{on->name, name_of(held)};
  if (name == "alter_constraint") {
    op::AlterConstraint body{on->name, held, held};
    if (auto* key = std::get_if<schema::ForeignKey>(&body.to); key && shape_.deferrable) {
      key->deferrable = key->deferrable == schema::Deferrable::no ? schema::Deferrable::initially_deferred : schema::Deferrable::no;
      return body;
    }
    if (auto* check = std::get_if<schema::Check>(&body.to); check && shape_.exclusions) {
      check->validated = !check->validated;
      return body;
    }
  }
  return std::nullopt;
}

std::optional<Operation> Generator::index_operation(std::string_view name) {
  const Table* on = any_table();
  if (!on || !shape_.indexes) return std::nullopt;
  if (name == "create_index") {
    Index made = index(*on);
    if (made.columns.empty()) return std::nullopt;
    return op::CreateIndex{on->name, std::move(made), random_.chance(10)};
  }
  if (on->indexes.empty()) return std::nullopt;
  const Index& held = on->indexes[random_.below(on->indexes.size())];
  if (!shape_.drops_key_indexes && is_keyed(*on, held.columns.front().column)) return std::nullopt;
  if (name == "drop_index") return op::DropIndex{on->name, held.name, random_.chance(50) ? std::optional(held) : std::nullopt, false};
  if (name == "rename_index") return op::RenameIndex{on->name, held.name, fresh_name()};
  op::AlterIndex body{on->name, held, held};
  body.to.options = options();
  return body;
}

std::optional<Operation> Generator::type_operation(std::string_view name) {
  if (name == "create_schema" && shape_.schemas) return op::CreateSchema{{fresh_name(), "", {}}, false};
  if (const auto* held = name == "alter_schema" ? any(schema_.schemas) : nullptr) {
    op::AlterSchema body{*held, *held};
    body.to.comment = held->comment.empty() ? "what it is for" : "";
    return body;
  }
  if (name == "drop_schema" && any(schema_.schemas)) return op::DropSchema{any(schema_.schemas)->name, std::nullopt, false};
  if (name == "create_enum" && shape_.enums)
    return op::CreateEnum{{relation_name(enum_prefix), {"low", "high"}, object_comment(), {}}, random_.chance(10)};
  if (name == "create_sequence" && shape_.sequences) return op::CreateSequence{sequence(relation_name(sequence_prefix)), random_.chance(10)};
  if (const auto* held = any(schema_.enums)) {
    if (name == "drop_enum") return op::DropEnum{held->name, std::nullopt, false};
    if (name == "alter_enum") {
      op::AlterEnum body;
      body.type = held->name;
      if (random_.chance(50)) body.rename.push_back({held->values.front(), fresh_name()});
      if (body.rename.empty() || random_.chance(50)) body.add.push_back({fresh_name(), random_.chance(50) ? held->values.back() : "", ""});
      if (random_.chance(30)) body.comment = Change<std::string>{held->comment, object_comment()};
      return body;
    }
  }
  if (const auto* held = any(schema_.sequences)) {
    if (name == "drop_sequence") return op::DropSequence{held->name, std::nullopt, false};
    if (name == "alter_sequence") {
      op::AlterSequence body{*held, *held};
      body.to.settings.increment = static_cast<std::int64_t>(1 + random_.below(9));
      return body;
    }
  }
  return std::nullopt;
}

std::optional<Operation> Generator::object_operation(std::string_view name) {
  if (name == "create_object") {
    if (shape_.views && random_.chance(60)) return op::CreateObject{view(relation_name()), random_.chance(10)};
    if (!shape_.triggers || schema_.tables.empty()) return std::nullopt;
    const Table& on = *any_table();
    const bool first = shape_.trigger_form == TriggerForm::function && schema_.objects.get(trigger_function().key) == nullptr;
    if (first) return op::CreateObject{trigger_function(), false};
    if (!may_trigger(on)) return std::nullopt;
    return op::CreateObject{trigger({on.name.schema, fresh_name()}, on), false};
  }
  const auto* held = any(schema_.objects);
  if (name == "attach_partition" && schema_.tables.size() > 1 && shape_.partitions) {
    const Table* first = any_table();
    const Table* second = any_table();
    if (first == second) return std::nullopt;
    return op::AttachPartition{first->name, second->name, "FOR VALUES FROM (1) TO (10)"};
  }
  if (!held) return std::nullopt;
  if (held->key.kind == "partition") {
    if (name != "detach_partition") return std::nullopt;
    return op::DetachPartition{schema::parse_name(held->key.parent), held->key.name, ""};
  }
  if (name == "drop_object" && held->key.kind == "function") return std::nullopt;  // triggers are made of it
  if (name == "drop_object") return op::DropObject{held->key, random_.chance(50) ? std::optional(*held) : std::nullopt, false};
  if (name == "rename_object" && held->key.kind == "view") return op::RenameObject{held->key, fresh_name()};
  if (name == "rename_object" && any(schema_.enums)) return op::RenameObject{{"enum", any(schema_.enums)->name, "", ""}, fresh_name(enum_prefix)};
  if (name == "replace_object" && held->key.kind == "view") {
    if (!shape_.replaces_read_views && is_read(held->key.name.name)) return std::nullopt;
    op::ReplaceObject body{*held, view(held->key.name)};
    return body;
  }
  return std::nullopt;
}

std::optional<Operation> Generator::operation() {
  const auto all = op::operation_names();
  std::string name = all[random_.below(all.size())];
  if (!shape_.operations.empty()) name = random_.of(shape_.operations);
  if (name.ends_with("_table")) return table_operation(name);
  if (name.ends_with("_column")) return column_operation(name);
  if (name.ends_with("_constraint")) return constraint_operation(name);
  if (name.ends_with("_index")) return index_operation(name);
  if (name.ends_with("_object") || name.ends_with("_partition")) return object_operation(name);
  return type_operation(name);
}

op::Operation random_operation(Random& random, Metadata& schema, const Shape& shape, const op::Rewriter& rewriter) {
  constexpr int attempts = 1000;
  for (int i = 0; i < attempts; ++i) {
    auto operation = Generator(random, shape, schema).operation();
    if (!operation) continue;
    try {
      op::apply(*operation, schema, rewriter);
      return std::move(*operation);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::schema) throw;  // else it does not fit; another may
    }
  }
  throw Error(ErrorKind::internal, "no random operation fits");
}

namespace {

/// Every expression of a table but plain names.
template <class AnyTable, class Use>
void for_each_expression(AnyTable& table, Use use) {
  for (auto& column : table.columns) {
    if (column.server_default) use(*column.server_default);
    if (column.generated) use(column.generated->expression);
  }
  for (auto& constraint : table.constraints) {
    if (auto* check = std::get_if<schema::Check>(&constraint)) use(check->expression);
    if (auto* exclude = std::get_if<schema::Exclude>(&constraint); exclude && exclude->where) use(*exclude->where);
  }
  for (auto& index : table.indexes) {
    if (index.where) use(*index.where);
    for (auto& part : index.columns) {
      if (part.expression) use(*part.expression);
    }
  }
}

bool is_stale(const Table& table) {
  bool stale = false;
  for_each_expression(table, [&](const schema::Expression& expression) { stale |= expression.stale; });
  return stale;
}

bool mend(Random& random, const Shape& shape, Metadata& schema) {
  std::vector<schema::ObjectKey> stale;
  for (const auto& [key, object] : schema.objects) {
    if (object.definition.stale) stale.push_back(key);
  }
  for (const auto& key : stale) {
    Generator generator(random, shape, schema);
    if (!shape.replaces_read_views && generator.is_read(key.name.name)) return false;
    if (key.kind == "view") {
      schema.objects.at(key) = generator.view(key.name);
    } else {
      schema.objects.at(key) = generator.trigger(key.name, schema.tables.at(schema::parse_name(key.parent)));
    }
  }
  return std::none_of(schema.tables.begin(), schema.tables.end(), [](const auto& entry) { return is_stale(entry.second); });
}

}  // namespace

Metadata random_neighbour(Random& random, const Metadata& schema, const Shape& shape, std::size_t edits, bool hints, const op::Rewriter& rewriter) {
  Metadata result = schema;
  for (std::size_t i = 0; i < edits; ++i) {
    Metadata next = result;
    const Operation operation = random_operation(random, next, shape, rewriter);
    if (hints) {
      if (const auto* rename = std::get_if<op::RenameTable>(&operation.body)) {
        Table& renamed = *next.find_table({rename->table.schema, rename->to});
        if (schema.tables.contains(rename->table)) renamed.renamed_from.push_back(rename->table.name);
      }
      if (const auto* rename = std::get_if<op::RenameColumn>(&operation.body)) {
        next.find_table(rename->table)->find_column(rename->to)->renamed_from.push_back(rename->column);
      }
    }
    if (mend(random, shape, next)) result = std::move(next);
  }
  return result;
}

namespace {

std::string without_needless_quotes(const std::string& from) {
  const auto is_quote = [](char c) { return c == '"' || c == '`'; };
  std::string text;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const char quote = from[i];
    std::size_t end = i + 1;
    while (is_quote(quote) && end < from.size() && from[end] != quote) ++end;
    const std::string_view inner = std::string_view(from).substr(i + 1, end - i - 1);
    const bool bare = is_quote(quote) && end < from.size() && !inner.empty() &&
                      std::all_of(inner.begin(), inner.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9'); });
    if (bare && (end + 1 == from.size() || from[end + 1] != quote) && (i == 0 || from[i - 1] != quote)) {
      text += inner;
      i = end;
    } else {
      text += quote;
    }
  }
  return text;
}

}  // namespace

Metadata without_needless_quotes(Metadata schema) {
  const auto change = [](schema::Expression& expression) {
    expression.declared = without_needless_quotes(expression.declared);
    expression.canonical = without_needless_quotes(expression.canonical);
  };
  for (auto& [name, table] : schema.tables.writable()) for_each_expression(table, change);
  for (auto& [key, object] : schema.objects.writable()) change(object.definition);
  return schema;
}

bool equivalent_but_for_stale(const Metadata& result, const Metadata& expected, const schema::Comparison& how) {
  Metadata a = without_needless_quotes(result);
  Metadata b = without_needless_quotes(expected);
  const auto forget = [](schema::Expression& expression) { expression = "?"; };
  for (auto& [key, object] : a.objects.writable()) {
    schema::Object* other = b.objects.get(key);
    if (!object.definition.stale || !other) continue;
    forget(object.definition);
    forget(other->definition);
  }
  for (auto& [name, table] : a.tables.writable()) {
    Table* other = b.find_table(name);
    if (!other || !is_stale(table)) continue;
    for_each_expression(table, forget);
    for_each_expression(*other, forget);
  }
  return schema::equivalent(a, b, how);
}

}  // namespace aludel::test
