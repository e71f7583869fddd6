#include "embedded_backup.hpp"

#include "identity.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace aludel::embedded {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view ending = ".backup";
constexpr std::string_view partial_ending = ".backup.partial";

[[noreturn]] void fail(std::string_view what, const fs::path& file, int error) {
  auto message = fmt::format("{} {}: {}", what, quoted(file.string()), std::generic_category().message(error));
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) throw NoRoom(Error(ErrorKind::io, std::move(message)).with_hint("make room"));
  throw Error(ErrorKind::io, std::move(message)).with_hint("check the directory's permissions, or choose another one for backups");
}

/// "20261122T225513.123Z", which sorts by time and is a file name everywhere.
std::string stamp() {
  auto text = migrate::utc_now();
  text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return c == '-' || c == ':'; }), text.end());
  return text;
}

bool is_stamp(std::string_view text) {
  constexpr std::string_view shape = "00000000T000000.000Z";
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i]) return false;
  }
  return true;
}

/// The data to the disk; of a directory: the names in it.
void sync(const fs::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail("cannot open", file, errno);
  const int result = ::fsync(descriptor);
  const int error = errno;
  ::close(descriptor);
  if (result != 0 && error != EINVAL && error != EROFS) fail("cannot write", file, error);
}

/// An empty file that whoever may read the database may read, and nobody else.
void create_like(const fs::path& file, const fs::path& model) {
  struct stat status {};
  const mode_t mode = ::stat(model.c_str(), &status) == 0 ? status.st_mode & 0777U : 0600U;
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) fail("cannot create the copy", file, errno);
  const bool allowed = ::fchmod(descriptor, mode) == 0;
  const int error = errno;
  ::close(descriptor);
  if (!allowed) fail("cannot set the permissions of the copy", file, error);
}

}  // namespace

Backups::Backups(fs::path database, fs::path directory) : database_(fs::absolute(database)) {
  directory_ = directory.empty() ? database_.parent_path() : fs::absolute(directory);
}

fs::path Backups::lock_file() const { return directory_ / ("." + database_.filename().string() + ".upgrade-lock"); }

bool Backups::is_ours(const fs::path& file, std::string_view ending_wanted) const {
  const std::string name = file.filename().string();
  const std::string beginning = database_.filename().string() + ".";
  if (name.size() < beginning.size() + ending_wanted.size() || !name.starts_with(beginning) || !name.ends_with(ending_wanted)) return false;
  return is_stamp(std::string_view(name).substr(beginning.size(), name.size() - beginning.size() - ending_wanted.size()));
}

/// What processes left that died while they copied.
void Backups::sweep() const {
  std::vector<fs::path> left;
  std::error_code error;
  for (fs::directory_iterator it(directory_, error), end; !error && it != end; it.increment(error)) {
    if (is_ours(it->path(), partial_ending)) left.push_back(it->path());
  }
  for (const auto& file : left) fs::remove(file, error);
}

std::vector<fs::path> Backups::list() const {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator it(directory_, error), end; !error && it != end; it.increment(error)) {
    if (is_ours(it->path(), ending)) files.push_back(it->path());
  }
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.native() > b.native(); });
  return files;
}

fs::path Backups::take(dialect::Connection& connection, const dialect::FileDatabase& files) const {
  sweep();
  const auto needed = files.size(connection);
  std::error_code error;
  const auto space = fs::space(directory_, error);
  if (!error && space.available < needed) {
    throw NoRoom(Error(ErrorKind::io, fmt::format("a copy of the database takes {} MB, and {} has room for {}", needed / 1'000'000 + 1,
                                                  quoted(directory_.string()), space.available / 1'000'000))
                     .with_hint("make room, then start again; nothing was changed"));
  }
  const auto name = database_.filename().string() + "." + stamp();
  const auto copy = directory_ / (name + std::string(ending));
  const auto partial = directory_ / (name + std::string(partial_ending));
  create_like(partial, database_);
  try {
    files.copy_to(connection, partial);
    sync(partial);
    // Never over an older one: two copies within a millisecond would be two of one name.
    if (::link(partial.c_str(), copy.c_str()) != 0 && ::rename(partial.c_str(), copy.c_str()) != 0) fail("cannot name the copy", copy, errno);
    ::unlink(partial.c_str());
    sync(directory_);
  } catch (Error& problem) {
    ::unlink(partial.c_str());
    problem.add_context("while copying the database to " + quoted(copy.string()));
    throw;
  }
  return copy;
}

void Backups::prune(std::size_t keep) const noexcept try {
  const auto files = list();
  std::error_code ignored;  // a copy too many does no harm
  for (std::size_t i = keep; keep != 0 && i < files.size(); ++i) fs::remove(files[i], ignored);
} catch (const std::exception&) {
  return;  // out of memory: the next upgrade prunes
}

ProcessLock::~ProcessLock() {
  if (descriptor_ < 0) return;
  ::unlink(file_.c_str());  // while it is held, so that nobody else's is unlinked
  ::close(descriptor_);
}

bool ProcessLock::try_take() {
  if (descriptor_ >= 0) return true;
  const int descriptor = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) fail("cannot create", file_, errno);
  struct stat mine {};
  struct stat there {};
  // A file that its last holder has unlinked meanwhile is nobody's lock any more.
  const bool locked = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0;
  const int error = locked ? EWOULDBLOCK : errno;
  if (locked && ::fstat(descriptor, &mine) == 0 && ::stat(file_.c_str(), &there) == 0 && mine.st_ino == there.st_ino && mine.st_dev == there.st_dev) {
    descriptor_ = descriptor;
    return true;
  }
  ::close(descriptor);
  if (error != EWOULDBLOCK && error != EINTR) fail("cannot lock", file_, error);
  return false;
}

}  // namespace aludel::embedded
