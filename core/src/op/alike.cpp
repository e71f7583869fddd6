#include "op/alike.hpp"

#include "op/tokens.hpp"

namespace aludel::op {

namespace {

template <class T>
T normal(T value) {
  for_each_expression(value, [](Expression& expression) { expression.declared = normal_form(expression.declared); });
  return value;
}

template <class T>
bool alike_as_a_whole(const T& a, const T& b, const schema::Comparison& how) {
  return schema::equivalent(a, b, how) || schema::equivalent(normal(a), normal(b), how);
}

}  // namespace

bool alike(const Expression& a, const Expression& b) {
  if (schema::equivalent(a, b)) return true;
  if (!a.canonical.empty() && !b.canonical.empty()) return false;
  return normal_form(a.declared) == normal_form(b.declared);
}

bool alike(const schema::Boxed<Expression>& a, const schema::Boxed<Expression>& b) { return a.has_value() == b.has_value() && (!a || alike(*a, *b)); }

bool alike(const schema::Boxed<schema::Generated>& a, const schema::Boxed<schema::Generated>& b) {
  return a.has_value() == b.has_value() && (!a || (a->stored == b->stored && alike(a->expression, b->expression)));
}

bool alike(const Column& a, const Column& b, const schema::Comparison& how) { return alike_as_a_whole(a, b, how); }
bool alike(const Constraint& a, const Constraint& b, const schema::Comparison& how) { return a.index() == b.index() && alike_as_a_whole(a, b, how); }
bool alike(const Index& a, const Index& b, const schema::Comparison& how) { return alike_as_a_whole(a, b, how); }
bool alike(const Table& a, const Table& b, const schema::Comparison& how) { return alike_as_a_whole(a, b, how); }
bool alike(const schema::Object& a, const schema::Object& b, const schema::Comparison& how) { return alike_as_a_whole(a, b, how); }

}  // namespace aludel::op
