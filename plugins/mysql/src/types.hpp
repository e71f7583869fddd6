#pragma once

#include <aludel/dialect/connection.hpp>
#include <aludel/schema/type.hpp>

#include <string>
#include <string_view>

namespace aludel::mysql {

/// A type as the servers or an author spell it ("int(11)", "INTEGER UNSIGNED", "enum('a','b')"): its neutral kind, native where there is none, with
/// the canonical spelling filled in. Display widths that say nothing (MySQL 8 prints none) are left out of it. Never throws.
schema::Type type_of(std::string_view text);

/// The type as a server takes it. Throws Error(unsupported) for intervals and arrays, which there are none of.
std::string type_text(const schema::Type& type, const dialect::Server& server);

/// What stands before the arguments of a canonical type: "int", "varchar", "enum".
std::string_view type_word(std::string_view canonical);
std::string_view type_word(std::string&& canonical) = delete;  // it would not outlive the statement
/// Does it have a character set?
bool is_text_type(std::string_view canonical);
/// Numbers, whose defaults MySQL prints as strings.
bool is_numeric_type(std::string_view canonical);
/// Types whose default MySQL takes as an expression only.
bool needs_expression_default(std::string_view canonical);

}  // namespace aludel::mysql
