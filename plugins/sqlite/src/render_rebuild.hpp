#pragma once

#include "render_copy.hpp"

#include <aludel/dialect/statement.hpp>

#include <map>
#include <string>
#include <vector>

namespace aludel::sqlite {

/// What a rebuild needs besides the table's two forms.
struct RebuildOptions {
  std::string temporary_name;                     ///< nothing else is called so
  std::vector<const schema::Object*> triggers{};  ///< on the table: dropped with it, made again
  std::string legacy_alter_table = "OFF";         ///< the session's own setting, to be put back
  bool keep_qualifiers = false;                   ///< the table's name in front of columns stays; nothing must depend on the old table
  op::Operations effect{};                        ///< what the rebuild does
};

/// The twelve steps of https://www.sqlite.org/lang_altertable.html for one table, without those that stand outside the transaction. Pure.
///
/// The table keeps its name, and all other objects keep their text: `legacy_alter_table` stops SQLite from looking into them when the new form
/// takes the old one's name. Indexes are created behind the copy, which is five times faster.
std::vector<dialect::Statement> rebuild_statements(const TableChange& change, const RebuildOptions& options);

}  // namespace aludel::sqlite
