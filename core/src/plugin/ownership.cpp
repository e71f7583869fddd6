#include "plugin/ownership.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace aludel::plugin {
namespace {

/// The user's name, or its number where it has none.
std::string user_name(uid_t user) {
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return found->pw_name;
  return std::to_string(user);
}

/// A group of the owner's own name with nobody else in it, as many systems make for every user and then let it write by default.
bool is_private_group(gid_t group, uid_t owner) {
  std::vector<char> buffer(65536);
  ::group entry{};
  ::group* found = nullptr;
  if (::getgrgid_r(group, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return false;
  const std::string name = user_name(owner);
  if (name != found->gr_name) return false;
  for (char** member = found->gr_mem; *member != nullptr; ++member) {
    if (name != *member) return false;
  }
  return true;
}

std::optional<Refusal> check_one(const std::filesystem::path& path, std::string_view what) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) {
    return Refusal{Verdict::unreadable, fmt::format("{} cannot be looked at: {}", what, std::strerror(errno)), "check the path"};
  }
  const std::string shown = quoted(path.string());
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    return Refusal{Verdict::writable_by_others,
                   fmt::format("{} belongs to {}, neither to {} nor to root", what, user_name(status.st_uid), user_name(::geteuid())),
                   fmt::format("if you trust it: chown {} {}", user_name(::geteuid()), shown)};
  }
  if ((status.st_mode & S_IWOTH) != 0) {
    return Refusal{Verdict::writable_by_others, fmt::format("everybody can write to {}", what), fmt::format("chmod o-w {}", shown)};
  }
  if ((status.st_mode & S_IWGRP) != 0 && status.st_gid != 0 && !is_private_group(status.st_gid, status.st_uid)) {
    return Refusal{Verdict::writable_by_others, fmt::format("its group can write to {}", what), fmt::format("chmod g-w {}", shown)};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> check_ownership(const std::filesystem::path& file) {
  // The file itself, not a symbolic link to it: anybody may own a link, what counts is what is loaded.
  std::error_code error;
  std::filesystem::path real = std::filesystem::canonical(file, error);
  if (error) return Refusal{Verdict::unreadable, "it cannot be opened: " + error.message(), "check the path"};
  if (auto refusal = check_one(real, "the file")) return refusal;
  if (auto refusal = check_one(real.parent_path(), "its directory")) return refusal;
  if (real.parent_path() != file.parent_path() && std::filesystem::is_symlink(file)) {
    return check_one(std::filesystem::absolute(file).parent_path(), "the directory of the link to it");
  }
  return std::nullopt;
}

}  // namespace aludel::plugin
