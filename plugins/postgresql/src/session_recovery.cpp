#include "quoting.hpp"
#include "render_text.hpp"
#include "session_extensions.hpp"

#include <aludel/text.hpp>

#include <variant>

namespace aludel::postgresql {

namespace {

/// Building and dropping concurrently go through several transactions (manual, CREATE INDEX): what is left of one that stopped is an index that is
/// there and not valid. It is in nobody's way, and dropped before the next try; a drop simply runs again.
class PostgresqlRecovery final : public dialect::Recovery {
 public:
  std::optional<Verdict> judge(dialect::Connection& connection, const dialect::Statement& statement) const override {
    if (statement.boundary != dialect::Boundary::outside_transaction) return std::nullopt;
    for (const auto& operation : statement.effect) {
      if (const auto* create = std::get_if<op::CreateIndex>(&operation.body)) {
        const std::string name = index_name(create->table, create->index.name);
        if (is_invalid(connection, name)) return Verdict{false, {"DROP INDEX CONCURRENTLY " + name}, evidence(create->index.name)};
      } else if (const auto* drop = std::get_if<op::DropIndex>(&operation.body)) {
        if (is_invalid(connection, index_name(drop->table, drop->index))) return Verdict{false, {}, evidence(drop->index)};
      }
    }
    return std::nullopt;
  }

 private:
  static std::string evidence(std::string_view index) { return "index " + printable(index) + " is there, but not valid"; }

  static bool is_invalid(dialect::Connection& connection, const std::string& name) {
    const Value found =
        connection.execute("SELECT NOT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)", std::vector<Value>{Value(name)}).scalar();
    const bool* invalid = found.boolean();
    return invalid != nullptr && *invalid;
  }
};

}  // namespace

dialect::Recovery& recovery() {
  static PostgresqlRecovery instance;
  return instance;
}

}  // namespace aludel::postgresql
