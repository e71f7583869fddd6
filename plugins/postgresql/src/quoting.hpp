#pragma once

#include <aludel/schema/schema.hpp>
#include <aludel/value.hpp>

#include <string>
#include <string_view>

namespace aludel::postgresql {

/// Does the server print the name without quotes (quote_ident)? Of a keyword that only some versions have it is said that none does.
bool is_printed_bare(std::string_view name);
/// In double quotes, inner ones doubled.
std::string quote_identifier(std::string_view text);
/// schema.name, or the name alone.
std::string quote_name(const schema::Name& name);
/// A value as SQL spells it; strings in single quotes, inner ones doubled, E'' where a backslash stands in them.
std::string quote_literal(const Value& value);

}  // namespace aludel::postgresql
