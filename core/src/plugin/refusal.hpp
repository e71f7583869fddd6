#pragma once

#include <aludel/plugin/loader.hpp>

#include <string>

namespace aludel::plugin {

/// Why a library is not used, and how to mend that.
struct Refusal {
  Verdict verdict;
  std::string problem;
  std::string remedy;
};

}  // namespace aludel::plugin
