#include <aludel/environment/environment.hpp>
#include <aludel/plugin/loader.hpp>
#include <aludel/text.hpp>

namespace aludel {

Environment load_environment(const std::filesystem::path& library, EnvironmentOptions options) {
  const plugin::Descriptor& descriptor = plugin::open_library(library, plugin::Kind::environment);
  Environment environment(std::move(options));
  plugin::create(descriptor, &environment, "the environment " + quoted(library.string()));
  return environment;
}

}  // namespace aludel
