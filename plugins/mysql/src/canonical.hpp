#pragma once

#include <aludel/dialect/connection.hpp>
#include <aludel/schema/schema.hpp>

namespace aludel::mysql {

/// The schema as the server would hold and print it: see Dialect::canonicalise.
///
/// Everything pure is done by `normalise`. For what only a server can spell, the declared schema is made in a scratch database and read like any
/// other; what the server printed is kept in the user's cache, so that an unchanged schema asks nothing. What the server refuses, and everything
/// where there is no connection or no right to make a scratch database, keeps its declared spelling: it is then compared as text.
schema::Metadata canonicalise(schema::Metadata declared, dialect::Connection* connection);

}  // namespace aludel::mysql
