#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/export.hpp>

/// The PostgreSQL dialect (servers 13 to 18), for programs that link it statically instead of loading it as a plugin.
namespace aludel::postgresql {

/// The dialect itself: immutable, thread-safe, alive as long as the process.
ALUDEL_API const dialect::Dialect& dialect();

}  // namespace aludel::postgresql
