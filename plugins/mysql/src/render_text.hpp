#pragma once

#include <aludel/dialect/connection.hpp>
#include <aludel/schema/schema.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

/// The texts of definitions. Pure.
namespace aludel::mysql {

using OptionMap = std::map<std::string, Value>;

/// The server that SQL is written for, and the schema in which it is read.
class Target {
 public:
  Target(const dialect::Server& server, const schema::Metadata& schema) : server_(server), schema_(schema) {}

  const dialect::Server& server() const { return server_; }
  bool is_mariadb() const { return server_.flavour == "mariadb"; }
  bool is_at_least(int major, int minor, int patch = 0) const;
  std::string_view name() const { return is_mariadb() ? "MariaDB" : "MySQL"; }
  std::string setting(const std::string& key) const;

  /// Those that count here: MariaDB's own win over those of both.
  OptionMap options(const schema::Options& options) const;
  /// Of a text column, said or inherited; empty where nobody knows.
  std::string collation_of(const schema::Column& column, const schema::Table& table) const;
  std::string collation_of(const schema::Table& table) const;
  /// With an enumeration's values filled in from the schema where the type only names it.
  schema::Type resolved(const schema::Type& type) const;
  /// The type as the server names it: what a canonical spelling says.
  std::string canonical_type(const schema::Type& type) const;
  /// What a foreign key refers to: where it names no columns, those of the primary key.
  std::vector<std::string> referenced_columns(const schema::ForeignKey& key, const schema::Table& own) const;

 private:
  const dialect::Server& server_;
  const schema::Metadata& schema_;
};

std::string text_option(const OptionMap& options, const std::string& key);
bool flag(const OptionMap& options, const std::string& key);
/// As SQL: numbers bare, strings quoted, words of keywords bare.
std::string identifier_list(const std::vector<std::string>& names);

/// Type and attributes of a column: what stands behind its name. With `explicitly`, the collation is said even where the table has the same.
std::string column_text(const schema::Column& column, const schema::Table& table, const Target& target, bool explicitly);
/// "`name` int NOT NULL".
std::string column_definition(const schema::Column& column, const schema::Table& table, const Target& target, bool explicitly = false);

/// A primary key, unique key or index as the server has it: `name` is "PRIMARY" for the first.
struct Key {
  std::string name;
  std::string definition;            ///< "UNIQUE KEY `name` (`a`,`b`(10))": all that is said when it is made
  std::string content;               ///< the same without name and visibility
  std::vector<std::string> columns;  ///< that it is made of; of expressions, none
  bool primary = false;
  bool unique = false;
  bool hidden = false;      ///< invisible or ignored
  bool hashed = false;      ///< MariaDB's unique key of long values, over a hidden virtual column
  bool computed = false;    ///< has parts that are expressions
  bool nullable = true;     ///< has parts that may be NULL: it cannot stand for a primary key
  std::string type;         ///< "fulltext", "spatial", ...; empty for the ordinary
  std::string description;  ///< for people: "index ix_hero_name"
};
/// In the order in which they stand, constraints first.
std::vector<Key> keys_of(const schema::Table& table, const Target& target);

/// The names that a table's constraints have in the server, in their order: those that nobody gave are as the server gives them.
std::vector<std::string> server_names(const schema::Table& table, const Target& target);

/// Has every constraint a name or the server's, in its spelling?
bool is_spelled(const schema::Table& table);
/// Gives each that has neither the one it has in the server.
void spell(schema::Table& table, const Target& target);

struct Check {
  std::string name;
  std::string definition;  ///< "CONSTRAINT `name` CHECK (a > 0)"
  std::string content;     ///< without name and NOT ENFORCED
  bool enforced = true;
};
std::vector<Check> checks_of(const schema::Table& table, const Target& target);

struct Reference {
  std::string name;
  std::string definition;    ///< "CONSTRAINT `name` FOREIGN KEY (...) REFERENCES ..."
  std::size_t position = 0;  ///< among the table's constraints
  const schema::ForeignKey* key = nullptr;
};
std::vector<Reference> references_of(const schema::Table& table, const Target& target);

/// A table's options as they are said: "ENGINE" -> "MyISAM"; partitions, periods and versioning are none of them.
std::map<std::string, std::string> option_texts(const schema::Table& table, const Target& target);

std::string create_table(const schema::Table& table, const Target& target, bool if_not_exists);

/// START WITH and the like, each with a space in front; `alter` says what is no longer set as well.
std::string sequence_settings(const schema::Sequence& sequence, bool alter);

}  // namespace aludel::mysql
