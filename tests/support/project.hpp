#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "support/systems.hpp"

namespace aludel::test {

/// What a program did.
struct Outcome {
  int code = 0;  ///< exit code; 128 + n when killed by signal n
  std::string out;
  std::string err;

  std::string all() const { return out + err; }
};

/// A program at work, ended with the object.
class Program {
 public:
  /// In a directory, with standard input closed; `environment` adds to and overrides the test's own.
  Program(const std::vector<std::string>& command, const std::filesystem::path& directory,
          const std::map<std::string, std::string>& environment = {});
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program();

  pid_t process() const { return process_; }
  /// What it did, once it has ended by itself or by somebody's signal. Once.
  Outcome wait();

 private:
  pid_t process_ = 0;
  int out_ = -1, err_ = -1;
};

/// Runs a program until it ends.
Outcome run_program(const std::vector<std::string>& command, const std::filesystem::path& directory,
                    const std::map<std::string, std::string>& environment = {});
/// Runs a script in a database's own client, by way of a file in the directory: an argument that begins with a dot would be one command to the end.
/// Rows come as "a|b\n", null as nothing.
Outcome run_client(const System& system, const std::string& target, const std::string& script, const std::filesystem::path& directory);

/// A project directory of a test's own, with aludel at hand, and databases of its own in one dialect; all removed with the object.
class Project {
 public:
  explicit Project(const std::string& dialect = "sqlite");
  Project(const Project&) = delete;
  Project& operator=(const Project&) = delete;
  ~Project();

  const std::filesystem::path& directory() const { return directory_; }
  std::filesystem::path file(const std::string& name) const { return directory_ / name; }
  const System& system() const { return system_; }
  const std::string& dialect() const { return system_.name; }
  bool is_sqlite() const { return dialect() == "sqlite"; }
  /// As a user would write it. A server's database is made when it is first asked for; "app.db" is the file, elsewhere the name.
  std::string url(const std::string& database = "app.db") const;

  void write(const std::string& name, std::string_view text) const;
  std::string read(const std::string& name) const;
  std::vector<std::string> aludel_command(const std::vector<std::string>& arguments) const;
  /// The built driver, with these arguments, in the project's directory.
  Outcome aludel(const std::vector<std::string>& arguments) const;
  /// Runs a script in the database's own client; the test fails when it does. Rows come as with run_client.
  std::string sql(const std::string& script, const std::string& database = "app.db") const;
  /// Is there a table, view or index of this name?
  bool has(const std::string& name, const std::string& database = "app.db") const;

  /// aludel.toml and migrations/versions for `database`, with schema.sql as the target.
  void with_sql_target(std::string_view schema) const;
  /// Writes a revision file, `text` without its head.
  void revision(const std::string& id, const std::string& parent, std::string_view operations, const std::string& head = {}) const;
  /// The revision files, by name.
  std::vector<std::filesystem::path> revisions() const;

  std::map<std::string, std::string> environment;  ///< for every program run

 private:
  std::string database_name(const std::string& database) const;
  Outcome administer(const std::string& statement) const;

  const System& system_;
  std::filesystem::path directory_;
  mutable std::set<std::string> databases_;  ///< of a server
};

}  // namespace aludel::test
