#pragma once

#include "identity.hpp"
#include "probe.hpp"
#include "rendering.hpp"
#include "task.hpp"
#include "task_run.hpp"

#include <aludel/error.hpp>
#include <aludel/migrate/runner.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace aludel::migrate {

/// What the journal and the version table say, read in the order that makes it safe to build on: first the position, which whoever runs something
/// moves before anything else; then its row, which says whether that is finished; heads last. Heads change only when a position is taken or its row
/// is settled, so heads read behind a finished row are stale only if the position has moved as well, and then the compare-and-swap fails.
struct Reading {
  bool journalled = false;
  std::int64_t position = -1;
  std::vector<std::string> heads;
  std::optional<Entry> last;
};

/// Is a revision in the middle, whose row this is?
bool half_way(const std::optional<Entry>& entry);
HalfApplied describe(const Entry& entry, const std::optional<Plan>& plan);
/// `why` completes "upgrade of revision 'x' stopped in the middle: ...".
[[noreturn]] void refuse_half_applied(const HalfApplied& half, const std::string& why);

class Runner::Implementation {
 public:
  Implementation(dialect::Connection& connection, const revision::Store& store, RunOptions options, Hooks hooks, Listener listener)
      : store_(store),
        options_(std::move(options)),
        hooks_(std::move(hooks)),
        listener_(std::move(listener)),
        graph_(store.revisions()),
        journal_(connection, options_.names),
        schema_(connection, options_.names),
        session_{&connection, journal_, schema_, options_, hooks_, listener_} {}

  const revision::Graph& graph() const { return graph_; }
  Journal& journal() { return journal_; }

  State state(bool checksums);
  std::vector<std::string> heads();
  std::vector<Applied> run(Direction direction, std::span<const std::string> targets);
  std::vector<std::string> stamp(std::span<const std::string> targets, bool purge);
  bool baseline(std::span<const std::string> targets);
  std::vector<PlannedStep> plan(Direction direction, std::span<const std::string> targets);
  std::optional<Evidence> examine();
  void resolve(Effect effect);
  Applied undo();
  std::optional<LockHolder> lock_holder();
  bool unlock(bool force);

 private:
  /// How an entry's runner is.
  enum class Life {
    gone,      ///< it does nothing any more
    orphaned,  ///< its process is gone, but the server still works for it
    present,   ///< it may go on
  };

  dialect::Connection& connection() { return session_.connection(); }
  template <class Action>
  auto patiently(Action action) -> decltype(action());
  void wait_or_throw(const Error& busy);
  /// Where the dialect's polite lock is held, the clock runs, and the session gets its settings back in the end.
  class Running;
  void start();
  /// Throws Error(busy) when somebody holds it for longer than there is time.
  void take_lock();
  /// False where nobody holds the lock, or somebody who may be alive.
  bool end_dead_holder();
  void say_waiting(const std::string& text);
  Life life_of(const Entry& entry);
  Reading settled_reading();
  /// The same, for who cannot go on with a revision in the middle.
  Reading whole_reading();
  revision::Graph graph_for(const Reading& reading, Direction direction);
  std::vector<std::string> resolve(const revision::Graph& graph, std::span<const std::string> targets, const std::vector<std::string>& heads);
  std::vector<Edited> edited(const std::set<std::string>& applied);
  void warn_of_edits(const std::vector<std::string>& heads);
  std::vector<Task> tasks(const revision::Graph& graph, std::span<const revision::Step> steps, const std::vector<std::string>& heads);
  bool run_tasks(const std::vector<Task>& tasks, std::int64_t position, std::vector<Applied>& done);
  Outcome run_task(TaskRun& run, std::vector<Applied>& done);
  void back_off(const TaskRun& run);

  // A revision in the middle (resume.cpp).
  std::optional<Plan> plan_of(const Entry& last);
  void go_on(const Reading& reading, std::optional<Direction> direction, std::vector<Applied>& done);
  void undo(const Reading& reading, const Plan& plan, std::size_t done_segments, bool left_intent, std::vector<Applied>& done);
  /// How many segments are done, once the one in doubt is settled; nullopt: read the journal again.
  std::optional<std::size_t> settle(const Plan& plan, const Entry& last, bool& left_intent);
  PlannedStep rest_of_plan(const Entry& last);
  Finding finding(const Plan& plan, const Entry& last);
  void clean_up(const std::vector<std::string>& statements);
  Task task_of(const Plan& plan);
  Part rest_behind(const Part& old, const Task& now, std::size_t ran, std::size_t whole, std::size_t end);
  Part rendered_again(const Part& old, const Task& now, std::size_t ran, std::size_t end, const std::function<Error(const std::string&)>& refuse);
  bool renew(Plan& plan, Task& task, std::size_t next);
  std::optional<PlannedStep> plan_task(const Task& task, schema::Metadata& schema, bool& assumed);
  bool stamp_once(const Reading& reading, std::span<const std::string> targets, bool purge, std::vector<std::string>& heads);

  const revision::Store& store_;
  RunOptions options_;
  Hooks hooks_;
  Listener listener_;
  revision::Graph graph_;
  Journal journal_;
  KnownSchema schema_;
  Session session_;
  std::unique_ptr<dialect::Lock> lock_;
  bool waiting_said_ = false;
  int tries_ = 0;  ///< in a row that ended busy
};

class Runner::Implementation::Running {
 public:
  explicit Running(Implementation& runner) : runner_(runner) { runner.start(); }
  ~Running() {
    runner_.session_.leave();
    runner_.lock_.reset();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  Implementation& runner_;
};

/// Runs something that only reads, or that undoes itself, until the database is not busy.
template <class Action>
auto Runner::Implementation::patiently(Action action) -> decltype(action()) {
  for (;;) try {
      session_.check_interrupted();
      return action();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::busy) throw;
      wait_or_throw(error);
    }
}

}  // namespace aludel::migrate
