#pragma once

#include <string>
#include <string_view>
#include <vector>

/// What a model needs of SQL text: the words in it. Only to make names and find dependencies of: what SQL means is the dialect's business.
namespace aludel::detail {

struct Word {
  std::string text;
  bool quoted = false;
  bool operator==(const Word&) const = default;
};

/// Bare and quoted identifiers, keywords and numbers, in their order; strings and comments are left out.
std::vector<Word> words(std::string_view sql);
/// Does the word name this? Bare words name without regard to case.
bool names(const Word& word, std::string_view name);
/// "lower(name)" -> "lower_name": an expression's part in a name; at most 40 bytes, cut ones end in a checksum.
std::string slug(std::string_view sql);
/// 'it''s'
std::string string_literal(std::string_view text);
/// The shortest text that reads back as the same number, always with a point or an exponent. For finite numbers.
std::string number_literal(double value);

}  // namespace aludel::detail
