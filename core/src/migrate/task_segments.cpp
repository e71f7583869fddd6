#include "identity.hpp"
#include "loss.hpp"
#include "task_run.hpp"

#include <aludel/dialect/recovery.hpp>
#include <aludel/error.hpp>
#include <aludel/op/codec.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

// The part of a run that cannot be rolled back as a whole: segments of their own, intents, and what a failure leaves.
namespace aludel::migrate {

namespace {

using std::chrono::milliseconds;

/// What went wrong was said by the server, before the statement took effect.
bool refused(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::database:
    case ErrorKind::constraint:
    case ErrorKind::guard:
    case ErrorKind::busy:
    case ErrorKind::interrupted:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string half_applied_hint(std::string_view revision) {
  return fmt::format(
      "`aludel upgrade` goes on where it stopped, once what stood in the way is mended (in the file too: what ran must stay as it is); `aludel "
      "resolve` "
      "shows what is known, and `aludel resolve --undo` undoes what ran of {}",
      printable(revision));
}

void TaskRun::resume(Plan plan, std::size_t next, bool changed) {
  resumed_ = true;
  segmented_ = true;
  plan_changed_ = changed;
  parts_ = std::move(plan.parts);
  starts_ = std::move(plan.starts);
  prologue_ = std::move(plan.prologue);
  epilogue_ = std::move(plan.epilogue);
  next_ = next;
  done_ = next;
  const auto pieces = pieces_of(parts_);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto& part = parts_[pieces[i].part];
    statements_ += pieces[i].segment.count;
    if (i >= next) continue;
    // The guard asked before an operation's first statement.
    for (std::size_t k = pieces[i].segment.first; k < pieces[i].segment.first + pieces[i].segment.count; ++k)
      for (const auto operation : part.script.statements[k].operations) asked_.insert(part.first + operation);
  }
}

Entry TaskRun::plan_row() const {
  auto row = entry(0, pieces_of(parts_).size() + (starts_.size() - parts_.size()));
  row.operations = op::encode(std::span<const op::Operation>(task_.operations));
  row.plan = encode_plan(parts_, starts_, prologue_, epilogue_);
  return row;
}

/// Where the guard would refuse at a later segment, and what was done before would stay: asks before the first. What stands behind statements that
/// may move rows is asked when they have run.
void TaskRun::guard_losses_ahead() {
  if (session_.options.accept_data_loss || !carry_) return;
  const auto& part = parts_.front();
  const auto& renderer = session_.connection().dialect().renderer();
  for (std::size_t i = 0; i < part.operations.size(); ++i) {
    const auto& operation = part.operations[i];
    if (op::is_barrier(operation)) return;
    if (operation.data_loss == op::DataLoss::accepted || !op::destroys(operation)) continue;
    for (const auto& question : loss_questions(renderer, part.operations, std::vector<std::size_t>{i}, 0, part.before)) try {
        if (const auto loss = ask(session_.connection(), question, operation)) refuse(*loss, operation);
      } catch (const Error& error) {
        // Somebody else may have been faster, which shows when the journal's position is taken.
        if (error.kind() != ErrorKind::database) throw;
      }
  }
}

Outcome TaskRun::run_segments() {
  if (!resumed_) guard_losses_ahead();
  for (std::size_t i = next_;; ++i) {
    auto pieces = pieces_of(parts_);
    if (i == pieces.size() && parts_.size() == starts_.size()) return Outcome::done;
    const auto* connection = session_.current;
    try {
      if (i == pieces.size()) {
        render_next_part();
        pieces = pieces_of(parts_);
      }
      const bool last = i + 1 == pieces.size() && parts_.size() == starts_.size();
      if (const auto outcome = run_piece(pieces[i], i, pieces.size() + (starts_.size() - parts_.size()), last)) return *outcome;
    } catch (Error& error) {
      roll_back(error);
      // Another session reads in the journal how far this one got, and goes on from there.
      if (error.kind() == ErrorKind::connection && (session_.current != connection || session_.reconnect())) {
        session_.warn(task_.revision.id, error.message() + "; connected anew");
        return Outcome::lost;
      }
      if (done_ == 0) throw;
      error.add_note(
          fmt::format("{} of {} segments are done and stay; the revision is half applied", done_, pieces.size() + (starts_.size() - parts_.size())));
      mark_half_applied(error);
      throw;
    }
  }
}

void TaskRun::render_next_part() {
  const auto index = parts_.size();
  const auto end = index + 1 < starts_.size() ? starts_[index + 1] : task_.operations.size();
  operation_ = starts_[index];
  auto part = render_part(task_, starts_[index], end - starts_[index], session_.schema.look(), true, session_.connection(), session_.options);
  cut_part(part, task_, true, session_.connection(), session_.options);
  const auto add = [](std::vector<std::string>& all, const std::vector<std::string>& more, const auto& on_new) {
    for (const auto& sql : more) {
      if (std::find(all.begin(), all.end(), sql) != all.end()) continue;
      on_new(sql);
      all.push_back(sql);
    }
  };
  add(epilogue_, part.script.epilogue, [](const auto&) {});
  add(prologue_, part.script.prologue, [&](const auto& sql) { session_.connection().execute(sql); });
  parts_.push_back(std::move(part));
  plan_changed_ = true;
  statements_ = 0;
  for (const auto& one : parts_) statements_ += one.script.statements.size();
}

/// Nothing when it is done.
std::optional<Outcome> TaskRun::run_piece(const Piece& piece, std::size_t index, std::size_t count, bool last) {
  const auto& part = parts_[piece.part];
  const auto& segment = piece.segment;
  session_.check_interrupted();
  statement_ = segment.first;
  for (std::size_t i = 0; i < piece.part; ++i) statement_ += parts_[i].script.statements.size();
  session_.use_timeouts(timeouts(part, segment));
  auto row = entry(index + 1, count);
  for (std::size_t k = segment.first; k < segment.first + segment.count; ++k) row.statements.push_back(statement_text(part.script.statements[k]));
  if (const auto lost = open(row, &segment)) return lost;
  announce();
  if (!segment.transactional) {
    try {
      commit(row);
    } catch (const Error& error) {
      if (!got_in_the_way(error)) throw;
      return Outcome::busy;
    }
    plan_changed_ = false;
    position_ = row.position;
    run_alone(row, part, segment);
    settle_alone(row, last);
  } else {
    const auto sent = sent_.size();
    try {
      run_statements(part, segment.first, segment.count);
      if (last) {
        if (is_parted()) describe(row);
        finish(row);
      } else {
        session_.clean();
        row.state = EntryState::done;
        row.finished = utc_now();
        session_.journal.settle(row, false);
        commit(row);
        position_ = row.position;
        ++done_;
      }
    } catch (const Error& error) {
      if (!got_in_the_way(error)) throw;
      sent_.resize(sent);
      return Outcome::busy;
    }
    plan_changed_ = false;
  }
  // From its second segment on a transactional dialect has changed the schema itself.
  carry_ = false;
  session_.be_patient_again();
  return std::nullopt;
}

/// A statement outside any transaction, whose intent is committed.
void TaskRun::run_alone(Entry& row, const Part& part, const Segment& segment) {
  const auto& statement = part.script.statements[segment.first];
  carry_ = false;
  for (std::size_t attempt = 1;; ++attempt) try {
      statement_ = segment.first;
      for (const Part* before = parts_.data(); before != &part; ++before) statement_ += before->script.statements.size();
      run_statements(part, segment.first, segment.count);
      running_ = false;
      return;
    } catch (Error& error) {
      roll_back(error);
      if (error.kind() == ErrorKind::connection) throw;
      if (!statement.call && may_run_again(statement, error, attempt)) continue;
      if (statement.call || !refused(error)) {
        error.add_note("the statement ran outside a transaction and may have taken effect in part");
        mark_half_applied(error);
      } else {
        withdraw(row, done_, error);
      }
      throw;
    }
}

/// After a lock that was not to be had: cleans up, gives the others time, and says whether there is some left.
bool TaskRun::may_run_again(const dialect::Statement& statement, const Error& error, std::size_t attempt) {
  if (error.kind() != ErrorKind::busy) return false;
  if (attempt == 1) {
    Event event{Event::Kind::waiting};
    event.text = "waiting for another session: " + error.message();
    session_.tell(event);
  }
  constexpr milliseconds longest(5'000);
  if (!session_.wait(std::min(milliseconds(100) * (1 << std::min<std::size_t>(attempt, 8)), longest))) return false;
  if (const auto* recovery = dialect::Recovery::of(session_.connection()))
    if (const auto verdict = recovery->judge(session_.connection(), statement))
      for (const auto& sql : verdict->cleanup) session_.connection().execute(sql);
  return true;
}

template <class Action>
void TaskRun::in_transaction_patiently(Action action) {
  for (;;) try {
      session_.connection().begin();
      action();
      return;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::busy) throw;
      if (session_.connection().in_transaction()) session_.connection().rollback();
      if (!session_.wait(milliseconds(100))) throw;
    }
}

void TaskRun::settle_alone(Entry& row, bool last) {
  try {
    session_.clean();
    in_transaction_patiently([&] {
      if (last) {
        if (is_parted()) describe(row);
        finish(row);
        return;
      }
      row.state = EntryState::done;
      row.finished = utc_now();
      session_.journal.settle(row, false);
      commit(row);
      ++done_;
    });
  } catch (Error& error) {
    roll_back(error);
    if (error.kind() == ErrorKind::connection) throw;
    error.add_note("the statement took effect, but the journal could not be told");
    mark_half_applied(error);
    throw;
  }
}

/// The last segment's statement took effect in a session that could not say so any more.
Outcome TaskRun::run_left_intent() {
  auto& row = *left_intent_;
  auto outcome = Outcome::done;
  in_transaction_patiently([&] {
    row.state = EntryState::done;
    row.finished = utc_now();
    if (!session_.journal.settle_intent(row)) {
      session_.connection().rollback();
      outcome = Outcome::taken;
      return;
    }
    announce();
    if (is_parted()) describe(row);
    finish(row);
  });
  return outcome;
}

/// The server said no: nothing of the statement took effect, and its intent row must not say that it may have.
void TaskRun::withdraw(Entry& row, std::size_t index, Error& error) {
  try {
    session_.clean();
    in_transaction_patiently([&] {
      if (index == 0) {
        session_.journal.remove_leftovers();
        session_.journal.remove(row.position);
        position_ = row.position - 1;
      } else {
        row.state = EntryState::failed;
        row.finished = utc_now();
        row.error = error.text();
        session_.journal.settle(row, false);
      }
      commit(row);
    });
  } catch (const Error& failure) {
    roll_back(error);
    error.add_note("the journal still says that it may have taken effect: " + failure.message());
    mark_half_applied(error);
  }
}

void TaskRun::mark_half_applied(Error& error) const {
  if (error.kind() == ErrorKind::half_applied) return;  // marked already
  error.set_kind(ErrorKind::half_applied);
  const std::string remedy = error.hint().empty() ? std::string() : error.hint() + "; then ";
  error.set_hint(remedy + half_applied_hint(task_.revision.id));
}

}  // namespace aludel::migrate
