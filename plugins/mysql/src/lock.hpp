#pragma once

#include <aludel/dialect/dialect.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace aludel::mysql {

/// A named lock of the session (GET_LOCK), its name a hash of `name` and the database's; given back with the object, or by the server when the
/// session ends. Polls, so that a runner that waits can be interrupted. In a Galera cluster there is no such lock, and none is taken: the journal
/// alone decides there. Throws Error(busy) naming the holder after `wait`.
std::unique_ptr<dialect::Lock> take_lock(dialect::Connection& connection, std::string_view name, std::chrono::milliseconds wait);

/// What the server calls it: names are of the whole server, and of at most 64 characters (manuals, GET_LOCK).
std::string lock_name(dialect::Connection& connection, std::string_view name);

}  // namespace aludel::mysql
