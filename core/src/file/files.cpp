#include <aludel/error.hpp>
#include <aludel/file/script_directory.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

namespace aludel::file {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  bool valid() const { return number_ >= 0; }
  int get() const { return number_; }
  bool close() { return ::close(std::exchange(number_, -1)) == 0; }

 private:
  int number_;
};

std::string reason(int error) { return std::generic_category().message(error); }

[[noreturn]] void fail(std::string_view what, const std::filesystem::path& path, int error) {
  throw Error(ErrorKind::io, fmt::format("{} {}: {}", what, quoted(path.string()), reason(error)));
}

/// Removes the temporary file, whatever happens in between.
class Temporary {
 public:
  explicit Temporary(std::filesystem::path path) : path_(std::move(path)) {}
  ~Temporary() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  const std::filesystem::path& path() const { return path_; }
  void release() { path_.clear(); }

 private:
  std::filesystem::path path_;
};

void write_all(Descriptor& file, std::string_view text, const std::filesystem::path& path) {
  while (!text.empty()) {
    const auto written = ::write(file.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("cannot write", path, errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.get()) != 0) fail("cannot write", path, errno);
  if (!file.close()) fail("cannot write", path, errno);
}

/// A name that is there once the machine has lost its power, too. Not every file system can do this for a directory; the file itself is safe already.
void sync_directory(const std::filesystem::path& directory) {
  const Descriptor handle(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (handle.valid()) ::fsync(handle.get());
}

/// Gives the file its name unless that is taken. Returns an errno, or 0.
int rename_to_free_name(const Temporary& temporary, const std::filesystem::path& path) {
  if (::renameat2(AT_FDCWD, temporary.path().c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP) return errno;
  // Older file systems: a second name, which link never puts over an existing one.
  return ::link(temporary.path().c_str(), path.c_str()) == 0 ? 0 : errno;
}

}  // namespace

void write_file(const std::filesystem::path& path, std::string_view text, bool overwrite) {
  const auto directory = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) fail("cannot create the directory", directory, error.value());

  // Hidden and without an ending of ours, so that nobody takes it for a revision.
  Temporary temporary(directory / fmt::format(".aludel-{}-{}.tmp", ::getpid(), sha256(path.string()).substr(0, 12)));
  Descriptor file(::open(temporary.path().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!file.valid()) {
    const int opening = errno;
    temporary.release();
    fail("cannot write", path, opening);
  }
  write_all(file, text, path);
  if (overwrite) {
    if (::rename(temporary.path().c_str(), path.c_str()) != 0) fail("cannot write", path, errno);
  } else if (const int failed = rename_to_free_name(temporary, path); failed == EEXIST) {
    throw Error(ErrorKind::io, fmt::format("{} is there already", quoted(path.string())))
        .with_hint("it was left as it is; remove it, or choose another name");
  } else if (failed != 0) {
    fail("cannot write", path, failed);
  }
  sync_directory(directory);
}

std::string read_file(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) fail("cannot read", path, errno);
  std::string text;
  std::array<char, 16384> buffer;
  for (;;) {
    const auto count = ::read(file.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("cannot read", path, errno);
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace aludel::file
