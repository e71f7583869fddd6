#pragma once

#include <aludel/dialect/connection.hpp>
#include <aludel/error.hpp>
#include <aludel/export.hpp>
#include <aludel/migrate/journal.hpp>
#include <aludel/migrate/runner.hpp>
#include <aludel/revision/revision.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// For programs that carry their revisions in themselves and upgrade their own database when they start (docs/embedding.md).
namespace aludel::embedded {

/// One revision as aludel_embed_revisions() compiles it: constants, so that a program that starts reads no file and parses nothing it does not run.
struct RevisionData {
  std::string_view id;
  std::string_view down_revisions;  ///< ids, parted by spaces; so are the next two
  std::string_view depends_on;
  std::string_view branch_labels;
  std::string_view message;
  std::string_view created;
  std::string_view file;      ///< the file's name, for messages
  std::string_view checksum;  ///< of the file's text: what the command line journals for the same file
  std::string_view upgrade;   ///< operations as JSON (op::encode)
  std::string_view downgrade;
  std::string_view lines;  ///< the line of each operation in the file, upgrade before downgrade, parted by spaces
  bool has_downgrade = false;
  bool transaction = true;
  bool foreign_keys_off = false;
  std::int64_t lock_timeout_ms = -1;  ///< -1: unsaid
  std::int64_t statement_timeout_ms = -1;
};

/// Compiled revisions as a store. Immutable, thread-safe; `data` must outlive it, as constants do.
class ALUDEL_API Revisions final : public revision::Store {
 public:
  explicit Revisions(std::span<const RevisionData> data) : data_(data) {}
  std::vector<revision::Revision> revisions() const override;
  revision::Content load(const std::string& id) const override;

 private:
  std::span<const RevisionData> data_;
};

/// How an upgrade came out. The database is whole in every case.
enum class Outcome {
  upgraded,     ///< revisions ran; the database stands where this program wants it
  current,      ///< it did already, or another process was faster
  newer,        ///< it stands on revisions that this program does not have: a newer version was here. Nothing was touched
  locked,       ///< somebody else held it for longer than Options::lock_wait
  no_space,     ///< the disk (or a quota, or the database's own limit) is full; what could not be finished was rolled back
  interrupted,  ///< Hooks::interrupted said so, or Connection::cancel()
  failed,       ///< anything else; Result::error says what
};
ALUDEL_API std::string_view to_string(Outcome outcome);

/// What the upgrade is at. Told before it happens, in the thread that upgrades; a function that is told must not throw.
struct Progress {
  enum class Stage {
    waiting,   ///< for another process
    backup,    ///< the copy is being written
    revision,  ///< a revision begins
    statement,
    restore,  ///< the copy is being put back
  };
  Stage stage = Stage::waiting;
  std::string revision{};
  std::string message{};  ///< the revision's; of `waiting`, for whom; of `backup` and `restore`, the copy
  std::size_t step = 0;   ///< of the revisions to run, from 1
  std::size_t steps = 0;
  std::size_t statement = 0;  ///< of the revision's statements, from 1
  std::size_t statements = 0;

  /// 0 to 1, for a progress bar; it counts revisions and statements, not what they cost.
  double fraction() const;
};

/// A copy of the whole database, taken right before the first revision runs and only when one will.
struct BackupOptions {
  std::filesystem::path directory{};  ///< made if need be; empty: beside the database
  std::size_t keep = 3;               ///< so many of the newest copies stay after an upgrade that worked; 0: all
  /// When a revision fails after others have been committed, the copy is put back, so that the file is as this program found it.
  bool restore = false;
};

struct Options {
  std::function<void(const Progress&)> progress{};
  std::optional<BackupOptions> backup{};
  std::chrono::milliseconds lock_wait{10'000};  ///< how long a database that somebody else works on is waited for
  /// The functions that revisions `call`, and when to stop.
  migrate::Hooks hooks{};
  bool accept_data_loss = false;  ///< else a revision that would lose rows and does not say "accepted" fails
  /// Asked of a database that has tables and no journal, as files have that were shipped before the program carried revisions: the revision
  /// (or a label of it) that it stands on, say by its user_version; empty: none. It must not write; it is asked again where somebody locks the file
  /// meanwhile. Without it such a file is upgraded from nothing.
  std::function<std::string(dialect::Connection&)> baseline{};
  migrate::JournalNames names{};
  std::string tool{};  ///< who ran it, for the journal: "notes 2.1"
};

struct Result {
  Outcome outcome = Outcome::failed;
  std::vector<std::string> applied;  ///< what this call ran, in order; they stay, also when a later one failed (unless `restored`)
  std::vector<std::string> heads;    ///< where the database stands, as far as it could be read
  std::filesystem::path backup;      ///< the copy that was taken; empty when none was, or none was needed in the end
  bool restored = false;             ///< the copy was put back
  std::optional<Error> error;        ///< of every outcome but upgraded and current
  std::vector<std::string> warnings;

  /// The program may go on: the database is what it expects.
  bool ok() const { return outcome == Outcome::upgraded || outcome == Outcome::current; }
  /// For a log: outcome, what ran, what went wrong, where the copy is.
  std::string text() const;
};

/// Upgrades the database to the heads of `revisions`. Any number of processes may do so at once: one works, the others wait and find nothing to do.
///
/// The connection must be in no transaction, and no statement of it may be half read. Throws nothing that has to do with the database, the revisions
/// or the disk: that is the result's `outcome` and `error`.
ALUDEL_API Result upgrade(dialect::Connection& connection, const revision::Store& revisions, const Options& options = {});

/// The copies there are of this database, newest first.
ALUDEL_API std::vector<std::filesystem::path> backups(dialect::Connection& connection, const std::filesystem::path& directory = {});
/// Puts a copy back, whole, as one transaction of the connection; others may have the database open. Throws Error(busy) after `lock_wait`, Error(io |
/// connection) for a copy that is none, Error(unsupported) for a dialect whose databases are no files.
ALUDEL_API void restore(dialect::Connection& connection, const std::filesystem::path& copy,
                        std::chrono::milliseconds lock_wait = std::chrono::milliseconds(10'000));

}  // namespace aludel::embedded
