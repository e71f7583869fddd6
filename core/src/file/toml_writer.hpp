#pragma once

#include <aludel/value.hpp>

#include <string>
#include <string_view>

namespace aludel::file {

/// A value on one line, as it stands after `key = `. `key` is for the message when it cannot be said.
std::string inline_toml(const Value& value, std::string_view key);
/// A key: bare where it can be.
std::string toml_key(std::string_view key);
/// `key = value` lines, then what needs sections of its own, as [path.key] and [[path.key]]. Each section is preceded by an empty line.
void write_toml_table(std::string& out, const Value::Object& object, const std::string& path);

}  // namespace aludel::file
