#pragma once

#include <aludel/dialect/dialect.hpp>

namespace aludel::sqlite {

/// Reads sqlite_schema once and parses what stands in it. Stateless, thread-safe, lives as long as the process.
///
/// Left out: SQLite's internal tables, the shadow tables of virtual tables, Scope::ignored_tables. What cannot be read is in
/// Metadata::unsupported. Virtual tables are objects of kind "virtual_table", views and triggers are objects.
const dialect::Introspector& introspector();

}  // namespace aludel::sqlite
