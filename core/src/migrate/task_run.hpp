#pragma once

#include "plan.hpp"
#include "rendering.hpp"
#include "task.hpp"

#include <aludel/dialect/session_settings.hpp>
#include <aludel/migrate/segment.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace aludel::migrate {

/// What to do about a revision that stopped in the middle.
std::string half_applied_hint(std::string_view revision);

/// What all revisions of one run share.
struct Session {
  dialect::Connection* current;
  Journal& journal;
  KnownSchema& schema;
  const RunOptions& options;
  const Hooks& hooks;
  const Listener& listener;
  std::string known_who{};
  std::chrono::steady_clock::time_point deadline{};
  bool dirty = false;  ///< SQL that nobody sees through ran: what it set may still be set

  dialect::Connection& connection() const { return *current; }
  /// Looked up when there is a row to write: it takes a walk through the system's users.
  const std::string& who();
  void tell(const Event& event) const {
    if (listener) listener(event);
  }
  void warn(const std::string& revision, std::string text) const;
  /// Throws Error(interrupted).
  void check_interrupted() const;
  /// Sleeps a little, outside any transaction; false when the deadline has passed.
  bool wait(std::chrono::milliseconds at_most) const;
  void be_patient_again() { deadline = std::chrono::steady_clock::now() + options.lock_wait; }

  /// From now on; asks the server only for what is new.
  void use_timeouts(const dialect::Timeouts& timeouts);
  /// Brings the session's settings back after SQL that nobody sees through.
  void clean();
  /// The caller's connection gets its timeouts back.
  void leave() noexcept;

  /// After the connection was lost: another one, with the old session gone. False where none can be had, or one was lost before in this run.
  bool reconnect();

  std::optional<dialect::Timeouts> timeouts{};  ///< in force, as far as is known
  int losses = 0;                               ///< of connections, in this run
  std::vector<std::unique_ptr<dialect::Connection>> opened{};
};

/// Waits until a session is gone, having ended it where it is still there. False when the deadline has passed.
bool end_session(Session& session, const std::string& name);

enum class Outcome {
  done,
  taken,  ///< somebody else has the journal's position
  stale,  ///< somebody else changed the schema it was rendered for
  busy,   ///< a lock was not to be had: what ran of the segment was rolled back, and it may be tried again (TaskRun::reason)
  lost,   ///< the connection was lost, there is another one, and the journal must be read again
};

/// One revision's run: prologue, segments, epilogue.
class TaskRun {
 public:
  TaskRun(Session& session, const Task& task, std::int64_t position, std::size_t step, std::size_t steps);

  /// Does not render but goes on with the plan, whose first `next` segments ran. `changed`: it is no longer the one in the journal.
  void resume(Plan plan, std::size_t next, bool changed);
  /// The last segment's intent was left by another session, and its statement took effect: what remains is to say so.
  void finish_intent(Entry row) { left_intent_ = std::move(row); }
  /// The same intent is settled together with the first segment of what undoes it.
  void supersede_intent(Entry row) { superseded_ = std::move(row); }

  /// Renders and runs it, taking the positions from `position` + 1 on. On an error everything that can be rolled back is, and the error carries
  /// revision, statement and place.
  Outcome run();
  /// The journal's last position after it.
  std::int64_t position() const { return position_; }
  const Applied& applied() const { return applied_; }
  /// What a failure is journalled as.
  Entry failure(const Error& error) const;
  /// Of Outcome::busy; said to be half applied where segments of it stay.
  Error reason() const;

 private:
  std::optional<Outcome> render_unless_moved();
  void render();
  Outcome run_guarded();
  /// What a session needs before a segment behind the first `done` can run in it.
  void prepare_session(std::size_t done);
  Outcome run_together();
  Outcome run_segments();
  Outcome run_left_intent();
  std::optional<Outcome> run_piece(const Piece& piece, std::size_t index, std::size_t count, bool last);
  void render_next_part();
  bool is_segmented(const Part& part) const;
  std::optional<Outcome> open(Entry& entry, const Segment* segment);
  void run_alone(Entry& entry, const Part& part, const Segment& segment);
  bool may_run_again(const dialect::Statement& statement, const Error& error, std::size_t attempt);
  void settle_alone(Entry& entry, bool last);
  void withdraw(Entry& entry, std::size_t index, Error& error);
  void mark_half_applied(Error& error) const;
  /// A transaction of the journal's in the middle of a revision, where there is no way back: tried again while others are in its way and there is
  /// time.
  template <class Action>
  void in_transaction_patiently(Action action);
  Entry plan_row() const;
  dialect::Timeouts timeouts(const Part& part, const Segment& segment) const;
  bool got_through(const Entry& entry, Error& error);
  void run_statements(const Part& part, std::size_t first, std::size_t count);
  void run_statement(const Part& part, const dialect::Statement& statement);
  void run_call(const dialect::FunctionCall& call);
  void expect(const dialect::Expectation& expectation, const dialect::Rows& rows);
  void guard_losses(const Part& part, const dialect::Statement& statement);
  void guard_losses_ahead();
  void run_later_parts();
  void finish(Entry& entry);
  void commit(const Entry& entry);
  bool got_in_the_way(const Error& error);
  Entry entry(std::size_t segment, std::size_t segments) const;
  void describe(Entry& entry) const;
  /// Rendered piece by piece, so that what it does is known in full only at the end?
  bool is_parted() const { return parts_.size() > 1; }
  void announce();
  void add_place(Error& error) const;
  void roll_back(Error& error);
  void run_epilogue(Error* error);
  std::string title() const;

  Session& session_;
  const Task& task_;
  std::int64_t position_;
  std::size_t step_, steps_;
  bool carry_ = false;
  bool segmented_ = false;
  bool resumed_ = false;
  bool plan_changed_ = true;  ///< not in the journal yet
  std::size_t next_ = 0;      ///< the first segment to run
  std::size_t done_ = 0;      ///< segments that are done and stay
  std::optional<Entry> left_intent_;
  std::optional<Entry> superseded_;
  std::optional<Error> busy_;
  std::vector<Part> parts_;
  std::vector<std::size_t> starts_;
  std::vector<std::string> prologue_, epilogue_;
  std::size_t statements_ = 0;  ///< how many there are, as far as is known
  std::size_t statement_ = 0;   ///< the one that runs, from 1
  bool running_ = false;        ///< a statement, rather than what is around them
  std::optional<std::size_t> operation_;
  std::set<std::size_t> asked_;
  std::vector<std::string> sent_;
  bool announced_ = false;
  std::string started_;
  std::chrono::steady_clock::time_point start_;
  Applied applied_;
};

}  // namespace aludel::migrate
