#pragma once

#include "lexer.hpp"
#include "normal.hpp"
#include "types.hpp"

#include <aludel/sqlite/sqlite.hpp>
#include <aludel/text.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace aludel::sqlite::test {

inline std::unique_ptr<dialect::Connection> memory() { return dialect().connect(parse_url("sqlite://"), {}); }

inline void run(dialect::Connection& connection, std::string_view script) {
  for (const std::string& statement : dialect().split(script)) connection.execute(statement);
}

inline schema::Metadata introspect(dialect::Connection& connection, const dialect::Scope& scope = {}) {
  return dialect().introspector().introspect(connection, scope);
}

inline schema::Metadata schema_of(std::string_view script) {
  const auto connection = memory();
  run(*connection, script);
  return introspect(*connection);
}

/// The error a call throws; fails the test where it throws none.
template <class Call>
Error error_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "expected an aludel::Error";
  return {ErrorKind::internal, "none"};
}

inline std::uint64_t seed() {
  static const std::uint64_t value = [] {
    const char* given = std::getenv("ALUDEL_SEED");
    const std::uint64_t chosen = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
    std::cout << "ALUDEL_SEED=" << chosen << std::endl;
    return chosen;
  }();
  return value;
}

inline int cases(int usual) {
  const char* given = std::getenv("ALUDEL_CASES");
  return given ? std::atoi(given) : usual;
}

inline std::string text_of(const Value& value) { return value.string() ? *value.string() : std::string(); }
inline std::int64_t number_of(const Value& value) { return value.integer() ? *value.integer() : -1; }

/// The rows of a pragma as text, for comparing.
inline std::vector<std::vector<Value>> pragma(dialect::Connection& connection, std::string_view name, std::string_view argument) {
  return connection.execute("PRAGMA " + std::string(name) + "(" + quote_identifier(argument) + ")").rows;
}

/// Compares what introspection read from the text with what SQLite itself says of every table in its pragmas.
void cross_check(dialect::Connection& connection, const schema::Metadata& metadata);

}  // namespace aludel::sqlite::test
