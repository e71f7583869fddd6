#include "canonical.hpp"

#include "connection.hpp"
#include "normal.hpp"

#include <aludel/mysql/mysql.hpp>

namespace aludel::mysql {

schema::Metadata canonicalise(schema::Metadata declared, dialect::Connection* connection) {
  const Connection* own = ours(connection);
  normalise(declared, connection == nullptr ? dialect().default_server() : connection->server(), own == nullptr ? "" : own->database());
  return declared;
}

}  // namespace aludel::mysql
