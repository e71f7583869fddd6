#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/schema/schema.hpp>

#include <memory>
#include <string>
#include <string_view>

/// Databases for the tests of this folder, on the PostgreSQL server of tests/support/server.hpp.
namespace aludel::postgresql::test {

/// A connection to a fresh database, which goes with the private server.
std::unique_ptr<dialect::Connection> fresh_database();
/// What a user would give to reach a fresh database.
std::string fresh_url();
/// Of the tests' server.
int server_major();
/// Runs a script of any number of statements.
void run(dialect::Connection& connection, std::string_view script);
/// What the introspector says of a fresh database in which the script ran. "/*15: text */" is run as `text` by servers from that version on, and is a
/// comment to others.
schema::Metadata schema_of(std::string_view script);

}  // namespace aludel::postgresql::test
