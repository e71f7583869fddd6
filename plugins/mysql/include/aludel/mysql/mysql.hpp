#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/export.hpp>

/// The dialect of MySQL (8.0 to 9.x) and MariaDB (10.6 to 11.x), for programs that link it statically instead of loading it as a plugin.
namespace aludel::mysql {

/// The dialect itself: immutable, thread-safe, alive as long as the process.
ALUDEL_API const dialect::Dialect& dialect();

}  // namespace aludel::mysql
