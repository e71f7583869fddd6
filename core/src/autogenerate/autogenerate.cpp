#include <aludel/autogenerate/autogenerate.hpp>
#include <aludel/op/codec.hpp>
#include <aludel/op/dependents.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>

#include "scope.hpp"

namespace aludel::autogenerate {
namespace {

void refuse_unsupported(const std::vector<schema::Unsupported>& unsupported) {
  if (unsupported.empty()) return;
  Error error = Error(ErrorKind::unsupported, fmt::format("the database holds {} that aludel cannot carry", counted(unsupported.size(), "thing")))
                    .with_hint("leave --strict out to go on without them, or exclude them in aludel.toml ([autogenerate] exclude)");
  for (const schema::Unsupported& thing : unsupported) error.add_note(fmt::format("{} {}: {}", thing.kind, printable(thing.name), thing.reason));
  throw error;
}

void refuse_operations(const op::Operations& operations, const dialect::Dialect& dialect) {
  const std::vector<std::string>& known = dialect.capabilities().operations;
  for (const op::Operation& operation : operations) {
    if (std::find(known.begin(), known.end(), op::name_of(operation)) != known.end()) continue;
    throw Error(ErrorKind::unsupported, fmt::format("{} cannot {}", dialect.name(), op::describe(operation)))
        .with_hint("change the target so that it does not need this, or leave the object out ([autogenerate] exclude)");
  }
}

/// Is there anything to do at all, unmanaged things included?
bool differs(const Request& request, const diff::Options& options) {
  try {
    return !diff::compare(request.current, request.target, options).operations.empty();
  } catch (const Error&) {  // what is unmanaged may be in the way: without it, it is said again or not
    return true;
  }
}

/// Views, triggers and the like that the target has and whose text names what it no longer has: some databases, SQLite among them, make them all the
/// same, and fail when they are used.
std::vector<std::string> warn_of_broken(const op::Operations& operations, const schema::Metadata& target, const op::Rewriter& rewriter) {
  const auto drops = [](const op::Operation& operation) {
    return std::holds_alternative<op::DropColumn>(operation.body) || std::holds_alternative<op::DropTable>(operation.body);
  };
  if (std::none_of(operations.begin(), operations.end(), drops)) return {};
  schema::Metadata with = target;
  std::vector<std::pair<schema::Name, std::string>> gone;  // table and column; no column for a whole table
  for (const op::Operation& operation : operations) {
    if (const auto* column = std::get_if<op::DropColumn>(&operation.body)) {
      schema::Table* table = with.find_table(column->table);
      if (table == nullptr || !column->definition || table->find_column(column->column) != nullptr) continue;
      table->columns.push_back(*column->definition);
      table->columns.back().name = column->column;
      gone.emplace_back(column->table, column->column);
    } else if (const auto* table = std::get_if<op::DropTable>(&operation.body)) {
      if (!table->definition || !with.tables.emplace(table->table, *table->definition).second) continue;
      gone.emplace_back(table->table, std::string());
    }
  }
  std::vector<std::string> warnings;
  if (gone.empty()) return warnings;
  const op::Dependencies dependencies(with, rewriter, op::Dependencies::Mode::indexed);
  for (const auto& [table, column] : gone) {
    for (const op::Dependent& dependent : column.empty() ? dependencies.of_table(table) : dependencies.of_column(table, column)) {
      if (dependent.kind != op::Dependent::Kind::object || !target.objects.contains(dependent.object)) continue;
      warnings.push_back(fmt::format("{} still names {}, which is dropped: give it another definition, or it fails when it is used",
                                     op::describe(dependent, with), column.empty() ? quoted(table.text()) : quoted(table.text() + "." + column)));
    }
  }
  return warnings;
}

}  // namespace

diff::Options comparison_options(const dialect::Dialect& dialect, const dialect::Server& server) {
  const dialect::Capabilities& can = dialect.capabilities();
  diff::Options options;
  options.comparison = dialect.comparison(server);
  options.fold_case = can.fold_identifiers;
  options.replace_objects = can.replace_objects;
  options.rewriter = &dialect.rewriter();
  return options;
}

Result baseline(Request request) {
  if (request.environment != nullptr) request.current = request.environment->filtered(std::move(request.current), true);
  apply_patterns(request.current, request.include, request.exclude);
  Result result;
  result.unsupported = request.current.unsupported;
  if (request.strict) refuse_unsupported(result.unsupported);
  result.target = std::move(request.current);
  result.operations = op::create_operations(result.target);
  if (request.environment != nullptr) request.environment->process(result.operations);
  refuse_operations(result.operations, *request.dialect);
  result.summary = summarise(result.operations);
  return result;
}

Result generate(Request request) {
  const dialect::Dialect& dialect = *request.dialect;
  Result result;
  result.unsupported = request.current.unsupported;
  if (request.strict) refuse_unsupported(result.unsupported);
  if (request.environment != nullptr) {
    request.current = request.environment->filtered(std::move(request.current), true);
    request.target = request.environment->filtered(std::move(request.target), false);
  }
  apply_patterns(request.current, request.include, request.exclude);
  apply_patterns(request.target, request.include, request.exclude);
  request.target = dialect.canonicalise(std::move(request.target), request.connection);
  diff::Options options = comparison_options(dialect, request.server);
  options.renames = request.renames;
  if (!request.include_unmanaged && differs(request, options)) {
    if (request.find_managed) request.managed = request.find_managed();
    leave_unmanaged(request, options.fold_case, result.unmanaged);
  }

  diff::Result difference = diff::compare(request.current, request.target, options);
  result.operations = std::move(difference.operations);
  result.suggestions = std::move(difference.suggestions);
  result.warnings = std::move(difference.warnings);
  if (request.environment != nullptr) request.environment->process(result.operations);
  refuse_operations(result.operations, dialect);
  for (std::string& warning : warn_of_broken(result.operations, request.target, dialect.rewriter())) result.warnings.push_back(std::move(warning));
  result.summary = summarise(result.operations);
  result.current = std::move(request.current);
  result.target = std::move(request.target);
  return result;
}

}  // namespace aludel::autogenerate
