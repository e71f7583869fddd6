#include <aludel/error.hpp>
#include <aludel/file/configuration.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <charconv>

namespace aludel::file {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr Unit units[] = {{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};

}  // namespace

std::chrono::milliseconds parse_duration(std::string_view text) {
  const auto word = trim(text);
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), count);
  const auto unit = trim(word.substr(static_cast<std::size_t>(end - word.data())));
  if (error == std::errc() && count >= 0) {
    if (unit.empty() && count == 0) return {};
    for (const auto& [name, milliseconds] : units) {
      std::int64_t product = 0;
      if (unit == name && !__builtin_mul_overflow(count, milliseconds, &product)) return std::chrono::milliseconds(product);
    }
  }
  throw Error(ErrorKind::syntax, fmt::format("{} is no duration", quoted(text)))
      .with_hint("write a number and h, m, s or ms, as \"3s\" or \"500ms\"; or \"0\"");
}

std::string duration_text(std::chrono::milliseconds duration) {
  const auto count = duration.count();
  if (count == 0) return "0";
  for (const auto& [name, milliseconds] : units) {
    if (count % milliseconds == 0) return fmt::format("{}{}", count / milliseconds, name);
  }
  return fmt::format("{}ms", count);
}

}  // namespace aludel::file
