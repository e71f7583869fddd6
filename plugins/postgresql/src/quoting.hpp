#pragma once

#include <aludel/schema/schema.hpp>
#include <aludel/value.hpp>

#include <string>
#include <string_view>

namespace aludel::postgresql {

/// In double quotes, inner ones doubled; without quotes where the server itself would print none.
std::string quote_identifier(std::string_view text);
/// schema.name, or the name alone.
std::string quote_name(const schema::Name& name);
/// A value as SQL spells it; strings in single quotes, inner ones doubled, E'' where a backslash stands in them.
std::string quote_literal(const Value& value);

}  // namespace aludel::postgresql
