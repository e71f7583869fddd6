#include <aludel/dialect/script_writer.hpp>
#include <aludel/migrate/runner.hpp>
#include <aludel/op/apply.hpp>
#include <aludel/op/codec.hpp>
#include <aludel/revision/graph.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "../schemas.hpp"
#include "commands.hpp"
#include "context.hpp"
#include "documents.hpp"
#include "output.hpp"

namespace aludel::cli {
namespace {

using revision::Graph;
using revision::Revision;

Value revision_document(const Graph& graph, const Revision& revision) {
  return object({{"revision", revision.id},
                 {"down_revisions", strings(revision.down_revisions)},
                 {"depends_on", strings(revision.depends_on)},
                 {"branch_labels", strings(revision.branch_labels)},
                 {"message", revision.message},
                 {"created", revision.created},
                 {"file", revision.file},
                 {"head", graph.children(revision.id).empty()}});
}

/// "(head)", "(base)", "(branch point)", "(merge)", labels.
std::string marks(const Graph& graph, const Revision& revision, const std::set<std::string>& current) {
  std::vector<std::string> words;
  if (current.contains(revision.id)) words.emplace_back("current");
  if (graph.children(revision.id).empty()) words.emplace_back("head");
  if (revision.down_revisions.empty()) words.emplace_back("base");
  if (revision.down_revisions.size() > 1) words.emplace_back("merge");
  if (graph.children(revision.id).size() > 1) words.emplace_back("branch point");
  for (const std::string& label : revision.branch_labels) words.push_back("label " + printable(label));
  return words.empty() ? "" : fmt::format("({})", join(words, ", "));
}

void add_row(Listing& listing, Output& output, const Graph& graph, const Revision& revision, const std::set<std::string>& current) {
  listing.add({output.paint(Style::cyan, revision.id), revision.created.substr(0, 10), printable(revision.message, 80),
               output.paint(Style::green, marks(graph, revision, current))});
}

void list_revisions(Context& context, const Graph& graph, const std::vector<std::string>& ids, const std::set<std::string>& current,
                    const char* key) {
  Output& output = context.output();
  Listing listing;
  Value::Array documents;
  for (const std::string& id : ids) {
    if (const Revision* revision = graph.find(id)) {
      add_row(listing, output, graph, *revision, current);
      documents.push_back(revision_document(graph, *revision));
    } else {
      listing.add({output.paint(Style::cyan, id), "", output.paint(Style::red, "no file has this revision")});
      documents.push_back(object({{"revision", id}, {"missing", true}}));
    }
  }
  listing.print(output);
  output.document(object({{key, Value(std::move(documents))}}));
}

void describe_nothing(options::options_description&, options::options_description&, options::positional_options_description&) {}

int heads(Context& context, const Arguments&) {
  const Graph graph(context.store().revisions());
  if (graph.empty()) context.output().print("no revisions yet");
  list_revisions(context, graph, graph.heads(), {}, "heads");
  return done;
}

int branches(Context& context, const Arguments&) {
  const Graph graph(context.store().revisions());
  Output& output = context.output();
  Value::Array documents;
  for (const std::string& id : graph.topological()) {
    const auto& children = graph.children(id);
    if (children.size() < 2) continue;
    output.print(fmt::format("{}  {}", output.paint(Style::cyan, id), printable(graph.at(id).message)));
    for (const std::string& child : children)
      output.print(fmt::format("  -> {}  {}", output.paint(Style::cyan, child), printable(graph.at(child).message)));
    documents.push_back(object({{"revision", id}, {"children", strings(children)}}));
  }
  if (documents.empty()) output.print("no branch points");
  output.document(object({{"branches", Value(std::move(documents))}}));
  return done;
}

int current(Context& context, const Arguments& arguments) {
  const Graph graph(context.store().revisions());
  migrate::Journal journal(context.connection(Access::read), context.journal_names());
  const std::vector<std::string> at = journal.heads();
  if (at.empty()) context.output().print("base: no revision is applied");
  list_revisions(context, graph, at, {}, "current");
  if (has(arguments, "check-heads") && at != graph.heads()) return found_differences;
  return done;
}

void describe_current(options::options_description& shown, options::options_description&, options::positional_options_description&) {
  shown.add_options()("check-heads", "exit with 3 unless the database is at all heads");
}

int history(Context& context, const Arguments& arguments) {
  const Graph graph(context.store().revisions());
  Output& output = context.output();
  std::vector<std::string> at;
  const std::string range = text_of(arguments, "rev-range");
  const bool relative = range.find("current") != std::string::npos || range.find_first_of("+-") == 0;
  if (has(arguments, "indicate-current") || relative) at = migrate::Journal(context.connection(Access::read), context.journal_names()).heads();
  std::vector<std::string> ids = graph.range(range, at);
  std::reverse(ids.begin(), ids.end());  // newest first, as in a log
  if (ids.empty()) output.print("no revisions yet");
  list_revisions(context, graph, ids, {at.begin(), at.end()}, "revisions");
  return done;
}

void describe_history(options::options_description& shown, options::options_description&, options::positional_options_description&) {
  shown.add_options()("rev-range,r", options::value<std::string>()->value_name("A:B"), "only from A to B; either may be left out")(
      "indicate-current,i", "mark where the database stands");
}

void print_sql(Context& context, const Arguments& arguments, const Graph& graph, const Revision& revision) {
  const dialect::Dialect& dialect = context.dialect(text_of(arguments, "dialect"));
  const dialect::Server server = context.offline_server(dialect, text_of(arguments, "server-version"));
  const schema::Metadata before = migrate::replay(graph, context.store(), revision.down_revisions, dialect, true);
  const revision::Content content = context.store().load(revision.id);
  dialect::RenderOptions how;
  how.foreign_keys_off = revision.foreign_keys_off;
  how.transaction = revision.transaction;
  const dialect::Script script = dialect.renderer().render(content.upgrade, before, server, how);
  const std::string text = dialect::script_text(dialect, script);
  context.output().write(text);
  context.output().document(object({{"revision", revision.id}, {"sql", text}}));
}

int show(Context& context, const Arguments& arguments) {
  const Graph graph(context.store().revisions());
  Output& output = context.output();
  const std::string which = text_of(arguments, "revision");
  if (which.empty()) throw Error(ErrorKind::usage, "show needs a revision").with_hint("for example: aludel show head");
  std::vector<std::string> at;
  if (which.find("current") != std::string::npos || which.find_first_of("+-") == 0) {
    at = migrate::Journal(context.connection(Access::read), context.journal_names()).heads();
  }
  const std::vector<std::string> ids = graph.resolve(which, at);
  if (ids.size() != 1) throw Error(ErrorKind::revision, fmt::format("{} is {}, not one", quoted(which), counted(ids.size(), "revision")));
  const Revision& revision = graph.at(ids.front());
  const std::string as = text_of(arguments, "as");
  if (as == "sql") {
    print_sql(context, arguments, graph, revision);
    return done;
  }
  if (!as.empty() && as != "toml") throw Error(ErrorKind::usage, fmt::format("--as takes toml or sql, not {}", quoted(as)));
  const revision::Content content = context.store().load(revision.id);
  if (as == "toml") {
    const std::string text = file::read_file(context.store().path_of(revision.id));
    output.write(text);
    output.document(object({{"revision", revision.id}, {"toml", text}}));
    return done;
  }
  Listing head;
  head.add({"revision", output.paint(Style::cyan, revision.id) + " " + marks(graph, revision, {})});
  head.add({"message", printable(revision.message)});
  head.add({"parent", revision.down_revisions.empty() ? "base" : join(revision.down_revisions, ", ")});
  if (!revision.depends_on.empty()) head.add({"depends on", join(revision.depends_on, ", ")});
  head.add({"created", revision.created});
  head.add({"file", context.relative(revision.file)});
  head.add({"checksum", content.checksum});
  head.print(output);
  const auto list = [&](std::string_view title, const op::Operations& operations) {
    output.print();
    output.print(output.paint(Style::bold, title));
    for (const op::Operation& operation : operations) {
      std::string line = "  " + op::describe(operation);
      if (operation.data_loss == op::DataLoss::review) line += output.paint(Style::red, "  loses data: to be reviewed");
      if (operation.data_loss == op::DataLoss::accepted) line += output.paint(Style::yellow, "  loses data: accepted");
      output.print(line);
    }
    if (operations.empty()) output.print("  nothing");
  };
  list("upgrade", content.upgrade);
  Value downgrade;
  if (content.downgrade) {
    list("downgrade", *content.downgrade);
    downgrade = op::encode(*content.downgrade);
  } else {
    try {
      const op::Operations inverse = context.inverse(graph, revision, content);
      list("downgrade (the inverse)", inverse);
      downgrade = op::encode(inverse);
    } catch (const Error& error) {
      output.print();
      output.print(output.paint(Style::bold, "downgrade"));
      output.print("  cannot be derived: " + error.message());
    }
  }
  Value document = revision_document(graph, revision);
  document.set("checksum", content.checksum);
  document.set("upgrade", op::encode(content.upgrade));
  document.set("downgrade", std::move(downgrade));
  output.document(document);
  return done;
}

void describe_show(options::options_description& shown, options::options_description& hidden, options::positional_options_description& positional) {
  shown.add_options()("as", options::value<std::string>()->value_name("FORM"), "toml (the file) or sql (what it runs, for review)")(
      "dialect", options::value<std::string>()->value_name("NAME"), "with --as sql: the dialect, where no URL says it")(
      "server-version", options::value<std::string>()->value_name("V"), "with --as sql: the server's version");
  hidden.add_options()("revision", options::value<std::string>(), "");
  positional.add("revision", 1);
}

}  // namespace

const Command current_command{
    "current", "[options]", "where the database stands", "Prints the revisions the database is at.", "aludel current", describe_current, current};
const Command heads_command{
    "heads", "", "the revisions without children", "Prints the graph's heads; more than one wants a merge.", "aludel heads", describe_nothing, heads};
const Command branches_command{
    "branches", "", "the revisions with several children", "Prints where the graph branches.", "aludel branches", describe_nothing, branches};
const Command history_command{"history",
                              "[options]",
                              "all revisions, newest first",
                              "Lists revisions, newest first, from the files alone; -i asks the database where it stands.",
                              "aludel history -i\naludel history -r 4f6c1a2b9d3e:head",
                              describe_history,
                              history};
const Command show_command{"show",
                           "REV [options]",
                           "one revision: its operations, or the SQL it runs",
                           "Explains a revision: its place in the graph, what it does, and what undoes it. --as sql renders it without a database.",
                           "aludel show head\naludel show head --as sql --dialect sqlite",
                           describe_show,
                           show};

}  // namespace aludel::cli
