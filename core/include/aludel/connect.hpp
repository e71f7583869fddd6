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

}  // namespace aludel
