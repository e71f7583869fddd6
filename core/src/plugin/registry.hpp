#pragma once

#include "plugin/refusal.hpp"

#include <aludel/plugin/loader.hpp>

#include <filesystem>
#include <optional>
#include <string_view>

namespace aludel::plugin {

/// A library that is loaded for good, or why it is not.
struct Opened {
  const Descriptor* descriptor = nullptr;
  std::optional<Refusal> refusal{};
};

/// Loads the library of a candidate that has passed inspect_file, and holds its descriptor against its record. Any thread.
Opened open(const Candidate& candidate);

/// The one dialect that a descriptor makes in this process; made at the first call. Throws Error(plugin). Any thread.
const dialect::Dialect& dialect_of(const Descriptor& descriptor, std::string_view who);

}  // namespace aludel::plugin
