#include "plugin/dependencies.hpp"

#include <aludel/text.hpp>

#include <dlfcn.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <string_view>
#include <system_error>

namespace aludel::plugin {
namespace {

bool is_loaded(const std::string& name) {
  void* handle = ::dlopen(name.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  if (handle == nullptr) {
    ::dlerror();
    return false;
  }
  ::dlclose(handle);
  return true;
}

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

/// The names in /etc/ld.so.cache, in glibc's format 1.1 (elf/cache.c, dl-cache.h): a 48 byte header with the number of entries at 20, then entries of
/// 24 bytes with the name's offset at 4. nullopt when there is no such cache.
std::optional<std::set<std::string>> cached_names() {
  std::ifstream file("/etc/ld.so.cache", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  constexpr std::string_view magic = "glibc-ld.so.cache1.1";
  constexpr std::size_t header_size = 48, entry_size = 24;
  if (bytes.size() < header_size || std::string_view(bytes).substr(0, magic.size()) != magic) return std::nullopt;
  auto number = [&](std::size_t offset) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
  };
  std::set<std::string> names;
  const std::uint64_t count = number(magic.size());
  for (std::uint64_t i = 0; i < count && header_size + (i + 1) * entry_size <= bytes.size(); ++i) {
    std::size_t name = number(header_size + i * entry_size + 4);
    if (name < bytes.size()) names.insert(bytes.c_str() + name);
  }
  return names;
}

std::string expand_origin(std::string text, const std::filesystem::path& file) {
  for (std::string_view token : {"${ORIGIN}", "$ORIGIN"}) {
    for (std::size_t at = text.find(token); at != std::string::npos; at = text.find(token)) {
      text.replace(at, token.size(), file.parent_path().string());
    }
  }
  return text;
}

}  // namespace

std::optional<std::string> missing_dependency(const ElfFacts& facts, const std::filesystem::path& file) {
  std::vector<std::string> directories;
  for (const std::string& part : facts.run_path) directories.push_back(expand_origin(part, file));
  if (const char* path = ::secure_getenv("LD_LIBRARY_PATH")) {
    for (std::string& part : split(path, ':')) directories.push_back(std::move(part));
  }
  for (const char* standard : {"/lib64", "/usr/lib64", "/lib", "/usr/lib"}) directories.emplace_back(standard);

  std::optional<std::set<std::string>> cache;
  bool cache_read = false;
  for (const std::string& name : facts.needed) {
    if (name.find('/') != std::string::npos) {
      if (!is_there(name)) return name;
      continue;
    }
    if (is_loaded(name)) continue;
    bool found = false;
    for (const std::string& directory : directories) found = found || (!directory.empty() && is_there(std::filesystem::path(directory) / name));
    if (found) continue;
    if (!cache_read) cache = cached_names();
    cache_read = true;
    if (cache && cache->count(name) == 0) return name;
  }
  return std::nullopt;
}

}  // namespace aludel::plugin
