#pragma once

#include <aludel/dialect/connection.hpp>
#include <aludel/schema/schema.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace aludel::mysql {

/// The part of a schema's normal form that needs no server: names that are the database's, what neither flavour can hold, keys and the indexes that
/// foreign keys need, settings that hold anyway. Idempotent; leaves an introspected schema as it is.
void normalise(schema::Metadata& metadata, const dialect::Server& server, std::string_view database);
/// A sequence's settings that hold anyway are dropped.
void normalise(schema::Sequence& sequence);

/// Is there a key or index whose first columns are these, as a foreign key needs one? MariaDB takes a descending one too, MySQL does not.
bool has_index_for(const schema::Table& table, const std::vector<std::string>& columns, bool descending);

/// The indexes that InnoDB gives to foreign keys for which none serves (manuals, "FOREIGN KEY Constraints"), called as the key, else as its first
/// column.
std::vector<schema::Index> implicit_indexes(const schema::Table& table, bool descending);

}  // namespace aludel::mysql
