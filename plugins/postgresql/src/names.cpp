#include "names.hpp"

namespace aludel::postgresql {

namespace {

/// The longest prefix of at most so many bytes that cuts no UTF-8 character.
std::string_view clipped(std::string_view text, std::size_t length) {
  if (text.size() <= length) return text;
  while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) --length;
  return text.substr(0, length);
}

}  // namespace

std::string object_name(std::string_view first, std::string_view second, std::string_view label) {
  constexpr std::size_t longest = 63;
  const std::size_t overhead = (second.empty() ? 0 : 1) + (label.empty() ? 0 : 1 + label.size());
  std::size_t first_length = first.size();
  std::size_t second_length = second.size();
  while (first_length + second_length + overhead > longest) {
    if (first_length > second_length) {
      --first_length;
    } else {
      --second_length;
    }
  }
  std::string name(clipped(first, first_length));
  if (!second.empty()) name.append("_").append(clipped(second, second_length));
  if (!label.empty()) name.append("_").append(label);
  return name;
}

}  // namespace aludel::postgresql
