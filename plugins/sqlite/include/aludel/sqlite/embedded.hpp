#pragma once

#include <aludel/embedded.hpp>
#include <aludel/sqlite/sqlite.hpp>

#include <utility>

namespace aludel::sqlite {

/// embedded::upgrade() on a connection that the application opened itself: the program has one copy of SQLite, and this is its one connection to the
/// file. The handle stays the application's; nothing about it is changed.
inline embedded::Result upgrade(sqlite3* handle, const revision::Store& revisions, const embedded::Options& options = {}) {
  try {
    return embedded::upgrade(*adopt(handle), revisions, options);
  } catch (const Error& error) {  // no handle, or a file that is no database
    embedded::Result result;
    result.error = error;
    return result;
  }
}

}  // namespace aludel::sqlite
