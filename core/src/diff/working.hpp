#pragma once

#include <aludel/diff/compare.hpp>
#include <aludel/op/apply.hpp>

#include <optional>
#include <string>
#include <utility>

namespace aludel::diff {

/// The schema that is being led from `from` to `to`: a copy only once something was done to it, so that equal schemas cost no copy.
class Working {
 public:
  Working(const schema::Metadata& from, const Options& options, Result& result) : from_(from), options_(options), result_(result) {}

  const schema::Metadata& now() const { return copy_ ? *copy_ : from_; }

  /// Carries the operation out and adds it to the result, marked for review where it destroys.
  void run(op::Operation operation) {
    if (!copy_) copy_ = from_;
    op::apply(operation, *copy_, *options_.rewriter, op::ApplyOptions{false, options_.comparison});
    if (op::destroys(operation)) operation.data_loss = op::DataLoss::review;
    result_.operations.push_back(std::move(operation));
  }

  void warn(std::string text) { result_.warnings.push_back(std::move(text)); }
  void suggest(std::string text) { result_.suggestions.push_back(std::move(text)); }

  const Options& options() const { return options_; }
  const schema::Comparison& how() const { return options_.comparison; }

 private:
  const schema::Metadata& from_;
  const Options& options_;
  Result& result_;
  std::optional<schema::Metadata> copy_;
};

/// Renames tables, columns and enumerations as hints say; see renames.cpp for when a hint is taken.
void take_renames(Working& working, const schema::Metadata& to);
/// Creates and alters enumerations; those that lost values are made anew, their columns text in between. Drops are left to the end.
void change_enums(Working& working, const schema::Metadata& to);
/// `to` with names that differ from `from`'s in ASCII case only spelled as there; nullopt where none does.
std::optional<schema::Metadata> respelled(const schema::Metadata& from, const schema::Metadata& to);

}  // namespace aludel::diff
