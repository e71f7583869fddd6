#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/op/operation.hpp>

#include <span>

namespace aludel::postgresql {

/// Throws Error(unsupported) for the first operation that asks for what came with a later version than the server's. What is the text of an object is
/// left to the server.
void refuse_newer(std::span<const op::Operation> operations, const dialect::Server& server);

}  // namespace aludel::postgresql
