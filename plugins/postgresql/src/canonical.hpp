#pragma once

#include <aludel/dialect/connection.hpp>
#include <aludel/schema/schema.hpp>

namespace aludel::postgresql {

/// The schema as the server would hold and print it: see Dialect::canonicalise.
///
/// Everything pure is done by `normalise`. Expressions, definitions and types that only a server can spell are asked for in one batch: the declared
/// schema is made of temporary tables, types, views and functions in a transaction that is rolled back, and read like any other. The answers are
/// kept in the user's cache, so that an unchanged schema asks nothing. What the server refuses (a function that is yet to come, a read-only server),
/// and everything where there is no connection, keeps its declared spelling: it is then compared as text.
schema::Metadata canonicalise(schema::Metadata declared, dialect::Connection* connection);

/// The part of it that needs no server: names that PostgreSQL gives to what has none, NOT NULL of keys, enumerations as types of their own,
/// settings that hold anyway. `default_schema` is what names without a schema stand in. Idempotent.
void normalise(schema::Metadata& metadata, std::string_view default_schema);

}  // namespace aludel::postgresql
