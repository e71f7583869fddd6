#include "canonical.hpp"

#include "canonical_answers.hpp"
#include "catalog_rows.hpp"

#include <aludel/error.hpp>

namespace aludel::postgresql {

schema::Metadata canonicalise(schema::Metadata declared, dialect::Connection* connection) {
  std::string default_schema = "public";
  if (connection) default_schema = query_catalog(*connection, "SELECT current_schema()").string(0, 0);
  normalise(declared, default_schema);
  if (!connection || !needs_server(declared)) return declared;
  const std::string key = cache_key(declared, connection->server(), default_schema);
  if (const auto known = cached_answers(key)) {
    apply_answers(declared, *known);
    return declared;
  }
  Asked asked = ask_server(declared, *connection);
  if (!asked.complete) {
    try {
      asked = ask_scratch(declared, *connection);
    } catch (const Error& error) {  // then by what could be made for a moment, and the rest as text
      if (error.kind() != ErrorKind::unsupported) throw;
    }
  }
  if (asked.complete) cache_answers(key, asked.answers);
  apply_answers(declared, asked.answers);
  return declared;
}

}  // namespace aludel::postgresql
