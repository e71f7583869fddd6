#pragma once

#include <cstddef>
#include <string_view>

namespace aludel {

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 0;  ///< bytes read; at least 1
  bool valid = false;
};

/// The code point at the start of a text that is not empty: well-formed UTF-8 only (no surrogates, no overlong forms).
CodePoint decode_utf8(std::string_view text);

}  // namespace aludel
