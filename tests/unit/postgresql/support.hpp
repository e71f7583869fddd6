#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/schema/schema.hpp>

#include <memory>
#include <string>
#include <string_view>

/// A private PostgreSQL server for the tests of this folder, started on first use and stopped with the process.
namespace aludel::postgresql::test {

/// A connection to a fresh database, dropped with the server.
std::unique_ptr<dialect::Connection> fresh_database();
/// Runs a script of any number of statements.
void run(dialect::Connection& connection, std::string_view script);
/// What the introspector says of a fresh database in which the script ran.
schema::Metadata schema_of(std::string_view script);
/// The directory of its socket.
const std::string& server_directory();

}  // namespace aludel::postgresql::test
