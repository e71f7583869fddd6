#include <aludel/value.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace aludel {

Value::Value() = default;
Value::Value(std::nullptr_t) {}
Value::Value(bool value) : data(value) {}
Value::Value(int value) : data(std::int64_t{value}) {}
Value::Value(std::int64_t value) : data(value) {}
Value::Value(long long value) : data(static_cast<std::int64_t>(value)) {}
Value::Value(double value) : data(value) {}
Value::Value(const char* value) : data(std::string(value)) {}
Value::Value(std::string value) : data(std::move(value)) {}
Value::Value(std::string_view value) : data(std::string(value)) {}
Value::Value(Bytes value) : data(std::move(value)) {}
Value::Value(Array value) : data(std::move(value)) {}
Value::Value(Object value) : data(std::move(value)) {}
Value::~Value() = default;
Value::Value(const Value&) = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(const Value&) = default;
Value& Value::operator=(Value&&) noexcept = default;

const Value* Value::find(std::string_view key) const {
  const Object* members = object();
  if (members == nullptr) return nullptr;
  const auto found = std::find_if(members->begin(), members->end(), [&](const Member& member) { return member.key == key; });
  return found == members->end() ? nullptr : &found->value;
}

Value* Value::find(std::string_view key) { return const_cast<Value*>(std::as_const(*this).find(key)); }

Value& Value::set(std::string key, Value value) {
  if (is_null()) data = Object{};
  if (Value* found = find(key)) {
    *found = std::move(value);
    return *found;
  }
  Object& members = std::get<Object>(data);
  return members.emplace_back(Member{std::move(key), std::move(value), {}}).value;
}

std::string_view Value::type_name() const {
  constexpr std::string_view names[] = {"null", "boolean", "integer", "float", "string", "bytes", "array", "table"};
  static_assert(std::size(names) == std::variant_size_v<Data>);
  return names[data.index()];
}

namespace {

std::vector<const Member*> by_key(const Value::Object& object) {
  std::vector<const Member*> members;
  members.reserve(object.size());
  for (const Member& member : object) members.push_back(&member);
  std::stable_sort(members.begin(), members.end(), [](const Member* a, const Member* b) { return a->key < b->key; });
  return members;
}

}  // namespace

bool Value::operator==(const Value& other) const {
  if (data.index() != other.data.index()) return false;
  if (const double* a = number()) {
    // A value type equals itself, and so does its copy.
    const double b = *other.number();
    return *a == b || (std::isnan(*a) && std::isnan(b));
  }
  const Object* members = object();
  if (members == nullptr) return data == other.data;
  if (members->size() != other.object()->size()) return false;
  const auto a = by_key(*members);
  const auto b = by_key(*other.object());
  return std::equal(a.begin(), a.end(), b.begin(), [](const Member* x, const Member* y) { return *x == *y; });
}

}  // namespace aludel
