#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/error.hpp>
#include <aludel/export.hpp>
#include <aludel/migrate/journal.hpp>
#include <aludel/op/operation.hpp>
#include <aludel/revision/graph.hpp>
#include <aludel/revision/revision.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aludel::migrate {

using revision::Direction;

struct RunOptions {
  JournalNames names{};
  std::chrono::milliseconds lock_wait{60'000};  ///< how long another runner, and a lock that somebody else holds, is waited for
  /// Of one try; the segment is then tried again, until lock_wait is over. Zero: no limit. A revision's head, or a statement, may say otherwise.
  /// Where the dialect has no SessionSettings the connection's own holds.
  std::chrono::milliseconds lock_timeout{3'000};
  std::chrono::milliseconds statement_timeout{0};  ///< zero: none
  bool accept_data_loss = false;
  bool ignore_from = false;  ///< run `alter_column` although the database does not agree with its `from`
  bool strict = false;       ///< refuse, rather than warn, when an applied file was edited
  bool online = true;        ///< safe forms on existing tables
  std::string tool{};        ///< for the journal, name and version; empty: "aludel" and the library's
  /// Opens another session with the same database, for when the one in use is lost in the middle: the runner then looks up in the journal what came
  /// of it. Without it a lost session ends the run. The runner owns the result.
  std::function<std::unique_ptr<dialect::Connection>()> reconnect{};
};

/// A C++ function that a revision may `call`. The connection refuses transaction control; an exception rolls the revision back.
using Function = std::function<void(dialect::Connection&, const Value& arguments)>;

/// A revision that ran (or is just about to commit, for on_apply).
struct Applied {
  std::string revision;
  std::string message;
  Direction direction = Direction::upgrade;
  std::vector<std::string> heads;  ///< after it
  std::chrono::milliseconds duration{};
};

/// What the application adds to a run.
struct Hooks {
  std::map<std::string, Function> functions{};
  /// Asked, before statement 1, for a function that `functions` does not have; an empty result is an unknown name. Lets a driver load the environment
  /// only when a pending revision calls something.
  std::function<Function(std::string_view name)> find_function{};
  /// Called inside the revision's last transaction, before it commits: what it writes is written exactly once; an exception rolls back.
  std::function<void(const Applied&, dialect::Connection&)> on_apply{};
  /// Asked between statements and while waiting: true stops the run with Error(interrupted). A signal handler sets what it reads, then calls
  /// Connection::cancel() for the statement that is running.
  std::function<bool()> interrupted{};
};

/// Progress, as it happens. `revision_finished` comes after the commit is confirmed, never before.
struct Event {
  enum class Kind {
    waiting,            ///< for another runner
    revision_started,   ///< revision, text = its message, step, steps
    statement_started,  ///< statement, statements, text = the SQL
    revision_finished,  ///< duration
    warning,            ///< text
  };
  Kind kind;
  std::string revision{};
  Direction direction = Direction::upgrade;
  std::string text{};
  std::size_t step = 0;  ///< from 1
  std::size_t steps = 0;
  std::size_t statement = 0;  ///< from 1
  std::size_t statements = 0;
  std::chrono::milliseconds duration{};
};
using Listener = std::function<void(const Event&)>;

/// A file that is no longer what was applied.
struct Edited {
  std::string revision;
  std::string file;
  std::string applied_checksum;
  std::string file_checksum;
  std::int64_t position = 0;  ///< in the journal
};

/// A revision that stopped in the middle.
struct HalfApplied {
  std::string revision;
  Direction direction = Direction::upgrade;
  bool undoing = false;  ///< what ran of it was being undone
  int segment = 0;       ///< the one in doubt, or the last that is done
  int segments = 0;
  std::size_t statements_done = 0;  ///< certainly
  std::size_t statements = 0;       ///< as far as is known; 0 where there is no plan
  bool in_doubt = false;            ///< an intent without an outcome: its statement may or may not have taken effect
  bool failed = false;              ///< the server refused the statement
  std::string statement;            ///< of that segment
  std::string error;                ///< of a failed one
  std::string who;                  ///< ran it
  std::string session;
  std::string started;
};

/// Did a statement take effect?
enum class Effect { unknown, applied, absent };
ALUDEL_API std::string_view to_string(Effect effect);

/// What there is to say about a revision in the middle, before somebody decides.
struct Evidence {
  HalfApplied half_applied;
  bool planned = false;             ///< the journal has its plan: it can go on
  bool runner_present = false;      ///< its session is still there, or its process lives
  Effect effect = Effect::unknown;  ///< of the statement in doubt, as the database shows it
  std::string explanation;
  std::optional<Effect> resolved;  ///< what somebody has said already
};

/// Who keeps others from running.
struct LockHolder {
  std::string description;
  std::string session;
  std::string since;
  bool intent = false;  ///< by an intent in the journal, rather than by the dialect's lock
  bool dead = false;    ///< it is certain that the process is gone, though its session, or its intent, is still there
};

/// Where a database stands.
struct State {
  bool journalled = false;           ///< there is a journal
  std::int64_t position = -1;        ///< its last position
  std::vector<std::string> heads;    ///< sorted
  std::vector<std::string> applied;  ///< every revision the heads stand on, parents first
  std::vector<std::string> pending;  ///< what `upgrade heads` would run, in that order
  std::vector<std::string> unknown;  ///< heads that no file has
  std::vector<Edited> edited;
  std::optional<HalfApplied> half_applied;
  std::optional<Entry> last_failure;  ///< unless something succeeded since
};

/// How much an operation would lose, as the database stands now.
struct Loss {
  std::int64_t count = 0;
  std::string what;  ///< "3 non-null values of hero.nickname"
  Location location;
  bool accepted = false;
};

/// One revision of a plan, rendered.
struct PlannedStep {
  revision::Revision revision;
  Direction direction = Direction::upgrade;
  op::Operations operations;
  dialect::Script script;
  std::vector<Loss> losses;
  /// Rendered as if an earlier `sql` or `call` of the plan, whose effect is not declared, left the schema alone.
  bool assumed = false;
};

/// Runs revisions on one database, each exactly once wherever the process dies (law 5; docs/journal.md has the protocol).
///
/// Used by one thread. Targets are what a person types (revision::Graph::resolve), resolved against the heads that are read after the lock is held.
/// All functions throw Error(connection | database | revision) besides what they say; Error(half_applied) for a revision that stopped in the middle
/// and cannot go on by itself.
class ALUDEL_API Runner {
 public:
  /// The connection and what `store` refers to must outlive it. Reads all heads from the store; throws what revision::Graph throws.
  Runner(dialect::Connection& connection, const revision::Store& store, RunOptions options = {}, Hooks hooks = {}, Listener listener = {});
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  const revision::Graph& graph() const;
  /// Writes nothing. With `checksums` every applied file is read.
  State state(bool checksums = true);
  /// Where the database stands, as state() says it, at the cost of a query or two. Writes nothing.
  std::vector<std::string> heads();
  /// The journal, by position. Writes nothing.
  std::vector<Entry> journal();

  /// Runs what `targets` need and the database lacks; returns what ran, nothing when another runner was faster.
  ///
  /// Throws Error(busy) after lock_wait; Error(guard) when rows would be lost; Error(environment) for a `call` nobody registered, before
  /// statement 1; Error(interrupted); and what the failing statement threw, with revision, statement k of n and the operation's place. Revisions
  /// that were finished before stay applied; the failing one is rolled back whole.
  std::vector<Applied> upgrade(std::span<const std::string> targets);
  /// Undoes what stands on `targets`; "base" undoes all. A revision is undone by the file's [[downgrade]], else by the inverse that the
  /// journal keeps of what ran (so also when its file is gone), else by the inverse of the file's operations. An upgrade that stopped in the middle
  /// is undone first; relative targets count it as applied.
  std::vector<Applied> downgrade(std::span<const std::string> targets);
  /// Says that the database is at `targets` without running anything. Heads of other branches stay. With `purge` the version table is emptied first,
  /// whatever it holds; that also settles a half-applied revision. Returns the heads after it.
  std::vector<std::string> stamp(std::span<const std::string> targets, bool purge = false);
  /// stamp, but only where the journal records nothing yet, whoever is first: for a database that was there before its journal. False when it does.
  bool baseline(std::span<const std::string> targets);
  /// What upgrade or downgrade would run now, rendered against the real schema; writes nothing.
  std::vector<PlannedStep> plan(Direction direction, std::span<const std::string> targets);

  // A revision in the middle.

  /// Looks at the database; writes nothing. Nothing when no revision is in the middle.
  std::optional<Evidence> examine();
  /// Says what became of the statement in doubt; the next run believes it and goes on. Throws Error(revision) when none is in doubt, Error(busy)
  /// while its session is there.
  void resolve(Effect effect);
  /// Undoes what ran of it. Throws Error(unsupported) naming the statement that cannot be undone; Error(revision) when nothing is in the middle.
  Applied undo();
  /// Who holds the lock, or an intent; nullopt when a run could begin.
  std::optional<LockHolder> lock_holder();
  /// Frees it: ends the holder's session and gives its intent up, so that the next run looks at what it left. Nothing to free is no error: false.
  /// Throws Error(guard) for a holder that may live, unless `force`.
  bool unlock(bool force);

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// Revisions as an SQL script for a database at `from` (empty: at base) to reach `targets`, journal included, rendered from the replayed files alone.
/// Throws Error(unsupported) naming a `call`, or a revision whose effect cannot be seen through and that a later operation needs.
ALUDEL_API std::string offline_script(const dialect::Dialect& dialect, const dialect::Server& server, const revision::Store& store,
                                      Direction direction, std::span<const std::string> from, std::span<const std::string> targets,
                                      const RunOptions& options = {});

/// The schema that the files give at these revisions (and all they stand on), by applying their operations; no database. Throws
/// Error(unsupported) naming the first revision with opaque SQL, unless `see_through` (which takes opaque SQL for one that leaves the schema alone).
ALUDEL_API schema::Metadata replay(const revision::Graph& graph, const revision::Store& store, std::span<const std::string> revisions,
                                   const dialect::Dialect& dialect, bool see_through = false);

}  // namespace aludel::migrate
