#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "support/server.hpp"

/// The database systems that suites run on: a suite that is parameterised with system_names() runs on each of them. What differs between them stands
/// here, as data.
namespace aludel::test {

struct System {
  std::string name;                                                                        ///< as in an URL
  Server* (*server)() = nullptr;                                                           ///< null where there is none, as with files
  std::unique_ptr<Server> (*another)(const std::vector<std::string>& settings) = nullptr;  ///< a private one of the test's own
  std::string administration{};                                                            ///< a database that is always there
  std::string create_options{};                                                            ///< behind CREATE DATABASE and the name
  std::string copy_options{};     ///< likewise, followed by the name of a database that it becomes a copy of; empty where that cannot be had
  std::string drop_options{};     ///< behind DROP DATABASE and the name
  std::string clear{};            ///< a script that empties a database, much faster than another one is made; may be empty
  std::string count_relations{};  ///< followed by a literal: how many tables, views and indexes of that name there are
  char quote = '"';               ///< around names
  std::string odd_letter{};       ///< the oddest one that a name may have
  std::size_t longest_name = 0;   ///< in bytes
  bool rolls_ddl_back = true;
  /// A script for a trigger that does `action` for each row.
  std::string (*trigger)(const std::string& name, const std::string& event, const std::string& table, const std::string& action) = nullptr;
  /// The database's own client, which runs the script `file`; `target` is the database's file, or its URL.
  std::vector<std::string> (*client)(const std::string& target, const std::string& file) = nullptr;
  /// What it printed, as "a|b\n" for each row, null as nothing; null where it comes like that.
  std::string (*rows)(const std::string& printed) = nullptr;

  bool is_file() const { return server == nullptr; }
  /// A name as it is written in SQL.
  std::string quoted(const std::string& identifier) const;
};

const std::vector<System>& systems();
std::vector<std::string> system_names();
/// Throws std::runtime_error where there is none of that name.
const System& system_named(const std::string& name);

}  // namespace aludel::test
