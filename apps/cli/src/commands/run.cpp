#include <aludel/dialect/dialect.hpp>
#include <aludel/dialect/script_writer.hpp>
#include <aludel/migrate/runner.hpp>
#include <aludel/migrate/segment.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include "../schemas.hpp"
#include "commands.hpp"
#include "context.hpp"
#include "interrupt.hpp"
#include "output.hpp"

namespace aludel::cli {
namespace {

using revision::Direction;

std::string_view to_string(Direction direction) { return direction == Direction::upgrade ? "upgrade" : "downgrade"; }

std::string seconds(std::chrono::milliseconds duration) {
  return duration.count() < 1000 ? fmt::format("{} ms", duration.count()) : fmt::format("{:.1f} s", static_cast<double>(duration.count()) / 1000);
}

/// Progress of a run: a line when a revision starts and when it is done; on a terminal the statement in between.
migrate::Listener show_progress(Output& output) {
  return [&output](const migrate::Event& event) {
    using Kind = migrate::Event::Kind;
    switch (event.kind) {
      case Kind::waiting:
        output.say(event.text.empty() ? std::string("waiting for another run to finish ...") : printable(event.text, 300) + " ...");
        break;
      case Kind::warning:
        output.warn(event.text);
        break;
      case Kind::revision_started:
        output.progress(
            fmt::format("{} {} {} ({} of {})", to_string(event.direction), event.revision, printable(event.text), event.step, event.steps));
        break;
      case Kind::statement_started:
        output.progress(fmt::format("{} {}: statement {} of {}: {}", to_string(event.direction), event.revision, event.statement, event.statements,
                                    printable(event.text, 60)));
        output.detail("  " + printable(event.text, 2000));
        break;
      case Kind::revision_finished:
        output.say(fmt::format("{}  {} {}  {}  ({})", output.paint_error(Style::green, "done"), to_string(event.direction),
                               output.paint_error(Style::cyan, event.revision), printable(event.text), seconds(event.duration)));
        break;
    }
  };
}

Value hazards_document(const dialect::Statement& statement) {
  Value::Array hazards;
  for (const dialect::Hazard& hazard : statement.hazards) {
    Value document;
    document.set("kind", Value(dialect::to_string(hazard.kind)));
    document.set("text", Value(hazard.text));
    hazards.push_back(std::move(document));
  }
  return Value(std::move(hazards));
}

void print_plan(Output& output, const std::vector<migrate::PlannedStep>& plan, bool transactional_ddl) {
  Value::Array steps;
  for (const migrate::PlannedStep& step : plan) {
    output.print(
        output.paint(Style::bold, fmt::format("-- {} {}: {}", to_string(step.direction), step.revision.id, printable(step.revision.message))));
    if (step.assumed) output.print("-- rendered as if earlier sql or calls without a declared effect left the schema as it is");
    for (const migrate::Loss& loss : step.losses) {
      output.print(output.paint(Style::red, fmt::format("-- {}: {}", loss.accepted ? "loses (accepted)" : "would lose, and is refused", loss.what)));
    }
    Value::Array statements;
    const auto raw = [&](const std::string& sql) {
      output.print(sql + ";");
      Value document;
      document.set("sql", Value(sql));
      statements.push_back(std::move(document));
    };
    for (const std::string& sql : step.script.prologue) raw(sql);
    const std::vector<migrate::Segment> segments =
        migrate::cut(step.script.statements, migrate::CutOptions{transactional_ddl, step.revision.transaction});
    std::size_t segment = 0;
    for (std::size_t i = 0; i < step.script.statements.size(); ++i) {
      const dialect::Statement& statement = step.script.statements[i];
      if (segment < segments.size() && segments[segment].first == i) {
        const std::string_view how = segments[segment].transactional ? "commits together" : "commits by itself, outside any transaction";
        ++segment;
        if (segments.size() > 1) output.print(output.paint(Style::dim, fmt::format("-- segment {} of {}: {}", segment, segments.size(), how)));
      }
      for (const dialect::Hazard& hazard : statement.hazards) {
        output.print(output.paint(Style::yellow, fmt::format("-- hazard, {}: {}", dialect::to_string(hazard.kind), hazard.text)));
      }
      output.write(dialect::readable_text(statement));
      Value document;
      if (statement.call) {
        document.set("call", Value(statement.call->function));
      } else {
        document.set("sql", Value(statement.sql));
      }
      document.set("segment", Value(static_cast<std::int64_t>(segment)));
      document.set("hazards", hazards_document(statement));
      statements.push_back(std::move(document));
    }
    for (const std::string& sql : step.script.epilogue) raw(sql);
    output.print();
    Value document;
    document.set("revision", Value(step.revision.id));
    document.set("direction", Value(to_string(step.direction)));
    document.set("message", Value(step.revision.message));
    document.set("statements", Value(std::move(statements)));
    Value::Array losses;
    for (const migrate::Loss& loss : step.losses) {
      Value entry;
      entry.set("what", Value(loss.what));
      entry.set("count", Value(loss.count));
      entry.set("accepted", Value(loss.accepted));
      losses.push_back(std::move(entry));
    }
    document.set("losses", Value(std::move(losses)));
    steps.push_back(std::move(document));
  }
  if (plan.empty()) output.print("nothing to do");
  Value document;
  document.set("plan", Value(std::move(steps)));
  output.document(document);
}

Value applied_document(const std::vector<migrate::Applied>& applied, const std::vector<std::string>& heads) {
  Value::Array revisions;
  for (const migrate::Applied& one : applied) {
    Value document;
    document.set("revision", Value(one.revision));
    document.set("direction", Value(to_string(one.direction)));
    document.set("message", Value(one.message));
    document.set("duration_ms", Value(static_cast<std::int64_t>(one.duration.count())));
    revisions.push_back(std::move(document));
  }
  Value::Array current;
  for (const std::string& head : heads) current.emplace_back(head);
  Value document;
  document.set("applied", Value(std::move(revisions)));
  document.set("heads", Value(std::move(current)));
  return document;
}

void describe_run(options::options_description& shown, options::options_description& hidden, options::positional_options_description& positional) {
  // clang-format off
  shown.add_options()
      ("dry-run", "show the statements and their hazards against the real state, and run nothing")
      ("accept-data-loss", "run destructive operations although rows would be lost (development databases)")
      ("ignore-from", "alter columns although the database does not agree with `from`")
      ("lock-wait", options::value<std::string>()->value_name("TIME"), "how long to wait for another run: 60s, 500ms")
      ("sql", "print the SQL for START:END instead of running it")
      ("server-version", options::value<std::string>()->value_name("V"), "with --sql: the server's version")
      ("dialect", options::value<std::string>()->value_name("NAME"), "with --sql: the dialect, where no URL says it");
  // clang-format on
  hidden.add_options()("revision", options::value<std::vector<std::string>>()->composing(), "");
  positional.add("revision", -1);
}

int print_script(Context& context, const Arguments& arguments, Direction direction, const std::string& range) {
  const auto colon = range.find(':');
  if (direction == Direction::downgrade && colon == std::string::npos) {
    throw Error(ErrorKind::usage, "downgrade --sql takes a range START:END").with_hint("for example: aludel downgrade 4f6c1a2b9d3e:base --sql");
  }
  const std::string start = colon == std::string::npos ? "base" : range.substr(0, colon);
  const std::string end = colon == std::string::npos ? range : range.substr(colon + 1);
  const revision::Graph graph(context.store().revisions());
  const std::vector<std::string> from = graph.resolve(start.empty() ? "base" : start);
  const dialect::Dialect& dialect = context.dialect(text_of(arguments, "dialect"));
  const dialect::Server server = context.offline_server(dialect, text_of(arguments, "server-version"));
  const std::string target = end.empty() ? "head" : end;
  const std::string script =
      migrate::offline_script(dialect, server, context.store(), direction, from, std::vector<std::string>{target}, context.run_options());
  context.output().write(script);
  Value document;
  document.set("sql", Value(script));
  context.output().document(document);
  return done;
}

int run_revisions(Context& context, const Arguments& arguments, Direction direction) {
  const std::vector<std::string> targets = list_of(arguments, "revision");
  if (targets.empty()) {
    throw Error(ErrorKind::usage, fmt::format("{} needs to know where to", to_string(direction)))
        .with_hint(direction == Direction::upgrade ? "usually: aludel upgrade head" : "for example: aludel downgrade -1, or aludel downgrade base");
  }
  Output& output = context.output();
  if (has(arguments, "sql")) return print_script(context, arguments, direction, targets.front());

  migrate::RunOptions run = context.run_options();
  run.accept_data_loss = has(arguments, "accept-data-loss");
  if (run.accept_data_loss && context.required_target().production) {
    throw Error(ErrorKind::guard, "--accept-data-loss is not for a database that aludel.toml marks as production")
        .with_hint("write data_loss = \"accepted\" into the operation, so that the loss is reviewed with the file");
  }
  run.ignore_from = has(arguments, "ignore-from");
  if (has(arguments, "lock-wait")) run.lock_wait = context.duration("--lock-wait", text_of(arguments, "lock-wait"));

  const bool dry_run = has(arguments, "dry-run");
  dialect::Connection& connection = context.connection(dry_run ? Access::read : Access::create, run.lock_wait);
  const Interrupt interrupt(connection);
  run.reconnect = [&context] {
    auto another = context.another_connection();
    Interrupt::turn_to(*another);
    return another;
  };
  migrate::Hooks hooks = context.hooks();
  hooks.interrupted = [] { return Interrupt::requested(); };
  migrate::Runner runner(connection, context.store(), run, std::move(hooks), show_progress(output));
  if (dry_run) {
    print_plan(output, runner.plan(direction, targets), connection.dialect().capabilities().transactional_ddl);
    return done;
  }
  const std::vector<migrate::Applied> applied = direction == Direction::upgrade ? runner.upgrade(targets) : runner.downgrade(targets);
  const std::vector<std::string> heads = runner.heads();
  const std::string where = heads.empty() ? "base" : join(heads, ", ");
  if (applied.empty()) {
    output.print(fmt::format("nothing to do: the database is at {}", where));
  } else {
    output.print(fmt::format("{}: the database is at {}",
                             counted(applied.size(), "revision") + (direction == Direction::upgrade ? " applied" : " undone"), where));
  }
  output.document(applied_document(applied, heads));
  return done;
}

int upgrade(Context& context, const Arguments& arguments) { return run_revisions(context, arguments, Direction::upgrade); }
int downgrade(Context& context, const Arguments& arguments) { return run_revisions(context, arguments, Direction::downgrade); }

}  // namespace

const Command upgrade_command{
    "upgrade",
    "REV [options]",
    "run revisions up to REV (usually: head)",
    "Runs every revision that REV needs and the database lacks, each in its own transaction, and notes it in the journal. A second run at the same\n"
    "time waits, and then finds nothing to do. A revision that stopped in the middle is gone on with first. REV is head, heads, an id or the start "
    "of one,\n"
    "a branch label, or +N.",
    "aludel upgrade head\naludel upgrade +1 --dry-run",
    describe_run,
    upgrade};

const Command downgrade_command{
    "downgrade",
    "REV [options]",
    "undo revisions down to REV",
    "Undoes every revision that REV does not stand on, last first, by the file's [[downgrade]] or else the inverse of its operations. What would "
    "lose\n"
    "rows is refused until the file, or --accept-data-loss, says otherwise. What ran of an upgrade that stopped in the middle is undone first. REV "
    "is base,\n"
    "an id or the start of one, or -N.",
    "aludel downgrade -1\naludel downgrade base --accept-data-loss",
    describe_run,
    downgrade};

}  // namespace aludel::cli
