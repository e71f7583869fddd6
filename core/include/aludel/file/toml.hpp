#pragma once

#include <aludel/export.hpp>
#include <aludel/value.hpp>

#include <string>
#include <string_view>

/// What stands in files: revisions, snapshots, aludel.toml. TOML 1.0 throughout (https://toml.io/en/v1.0.0).
namespace aludel::file {

/// Reads TOML text into a value: an object in the order of the text, every node and key marked with its line and column (in bytes).
///
/// Dates and times become strings as the text has them (RFC 3339). CRLF reads as LF and a byte order mark is skipped, so that a checkout's line
/// ends never change what an operation says. Throws Error(syntax) with `name`, line and column. Thread-safe.
ALUDEL_API Value parse_toml(std::string_view text, std::string_view name = "toml");

/// Writes an object as a TOML document in the shape revision files have: simple keys, arrays of tables with one inline table a line, and what
/// does not fit on a line of 120 bytes, or holds text of several lines, as [sections] below. parse_toml(to_toml(v)) == v for every object that
/// TOML can say, and the text depends on nothing but the value.
///
/// Throws Error(unsupported) naming the key for what TOML cannot say: null, bytes, text that is not UTF-8.
ALUDEL_API std::string to_toml(const Value& object);

/// One string, quoted as it reads best on one line: "basic", or 'literal' where that saves escapes.
ALUDEL_API std::string toml_string(std::string_view text);

}  // namespace aludel::file
