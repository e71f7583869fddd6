#include "output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

namespace aludel::cli {
namespace {

std::string painted(Style style, std::string_view text, bool color) {
  if (!color || style == Style::plain || text.empty()) return std::string(text);
  std::string_view code;
  switch (style) {
    case Style::plain:
      break;
    case Style::bold:
      code = "1";
      break;
    case Style::dim:
      code = "2";
      break;
    case Style::red:
      code = "1;31";
      break;
    case Style::green:
      code = "32";
      break;
    case Style::yellow:
      code = "33";
      break;
    case Style::cyan:
      code = "36";
      break;
  }
  return fmt::format("\033[{}m{}\033[0m", code, text);
}

bool is_terminal(const std::ostream& stream, const std::ostream& standard, int descriptor) { return &stream == &standard && isatty(descriptor) != 0; }

/// Columns a terminal gives the text: escape sequences none, each UTF-8 character one.
std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\033') {
      while (i < text.size() && text[i] != 'm') ++i;
      continue;
    }
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) ++width;
  }
  return width;
}

}  // namespace

Output::Output(std::ostream& out, std::ostream& err) : out_(out), err_(err) { configure(false, ColorMode::automatic, 0); }

void Output::configure(bool json, ColorMode color, int verbosity) {
  json_ = json;
  verbosity_ = verbosity;
  const bool out_terminal = is_terminal(out_, std::cout, STDOUT_FILENO);
  const bool err_terminal = is_terminal(err_, std::cerr, STDERR_FILENO);
  live_ = err_terminal && verbosity >= 0;
  const char* no_color = std::getenv("NO_COLOR");  // https://no-color.org: present and not empty
  const bool wanted = color == ColorMode::always || (color == ColorMode::automatic && (no_color == nullptr || *no_color == '\0'));
  out_color_ = wanted && (color == ColorMode::always || out_terminal);
  err_color_ = wanted && (color == ColorMode::always || err_terminal);
}

void Output::print(std::string_view line) {
  if (json_) return;
  clear_progress();
  out_ << line << '\n';
}

void Output::write(std::string_view text) {
  if (json_) return;
  clear_progress();
  out_ << text;
}

void Output::document(const Value& value) {
  if (json_) out_ << to_json(value, 2) << '\n';
}

void Output::say(std::string_view line) {
  if (verbosity_ < 0) return;
  clear_progress();
  out_.flush();
  err_ << line << '\n';
}

void Output::detail(std::string_view line) {
  if (verbosity_ > 0) say(paint_error(Style::dim, line));
}

void Output::warn(std::string_view line) {
  clear_progress();
  out_.flush();
  err_ << paint_error(Style::yellow, "warning: ") << line << '\n';
}

void Output::fail(const Error& error) {
  clear_progress();
  out_.flush();
  err_ << paint_error(Style::red, "error: ") << error.text() << '\n';
}

void Output::progress(std::string_view line) {
  if (!live_) return;
  err_ << "\r\033[K" << line << std::flush;
  progress_shown_ = true;
}

void Output::clear_progress() {
  if (!progress_shown_) return;
  err_ << "\r\033[K" << std::flush;
  progress_shown_ = false;
}

std::string Output::paint(Style style, std::string_view text) const { return painted(style, text, out_color_); }
std::string Output::paint_error(Style style, std::string_view text) const { return painted(style, text, err_color_); }

void Listing::print(Output& output, std::string_view indent) const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    if (widths.size() < row.size()) widths.resize(row.size());
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
  }
  for (const auto& row : rows_) {
    std::string line(indent);
    std::size_t pending = 0;  // padding is written only when something follows
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (row[i].empty()) {
        pending += widths[i] + 2;
        continue;
      }
      line.append(pending, ' ').append(row[i]);
      pending = widths[i] - display_width(row[i]) + 2;
    }
    output.print(line);
  }
}

}  // namespace aludel::cli
