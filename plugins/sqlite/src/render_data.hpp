#pragma once

#include <aludel/dialect/statement.hpp>

#include <vector>

/// Operations that work on rows or run the author's own SQL. Pure.
namespace aludel::sqlite {

/// The text for SQLite, statement by statement; nothing where there is text for other dialects only. Throws Error(guard) for what would break the
/// runner's transaction, and Error(syntax) for text that cannot be split.
std::vector<dialect::Statement> sql_statements(const op::Sql& operation, bool transaction);
/// As few statements as there are runs of rows with the same columns, a few hundred rows each.
std::vector<dialect::Statement> insert_statements(const op::Insert& operation);
std::vector<dialect::Statement> delete_statements(const op::Delete& operation);
dialect::Statement call_statement(const op::Call& operation);
dialect::Statement assert_statement(const op::Assert& operation);
[[noreturn]] void refuse_irreversible(const op::Irreversible& operation);
[[noreturn]] void refuse_custom(const op::Custom& operation);

}  // namespace aludel::sqlite
