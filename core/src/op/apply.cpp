#include <aludel/op/apply.hpp>
#include <aludel/text.hpp>

#include "op/applier.hpp"

namespace aludel::op {

void apply(const Operation& operation, schema::Metadata& schema, const Rewriter& rewriter, const ApplyOptions& options) {
  try {
    std::visit(Applier(schema, rewriter, options), operation.body);
  } catch (Error& error) {
    error.set_location(operation.location);
    throw;
  }
}

schema::Metadata apply(std::span<const Operation> operations, schema::Metadata schema, const Rewriter& rewriter, const ApplyOptions& options) {
  for (const auto& operation : operations) apply(operation, schema, rewriter, options);
  return schema;
}

void Applier::operator()(const Sql& body) {
  if (!body.effect) return;
  for (const auto& operation : *body.effect) apply(operation, schema_, rewriter_, options_);
}

}  // namespace aludel::op
