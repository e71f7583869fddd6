#pragma once

#include <aludel/dialect/dialect.hpp>

#include <chrono>
#include <memory>
#include <string_view>

namespace aludel::postgresql {

/// The first key of our locks, "alud", so that an application's own advisory locks are not met by chance.
constexpr int lock_class = 0x616c7564;

/// An advisory lock of the session (manual, 13.3.5), keyed by a hash of `name`; given back with the object, or by the server when the session ends.
/// Polls, so that a runner that waits holds nothing and can be interrupted. Throws Error(busy) naming the holder after `wait`.
std::unique_ptr<dialect::Lock> take_lock(dialect::Connection& connection, std::string_view name, std::chrono::milliseconds wait);

}  // namespace aludel::postgresql
