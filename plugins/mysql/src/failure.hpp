#pragma once

#include <aludel/error.hpp>

#include <mysql.h>

#include <string>
#include <string_view>

namespace aludel::mysql {

/// What a failed statement left in the handle: kind, message, hint, SQLSTATE and error number. `cancelled` tells our own KILL QUERY from others'.
Error failure(MYSQL* handle, std::string_view server, std::string_view sql, bool cancelled);
/// The same of a connection that could not be made. The server's name for messages.
Error connection_failure(MYSQL* handle, std::string_view server);

/// The error number that `failure` put into a code such as "42S02 (1146)"; 0 where there is none.
unsigned error_number(const Error& error);

}  // namespace aludel::mysql
