#pragma once

#include <aludel/dialect/dialect.hpp>

#include <string>
#include <vector>

namespace aludel::sqlite {

/// Operations to SQL for SQLite 3.26 and later. Stateless, thread-safe, lives as long as the process.
///
/// Changes that SQLite can make in place are rendered as such. All others to one table become one rebuild
/// (https://www.sqlite.org/lang_altertable.html, "Making Other Kinds Of Table Schema Changes"): foreign keys off before the transaction, the table
/// made anew under a temporary name, its rows copied, the old one dropped, the new one renamed, indexes and triggers made again, foreign keys checked
/// against what was wrong before.
///
/// Options it reads and writes, all under the key `sqlite`:
/// - tables: `strict`, `without_rowid` (booleans);
/// - a primary key: `autoincrement` (boolean);
/// - primary keys, unique constraints and checks: `on_conflict` ("rollback", "abort", "fail", "ignore", "replace"); columns: `not_null_conflict`.
const dialect::Renderer& renderer();

/// Names of the operations that `renderer` supports, for Capabilities::operations.
std::vector<std::string> supported_operations();

/// The statements, in order, that create the whole schema in an empty database. Throws what Renderer::render throws.
std::vector<std::string> create_statements(const schema::Metadata& metadata, const dialect::Server& server);

}  // namespace aludel::sqlite
