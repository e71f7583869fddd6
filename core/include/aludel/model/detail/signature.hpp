#pragma once

#include <aludel/export.hpp>

#include <string>
#include <string_view>

/// Names from the compiler: it spells a function's template arguments in __PRETTY_FUNCTION__, and core/src/model/signature.cpp cuts the names out of
/// that text at run time, once. (Cutting them at compile time makes 200 tables take over 10 s to compile instead of 3.) The only place to change when
/// C++ has reflection.
namespace aludel::detail {

/// A pointer into an object that is never defined: what names a member that is known only by its place in a structured binding.
template <class T>
struct MemberAddress {
  const T* address;
};
template <class T>
MemberAddress(const T*) -> MemberAddress<T>;

template <class T>
constexpr const char* type_signature() {
  return __PRETTY_FUNCTION__;
}
/// Of a pointer to member, or of a MemberAddress.
template <auto Member>
constexpr const char* member_signature() {
  return __PRETTY_FUNCTION__;
}
template <class E, E... Values>
constexpr const char* values_signature() {
  return __PRETTY_FUNCTION__;
}

/// "name" from "... [with auto Member = &app::Hero::name]" and the like; empty if there is none.
ALUDEL_API std::string_view member_name(const char* signature);
/// "app::Hero" from "... [with T = app::Hero]"
ALUDEL_API std::string_view type_name(const char* signature);

/// Known names as this compiler spells them: a program tests them when it declares its first table, for an unknown compiler may do otherwise.
struct ProbeSignatures {
  const char* pointer;
  const char* address;
  const char* type;
  const char* values;
};
struct Probe {
  int first_probe;
  int second_probe;
};
enum class ProbeEnum { zero, one };
/// Throws Error(model) unless the names can be cut out.
ALUDEL_API void check_compiler(const ProbeSignatures& probe);

}  // namespace aludel::detail
