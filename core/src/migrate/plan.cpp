#include "plan.hpp"

#include <aludel/error.hpp>
#include <aludel/op/apply.hpp>
#include <aludel/op/codec.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>
#include <utility>
#include <variant>

namespace aludel::migrate {

namespace {

using std::chrono::milliseconds;

/// What only the operation itself can undo, whatever its statements do to the schema.
bool has_own_undo(const op::Operation& operation) {
  return std::holds_alternative<op::Sql>(operation.body) || std::holds_alternative<op::Call>(operation.body) ||
         std::holds_alternative<op::Insert>(operation.body) || std::holds_alternative<op::Delete>(operation.body) ||
         std::holds_alternative<op::Custom>(operation.body);
}

std::map<std::size_t, std::size_t> last_statements(const Part& part) {
  std::map<std::size_t, std::size_t> last;
  for (std::size_t i = 0; i < part.script.statements.size(); ++i)
    for (const auto operation : part.script.statements[i].operations) last[operation] = i;
  return last;
}

std::vector<StatementInverse> invert_statements(const Part& part, bool carry, const op::Rewriter& rewriter, const op::ApplyOptions& options) {
  std::vector<StatementInverse> result;
  const auto last = last_statements(part);
  auto schema = part.before;
  bool seen = carry;  // is `schema` what it is before the statement?
  for (std::size_t i = 0; i < part.script.statements.size(); ++i) {
    const auto& statement = part.script.statements[i];
    StatementInverse inverse;
    // What only the operation itself can undo is undone by it, when its last statement has run.
    const op::Operation* own = nullptr;
    bool whole = true;
    for (const auto k : statement.operations) {
      if (!has_own_undo(part.operations[k])) continue;
      own = &part.operations[k];
      whole = last.at(k) == i;
    }
    const auto tell = [&](op::Operations& into, std::span<const op::Operation> operations) {
      try {
        into = op::invert(operations, schema, rewriter, options);
        return true;
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::schema && error.kind() != ErrorKind::unsupported) throw;
        return false;
      }
    };
    if (!statement.effect.empty()) {
      inverse.probed = seen && tell(inverse.of_effect, statement.effect);
      inverse.known = inverse.probed;
      inverse.undo = inverse.of_effect;
    }
    if (own != nullptr) {
      inverse.undo.clear();
      inverse.known = !whole || tell(inverse.undo, std::span(own, 1));
    }
    if (inverse.probed)
      schema = op::apply(statement.effect, std::move(schema), rewriter, options);
    else if (!statement.effect.empty())
      seen = false;
    result.push_back(std::move(inverse));
  }
  return result;
}

/// Does it come from operations whose SQL is ours? Then it may be committed together with its journal row.
bool is_rendered_here(const Part& part, const dialect::Statement& statement) {
  return !statement.call && !statement.operations.empty() &&
         std::none_of(statement.operations.begin(), statement.operations.end(), [&](const auto k) {
           const auto& body = part.operations[k].body;
           return std::holds_alternative<op::Sql>(body) || std::holds_alternative<op::Call>(body) || std::holds_alternative<op::Custom>(body);
         });
}

// The document

Value strings(const std::vector<std::string>& texts) {
  Value::Array array;
  for (const auto& text : texts) array.emplace_back(text);
  return Value(std::move(array));
}

Value numbers(const std::vector<std::size_t>& values) {
  Value::Array array;
  for (const auto value : values) array.emplace_back(static_cast<std::int64_t>(value));
  return Value(std::move(array));
}

Value encoded(const op::Operations& operations) { return op::encode(std::span<const op::Operation>(operations)); }

std::string_view name_of(dialect::Boundary boundary) {
  switch (boundary) {
    case dialect::Boundary::none:
      return "none";
    case dialect::Boundary::commit_after:
      return "commit_after";
    case dialect::Boundary::outside_transaction:
      return "outside_transaction";
  }
  return "none";
}

Value encode_statement(const dialect::Statement& statement, const StatementInverse& inverse) {
  Value result;
  result.set("sql", statement.sql);
  if (statement.boundary != dialect::Boundary::none) result.set("boundary", name_of(statement.boundary));
  if (statement.lock_timeout) result.set("lock_timeout_ms", static_cast<std::int64_t>(statement.lock_timeout->count()));
  if (statement.statement_timeout) result.set("statement_timeout_ms", static_cast<std::int64_t>(statement.statement_timeout->count()));
  if (statement.session_only) result.set("session_only", true);
  result.set("operations", numbers(statement.operations));
  if (!statement.effect.empty()) result.set("effect", encoded(statement.effect));
  if (inverse.probed) result.set("inverse", encoded(inverse.of_effect));
  if (inverse.known) result.set("undo", encoded(inverse.undo));
  if (statement.expect) {
    Value expect;
    expect.set("equals", statement.expect->equals);
    expect.set("message", statement.expect->message);
    expect.set("details", statement.expect->details);
    expect.set("kind", to_string(statement.expect->kind));
    expect.set("counted", statement.expect->counted);
    result.set("expect", std::move(expect));
  }
  if (statement.call) {
    Value call;
    call.set("function", statement.call->function);
    call.set("arguments", statement.call->arguments);
    result.set("call", std::move(call));
  }
  return result;
}

Value encode_part(const Part& part) {
  Value result;
  result.set("first", static_cast<std::int64_t>(part.first));
  result.set("operations", encoded(part.operations));
  if (part.invertible) result.set("inverse", encoded(part.inverse));
  Value::Array statements;
  for (std::size_t i = 0; i < part.script.statements.size(); ++i) statements.push_back(encode_statement(part.script.statements[i], part.inverses[i]));
  result.set("statements", Value(std::move(statements)));
  Value::Array segments;
  for (const auto& segment : part.segments) {
    Value one;
    one.set("first", static_cast<std::int64_t>(segment.first));
    one.set("count", static_cast<std::int64_t>(segment.count));
    one.set("transaction", segment.transactional);
    segments.push_back(std::move(one));
  }
  result.set("segments", Value(std::move(segments)));
  return result;
}

/// A document that only this library writes: what is missing reads as nothing, but what does not fit together is refused in decode_plan.
class Reader {
 public:
  Reader(const Value& value, std::string_view name) : value_(value), name_(name) {}

  std::string text(std::string_view key) const {
    const auto* found = value_.find(key);
    return found != nullptr && found->string() != nullptr ? *found->string() : std::string();
  }
  std::size_t number(std::string_view key) const {
    const auto* found = value_.find(key);
    return found != nullptr && found->integer() != nullptr && *found->integer() > 0 ? static_cast<std::size_t>(*found->integer()) : 0;
  }
  bool flag(std::string_view key) const {
    const auto* found = value_.find(key);
    return found != nullptr && found->boolean() != nullptr && *found->boolean();
  }
  std::optional<milliseconds> duration(std::string_view key) const {
    const auto* found = value_.find(key);
    if (found == nullptr || found->integer() == nullptr) return std::nullopt;
    return milliseconds(*found->integer());
  }
  std::vector<std::size_t> numbers(std::string_view key) const {
    std::vector<std::size_t> result;
    for (const auto& item : array(key))
      if (const auto* number = item.integer(); number != nullptr && *number >= 0) result.push_back(static_cast<std::size_t>(*number));
    return result;
  }
  std::vector<std::string> texts(std::string_view key) const {
    std::vector<std::string> result;
    for (const auto& item : array(key))
      if (const auto* text = item.string()) result.push_back(*text);
    return result;
  }
  bool has(std::string_view key) const { return value_.find(key) != nullptr; }
  op::Operations operations(std::string_view key) const {
    const auto* found = value_.find(key);
    return found == nullptr ? op::Operations() : op::decode_all(*found, name_);
  }
  const Value::Array& array(std::string_view key) const {
    static const Value::Array none;
    const auto* found = value_.find(key);
    return found != nullptr && found->array() != nullptr ? *found->array() : none;
  }
  const Value* find(std::string_view key) const { return value_.find(key); }

 private:
  const Value& value_;
  std::string_view name_;
};

ErrorKind kind_named(std::string_view name) {
  for (const auto kind : {ErrorKind::constraint, ErrorKind::guard, ErrorKind::revision, ErrorKind::database})
    if (to_string(kind) == name) return kind;
  return ErrorKind::constraint;
}

void decode_statement(const Value& value, std::string_view name, Part& part) {
  const Reader reader(value, name);
  dialect::Statement statement;
  statement.sql = reader.text("sql");
  for (const auto boundary : {dialect::Boundary::commit_after, dialect::Boundary::outside_transaction})
    if (reader.text("boundary") == name_of(boundary)) statement.boundary = boundary;
  statement.lock_timeout = reader.duration("lock_timeout_ms");
  statement.statement_timeout = reader.duration("statement_timeout_ms");
  statement.session_only = reader.flag("session_only");
  statement.operations = reader.numbers("operations");
  statement.effect = reader.operations("effect");
  if (const auto* expect = reader.find("expect")) {
    const Reader of_it(*expect, name);
    statement.expect = dialect::Expectation{};
    if (const auto* equals = of_it.find("equals")) statement.expect->equals = *equals;
    statement.expect->message = of_it.text("message");
    statement.expect->details = of_it.text("details");
    statement.expect->kind = kind_named(of_it.text("kind"));
    statement.expect->counted = of_it.flag("counted");
  }
  if (const auto* call = reader.find("call")) {
    const Reader of_it(*call, name);
    statement.call = dialect::FunctionCall{of_it.text("function"), {}};
    if (const auto* arguments = of_it.find("arguments")) statement.call->arguments = *arguments;
  }
  StatementInverse inverse;
  inverse.probed = reader.has("inverse");
  inverse.of_effect = reader.operations("inverse");
  inverse.known = reader.has("undo");
  inverse.undo = reader.operations("undo");
  part.script.statements.push_back(std::move(statement));
  part.inverses.push_back(std::move(inverse));
}

Part decode_part(const Value& value, std::string_view name) {
  const Reader reader(value, name);
  Part part;
  part.first = reader.number("first");
  part.operations = reader.operations("operations");
  part.invertible = reader.has("inverse");
  part.inverse = reader.operations("inverse");
  for (const auto& statement : reader.array("statements")) decode_statement(statement, name, part);
  for (const auto& segment : reader.array("segments")) {
    const Reader of_it(segment, name);
    part.segments.push_back(Segment{of_it.number("first"), of_it.number("count"), of_it.flag("transaction")});
  }
  return part;
}

bool fits_together(const Part& part) {
  std::size_t next = 0;
  for (const auto& segment : part.segments) {
    if (segment.first != next && segment.count != 0) return false;
    next += segment.count;
  }
  const auto inside = [&](const dialect::Statement& statement) {
    return std::all_of(statement.operations.begin(), statement.operations.end(), [&](const auto k) { return k < part.operations.size(); });
  };
  return !part.segments.empty() && next == part.script.statements.size() &&
         std::all_of(part.script.statements.begin(), part.script.statements.end(), inside);
}

}  // namespace

bool Plan::is_undo() const { return std::find(row.flags.begin(), row.flags.end(), "undo") != row.flags.end(); }

std::size_t Plan::segments() const { return pieces_of(parts).size() + (starts.size() - parts.size()); }

std::size_t Plan::statements() const {
  std::size_t count = 0;
  for (const auto& part : parts) count += part.script.statements.size();
  return count;
}

std::vector<Segment> cut_rest(const Part& part, std::size_t first, const Task& task, const dialect::Dialect& dialect) {
  const bool transactional = dialect.capabilities().transactional_ddl;
  const auto& statements = part.script.statements;
  auto segments = cut(std::span(statements).subspan(first), CutOptions{transactional, task.revision.transaction});
  for (auto& segment : segments) {
    segment.first += first;
    // `transaction = false` is for SQL that must stand alone. What is ours commits alone too, but with its row, so that it is never in doubt.
    if (!segment.transactional && transactional && statements[segment.first].boundary != dialect::Boundary::outside_transaction &&
        is_rendered_here(part, statements[segment.first]))
      segment.transactional = true;
  }
  return segments;
}

void cut_part(Part& part, const Task& task, bool carry, const dialect::Connection& connection, const RunOptions& options) {
  part.segments = cut_rest(part, 0, task, connection.dialect());
  part.inverses = invert_statements(part, carry, connection.dialect().rewriter(), apply_options(connection, options));
}

Value encode_plan(const std::vector<Part>& parts, const std::vector<std::size_t>& starts, const std::vector<std::string>& prologue,
                  const std::vector<std::string>& epilogue) {
  Value result;
  result.set("starts", numbers(starts));
  result.set("prologue", strings(prologue));
  result.set("epilogue", strings(epilogue));
  Value::Array encoded_parts;
  for (const auto& part : parts) encoded_parts.push_back(encode_part(part));
  result.set("parts", Value(std::move(encoded_parts)));
  return result;
}

Plan decode_plan(Entry row) {
  const std::string name = "the journal's plan of revision " + row.revision;
  Plan plan;
  const Reader reader(row.plan, name);
  plan.source = op::decode_all(row.operations, name);
  plan.starts = reader.numbers("starts");
  plan.prologue = reader.texts("prologue");
  plan.epilogue = reader.texts("epilogue");
  for (const auto& part : reader.array("parts")) plan.parts.push_back(decode_part(part, name));
  plan.row = std::move(row);
  plan.row.plan = Value();
  if (plan.parts.empty() || plan.parts.size() > plan.starts.size() || !std::all_of(plan.parts.begin(), plan.parts.end(), fits_together))
    throw Error(ErrorKind::revision, name + " does not fit together").with_hint("somebody changed it; restore the journal from a backup");
  return plan;
}

std::vector<Piece> pieces_of(const std::vector<Part>& parts) {
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < parts.size(); ++i)
    for (const auto& segment : parts[i].segments) pieces.push_back(Piece{i, segment});
  return pieces;
}

op::Operations undo_of(const Plan& plan, std::size_t done) {
  const auto pieces = pieces_of(plan.parts);
  op::Operations result;
  const auto refuse = [&](const dialect::Statement& statement) {
    return Error(ErrorKind::unsupported, "what ran of revision " + quoted(plan.row.revision) +
                                             " cannot be undone: " + quoted(printable(statement_text(statement), 200)) + " has no inverse")
        .with_hint(
            "mend the file and go on with `aludel upgrade`, or bring the database by hand to where the revision is whole or not begun, and say "
            "which with `aludel stamp --purge REV`")
        .in_revision(plan.row.revision)
        .with_statement(statement.sql);
  };
  for (std::size_t i = std::min(done, pieces.size()); i-- > 0;) {
    const auto& part = plan.parts[pieces[i].part];
    const auto& segment = pieces[i].segment;
    const auto last = last_statements(part);
    for (std::size_t k = segment.first + segment.count; k-- > segment.first;) {
      const auto& statement = part.script.statements[k];
      const auto& inverse = part.inverses[k];
      if (!inverse.known) throw refuse(statement);
      // Some of an sql's statements without the last: its undo is for the whole.
      const bool whole = std::all_of(statement.operations.begin(), statement.operations.end(), [&](const auto operation) {
        const auto end = segment.first + segment.count;
        const bool later = last.at(operation) >= end;
        return !later || !has_own_undo(part.operations[operation]) ||
               (i + 1 < done && pieces[done - 1].part == pieces[i].part &&
                last.at(operation) < pieces[done - 1].segment.first + pieces[done - 1].segment.count);
      });
      if (!whole) throw refuse(statement);
      result.insert(result.end(), inverse.undo.begin(), inverse.undo.end());
    }
  }
  return result;
}

std::string statement_text(const dialect::Statement& statement) {
  return statement.call ? fmt::format("-- call {}({})", statement.call->function, to_json(statement.call->arguments)) : statement.sql;
}

}  // namespace aludel::migrate
