#pragma once

#include <aludel/value.hpp>

#include <initializer_list>
#include <span>
#include <string>
#include <utility>

namespace aludel::cli {

/// `{{"key", value}, ...}` as one object.
inline Value object(std::initializer_list<std::pair<const char*, Value>> members) {
  Value::Object result;
  for (const auto& [key, value] : members) result.push_back(Member{key, value, {}});
  return Value(std::move(result));
}

inline Value strings(std::span<const std::string> texts) {
  Value::Array result;
  for (const std::string& text : texts) result.emplace_back(text);
  return Value(std::move(result));
}

}  // namespace aludel::cli
