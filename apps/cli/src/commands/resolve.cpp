#include <aludel/migrate/runner.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include "commands.hpp"
#include "context.hpp"
#include "half_applied.hpp"
#include "interrupt.hpp"
#include "output.hpp"

namespace aludel::cli {
namespace {

void describe_resolve(options::options_description& shown, options::options_description&, options::positional_options_description&) {
  // clang-format off
  shown.add_options()
      ("applied", "the statement in doubt took effect")
      ("not-applied", "the statement in doubt had no effect; the next upgrade runs it again")
      ("undo", "undo what ran of the revision")
      ("accept-data-loss", "with --undo: although rows would be lost (development databases)");
  // clang-format on
}

Value show(Output& output, const migrate::Evidence& evidence) {
  const migrate::HalfApplied& half = evidence.half_applied;
  const auto* action = half.undoing ? "undoing" : half.direction == revision::Direction::upgrade ? "upgrade" : "downgrade";
  Listing listing;
  listing.add({"revision", fmt::format("{} ({})", half.revision, action)});
  if (evidence.planned) listing.add({"applied", fmt::format("{} of {}", half.statements_done, counted(half.statements, "statement"))});
  listing.add({"segment", fmt::format("{} of {}: {}", half.segment, half.segments,
                                      half.in_doubt ? "in doubt"
                                      : half.failed ? "failed"
                                                    : "done, the next was not begun")});
  listing.add({"started", half.started});
  listing.add(
      {"by", fmt::format("{}, session {}{}", printable(half.who), printable(half.session), evidence.runner_present ? ", which may be at work" : "")});
  listing.print(output);
  if (half.in_doubt || half.failed) {
    output.print("the statement:");
    output.print("  " + printable(half.statement, 5000));
  }
  for (const std::string& line : split(half.error, '\n'))
    if (!line.empty()) output.print(output.paint(Style::red, "  " + line));
  output.print(fmt::format("what the database shows: {}", evidence.explanation));
  if (evidence.resolved) output.print(fmt::format("said before: {}", migrate::to_string(*evidence.resolved)));
  Value document = half_applied_document(half);
  document.set("effect", migrate::to_string(evidence.effect));
  document.set("explanation", evidence.explanation);
  document.set("runner_present", evidence.runner_present);
  document.set("resolved", evidence.resolved ? Value(migrate::to_string(*evidence.resolved)) : Value());
  return document;
}

int resolve(Context& context, const Arguments& arguments) {
  const int answers = (has(arguments, "applied") ? 1 : 0) + (has(arguments, "not-applied") ? 1 : 0) + (has(arguments, "undo") ? 1 : 0);
  if (answers > 1) throw Error(ErrorKind::usage, "--applied, --not-applied and --undo exclude each other");
  Output& output = context.output();
  migrate::RunOptions run = context.run_options();
  run.accept_data_loss = has(arguments, "accept-data-loss");
  if (run.accept_data_loss && context.required_target().production) {
    throw Error(ErrorKind::guard, "--accept-data-loss is not for a database that aludel.toml marks as production")
        .with_hint("save the rows first, and undo by hand");
  }
  dialect::Connection& connection = context.connection(answers == 0 ? Access::read : Access::write);
  const Interrupt interrupt(connection);
  migrate::Hooks hooks = context.hooks();
  hooks.interrupted = [] { return Interrupt::requested(); };
  migrate::Runner runner(connection, context.store(), run, std::move(hooks), [&](const migrate::Event& event) {
    if (event.kind == migrate::Event::Kind::warning) output.warn(event.text);
    if (event.kind == migrate::Event::Kind::waiting) output.say(printable(event.text, 300) + " ...");
  });
  const auto evidence = runner.examine();
  if (!evidence) {
    if (answers > 0) throw Error(ErrorKind::revision, "no revision is in the middle").with_hint("`aludel status` tells where the database stands");
    output.print("no revision is in the middle");
    output.document(object({{"half_applied", Value()}}));
    return done;
  }
  Value shown = show(output, *evidence);
  std::string outcome;
  if (has(arguments, "undo")) {
    runner.undo();
    outcome = fmt::format("undone: nothing of revision {} is there any more", evidence->half_applied.revision);
  } else if (answers > 0) {
    const bool applied = has(arguments, "applied");
    runner.resolve(applied ? migrate::Effect::applied : migrate::Effect::absent);
    outcome = applied ? "noted: it was applied; `aludel upgrade` goes on behind it" : "noted: it was not applied; `aludel upgrade` runs it again";
  } else {
    const bool asks = evidence->half_applied.in_doubt && evidence->effect == migrate::Effect::unknown && !evidence->runner_present;
    outcome =
        asks ? "say --applied or --not-applied, then `aludel upgrade` goes on; or --undo" : "`aludel upgrade` goes on; or --undo undoes what ran";
  }
  output.print(outcome);
  output.document(object({{"half_applied", std::move(shown)}, {"outcome", outcome}}));
  return done;
}

void describe_unlock(options::options_description& shown, options::options_description&, options::positional_options_description&) {
  shown.add_options()("force", "end the session of a holder that may live");
}

int unlock(Context& context, const Arguments& arguments) {
  Output& output = context.output();
  dialect::Connection& connection = context.connection(Access::write);
  migrate::Runner runner(connection, context.store(), context.run_options());
  const auto holder = runner.lock_holder();
  Value document;
  if (holder) {
    output.print(fmt::format("held by {}{}{}", holder->description, holder->since.empty() ? std::string() : ", since " + holder->since,
                             holder->dead ? "; its process is gone" : ""));
    document = object({{"holder", holder->description}, {"session", holder->session}, {"since", holder->since}, {"dead", holder->dead}});
  }
  const bool freed = runner.unlock(has(arguments, "force"));
  output.print(freed ? "freed; the next run looks at what it left" : "nobody holds the lock");
  output.document(object({{"lock", std::move(document)}, {"freed", freed}}));
  return done;
}

}  // namespace

const Command resolve_command{
    "resolve",
    "[--applied | --not-applied | --undo]",
    "settle a revision that stopped in the middle",
    "Shows what the journal says of it, the statement in doubt, and what the database shows of its effect. `aludel upgrade` goes on by itself where "
    "that\n"
    "tells; where it does not (SQL whose effect is not declared), say what became of the statement. --undo undoes what ran.",
    "aludel resolve\naludel resolve --not-applied && aludel upgrade head",
    describe_resolve,
    resolve};

const Command unlock_command{
    "unlock",
    "[--force]",
    "free what a dead run holds",
    "Shows who holds the lock, or is in the middle of a revision, and frees it where its process is certainly gone. A holder that may live is left\n"
    "alone; --force ends its session.",
    "aludel unlock",
    describe_unlock,
    unlock};

}  // namespace aludel::cli
