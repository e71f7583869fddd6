#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/migrate/runner.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace aludel::migrate {

/// What the guard asks before a statement runs, for one operation.
struct Question {
  std::size_t operation = 0;
  dialect::LossProbe probe;
};

/// The probes of `operations`, each phrased for the moment right before `first`, the earliest operation that the same statement serves: a rebuild
/// carries out several at once, so a later one's table or column may still have its old name, or not be there at all (then nothing is lost).
/// `before` is the schema at `first`.
std::vector<Question> loss_questions(const dialect::Renderer& renderer, std::span<const op::Operation> operations, std::span<const std::size_t> asked,
                                     std::size_t first, const schema::Metadata& before);

/// Asks. Nothing when nothing would be lost.
std::optional<Loss> ask(dialect::Connection& connection, const Question& question, const op::Operation& operation);

/// Throws Error(guard).
[[noreturn]] void refuse(const Loss& loss, const op::Operation& operation);

}  // namespace aludel::migrate
