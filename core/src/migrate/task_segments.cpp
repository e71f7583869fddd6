#include "identity.hpp"
#include "task_run.hpp"

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <chrono>

// The part of a run that cannot be rolled back: segments of their own, intents, and what a failure leaves.
namespace aludel::migrate {

namespace {

using Clock = std::chrono::steady_clock;

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
      "see with `aludel journal` what ran; bring the database by hand to where {0} is whole, or not begun, and say which with "
      "`aludel stamp --purge REV` (continuing by itself is what a later `aludel resolve` does)",
      printable(revision));
}

Outcome TaskRun::run_segments() {
  const auto& statements = parts_.front().script.statements;
  const bool transactional = session_.connection.dialect().capabilities().transactional_ddl;
  const auto segments = cut(statements, CutOptions{transactional, task_.revision.transaction});
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const auto& segment = segments[i];
    const bool last = i + 1 == segments.size();
    auto row = entry(i + 1, segments.size());
    for (std::size_t k = segment.first; k < segment.first + segment.count; ++k) row.statements.push_back(statements[k].sql);
    try {
      session_.check_interrupted();
      const auto lost = open(row);
      if (lost && i == 0) return *lost;
      if (lost) throw Error(ErrorKind::busy, "another session moved the journal while this revision was in the middle");
      announce();
      if (!segment.transactional) {
        commit();
        position_ = row.position;
        run_alone(row, segment, last);
        continue;
      }
      run_statements(parts_.front(), segment.first, segment.count);
      if (last)
        finish(row);
      else {
        row.state = EntryState::done;
        row.finished = utc_now();
        session_.journal.settle(row, false);
        commit();
        position_ = row.position;
      }
      // From its second segment on a transactional dialect has changed the schema itself.
      carry_ = false;
    } catch (Error& error) {
      roll_back(error);
      if (i == 0) throw;
      error.add_note(fmt::format("{} of {} segments are done and stay; the revision is half applied", i, segments.size()));
      mark_half_applied(error);
      throw;
    }
  }
  return Outcome::done;
}

/// A statement outside any transaction: its intent is committed, its effect follows, then the intent is settled.
void TaskRun::run_alone(Entry& row, const Segment& segment, bool last) {
  const bool is_call = parts_.front().script.statements[segment.first].call.has_value();
  carry_ = false;
  try {
    run_statements(parts_.front(), segment.first, segment.count);
  } catch (Error& error) {
    roll_back(error);
    if (is_call || !refused(error)) {
      error.add_note("the statement ran outside a transaction and may have taken effect in part");
      mark_half_applied(error);
    } else {
      withdraw(row, segment, error);
    }
    throw;
  }
  running_ = false;
  try {
    begin_patiently();
    if (last) {
      finish(row);
      return;
    }
    row.state = EntryState::done;
    row.finished = utc_now();
    session_.journal.settle(row, false);
    commit();
  } catch (Error& error) {
    roll_back(error);
    error.add_note("the statement took effect, but the journal could not be told");
    mark_half_applied(error);
    throw;
  }
}

/// The server said no: nothing of the statement took effect, and its intent row must not say that it may have.
void TaskRun::withdraw(Entry& row, const Segment& segment, Error& error) {
  try {
    begin_patiently();
    if (segment.first == 0) {
      session_.journal.remove(row.position);
      position_ = row.position - 1;
    } else {
      row.state = EntryState::failed;
      row.finished = utc_now();
      row.error = error.text();
      session_.journal.settle(row, false);
    }
    commit();
  } catch (const Error& failure) {
    roll_back(error);
    error.add_note("the journal still says that it may have taken effect: " + failure.message());
    mark_half_applied(error);
  }
}

void TaskRun::mark_half_applied(Error& error) const {
  error.set_kind(ErrorKind::half_applied);
  error.set_hint(half_applied_hint(task_.revision.id));
}

/// In the middle of a revision there is no way back: the lock is waited for as long as there is time.
void TaskRun::begin_patiently() {
  for (;;) try {
      session_.connection.begin();
      return;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::busy || Clock::now() >= session_.deadline) throw;
    }
}

}  // namespace aludel::migrate
