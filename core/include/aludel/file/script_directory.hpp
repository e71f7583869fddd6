#pragma once

#include <aludel/export.hpp>
#include <aludel/file/revision_file.hpp>
#include <aludel/revision/revision.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace aludel::file {

inline constexpr std::string_view default_file_template = "{year}{month}{day}T{hour}{minute}_{rev}_{slug}";

/// The revision files of one directory (migrations/versions), flat: *.toml and *.sql; hidden files, editors' leftovers and all else are no revisions.
///
/// A snapshot: heads are read once, at the first call that needs them, and stay; open another one after writing. Thread-safe. Cost: ten thousand
/// heads take well under a second.
class ALUDEL_API ScriptDirectory : public revision::Store {
 public:
  /// Reads nothing yet. `display` is put before file names in messages and Revision::file; empty: the directory as given.
  explicit ScriptDirectory(std::filesystem::path versions, std::filesystem::path display = {});
  ~ScriptDirectory() override;
  ScriptDirectory(ScriptDirectory&&) noexcept;
  ScriptDirectory& operator=(ScriptDirectory&&) noexcept;

  const std::filesystem::path& directory() const;
  /// By file name. Throws Error(io) when the directory or a file cannot be read; Error(syntax | revision) at the offending place.
  std::vector<revision::Revision> revisions() const override;
  /// Throws Error(revision) for an unknown id (with the nearest), or when two files claim it.
  revision::Content load(const std::string& id) const override;
  std::string checksum(const std::string& id) const override;
  /// Where the revision's file is. Throws as `load`.
  std::filesystem::path path_of(const std::string& id) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The name of a revision's file, by Alembic's tokens: {rev} {slug} {year} {month} {day} {hour} {minute} {second} {epoch}, in UTC, from
/// Revision::created. Throws Error(configuration) for an unknown token, a template without {rev}, or one that leaves the directory.
ALUDEL_API std::string revision_file_name(const revision::Revision& revision, RevisionFormat format,
                                          std::string_view file_template = default_file_template);
/// "Add hero's age!" -> "add_hero_s_age": lower-case ASCII letters, digits and underscores, at most 40, cut between words where there is one.
ALUDEL_API std::string slug(std::string_view message);
/// Now, in UTC, to the second, as RFC 3339: what Revision::created holds.
ALUDEL_API std::string now_text();

/// Writes a new revision file into the directory (created if need be) and returns its path: whole or not at all, even when the machine stops (a
/// temporary file, fsync, link, fsync of the directory), and never over a file that is there. Throws Error(io).
ALUDEL_API std::filesystem::path write_new_revision(const std::filesystem::path& versions, const revision::Content& content,
                                                    RevisionFormat format = RevisionFormat::toml,
                                                    std::string_view file_template = default_file_template);

/// The same care for any text file. `overwrite` replaces an existing one in one step. Throws Error(io).
ALUDEL_API void write_file(const std::filesystem::path& path, std::string_view text, bool overwrite = false);
/// Throws Error(io) saying why it cannot be read.
ALUDEL_API std::string read_file(const std::filesystem::path& path);

}  // namespace aludel::file
