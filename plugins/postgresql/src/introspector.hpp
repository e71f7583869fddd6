#pragma once

#include <aludel/dialect/dialect.hpp>

namespace aludel::postgresql {

/// Reads the whole catalog of a database (PostgreSQL 13 to 18) in a handful of set queries. Stateless, thread-safe, lives as long as the process.
///
/// Left out: the system's schemas, what extensions brought, Scope::ignored_tables. What is seen and not carried is in Metadata::unsupported. All
/// queries run in one read-only snapshot unless the connection is in a transaction already; search_path and jit are as before afterwards.
const dialect::Introspector& introspector();

}  // namespace aludel::postgresql
