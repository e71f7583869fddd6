#include "reading_session.hpp"

#include "catalog_rows.hpp"
#include "quoting.hpp"

#include <aludel/error.hpp>

namespace aludel::postgresql {

ReadingSession::ReadingSession(dialect::Connection& connection, bool read_only) : connection_(connection) {
  own_transaction_ = !connection.in_transaction();
  try {
    // All in one message: on a small database the way to and fro is what takes long.
    std::string settings = !own_transaction_ ? "" : read_only ? "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; " : "BEGIN; ";
    settings += R"(
WITH now AS MATERIALIZED (SELECT current_schema() AS space, current_setting('search_path') AS path, current_setting('jit') AS jit,
                                 current_setting('max_parallel_workers_per_gather') AS workers)
SELECT space, path, jit, workers, set_config('search_path', coalesce(quote_ident(space), '""'), true), set_config('jit', 'off', true),
       set_config('max_parallel_workers_per_gather', least(workers::integer, 1)::text, true) FROM now)";
    const CatalogRows now = query_catalog(connection, settings);
    default_schema_ = now.text(0, 0);
    search_path_ = now.text(0, 1);
    jit_ = now.text(0, 2);
    workers_ = now.text(0, 3);
  } catch (...) {
    if (own_transaction_ && connection.in_transaction()) {
      try {
        connection.rollback();
      } catch (...) {  // the first error says more
      }
    }
    throw;
  }
}

void ReadingSession::end() {
  if (ended_) return;
  ended_ = true;
  if (own_transaction_) {
    connection_.rollback();  // nothing was written, and with it go the settings
    return;
  }
  connection_.execute("SELECT set_config('search_path', " + quote_literal(Value(search_path_)) + ", true), set_config('jit', " +
                      quote_literal(Value(jit_)) + ", true), set_config('max_parallel_workers_per_gather', " + quote_literal(Value(workers_)) +
                      ", true)");
}

ReadingSession::~ReadingSession() {
  try {
    end();
  } catch (...) {  // a transaction that failed takes the settings with it
  }
}

std::unique_ptr<dialect::Connection> open_beside(const Connection& first, const Snapshot& snapshot, const std::string& default_schema) {
  auto session = std::make_unique<Connection>(first);
  session->begin();
  const CatalogRows set =
      query_catalog(*session, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET TRANSACTION SNAPSHOT " +
                                  quote_literal(Value(snapshot.name)) + "; SELECT pg_postmaster_start_time(), set_config('search_path', " +
                                  quote_literal(Value(default_schema.empty() ? "\"\"" : quote_identifier(default_schema))) +
                                  ", true), set_config('jit', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)");
  if (set.text(0, 0) != snapshot.server_start) throw Error(ErrorKind::connection, "the second session is with another server");
  return session;
}

}  // namespace aludel::postgresql
