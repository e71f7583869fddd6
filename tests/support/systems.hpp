#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/server.hpp"

/// The database systems that suites run on: a suite that is parameterised with system_names() runs on each of them.
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
  /// The database's own client, which runs the script `file`; `target` is the database's file, or its URL. Rows come as "a|b\n", null as nothing.
  std::vector<std::string> (*client)(const std::string& target, const std::string& file) = nullptr;

  bool is_file() const { return server == nullptr; }
};

const std::vector<System>& systems();
std::vector<std::string> system_names();
/// Throws std::runtime_error where there is none of that name.
const System& system_named(const std::string& name);

}  // namespace aludel::test
