#include <aludel/version.hpp>

namespace aludel {

std::string_view version() { return ALUDEL_VERSION; }

}  // namespace aludel
