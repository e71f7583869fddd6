#pragma once

#include <aludel/schema/schema.hpp>

#include <string>
#include <string_view>

/// SQL text as the servers print it, as authors write it, and back. Pure.
namespace aludel::mysql {

/// Server text as an author would write it: names bare where they may be, character set introducers of literals dropped, and, with `expression`,
/// outer parentheses too.
std::string declared_text(std::string_view server_text, bool expression);
/// "current_timestamp", "now()", "current_timestamp(3)" and nothing else.
bool is_current_time(std::string_view text);
/// What stands behind DEFAULT in a column of this (canonical) type: literals and CURRENT_TIMESTAMP as they are, all else in parentheses.
std::string default_clause(std::string_view text, std::string_view canonical_type, bool mariadb);
/// The text in one pair of parentheses, whose end no comment swallows.
std::string in_parentheses(std::string_view text);
/// The text without parentheses that enclose all of it.
std::string_view without_parentheses(std::string_view text);
/// The text without "`database`." in front of names.
std::string without_database(std::string_view text, std::string_view database);

/// What the server is told: the canonical spelling where there is one, else the declared one.
const std::string& sql_of(const schema::Expression& expression);

}  // namespace aludel::mysql
