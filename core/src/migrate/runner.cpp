#include <aludel/migrate/runner.hpp>

#include "identity.hpp"
#include "loss.hpp"
#include "runner_implementation.hpp"

#include <aludel/dialect/sessions.hpp>
#include <aludel/error.hpp>
#include <aludel/op/apply.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace aludel::migrate {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds poll(200);

Reading read(Journal& journal) {
  Reading reading;
  reading.journalled = journal.exists();
  if (!reading.journalled) return reading;
  reading.position = journal.position();
  reading.last = journal.entry_at(reading.position);
  reading.heads = journal.heads();
  return reading;
}

void refuse_unknown(const revision::Graph& graph, const std::vector<std::string>& heads, Journal& journal) {
  for (const auto& id : heads) {
    if (graph.find(id) != nullptr) continue;
    const auto entry = last_applied(journal, id);
    auto message = "the database stands on revision " + quoted(id) + ", which no file has";
    std::string hint = "restore its file (is it on another branch?)";
    if (entry) {
      message += fmt::format("; the journal says: {}, applied {} by {}", quoted(entry->message), entry->finished, printable(entry->who));
      const auto below = entry->down_revisions.empty() ? std::string("base") : join(entry->down_revisions, " ");
      if (entry->inverse.array() != nullptr) hint += ", or undo it with `aludel downgrade " + printable(below) + "`: the journal knows how";
    }
    throw Error(ErrorKind::revision, message).with_hint(hint + ", or say with `aludel stamp --purge REV` where the database stands").in_revision(id);
  }
}

}  // namespace

// Waiting

void Runner::Implementation::wait_or_throw(const Error& busy) {
  if (!waiting_said_) {
    Event event{Event::Kind::waiting};
    event.text = "waiting for another session: " + busy.message();
    session_.tell(event);
    waiting_said_ = true;
  }
  if (session_.wait(poll)) return;
  auto error = busy;
  error.add_context(fmt::format("after waiting {} s for another session", options_.lock_wait.count() / 1000));
  if (error.hint().empty()) error.set_hint("try again, or wait longer with --lock-wait; nothing was half-done");
  throw error;
}

void Runner::Implementation::say_waiting(const std::string& text) {
  if (waiting_said_) return;
  Event event{Event::Kind::waiting};
  event.text = text;
  session_.tell(event);
  waiting_said_ = true;
}

namespace {

bool is_same(const Entry& entry, const std::optional<Entry>& other) {
  return other && entry.position == other->position && entry.state == other->state && entry.started == other->started;
}

}  // namespace

/// Reads until nobody is at work on a revision in the middle; one that somebody left there may be.
Reading Runner::Implementation::settled_reading() {
  for (;;) {
    auto reading = patiently([&] { return read(journal_); });
    if (!half_way(reading.last)) return reading;
    const auto life = life_of(*reading.last);
    if (life == Life::gone) {
      // Where no lock keeps runners apart it may have come to its end between the two looks; what it left is what there is now.
      auto again = patiently([&] { return read(journal_); });
      if (is_same(*reading.last, again.last)) return again;
      continue;
    }
    if (life == Life::orphaned) {
      session_.warn(reading.last->revision, "the process that ran revision " + quoted(reading.last->revision) +
                                                " is gone, but the server still works for it: ending its session");
      if (end_session(session_, reading.last->session)) continue;
    } else {
      say_waiting("waiting for " + printable(reading.last->who) + ", who runs revision " + quoted(reading.last->revision));
      if (session_.wait(poll)) continue;
    }
    throw Error(ErrorKind::busy,
                fmt::format("{} runs revision {}, since {}", printable(reading.last->who), quoted(reading.last->revision), reading.last->started))
        .with_hint(
            "wait until it is done; if its process is gone for certain, `aludel unlock --force` says so, and the next run looks at what it left")
        .in_revision(reading.last->revision);
  }
}

Reading Runner::Implementation::whole_reading() {
  auto reading = settled_reading();
  if (half_way(reading.last)) refuse_half_applied(describe(*reading.last, plan_of(*reading.last)), "");
  return reading;
}

// Planning

revision::Graph Runner::Implementation::graph_for(const Reading& reading, Direction direction) {
  if (direction == Direction::downgrade) return with_journalled(graph_, reading.heads, journal_);
  refuse_unknown(graph_, reading.heads, journal_);
  return graph_;
}

std::vector<std::string> Runner::Implementation::resolve(const revision::Graph& graph, std::span<const std::string> targets,
                                                         const std::vector<std::string>& heads) {
  if (targets.empty()) throw Error(ErrorKind::usage, "no revision is named").with_hint("say 'head', 'base', or a revision");
  std::set<std::string> ids;
  for (const auto& target : targets)
    for (auto& id : graph.resolve(target, heads)) ids.insert(std::move(id));
  return {ids.begin(), ids.end()};
}

std::vector<Edited> Runner::Implementation::edited(const std::set<std::string>& applied) {
  // One pass over the journal: the last row that applied a revision counts.
  std::map<std::string, std::pair<std::string, std::int64_t>> checksums;
  for (const auto& entry : journal_.applied_checksums()) checksums[entry.revision] = {entry.checksum, entry.position};
  std::vector<Edited> result;
  for (const auto& [id, applied_as] : checksums) {
    const auto* revision = graph_.find(id);
    if (revision == nullptr || applied.count(id) == 0 || applied_as.first.empty()) continue;
    std::string now;
    try {
      now = store_.checksum(id);
      if (now == applied_as.first) continue;
      now = store_.load(id).checksum;
    } catch (const Error&) {
      now.clear();  // cannot be read any more: certainly not what was applied
    }
    // An algorithm that this version does not know cannot be compared with.
    const auto algorithm = applied_as.first.substr(0, applied_as.first.find(':'));
    if (!now.empty() && now.substr(0, now.find(':')) != algorithm) continue;
    if (now != applied_as.first) result.push_back(Edited{id, revision->file, applied_as.first, now, applied_as.second});
  }
  return result;
}

void Runner::Implementation::warn_of_edits(const std::vector<std::string>& heads) {
  for (const auto& one : edited(graph_.ancestors(heads))) {
    const auto text = fmt::format("revision {} was edited after it was applied (journal position {}): it ran as {}, {} is now {}",
                                  quoted(one.revision), one.position, one.applied_checksum, one.file.empty() ? "it" : printable(one.file),
                                  one.file_checksum.empty() ? "unreadable" : one.file_checksum);
    if (options_.strict)
      throw Error(ErrorKind::revision, text)
          .with_hint("restore the file, and put the change in a new revision")
          .at(Location{one.file, 0, 0})
          .in_revision(one.revision);
    Event event{Event::Kind::warning};
    event.revision = one.revision;
    event.text = text + "; the database does not have the change";
    session_.tell(event);
  }
}

std::vector<Task> Runner::Implementation::tasks(const revision::Graph& graph, std::span<const revision::Step> steps,
                                                const std::vector<std::string>& heads) {
  auto result = prepare(steps, heads, graph, graph_, store_, &journal_, connection().dialect());
  check_operations(result, connection().dialect());
  look_up_calls(result, hooks_);
  return result;
}

// Running

std::vector<Applied> Runner::Implementation::run(Direction direction, std::span<const std::string> targets) {
  schema_.forget();
  const Running running(*this);
  std::vector<Applied> done;
  std::optional<std::vector<std::string>> goal;
  bool warned = false;
  std::vector<Task> pending;
  std::optional<std::pair<std::vector<std::string>, std::vector<revision::Step>>> prepared_for;
  for (;;) {
    const auto reading = settled_reading();
    const auto graph = graph_for(reading, direction);
    const bool middle = half_way(reading.last);
    // Once: a relative target must not move on because another runner was faster. What is half done counts as where it is meant to lead.
    if (!goal) {
      const bool undoing = middle && direction == Direction::downgrade && reading.last->action == Action::upgrade;
      goal = resolve(graph, targets, undoing ? reading.last->heads_after : reading.heads);
    }
    if (!warned && direction == Direction::upgrade && reading.journalled) warn_of_edits(reading.heads);
    warned = true;
    if (middle) {
      go_on(reading, direction, done);
      prepared_for.reset();
      continue;
    }
    auto steps = direction == Direction::upgrade ? graph.upgrade(reading.heads, *goal) : graph.downgrade(reading.heads, *goal);
    if (steps.empty()) return done;
    // Where only the journal was missing, the files are not read twice.
    if (auto now = std::pair(reading.heads, std::move(steps)); prepared_for != now) {
      pending = tasks(graph, now.second, reading.heads);
      prepared_for = std::move(now);
    }
    if (!reading.journalled) {
      patiently([&] { journal_.create(); });
      continue;  // what it holds now may be somebody else's
    }
    if (run_tasks(pending, reading.position, done)) return done;
    prepared_for.reset();
  }
}

/// Runs them in order; false when the journal must be read again.
bool Runner::Implementation::run_tasks(const std::vector<Task>& tasks, std::int64_t position, std::vector<Applied>& done) {
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    session_.check_interrupted();
    for (bool again = true; again;) {
      TaskRun run(session_, tasks[i], position, i + 1, tasks.size());
      const auto outcome = run_task(run, done);
      if (outcome != Outcome::done && outcome != Outcome::stale) return false;
      if (outcome == Outcome::done) position = run.position();
      again = outcome == Outcome::stale;
    }
  }
  return true;
}

/// What is to be done after every outcome is, but to read the journal or to render again.
Outcome Runner::Implementation::run_task(TaskRun& run, std::vector<Applied>& done) {
  Outcome outcome = Outcome::busy;
  try {
    outcome = run.run();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::busy && error.kind() != ErrorKind::interrupted) journal_.record_failure(run.failure(error));
    throw;
  }
  switch (outcome) {
    case Outcome::done:
      done.push_back(run.applied());
      // The next may wait anew: a long run is no reason to be less patient at its end.
      session_.be_patient_again();
      tries_ = 0;
      break;
    case Outcome::busy:
      back_off(run);
      schema_.forget();
      break;
    case Outcome::stale:
    case Outcome::taken:
    case Outcome::lost:
      schema_.forget();
      break;
  }
  return outcome;
}

/// Others come first for longer and longer, so that a lock which everybody wants is not fought for.
void Runner::Implementation::back_off(const TaskRun& run) {
  constexpr milliseconds longest(5'000);
  const auto reason = run.reason();
  say_waiting("waiting for another session: " + reason.message());
  if (session_.wait(std::min(poll * (1 << std::min(tries_++, 5)), longest))) return;
  auto error = reason;
  error.add_context(fmt::format("after waiting {} s for another session", options_.lock_wait.count() / 1000));
  if (error.hint().empty()) error.set_hint("try again, or wait longer with --lock-wait; nothing was half-done");
  throw error;
}

// Looking

State Runner::Implementation::state(bool checksums) {
  session_.deadline = Clock::now() + options_.lock_wait;
  State state;
  const auto reading = patiently([&] { return read(journal_); });
  state.journalled = reading.journalled;
  state.position = reading.position;
  state.heads = reading.heads;
  if (half_way(reading.last)) state.half_applied = describe(*reading.last, plan_of(*reading.last));

  std::vector<std::string> known;
  for (const auto& id : reading.heads) (graph_.find(id) == nullptr ? state.unknown : known).push_back(id);
  auto applied = graph_.ancestors(known);
  if (!state.unknown.empty()) try {
      // What the journal remembers tells which files a revision without one stands on.
      const auto whole = with_journalled(graph_, reading.heads, journal_);
      for (const auto& id : whole.ancestors(reading.heads))
        if (graph_.find(id) != nullptr) applied.insert(id);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::revision) throw;  // unknown to the journal too: `unknown` says so
    }
  for (const auto& id : graph_.topological()) (applied.count(id) != 0 ? state.applied : state.pending).push_back(id);
  if (checksums && reading.journalled) state.edited = edited(applied);
  if (reading.journalled) state.last_failure = journal_.entry_at(-1);
  return state;
}

std::vector<std::string> Runner::Implementation::heads() {
  session_.deadline = Clock::now() + options_.lock_wait;
  return patiently([&] { return journal_.exists() ? journal_.heads() : std::vector<std::string>(); });
}

std::optional<PlannedStep> Runner::Implementation::plan_task(const Task& task, schema::Metadata& schema, bool& assumed) {
  const bool carry = needs_schema(task.operations);
  PlannedStep planned;
  planned.revision = task.revision;
  planned.direction = task.step.direction;
  planned.assumed = assumed && carry;
  auto part = render_part(task, 0, task.operations.size(), schema, carry, connection(), options_);
  for (std::size_t i = 0; i < part.operations.size() && carry; ++i) {
    const auto& operation = part.operations[i];
    if (!op::destroys(operation)) continue;
    // Asked of the database as it is now, so only where what is lost is there now under the same name.
    const std::vector<std::size_t> asked{i};
    for (const auto& question : loss_questions(connection().dialect().renderer(), part.operations, asked, 0, part.before)) try {
        auto loss = ask(connection(), question, operation);
        if (!loss) continue;
        loss->accepted |= options_.accept_data_loss;
        planned.losses.push_back(std::move(*loss));
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::database) throw;
      }
  }
  if (carry)
    schema = std::move(part.after);
  else
    schema = op::apply(task.operations, std::move(schema), connection().dialect().rewriter(), apply_options(connection(), options_));
  planned.operations = std::move(part.operations);
  planned.script = std::move(part.script);
  assumed = assumed || any_opaque(planned.operations);
  return planned;
}

std::vector<PlannedStep> Runner::Implementation::plan(Direction direction, std::span<const std::string> targets) {
  session_.deadline = Clock::now() + options_.lock_wait;
  const auto reading = patiently([&] { return read(journal_); });
  if (half_way(reading.last)) return {rest_of_plan(*reading.last)};
  const auto graph = graph_for(reading, direction);
  const auto goal = resolve(graph, targets, reading.heads);
  if (direction == Direction::upgrade && reading.journalled) warn_of_edits(reading.heads);
  const auto steps = direction == Direction::upgrade ? graph.upgrade(reading.heads, goal) : graph.downgrade(reading.heads, goal);
  const auto pending = tasks(graph, steps, reading.heads);
  std::vector<PlannedStep> result;
  const bool any_schema = std::any_of(pending.begin(), pending.end(), [](const auto& task) { return needs_schema(task.operations); });
  schema::Metadata schema;
  if (any_schema) schema = patiently([&] { return schema_.look(); });
  bool assumed = false;
  for (const auto& task : pending) try {
      session_.check_interrupted();
      if (!any_schema) {
        auto part = render_part(task, 0, task.operations.size(), {}, false, connection(), options_);
        result.push_back(PlannedStep{task.revision, task.step.direction, std::move(part.operations), std::move(part.script), {}, false});
      } else if (auto planned = plan_task(task, schema, assumed)) {
        result.push_back(std::move(*planned));
      }
    } catch (Error& error) {
      error.set_revision(task.revision.id);
      error.add_context("while planning revision " + quoted(task.revision.id));
      if (assumed) error.add_note("an earlier sql or call of this plan, whose effect is not declared, was taken to leave the schema alone");
      throw;
    }
  return result;
}

// Stamping

bool Runner::Implementation::stamp_once(const Reading& reading, std::span<const std::string> targets, bool purge, std::vector<std::string>& heads) {
  std::vector<std::string> known;
  for (const auto& id : reading.heads)
    if (graph_.find(id) != nullptr) known.push_back(id);
  if (!purge) refuse_unknown(graph_, reading.heads, journal_);
  const auto goal = resolve(graph_, targets, known);

  // Other branches stay: heads that neither stand on a target nor carry one.
  std::set<std::string> after(goal.begin(), goal.end());
  const auto below = graph_.ancestors(goal);
  if (!purge && !goal.empty())
    for (const auto& head : known) {
      const auto above = graph_.ancestors(std::vector<std::string>{head});
      const bool carries = std::any_of(goal.begin(), goal.end(), [&](const auto& id) { return above.count(id) != 0; });
      if (!carries && below.count(head) == 0) after.insert(head);
    }
  const auto stands = graph_.ancestors(std::vector<std::string>(after.begin(), after.end()));
  heads = graph_.heads_of(stands);
  if (!purge && reading.journalled && heads == reading.heads) return true;
  patiently([&] { journal_.create(); });

  Entry entry;
  entry.position = std::max<std::int64_t>(reading.position, 0) + 1;  // behind the journal's creation, which may be somebody else's
  entry.revision = goal.empty() ? "base" : join(goal, ",");
  entry.action = Action::stamp;
  if (goal.size() == 1) entry.message = graph_.at(goal.front()).message;
  entry.started = entry.finished = utc_now();
  entry.who = session_.who();
  entry.tool = tool_name(options_.tool);
  entry.session = connection().session();
  entry.heads_before = reading.heads;
  entry.heads_after = heads;
  if (purge) entry.flags.emplace_back("purge");
  try {
    connection().begin();
    if (!journal_.take(entry)) {
      connection().rollback();
      return false;
    }
    if (purge)
      journal_.replace_heads(heads, entry.position);
    else
      journal_.move_heads(reading.heads, heads, entry.position);
    journal_.remove_leftovers();
    connection().commit();
    return true;
  } catch (const Error& error) {
    if (connection().in_transaction()) connection().rollback();
    if (error.kind() != ErrorKind::busy) throw;
    wait_or_throw(error);
    return false;
  }
}

void Runner::Implementation::start() {
  session_.be_patient_again();
  session_.losses = 0;
  waiting_said_ = false;
  tries_ = 0;
  take_lock();
}

void Runner::Implementation::take_lock() {
  const auto name = options_.names.version().text();
  const auto deadline = Clock::now() + options_.lock_wait;
  constexpr milliseconds glance(1'000);
  for (;;) try {
      const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
      lock_ = connection().dialect().lock(connection(), name, std::clamp(left, milliseconds(0), glance));
      return;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::busy) throw;
      session_.check_interrupted();
      if (!end_dead_holder() && Clock::now() >= deadline) throw;
    }
}

/// A statement runs on in the server after its process was killed, and its session keeps the lock meanwhile.
bool Runner::Implementation::end_dead_holder() {
  if (dialect::Sessions::of(connection()) == nullptr) return false;
  const auto holder = lock_holder();
  if (!holder || !holder->dead) return false;
  session_.warn({}, "the process that holds the lock is gone, but the server still works for it (" + holder->description + "): ending its session");
  return end_session(session_, holder->session);
}

std::vector<std::string> Runner::Implementation::stamp(std::span<const std::string> targets, bool purge) {
  const Running running(*this);
  std::vector<std::string> heads;
  const auto look = [&] { return purge ? patiently([&] { return read(journal_); }) : whole_reading(); };
  while (!stamp_once(look(), targets, purge, heads)) session_.check_interrupted();
  return heads;
}

bool Runner::Implementation::baseline(std::span<const std::string> targets) {
  const Running running(*this);
  std::vector<std::string> heads;
  for (;;) {
    session_.check_interrupted();
    const auto reading = whole_reading();
    if (reading.position > 0) return false;
    // On this reading alone: what another runner has written since then is none to stamp upon.
    if (stamp_once(reading, targets, false, heads)) return true;
  }
}

// The public face

Runner::Runner(dialect::Connection& connection, const revision::Store& store, RunOptions options, Hooks hooks, Listener listener)
    : implementation_(std::make_unique<Implementation>(connection, store, std::move(options), std::move(hooks), std::move(listener))) {}
Runner::~Runner() = default;
const revision::Graph& Runner::graph() const { return implementation_->graph(); }
std::vector<std::string> Runner::heads() { return implementation_->heads(); }
State Runner::state(bool checksums) { return implementation_->state(checksums); }
std::vector<Entry> Runner::journal() { return implementation_->journal().entries(); }
std::vector<Applied> Runner::upgrade(std::span<const std::string> targets) { return implementation_->run(Direction::upgrade, targets); }
std::vector<Applied> Runner::downgrade(std::span<const std::string> targets) { return implementation_->run(Direction::downgrade, targets); }
std::vector<std::string> Runner::stamp(std::span<const std::string> targets, bool purge) { return implementation_->stamp(targets, purge); }
bool Runner::baseline(std::span<const std::string> targets) { return implementation_->baseline(targets); }
std::vector<PlannedStep> Runner::plan(Direction direction, std::span<const std::string> targets) { return implementation_->plan(direction, targets); }
std::optional<Evidence> Runner::examine() { return implementation_->examine(); }
void Runner::resolve(Effect effect) { implementation_->resolve(effect); }
Applied Runner::undo() { return implementation_->undo(); }
std::optional<LockHolder> Runner::lock_holder() { return implementation_->lock_holder(); }
bool Runner::unlock(bool force) { return implementation_->unlock(force); }

}  // namespace aludel::migrate
