#include <aludel/file/revision_file.hpp>
#include <aludel/file/script_directory.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "../schemas.hpp"
#include "commands.hpp"
#include "context.hpp"
#include "documents.hpp"
#include "output.hpp"

namespace aludel::cli {
namespace {

using revision::Graph;

/// Where the new revision goes: on the one head, or where --head says.
std::vector<std::string> parents(const Graph& graph, const Arguments& arguments) {
  if (!has(arguments, "head")) return graph.empty() ? std::vector<std::string>{} : graph.resolve("head");
  std::vector<std::string> chosen = graph.resolve(text_of(arguments, "head"));
  for (const std::string& id : chosen) {
    if (graph.children(id).empty() || has(arguments, "splice")) continue;
    throw Error(ErrorKind::revision, fmt::format("{} is not a head: {} stands on it already", id, graph.children(id).front()))
        .with_hint("--splice starts a new branch there");
  }
  return chosen;
}

std::string identifier(const Graph& graph, const Arguments& arguments) {
  const std::string given = text_of(arguments, "rev-id");
  if (given.empty()) return revision::new_identifier();
  if (graph.find(given) != nullptr) throw Error(ErrorKind::revision, fmt::format("there is a revision {} already", quoted(given)));
  return given;
}

/// Differences are only those of the models when the database has everything that the files say.
void require_current(Context& context, dialect::Connection& connection) {
  migrate::Runner runner(connection, context.store(), context.run_options());
  const migrate::State state = runner.state(false);
  if (!state.unknown.empty()) {
    throw Error(ErrorKind::revision, fmt::format("the database is at {}, which no file has", join(state.unknown, ", ")))
        .with_hint("get the missing revision files, or `aludel stamp REV --purge` if they are gone for good");
  }
  if (!state.pending.empty()) {
    throw Error(ErrorKind::revision, fmt::format("the database is not up to date: {} pending ({})",
                                                 counted(state.pending.size(), "revision is", "revisions are"), join(state.pending, ", ")))
        .with_hint("run `aludel upgrade head` first, so that only new differences are found");
  }
}

/// Proves what was found, unless asked not to; then the file says so.
void prove(Context& context, const Arguments& arguments, autogenerate::Result& result, const dialect::Dialect& dialect) {
  Output& output = context.output();
  const auto unproven = [&](const std::string& why) {
    output.warn("the revision was not proven on a scratch database" + why);
    result.operations.front().remarks.emplace_back("not proven on a scratch database: `aludel verify` does so");
  };
  if (has(arguments, "no-verify") || !context.configuration().autogenerate.verify) return unproven("");
  const std::optional<Url> scratch = scratch_url(context, arguments, &dialect);
  std::vector<std::string> problems;
  try {
    problems = autogenerate::prove(result, dialect, nullptr, scratch ? &*scratch : nullptr);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::unsupported) throw;  // there is nowhere to make one
    return unproven(": " + error.message());
  }
  if (problems.empty()) {
    output.detail("proven on a scratch database: up gives the target, down gives the start");
    return;
  }
  Error error = Error(ErrorKind::internal, "the revision does not hold on a scratch database; nothing was written")
                    .with_hint("--no-verify writes it all the same, for mending by hand");
  for (const std::string& problem : problems) error.add_note(problem);
  throw error;
}

/// A baseline is the first revision of everything: there is nothing that it could stand on.
void require_no_history(Context& context, dialect::Connection& connection, const Graph& graph) {
  if (!graph.empty()) {
    throw Error(ErrorKind::revision, fmt::format("there are {} already: a baseline is the first", counted(graph.size(), "revision")))
        .with_hint("`aludel stamp REV` says at which of them the database is");
  }
  if (const auto heads = migrate::Journal(connection, context.journal_names()).heads(); !heads.empty()) {
    throw Error(ErrorKind::revision, fmt::format("the database is at {} already, which no file has", join(heads, ", ")))
        .with_hint("get the revision files, or `aludel stamp base --purge` to forget them");
  }
}

/// What --autogenerate found, and against what.
struct Found {
  autogenerate::Result result;
  const dialect::Dialect* dialect = nullptr;
  dialect::Connection* connection = nullptr;
};

Found find_operations(Context& context, const Arguments& arguments, const Graph& graph) {
  if (against_revisions(arguments)) {
    const dialect::Dialect& dialect = context.dialect(text_of(arguments, "dialect"));
    return {compare_with_revisions(context, arguments, dialect, nullptr, graph.heads()), &dialect, nullptr};
  }
  dialect::Connection& connection = context.connection(Access::create);
  if (has(arguments, "baseline")) {
    require_no_history(context, connection, graph);
    return {take_baseline(context, arguments, connection), &connection.dialect(), &connection};
  }
  require_current(context, connection);
  return {compare_with_database(context, arguments, connection), &connection.dialect(), &connection};
}

/// The database is at its baseline from now on. When that cannot be said, the file goes again: it would be run on top of what is there.
void stamp_baseline(Context& context, const std::string& id, const std::filesystem::path& file) {
  try {
    context.reread_store();
    migrate::Runner runner(context.connection(Access::create), context.store(), context.run_options());
    runner.stamp(std::vector<std::string>{id});
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    throw;
  }
}

int make_revision(Context& context, const Arguments& arguments) {
  Output& output = context.output();
  const std::string as = value_or<std::string>(arguments, "as", "toml");
  if (as != "toml" && as != "sql") throw Error(ErrorKind::usage, fmt::format("--as takes toml or sql, not {}", quoted(as)));
  const bool baseline = has(arguments, "baseline");
  const bool generated = has(arguments, "autogenerate") || baseline;
  if (baseline && (against_revisions(arguments) || has(arguments, "target"))) {
    throw Error(ErrorKind::usage, "a baseline is what the database holds: neither --against nor --target goes with it");
  }
  if (generated && as == "sql") {
    throw Error(ErrorKind::usage, "--as sql is for revisions written by hand")
        .with_hint("`aludel show REV --as sql` prints the SQL of a generated one");
  }
  const std::string message = text_of(arguments, "message");
  if (trim(message).empty()) throw Error(ErrorKind::usage, "a revision needs a message").with_hint("for example: -m \"add hero\"");

  const Graph graph(context.store().revisions());
  revision::Content content;
  content.revision.id = identifier(graph, arguments);
  content.revision.down_revisions = parents(graph, arguments);
  for (const std::string& text : list_of(arguments, "depends-on")) {
    for (std::string& id : graph.resolve(text)) content.revision.depends_on.push_back(std::move(id));
  }
  content.revision.branch_labels = list_of(arguments, "branch-label");
  content.revision.message = message;
  content.revision.created = file::now_text();

  Value document = object({{"revision", content.revision.id}});
  if (generated) {
    Found found = find_operations(context, arguments, graph);
    autogenerate::Result& result = found.result;
    add_result(document, result);
    if (result.operations.empty()) {
      const char* const what = against_revisions(arguments) ? "the revisions give" : "the database is";
      output.print(baseline ? "the database is empty: there is nothing to take in"
                            : fmt::format("{} what the target says: no revision is needed", what));
      print_result(output, result);
      document.set("file", Value());
      output.document(document);
      return done;
    }
    prove(context, arguments, result, *found.dialect);
    print_result(output, result);
    content.upgrade = std::move(result.operations);
  } else if (as == "sql") {
    content.upgrade.emplace_back(op::Sql{{{"default", "-- what the upgrade runs"}}, std::nullopt, std::nullopt});
    content.downgrade = op::Operations{op::Sql{{{"default", "-- what undoes it"}}, std::nullopt, std::nullopt}};
  }
  const file::RevisionFormat format = as == "sql" ? file::RevisionFormat::sql : file::RevisionFormat::toml;
  const std::filesystem::path path =
      file::write_new_revision(context.configuration().versions(), content, format, context.configuration().file_template);
  if (baseline) stamp_baseline(context, content.revision.id, path);
  output.print(fmt::format("wrote {}", output.paint(Style::bold, Context::relative(path))));
  if (baseline) output.print(fmt::format("stamped: the database is at {}; elsewhere `aludel upgrade` runs it", content.revision.id));
  document.set("file", path.string());
  output.document(document);
  return done;
}

void describe_revision(options::options_description& shown, options::options_description&, options::positional_options_description&) {
  // clang-format off
  shown.add_options()
      ("message,m", options::value<std::string>()->value_name("MSG"), "what the revision is about")
      ("autogenerate", "write down what it takes to bring the database to the target");
  describe_comparison(shown);
  shown.add_options()
      ("no-verify", "do not prove the revision on a scratch database")
      ("head", options::value<std::string>()->value_name("REV"), "the revision it stands on (default: the head)")
      ("splice", "let --head be no head: start a branch")
      ("branch-label", options::value<std::vector<std::string>>()->composing()->value_name("LABEL"), "a name for the branch that begins here")
      ("depends-on", options::value<std::vector<std::string>>()->composing()->value_name("REV"), "a revision of another branch that must be there first")
      ("rev-id", options::value<std::string>()->value_name("ID"), "the id, instead of a random one")
      ("as", options::value<std::string>()->value_name("FORM"), "toml, or sql for a file of plain SQL")
      ("baseline", "take in a database without history: what it holds becomes the first revision, and it is stamped with it");
  // clang-format on
}

/// With a difference between target and database, which of target, files and database differs from the other two?
Value tell_apart(Context& context, const Arguments& arguments, dialect::Connection& connection) {
  Output& output = context.output();
  Value told{Value::Object{}};
  const Graph graph(context.store().revisions());
  if (graph.empty()) return told;
  const std::vector<std::string> at = migrate::Journal(connection, context.journal_names()).heads();
  const auto unknown = std::find_if(at.begin(), at.end(), [&](const std::string& id) { return graph.find(id) == nullptr; });
  if (unknown != at.end()) {
    output.print(fmt::format("the database is at {}, which no file has", *unknown));
    return told;
  }
  const std::vector<std::string> heads = graph.heads();
  const std::size_t pending = graph.upgrade(at, heads).size();
  const std::size_t files = compare_with_revisions(context, arguments, connection.dialect(), &connection, heads).operations.size();
  const autogenerate::Result drift = compare_revisions_with_database(context, arguments, connection, at);
  output.print(pending == 0 ? "the database is at the newest revision"
                            : fmt::format("the database lacks {}: aludel upgrade head", counted(pending, "revision")));
  output.print(files == 0
                   ? "the revisions give what the target says"
                   : fmt::format("the revisions do not give what the target says ({}): aludel revision --autogenerate", counted(files, "operation")));
  if (drift.operations.empty()) {
    output.print("the database holds what its revisions gave it");
  } else {
    output.print("the database was changed by other means than its revisions; to get back to them:");
    print_summary(output, drift.summary);
  }
  told.set("pending", static_cast<std::int64_t>(pending));
  told.set("revisions_differ", files != 0);
  told.set("database_drifted", !drift.operations.empty());
  return told;
}

int check(Context& context, const Arguments& arguments) {
  Output& output = context.output();
  const bool files = against_revisions(arguments);
  dialect::Connection* const connection = files ? nullptr : &context.connection(Access::read);
  const autogenerate::Result result = files ? compare_with_revisions(context, arguments, context.dialect(text_of(arguments, "dialect")), nullptr,
                                                                     Graph(context.store().revisions()).heads())
                                            : compare_with_database(context, arguments, *connection);
  const bool same = result.operations.empty();
  const char* const what = files ? "the revisions give" : "the database is";
  output.print(same ? fmt::format("{} what the target says", what)
                    : fmt::format("{} not what the target says: {}", what, counted(result.operations.size(), "difference")));
  print_result(output, result);
  Value document = object({{"differs", !same}});
  add_result(document, result);
  if (!same && connection != nullptr) document.set("which", tell_apart(context, arguments, *connection));
  output.document(document);
  return same ? done : found_differences;
}

int verify(Context& context, const Arguments& arguments) {
  Output& output = context.output();
  const Graph graph(context.store().revisions());
  const std::vector<std::string> ids = graph.range(text_of(arguments, "range"));
  const dialect::Dialect& dialect = context.dialect(text_of(arguments, "dialect"));
  const std::optional<Url> scratch = scratch_url(context, arguments, &dialect);
  autogenerate::Verification how;
  how.dialect = &dialect;
  how.scratch = scratch ? &*scratch : nullptr;
  how.hooks.find_function = context.hooks().find_function;
  how.finished = [&](const autogenerate::Verdict& verdict) {
    const bool holds = verdict.problems.empty();
    output.print(fmt::format("{}  {}  {}", output.paint(holds ? Style::green : Style::red, holds ? "holds " : "broken"),
                             output.paint(Style::cyan, verdict.revision), printable(graph.at(verdict.revision).message, 80)));
    for (const std::string& problem : verdict.problems) output.print("        " + problem);
    if (!verdict.not_undone.empty()) output.print(output.paint(Style::yellow, "        not undone: " + verdict.not_undone));
  };
  const std::vector<autogenerate::Verdict> verdicts = autogenerate::verify(context.store(), ids, how);
  std::size_t broken = 0;
  Value::Array documents;
  for (const autogenerate::Verdict& verdict : verdicts) {
    if (!verdict.problems.empty()) ++broken;
    documents.push_back(object({{"revision", verdict.revision}, {"problems", strings(verdict.problems)}, {"not_undone", verdict.not_undone}}));
  }
  if (verdicts.empty()) output.print("no revisions yet");
  if (broken != 0) output.print(fmt::format("{} of {} not hold", broken, counted(verdicts.size(), "revision does", "revisions do")));
  output.document(object({{"revisions", Value(std::move(documents))}}));
  return broken == 0 ? done : found_differences;
}

void describe_verify(options::options_description& shown, options::options_description& hidden, options::positional_options_description& positional) {
  // clang-format off
  shown.add_options()
      ("dialect", options::value<std::string>()->value_name("NAME"), "the dialect, where no URL says it")
      ("scratch", options::value<std::string>()->value_name("URL"), "where throwaway databases may be made");
  // clang-format on
  hidden.add_options()("range", options::value<std::string>(), "");
  positional.add("range", 1);
}

void describe_check(options::options_description& shown, options::options_description&, options::positional_options_description&) {
  describe_comparison(shown);
}

}  // namespace

const Command revision_command{
    "revision",
    "-m MSG [--autogenerate] [options]",
    "write a new revision file",
    "Writes a revision file, empty or, with --autogenerate, with the operations that bring the database to the target. Prints its path and a "
    "summary\n"
    "of what it found. Nothing is run.",
    "aludel revision --autogenerate -m \"add hero\"\naludel revision --autogenerate -m \"alias\" --rename hero.secret_name:alias\n"
    "aludel revision --autogenerate --against revisions --dialect sqlite -m \"no database at hand\"\n"
    "aludel revision --autogenerate --baseline -m \"as it is\"",
    describe_revision,
    make_revision};

const Command check_command{
    "check",
    "[--target SOURCE] [options]",
    "does the database hold what the target says? (exit code 3 if not)",
    "Compares the target with the database and prints the differences, for CI: exit code 0 without any, 3 with some. Where they differ, it says\n"
    "which of the three is behind: the revisions, or the database, or whether that was changed by other means. With --against revisions it needs\n"
    "no database. Writes nothing.",
    "aludel check\naludel check --target schema.sql\naludel check --against revisions --dialect sqlite",
    describe_check,
    check};

const Command verify_command{
    "verify",
    "[A:B] [options]",
    "prove revisions on a scratch database: up, down, up",
    "Runs each revision up, down and up again in a throwaway database that holds what it stands on: up must give what its operations say, down must\n"
    "give back what was there. Exit code 3 when one does not hold. The configured database is not touched.",
    "aludel verify\naludel verify head\naludel verify 4f6c1a2b9d3e: --dialect sqlite",
    describe_verify,
    verify};

}  // namespace aludel::cli
