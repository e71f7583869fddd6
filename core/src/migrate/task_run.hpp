#pragma once

#include "rendering.hpp"
#include "task.hpp"

#include <aludel/migrate/segment.hpp>

#include <chrono>
#include <cstddef>
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
  dialect::Connection& connection;
  Journal& journal;
  KnownSchema& schema;
  const RunOptions& options;
  const Hooks& hooks;
  const Listener& listener;
  std::string who;
  std::chrono::steady_clock::time_point deadline{};

  void tell(const Event& event) const {
    if (listener) listener(event);
  }
  /// Throws Error(interrupted).
  void check_interrupted() const;
  /// Sleeps a little, outside any transaction; false when the deadline has passed.
  bool wait(std::chrono::milliseconds at_most) const;
};

enum class Outcome {
  done,
  taken,  ///< somebody else has the journal's position
  stale,  ///< somebody else changed the schema it was rendered for
  busy,   ///< the lock was not to be had before anything ran
};

/// One revision's run: prologue, segments, epilogue.
class TaskRun {
 public:
  TaskRun(const Session& session, const Task& task, std::int64_t position, std::size_t step, std::size_t steps);

  /// Renders and runs it, taking the positions from `position` + 1 on. On an error everything that can be rolled back is, and the error carries
  /// revision, statement and place.
  Outcome run();
  /// The journal's last position after it.
  std::int64_t position() const { return position_; }
  const Applied& applied() const { return applied_; }
  /// What a failure is journalled as.
  Entry failure(const Error& error) const;

 private:
  std::optional<Outcome> render_unless_moved();
  void render();
  Outcome run_guarded();
  Outcome run_together();
  Outcome run_segments();
  std::optional<Outcome> open(Entry& entry);
  void run_alone(Entry& entry, const Segment& segment, bool last);
  void withdraw(Entry& entry, const Segment& segment, Error& error);
  void mark_half_applied(Error& error) const;
  void begin_patiently();
  void run_statements(const Part& part, std::size_t first, std::size_t count);
  void run_statement(const Part& part, const dialect::Statement& statement);
  void run_call(const dialect::FunctionCall& call);
  void expect(const dialect::Expectation& expectation, const dialect::Rows& rows);
  void guard_losses(const Part& part, const dialect::Statement& statement);
  void run_later_parts();
  void finish(Entry& entry);
  void commit();
  Entry entry(std::size_t segment, std::size_t segments) const;
  void describe(Entry& entry) const;
  /// Rendered piece by piece, so that what it does is known in full only at the end?
  bool is_parted() const { return parts_.size() > 1; }
  void announce();
  void add_place(Error& error) const;
  void roll_back(Error& error);
  void run_epilogue(Error* error);
  std::string title() const;

  const Session& session_;
  const Task& task_;
  std::int64_t position_;
  std::size_t step_, steps_;
  bool carry_ = false;
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
