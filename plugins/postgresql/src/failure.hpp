#pragma once

#include <aludel/error.hpp>

#include <libpq-fe.h>

#include <string>
#include <string_view>

namespace aludel::postgresql {

/// The error for a result that failed: its kind by SQLSTATE (manual, Appendix A), the server's own message with its place, detail and hint.
/// `server` is the database as messages call it; `cancelled` tells Connection::cancel() from a statement_timeout.
Error failure(PGconn* handle, const PGresult* result, const std::string& server, std::string_view sql, bool cancelled);

/// The error for a session that could not be opened, out of what libpq says of it.
Error connect_failure(std::string_view libpq_message, const std::string& server);

/// A pooler stands between us and the server.
Error pooler_failure(const std::string& server);

}  // namespace aludel::postgresql
