#pragma once

#include <aludel/schema/schema.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// How rows get from a table's old form into its new one. Pure.
namespace aludel::sqlite {

/// What happens to a column's values on the way, in this order.
struct ValueRule {
  std::string conversion;                                   ///< SQL over the old table; empty: the column itself
  std::vector<std::pair<std::string, std::string>> values;  ///< replaced one for one: an enumeration's renamed values
  std::string backfill;                                     ///< what stands where there would be NULL
};

/// A table's old and new form and the way between them.
struct TableChange {
  const schema::Table* from = nullptr;
  const schema::Table* to = nullptr;
  std::map<std::string, std::optional<std::string>> sources{};  ///< by new column: the old one; nullopt for one that is added
  std::map<std::string, ValueRule> rules{};                     ///< by new column
  const schema::Metadata* around = nullptr;                     ///< the schema that `to` stands in

  /// The old column behind a new one; null for one that is added.
  const schema::Column* source_of(const schema::Column& column) const;
  const ValueRule* rule_of(const schema::Column& column) const;
  /// The old values are copied as they are, into a column of the same affinity and collation.
  bool is_untouched(const schema::Column& column) const;
};

/// The value that a row of the old table gives to a column, as SQL; nullopt where the column's default is left to SQLite, or the column is generated.
std::optional<std::string> copied_value(const TableChange& change, const schema::Column& column);

/// A name under which a table's rowid can be read; nullopt where there is none (WITHOUT ROWID, or columns have taken all three).
std::optional<std::string> rowid_name(const schema::Table& table);
/// The column that stands for the rowid, if one does.
const schema::Column* rowid_column(const schema::Table& table);
/// Will every row have the rowid it had before?
bool keeps_rowids(const TableChange& change);

/// INSERT INTO ... SELECT, into the new form that was created as `name`.
std::string copy_sql(const TableChange& change, std::string_view name);

/// What tells a person which row is meant: the key's columns, else the rowid, as a list of columns.
std::string row_label(const schema::Table& table);

}  // namespace aludel::sqlite
