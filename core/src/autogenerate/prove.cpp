#include <aludel/autogenerate/autogenerate.hpp>
#include <aludel/op/apply.hpp>
#include <aludel/op/codec.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

namespace aludel::autogenerate {
namespace {

/// A scratch database that operations are tried on; there are no rows, so nothing can be lost.
class Trial {
 public:
  Trial(const dialect::Dialect& dialect, dialect::Connection& connection)
      : dialect_(dialect), connection_(connection), options_(comparison_options(dialect, connection.server())) {}

  void run(const op::Operations& operations, const schema::Metadata& before) {
    const dialect::Script script = dialect_.renderer().render(operations, before, connection_.server(), {});
    for (const std::string& sql : script.prologue) connection_.execute(sql);
    for (const dialect::Statement& statement : script.statements) {
      if (statement.call) continue;  // functions work on rows, and there are none
      const dialect::Rows rows = connection_.execute(statement.sql);
      if (statement.expect && statement.expect->kind != ErrorKind::guard && rows.scalar() != statement.expect->equals) {
        throw Error(statement.expect->kind, statement.expect->message).with_statement(statement.sql);
      }
    }
    for (const std::string& sql : script.epilogue) connection_.execute(sql);
  }

  schema::Metadata read() { return dialect_.introspector().introspect(connection_, {}); }

  /// What still differs, one line each.
  void differences(std::string_view what, const schema::Metadata& wanted, std::vector<std::string>& into) {
    for (const op::Operation& operation : diff::compare(read(), wanted, options_).operations) {
      into.push_back(fmt::format("{}: still to do: {}", what, op::describe(operation)));
    }
  }

 private:
  const dialect::Dialect& dialect_;
  dialect::Connection& connection_;
  diff::Options options_;
};

}  // namespace

std::vector<std::string> prove(const Result& result, const dialect::Dialect& dialect, dialect::Connection* connection, const Url* scratch) {
  std::vector<std::string> problems;
  const auto database = dialect.scratch(connection, scratch);
  Trial trial(dialect, database->connection());
  std::string step = "building the schema as it is";
  try {
    trial.run(op::create_operations(result.current), {});
    step = "upgrade";
    trial.run(result.operations, result.current);
    trial.differences("after the upgrade", result.target, problems);
    if (!problems.empty()) return problems;
    step = "downgrade";
    const schema::Metadata after = op::apply(result.operations, result.current, dialect.rewriter());
    trial.run(op::invert(result.operations, result.current, dialect.rewriter()), after);
    trial.differences("after the downgrade", result.current, problems);
  } catch (const Error& error) {
    problems.push_back(fmt::format("{}: {}", step, error.text()));
  }
  return problems;
}

}  // namespace aludel::autogenerate
