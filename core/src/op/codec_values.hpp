#pragma once

#include <aludel/error.hpp>
#include <aludel/op/operation.hpp>
#include <aludel/text.hpp>
#include <aludel/value.hpp>

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// How single values stand in a document. `Codec<T>` says it once for writing, reading and the JSON Schema; what has keys is in codec_tables.hpp.
namespace aludel::op::codec {

/// A node that is being read, and what to call it in a message: "'nullable'", "an entry of 'columns'".
struct Input {
  const Value& value;
  std::string_view file;
  std::string name;
};

[[noreturn]] void fail(std::string_view file, Mark mark, std::string message, std::string hint = {});
[[noreturn]] void fail_type(const Input& input, std::string_view expected);
/// Runs a parser of ours and gives its errors the node's place.
template <class F>
auto at_place(const Input& input, F&& parse) {
  try {
    return parse();
  } catch (Error& error) {
    error.set_location({std::string(input.file), input.value.mark.line, input.value.mark.column});
    error.add_context("while reading " + input.name);
    throw;
  }
}
const std::string& text_of(const Input& input, std::string_view expected = "a string");

/// JSON Schema fragments under construction, and the named ones among them ($defs).
class Schemas {
 public:
  static Value of_type(std::string_view type);
  static Value one_of(Value::Array alternatives);
  static Value array_of(Value items);
  static Value described(Value schema, std::string_view documentation);
  static Value reference(std::string_view name);
  /// Reserves a name before it is built, so that definitions may refer to themselves; false if it is there already.
  bool begin(std::string_view name) { return definitions_.emplace(std::string(name), Value(Value::Object{})).second; }
  void finish(std::string_view name, Value schema) { definitions_[std::string(name)] = std::move(schema); }
  Value definitions() const;

 private:
  std::map<std::string, Value> definitions_;
};

/// Any value in a form that TOML and JSON can hold, and back: null is {null = true}, bytes are {hex = "00ff"}, what is no finite number is
/// {float = "nan"}, and a table that would be taken for one of these is wrapped as {table = {...}}.
Value encode_plain(const Value& value);
Value decode_plain(const Value& value, std::string_view file);

template <class T>
struct Codec;

template <class T>
Value encode_value(const T& value) {
  return Codec<T>::encode(value);
}
template <class T>
T decode_value(const Input& input) {
  T result{};
  Codec<T>::decode(input, result);
  return result;
}

template <>
struct Codec<std::string> {
  static Value encode(const std::string& value) { return value; }
  static void decode(const Input& input, std::string& value) { value = text_of(input); }
  static Value schema(Schemas&) { return Schemas::of_type("string"); }
};

template <>
struct Codec<bool> {
  static Value encode(bool value) { return value; }
  static void decode(const Input& input, bool& value) {
    if (!input.value.boolean()) fail_type(input, "true or false");
    value = *input.value.boolean();
  }
  static Value schema(Schemas&) { return Schemas::of_type("boolean"); }
};

template <>
struct Codec<std::int64_t> {
  static Value encode(std::int64_t value) { return value; }
  static void decode(const Input& input, std::int64_t& value) {
    if (!input.value.integer()) fail_type(input, "an integer");
    value = *input.value.integer();
  }
  static Value schema(Schemas&) { return Schemas::of_type("integer"); }
};

template <>
struct Codec<int> {
  static Value encode(int value) { return value; }
  static void decode(const Input& input, int& value) {
    const auto wide = decode_value<std::int64_t>(input);
    if (wide < 0 || wide > std::numeric_limits<int>::max()) fail_type(input, "a number from 0 to 2147483647");
    value = static_cast<int>(wide);
  }
  static Value schema(Schemas&) { return Schemas::of_type("integer"); }
};

template <class T>
struct Codec<std::optional<T>> {
  static Value encode(const std::optional<T>& value) { return encode_value(*value); }
  static void decode(const Input& input, std::optional<T>& value) { value = decode_value<T>(input); }
  static Value schema(Schemas& schemas) { return Codec<T>::schema(schemas); }
};

template <class T>
struct Codec<schema::Boxed<T>> {
  static Value encode(const schema::Boxed<T>& value) { return encode_value(*value); }
  static void decode(const Input& input, schema::Boxed<T>& value) { value = decode_value<T>(input); }
  static Value schema(Schemas& schemas) { return Codec<T>::schema(schemas); }
};

template <class T>
struct Codec<std::vector<T>> {
  static Value encode(const std::vector<T>& values) {
    Value::Array array;
    array.reserve(values.size());
    for (const auto& value : values) array.push_back(encode_value(value));
    return array;
  }
  static void decode(const Input& input, std::vector<T>& values) {
    const auto* array = input.value.array();
    if (!array) fail_type(input, "a list");
    values.reserve(array->size());
    for (const auto& item : *array) {
      T value{};
      Codec<T>::decode({item, input.file, "an entry of " + input.name}, value);
      values.push_back(std::move(value));
    }
  }
  static Value schema(Schemas& schemas) { return Schemas::array_of(Codec<T>::schema(schemas)); }
};

template <>
struct Codec<Value> {
  static Value encode(const Value& value) { return encode_plain(value); }
  static void decode(const Input& input, Value& value) { value = decode_plain(input.value, input.file); }
  static Value schema(Schemas&) { return Value::Object{}; }
};

template <>
struct Codec<Name> {
  static Value encode(const Name& name) { return name.text(); }
  static void decode(const Input& input, Name& name);
  static Value schema(Schemas&) { return Schemas::of_type("string"); }
};

/// "table.column" or "schema.table.column".
struct ColumnPath {
  Name table;
  std::string column;
  bool operator==(const ColumnPath&) const = default;
};
template <>
struct Codec<ColumnPath> {
  static Value encode(const ColumnPath& path);
  static void decode(const Input& input, ColumnPath& path);
  static Value schema(Schemas&) { return Schemas::of_type("string"); }
};

/// A name of one part where others have a schema: quoted when odd, never "schema.name".
struct SimpleName {
  std::string name;
  bool operator==(const SimpleName&) const = default;
};
template <>
struct Codec<SimpleName> {
  static Value encode(const SimpleName& name);
  static void decode(const Input& input, SimpleName& name);
  static Value schema(Schemas&) { return Schemas::of_type("string"); }
};

/// "team(id)", "schema.team(id, other)", or "team" for its primary key.
struct Reference {
  Name table;
  std::vector<std::string> columns;
  bool operator==(const Reference&) const = default;
};
template <>
struct Codec<Reference> {
  static Value encode(const Reference& reference);
  static void decode(const Input& input, Reference& reference);
  static Value schema(Schemas&) { return Schemas::of_type("string"); }
};

template <>
struct Codec<Type> {
  static Value encode(const Type& type) { return schema::to_text(type); }
  static void decode(const Input& input, Type& type);
  static Value schema(Schemas&) { return Schemas::of_type("string"); }
};

/// A string of SQL; numbers and truth values are taken for the SQL they look like.
template <>
struct Codec<Expression> {
  static Value encode(const Expression& expression);
  static void decode(const Input& input, Expression& expression);
  static Value schema(Schemas&);
};

template <>
struct Codec<SqlByDialect> {
  static Value encode(const SqlByDialect& sql);
  static void decode(const Input& input, SqlByDialect& sql);
  static Value schema(Schemas&);
};

template <>
struct Codec<Options> {
  static Value encode(const Options& options);
  static void decode(const Input& input, Options& options);
  static Value schema(Schemas&);
};

template <>
struct Codec<Row> {
  static Value encode(const Row& row);
  static void decode(const Input& input, Row& row);
  static Value schema(Schemas&) { return Schemas::of_type("object"); }
};

template <>
struct Codec<Operation> {
  static Value encode(const Operation& operation);
  static void decode(const Input& input, Operation& operation);
  static Value schema(Schemas&) { return Schemas::reference("operation"); }
};
template <>
struct Codec<std::vector<Operation>> {
  static Value encode(const std::vector<Operation>& operations);
  static void decode(const Input& input, std::vector<Operation>& operations);
  static Value schema(Schemas& schemas) { return Schemas::array_of(Codec<Operation>::schema(schemas)); }
};

/// The words of an enumeration, first the one that is meant when nothing is said.
template <class E>
struct Words;
template <>
struct Words<schema::Order> {
  static constexpr std::pair<schema::Order, std::string_view> list[] = {{schema::Order::ascending, "asc"}, {schema::Order::descending, "desc"}};
};
template <>
struct Words<schema::Nulls> {
  static constexpr std::pair<schema::Nulls, std::string_view> list[] = {{schema::Nulls::first, "first"}, {schema::Nulls::last, "last"}};
};
template <>
struct Words<schema::ForeignKeyAction> {
  using Action = schema::ForeignKeyAction;
  static constexpr std::pair<Action, std::string_view> list[] = {{Action::no_action, "no action"},
                                                                 {Action::restrict, "restrict"},
                                                                 {Action::cascade, "cascade"},
                                                                 {Action::set_null, "set null"},
                                                                 {Action::set_default, "set default"}};
};
template <>
struct Words<schema::Deferrable> {
  static constexpr std::pair<schema::Deferrable, std::string_view> list[] = {{schema::Deferrable::initially_immediate, "immediate"},
                                                                             {schema::Deferrable::initially_deferred, "deferred"}};
};
template <>
struct Words<schema::Match> {
  static constexpr std::pair<schema::Match, std::string_view> list[] = {
      {schema::Match::simple, "simple"}, {schema::Match::full, "full"}, {schema::Match::partial, "partial"}};
};
template <>
struct Words<DataLoss> {
  static constexpr std::pair<DataLoss, std::string_view> list[] = {{DataLoss::review, "review"}, {DataLoss::accepted, "accepted"}};
};

/// The index of the word in the list, "set_null" and "SET NULL" being "set null"; throws with the words that are known.
std::size_t find_word(const Input& input, const std::vector<std::string>& words);

template <class E>
requires std::is_enum_v<E>
struct Codec<E> {
  static Value encode(E value) {
    for (const auto& [entry, word] : Words<E>::list) {
      if (entry == value) return word;
    }
    return {};
  }
  static std::vector<std::string> words() {
    std::vector<std::string> result;
    for (const auto& entry : Words<E>::list) result.emplace_back(entry.second);
    return result;
  }
  static void decode(const Input& input, E& value) { value = Words<E>::list[find_word(input, words())].first; }
  static Value schema(Schemas&) {
    Value::Array list;
    for (auto& word : words()) list.emplace_back(std::move(word));
    Value result;
    result.set("enum", std::move(list));
    return result;
  }
};

}  // namespace aludel::op::codec
