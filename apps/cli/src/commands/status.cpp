#include <aludel/migrate/runner.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>

#include "commands.hpp"
#include "context.hpp"
#include "documents.hpp"
#include "half_applied.hpp"
#include "output.hpp"

namespace aludel::cli {
namespace {

void describe_status(options::options_description& shown, options::options_description&, options::positional_options_description&) {
  shown.add_options()("check", "exit with 3 when revisions are pending");
}

/// Each once: several statements may keep the same table locked.
std::vector<dialect::Hazard> hazards_of(const migrate::PlannedStep& step) {
  std::vector<dialect::Hazard> all;
  for (const dialect::Statement& statement : step.script.statements) {
    for (const dialect::Hazard& hazard : statement.hazards) {
      if (std::find(all.begin(), all.end(), hazard) == all.end()) all.push_back(hazard);
    }
  }
  return all;
}

Value pending_document(const std::vector<migrate::PlannedStep>& plan) {
  Value::Array pending;
  for (const migrate::PlannedStep& step : plan) {
    Value::Array hazards;
    for (const dialect::Hazard& hazard : hazards_of(step)) {
      hazards.push_back(object({{"kind", dialect::to_string(hazard.kind)}, {"text", hazard.text}}));
    }
    pending.push_back(object({{"revision", step.revision.id}, {"message", step.revision.message}, {"hazards", Value(std::move(hazards))}}));
  }
  return Value(std::move(pending));
}

int status(Context& context, const Arguments& arguments) {
  Output& output = context.output();
  dialect::Connection& connection = context.connection(Access::read);
  migrate::Runner runner(connection, context.store(), context.run_options());
  const migrate::State state = runner.state();
  Listing listing;
  listing.add({"database", connection.description()});
  listing.add({"server", fmt::format("{} {}", connection.server().flavour, connection.server().version)});
  std::vector<std::string> heads;
  for (const std::string& id : state.heads) {
    const revision::Revision* known = runner.graph().find(id);
    heads.push_back(known != nullptr ? fmt::format("{} {}", id, printable(known->message)) : id + " (no file has it)");
  }
  listing.add({"at", heads.empty() ? (state.journalled ? "base" : "base (aludel has not run here yet)") : join(heads, ", ")});
  listing.add({"pending", state.pending.empty() ? "nothing" : counted(state.pending.size(), "revision")});
  listing.print(output);

  std::vector<migrate::PlannedStep> plan;
  if (!state.pending.empty() && state.unknown.empty() && !state.half_applied) {
    try {
      plan = runner.plan(revision::Direction::upgrade, std::vector<std::string>{"heads"});
    } catch (const Error& error) {  // what is pending is still worth knowing
      output.warn("the pending revisions cannot be rendered: " + error.message());
    }
    for (const std::string& id : state.pending) {
      output.print(fmt::format("  {}  {}", output.paint(Style::cyan, id), printable(runner.graph().at(id).message)));
      for (const migrate::PlannedStep& step : plan) {
        if (step.revision.id != id) continue;
        for (const dialect::Hazard& hazard : hazards_of(step)) {
          output.print(output.paint(Style::yellow, fmt::format("      {}: {}", dialect::to_string(hazard.kind), hazard.text)));
        }
        for (const migrate::Loss& loss : step.losses) output.print(output.paint(Style::red, "      would lose " + loss.what));
      }
    }
  }
  Value::Array edited;
  for (const migrate::Edited& one : state.edited) {
    output.warn(fmt::format("{} was edited after it was applied ({})", one.revision, context.relative(one.file)));
    edited.push_back(object({{"revision", one.revision},
                             {"file", one.file},
                             {"applied_checksum", one.applied_checksum},
                             {"file_checksum", one.file_checksum},
                             {"position", one.position}}));
  }
  Value half;
  if (state.half_applied) {
    const migrate::HalfApplied& middle = *state.half_applied;
    half = half_applied_document(middle);
    std::string text = fmt::format("{} stopped in the middle: ", middle.revision);
    if (middle.statements > 0) text += fmt::format("{} of {} statements applied, ", middle.statements_done, middle.statements);
    output.warn(text + fmt::format("segment {} of {} {}", middle.segment, middle.segments,
                                   middle.in_doubt ? "in doubt"
                                   : middle.failed ? "failed"
                                                   : "done, the next not begun"));
    if (middle.in_doubt || middle.failed) output.print("  " + printable(middle.statement, 2000));
    for (const std::string& line : split(middle.error, '\n'))
      if (!line.empty()) output.print("  " + line);
    output.print("  `aludel upgrade` goes on where it stopped; `aludel resolve` shows what is known");
  }
  Value lock;
  if (const auto holder = runner.lock_holder()) {
    output.print(fmt::format("locked by {}{}", holder->description, holder->since.empty() ? std::string() : ", since " + holder->since));
    lock = object({{"holder", holder->description}, {"session", holder->session}, {"since", holder->since}, {"dead", holder->dead}});
  }
  Value failure;
  if (state.last_failure) {
    output.print(output.paint(Style::red, fmt::format("last failure: {} of {} at {} by {}", migrate::to_string(state.last_failure->action),
                                                      state.last_failure->revision, state.last_failure->started, state.last_failure->who)));
    for (const std::string& line : split(state.last_failure->error, '\n')) output.print("  " + line);
    failure = object({{"revision", state.last_failure->revision}, {"started", state.last_failure->started}, {"error", state.last_failure->error}});
  }
  output.document(object({{"database", connection.description()},
                          {"server", fmt::format("{} {}", connection.server().flavour, connection.server().version)},
                          {"heads", strings(state.heads)},
                          {"applied", strings(state.applied)},
                          {"pending", plan.empty() ? strings(state.pending) : pending_document(plan)},
                          {"unknown", strings(state.unknown)},
                          {"edited", Value(std::move(edited))},
                          {"half_applied", std::move(half)},
                          {"lock", std::move(lock)},
                          {"last_failure", std::move(failure)}}));
  return has(arguments, "check") && !state.pending.empty() ? found_differences : done;
}

void describe_journal(options::options_description& shown, options::options_description&, options::positional_options_description&) {
  shown.add_options()("revision", options::value<std::string>()->value_name("ID"), "only this revision's rows");
}

int journal(Context& context, const Arguments& arguments) {
  Output& output = context.output();
  migrate::Journal journal(context.connection(Access::read), context.journal_names());
  const std::string wanted = text_of(arguments, "revision");
  Listing listing;
  Value::Array rows;
  for (const migrate::Entry& entry : journal.entries()) {
    if (!wanted.empty() && entry.revision.rfind(wanted, 0) != 0) continue;
    const std::string action = std::string(migrate::to_string(entry.action));
    const bool good = entry.state == migrate::EntryState::done;
    listing.add({entry.position < 0 ? "-" : std::to_string(entry.position), entry.started, action, output.paint(Style::cyan, entry.revision),
                 output.paint(good ? Style::plain : Style::red, migrate::to_string(entry.state)), fmt::format("{} ms", entry.duration_ms), entry.who,
                 printable(entry.message, 60)});
    rows.push_back(object({{"position", entry.position},
                           {"revision", entry.revision},
                           {"action", action},
                           {"message", entry.message},
                           {"segment", entry.segment},
                           {"segments", entry.segments},
                           {"state", migrate::to_string(entry.state)},
                           {"started", entry.started},
                           {"finished", entry.finished},
                           {"duration_ms", entry.duration_ms},
                           {"who", entry.who},
                           {"tool", entry.tool},
                           {"checksum", entry.checksum},
                           {"heads_before", strings(entry.heads_before)},
                           {"heads_after", strings(entry.heads_after)},
                           {"operations", entry.operations},
                           {"statements", strings(entry.statements)},
                           {"flags", strings(entry.flags)},
                           {"error", entry.error}}));
  }
  if (listing.empty()) output.print("nothing has run here");
  listing.print(output);
  output.document(object({{"journal", Value(std::move(rows))}}));
  return done;
}

}  // namespace

const Command status_command{
    "status",
    "[options]",
    "where the database stands, what is pending, what went wrong last",
    "Prints the target and its server, the revisions it is at, what `upgrade heads` would run with its hazards, files edited after they were\n"
    "applied, a revision that stopped in the middle, who holds the lock, and the last failure.",
    "aludel status\naludel --database prod status --check",
    describe_status,
    status};

const Command journal_command{"journal",
                              "[options]",
                              "what ran when, by whom, how long",
                              "Prints the journal that the database keeps; --json has the statements and operations too.",
                              "aludel journal\naludel journal --revision 4f6c --json",
                              describe_journal,
                              journal};

}  // namespace aludel::cli
