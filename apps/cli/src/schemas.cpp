#include "schemas.hpp"

#include <aludel/op/codec.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>

#include "context.hpp"
#include "documents.hpp"
#include "output.hpp"

namespace aludel::cli {

source::Context source_context(Context& context, const dialect::Dialect* dialect) {
  source::Context how;
  how.dialect_for_scheme = [&context](std::string_view scheme) -> const dialect::Dialect& { return context.loader().dialect_for_scheme(scheme); };
  how.dialect = dialect;
  how.environment = [&context]() -> const Environment& { return context.required_environment("models:"); };
  how.store = [&context]() -> const revision::Store& { return context.store(); };
  how.ignored_tables = context.journal_names().tables();
  return how;
}

std::optional<Url> scratch_url(Context& context, const Arguments& arguments, const dialect::Dialect* dialect,
                               std::initializer_list<const source::Source*> sources) {
  if (has(arguments, "scratch")) return parse_url(text_of(arguments, "scratch"));
  const bool files = dialect != nullptr && dialect->capabilities().file_databases;
  const auto speaks = [&](const Url& url) {
    return dialect != nullptr && std::ranges::find(dialect->schemes(), url.scheme) != dialect->schemes().end();
  };
  if (const auto& target = context.target()) {
    if (target->scratch_url) return target->located_scratch(files);
    if (!target->production && speaks(target->url)) return target->located(files);
  }
  for (const source::Source* source : sources) {
    if (source->kind == source::Kind::database && source->url && speaks(*source->url)) return source->url;
  }
  return std::nullopt;
}

schema::Metadata load_source(Context& context, const source::Source& source, const source::Context& how) {
  if (source.kind == source::Kind::models) context.build_environment();
  return source::load(source, how);
}

void describe_comparison(options::options_description& shown) {
  // clang-format off
  shown.add_options()
      ("target", options::value<std::string>()->value_name("SOURCE"), "what the database is to look like (default: aludel.toml's, else models:)")
      ("rename", options::value<std::vector<std::string>>()->composing()->value_name("OLD:NEW"), "a table, or table.old:new, was renamed; repeatable")
      ("against", options::value<std::string>()->value_name("WHAT"), "database (default), or revisions: what the files say, no database needed")
      ("dialect", options::value<std::string>()->value_name("NAME"), "with --against revisions, where no URL says which")
      ("include-unmanaged", "take in what neither the target nor any revision made")
      ("strict", "refuse when the database holds what aludel cannot carry");
  // clang-format on
}

std::vector<diff::RenameHint> rename_hints(const Arguments& arguments) {
  std::vector<diff::RenameHint> hints;
  for (const std::string& text : list_of(arguments, "rename")) hints.push_back(diff::parse_rename(text));
  return hints;
}

namespace {

/// Loads both sides of a comparison; what no side asks for is neither built nor read.
class Comparison {
 public:
  Comparison(Context& context, const Arguments& arguments, const dialect::Dialect& dialect, dialect::Connection* connection)
      : context_(context), arguments_(arguments), scratch_(scratch_url(context, arguments, &dialect)), how_(source_context(context, &dialect)) {
    const file::Configuration& configuration = context.configuration();
    how_.scratch = scratch_ ? &*scratch_ : nullptr;
    request_.dialect = &dialect;
    request_.connection = connection;
    request_.server = connection != nullptr ? connection->server() : dialect.default_server();
    request_.include = configuration.autogenerate.include;
    request_.exclude = configuration.autogenerate.exclude;
    request_.renames = rename_hints(arguments);
    request_.strict = has(arguments, "strict");
    request_.include_unmanaged = true;
  }

  Comparison& target_as_asked() {
    const file::Configuration& configuration = context_.configuration();
    const bool given = has(arguments_, "target");
    const source::Source source = source::parse(given ? text_of(arguments_, "target") : configuration.models_source);
    source::Context how = how_;
    if (!given) how.directory = configuration.directory;
    request_.target = load_source(context_, source, how);
    if (source.kind == source::Kind::models) request_.environment = context_.environment();
    return *this;
  }
  Comparison& target_from_revisions(const std::vector<std::string>& revisions) {
    request_.target = source::replay(context_.store(), revisions, how_);
    return *this;
  }
  Comparison& current_from_revisions(const std::vector<std::string>& revisions) {
    request_.current = request_.dialect->canonicalise(source::replay(context_.store(), revisions, how_), request_.connection);
    return *this;
  }
  Comparison& current_from_database() {
    dialect::Scope scope;
    scope.ignored_tables = how_.ignored_tables;
    scope.privileges = context_.configuration().autogenerate.privileges;
    request_.current = request_.dialect->introspector().introspect(*request_.connection, scope);
    return *this;
  }
  Comparison& without_unmanaged() {
    request_.include_unmanaged = has(arguments_, "include-unmanaged");
    if (!request_.include_unmanaged) request_.find_managed = [&context = context_] { return autogenerate::managed_by(context.store()); };
    return *this;
  }
  Comparison& filtered_by_environment() {
    const source::Source source = source::parse(context_.configuration().models_source);
    if (source.kind == source::Kind::models) {
      context_.build_environment();
      request_.environment = context_.environment();
    }
    return *this;
  }

  autogenerate::Request take() { return std::move(request_); }
  autogenerate::Result compare() { return autogenerate::generate(take()); }

 private:
  Context& context_;
  const Arguments& arguments_;
  std::optional<Url> scratch_;
  source::Context how_;
  autogenerate::Request request_;
};

}  // namespace

autogenerate::Result compare_with_database(Context& context, const Arguments& arguments, dialect::Connection& connection) {
  return Comparison(context, arguments, connection.dialect(), &connection).target_as_asked().current_from_database().without_unmanaged().compare();
}

autogenerate::Result compare_with_revisions(Context& context, const Arguments& arguments, const dialect::Dialect& dialect,
                                            dialect::Connection* connection, const std::vector<std::string>& revisions) {
  return Comparison(context, arguments, dialect, connection).target_as_asked().current_from_revisions(revisions).compare();
}

autogenerate::Result compare_revisions_with_database(Context& context, const Arguments& arguments, dialect::Connection& connection,
                                                     const std::vector<std::string>& revisions) {
  return Comparison(context, arguments, connection.dialect(), &connection)
      .target_from_revisions(revisions)
      .current_from_database()
      .without_unmanaged()
      .compare();
}

autogenerate::Result take_baseline(Context& context, const Arguments& arguments, dialect::Connection& connection) {
  return autogenerate::baseline(
      Comparison(context, arguments, connection.dialect(), &connection).current_from_database().filtered_by_environment().take());
}

bool against_revisions(const Arguments& arguments) {
  const std::string against = value_or<std::string>(arguments, "against", "database");
  if (against == "revisions") return true;
  if (against == "database") return false;
  throw Error(ErrorKind::usage, fmt::format("--against takes database or revisions, not {}", quoted(against)));
}

void print_summary(Output& output, const std::vector<autogenerate::Line>& lines) {
  for (const autogenerate::Line& line : lines) {
    Style style = Style::plain;
    if (line.sign == '+') style = Style::green;
    if (line.sign == '-') style = Style::red;
    if (line.sign == '~' || line.sign == '>') style = Style::yellow;
    const std::string loss = line.loss.empty() ? "" : output.paint(Style::red, "  loses data: " + line.loss);
    output.print(fmt::format("  {} {}{}", output.paint(style, std::string(1, line.sign)), line.text, loss));
  }
}

void print_result(Output& output, const autogenerate::Result& result) {
  print_summary(output, result.summary);
  for (const std::string& suggestion : result.suggestions) output.print(fmt::format("  {} {}", output.paint(Style::cyan, "?"), suggestion));
  for (const schema::Unsupported& thing : result.unsupported) {
    output.warn(fmt::format("{} {} cannot be carried and is left alone: {}", thing.kind, printable(thing.name), thing.reason));
  }
  for (const std::string& warning : result.warnings) output.warn(warning);
  if (const std::string line = result.unmanaged_line(); !line.empty()) output.print("  " + output.paint(Style::dim, line));
}

void add_result(Value& document, const autogenerate::Result& result) {
  Value::Array summary;
  for (const autogenerate::Line& line : result.summary) {
    summary.push_back(object({{"sign", std::string(1, line.sign)}, {"text", line.text}, {"data_loss", line.loss}}));
  }
  Value unmanaged{Value::Object{}};
  for (const auto& [kind, count] : result.unmanaged) unmanaged.set(kind, static_cast<std::int64_t>(count));
  Value::Array unsupported;
  for (const schema::Unsupported& thing : result.unsupported) {
    unsupported.push_back(object({{"kind", thing.kind}, {"name", thing.name}, {"reason", thing.reason}}));
  }
  document.set("summary", Value(std::move(summary)));
  document.set("operations", op::encode(result.operations));
  document.set("suggestions", strings(result.suggestions));
  document.set("warnings", strings(result.warnings));
  document.set("unmanaged", std::move(unmanaged));
  document.set("unsupported", Value(std::move(unsupported)));
}

}  // namespace aludel::cli
