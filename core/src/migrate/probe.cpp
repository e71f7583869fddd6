#include "probe.hpp"

#include <aludel/dialect/recovery.hpp>
#include <aludel/error.hpp>
#include <aludel/op/apply.hpp>
#include <aludel/schema/equivalent.hpp>
#include <aludel/text.hpp>

#include <optional>
#include <utility>

namespace aludel::migrate {

namespace {

std::string described(const op::Operations& operations) {
  std::vector<std::string> lines;
  for (const auto& operation : operations) lines.push_back(op::describe(operation));
  return join(lines, ", ");
}

class Prober {
 public:
  Prober(dialect::Connection& connection, const KnownSchema& schema, const RunOptions& options)
      : connection_(connection), applying_(apply_options(connection, options)), now_(canonical(schema.look())) {
    // What is there tells; what an operation says was there before is what is asked.
    applying_.ignore_from = true;
  }

  /// Do the two, one after the other, lead back to the schema that is there?
  bool leads_back(const op::Operations& first, const op::Operations& then) const {
    try {
      const auto& rewriter = connection_.dialect().rewriter();
      auto schema = op::apply(then, op::apply(first, now_, rewriter, applying_), rewriter, applying_);
      return schema::equivalent(canonical(std::move(schema)), now_, applying_.comparison);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::schema || error.kind() == ErrorKind::unsupported) return false;
      throw;
    }
  }

 private:
  schema::Metadata canonical(schema::Metadata schema) const { return connection_.dialect().canonicalise(std::move(schema), &connection_); }

  dialect::Connection& connection_;
  op::ApplyOptions applying_;
  schema::Metadata now_;
};

}  // namespace

Finding probe(dialect::Connection& connection, const KnownSchema& schema, const dialect::Statement& statement, const StatementInverse& inverse,
              const RunOptions& options) {
  if (statement.call) return {Effect::unknown, {}, "what a function does cannot be looked up"};
  if (const auto* recovery = dialect::Recovery::of(connection))
    if (auto verdict = recovery->judge(connection, statement))
      return {verdict->applied ? Effect::applied : Effect::absent, std::move(verdict->cleanup), std::move(verdict->evidence)};
  if (statement.effect.empty()) return {Effect::unknown, {}, "what the statement does to the schema is not declared"};
  const auto effect = described(statement.effect);
  if (!inverse.probed) return {Effect::unknown, {}, "what the schema was before cannot be told: " + effect};
  const Prober prober(connection, schema, options);
  const bool applied = prober.leads_back(inverse.of_effect, statement.effect);
  const bool absent = prober.leads_back(statement.effect, inverse.of_effect);
  if (applied && !absent) return {Effect::applied, {}, "the schema is as it is after: " + effect};
  if (absent && !applied) return {Effect::absent, {}, "the schema is as it is before: " + effect};
  return {Effect::unknown,
          {},
          std::string(applied ? "before and after look the same: " : "the schema is neither what it is before nor after: ") + effect};
}

}  // namespace aludel::migrate
