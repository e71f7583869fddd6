#pragma once

#include <aludel/value.hpp>

#include <string>

namespace aludel::sqlite {

/// A value as an SQL expression that reads back as the very same value; arrays and objects as JSON text, NaN as NULL, as SQLite stores it. A double
/// that this SQLite would misread by its decimal digits (its conversion is not correctly rounded) becomes a quotient or product by powers of two.
std::string quote_literal(const Value& value);

}  // namespace aludel::sqlite
