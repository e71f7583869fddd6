#pragma once

#include <aludel/schema/schema.hpp>
#include <aludel/value.hpp>

#include <string>
#include <string_view>

namespace aludel::mysql {

/// In backticks, inner ones doubled. Throws Error(unsupported) where a NUL byte stands in the name.
std::string quote_identifier(std::string_view text);
/// database.name, or the name alone.
std::string quote_name(const schema::Name& name);
/// In single quotes, inner ones doubled, backslashes and NUL bytes escaped: as sessions of ours read it, which have no NO_BACKSLASH_ESCAPES.
std::string quote_string(std::string_view text);
/// A value as SQL spells it.
std::string quote_literal(const Value& value);

}  // namespace aludel::mysql
