#include <aludel/file/revision_file.hpp>
#include <aludel/file/script_directory.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>

#include "../schemas.hpp"
#include "commands.hpp"
#include "context.hpp"
#include "documents.hpp"
#include "output.hpp"

namespace aludel::cli {
namespace {

using revision::Graph;

void refuse_later(const Arguments& arguments, const char* option) {
  if (!has(arguments, option)) return;
  throw Error(ErrorKind::unsupported, fmt::format("--{} is not in this version of aludel; it comes with a later release", option))
      .with_hint("`aludel help revision` lists the options that are there");
}

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

void verify(Context& context, const Arguments& arguments, const autogenerate::Result& result, dialect::Connection& connection) {
  Output& output = context.output();
  if (has(arguments, "no-verify") || !context.configuration().autogenerate.verify) {
    output.warn("the revision was not proven on a scratch database");
    return;
  }
  const auto& scratch = context.required_target().scratch_url;
  const std::vector<std::string> problems = autogenerate::prove(result, connection.dialect(), &connection, scratch ? &*scratch : nullptr);
  if (problems.empty()) {
    output.detail("proven on a scratch database: up gives the target, down gives the start");
    return;
  }
  Error error = Error(ErrorKind::internal, "the revision does not hold on a scratch database; nothing was written")
                    .with_hint("--no-verify writes it all the same, for mending by hand");
  for (const std::string& problem : problems) error.add_note(problem);
  throw error;
}

int make_revision(Context& context, const Arguments& arguments) {
  refuse_later(arguments, "against");
  refuse_later(arguments, "baseline");
  Output& output = context.output();
  const std::string as = value_or<std::string>(arguments, "as", "toml");
  if (as != "toml" && as != "sql") throw Error(ErrorKind::usage, fmt::format("--as takes toml or sql, not {}", quoted(as)));
  const bool generated = has(arguments, "autogenerate");
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
    dialect::Connection& connection = context.connection(Access::create);
    require_current(context, connection);
    const autogenerate::Result result = compare_with_database(context, arguments, connection);
    add_result(document, result);
    if (result.operations.empty()) {
      output.print("the database is what the target says: no revision is needed");
      print_result(output, result);
      document.set("file", Value());
      output.document(document);
      return done;
    }
    verify(context, arguments, result, connection);
    print_result(output, result);
    content.upgrade = result.operations;
  } else if (as == "sql") {
    content.upgrade.emplace_back(op::Sql{{{"default", "-- what the upgrade runs"}}, std::nullopt, std::nullopt});
    content.downgrade = op::Operations{op::Sql{{{"default", "-- what undoes it"}}, std::nullopt, std::nullopt}};
  }
  const file::RevisionFormat format = as == "sql" ? file::RevisionFormat::sql : file::RevisionFormat::toml;
  const std::filesystem::path path =
      file::write_new_revision(context.configuration().versions(), content, format, context.configuration().file_template);
  output.print(fmt::format("wrote {}", output.paint(Style::bold, Context::relative(path))));
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
      ("against", options::value<std::string>()->value_name("WHAT"), "(later release) compare with the revisions instead of the database")
      ("baseline", "(later release) take an existing database in");
  // clang-format on
}

int check(Context& context, const Arguments& arguments) {
  Output& output = context.output();
  dialect::Connection& connection = context.connection(Access::read);
  const autogenerate::Result result = compare_with_database(context, arguments, connection);
  const bool same = result.operations.empty();
  output.print(same ? "the database is what the target says"
                    : fmt::format("the database differs from the target: {}", counted(result.operations.size(), "operation")));
  print_result(output, result);
  Value document = object({{"differs", !same}});
  add_result(document, result);
  output.document(document);
  return same ? done : found_differences;
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
    "aludel revision --autogenerate -m \"add hero\"\naludel revision --autogenerate -m \"alias\" --rename hero.secret_name:alias",
    describe_revision,
    make_revision};

const Command check_command{
    "check",
    "[--target SOURCE] [options]",
    "does the database hold what the target says? (exit code 3 if not)",
    "Compares the target with the database and prints the differences, for CI: exit code 0 without any, 3 with some. Writes nothing.",
    "aludel check\naludel check --target schema.sql",
    describe_check,
    check};

}  // namespace aludel::cli
