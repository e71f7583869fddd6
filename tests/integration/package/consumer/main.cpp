#include <aludel/connect.hpp>
#include <aludel/environment/environment.hpp>
#include <aludel/error.hpp>
#include <aludel/plugin/loader.hpp>
#include <aludel/version.hpp>

#include <iostream>

// consumer ENVIRONMENT PLUGINS: loads the environment, lists the plugins found beside the installed libaludel, uses two of them.
int main(int, char** argv) try {
  aludel::Environment env = aludel::load_environment(argv[1]);
  std::cout << "environment: " << env.url()->path << ", " << env.target_metadata()->tables.size() << " table, " << env.functions().size()
            << " function\n";

  for (const auto& candidate : aludel::plugin::Loader().candidates()) {
    if (candidate.file.parent_path() != argv[2]) continue;
    std::cout << candidate.name() << ": " << to_string(candidate.verdict) << ", " << candidate.origin << " " << candidate.problem << "\n";
  }
  try {
    aludel::connect("doll://attic");
  } catch (const aludel::Error& error) {
    std::cout << "doll says: " << error.message() << "\n";
  }
  std::cout << "sqlite answered " << *aludel::connect("sqlite://")->execute("SELECT 40 + 2").scalar().integer() << "\n";
  return 0;
} catch (const aludel::Error& error) {
  std::cerr << error.text() << "\n";
  return 1;
}
