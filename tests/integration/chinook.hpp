#pragma once

#include <aludel/dialect/connection.hpp>
#include <aludel/model/names.hpp>
#include <aludel/schema/schema.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// The Chinook sample database, as it is published for each system: the same tables and rows under other names and types.
namespace aludel::test::chinook {

using Objects = std::vector<schema::Object>;

/// Something done for every row.
struct Trigger {
  std::string name, table;
  std::string event;   ///< "AFTER DELETE"
  std::string action;  ///< one statement
};

struct Edition {
  std::string system;
  std::string script;
  std::function<std::string(std::string_view)> spelling;  ///< of tables and columns: "InvoiceLine" as it is there
  NamingConvention naming;
  std::function<schema::Type(int)> varying;
  schema::Type moment, money;
  std::string collation;
  schema::Options foreign_key_options;  ///< of every one
  bool indexes_foreign_keys = false;    ///< the server gives each an index, which is said too
  bool index_expressions = true;
  bool partial_indexes = true;
  std::vector<std::string> (*broken)(dialect::Connection&) = nullptr;  ///< keys and indexes that do not hold
  std::function<Objects(const Trigger&)> trigger;                      ///< with what it takes, which comes first

  std::string word(std::string_view name) const { return spelling(name); }
  /// SQL with its names as they are there; a name is written in capital and small letters.
  std::string sql(std::string_view text) const;
  /// What the models say.
  schema::Metadata metadata() const;
};

/// Null where there is none for the system.
const Edition* edition_of(const std::string& system);

schema::Object object(std::string kind, std::string name, std::string parent, const std::string& definition);

}  // namespace aludel::test::chinook
