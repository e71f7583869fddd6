#pragma once

#include <aludel/error.hpp>
#include <aludel/value.hpp>

#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aludel::cli {

enum class Style { plain, bold, dim, red, green, yellow, cyan };
enum class ColorMode { automatic, always, never };

/// Where a command's words go: what it was asked for to standard output, everything else to standard error; with --json standard output is one
/// document.
class Output {
 public:
  Output(std::ostream& out, std::ostream& err);

  void configure(bool json, ColorMode color, int verbosity);

  bool json() const { return json_; }
  bool verbose() const { return verbosity_ > 0; }
  /// Is standard error a terminal that progress may be redrawn on?
  bool live() const { return live_; }

  /// A line of the result, for people; nothing with --json.
  void print(std::string_view line = {});
  /// Text as it is, without a newline added; nothing with --json.
  void write(std::string_view text);
  /// The result, for programs; nothing without --json.
  void document(const Value& value);
  /// Progress and remarks, to standard error; nothing with -q.
  void say(std::string_view line);
  /// Only with -v.
  void detail(std::string_view line);
  void warn(std::string_view line);
  void fail(const Error& error);
  /// Redraws one line on a terminal; the next other line to standard error removes it.
  void progress(std::string_view line);

  /// Styled text for standard output / standard error, plain where no colour is wanted.
  std::string paint(Style style, std::string_view text) const;
  std::string paint_error(Style style, std::string_view text) const;

 private:
  void clear_progress();

  std::ostream& out_;
  std::ostream& err_;
  bool json_ = false;
  bool out_color_ = false;
  bool err_color_ = false;
  bool live_ = false;
  bool progress_shown_ = false;
  int verbosity_ = 0;
};

/// Columns of text, padded by display width; the last one is not padded.
class Listing {
 public:
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  bool empty() const { return rows_.empty(); }
  void print(Output& output, std::string_view indent = "") const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace aludel::cli
