#pragma once

#include <aludel/export.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace aludel {

/// Where a value stood in the text it was read from; 0 is unknown. No part of equality.
struct Mark {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  constexpr bool operator==(const Mark&) const { return true; }
};

using Bytes = std::vector<std::byte>;
struct Member;

/// A database value, an option, or a node of a document (TOML and JSON are both read into it).
///
/// A plain value type. Object members keep their order; equality of objects does not depend on it.
struct ALUDEL_API Value {
  using Array = std::vector<Value>;
  using Object = std::vector<Member>;
  using Data = std::variant<std::monostate, bool, std::int64_t, double, std::string, Bytes, Array, Object>;

  Data data;
  Mark mark{};

  Value();
  Value(std::nullptr_t);
  Value(bool value);
  Value(int value);
  Value(std::int64_t value);
  Value(long long value);
  Value(double value);
  Value(const char* value);
  Value(std::string value);
  Value(std::string_view value);
  Value(Bytes value);
  Value(Array value);
  Value(Object value);
  ~Value();
  Value(const Value&);
  Value(Value&&) noexcept;
  Value& operator=(const Value&);
  Value& operator=(Value&&) noexcept;

  bool is_null() const { return std::holds_alternative<std::monostate>(data); }
  const bool* boolean() const { return std::get_if<bool>(&data); }
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&data); }
  const double* number() const { return std::get_if<double>(&data); }
  const std::string* string() const { return std::get_if<std::string>(&data); }
  const Bytes* bytes() const { return std::get_if<Bytes>(&data); }
  const Array* array() const { return std::get_if<Array>(&data); }
  Array* array() { return std::get_if<Array>(&data); }
  const Object* object() const { return std::get_if<Object>(&data); }
  Object* object() { return std::get_if<Object>(&data); }

  /// The member of that name, or null when this is no object or has none.
  const Value* find(std::string_view key) const;
  Value* find(std::string_view key);
  /// Sets or replaces a member; a null value becomes an object first.
  Value& set(std::string key, Value value);

  /// "null", "boolean", "integer", "float", "string", "bytes", "array", "table": as error messages call it.
  std::string_view type_name() const;

  bool operator==(const Value& other) const;
};

struct Member {
  std::string key;
  Value value;
  Mark mark{};  ///< of the key
  bool operator==(const Member&) const = default;
};

/// JSON text of a value: compact with indent < 0, else indented. Bytes become {"$bytes": "hex"}, floats that JSON has no form for {"$float": "nan"}
/// ("inf", "-inf"). Non-UTF-8 text is replaced, never thrown at.
ALUDEL_API std::string to_json(const Value& value, int indent = -1);
/// Reads JSON text (RFC 8259); every node and key knows its line and column. Throws Error(syntax) with `name` as the file and line:column for what
/// is no JSON, a key that stands twice in an object, an integer beyond 64 bits, or nesting beyond 500 levels.
ALUDEL_API Value from_json(std::string_view text, std::string_view name = "json");

}  // namespace aludel
