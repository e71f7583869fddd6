#include "render_text.hpp"

#include "names.hpp"
#include "quoting.hpp"
#include "types.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace aludel::postgresql {

using schema::Column;
using schema::Constraint;
using schema::Table;

const Value* option(const schema::Options& options, std::string_view key) {
  const auto ours = options.find("postgresql");
  if (ours == options.end()) return nullptr;
  const auto found = ours->second.find(std::string(key));
  return found == ours->second.end() || found->second.is_null() ? nullptr : &found->second;
}

bool flag(const schema::Options& options, std::string_view key) {
  const Value* value = option(options, key);
  return value != nullptr && value->boolean() != nullptr && *value->boolean();
}

std::string text_option(const schema::Options& options, std::string_view key) {
  const Value* value = option(options, key);
  return value != nullptr && value->string() != nullptr ? *value->string() : std::string();
}

std::vector<std::string> list_option(const schema::Options& options, std::string_view key) {
  std::vector<std::string> list;
  const Value* value = option(options, key);
  if (value == nullptr || value->array() == nullptr) return list;
  for (const Value& item : *value->array()) {
    if (item.string() != nullptr) list.push_back(*item.string());
  }
  return list;
}

const std::string& sql_of(const schema::Expression& expression) { return expression.declared.empty() ? expression.canonical : expression.declared; }

std::string identifier_list(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + quote_identifier(name);
  return list;
}

std::string parameter_list(const Value& parameters) {
  std::string list;
  if (parameters.object() == nullptr) return list;
  for (const Member& member : *parameters.object()) {
    // A storage parameter may be of another space: toast.autovacuum_enabled.
    const std::size_t dot = member.key.find('.');
    const std::string key = dot == std::string::npos
                                ? quote_identifier(member.key)
                                : quote_identifier(member.key.substr(0, dot)) + "." + quote_identifier(member.key.substr(dot + 1));
    const std::string value = member.value.string() != nullptr ? *member.value.string() : to_json(member.value);
    list += fmt::format("{}{} = {}", list.empty() ? "" : ", ", key, quote_literal(Value(value)));
  }
  return list;
}

std::string with_clause(const schema::Options& options) {
  const Value* parameters = option(options, "with");
  const std::string list = parameters == nullptr ? std::string() : parameter_list(*parameters);
  return list.empty() ? list : " WITH (" + list + ")";
}

std::vector<std::string> parameter_changes(const Value* from, const Value* to) {
  Value set;
  std::string reset;
  if (to != nullptr && to->object() != nullptr) {
    for (const Member& member : *to->object()) {
      const Value* held = from == nullptr ? nullptr : from->find(member.key);
      if (held == nullptr || !(*held == member.value)) set.set(member.key, member.value);
    }
  }
  if (from != nullptr && from->object() != nullptr) {
    for (const Member& member : *from->object()) {
      if (to != nullptr && to->find(member.key) != nullptr) continue;
      Value one;
      one.set(member.key, member.value);
      const std::string text = parameter_list(one);
      reset += (reset.empty() ? "" : ", ") + text.substr(0, text.rfind(" = "));
    }
  }
  std::vector<std::string> changes;
  if (set.object() != nullptr) changes.push_back("SET (" + parameter_list(set) + ")");
  if (!reset.empty()) changes.push_back("RESET (" + reset + ")");
  return changes;
}

std::string foreign_option_changes(const Value* from, const Value* to) {
  std::string list;
  const auto add = [&](const std::string& text) { list += (list.empty() ? "" : ", ") + text; };
  if (to != nullptr && to->object() != nullptr) {
    for (const Member& member : *to->object()) {
      const Value* held = from == nullptr ? nullptr : from->find(member.key);
      if (held != nullptr && *held == member.value) continue;
      add(fmt::format("{} {} {}", held == nullptr ? "ADD" : "SET", quote_identifier(member.key), quote_literal(member.value)));
    }
  }
  if (from != nullptr && from->object() != nullptr) {
    for (const Member& member : *from->object()) {
      if (to == nullptr || to->find(member.key) == nullptr) add("DROP " + quote_identifier(member.key));
    }
  }
  return list.empty() ? list : "OPTIONS (" + list + ")";
}

std::string foreign_options_clause(const schema::Options& options) {
  const Value* all = option(options, "foreign_options");
  std::string list;
  if (all != nullptr && all->object() != nullptr) {
    for (const Member& member : *all->object()) {
      list += fmt::format("{}{} {}", list.empty() ? "" : ", ", quote_identifier(member.key), quote_literal(member.value));
    }
  }
  return list.empty() ? list : " OPTIONS (" + list + ")";
}

std::string collation_sql(std::string_view name) { return quote_name(schema::parse_name(name)); }

std::string index_name(const schema::Name& table, std::string_view index) { return quote_name({table.schema, std::string(index)}); }

std::string sequence_options(const schema::Identity& settings) {
  std::vector<std::string> parts;
  const auto add = [&](std::string_view word, const std::optional<std::int64_t>& value) {
    if (value) parts.push_back(fmt::format("{} {}", word, *value));
  };
  add("INCREMENT BY", settings.increment);
  add("MINVALUE", settings.minimum);
  add("MAXVALUE", settings.maximum);
  add("START WITH", settings.start);
  add("CACHE", settings.cache);
  if (settings.cycle) parts.emplace_back("CYCLE");
  return join(parts, " ");
}

std::string identity_clause(const Column& column) {
  std::string inner = sequence_options(*column.identity);
  if (const std::string name = text_option(column.options, "sequence_name"); !name.empty()) {
    inner = "SEQUENCE NAME " + quote_identifier(name) + (inner.empty() ? "" : " ") + inner;
  }
  return fmt::format("GENERATED {} AS IDENTITY{}", column.identity->always ? "ALWAYS" : "BY DEFAULT", inner.empty() ? "" : " (" + inner + ")");
}

std::string identity_sequence(const schema::Table& table, const schema::Column& column) {
  const std::string said = text_option(column.options, "sequence_name");
  return said.empty() ? object_name(table.name.name, column.name, "seq") : said;
}

std::string column_definition(const Column& column) {
  std::string text = quote_identifier(column.name) + " " + type_text(column.type);
  if (const std::string method = text_option(column.options, "compression"); !method.empty()) text += " COMPRESSION " + quote_identifier(method);
  text += foreign_options_clause(column.options);
  if (!column.collation.empty()) text += " COLLATE " + collation_sql(column.collation);
  if (column.identity) {
    text += " " + identity_clause(column);
  } else if (column.generated) {
    text += fmt::format(" GENERATED ALWAYS AS ({}){}", sql_of(column.generated->expression), column.generated->stored ? " STORED" : " VIRTUAL");
  } else if (column.server_default) {
    text += " DEFAULT " + sql_of(*column.server_default);
  }
  if (column.nullable) return text;
  if (const std::string name = text_option(column.options, "not_null_name"); !name.empty()) text += " CONSTRAINT " + quote_identifier(name);
  text += " NOT NULL";
  if (flag(column.options, "not_null_no_inherit")) text += " NO INHERIT";
  return text;
}

namespace {

std::string_view action_text(schema::ForeignKeyAction action) {
  switch (action) {
    case schema::ForeignKeyAction::no_action:
      return "NO ACTION";
    case schema::ForeignKeyAction::restrict:
      return "RESTRICT";
    case schema::ForeignKeyAction::cascade:
      return "CASCADE";
    case schema::ForeignKeyAction::set_null:
      return "SET NULL";
    case schema::ForeignKeyAction::set_default:
      return "SET DEFAULT";
  }
  return "NO ACTION";
}

std::string part_columns(const std::vector<schema::IndexPart>& parts) {
  std::vector<std::string> names;
  for (const auto& part : parts) names.push_back(part.column);
  return identifier_list(names);
}

std::string index_space(const schema::Options& options) {
  const std::string space = text_option(options, "tablespace");
  return space.empty() ? space : " USING INDEX TABLESPACE " + quote_identifier(space);
}

std::string include_clause(const std::vector<std::string>& columns) {
  return columns.empty() ? std::string() : " INCLUDE (" + identifier_list(columns) + ")";
}

struct ConstraintText {
  std::string operator()(const schema::PrimaryKey& key) const {
    return fmt::format("PRIMARY KEY ({}){}{}{}{}", part_columns(key.columns), include_clause(list_option(key.options, "include")),
                       with_clause(key.options), index_space(key.options), deferrable_clause(key.deferrable));
  }
  std::string operator()(const schema::Unique& key) const {
    return fmt::format("UNIQUE{} ({}){}{}{}{}", key.nulls_distinct ? "" : " NULLS NOT DISTINCT", part_columns(key.columns),
                       include_clause(key.include), with_clause(key.options), index_space(key.options), deferrable_clause(key.deferrable));
  }
  std::string operator()(const schema::Check& check) const {
    return fmt::format("CHECK ({}){}{}", sql_of(check.expression), check.inherit ? "" : " NO INHERIT", check.enforced ? "" : " NOT ENFORCED");
  }
  std::string operator()(const schema::ForeignKey& key) const {
    std::string text = fmt::format("FOREIGN KEY ({}) REFERENCES {}", identifier_list(key.columns), quote_name(key.referenced_table));
    if (!key.referenced_columns.empty()) text += " (" + identifier_list(key.referenced_columns) + ")";
    if (key.match == schema::Match::full) text += " MATCH FULL";
    if (key.match == schema::Match::partial) text += " MATCH PARTIAL";
    if (key.on_update != schema::ForeignKeyAction::no_action) text += fmt::format(" ON UPDATE {}", action_text(key.on_update));
    if (key.on_delete != schema::ForeignKeyAction::no_action) text += fmt::format(" ON DELETE {}", action_text(key.on_delete));
    if (!key.on_delete_columns.empty()) text += " (" + identifier_list(key.on_delete_columns) + ")";
    text += deferrable_clause(key.deferrable);
    return flag(key.options, "not_enforced") ? text + " NOT ENFORCED" : text;
  }
  std::string operator()(const schema::Exclude& exclude) const {
    std::string elements;
    for (const auto& element : exclude.elements) {
      elements += fmt::format("{}{} WITH {}", elements.empty() ? "" : ", ", index_part(element.part), element.with);
    }
    return fmt::format("EXCLUDE{} ({}){}{}{}{}{}", exclude.method.empty() ? "" : " USING " + quote_identifier(exclude.method), elements,
                       include_clause(list_option(exclude.options, "include")), with_clause(exclude.options), index_space(exclude.options),
                       exclude.where ? " WHERE (" + sql_of(*exclude.where) + ")" : "", deferrable_clause(exclude.deferrable));
  }
};

}  // namespace

std::string deferrable_clause(schema::Deferrable deferrable) {
  switch (deferrable) {
    case schema::Deferrable::no:
      return {};
    case schema::Deferrable::initially_immediate:
      return " DEFERRABLE";
    case schema::Deferrable::initially_deferred:
      return " DEFERRABLE INITIALLY DEFERRED";
  }
  return {};
}

std::string constraint_definition(const Constraint& constraint) {
  const std::string& name = name_of(constraint);
  return (name.empty() ? std::string() : "CONSTRAINT " + quote_identifier(name) + " ") + std::visit(ConstraintText{}, constraint);
}

std::string index_part(const schema::IndexPart& part) {
  std::string text = part.expression ? "(" + sql_of(*part.expression) + ")" : quote_identifier(part.column);
  if (!part.collation.empty()) text += " COLLATE " + collation_sql(part.collation);
  if (!part.operator_class.empty()) text += " " + part.operator_class;
  if (part.order == schema::Order::descending) text += " DESC";
  if (part.nulls == schema::Nulls::first) text += " NULLS FIRST";
  if (part.nulls == schema::Nulls::last) text += " NULLS LAST";
  return text;
}

std::string create_index(const schema::Name& table, const schema::Index& index, bool concurrently, bool if_not_exists, bool only) {
  std::string parts;
  for (const auto& part : index.columns) parts += (parts.empty() ? "" : ", ") + index_part(part);
  const std::string method = text_option(index.options, "using");
  const std::string space = text_option(index.options, "tablespace");
  return fmt::format("CREATE {}INDEX {}{}{}ON {}{}{} ({}){}{}{}{}{}", index.unique ? "UNIQUE " : "", concurrently ? "CONCURRENTLY " : "",
                     if_not_exists ? "IF NOT EXISTS " : "", index.name.empty() ? std::string() : quote_identifier(index.name) + " ",
                     only ? "ONLY " : "", quote_name(table), method.empty() ? "" : " USING " + quote_identifier(method), parts,
                     include_clause(index.include), index.nulls_distinct ? "" : " NULLS NOT DISTINCT", with_clause(index.options),
                     space.empty() ? "" : " TABLESPACE " + quote_identifier(space), index.where ? " WHERE (" + sql_of(*index.where) + ")" : "");
}

bool is_foreign(const Table& table) { return option(table.options, "foreign_server") != nullptr; }
bool is_partitioned(const Table& table) { return option(table.options, "partition_by") != nullptr; }
std::string_view table_word(const Table& table) { return is_foreign(table) ? "FOREIGN TABLE" : "TABLE"; }

std::string create_table(const Table& table, bool if_not_exists) {
  const std::string of_type = text_option(table.options, "of_type");
  std::vector<std::string> lines;
  for (const Column& column : table.columns) {
    if (is_inherited(column.options)) continue;
    if (of_type.empty()) {
      lines.push_back(column_definition(column));
      continue;
    }
    // Name and type come with the type of the table.
    std::string tail;
    if (column.identity) tail += " " + identity_clause(column);
    if (column.server_default) tail += " DEFAULT " + sql_of(*column.server_default);
    if (!column.nullable) tail += " NOT NULL";
    if (!tail.empty()) lines.push_back(quote_identifier(column.name) + " WITH OPTIONS" + tail);
  }
  const std::vector<std::string> parents = list_option(table.options, "inherits");
  for (const Constraint& constraint : table.constraints) {
    // What a parent has, its child gets with it; a partition is only attached to its parent later.
    if (is_inherited(options_of(constraint)) && !parents.empty()) continue;
    if (is_validated(constraint)) lines.push_back(constraint_definition(constraint));
  }
  std::string text = fmt::format("CREATE {}{} {}{}", flag(table.options, "unlogged") ? "UNLOGGED " : "", table_word(table),
                                 if_not_exists ? "IF NOT EXISTS " : "", quote_name(table.name));
  if (!of_type.empty()) text += " OF " + of_type;
  if (of_type.empty() || !lines.empty()) text += lines.empty() ? " ()" : " (\n  " + join(lines, ",\n  ") + "\n)";
  if (!parents.empty()) {
    std::vector<std::string> names;
    for (const std::string& parent : parents) names.push_back(quote_name(schema::parse_name(parent)));
    text += " INHERITS (" + join(names, ", ") + ")";
  }
  if (const std::string key = text_option(table.options, "partition_by"); !key.empty()) text += " PARTITION BY " + key;
  if (const std::string method = text_option(table.options, "access_method"); !method.empty()) text += " USING " + quote_identifier(method);
  if (is_foreign(table)) {
    text += " SERVER " + quote_identifier(text_option(table.options, "foreign_server")) + foreign_options_clause(table.options);
  }
  text += with_clause(table.options);
  if (const std::string space = text_option(table.options, "tablespace"); !space.empty()) text += " TABLESPACE " + quote_identifier(space);
  return text;
}

bool is_inherited(const schema::Options& options) { return flag(options, "inherited"); }

bool is_validated(const Constraint& constraint) {
  if (const auto* check = std::get_if<schema::Check>(&constraint)) return check->validated || !check->enforced;
  if (const auto* key = std::get_if<schema::ForeignKey>(&constraint)) return key->validated || flag(key->options, "not_enforced");
  return true;
}

const schema::Options& options_of(const Constraint& constraint) {
  return std::visit([](const auto& one) -> const schema::Options& { return one.options; }, constraint);
}

const std::string& comment_of(const Constraint& constraint) {
  return std::visit([](const auto& one) -> const std::string& { return one.comment; }, constraint);
}

std::string comment_on(std::string_view what, std::string_view text) {
  return fmt::format("COMMENT ON {} IS {}", what, text.empty() ? "NULL" : quote_literal(Value(std::string(text))));
}

}  // namespace aludel::postgresql
