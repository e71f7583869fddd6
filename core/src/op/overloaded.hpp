#pragma once

namespace aludel::op {

/// One visitor from several lambdas; no default branch, so that a new operation breaks the build wherever it matters.
template <class... Callables>
struct Overloaded : Callables... {
  using Callables::operator()...;
};
template <class... Callables>
Overloaded(Callables...) -> Overloaded<Callables...>;

}  // namespace aludel::op
