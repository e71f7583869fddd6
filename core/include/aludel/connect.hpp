#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/export.hpp>
#include <aludel/url.hpp>

#include <memory>
#include <string_view>

namespace aludel {

/// Opens a database with the dialect its URL names, found in the usual places (plugin::Loader): the connection that the tool uses.
/// Throws Error(syntax | plugin | connection). Any thread.
ALUDEL_API std::unique_ptr<dialect::Connection> connect(std::string_view url, const dialect::ConnectOptions& options = {});
ALUDEL_API std::unique_ptr<dialect::Connection> connect(const Url& url, const dialect::ConnectOptions& options = {});

/// Works on a connection that the application opened itself, with the dialect of that name loaded as a plugin: for SQLite
/// `adopt("sqlite", handle, reinterpret_cast<const void*>(&sqlite3_open_v2))` with a sqlite3*. See dialect::NativeConnection::adopt for both
/// pointers. A program that links the dialect statically needs none of this (aludel::sqlite::adopt). Throws Error(plugin | usage); Error(unsupported)
/// for a dialect that cannot. Any thread.
ALUDEL_API std::unique_ptr<dialect::Connection> adopt(std::string_view dialect, void* handle, const void* library);

}  // namespace aludel
