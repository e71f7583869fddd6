#include <aludel/error.hpp>
#include <aludel/file/script_directory.hpp>
#include <aludel/text.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <ctime>

namespace aludel::file {
namespace {

using Time = std::chrono::sys_seconds;

Time now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

/// RFC 3339, to the second; a time without an offset is taken for UTC.
std::optional<Time> parse_time(const std::string& text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, read = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2d%*1[Tt ]%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute, &second, &read) != 6) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  auto time = std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
  auto rest = std::string_view(text).substr(static_cast<std::size_t>(read));
  if (rest.starts_with('.')) rest.remove_prefix(std::min(rest.find_first_not_of("0123456789", 1), rest.size()));
  int offset_hours = 0, offset_minutes = 0;
  if (std::sscanf(std::string(rest).c_str(), "%3d:%2d", &offset_hours, &offset_minutes) == 2) {
    const auto offset = std::chrono::hours(std::abs(offset_hours)) + std::chrono::minutes(offset_minutes);
    time += rest.front() == '-' ? offset : -offset;
  }
  return time;
}

std::tm calendar(Time time) { return fmt::gmtime(std::chrono::system_clock::to_time_t(time)); }

}  // namespace

std::string now_text() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", calendar(now())); }

std::string slug(std::string_view message) {
  constexpr std::size_t limit = 40;
  std::string words;
  for (const char c : to_lower(message)) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (word) {
      words += c;
    } else if (!words.empty() && words.back() != '_') {
      words += '_';
    }
  }
  if (words.size() > limit) {
    const auto gap = words.rfind('_', limit);
    words.resize(gap == std::string::npos ? limit : gap);
  }
  while (words.ends_with('_')) words.pop_back();
  return words;
}

std::string revision_file_name(const revision::Revision& revision, RevisionFormat format, std::string_view file_template) {
  const auto refuse = [&](const std::string& why) {
    throw Error(ErrorKind::configuration, fmt::format("file_template {} {}", quoted(file_template), why))
        .with_hint(fmt::format("the default is \"{}\"", default_file_template));
  };
  const auto created = revision.created.empty() ? now() : parse_time(revision.created);
  if (!created) {
    throw Error(ErrorKind::revision, fmt::format("{} is no date and time", quoted(revision.created)))
        .with_hint("write it as 2026-11-22T13:10:00Z")
        .in_revision(revision.id);
  }
  const auto time = calendar(*created);
  const std::vector<std::pair<std::string, std::string>> tokens = {{"rev", revision.id},
                                                                   {"slug", slug(revision.message)},
                                                                   {"year", fmt::format("{:%Y}", time)},
                                                                   {"month", fmt::format("{:%m}", time)},
                                                                   {"day", fmt::format("{:%d}", time)},
                                                                   {"hour", fmt::format("{:%H}", time)},
                                                                   {"minute", fmt::format("{:%M}", time)},
                                                                   {"second", fmt::format("{:%S}", time)},
                                                                   {"epoch", std::to_string(created->time_since_epoch().count())}};
  std::string name;
  for (std::size_t i = 0; i < file_template.size(); ++i) {
    if (file_template[i] != '{') {
      name += file_template[i];
      continue;
    }
    const auto end = file_template.find('}', i);
    if (end == std::string_view::npos) refuse("has a '{' without '}'");
    const auto token = file_template.substr(i + 1, end - i - 1);
    const auto found = std::find_if(tokens.begin(), tokens.end(), [&](const auto& entry) { return entry.first == token; });
    if (found == tokens.end()) {
      std::vector<std::string> known;
      for (const auto& entry : tokens) known.push_back(entry.first);
      refuse("has the unknown token " + quoted(token) + did_you_mean(token, known));
    }
    name += found->second;
    i = end;
  }
  while (name.ends_with('_')) name.pop_back();
  if (file_template.find("{rev}") == std::string_view::npos) refuse("lacks {rev}, without which two revisions could claim one name");
  if (name.find('/') != std::string::npos || name.starts_with('.')) refuse("names no visible file in the directory");
  return name + (format == RevisionFormat::toml ? ".toml" : ".sql");
}

}  // namespace aludel::file
