#include <aludel/schema/json_schema.hpp>

#include <aludel/text.hpp>

#include <charconv>
#include <limits>
#include <optional>

namespace aludel::schema {

namespace {

Value object(Value::Object members) { return Value(std::move(members)); }

template <class Integer>
Value integers() {
  return object({{"type", "integer"},
                 {"minimum", std::int64_t{std::numeric_limits<Integer>::min()}},
                 {"maximum", std::int64_t{std::numeric_limits<Integer>::max()}}});
}

Value bounded_text(const Type& type) {
  Value result = object({{"type", "string"}});
  if (type.length) result.set("maxLength", *type.length);
  return result;
}

Value decimal(const Type& type) {
  std::string pattern = "^-?[0-9]+";
  if (!type.precision) {
    pattern += "(\\.[0-9]+)?";
  } else if (type.scale.value_or(0) > 0) {
    pattern += "(\\.[0-9]{1," + std::to_string(*type.scale) + "})?";
  }
  return object({{"type", "string"}, {"pattern", pattern + "$"}});
}

Value text_of_format(const char* format) { return object({{"type", "string"}, {"format", format}}); }

Value type_schema(const Type& type) {
  switch (type.kind) {
    case TypeKind::boolean:
      return object({{"type", "boolean"}});
    case TypeKind::smallint:
      return integers<std::int16_t>();
    case TypeKind::integer:
      return integers<std::int32_t>();
    case TypeKind::bigint:
      return object({{"type", "integer"}, {"format", "int64"}});
    case TypeKind::real:
    case TypeKind::double_precision:
      return object({{"type", "number"}});
    case TypeKind::decimal:
      return decimal(type);
    case TypeKind::text:
    case TypeKind::varchar:
    case TypeKind::character:
      return bounded_text(type);
    case TypeKind::binary:
      return object({{"type", "string"}, {"contentEncoding", "base64"}});
    case TypeKind::date:
      return text_of_format("date");
    case TypeKind::time:
      return text_of_format("time");
    case TypeKind::timestamp:
      return text_of_format("date-time");
    case TypeKind::interval:
      return text_of_format("duration");
    case TypeKind::uuid:
      return text_of_format("uuid");
    case TypeKind::json:
      return object({});  // anything
    case TypeKind::enumeration: {
      Value::Array values;
      for (const auto& value : type.values) values.emplace_back(value);
      return object({{"type", "string"}, {"enum", std::move(values)}});
    }
    case TypeKind::array:
      return object({{"type", "array"}, {"items", type.element.empty() ? object({}) : type_schema(type.element.front())}});
    case TypeKind::native:
      return object({{"$comment", to_text(type)}});
  }
  return object({});
}

void allow_null(Value& schema) {
  Value* type = schema.find("type");
  if (type == nullptr) return;
  *type = Value::Array{*type, "null"};
  if (Value* values = schema.find("enum")) values->array()->emplace_back(nullptr);
}

/// What a plain literal says; expressions are the database's business.
std::optional<Value> literal(const std::string& sql, TypeKind kind) {
  const std::string lower = to_lower(sql);
  if (lower == "true" || lower == "false") return Value(lower == "true");
  if (kind == TypeKind::boolean && (sql == "0" || sql == "1")) return Value(sql == "1");
  if (sql.size() >= 2 && sql.front() == '\'' && sql.back() == '\'') {
    std::string text;
    for (std::size_t i = 1; i + 1 < sql.size(); ++i) {
      if (sql[i] == '\'' && (++i + 1 >= sql.size() || sql[i] != '\'')) return std::nullopt;  // two literals and something between
      text += sql[i];
    }
    return Value(text);
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(sql.data(), sql.data() + sql.size(), number);
  const bool whole = error == std::errc() && end == sql.data() + sql.size();
  const bool wanted = kind == TypeKind::smallint || kind == TypeKind::integer || kind == TypeKind::bigint || kind == TypeKind::real ||
                      kind == TypeKind::double_precision;
  return whole && wanted ? std::optional<Value>(number) : std::nullopt;
}

Value column_schema(const Column& column) {
  Value result = type_schema(column.type);
  if (column.nullable) allow_null(result);
  if (!column.comment.empty()) result.set("description", column.comment);
  if (column.server_default) {
    if (auto value = literal(column.server_default->declared, column.type.kind)) result.set("default", std::move(*value));
  }
  if (column.generated || (column.identity && column.identity->always)) result.set("readOnly", true);
  return result;
}

bool must_be_said(const Column& column) { return !column.nullable && !column.server_default && !column.identity && !column.generated; }

}  // namespace

Value json_schema(const Table& table) {
  Value properties = object({});
  Value::Array required;
  for (const auto& column : table.columns) {
    properties.set(column.name, column_schema(column));
    if (must_be_said(column)) required.emplace_back(column.name);
  }
  Value result = object({{"title", table.name.text()}, {"type", "object"}});
  if (!table.comment.empty()) result.set("description", table.comment);
  result.set("properties", std::move(properties));
  if (!required.empty()) result.set("required", std::move(required));
  result.set("additionalProperties", table.partial);
  return result;
}

Value json_schema(const Metadata& metadata) {
  Value definitions = object({});
  for (const auto& [name, table] : metadata.tables) {
    if (!table.external) definitions.set(name.text(), json_schema(table));
  }
  return object({{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"$defs", std::move(definitions)}});
}

}  // namespace aludel::schema
