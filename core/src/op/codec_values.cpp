#include "op/codec_values.hpp"

#include <aludel/op/codec.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace aludel::op::codec {

void fail(std::string_view file, Mark mark, std::string message, std::string hint) {
  throw Error(ErrorKind::syntax, std::move(message)).with_hint(std::move(hint)).at({std::string(file), mark.line, mark.column});
}

namespace {

std::string with_article(std::string_view type) {
  if (type == "null" || type == "bytes") return std::string(type);
  const bool vowel = std::string_view("aeiou").find(type.front()) != std::string_view::npos;
  return (vowel ? "an " : "a ") + std::string(type);
}

}  // namespace

void fail_type(const Input& input, std::string_view expected) {
  fail(input.file, input.value.mark, input.name + " must be " + std::string(expected) + ", not " + with_article(input.value.type_name()));
}

const std::string& text_of(const Input& input, std::string_view expected) {
  if (!input.value.string()) fail_type(input, expected);
  return *input.value.string();
}

// JSON Schema

Value Schemas::of_type(std::string_view type) {
  Value result;
  result.set("type", type);
  return result;
}
Value Schemas::one_of(Value::Array alternatives) {
  Value result;
  result.set("oneOf", std::move(alternatives));
  return result;
}
Value Schemas::array_of(Value items) {
  auto result = of_type("array");
  result.set("items", std::move(items));
  return result;
}
Value Schemas::described(Value schema, std::string_view documentation) {
  schema.set("description", documentation);
  return schema;
}
Value Schemas::reference(std::string_view name) {
  Value result;
  result.set("$ref", "#/$defs/" + std::string(name));
  return result;
}
Value Schemas::definitions() const {
  Value result{Value::Object{}};
  for (const auto& [name, schema] : definitions_) result.set(name, schema);
  return result;
}

// Plain values

namespace {

std::string to_hex(const Bytes& bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const auto byte : bytes) {
    text += digits[std::to_integer<unsigned>(byte) >> 4];
    text += digits[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes bytes(text.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    unsigned byte = 0;
    const auto* begin = text.data() + 2 * i;
    const auto [end, error] = std::from_chars(begin, begin + 2, byte, 16);
    if (error != std::errc() || end != begin + 2) return std::nullopt;
    bytes[i] = static_cast<std::byte>(byte);
  }
  return bytes;
}

bool is_escape(std::string_view key) { return key == "null" || key == "hex" || key == "float" || key == "table"; }

Value single(std::string_view key, Value value) {
  Value result;
  result.set(std::string(key), std::move(value));
  return result;
}

Value decode_escape(const Member& member, std::string_view file) {
  const Input input{member.value, file, quoted(member.key)};
  if (member.key == "null") {
    if (!member.value.boolean() || !*member.value.boolean()) fail_type(input, "true, as in {null = true}");
    return {};
  }
  if (member.key == "hex") {
    auto bytes = from_hex(text_of(input, "a string of hexadecimal digits"));
    if (!bytes) fail(file, member.value.mark, "'hex' must be pairs of hexadecimal digits, as in {hex = \"00ff\"}");
    return *std::move(bytes);
  }
  if (member.key == "float") {
    const auto& text = text_of(input, "\"nan\", \"inf\" or \"-inf\"");
    if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
    if (text == "inf") return std::numeric_limits<double>::infinity();
    if (text == "-inf") return -std::numeric_limits<double>::infinity();
    fail(file, member.value.mark, "'float' must be \"nan\", \"inf\" or \"-inf\", not " + quoted(text));
  }
  const auto* object = member.value.object();
  if (!object) fail_type(input, "a table");
  Value::Object result;
  for (const auto& entry : *object) result.push_back({entry.key, decode_plain(entry.value, file)});
  return result;
}

}  // namespace

Value encode_plain(const Value& value) {
  if (value.is_null()) return single("null", true);
  if (const auto* bytes = value.bytes()) return single("hex", to_hex(*bytes));
  if (const auto* number = value.number(); number && !std::isfinite(*number)) {
    return single("float", std::isnan(*number) ? "nan" : *number > 0 ? "inf" : "-inf");
  }
  if (const auto* array = value.array()) {
    Value::Array result;
    for (const auto& item : *array) result.push_back(encode_plain(item));
    return result;
  }
  if (const auto* object = value.object()) {
    Value::Object members;
    for (const auto& member : *object) members.push_back({member.key, encode_plain(member.value)});
    const bool ambiguous = members.size() == 1 && is_escape(members.front().key);
    return ambiguous ? single("table", std::move(members)) : Value(std::move(members));
  }
  return value;
}

Value decode_plain(const Value& value, std::string_view file) {
  if (const auto* array = value.array()) {
    Value::Array result;
    for (const auto& item : *array) result.push_back(decode_plain(item, file));
    return result;
  }
  if (const auto* object = value.object()) {
    if (object->size() == 1 && is_escape(object->front().key)) return decode_escape(object->front(), file);
    Value::Object members;
    for (const auto& member : *object) members.push_back({member.key, decode_plain(member.value, file)});
    return members;
  }
  return value;
}

// Names

void Codec<Name>::decode(const Input& input, Name& name) {
  const auto& text = text_of(input, "a name, as \"table\" or \"schema.table\"");
  name = at_place(input, [&] { return schema::parse_name(text); });
}

Value Codec<ColumnPath>::encode(const ColumnPath& path) {
  std::vector<std::string> parts;
  if (!path.table.schema.empty()) parts.push_back(path.table.schema);
  parts.push_back(path.table.name);
  parts.push_back(path.column);
  return join_name(parts);
}

void Codec<ColumnPath>::decode(const Input& input, ColumnPath& path) {
  const auto& text = text_of(input, "a column's name, as \"table.column\"");
  auto parts = at_place(input, [&] { return split_name(text); });
  if (parts.size() != 2 && parts.size() != 3) {
    fail(input.file, input.value.mark, input.name + " must name a column, as \"table.column\" or \"schema.table.column\", not " + quoted(text),
         parts.size() > 3 ? "double-quote a part that has a dot in it" : "");
  }
  path.column = std::move(parts.back());
  path.table.name = std::move(parts[parts.size() - 2]);
  if (parts.size() == 3) path.table.schema = std::move(parts[0]);
}

Value Codec<SimpleName>::encode(const SimpleName& name) { return join_name(std::array{name.name}); }

void Codec<SimpleName>::decode(const Input& input, SimpleName& name) {
  const auto& text = text_of(input, "a name");
  auto parts = at_place(input, [&] { return split_name(text); });
  if (parts.size() != 1) {
    fail(input.file, input.value.mark, input.name + " must be a name of one part, not " + quoted(text), "double-quote a name that has a dot in it");
  }
  name.name = std::move(parts.front());
}

namespace {

/// As join_name, but with the characters that part a reference's columns quoted too.
std::string reference_part(const std::string& part) {
  auto text = join_name(std::array{part});
  if (text == part && part.find_first_of("(),\"") != std::string::npos) text = '"' + text + '"';
  return text;
}

/// Cuts at `separator` outside double quotes.
std::vector<std::string> split_unquoted(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  bool inside = false;
  for (const char c : text) {
    if (c == '"') inside = !inside;
    if (c == separator && !inside) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

}  // namespace

Value Codec<Reference>::encode(const Reference& reference) {
  std::string text;
  if (!reference.table.schema.empty()) text = reference_part(reference.table.schema) + '.';
  text += reference_part(reference.table.name);
  if (reference.columns.empty()) return text;
  std::vector<std::string> columns;
  for (const auto& column : reference.columns) columns.push_back(reference_part(column));
  return text + '(' + join(columns, ", ") + ')';
}

void Codec<Reference>::decode(const Input& input, Reference& reference) {
  const auto& text = text_of(input, "what is referenced, as \"team(id)\"");
  const auto malformed = [&] {
    fail(input.file, input.value.mark,
         input.name + " must say what is referenced, as \"team(id)\" or \"schema.team(id, other)\", not " + quoted(text));
  };
  auto parts = split_unquoted(text, '(');
  if (parts.size() > 2) malformed();
  reference.table = at_place(input, [&] { return schema::parse_name(trim(parts[0])); });
  if (parts.size() == 1) return;
  const auto list = split_unquoted(parts[1], ')');
  if (list.size() != 2 || !trim(list[1]).empty()) malformed();
  for (const auto& part : split_unquoted(list[0], ',')) {
    auto column = at_place(input, [&] { return split_name(trim(part)); });
    if (column.size() != 1) malformed();
    reference.columns.push_back(std::move(column.front()));
  }
}

// SQL

void Codec<Type>::decode(const Input& input, Type& type) {
  const auto& text = text_of(input, "a type, as \"varchar(80)\"");
  type = at_place(input, [&] { return schema::parse_type(text); });
}

Value Codec<Expression>::encode(const Expression& expression) { return expression.declared.empty() ? expression.canonical : expression.declared; }

void Codec<Expression>::decode(const Input& input, Expression& expression) {
  if (const auto* truth = input.value.boolean()) {
    expression = Expression(*truth ? "true" : "false");
  } else if (const auto* integer = input.value.integer()) {
    expression = Expression(std::to_string(*integer));
  } else if (const auto* number = input.value.number()) {
    if (!std::isfinite(*number)) fail(input.file, input.value.mark, input.name + " must be a finite number or SQL text");
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), *number).ptr;
    expression = Expression(std::string(buffer.data(), end));
  } else {
    expression = Expression(text_of(input, "an SQL expression in a string"));
  }
}

Value Codec<Expression>::schema(Schemas&) {
  Value result;
  result.set("type", Value::Array{"string", "number", "boolean"});
  return result;
}

Value Codec<SqlByDialect>::encode(const SqlByDialect& sql) {
  if (sql.size() == 1 && sql.begin()->first == "default") return sql.begin()->second;
  Value::Object members;
  for (const auto& [dialect, text] : sql) members.push_back({dialect, text});
  return members;
}

void Codec<SqlByDialect>::decode(const Input& input, SqlByDialect& sql) {
  if (const auto* text = input.value.string()) {
    sql.emplace("default", *text);
    return;
  }
  const auto* object = input.value.object();
  if (!object) fail_type(input, "a string of SQL, or a table with one for each dialect");
  for (const auto& member : *object) sql.emplace(member.key, text_of({member.value, input.file, quoted(member.key)}, "a string of SQL"));
}

Value Codec<SqlByDialect>::schema(Schemas&) {
  auto by_dialect = Schemas::of_type("object");
  by_dialect.set("additionalProperties", Schemas::of_type("string"));
  return Schemas::one_of({Schemas::of_type("string"), std::move(by_dialect)});
}

Value Codec<Options>::encode(const Options& options) {
  Value::Object dialects;
  for (const auto& [dialect, entries] : options) {
    Value::Object members;
    for (const auto& [key, value] : entries) members.push_back({key, encode_plain(value)});
    dialects.push_back({dialect, std::move(members)});
  }
  return dialects;
}

void Codec<Options>::decode(const Input& input, Options& options) {
  const auto* dialects = input.value.object();
  if (!dialects) fail_type(input, "a table of dialects, as {mysql = {engine = \"InnoDB\"}}");
  for (const auto& dialect : *dialects) {
    const auto* entries = dialect.value.object();
    if (!entries) fail_type({dialect.value, input.file, quoted(dialect.key)}, "a table of options");
    auto& target = options[dialect.key];
    for (const auto& entry : *entries) target[entry.key] = decode_plain(entry.value, input.file);
  }
}

Value Codec<Options>::schema(Schemas&) {
  auto result = Schemas::of_type("object");
  result.set("additionalProperties", Schemas::of_type("object"));
  return result;
}

Value Codec<Row>::encode(const Row& row) {
  Value::Object members;
  for (const auto& [column, value] : row) members.push_back({column, encode_plain(value)});
  return members;
}

void Codec<Row>::decode(const Input& input, Row& row) {
  const auto* object = input.value.object();
  if (!object) fail_type(input, "a table of columns and their values");
  for (const auto& member : *object) row.emplace_back(member.key, decode_plain(member.value, input.file));
}

Value Codec<Operation>::encode(const Operation& operation) { return op::encode(operation); }
void Codec<Operation>::decode(const Input& input, Operation& operation) { operation = op::decode(input.value, input.file); }
Value Codec<std::vector<Operation>>::encode(const std::vector<Operation>& operations) { return op::encode(std::span(operations)); }
void Codec<std::vector<Operation>>::decode(const Input& input, std::vector<Operation>& operations) {
  if (!input.value.array()) fail_type(input, "a list of operations");
  operations = decode_all(input.value, input.file);
}

std::size_t find_word(const Input& input, const std::vector<std::string>& words) {
  const auto expected = [&] {
    std::vector<std::string> list;
    for (const auto& word : words) list.push_back('"' + word + '"');
    return (list.size() == 2 ? "" : "one of ") + join(list, list.size() == 2 ? " or " : ", ");
  };
  const auto& text = text_of(input, expected());
  auto normal = to_lower(text);
  std::replace(normal.begin(), normal.end(), '_', ' ');
  const auto found = std::find(words.begin(), words.end(), normal);
  if (found == words.end()) {
    fail(input.file, input.value.mark, input.name + " must be " + expected() + ", not " + quoted(text) + did_you_mean(normal, words));
  }
  return static_cast<std::size_t>(found - words.begin());
}

}  // namespace aludel::op::codec
