#pragma once

#include <aludel/dialect/connection.hpp>
#include <aludel/url.hpp>

#include <string>
#include <utility>
#include <vector>

namespace aludel::postgresql {

/// What libpq is given (manual, 34.1.2): keywords with their values.
using Conninfo = std::vector<std::pair<std::string, std::string>>;

/// The URL's parts and options, all of libpq's keywords among them. Throws Error(usage) for an option that libpq does not know.
Conninfo conninfo_of(const Url& url, const dialect::ConnectOptions& options);
/// Does the URL say that the pooler in between keeps one server session for us (`pool_mode=session`)?
bool has_session_pooler(const Url& url);

/// What every session of ours begins with, "name=value", so that dates, strings and numbers come in one form and no lock is waited for without end.
std::vector<std::string> own_settings(const dialect::ConnectOptions& options);

/// As libpq reads it: "host='localhost' dbname='it\'s'".
Secret conninfo_text(const Conninfo& info);
Conninfo with_database(Conninfo info, const std::string& database);

}  // namespace aludel::postgresql
