#pragma once

#include "printed.hpp"

#include <aludel/schema/schema.hpp>

#include <optional>
#include <string>

namespace aludel::mysql {

class Connection;

struct Asked {
  PrintedSchema printed;
  bool complete = false;  ///< the server took all of it, so that asking again would bring the same
};
/// Makes the schema in a scratch database beside the connection's own and lets the server print it. Events are made disabled. Throws Error(connection
/// | unsupported) where there can be no scratch database.
Asked ask_server(const schema::Metadata& metadata, const Connection& connection);

/// What the answer depends on: the server, its settings and all that is declared.
std::string cache_key(const schema::Metadata& metadata, const Connection& connection);
/// The user's cache: $XDG_CACHE_HOME/aludel/mysql or ~/.cache/aludel/mysql. Whatever goes wrong with it is no error: it is asked again.
std::optional<PrintedSchema> cached_answer(const std::string& key);
void cache_answer(const std::string& key, const PrintedSchema& printed);

}  // namespace aludel::mysql
