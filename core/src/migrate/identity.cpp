#include "identity.hpp"

#include <aludel/version.hpp>

#include <fmt/format.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>

namespace aludel::migrate {

namespace {

std::string user_name() {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return found->pw_name;
  return std::to_string(geteuid());  // as in containers that run under a number without a name
}

std::string host_name() {
  std::array<char, 256> buffer{};
  if (gethostname(buffer.data(), buffer.size() - 1) != 0) return "localhost";
  return buffer.data();
}

}  // namespace

std::string utc_now() {
  using namespace std::chrono;
  const auto now = floor<milliseconds>(system_clock::now());
  const auto day = floor<days>(now);
  const year_month_day date(day);
  const hh_mm_ss time(now - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

std::string who_am_i() { return fmt::format("{}@{} pid {}", user_name(), host_name(), getpid()); }

bool certainly_gone(std::string_view who) {
  const auto at_sign = who.find('@');
  const auto pid_at = who.rfind(" pid ");
  if (at_sign == std::string_view::npos || pid_at == std::string_view::npos || pid_at < at_sign) return false;
  if (who.substr(at_sign + 1, pid_at - at_sign - 1) != host_name()) return false;
  const auto digits = who.substr(pid_at + 5);
  pid_t pid = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), pid);
  if (failure != std::errc() || end != digits.data() + digits.size() || pid <= 0) return false;
  if (pid == getpid()) return true;  // that would be us, and we are not running it
  return kill(pid, 0) != 0 && errno == ESRCH;
}

std::string tool_name(const std::string& given) { return given.empty() ? fmt::format("aludel {}", version()) : given; }

}  // namespace aludel::migrate
