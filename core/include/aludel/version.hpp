#pragma once

#include <aludel/export.hpp>

#include <string_view>

namespace aludel {

/// The library's version, "0.1.0"; journalled with every revision it runs. Its source: CMake's project version.
ALUDEL_API std::string_view version();

}  // namespace aludel
