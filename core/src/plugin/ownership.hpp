#pragma once

#include "plugin/refusal.hpp"

#include <filesystem>
#include <optional>

namespace aludel::plugin {

/// Refuses a library that somebody else could have put there or could change: the file and its directory must belong to the user or root, and
/// be writable by nobody else. A group that has no member but the owner (a user's private group) counts as the owner.
std::optional<Refusal> check_ownership(const std::filesystem::path& file);

}  // namespace aludel::plugin
