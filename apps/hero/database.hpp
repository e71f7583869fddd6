#pragma once

#include <cstdlib>
#include <string>

namespace hero {

/// The one place that knows where the data live: the application and its migrations both ask here.
inline std::string database_url() {
  const char* url = std::getenv("HERO_DATABASE_URL");
  return url != nullptr ? url : "sqlite:///hero.db";
}

}  // namespace hero
