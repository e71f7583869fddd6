#include <aludel/diff/compare.hpp>
#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

namespace aludel::diff {

namespace {

std::size_t colon_outside_quotes(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == ':' && !quoted) return i;
  }
  return std::string_view::npos;
}

Error bad_rename(std::string_view text, std::string_view why) {
  return Error(ErrorKind::usage, fmt::format("--rename {}: {}", printable(text), why))
      .with_hint("write --rename old:new for a table, --rename table.old:new for a column; a name with a dot or a colon stands in double quotes");
}

}  // namespace

RenameHint parse_rename(std::string_view text) {
  const std::size_t colon = colon_outside_quotes(text);
  if (colon == std::string_view::npos) throw bad_rename(text, "there is no colon between the old name and the new one");
  std::vector<std::string> old, to;
  try {
    old = split_name(text.substr(0, colon));
    to = split_name(text.substr(colon + 1));
  } catch (const Error& error) {
    throw bad_rename(text, error.message());
  }
  // The whole new name is as good as its last part.
  if (to.size() > 1 && (to.size() != old.size() || !std::equal(to.begin(), to.end() - 1, old.begin()))) {
    throw bad_rename(text, "the new name stands alone, without its table");
  }
  switch (old.size()) {
    case 1:
      return {{"", old[0]}, "", to.back()};
    case 2:
      return {{"", old[0]}, old[1], to.back()};
    case 3:
      return {{old[0], old[1]}, old[2], to.back()};
    default:
      throw bad_rename(text, "a name has at most three parts: schema.table.column");
  }
}

}  // namespace aludel::diff
