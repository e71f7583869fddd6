#include <aludel/migrate/runner.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>
#include <sys/wait.h>

#include <cstdlib>

#include "commands.hpp"
#include "context.hpp"
#include "documents.hpp"
#include "output.hpp"

namespace aludel::cli {
namespace {

int stamp(Context& context, const Arguments& arguments) {
  const std::vector<std::string> targets = list_of(arguments, "revision");
  if (targets.empty()) throw Error(ErrorKind::usage, "stamp needs to know which revision").with_hint("for example: aludel stamp head");
  migrate::Runner runner(context.connection(Access::create), context.store(), context.run_options());
  const std::vector<std::string> heads = runner.stamp(targets, has(arguments, "purge"));
  context.output().print(fmt::format("stamped: the database is said to be at {}", heads.empty() ? "base" : join(heads, ", ")));
  context.output().document(object({{"heads", strings(heads)}}));
  return done;
}

void describe_stamp(options::options_description& shown, options::options_description& hidden, options::positional_options_description& positional) {
  shown.add_options()("purge", "forget what the version table says first, whatever it is");
  hidden.add_options()("revision", options::value<std::vector<std::string>>()->composing(), "");
  positional.add("revision", -1);
}

/// For the shell: 'it'\''s'.
std::string shell_quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

int edit(Context& context, const Arguments& arguments) {
  const std::string which = text_of(arguments, "revision");
  if (which.empty()) throw Error(ErrorKind::usage, "edit needs a revision").with_hint("for example: aludel edit head");
  const revision::Graph graph(context.store().revisions());
  std::vector<std::string> at;
  if (which.find("current") != std::string::npos || which.find_first_of("+-") == 0) {
    at = migrate::Journal(context.connection(Access::read), context.journal_names()).heads();
  }
  const std::vector<std::string> ids = graph.resolve(which, at);
  if (ids.size() != 1) throw Error(ErrorKind::revision, fmt::format("{} is {}, not one", quoted(which), counted(ids.size(), "revision")));
  const std::filesystem::path file = context.store().path_of(ids.front());
  const char* editor = std::getenv("VISUAL");
  if (editor == nullptr || *editor == '\0') editor = std::getenv("EDITOR");
  if (editor == nullptr || *editor == '\0') editor = "vi";
  const int status = std::system((std::string(editor) + " " + shell_quoted(file.string())).c_str());
  if (status == -1 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw Error(ErrorKind::io, fmt::format("the editor ({}) failed on {}", printable(editor), Context::relative(file)))
        .with_hint("set $VISUAL or $EDITOR to the editor you use");
  }
  context.reread_store();
  context.store().load(ids.front());  // what was just written must still be a revision
  context.output().print(fmt::format("{} reads well", Context::relative(file)));
  context.output().document(object({{"file", file.string()}}));
  return done;
}

void describe_edit(options::options_description&, options::options_description& hidden, options::positional_options_description& positional) {
  hidden.add_options()("revision", options::value<std::string>(), "");
  positional.add("revision", 1);
}

}  // namespace

const Command stamp_command{
    "stamp",
    "REV [--purge]",
    "say that the database is at REV, without running anything",
    "Writes the version table and a journal row; runs nothing. For a database that was brought there by other means, or to get past a revision\n"
    "that no file has any more (--purge).",
    "aludel stamp head\naludel stamp 4f6c1a2b9d3e --purge",
    describe_stamp,
    stamp};

const Command edit_command{"edit",
                           "REV",
                           "open a revision's file in $EDITOR, and check it afterwards",
                           "Opens the file in $VISUAL, $EDITOR or vi, and parses it when the editor is done.",
                           "aludel edit head",
                           describe_edit,
                           edit};

}  // namespace aludel::cli
