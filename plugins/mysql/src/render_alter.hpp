#pragma once

#include "render_text.hpp"

#include <aludel/dialect/statement.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace aludel::mysql {

/// How a server carries out a change (manuals, "Online DDL Operations" and "InnoDB Online DDL").
struct Work {
  enum class Algorithm { instant, in_place, copy };
  Algorithm algorithm = Algorithm::instant;
  bool rebuilds = false;       ///< writes all rows anew, though in place
  bool stops_writers = false;  ///< though in place
  std::string reason{};        ///< why it is no better, for people

  static Work instant() { return {}; }
  static Work in_place() { return {Algorithm::in_place, false, false, {}}; }
  static Work rebuild(std::string reason) { return {Algorithm::in_place, true, false, std::move(reason)}; }
  static Work locked(std::string reason, bool rebuilds) { return {Algorithm::in_place, rebuilds, true, std::move(reason)}; }
  static Work copy(std::string reason) { return {Algorithm::copy, true, true, std::move(reason)}; }
};

/// A part of an ALTER TABLE.
struct Clause {
  std::string text;
  Work work;
};

/// A table as it stands in the database and as it shall be.
struct TableChange {
  const schema::Table& from;  ///< its columns and keys have the names already that they shall have
  const schema::Table& to;
  std::map<std::string, std::string> columns{};  ///< what stays, by its new name, with its name in the database
  std::map<std::string, std::string> dropped{};  ///< by its name in the database, with its name in `from`
  std::map<std::string, std::string> keys{};     ///< renamed ones, by their new name, with the old one
  std::set<std::string> bound{};                 ///< columns of foreign keys
};

/// The clauses that change everything but foreign keys.
struct Alteration {
  std::vector<Clause> clauses;
  std::string partitions;        ///< stands behind them without a comma
  bool touches_virtual = false;  ///< adds or drops virtual columns, or the hidden ones of keys on expressions
  bool must_copy = false;        ///< though the server does not find that by itself
  std::size_t dropped = 0;       ///< how many of the clauses drop a column
  bool empty() const { return clauses.empty() && partitions.empty(); }
};
Alteration alteration_of(const TableChange& change, const Target& before, const Target& after);

/// The whole statement, with ALGORITHM and LOCK asked for where they are known to be granted, and what it does to those who use the table.
struct AlterText {
  std::string sql;
  std::vector<dialect::Hazard> hazards;
};
/// Is there no other way than a copy of the table?
bool needs_copy(const schema::Table& from, const Alteration& alteration, const Target& target);
AlterText alter_text(const schema::Table& from, const Alteration& alteration, const Target& target, bool online);

// What a single change costs (render_online.cpp)

Work adding_column(const schema::Column& column, const schema::Table& table, const Target& target);
Work dropping_column(const schema::Column& column, const schema::Table& table, const Target& target);
Work renaming_column(const Target& target, bool bound);
Work changing_column(const schema::Column& from, const schema::Column& to, const TableChange& change, const Target& before, const Target& after);
Work adding_key(const Key& key, const std::vector<Key>& old_keys);
Work dropping_key(const Key& key, const std::vector<Key>& old_keys, const std::vector<Key>& new_keys);
bool has_fulltext(const schema::Table& table, const Target& target);
/// MariaDB lets nobody write while it rebuilds such a table.
bool has_indexed_virtual(const schema::Table& table);
Work changing_option(const std::string& option);
/// Names a check a list or a time? MySQL then copies the table for whatever is said of any column (found by trying each type on 9.7).
bool checks_lists_or_times(const schema::Table& table, const Target& target);
/// Can MODIFY make one of the other? Else the column is dropped and added.
bool can_modify(const schema::Column& from, const schema::Column& to);
/// Is it stored, and does its type or collation change, so that foreign keys that use it must go meanwhile?
bool changes_storage(const schema::Column& from, const schema::Table& from_table, const Target& before, const schema::Column& to,
                     const schema::Table& to_table, const Target& after);

}  // namespace aludel::mysql
