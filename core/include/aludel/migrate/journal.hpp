#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/export.hpp>
#include <aludel/value.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Plan and run revisions: the journal, segments, the runner.
namespace aludel::migrate {

/// The highest layout of the journal's rows that this library knows (docs/journal.md). A journal with a row of a higher number is refused.
inline constexpr int journal_layout = 2;

/// Where the journal lives.
struct ALUDEL_API JournalNames {
  std::string schema;  ///< empty: the connection's default one
  std::string version_table = "aludel_version";
  std::string journal_table = "aludel_journal";

  schema::Name version() const { return {schema, version_table}; }
  schema::Name journal() const { return {schema, journal_table}; }
  /// Both: what every introspection ignores (dialect::Scope::ignored_tables).
  std::vector<schema::Name> tables() const;
};

enum class Action { create, upgrade, downgrade, stamp };
enum class EntryState { intent, done, failed };
ALUDEL_API std::string_view to_string(Action action);
ALUDEL_API std::string_view to_string(EntryState state);

/// One row of the journal: one segment of a revision, a stamp, the journal's own creation (position 0), or, at position -1, the last failed
/// attempt, which the next success removes. At position -2, the plan of the revision that is in the middle (only Journal::plan reads that one).
struct Entry {
  std::int64_t position = 0;
  int layout = 1;        ///< what a tool must know to read the row: 2 for a plan
  std::string revision;  ///< of a stamp: the stamped ids, parted by commas
  Action action = Action::upgrade;
  std::string message;
  int segment = 1;
  int segments = 1;
  EntryState state = EntryState::done;
  std::string started;  ///< RFC 3339, UTC, milliseconds
  std::string finished;
  std::int64_t duration_ms = 0;
  std::string who;       ///< "user@host pid 123"
  std::string tool;      ///< "aludel 0.1.0"
  std::string session;   ///< Connection::session()
  std::string checksum;  ///< "sha256:<hex>" of the file as it was applied
  std::vector<std::string> down_revisions;
  std::vector<std::string> depends_on;
  std::vector<std::string> heads_before;
  std::vector<std::string> heads_after;
  Value operations;                     ///< what ran, dropped things with their definitions (op::encode); an array
  Value inverse;                        ///< what undoes it; null where it cannot be inverted
  std::vector<std::string> statements;  ///< the segment's, as sent; a function as "-- call name(arguments)"
  Value plan;                           ///< of the row at position -2, in the statements' place
  /// Of the run: "accept_data_loss", "ignore_from", "undo"; of the file's head: "foreign_keys_off", "no_transaction"; of who settles an intent:
  /// "resolved_applied", "resolved_not_applied", "unlocked".
  std::vector<std::string> flags;
  std::string error;  ///< of a failed one: Error::text()
};

/// The journal of one database. Every function talks to the database; used by the connection's thread.
///
/// SQL is made of what every dialect can say: the tables are rendered by the dialect's Renderer, literals by quote_literal.
class ALUDEL_API Journal {
 public:
  /// Both must outlive it.
  explicit Journal(dialect::Connection& connection, JournalNames names = {});
  /// From now on on another connection to the same database.
  void use(dialect::Connection& connection) {
    connection_ = &connection;
    may_have_leftovers_ = true;
  }

  const JournalNames& names() const { return names_; }
  /// The two tables as a schema value.
  schema::Metadata tables() const;

  /// Is there a journal? Throws Error(revision) for one written by a newer tool, and when only one of the two tables is there.
  bool exists();
  /// Creates the tables unless they are there; of several that race for it one wins and all return. Throws Error(database | busy).
  void create();
  /// Sorted; empty without a journal.
  std::vector<std::string> heads();
  /// The last position; -1 without a journal.
  std::int64_t position();
  /// All rows by position, the last failed attempt (position -1) included. Empty without a journal.
  std::vector<Entry> entries();
  /// The rows of one revision, by position.
  std::vector<Entry> entries_of(std::string_view revision);
  std::optional<Entry> entry_at(std::int64_t position);
  /// What is planned for the revision that is in the middle, Entry::plan; nothing when none is, or an older tool ran it.
  std::optional<Entry> plan();
  /// Revision, position and checksum of every row that finished an upgrade, by position; the other members are not read.
  std::vector<Entry> applied_checksums();

  // What a runner writes, inside its transaction.

  /// The compare-and-swap: takes the entry's position. False when somebody else has it (duplicate key); the transaction must then be rolled back.
  bool take(const Entry& entry);
  /// Writes how a row that was taken came out: state, finished, duration, statements, error; and `with_operations`, where they are others now.
  void settle(const Entry& entry, bool with_operations);
  /// The same for an intent that another session left, which is `entry.session`: false when somebody else has settled it.
  bool settle_intent(const Entry& entry);
  /// Adds a flag to an intent; false when it is none any more.
  bool flag_intent(const Entry& entry, std::string_view flag);
  /// Puts it in the place of the plan that is there.
  void store_plan(Entry plan);
  void remove(std::int64_t position);
  /// Removes the last failed attempt and the plan; asks nothing where there was neither since `heads` was called.
  void remove_leftovers();
  /// Brings the version table from one set of heads to another. Throws Error(revision) when it did not hold `before`.
  void move_heads(std::span<const std::string> before, std::span<const std::string> after, std::int64_t position);
  /// Empties the version table and writes these (stamp --purge).
  void replace_heads(std::span<const std::string> after, std::int64_t position);
  /// Records a failed attempt at position -1, in a transaction of its own. Never throws: false when it could not be written.
  bool record_failure(Entry entry) noexcept;

 private:
  std::vector<Entry> read(std::string_view where);
  bool present(const schema::Name& table);
  bool is_empty(const schema::Name& table);
  bool has_layout();
  Error no_journal(const std::string& why) const;
  std::string quote(const schema::Name& table) const;

  dialect::Connection* connection_;
  JournalNames names_;
  bool known_ = false;              ///< seen: tables do not go away under a run
  bool may_have_leftovers_ = true;  ///< since whoever runs last looked where the database stands
};

}  // namespace aludel::migrate
