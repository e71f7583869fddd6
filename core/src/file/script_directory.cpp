#include <aludel/file/script_directory.hpp>

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>

#include <fcntl.h>
#include <unistd.h>

namespace aludel::file {
namespace {

/// Hidden files are editors' lock and swap files; the rest of their leftovers ends in something else than .toml or .sql.
bool is_revision_name(std::string_view name) {
  return !name.starts_with('.') && !name.starts_with('#') && (name.ends_with(".toml") || name.ends_with(".sql"));
}

/// Without the costs of a path's parts.
std::string_view name_in(const std::filesystem::path& path) {
  const std::string_view whole = path.native();
  return whole.substr(whole.rfind('/') + 1);
}

struct Start {
  std::string text;
  bool whole = false;
};

/// A directory that files are opened in: without a walk from the root for each of them.
class OpenDirectory {
 public:
  explicit OpenDirectory(const std::filesystem::path& path) : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY)) {}
  OpenDirectory(const OpenDirectory&) = delete;
  OpenDirectory& operator=(const OpenDirectory&) = delete;
  ~OpenDirectory() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  /// -1, and errno, where that cannot be done.
  int open(const std::filesystem::path& file) const {
    if (descriptor_ < 0) return ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    return ::openat(descriptor_, name_in(file).data(), O_RDONLY | O_CLOEXEC);  // the path's end, so that it ends with a zero
  }

 private:
  int descriptor_;
};

/// As much of the file as its head needs, or all of it where that is little.
Start read_start(const OpenDirectory& directory, const std::filesystem::path& path, RevisionFormat format) {
  const int file = directory.open(path);
  Start start;
  std::array<char, 4096> buffer;
  ssize_t count = file < 0 ? -1 : 0;
  if (file >= 0) {
    while ((count = ::read(file, buffer.data(), buffer.size())) > 0) {
      start.text.append(buffer.data(), static_cast<std::size_t>(count));
      start.whole = static_cast<std::size_t>(count) < buffer.size();
      if (start.whole || revision_head_size(start.text, format) != std::string_view::npos) break;
    }
    if (count == 0) start.whole = true;
  }
  const int failed = errno;
  if (file >= 0) ::close(file);
  if (count < 0) {
    throw Error(ErrorKind::io, fmt::format("cannot read the revision file {}: {}", quoted(path.string()), std::generic_category().message(failed)));
  }
  return start;
}

/// Texts of small files are kept for whoever reads the revisions themselves, until they take this much.
constexpr std::size_t kept_bytes = 1 << 20;

}  // namespace

struct ScriptDirectory::State {
  std::filesystem::path directory;
  std::filesystem::path display;
  mutable std::mutex mutex;
  mutable bool loaded = false;
  mutable std::vector<revision::Revision> revisions;
  mutable std::multimap<std::string, std::filesystem::path, std::less<>> paths;
  mutable std::map<std::filesystem::path::string_type, std::string> texts;  // of whole files, by path

  std::string name_of(const std::filesystem::path& path) const { return (display / path.filename()).string(); }

  std::vector<std::filesystem::path> list() const {
    std::error_code error;
    std::vector<std::filesystem::path> files;
    for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
      if (!is_revision_name(name_in(it->path()))) continue;
      std::error_code ignored;
      if (!it->is_directory(ignored)) files.push_back(it->path());
    }
    if (error) {
      const bool missing = error == std::errc::no_such_file_or_directory;
      throw Error(ErrorKind::io, fmt::format("cannot read the directory of revisions {}: {}", quoted(display.string()), error.message()))
          .with_hint(missing ? "`aludel init` makes one; script_location in aludel.toml says where it is" : "");
    }
    // By bytes: comparing paths component by component would cost more than reading the files.
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.native() < b.native(); });
    return files;
  }

  std::string text_of(const std::filesystem::path& path) const {
    const auto kept = texts.find(path.native());
    return kept == texts.end() ? read_file(path) : kept->second;
  }

  void ensure_loaded() const {
    const std::lock_guard lock(mutex);
    if (loaded) return;
    std::vector<revision::Revision> heads;
    std::multimap<std::string, std::filesystem::path, std::less<>> found;
    std::size_t kept = 0;
    const OpenDirectory opened(directory);
    for (const auto& path : list()) {
      const auto format = *revision_format(path);
      Start start = read_start(opened, path, format);
      heads.push_back(read_revision_head(start.text, format, name_of(path)));
      found.emplace(heads.back().id, path);
      if (!start.whole || kept + start.text.size() > kept_bytes) continue;
      kept += start.text.size();
      texts.emplace(path.native(), std::move(start.text));
    }
    revisions = std::move(heads);
    paths = std::move(found);
    loaded = true;
  }
};

ScriptDirectory::ScriptDirectory(std::filesystem::path versions, std::filesystem::path display) : state_(std::make_unique<State>()) {
  state_->display = display.empty() ? versions : std::move(display);
  state_->directory = std::move(versions);
}
ScriptDirectory::~ScriptDirectory() = default;
ScriptDirectory::ScriptDirectory(ScriptDirectory&&) noexcept = default;
ScriptDirectory& ScriptDirectory::operator=(ScriptDirectory&&) noexcept = default;

const std::filesystem::path& ScriptDirectory::directory() const { return state_->directory; }

std::vector<revision::Revision> ScriptDirectory::revisions() const {
  state_->ensure_loaded();
  return state_->revisions;
}

std::filesystem::path ScriptDirectory::path_of(const std::string& id) const {
  state_->ensure_loaded();
  const auto [begin, end] = state_->paths.equal_range(id);
  if (begin == end) {
    std::vector<std::string> known;
    for (const auto& entry : state_->paths) known.push_back(entry.first);
    throw Error(ErrorKind::revision, fmt::format("no revision {} in {}{}", quoted(id), quoted(state_->display.string()), did_you_mean(id, known)));
  }
  if (std::next(begin) != end) {
    throw Error(ErrorKind::revision, fmt::format("two files claim revision {}: {} and {}", quoted(id), quoted(state_->name_of(begin->second)),
                                                 quoted(state_->name_of(std::next(begin)->second))))
        .with_hint("give one of them an id of its own");
  }
  return begin->second;
}

revision::Content ScriptDirectory::load(const std::string& id) const {
  const auto path = path_of(id);
  auto content = read_revision(state_->text_of(path), *revision_format(path), state_->name_of(path));
  if (content.revision.id != id) {
    throw Error(ErrorKind::revision,
                fmt::format("{} was revision {} and now is {}", quoted(state_->name_of(path)), quoted(id), quoted(content.revision.id)))
        .with_hint("the file changed while it was read; run again");
  }
  return content;
}

std::string ScriptDirectory::checksum(const std::string& id) const {
  const auto path = path_of(id);
  return revision_checksum(state_->text_of(path), *revision_format(path));
}

std::filesystem::path write_new_revision(const std::filesystem::path& versions, const revision::Content& content, RevisionFormat format,
                                         std::string_view file_template) {
  auto path = versions / revision_file_name(content.revision, format, file_template);
  write_file(path, write_revision(content, format));
  return path;
}

}  // namespace aludel::file
