#include <aludel/dialect/script_writer.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

namespace aludel::dialect {
namespace {

std::string hazards_text(const Statement& statement) {
  std::string text;
  for (const Hazard& hazard : statement.hazards) text += fmt::format("-- {}: {}\n", to_string(hazard.kind), printable(hazard.text, 500));
  return text;
}

}  // namespace

ScriptWriter::~ScriptWriter() = default;

std::string ScriptWriter::ended(const std::string& sql) const { return sql + ";\n"; }

const ScriptWriter* script_writer(const Dialect& dialect) {
  return static_cast<const ScriptWriter*>(dialect.extension(ScriptWriter::extension_name));
}

std::string readable_text(const Statement& statement) {
  if (statement.call) return fmt::format("-- call {}\n", printable(statement.call->function));
  if (!statement.expect) return statement.sql + ";\n";
  const std::string rows = statement.expect->counted ? "rows" : "";
  std::string text =
      fmt::format("-- must give {}, else it stops: {}\n", to_json(statement.expect->equals), printable(rows + statement.expect->message, 1000));
  for (const std::string& line : split(statement.sql, '\n')) text += "--   " + line + "\n";
  return text;
}

std::string script_text(const Dialect& dialect, const Statement& statement) {
  const ScriptWriter* const writer = script_writer(dialect);
  if (writer != nullptr && !statement.expect && !statement.call) return hazards_text(statement) + writer->ended(statement.sql);
  if (writer == nullptr || !statement.expect) return hazards_text(statement) + readable_text(statement);
  return hazards_text(statement) + writer->enforced(statement.sql, *statement.expect);
}

std::string script_text(const Dialect& dialect, const Script& script) {
  if (script.statements.empty()) return "";
  const ScriptWriter* const writer = script_writer(dialect);
  std::string text = writer == nullptr ? "" : writer->preamble();
  for (const std::string& sql : script.prologue) text += sql + ";\n";
  const bool transactional = dialect.capabilities().transactional_ddl;
  bool open = false;
  const auto close = [&] {
    if (open) text += "COMMIT;\n";
    open = false;
  };
  for (const Statement& statement : script.statements) {
    const bool ends = statement.boundary == Boundary::commit_after;
    if (statement.boundary == Boundary::outside_transaction || (ends && !transactional)) {
      close();
      text += script_text(dialect, statement);
      continue;
    }
    if (!open) text += "BEGIN;\n";
    open = true;
    text += script_text(dialect, statement);
    if (ends) close();
  }
  close();
  for (const std::string& sql : script.epilogue) text += sql + ";\n";
  return text;
}

}  // namespace aludel::dialect
