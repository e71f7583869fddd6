#pragma once

#include "plugin/refusal.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace aludel::plugin {

/// Reads a record's text, the part after its magic; keys it does not know are for later versions of aludel. Never throws but for memory.
std::variant<Record, Refusal> parse_record(std::string_view text);
/// The same facts from a descriptor; null texts become empty ones.
Record record_of(const Descriptor& descriptor);

/// Is it for this aludel, and for this kind of thing? nullopt when it is.
std::optional<Refusal> check_record(const Record& record, std::optional<Kind> kind);

std::string_view to_string(Kind kind);

}  // namespace aludel::plugin
