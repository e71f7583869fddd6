#include <aludel/dialect/script_writer.hpp>
#include <aludel/file/revision_file.hpp>
#include <aludel/file/snapshot.hpp>
#include <aludel/op/codec.hpp>
#include <aludel/schema/drawing.hpp>
#include <aludel/schema/json_schema.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "../schemas.hpp"
#include "commands.hpp"
#include "context.hpp"
#include "documents.hpp"
#include "output.hpp"

namespace aludel::cli {
namespace {

/// The dialect that speaks for a command without a connection: --dialect, else a source's URL, else the configured database's.
const dialect::Dialect* chosen_dialect(Context& context, const Arguments& arguments, std::initializer_list<const source::Source*> sources) {
  if (has(arguments, "dialect")) return &context.dialect(text_of(arguments, "dialect"));
  for (const source::Source* source : sources) {
    if (source->url) return &context.loader().dialect_for_scheme(source->url->scheme);
  }
  return context.target() ? &context.dialect() : nullptr;
}

void describe_sources(options::options_description& shown) {
  shown.add_options()("dialect", options::value<std::string>()->value_name("NAME"), "the dialect, where no URL says it")(
      "scratch", options::value<std::string>()->value_name("URL"), "where throwaway databases may be made")(
      "server-version", options::value<std::string>()->value_name("V"), "the server's version that SQL is rendered for");
}

[[noreturn]] void refuse_form(std::string_view given, std::string_view forms) {
  throw Error(ErrorKind::usage, fmt::format("--as takes {}, not {}", forms, quoted(given)));
}

void describe_diff(options::options_description& shown, options::options_description&, options::positional_options_description&) {
  // clang-format off
  shown.add_options()
      ("from", options::value<std::string>()->value_name("SOURCE"), "the schema to start from")
      ("to", options::value<std::string>()->value_name("SOURCE"), "the schema to arrive at")
      ("as", options::value<std::string>()->value_name("FORM"), "summary (default), toml, json or sql")
      ("exit-code", "exit with 3 when there is a difference")
      ("rename", options::value<std::vector<std::string>>()->composing()->value_name("OLD:NEW"), "a table, or table.old:new, was renamed; repeatable");
  // clang-format on
  describe_sources(shown);
}

/// What the SQL is rendered for: the version that was asked for, else the server that one of the sources or the scratch databases live on.
class Servers {
 public:
  /// Notes the server that this source will be read on. A database says more than where a script was tried.
  void watch(source::Context& how, const source::Source& source) {
    const bool of_database = source.kind == source::Kind::database;
    how.on_server = [this, of_database](const dialect::Server& server) {
      if (seen_ && of_database_ && !of_database) return;
      seen_ = server;
      of_database_ = of_database;
    };
  }
  /// When the sources have been read.
  dialect::Server chosen(const dialect::Dialect& dialect, const std::string& version, const Url* scratch) const {
    if (!version.empty() || dialect.capabilities().file_databases) return Context::offline_server(dialect, version);
    if (seen_) return *seen_;
    if (scratch == nullptr) return Context::offline_server(dialect, version);
    dialect::ConnectOptions options;
    options.create = false;
    return dialect.connect(*scratch, options)->server();
  }

 private:
  std::optional<dialect::Server> seen_;
  bool of_database_ = false;
};

bool is_privilege(const schema::ObjectKey& key) { return key.kind == "privilege" || key.kind == "default_privileges"; }

/// Grants count where both sides can tell of them: two databases or scripts, of which the scripts, if there are any, do not leave them out
/// altogether.
bool compares_privileges(std::initializer_list<const source::Source*> sources) {
  return std::all_of(sources.begin(), sources.end(), [](const source::Source* source) {
    return source->kind == source::Kind::database || source->kind == source::Kind::sql_file || source->kind == source::Kind::empty;
  });
}

void forget_unsaid_privileges(std::initializer_list<std::pair<const source::Source*, schema::Metadata*>> sides) {
  bool scripts = false;
  bool said = false;
  for (const auto& [source, schema] : sides) {
    if (source->kind != source::Kind::sql_file) continue;
    scripts = true;
    said = said || std::any_of(schema->objects.begin(), schema->objects.end(), [](const auto& entry) { return is_privilege(entry.first); });
  }
  if (!scripts || said) return;
  for (const auto& [source, schema] : sides) {
    erase_if(schema->objects, [](const auto& entry) { return is_privilege(entry.first); });
  }
}

int diff_sources(Context& context, const Arguments& arguments) {
  if (!has(arguments, "from") || !has(arguments, "to")) {
    throw Error(ErrorKind::usage, "diff needs --from SOURCE and --to SOURCE")
        .with_hint("for example: aludel diff --from sqlite:///app.db --to schema.sql");
  }
  Output& output = context.output();
  const std::string as = value_or<std::string>(arguments, "as", output.json() ? "json" : "summary");
  if (as != "summary" && as != "toml" && as != "json" && as != "sql") refuse_form(as, "summary, toml, json or sql");
  const source::Source from = source::parse(text_of(arguments, "from"));
  const source::Source to = source::parse(text_of(arguments, "to"));
  const dialect::Dialect* dialect = chosen_dialect(context, arguments, {&from, &to});
  if (dialect == nullptr) {
    throw Error(ErrorKind::usage, "nothing says which dialect judges the difference").with_hint("pass --dialect sqlite");
  }
  source::Context how = source_context(context, dialect);
  const std::optional<Url> scratch = scratch_url(context, arguments, dialect, {&from, &to});
  how.scratch = scratch ? &*scratch : nullptr;
  how.privileges = compares_privileges({&from, &to});
  Servers servers;
  servers.watch(how, from);
  schema::Metadata before = dialect->canonicalise(load_source(context, from, how), nullptr);
  servers.watch(how, to);
  schema::Metadata after = dialect->canonicalise(load_source(context, to, how), nullptr);
  if (how.privileges) forget_unsaid_privileges({{&from, &before}, {&to, &after}});
  const dialect::Server server = servers.chosen(*dialect, text_of(arguments, "server-version"), how.scratch);
  diff::Options options = autogenerate::comparison_options(*dialect, server);
  options.renames = rename_hints(arguments);
  const diff::Result result = diff::compare(before, after, options);
  for (const schema::Metadata* side : {&before, &after}) {
    for (const schema::Unsupported& thing : side->unsupported) {
      output.warn(fmt::format("{} {} cannot be compared: {}", thing.kind, printable(thing.name), thing.reason));
    }
  }
  if (as == "sql") {
    output.write(dialect::script_text(*dialect, dialect->renderer().render(result.operations, before, server, {})));
  } else if (as == "toml") {
    output.write(file::write_operations(result.operations));
  } else if (as == "json") {
    const std::string text = to_json(object({{"operations", op::encode(result.operations)}}), 2);
    output.print(text);
  } else {
    if (result.operations.empty()) output.print("no difference");
    print_summary(output, autogenerate::summarise(result.operations));
    for (const std::string& suggestion : result.suggestions) output.print("  ? " + suggestion);
  }
  if (as != "sql") {
    for (const std::string& warning : result.warnings) output.warn(warning);
  }
  output.document(
      object({{"operations", op::encode(result.operations)}, {"suggestions", strings(result.suggestions)}, {"warnings", strings(result.warnings)}}));
  return has(arguments, "exit-code") && !result.operations.empty() ? found_differences : done;
}

void describe_inspect(options::options_description& shown, options::options_description& hidden,
                      options::positional_options_description& positional) {
  shown.add_options()("as", options::value<std::string>()->value_name("FORM"), "toml (default), json, sql, json-schema, tree, mermaid or dot");
  describe_sources(shown);
  hidden.add_options()("source", options::value<std::string>(), "");
  positional.add("source", 1);
}

int inspect(Context& context, const Arguments& arguments) {
  Output& output = context.output();
  const std::string as = value_or<std::string>(arguments, "as", output.json() ? "json" : "toml");
  constexpr std::array<std::string_view, 7> forms = {"toml", "json", "sql", "json-schema", "tree", "mermaid", "dot"};
  if (std::ranges::find(forms, as) == forms.end()) refuse_form(as, "toml, json, sql, json-schema, tree, mermaid or dot");
  const bool named = has(arguments, "source");
  source::Source source;
  if (named) {
    source = source::parse(text_of(arguments, "source"));
  } else {  // the configured database, its path as that says
    const file::Target& target = context.required_target();
    source.kind = source::Kind::database;
    source.url = target.located(context.dialect().capabilities().file_databases);
  }
  const dialect::Dialect* dialect = chosen_dialect(context, arguments, {&source});
  source::Context how = source_context(context, dialect);
  const std::optional<Url> scratch = scratch_url(context, arguments, dialect, {&source});
  how.scratch = scratch ? &*scratch : nullptr;
  file::Snapshot snapshot;
  Servers servers;
  servers.watch(how, source);
  snapshot.metadata = load_source(context, source, how);
  const schema::Metadata& metadata = snapshot.metadata;
  for (const schema::Unsupported& thing : metadata.unsupported) {
    output.warn(fmt::format("{} {} cannot be shown: {}", thing.kind, printable(thing.name), thing.reason));
  }
  if (dialect != nullptr) {
    snapshot.dialect = dialect->name();
    snapshot.server_version = servers.chosen(*dialect, text_of(arguments, "server-version"), nullptr).version;
  }
  if (output.json()) {
    output.document(from_json(file::write_snapshot(snapshot, file::SnapshotFormat::json)));
  } else if (as == "toml" || as == "json") {
    const auto format = as == "toml" ? file::SnapshotFormat::toml : file::SnapshotFormat::json;
    file::write_snapshot(std::move(snapshot), format, [&](std::string_view piece) { output.write(piece); });
  } else if (as == "tree") {
    output.write(schema::to_tree(metadata));
  } else if (as == "mermaid") {
    output.write(schema::to_mermaid(metadata));
  } else if (as == "dot") {
    output.write(schema::to_dot(metadata));
  } else if (as == "json-schema") {
    output.write(to_json(schema::json_schema(metadata), 2) + "\n");
  } else {
    if (dialect == nullptr) throw Error(ErrorKind::usage, "--as sql needs a dialect").with_hint("pass --dialect sqlite");
    const dialect::Server server = servers.chosen(*dialect, text_of(arguments, "server-version"), how.scratch);
    output.write(dialect::script_text(*dialect, dialect->renderer().render(op::create_operations(metadata), {}, server, {})));
  }
  return done;
}

}  // namespace

const Command diff_command{
    "diff",
    "--from SOURCE --to SOURCE [options]",
    "the operations between any two schemas",
    "A SOURCE is a database URL, a .sql file, a .toml or .json snapshot, models:, exec:COMMAND, revisions:REV, or empty:. What --as sql prints runs\n"
    "unchanged in the database's own client, and is empty without a difference.",
    "aludel diff --from sqlite:///app.db --to schema.sql\naludel diff --from revisions:head --to models: --as sql --exit-code",
    describe_diff,
    diff_sources};

const Command inspect_command{"inspect",
                              "[SOURCE] [options]",
                              "a schema, whole, as text or a drawing",
                              "Prints the schema of a SOURCE (see `aludel help diff`), by default of the configured database. toml and json read "
                              "back as a source; json-schema\n"
                              "describes the rows for an application's API; tree, mermaid and dot are for people.",
                              "aludel inspect sqlite:///app.db --as tree\naludel inspect models: --as mermaid",
                              describe_inspect,
                              inspect};

}  // namespace aludel::cli
