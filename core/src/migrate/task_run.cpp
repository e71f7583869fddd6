#include "task_run.hpp"

#include "guarded_connection.hpp"
#include "identity.hpp"
#include "loss.hpp"

#include <aludel/dialect/sessions.hpp>
#include <aludel/error.hpp>
#include <aludel/op/apply.hpp>
#include <aludel/op/codec.hpp>
#include <aludel/text.hpp>
#include <aludel/url.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <thread>
#include <utility>

namespace aludel::migrate {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t detail_rows = 10;

milliseconds since(Clock::time_point start) { return std::chrono::duration_cast<milliseconds>(Clock::now() - start); }

std::optional<double> as_number(const Value& value) {
  if (const auto* truth = value.boolean()) return *truth ? 1.0 : 0.0;
  if (const auto* integer = value.integer()) return static_cast<double>(*integer);
  if (const auto* number = value.number()) return *number;
  return std::nullopt;
}

/// Equal as a file means it: a server may answer 0 as integer, number or boolean.
bool agrees(const Value& a, const Value& b) {
  if (a == b) return true;
  const auto x = as_number(a);
  const auto y = as_number(b);
  return x && y && *x == *y;
}

std::string shown(const Value& value) {
  if (const auto* text = value.string()) return printable(*text, 80);
  return printable(to_json(value), 80);
}

std::string shown(const std::vector<std::string>& columns, const std::vector<Value>& values) {
  std::vector<std::string> cells;
  for (std::size_t i = 0; i < values.size(); ++i) cells.push_back((i < columns.size() ? printable(columns[i], 40) + " = " : "") + shown(values[i]));
  return join(cells, ", ");
}

}  // namespace

const std::string& Session::who() {
  if (known_who.empty()) known_who = who_am_i();
  return known_who;
}

void Session::check_interrupted() const {
  if (hooks.interrupted && hooks.interrupted()) throw Error(ErrorKind::interrupted, "interrupted");
}

bool Session::wait(milliseconds at_most) const {
  static thread_local std::minstd_rand random(std::random_device{}());
  constexpr milliseconds slice(20);
  const auto pause = milliseconds(std::uniform_int_distribution<milliseconds::rep>(at_most.count() / 2, at_most.count())(random));
  const auto end = std::min(Clock::now() + pause, deadline);
  while (Clock::now() < end) {
    check_interrupted();
    std::this_thread::sleep_for(slice);
  }
  return Clock::now() < deadline;
}

void Session::warn(const std::string& revision, std::string text) const {
  Event event{Event::Kind::warning};
  event.revision = revision;
  event.text = std::move(text);
  tell(event);
}

void Session::use_timeouts(const dialect::Timeouts& wanted) {
  const auto* settings = dialect::SessionSettings::of(connection());
  if (settings == nullptr || timeouts == wanted) return;
  timeouts.reset();
  settings->set_timeouts(connection(), wanted);
  timeouts = wanted;
}

void Session::clean() {
  if (!dirty) return;
  if (const auto* settings = dialect::SessionSettings::of(connection())) settings->reset(connection());
  timeouts.reset();
  dirty = false;
}

void Session::leave() noexcept {
  try {
    const auto* settings = dialect::SessionSettings::of(connection());
    if (settings != nullptr && (dirty || timeouts) && !connection().in_transaction()) settings->reset(connection());
  } catch (const std::exception&) {  // the session is lost, and its settings with it
  }
  dirty = false;
  timeouts.reset();
}

bool Session::reconnect() {
  if (!options.reconnect || losses++ >= 2) return false;
  const auto old = connection().session();
  std::unique_ptr<dialect::Connection> fresh;
  while (!fresh) try {
      fresh = options.reconnect();
      if (!fresh) return false;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::connection || !wait(milliseconds(500))) return false;
    }
  current = fresh.get();
  opened.push_back(std::move(fresh));
  journal.use(*current);
  schema.use(*current);
  schema.forget();
  timeouts.reset();
  dirty = false;
  // What the server still does for the lost session must have come to its end before anybody looks.
  return end_session(*this, old);
}

bool end_session(Session& session, const std::string& name) {
  auto& connection = session.connection();
  const auto* sessions = dialect::Sessions::of(connection);
  if (sessions == nullptr || name == connection.session()) return true;
  for (bool told = false;; told = true) {
    if (sessions->presence(connection, name) == dialect::Sessions::Presence::gone) return true;
    if (!told) sessions->end(connection, name);
    if (!session.wait(milliseconds(100))) return false;
  }
}

TaskRun::TaskRun(Session& session, const Task& task, std::int64_t position, std::size_t step, std::size_t steps)
    : session_(session), task_(task), position_(position), step_(step), steps_(steps), started_(utc_now()), start_(Clock::now()) {
  applied_.revision = task.revision.id;
  applied_.message = task.revision.message;
  applied_.direction = task.step.direction;
  applied_.heads = task.step.heads_after;
}

std::string TaskRun::title() const {
  const auto* what = task_.undo ? "undoing of what ran of" : task_.step.direction == Direction::upgrade ? "upgrade to" : "downgrade of";
  return fmt::format("{} {}{}", what, printable(task_.revision.id),
                     task_.revision.message.empty() ? "" : " (" + printable(task_.revision.message, 60) + ")");
}

Outcome TaskRun::run() {
  try {
    if (!resumed_)
      if (const auto moved = render_unless_moved()) return *moved;
    const auto outcome = run_guarded();
    run_epilogue(nullptr);
    if (outcome != Outcome::done) return outcome;
    applied_.duration = since(start_);
    Event event{Event::Kind::revision_finished};
    event.revision = task_.revision.id;
    event.direction = task_.step.direction;
    event.text = task_.revision.message;
    event.step = step_;
    event.steps = steps_;
    event.duration = applied_.duration;
    session_.tell(event);
    return outcome;
  } catch (Error& error) {
    add_place(error);
    run_epilogue(&error);
    throw;
  }
}

Outcome TaskRun::run_guarded() {
  try {
    prepare_session(next_);
    if (left_intent_) return run_left_intent();
    return segmented_ ? run_segments() : run_together();
  } catch (Error& error) {
    roll_back(error);
    throw;
  } catch (const std::exception& exception) {
    Error error(ErrorKind::internal, std::string("unexpected: ") + exception.what());
    roll_back(error);
    throw error;
  }
}

void TaskRun::prepare_session(std::size_t done) {
  for (const auto& sql : prologue_) session_.connection().execute(sql);
  if (done == 0) return;
  const auto pieces = pieces_of(parts_);
  for (std::size_t i = 0; i < std::min(done, pieces.size()); ++i) {
    const auto& [part, segment] = pieces[i];
    for (std::size_t k = segment.first; k < segment.first + segment.count; ++k) {
      const auto& statement = parts_[part].script.statements[k];
      if (statement.session_only) session_.connection().execute(statement.sql);
    }
  }
}

/// What does not fit a schema that is newer than the journal we read is no error: another runner was faster.
std::optional<Outcome> TaskRun::render_unless_moved() {
  try {
    render();
    return std::nullopt;
  } catch (const Error&) {
    if (session_.journal.position() != position_) return Outcome::taken;
    if (carry_ && session_.schema.stale()) return Outcome::stale;
    throw;
  }
}

void TaskRun::render() {
  carry_ = needs_schema(task_.operations);
  schema::Metadata before;
  if (carry_) {
    const auto from_ops = std::any_of(task_.operations.begin(), task_.operations.end(), says_what_was);
    before = session_.schema.take();
    if (from_ops) before = session_.connection().dialect().canonicalise(std::move(before), &session_.connection());
  }
  starts_ = part_starts(task_.operations);
  const auto render_first = [&](std::size_t count, schema::Metadata from) {
    parts_.clear();
    parts_.push_back(render_part(task_, 0, count, std::move(from), carry_, session_.connection(), session_.options));
    const auto& script = parts_.front().script;
    prologue_ = script.prologue;
    epilogue_ = script.epilogue;
    statements_ = script.statements.size();
  };
  const auto cut_first = [&] {
    if (segmented_) cut_part(parts_.front(), task_, carry_, session_.connection(), session_.options);
  };
  if (starts_.size() == 1) {
    render_first(task_.operations.size(), std::move(before));
    segmented_ = is_segmented(parts_.front());
    cut_first();
    return;
  }
  // What follows opaque SQL is rendered when that has run, from the schema that is there then. It is rendered whole first, as if the SQL left the
  // schema alone, so that what the dialect refuses in one revision is refused, and the prologue is known. That may not fit: then the parts will tell.
  bool fits = true;
  try {
    render_first(task_.operations.size(), before);
    segmented_ = is_segmented(parts_.front());
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::schema) throw;
    fits = false;
  }
  const auto prologue = prologue_;
  const auto epilogue = epilogue_;
  const auto statements = statements_;
  render_first(starts_[1], std::move(before));
  if (fits) {
    prologue_ = prologue;
    epilogue_ = epilogue;
    statements_ = statements;
  } else {
    segmented_ = !session_.connection().dialect().capabilities().transactional_ddl || is_segmented(parts_.front());
  }
  cut_first();
}

bool TaskRun::is_segmented(const Part& part) const {
  const auto segments = cut_rest(part, 0, task_, session_.connection().dialect());
  return segments.size() > 1 || !segments.front().transactional;
}

Entry TaskRun::entry(std::size_t segment, std::size_t segments) const {
  Entry entry;
  entry.position = position_ + 1;
  entry.revision = task_.revision.id;
  entry.action = task_.step.direction == Direction::upgrade && !task_.undo ? Action::upgrade : Action::downgrade;
  entry.message = task_.revision.message;
  entry.segment = static_cast<int>(segment);
  entry.segments = static_cast<int>(segments);
  entry.state = EntryState::intent;
  entry.started = utc_now();
  entry.who = session_.who();
  entry.tool = tool_name(session_.options.tool);
  entry.session = session_.connection().session();
  entry.checksum = task_.checksum;
  entry.down_revisions = task_.revision.down_revisions;
  entry.depends_on = task_.revision.depends_on;
  entry.heads_before = task_.heads_before;
  entry.heads_after = task_.step.heads_after;
  if (session_.options.accept_data_loss) entry.flags.emplace_back("accept_data_loss");
  if (session_.options.ignore_from) entry.flags.emplace_back("ignore_from");
  if (task_.revision.foreign_keys_off) entry.flags.emplace_back("foreign_keys_off");
  if (!task_.revision.transaction) entry.flags.emplace_back("no_transaction");
  if (task_.undo) entry.flags.emplace_back("undo");
  // The last segment's row tells of the whole.
  if (segment == segments)
    describe(entry);
  else
    entry.operations = Value(Value::Array());
  return entry;
}

void TaskRun::describe(Entry& entry) const {
  op::Operations operations, inverse;
  bool invertible = true;
  for (const auto& part : parts_) {
    operations.insert(operations.end(), part.operations.begin(), part.operations.end());
    inverse.insert(inverse.begin(), part.inverse.begin(), part.inverse.end());
    invertible = invertible && part.invertible;
  }
  entry.operations = op::encode(std::span<const op::Operation>(operations));
  entry.inverse = entry.action == Action::upgrade && invertible ? op::encode(std::span<const op::Operation>(inverse)) : Value();
}

Entry TaskRun::failure(const Error& error) const {
  auto result = entry(1, 1);
  result.state = EntryState::failed;
  result.started = started_;
  result.finished = utc_now();
  result.duration_ms = since(start_).count();
  result.statements = sent_;
  result.error = error.text();
  return result;
}

/// Begins, takes the position, looks whether the schema is still the one that was rendered for. Rolled back unless it returns nothing. With a
/// segment, a plan that the journal does not have goes with it.
std::optional<Outcome> TaskRun::open(Entry& entry, const Segment* segment) {
  auto& connection = session_.connection();
  const auto give_up = [&](Outcome outcome) {
    if (connection.in_transaction()) connection.rollback();
    return outcome;
  };
  try {
    connection.begin();
    if (!session_.journal.take(entry)) return give_up(Outcome::taken);
    if (superseded_ && done_ == 0 && !session_.journal.settle_intent(*superseded_)) return give_up(Outcome::taken);
    if (segment != nullptr && plan_changed_) session_.journal.store_plan(plan_row());
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::busy) throw;
    busy_ = error;
    return give_up(Outcome::busy);
  }
  if (carry_ && session_.schema.stale()) return give_up(Outcome::stale);
  return std::nullopt;
}

Outcome TaskRun::run_together() {
  auto row = entry(1, 1);
  session_.use_timeouts(timeouts(parts_.front(), Segment{0, parts_.front().script.statements.size(), true}));
  if (const auto lost = open(row, nullptr)) return *lost;
  announce();
  try {
    run_statements(parts_.front(), 0, parts_.front().script.statements.size());
    run_later_parts();
    if (is_parted()) describe(row);
    session_.check_interrupted();
    finish(row);
    return Outcome::done;
  } catch (const Error& error) {
    // All of it is rolled back, and may be tried again.
    if (!got_in_the_way(error)) throw;
    return Outcome::busy;
  }
}

/// Somebody kept a lock too long, or two got in each other's way, which may show only at COMMIT: nothing of the transaction is left.
bool TaskRun::got_in_the_way(const Error& error) {
  if (error.kind() != ErrorKind::busy) return false;
  busy_ = error;
  if (session_.connection().in_transaction()) session_.connection().rollback();
  return true;
}

void TaskRun::run_later_parts() {
  for (std::size_t i = 1; i < starts_.size(); ++i) {
    const auto end = i + 1 < starts_.size() ? starts_[i + 1] : task_.operations.size();
    operation_ = starts_[i];
    auto part = render_part(task_, starts_[i], end - starts_[i], session_.schema.look(), true, session_.connection(), session_.options);
    for (const auto& statement : part.script.statements)
      if (statement.boundary != dialect::Boundary::none)
        throw Error(ErrorKind::unsupported, "what follows the SQL in this revision commits in the middle: " + quoted(printable(statement.sql, 60)))
            .with_hint("split the revision behind the SQL, or declare with effect = [...] what the SQL does to the schema");
    for (const auto& sql : part.script.prologue)
      if (std::find(prologue_.begin(), prologue_.end(), sql) == prologue_.end())
        throw Error(ErrorKind::unsupported, "what follows the SQL in this revision needs " + quoted(sql) + " before the transaction begins")
            .with_hint("split the revision behind the SQL, or declare with effect = [...] what the SQL does to the schema");
    parts_.push_back(std::move(part));
    run_statements(parts_.back(), 0, parts_.back().script.statements.size());
  }
}

void TaskRun::run_statements(const Part& part, std::size_t first, std::size_t count) {
  for (std::size_t i = first; i < first + count; ++i) {
    session_.check_interrupted();
    ++statement_;
    running_ = true;
    statements_ = std::max(statements_, statement_);
    run_statement(part, part.script.statements[i]);
  }
}

void TaskRun::run_statement(const Part& part, const dialect::Statement& statement) {
  operation_.reset();
  if (!statement.operations.empty()) operation_ = part.first + statement.operations.front();
  const auto text = statement_text(statement);
  Event event{Event::Kind::statement_started};
  event.revision = task_.revision.id;
  event.direction = task_.step.direction;
  event.text = text;
  event.step = step_;
  event.steps = steps_;
  event.statement = statement_;
  event.statements = statements_;
  session_.tell(event);

  guard_losses(part, statement);
  const auto is_theirs = [&](const auto k) {
    const auto& body = part.operations[k].body;
    return std::holds_alternative<op::Sql>(body) || std::holds_alternative<op::Call>(body) || std::holds_alternative<op::Custom>(body);
  };
  if (std::any_of(statement.operations.begin(), statement.operations.end(), is_theirs)) session_.dirty = true;
  sent_.push_back(text);
  if (statement.call) {
    run_call(*statement.call);
    return;
  }
  refuse_transaction_control(statement.sql);
  const auto rows = session_.connection().execute(statement.sql);
  if (statement.expect) expect(*statement.expect, rows);
}

void TaskRun::run_call(const dialect::FunctionCall& call) {
  auto& connection = session_.connection();
  const bool inside = connection.in_transaction();
  GuardedConnection guarded(connection);
  const auto context = "in the function " + quoted(call.function);
  try {
    const auto function = find_function(session_.hooks, call.function);
    if (!function) throw Error(ErrorKind::environment, "the function " + quoted(call.function) + " is not registered");
    function(guarded, call.arguments);
  } catch (Error& error) {
    error.add_context(context);
    throw;
  } catch (const std::exception& exception) {
    throw Error(ErrorKind::environment, "the function " + quoted(call.function) + " threw: " + mask_passwords(exception.what()));
  }
  if (connection.in_transaction() != inside)
    throw Error(ErrorKind::environment, "the function " + quoted(call.function) + " ended the transaction that the revision runs in")
        .with_hint("use the connection it is given; a revision commits together with its journal row");
}

void TaskRun::expect(const dialect::Expectation& expectation, const dialect::Rows& rows) {
  const auto actual = rows.scalar();
  if (agrees(actual, expectation.equals)) return;
  Error error(expectation.kind, dialect::failure_text(expectation, actual));
  if (!expectation.counted) error.add_note("expected " + shown(expectation.equals) + ", found " + shown(actual));
  if (expectation.details.empty()) throw error;
  const auto details = session_.connection().execute(expectation.details);
  for (std::size_t i = 0; i < std::min(details.rows.size(), detail_rows); ++i) error.add_note(shown(details.columns, details.rows[i]));
  if (details.rows.size() > detail_rows) error.add_note("and more");
  throw error;
}

void TaskRun::guard_losses(const Part& part, const dialect::Statement& statement) {
  if (session_.options.accept_data_loss) return;
  std::vector<std::size_t> asking;
  for (const auto index : statement.operations) {
    const auto& operation = part.operations[index];
    if (operation.data_loss == op::DataLoss::accepted || !op::destroys(operation)) continue;
    if (asked_.insert(part.first + index).second) asking.push_back(index);
  }
  if (asking.empty()) return;
  const auto& dialect = session_.connection().dialect();
  const auto first = *std::min_element(statement.operations.begin(), statement.operations.end());
  // What was planned by another process has no schema with it; what is there now is the schema at the first.
  const auto before = resumed_ ? session_.schema.look()
                               : op::apply(std::span(part.operations).first(first), part.before, dialect.rewriter(),
                                           apply_options(session_.connection(), session_.options));
  for (const auto& question : loss_questions(dialect.renderer(), part.operations, asking, first, before))
    if (const auto loss = ask(session_.connection(), question, part.operations[question.operation]))
      refuse(*loss, part.operations[question.operation]);
}

/// The last transaction's end: heads, the application's hook, the journal's row, commit.
void TaskRun::finish(Entry& row) {
  operation_.reset();
  running_ = false;
  auto& connection = session_.connection();
  session_.clean();
  session_.journal.move_heads(task_.heads_before, task_.step.heads_after, row.position);
  session_.journal.remove_leftovers();
  if (session_.hooks.on_apply) {
    GuardedConnection guarded(connection);
    applied_.duration = since(start_);
    try {
      session_.hooks.on_apply(applied_, guarded);
    } catch (Error& error) {
      error.add_context("in the environment's on_apply");
      throw;
    } catch (const std::exception& exception) {
      throw Error(ErrorKind::environment, "the environment's on_apply threw: " + mask_passwords(exception.what()));
    }
  }
  row.state = EntryState::done;
  row.finished = utc_now();
  row.duration_ms = since(start_).count();
  if (row.statements.empty()) row.statements = sent_;
  session_.journal.settle(row, is_parted());
  const auto token = connection.schema_token();
  commit(row);
  position_ = row.position;
  ++done_;

  if (resumed_ || any_opaque(task_.operations) || parts_.size() > 1)
    session_.schema.forget();
  else if (needs_schema(task_.operations))
    session_.schema.carry(std::move(parts_.front().after), token);
  else
    session_.schema.advance(task_.operations, apply_options(connection, session_.options), token);
}

/// Nothing is lost while a reader keeps the commit from getting through and the transaction goes on: it is tried again.
void TaskRun::commit(const Entry& row) {
  for (;;) try {
      session_.connection().commit();
      return;
    } catch (Error& error) {
      if (error.kind() == ErrorKind::connection && got_through(row, error)) return;
      if (error.kind() != ErrorKind::busy || !session_.connection().in_transaction() || !session_.wait(milliseconds(100))) throw;
    }
}

/// The session was lost at COMMIT: the own row in the journal, read by another session, tells what became of it.
bool TaskRun::got_through(const Entry& row, Error& error) {
  if (!session_.reconnect()) {
    error.set_hint("whether the commit got through is not known: `aludel status` tells once the database is back");
    return false;
  }
  const auto found = session_.journal.entry_at(row.position);
  const bool ours = found && found->who == row.who && found->started == row.started && found->session == row.session;
  if (ours && found->state == row.state) {
    session_.warn(task_.revision.id, "the connection was lost at COMMIT; the journal says that it got through");
    prepare_session(segmented_ ? static_cast<std::size_t>(row.segment) : 0);
    return true;
  }
  error.set_hint("the journal says that the commit did not get through, so nothing of it is there: run again");
  return false;
}

dialect::Timeouts TaskRun::timeouts(const Part& part, const Segment& segment) const {
  const auto chosen = [&](auto member, milliseconds otherwise) {
    // Of several in one transaction the most patient one counts; zero has no end.
    std::optional<milliseconds> longest;
    for (std::size_t i = segment.first; i < segment.first + segment.count; ++i)
      if (const auto& own = part.script.statements[i].*member)
        longest = longest && (longest->count() == 0 || own->count() == 0) ? milliseconds(0) : std::max(longest.value_or(*own), *own);
    if (longest) return *longest;
    return otherwise;
  };
  return {chosen(&dialect::Statement::lock_timeout, task_.revision.lock_timeout.value_or(session_.options.lock_timeout)),
          chosen(&dialect::Statement::statement_timeout, task_.revision.statement_timeout.value_or(session_.options.statement_timeout))};
}

Error TaskRun::reason() const {
  auto error = busy_.value_or(Error(ErrorKind::busy, "the database is locked"));
  if (busy_) add_place(error);
  if (done_ > 0) mark_half_applied(error);
  return error;
}

void TaskRun::announce() {
  if (announced_) return;
  announced_ = true;
  Event event{Event::Kind::revision_started};
  event.revision = task_.revision.id;
  event.direction = task_.step.direction;
  event.text = task_.revision.message;
  event.step = step_;
  event.steps = steps_;
  event.statements = statements_;
  session_.tell(event);
}

void TaskRun::add_place(Error& error) const {
  error.set_revision(task_.revision.id);
  if (operation_ && *operation_ < task_.operations.size()) error.set_location(task_.operations[*operation_].location);
  if (error.location().file.empty() && !task_.revision.file.empty()) error.set_location(Location{task_.revision.file, 0, 0});
  error.add_context("while running the " + title() + (!running_ ? std::string() : fmt::format(": statement {} of {}", statement_, statements_)));
}

void TaskRun::roll_back(Error& error) {
  try {
    if (session_.connection().in_transaction()) session_.connection().rollback();
  } catch (const std::exception& exception) {
    error.add_note(std::string("the rollback failed as well: ") + exception.what());
  }
}

void TaskRun::run_epilogue(Error* error) {
  for (const auto& sql : epilogue_) try {
      session_.connection().execute(sql);
    } catch (const std::exception& exception) {
      const auto note = "afterwards, " + quoted(sql) + " failed: " + exception.what();
      if (error != nullptr) {
        error->add_note(note);
        continue;
      }
      Event event{Event::Kind::warning};
      event.revision = task_.revision.id;
      event.text = note;
      session_.tell(event);
    }
}

}  // namespace aludel::migrate
