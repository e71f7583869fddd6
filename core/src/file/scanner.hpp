#pragma once

#include <cstddef>
#include <string_view>

namespace aludel::file {

/// One line of TOML text.
struct TomlLine {
  std::size_t begin = 0;    ///< where it starts
  std::size_t end = 0;      ///< where its newline stands, or the text's end
  std::size_t number = 0;   ///< from 1
  bool fresh = false;       ///< starts outside every string and bracket, so it is a statement, a header, a comment or blank
  std::string_view text{};  ///< without the newline and outer blanks
  bool header() const { return fresh && text.starts_with('['); }
  bool comment() const { return fresh && text.starts_with('#'); }
};

/// Cuts TOML text into lines and knows which of them only look like headers or comments because they stand in a string of several lines or in a list.
/// Never fails: text that is no TOML gives some lines, and the parser complains later.
class TomlScanner {
 public:
  explicit TomlScanner(std::string_view text) : text_(text) {}
  /// False at the end.
  bool next(TomlLine& line);
  /// How many dots the longest dotted key of the line just read has.
  std::size_t dots() const { return most_dots_; }

 private:
  enum class Inside { nothing, basic, literal, basic_lines, literal_lines };
  void walk(std::string_view line);

  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t number_ = 0;
  Inside inside_ = Inside::nothing;
  std::size_t depth_ = 0;
  std::size_t most_dots_ = 0;
};

/// Whether this is a time as revision files hold it, 2026-11-22T13:10:00Z, which TOML holds without quotes: an offset date-time in UTC without
/// fractions, of a day that is in the calendar.
bool is_plain_time(std::string_view text);

}  // namespace aludel::file
