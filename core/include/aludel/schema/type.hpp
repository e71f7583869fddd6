#pragma once

#include <aludel/export.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aludel::schema {

enum class TypeKind {
  boolean,
  smallint,
  integer,
  bigint,
  real,
  double_precision,
  decimal,
  text,
  varchar,
  character,
  binary,
  date,
  time,
  timestamp,
  interval,
  uuid,
  json,
  enumeration,
  array,
  native,  ///< the dialect's own word for it
};

/// A column type, neutral between dialects, in two spellings (law 4): what the author declared, and what the server calls it.
///
/// The neutral spelling in files: boolean, smallint, integer, bigint, real, double, decimal, decimal(10,2), text, varchar(80), char(2), binary,
/// binary(16), date, time, timestamp, timestamp(3), timestamp with time zone, time with time zone, interval, uuid, json,
/// enum(rank, 'rookie', 'veteran'), array(integer), and native('tsvector') for the rest.
struct ALUDEL_API Type {
  TypeKind kind = TypeKind::text;
  std::optional<int> length;        ///< varchar, character, binary
  std::optional<int> precision;     ///< decimal; fractional seconds of time and timestamp
  std::optional<int> scale;         ///< decimal
  bool with_zone = false;           ///< time, timestamp
  std::string name;                 ///< enumeration: the type's name, possibly "schema.name"; may be empty
  std::vector<std::string> values;  ///< enumeration
  std::vector<Type> element;        ///< array: exactly one
  std::string text;                 ///< native
  std::string canonical;            ///< the server's spelling; empty until a dialect has filled it in

  static Type boolean();
  static Type smallint();
  static Type integer();
  static Type bigint();
  static Type real();
  static Type double_precision();
  static Type decimal(std::optional<int> precision = {}, std::optional<int> scale = {});
  static Type string();  ///< text
  static Type varchar(int length);
  static Type character(int length);
  static Type binary(std::optional<int> length = {});
  static Type date();
  static Type time(bool with_zone = false);
  static Type timestamp(bool with_zone = false, std::optional<int> precision = {});
  static Type interval();
  static Type uuid();
  static Type json();
  static Type enumeration(std::string name, std::vector<std::string> values);
  static Type array(Type element);
  static Type native(std::string text);

  bool operator==(const Type&) const = default;
};

/// The neutral spelling, without the canonical one.
ALUDEL_API std::string to_text(const Type& type);
/// Reads the neutral spelling, in any case and with free white space; a word it does not know becomes native(text).
/// Throws Error(syntax) on malformed arguments: "varchar(x)", an unclosed parenthesis.
ALUDEL_API Type parse_type(std::string_view text);

}  // namespace aludel::schema
