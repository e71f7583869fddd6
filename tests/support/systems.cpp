#include "systems.hpp"

#include <stdexcept>

namespace aludel::test {
namespace {

std::vector<std::string> sqlite3(const std::string& target, const std::string& file) { return {"sh", "-c", "sqlite3 \"$1\" < \"$0\"", file, target}; }

std::vector<std::string> psql(const std::string& target, const std::string& file) {
  return {"psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", target, "-f", file};
}

template <typename Kind>
std::unique_ptr<Server> another(const std::vector<std::string>& settings) {
  return std::make_unique<Kind>(settings);
}

}  // namespace

const std::vector<System>& systems() {
  static const std::vector<System> all = {
      {.name = "sqlite", .count_relations = "SELECT count(*) FROM sqlite_schema WHERE name = ", .client = sqlite3},
      {.name = "postgresql",
       .server = [] { return &postgresql_server(); },
       .another = another<PostgresqlServer>,
       .administration = "postgres",
       .create_options = " TEMPLATE template0",
       .copy_options = " TEMPLATE ",
       .drop_options = " WITH (FORCE)",
       .clear = "DROP SCHEMA public CASCADE; CREATE SCHEMA public",
       .count_relations = "SELECT count(*) FROM pg_class WHERE relname = ",
       .client = psql},
  };
  return all;
}

std::vector<std::string> system_names() {
  std::vector<std::string> names;
  for (const System& system : systems()) names.push_back(system.name);
  return names;
}

const System& system_named(const std::string& name) {
  for (const System& system : systems())
    if (system.name == name) return system;
  throw std::runtime_error("no tests run on " + name);
}

}  // namespace aludel::test
