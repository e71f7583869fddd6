#pragma once

#include <aludel/value.hpp>

#include <cstddef>
#include <string>

namespace aludel {

/// As to_json, at the end of a larger text whose lines are indented `depth` times already.
void append_json(std::string& out, const Value& value, int indent, std::size_t depth);

}  // namespace aludel
