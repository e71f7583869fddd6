#pragma once

#include <aludel/error.hpp>
#include <aludel/plugin/loader.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

namespace fs = std::filesystem;

/// A directory of our own, gone with the object. Its mode is 0700, so that the loader trusts it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (fs::temp_directory_path() / "aludel-plugin-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const fs::path& path() const { return path_; }
  fs::path operator/(const std::string& name) const { return path_ / name; }
  aludel::plugin::SearchPath search_path(std::string origin = "--plugin-path") const { return {{path_, std::move(origin)}}; }

 private:
  fs::path path_;
};

inline std::string slurp(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

inline void spit(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
  fs::permissions(file, fs::perms::owner_all | fs::perms::group_read | fs::perms::others_read);
}

inline std::string fixture(const std::string& name) { return std::string(FIXTURES) + "/" + name; }

/// A copy of a fixture, changed by nobody's umask.
inline fs::path copy_fixture(const std::string& name, const fs::path& to) {
  spit(to, slurp(fixture(name)));
  return to;
}

/// Replaces the one place where `from` stands; both of equal length.
inline std::string patched(std::string bytes, const std::string& from, const std::string& to) {
  std::size_t at = bytes.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  EXPECT_EQ(from.size(), to.size());
  if (at != std::string::npos) bytes.replace(at, from.size(), to);
  return bytes;
}

/// The Error that a call throws; fails the test when it throws none.
template <class Call>
std::optional<aludel::Error> error_of(Call call) {
  try {
    call();
  } catch (const aludel::Error& error) {
    return error;
  }
  ADD_FAILURE() << "no aludel::Error was thrown";
  return aludel::Error(aludel::ErrorKind::internal, "none");
}
