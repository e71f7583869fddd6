#include "identity.hpp"
#include "probe.hpp"
#include "runner_implementation.hpp"

#include <aludel/dialect/recovery.hpp>
#include <aludel/dialect/sessions.hpp>
#include <aludel/error.hpp>
#include <aludel/op/apply.hpp>
#include <aludel/op/codec.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

// A revision that stopped in the middle: what became of its last statement, and how it goes on or back.
namespace aludel::migrate {

namespace {

using std::chrono::milliseconds;
using Presence = dialect::Sessions::Presence;

bool has_flag(const Entry& entry, std::string_view flag) { return std::find(entry.flags.begin(), entry.flags.end(), flag) != entry.flags.end(); }

bool is_undo(const Entry& entry) { return has_flag(entry, "undo"); }

std::optional<Effect> resolved(const Entry& entry) {
  if (has_flag(entry, "resolved_applied")) return Effect::applied;
  if (has_flag(entry, "resolved_not_applied")) return Effect::absent;
  return std::nullopt;
}

std::string encoded(std::span<const op::Operation> operations) { return to_json(op::encode(operations)); }

std::string progress(const HalfApplied& half) {
  if (half.statements == 0) return {};
  return fmt::format("{} of {} statements applied, ", half.statements_done, half.statements);
}

std::string standing(const HalfApplied& half, const std::string& who) {
  if (half.in_doubt) return fmt::format("segment {} of {} was begun {} by {} and never settled", half.segment, half.segments, half.started, who);
  if (half.failed) return fmt::format("segment {} of {} failed", half.segment, half.segments);
  return fmt::format("segment {} of {} is done, the next was not begun", half.segment, half.segments);
}

std::string title(const HalfApplied& half) {
  const auto* action = half.undoing ? "undoing" : half.direction == Direction::upgrade ? "upgrade" : "downgrade";
  return fmt::format("{} of revision {} stopped in the middle: {}{}", action, quoted(half.revision), progress(half),
                     standing(half, printable(half.who)));
}

/// The number of operations, from the first, whose statements ran, where none has run in part.
std::optional<std::size_t> whole_operations(const Part& part, std::size_t ran) {
  std::size_t begun = 0;
  for (std::size_t i = 0; i < ran; ++i)
    for (const auto operation : part.script.statements[i].operations) begun = std::max(begun, operation + 1);
  for (std::size_t i = ran; i < part.script.statements.size(); ++i)
    for (const auto operation : part.script.statements[i].operations)
      if (operation < begun) return std::nullopt;
  return begun;
}

Error nothing_in_the_middle() {
  return Error(ErrorKind::revision, "no revision is in the middle").with_hint("`aludel status` tells where the database stands");
}

}  // namespace

std::string_view to_string(Effect effect) {
  switch (effect) {
    case Effect::unknown:
      return "unknown";
    case Effect::applied:
      return "applied";
    case Effect::absent:
      return "not_applied";
  }
  return "";
}

bool half_way(const std::optional<Entry>& entry) {
  if (!entry || (entry->action != Action::upgrade && entry->action != Action::downgrade)) return false;
  return entry->state != EntryState::done || entry->segment < entry->segments;
}

HalfApplied describe(const Entry& entry, const std::optional<Plan>& plan) {
  HalfApplied half;
  half.revision = entry.revision;
  half.direction = entry.action == Action::downgrade ? Direction::downgrade : Direction::upgrade;
  half.undoing = is_undo(entry);
  half.segment = entry.segment;
  half.segments = entry.segments;
  half.in_doubt = entry.state == EntryState::intent;
  half.failed = entry.state == EntryState::failed;
  half.statement = entry.statements.empty() ? std::string() : entry.statements.front();
  half.error = entry.error;
  half.who = entry.who;
  half.session = entry.session;
  half.started = entry.started;
  if (!plan) return half;
  half.statements = plan->statements();
  const auto pieces = pieces_of(plan->parts);
  const auto done = static_cast<std::size_t>(entry.state == EntryState::done ? entry.segment : entry.segment - 1);
  for (std::size_t i = 0; i < std::min(done, pieces.size()); ++i) half.statements_done += pieces[i].segment.count;
  return half;
}

void refuse_half_applied(const HalfApplied& half, const std::string& why) {
  Error error(ErrorKind::half_applied, title(half));
  if (!why.empty()) error.add_note(why);
  error.set_hint(half_applied_hint(half.revision));
  throw std::move(error).in_revision(half.revision).with_statement(half.statement);
}

// Who ran it

Runner::Implementation::Life Runner::Implementation::life_of(const Entry& entry) {
  if (entry.state == EntryState::failed || has_flag(entry, "unlocked")) return Life::gone;
  const bool dead = certainly_gone(entry.who);
  const auto* sessions = dialect::Sessions::of(connection());
  if (sessions == nullptr) return dead ? Life::gone : Life::present;
  if (entry.session == connection().session()) return Life::gone;  // ours, and we are here
  switch (sessions->presence(connection(), entry.session)) {
    case Presence::gone:
      return Life::gone;
    case Presence::present:
      // Between two segments nothing is at work for a process that is gone; the position's compare-and-swap keeps us apart.
      if (dead) return entry.state == EntryState::intent ? Life::orphaned : Life::gone;
      return Life::present;
    case Presence::unknown:
      return dead && entry.state == EntryState::done ? Life::gone : Life::present;
  }
  return Life::present;
}

std::optional<Plan> Runner::Implementation::plan_of(const Entry& last) {
  auto row = journal_.plan();
  if (!row || row->revision != last.revision || row->action != last.action || is_undo(*row) != is_undo(last)) return std::nullopt;
  return decode_plan(std::move(*row));
}

// What became of it

Finding Runner::Implementation::finding(const Plan& plan, const Entry& last) {
  const auto pieces = pieces_of(plan.parts);
  const auto index = static_cast<std::size_t>(last.segment - 1);
  if (last.segment < 1 || index >= pieces.size() || pieces[index].segment.count != 1)
    return {Effect::unknown, {}, "the journal's plan does not have this segment"};
  const auto& part = plan.parts[pieces[index].part];
  const auto statement = pieces[index].segment.first;
  if (const auto said = resolved(last)) {
    Finding told{*said, {}, std::string("`aludel resolve` said that it was ") + (*said == Effect::applied ? "applied" : "not applied")};
    // What is left in the way goes even so.
    if (*said == Effect::absent)
      if (auto looked = probe(connection(), schema_, part.script.statements[statement], part.inverses[statement], options_);
          looked.effect == Effect::absent)
        told.cleanup = std::move(looked.cleanup);
    return told;
  }
  return probe(connection(), schema_, part.script.statements[statement], part.inverses[statement], options_);
}

void Runner::Implementation::clean_up(const std::vector<std::string>& statements) {
  for (const auto& sql : statements) connection().execute(sql);
}

std::optional<std::size_t> Runner::Implementation::settle(const Plan& plan, const Entry& last, bool& left_intent) {
  const auto segment = static_cast<std::size_t>(std::max(last.segment, 1));
  const auto pieces = pieces_of(plan.parts);
  if (last.state == EntryState::done) return segment;
  if (last.state == EntryState::failed) {
    const auto* recovery = dialect::Recovery::of(connection());
    if (recovery != nullptr && segment <= pieces.size() && !pieces[segment - 1].segment.transactional) {
      const auto& piece = pieces[segment - 1];
      if (const auto verdict = recovery->judge(connection(), plan.parts[piece.part].script.statements[piece.segment.first]))
        clean_up(verdict->cleanup);
    }
    return segment - 1;
  }

  const auto found = finding(plan, last);
  if (found.effect == Effect::unknown) refuse_half_applied(describe(last, plan), found.evidence);
  session_.warn(last.revision,
                fmt::format("segment {} of {} of revision {} was in doubt: {}", last.segment, last.segments, quoted(last.revision), found.evidence));
  clean_up(found.cleanup);
  auto row = last;
  row.finished = utc_now();
  bool ours = false;
  if (found.effect == Effect::applied) {
    if (segment == plan.segments()) {
      left_intent = true;
      return segment;
    }
    row.state = EntryState::done;
    ours = patiently([&] { return journal_.settle_intent(row); });
    if (ours) return segment;
  } else if (segment == 1) {
    // Nothing of the revision is there: it was not begun.
    try {
      connection().begin();
      row.state = EntryState::failed;
      ours = journal_.settle_intent(row);
      if (ours) {
        journal_.remove(row.position);
        journal_.remove_leftovers();
      }
      connection().commit();
    } catch (const Error& error) {
      if (connection().in_transaction()) connection().rollback();
      if (error.kind() != ErrorKind::busy) throw;
    }
    if (ours) return std::nullopt;
  } else {
    row.state = EntryState::failed;
    row.error = "interrupted; it did not take effect: " + found.evidence;
    ours = patiently([&] { return journal_.settle_intent(row); });
    if (ours) return segment - 1;
  }
  // Somebody else was faster, or is at it.
  if (!session_.wait(milliseconds(200))) refuse_half_applied(describe(last, plan), "another runner is at it");
  return std::nullopt;
}

// Going on

Task Runner::Implementation::task_of(const Plan& plan) {
  Task task;
  const auto& row = plan.row;
  task.step.revision = row.revision;
  task.step.direction = row.action == Action::upgrade ? Direction::upgrade : Direction::downgrade;
  task.step.heads_after = row.heads_after;
  task.heads_before = row.heads_before;
  if (const auto* known = graph_.find(row.revision)) task.revision = *known;
  task.revision.id = row.revision;
  task.revision.message = row.message;
  task.revision.down_revisions = row.down_revisions;
  task.revision.depends_on = row.depends_on;
  task.revision.foreign_keys_off = has_flag(row, "foreign_keys_off");
  task.revision.transaction = !has_flag(row, "no_transaction");
  task.operations = plan.source;
  task.checksum = row.checksum;
  task.undo = plan.is_undo();
  return task;
}

/// Where the statements that ran are all of the first so many operations, and none of the others: those that follow, rendered from what is there.
Part Runner::Implementation::rest_behind(const Part& old, const Task& now, std::size_t ran, std::size_t whole, std::size_t end) {
  const bool carry = needs_schema(now.operations);
  const auto first = old.first + whole;
  auto before = carry ? schema_.look() : schema::Metadata();
  if (carry) before = connection().dialect().canonicalise(std::move(before), &connection());
  auto rest = render_part(now, first, end - first, std::move(before), carry, connection(), options_);
  cut_part(rest, now, carry, connection(), options_);
  Part part;
  part.first = old.first;
  part.operations.assign(old.operations.begin(), old.operations.begin() + static_cast<std::ptrdiff_t>(whole));
  part.operations.insert(part.operations.end(), rest.operations.begin(), rest.operations.end());
  part.script = std::move(rest.script);
  for (auto& statement : part.script.statements)
    for (auto& operation : statement.operations) operation += whole;
  part.script.statements.insert(part.script.statements.begin(), old.script.statements.begin(),
                                old.script.statements.begin() + static_cast<std::ptrdiff_t>(ran));
  part.inverses.assign(old.inverses.begin(), old.inverses.begin() + static_cast<std::ptrdiff_t>(ran));
  part.inverse = rest.inverse;
  part.invertible = rest.invertible;
  for (auto inverse = part.inverses.rbegin(); inverse != part.inverses.rend(); ++inverse) {
    part.invertible = part.invertible && inverse->known;
    part.inverse.insert(part.inverse.end(), inverse->undo.begin(), inverse->undo.end());
  }
  part.inverses.insert(part.inverses.end(), rest.inverses.begin(), rest.inverses.end());
  return part;
}

/// Where an operation has run in part: everything, from the schema that was there before, of which the beginning must be what ran.
Part Runner::Implementation::rendered_again(const Part& old, const Task& now, std::size_t ran, std::size_t end,
                                            const std::function<Error(const std::string&)>& refuse) {
  const bool carry = needs_schema(now.operations);
  auto before = carry ? schema_.look() : schema::Metadata();
  const auto& dialect = connection().dialect();
  for (std::size_t k = ran; k-- > 0;) {
    if (old.script.statements[k].effect.empty()) continue;
    if (!old.inverses[k].probed) throw refuse("what the schema was before cannot be told any more");
    before = op::apply(old.inverses[k].of_effect, std::move(before), dialect.rewriter(), apply_options(connection(), options_));
  }
  if (carry) before = dialect.canonicalise(std::move(before), &connection());
  auto part = render_part(now, old.first, end - old.first, std::move(before), carry, connection(), options_);
  cut_part(part, now, carry, connection(), options_);
  for (std::size_t k = 0; k < ran; ++k) {
    const auto was = statement_text(old.script.statements[k]);
    const auto is = k < part.script.statements.size() ? statement_text(part.script.statements[k]) : std::string();
    const bool both_session = old.script.statements[k].session_only && k < part.script.statements.size() && part.script.statements[k].session_only;
    if (was != is && !both_session)
      throw refuse(fmt::format("statement {} ran as {}, and is now {}", k + 1, quoted(printable(was, 200)),
                               is.empty() ? std::string("gone") : quoted(printable(is, 200))));
  }
  return part;
}

/// Takes the file as it is now: what has not run is rendered anew where it was changed, provided that what ran is unchanged in it. True when the plan
/// is another one.
bool Runner::Implementation::renew(Plan& plan, Task& task, std::size_t next) {
  if (task.undo || graph_.find(task.revision.id) == nullptr) return false;
  const std::vector<revision::Step> steps{task.step};
  auto now = std::move(prepare(steps, task.heads_before, graph_, graph_, store_, &journal_, connection().dialect()).front());
  if (encoded(now.operations) == encoded(task.operations)) {
    now.revision.transaction = task.revision.transaction;
    now.revision.foreign_keys_off = task.revision.foreign_keys_off;
    task = std::move(now);
    return false;
  }
  const std::array checked{now};
  check_operations(checked, connection().dialect());

  const auto pieces = pieces_of(plan.parts);
  const auto part_index = next < pieces.size() ? pieces[next].part : plan.parts.size();
  const auto ran = next < pieces.size() ? pieces[next].segment.first : 0;
  const auto refuse = [&](const std::string& what) {
    Error error(ErrorKind::half_applied, "the file of revision " + quoted(task.revision.id) + " was changed where it has run already: " + what);
    error.set_hint("bring that part of the file back to what ran, or undo what ran with `aludel resolve --undo`");
    return std::move(error).at(Location{now.revision.file, 0, 0}).in_revision(task.revision.id);
  };
  const auto settled = part_index < plan.starts.size() ? plan.starts[part_index] : task.operations.size();
  if (now.operations.size() < settled || encoded(std::span(now.operations).first(settled)) != encoded(std::span(task.operations).first(settled)))
    throw refuse(fmt::format("its first {} are not what they were", counted(settled, "operation")));

  std::vector<std::size_t> starts(plan.starts.begin(),
                                  plan.starts.begin() + static_cast<std::ptrdiff_t>(std::min(part_index + 1, plan.starts.size())));
  if (starts.back() > settled) starts.pop_back();
  for (const auto start : part_starts(now.operations))
    if (start > settled) starts.push_back(start);
  if (part_index < plan.parts.size()) {
    const auto& old = plan.parts[part_index];
    const auto end = part_index + 1 < starts.size() ? starts[part_index + 1] : now.operations.size();
    const auto whole = whole_operations(old, ran);
    const auto is_same = [&](std::size_t count) {
      return settled + count <= end && settled + count <= task.operations.size() &&
             encoded(std::span(now.operations).subspan(settled, count)) == encoded(std::span(task.operations).subspan(settled, count));
    };
    auto part = whole && is_same(*whole) ? rest_behind(old, now, ran, *whole, end) : rendered_again(old, now, ran, end, refuse);
    part.segments = cut_rest(part, ran, now, connection().dialect());
    for (auto segment = old.segments.rbegin(); segment != old.segments.rend(); ++segment)
      if (segment->first < ran) part.segments.insert(part.segments.begin(), *segment);
    plan.parts.resize(part_index);
    plan.prologue = part.script.prologue;
    plan.epilogue = part.script.epilogue;
    plan.parts.push_back(std::move(part));
  }
  plan.starts = std::move(starts);
  plan.source = now.operations;
  session_.warn(task.revision.id,
                "the file of revision " + quoted(task.revision.id) + " was changed; what ran is unchanged in it, and the rest runs as it is now");
  task = std::move(now);
  return true;
}

void Runner::Implementation::undo(const Reading& reading, const Plan& plan, std::size_t done_segments, bool left_intent, std::vector<Applied>& done) {
  auto task = task_of(plan);
  task.operations = undo_of(plan, done_segments);
  task.step.direction = Direction::downgrade;
  task.step.heads_after = reading.heads;
  task.heads_before = reading.heads;
  task.undo = true;
  schema_.forget();
  TaskRun run(session_, task, reading.position, 1, 1);
  if (left_intent) {
    auto row = *reading.last;
    row.state = EntryState::failed;
    row.finished = utc_now();
    row.error = "it took effect, and is undone";
    run.supersede_intent(std::move(row));
  }
  run_task(run, done);
}

/// One step towards a revision that is whole or not begun; the journal is read again afterwards. Without a direction: back.
void Runner::Implementation::go_on(const Reading& reading, std::optional<Direction> direction, std::vector<Applied>& done) {
  const auto& last = *reading.last;
  auto plan = plan_of(last);
  if (!plan) {
    Error error(ErrorKind::half_applied, title(describe(last, std::nullopt)));
    error.add_note("the journal has no plan for it: an older aludel ran it");
    error.set_hint(fmt::format("bring the database by hand to where {} is whole, or not begun, and say which with `aludel stamp --purge REV`",
                               printable(last.revision)));
    throw std::move(error).in_revision(last.revision).with_statement(last.statements.empty() ? std::string() : last.statements.front());
  }
  bool left_intent = false;
  const auto next = settle(*plan, last, left_intent);
  if (!next) return;
  const auto towards = last.action == Action::upgrade ? Direction::upgrade : Direction::downgrade;
  if (!plan->is_undo() && direction != towards) {
    undo(reading, *plan, *next, left_intent, done);
    return;
  }
  auto task = task_of(*plan);
  const bool changed = !left_intent && renew(*plan, task, *next);
  const std::array tasks{task};
  look_up_calls(tasks, hooks_);
  TaskRun run(session_, task, reading.position, 1, 1);
  run.resume(std::move(*plan), *next, changed);
  if (left_intent) run.finish_intent(last);
  run_task(run, done);
}

PlannedStep Runner::Implementation::rest_of_plan(const Entry& last) {
  const auto plan = plan_of(last);
  if (!plan) refuse_half_applied(describe(last, plan), "the journal has no plan for it: an older aludel ran it");
  const auto task = task_of(*plan);
  PlannedStep step;
  step.revision = task.revision;
  step.direction = task.step.direction;
  step.operations = task.operations;
  step.script.prologue = plan->prologue;
  step.script.epilogue = plan->epilogue;
  step.assumed = !plan->is_rendered();
  const auto pieces = pieces_of(plan->parts);
  for (auto i = static_cast<std::size_t>(last.state == EntryState::done ? last.segment : last.segment - 1); i < pieces.size(); ++i) {
    const auto& statements = plan->parts[pieces[i].part].script.statements;
    const auto first = statements.begin() + static_cast<std::ptrdiff_t>(pieces[i].segment.first);
    step.script.statements.insert(step.script.statements.end(), first, first + static_cast<std::ptrdiff_t>(pieces[i].segment.count));
  }
  session_.warn(last.revision, title(describe(last, plan)) + "; this is what is left of it");
  return step;
}

// Deciding

std::optional<Evidence> Runner::Implementation::examine() {
  session_.be_patient_again();
  const auto position = patiently([&] { return journal_.position(); });
  const auto last = journal_.entry_at(position);
  if (!half_way(last)) return std::nullopt;
  const auto plan = plan_of(*last);
  Evidence evidence;
  evidence.half_applied = describe(*last, plan);
  evidence.planned = plan.has_value();
  evidence.runner_present = life_of(*last) != Life::gone;
  evidence.resolved = resolved(*last);
  if (!plan)
    evidence.explanation = "the journal has no plan for it: an older aludel ran it";
  else if (last->state != EntryState::intent)
    evidence.explanation = last->state == EntryState::failed ? "the server refused the statement, which had no effect" : "nothing is in doubt";
  else if (evidence.runner_present)
    evidence.explanation = "its session may still be at work, so nothing is looked at";
  else {
    auto undecided = *last;
    undecided.flags.clear();
    auto found = finding(*plan, undecided);
    evidence.effect = found.effect;
    evidence.explanation = std::move(found.evidence);
  }
  return evidence;
}

void Runner::Implementation::resolve(Effect effect) {
  if (effect == Effect::unknown) throw Error(ErrorKind::usage, "a statement is applied, or it is not");
  const Running running(*this);
  const auto reading = settled_reading();
  if (!half_way(reading.last)) throw nothing_in_the_middle();
  const auto& last = *reading.last;
  if (last.state != EntryState::intent)
    throw Error(ErrorKind::revision, fmt::format("no statement of revision {} is in doubt: {}", quoted(last.revision),
                                                 standing(describe(last, std::nullopt), printable(last.who))))
        .with_hint("`aludel upgrade` goes on")
        .in_revision(last.revision);
  const auto flag = effect == Effect::applied ? "resolved_applied" : "resolved_not_applied";
  if (const auto said = resolved(last); said == effect) return;
  auto row = last;
  row.flags.erase(std::remove_if(row.flags.begin(), row.flags.end(), [](const auto& one) { return one.rfind("resolved_", 0) == 0; }),
                  row.flags.end());
  if (!patiently([&] { return journal_.flag_intent(row, flag); }))
    throw Error(ErrorKind::busy, "somebody else has settled it meanwhile").with_hint("`aludel status` tells where the database stands");
}

Applied Runner::Implementation::undo() {
  schema_.forget();
  const Running running(*this);
  std::vector<Applied> done;
  for (bool any = false;; any = true) {
    const auto reading = settled_reading();
    if (!half_way(reading.last)) {
      if (!any) throw nothing_in_the_middle();
      return done.empty() ? Applied() : std::move(done.back());
    }
    go_on(reading, std::nullopt, done);
  }
}

std::optional<LockHolder> Runner::Implementation::lock_holder() {
  session_.be_patient_again();
  const auto position = patiently([&] { return journal_.position(); });
  const auto last = journal_.entry_at(position);
  const bool middle = half_way(last);
  LockHolder holder;
  if (const auto* sessions = dialect::Sessions::of(connection()))
    if (const auto held = sessions->lock_holder(connection(), options_.names.version().text())) {
      holder.description = held->description;
      holder.session = held->session;
      holder.since = held->since;
      if (last && last->session == held->session) {
        holder.description += ", " + printable(last->who);
        holder.dead = certainly_gone(last->who);
      }
      return holder;
    }
  if (!middle) return std::nullopt;
  const auto life = life_of(*last);
  if (life == Life::gone) return std::nullopt;
  holder.description = printable(last->who);
  holder.session = last->session;
  holder.since = last->started;
  holder.intent = true;
  holder.dead = life == Life::orphaned;
  return holder;
}

bool Runner::Implementation::unlock(bool force) {
  const auto holder = lock_holder();
  if (!holder) return false;
  if (!holder->dead && !force)
    throw Error(ErrorKind::guard, fmt::format("{} holds the lock{}, and may be at work", holder->description,
                                              holder->since.empty() ? std::string() : " since " + holder->since))
        .with_hint("wait for it; `aludel unlock --force` ends its session: what it runs then is rolled back, or looked at by the next run");
  if (!end_session(session_, holder->session))
    throw Error(ErrorKind::busy, "the session " + printable(holder->session) + " was told to end, and is still there")
        .with_hint("the server may take a while to roll back what it did; try again");
  const auto position = journal_.position();
  const auto last = journal_.entry_at(position);
  if (last && half_way(last) && last->state == EntryState::intent && last->session == holder->session) journal_.flag_intent(*last, "unlocked");
  return true;
}

}  // namespace aludel::migrate
