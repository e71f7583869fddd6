#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/url.hpp>

#include <memory>

namespace aludel::mysql {

/// An empty database beside the connection's (or at the URL's server), with its character set and collation; dropped with the object. Its name says
/// when it was made, and those that a killed process left an hour ago are dropped on the way. Throws Error(unsupported) where the user may create
/// none.
std::unique_ptr<dialect::Scratch> make_scratch(dialect::Connection* connection, const Url* url);

}  // namespace aludel::mysql
