#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/sqlite/sqlite.hpp>
#include <aludel/url.hpp>

#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#ifdef ALUDEL_TEST_POSTGRESQL
#include <aludel/postgresql/postgresql.hpp>
#endif
#ifdef ALUDEL_TEST_MYSQL
#include <aludel/mysql/mysql.hpp>
#endif

#include "support/revisions.hpp"
#include "support/systems.hpp"

/// The systems of systems() with their dialects, for programs that link ${linked_dialects} of tests/CMakeLists.txt.
namespace aludel::test {

struct LinkedSystem : System {
  const dialect::Dialect* dialect = nullptr;

  std::unique_ptr<dialect::Connection> connect(const std::string& url) const {
    dialect::ConnectOptions options;
    options.lock_wait = std::chrono::seconds(120);
    auto connection = dialect->connect(parse_url(url), options);
    if (is_file()) connection->execute("PRAGMA synchronous = off");  // the process dies, the machine does not
    return connection;
  }
  /// The URL of a new database: an empty one, or a copy of another that nobody uses.
  std::string fresh(const Directory& directory, const std::string& original = {}) const {
    static std::atomic<int> count{0};
    const auto database = "linked_" + std::to_string(getpid()) + "_" + std::to_string(++count);
    if (is_file()) {
      const auto file = directory / (database + ".db");
      if (!original.empty()) std::filesystem::copy_file(parse_url(original).path, file);
      return "sqlite:///" + file.string();
    }
    const auto options = original.empty() ? create_options : copy_options + parse_url(original).path;
    connect(server()->url(administration))->execute("CREATE DATABASE " + database + options);
    return server()->url(database);
  }
  /// Empties a database that nobody uses any more.
  void clear_database(const std::string& url) const {
    const auto path = parse_url(url).path;
    if (is_file()) {
      for (const char* suffix : {"", "-journal", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
    } else if (!clear.empty()) {
      const auto connection = connect(url);
      for (const auto& statement : dialect->split(clear)) connection->execute(statement);
    } else {
      const auto connection = connect(server()->url(administration));
      connection->execute("DROP DATABASE " + path + drop_options);
      connection->execute("CREATE DATABASE " + path + create_options);
    }
  }
  bool can_copy() const { return is_file() || !copy_options.empty(); }
};

/// Null where the program has not linked it.
inline const dialect::Dialect* linked_dialect(const std::string& system) {
  if (system == "sqlite") return &sqlite::dialect();
#ifdef ALUDEL_TEST_POSTGRESQL
  if (system == "postgresql") return &postgresql::dialect();
#endif
#ifdef ALUDEL_TEST_MYSQL
  if (system == "mariadb" || system == "mysql") return &mysql::dialect();
#endif
  return nullptr;
}

inline std::vector<LinkedSystem> linked_systems() {
  std::vector<LinkedSystem> linked;
  for (const System& system : systems())
    if (const auto* dialect = linked_dialect(system.name)) linked.push_back({system, dialect});
  return linked;
}

inline LinkedSystem linked_system(const std::string& name) { return {system_named(name), linked_dialect(name)}; }

inline void PrintTo(const LinkedSystem& system, std::ostream* out) { *out << system.name; }

}  // namespace aludel::test
