#pragma once

#include <aludel/export.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aludel {

/// The entry of `known` nearest to `word` by edit distance, if it is near enough to be meant (at most a third of its length, at least 1).
ALUDEL_API std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known);
/// " (did you mean 'x'?)" or nothing.
ALUDEL_API std::string did_you_mean(std::string_view word, std::span<const std::string> known);

/// ASCII only: SQL keywords, SQLite's identifier folding. Locale-independent.
ALUDEL_API std::string to_lower(std::string_view text);
ALUDEL_API std::string to_upper(std::string_view text);
ALUDEL_API bool equals_ignoring_case(std::string_view a, std::string_view b);
ALUDEL_API std::string_view trim(std::string_view text);
ALUDEL_API std::vector<std::string> split(std::string_view text, char separator);
ALUDEL_API std::string join(std::span<const std::string> parts, std::string_view separator);

/// For people: control characters, newlines and invalid UTF-8 escaped, cut to `limit` bytes with an ellipsis at a character's boundary.
ALUDEL_API std::string printable(std::string_view text, std::size_t limit = 200);
/// 'text' in single quotes, printable: how messages quote a name that comes from outside.
ALUDEL_API std::string quoted(std::string_view text);
inline std::string quoted(const std::string& text) { return quoted(std::string_view(text)); }  // else std::quoted would be found first
inline std::string quoted(std::string& text) { return quoted(std::string_view(text)); }
inline std::string quoted(const char* text) { return quoted(std::string_view(text)); }
/// "1 row", "2 rows".
ALUDEL_API std::string counted(std::size_t count, std::string_view singular, std::string_view plural = {});

/// CRLF to LF, byte order mark dropped, exactly one trailing newline: the text checksums are taken of.
ALUDEL_API std::string canonical_text(std::string_view text);
/// SHA-256 (FIPS 180-4) in lower-case hex.
ALUDEL_API std::string sha256(std::string_view bytes);

/// Splits a dotted name as files write it: `table`, `schema.table`, `"odd.name".column`; quotes are doubled inside quotes.
/// Throws Error(syntax) on an empty part or an unclosed quote.
ALUDEL_API std::vector<std::string> split_name(std::string_view text);
/// The inverse: parts with a dot, a quote, a control character, outer space or nothing in them are double-quoted.
ALUDEL_API std::string join_name(std::span<const std::string> parts);

}  // namespace aludel
