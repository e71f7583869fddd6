#include "systems.hpp"

#include <stdexcept>
#include <utility>

namespace aludel::test {
namespace {

std::vector<std::string> sqlite3(const std::string& target, const std::string& file) { return {"sh", "-c", "sqlite3 \"$1\" < \"$0\"", file, target}; }

std::vector<std::string> psql(const std::string& target, const std::string& file) {
  return {"psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", target, "-f", file};
}

/// MariaDB's speaks to MySQL too.
std::vector<std::string> mariadb(const std::string& target, const std::string& file) {
  std::vector<std::string> command{"sh", "-c", R"(exec mariadb "$@" < "$0")", file, "--no-defaults", "--batch", "--skip-column-names", "--comments"};
  for (std::string& option : mariadb_options(target)) command.push_back(std::move(option));
  return command;
}

/// As `mariadb --batch` prints: tabs between the values, \n and the like in them, NULL.
std::string rows_of_mariadb(const std::string& printed) {
  std::string rows, value;
  for (std::size_t i = 0; i < printed.size(); ++i) {
    const char c = printed[i];
    if (c == '\t' || c == '\n') {
      if (value != "NULL") rows += value;
      value.clear();
      rows += c == '\t' ? '|' : '\n';
    } else if (c == '\\' && i + 1 < printed.size()) {
      const char escaped = printed[++i];
      value += escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped;
    } else {
      value += c;
    }
  }
  return rows + value;
}

template <typename Kind>
std::unique_ptr<Server> another(const std::vector<std::string>& settings) {
  return std::make_unique<Kind>(settings);
}

using Text = const std::string&;

System sqlite() {
  System system{.name = "sqlite"};
  system.count_relations = "SELECT count(*) FROM sqlite_schema WHERE name = ";
  system.odd_letter = "🦸";
  system.longest_name = 1000;
  system.trigger = [](Text name, Text event, Text table, Text action) {
    return "CREATE TRIGGER " + name + " " + event + " ON " + table + " BEGIN " + action + "; END;";
  };
  system.client = sqlite3;
  return system;
}

System postgresql() {
  System system{.name = "postgresql"};
  system.server = [] { return &postgresql_server(); };
  system.another = another<PostgresqlServer>;
  system.administration = "postgres";
  system.create_options = " TEMPLATE template0";
  system.copy_options = " TEMPLATE ";
  system.drop_options = " WITH (FORCE)";
  system.clear = "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
  system.count_relations = "SELECT count(*) FROM pg_class WHERE relname = ";
  system.odd_letter = "🦸";
  system.longest_name = 63;
  system.trigger = [](Text name, Text event, Text table, Text action) {
    return "CREATE FUNCTION " + name + "_action() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + action + "; RETURN NULL; END $$; CREATE TRIGGER " +
           name + " " + event + " ON " + table + " FOR EACH ROW EXECUTE FUNCTION " + name + "_action();";
  };
  system.client = psql;
  return system;
}

/// MariaDB, or MySQL.
System mysql(const std::string& name) {
  System system{.name = name};
  system.administration = "mysql";
  system.create_options = " CHARACTER SET utf8mb4";
  system.count_relations =
      "SELECT count(*) FROM (SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() UNION "
      "SELECT INDEX_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()) AS relations WHERE name = ";
  system.quote = '`';
  system.odd_letter = "ﬁ";  // names are of the basic plane
  system.longest_name = 64;
  system.rolls_ddl_back = false;
  system.trigger = [](Text trigger, Text event, Text table, Text action) {
    return "CREATE TRIGGER " + trigger + " " + event + " ON " + table + " FOR EACH ROW " + action + ";";
  };
  system.client = mariadb;
  system.rows = rows_of_mariadb;
  return system;
}

std::vector<System> all_systems() {
  std::vector<System> all{sqlite(), postgresql(), mysql("mariadb")};
  all.back().server = [] { return &mariadb_server(); };
  all.back().another = another<MariadbServer>;
  if (mysql_server() != nullptr) {
    all.push_back(mysql("mysql"));
    all.back().server = mysql_server;
    if (mysql_server()->is_private()) all.back().another = another<MysqlServer>;
  }
  return all;
}

}  // namespace

std::string System::quoted(const std::string& identifier) const {
  std::string text(1, quote);
  for (const char c : identifier) text.append(c == quote ? 2 : 1, c);
  return text + quote;
}

const std::vector<System>& systems() {
  static const std::vector<System> all = all_systems();
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
