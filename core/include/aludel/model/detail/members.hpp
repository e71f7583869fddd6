#pragma once

#include <aludel/model/column_type.hpp>
#include <aludel/model/detail/bindings.hpp>
#include <aludel/model/detail/signature.hpp>
#include <aludel/schema/schema.hpp>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <span>
#include <type_traits>
#include <typeindex>
#include <utility>

namespace aludel {

/// Leaves a member out of the table: models.table<Hero>("hero", aludel::ignore<&Hero::cache>). Its type need not be mapped.
template <auto Member>
struct Ignore {};
template <auto Member>
inline constexpr Ignore<Member> ignore{};

/// Only the members that are listed by column<&T::member>() are columns: models.table<Vault>("vault", aludel::listed). For classes with private
/// members, base classes or bit-fields, and structs of which the table holds a part.
struct Listed {};
inline constexpr Listed listed{};

/// A key's or index's part in descending order: hero.index<&Hero::name, aludel::desc<&Hero::age>>().
template <auto Member>
struct Descending {};
template <auto Member>
inline constexpr Descending<Member> desc{};

/// Several members of one struct, as one value: foreign_key(aludel::members<&Order::country, &Order::number>, aludel::members<...>).
template <auto... Member>
struct MemberList {};
template <auto... Member>
inline constexpr MemberList<Member...> members{};
/// The same for a struct that inherits them: aludel::members_of<Team, &Record::id>.
template <class T, auto... Member>
struct MemberListOf {};
template <class T, auto... Member>
inline constexpr MemberListOf<T, Member...> members_of{};

namespace detail {

template <class T>
struct PointerToMember {
  static constexpr bool is = false;
};
template <class Class, class Value>
struct PointerToMember<Value Class::*> {
  static constexpr bool is = !std::is_function_v<Value>;
  using Owner = Class;
  using Type = Value;
};
template <auto Member>
using OwnerOf = typename PointerToMember<std::remove_cv_t<decltype(Member)>>::Owner;
template <auto Member>
using ValueOf = typename PointerToMember<std::remove_cv_t<decltype(Member)>>::Type;

/// Stops the compilation unless `Member` points to a data member of T or of one of its bases.
template <class T, auto Member>
constexpr bool require_member() {
  using Pointer = PointerToMember<std::remove_cv_t<decltype(Member)>>;
  static_assert(Pointer::is, "aludel: expected a pointer to a data member, such as &Hero::name");
  if constexpr (Pointer::is) {
    static_assert(std::is_base_of_v<typename Pointer::Owner, T>, "aludel: this member belongs to another struct than the table's");
  }
  return true;
}

/// A member as it is known at run time. Type identity is std::type_index: addresses differ between shared libraries.
struct MemberRef {
  std::type_index owner;
  const char* signature;
};
/// The owner is an argument so that the function is as local as the struct: g++ 12 gives a template on a pointer to member of a struct in an unnamed
/// namespace external linkage, and two files' structs of one name would share it.
template <class Owner, auto Member>
MemberRef member_ref() {
  return {typeid(Owner), member_signature<Member>()};
}

struct PartRef {
  MemberRef member;
  schema::Order order = schema::Order::ascending;
};

template <class Part>
struct PartTraits {
  static constexpr bool descending = false;
};
template <auto Member>
struct PartTraits<Descending<Member>> {
  static constexpr bool descending = true;
  static constexpr auto member = Member;
};
template <class T, auto Part>
PartRef part_ref() {
  using Traits = PartTraits<std::remove_cv_t<decltype(Part)>>;
  if constexpr (Traits::descending) {
    if constexpr (require_member<T, Traits::member>()) return {member_ref<OwnerOf<Traits::member>, Traits::member>(), schema::Order::descending};
  } else {
    if constexpr (require_member<T, Part>()) return {member_ref<OwnerOf<Part>, Part>()};
  }
}

/// What the compiler knows of a bound member.
struct MemberInfo {
  const char* signature;
  const ValueInfo* value;
};
template <class T, auto... Addresses>
struct Members {
  static constexpr std::size_t count = sizeof...(Addresses);
  static constexpr std::array<MemberInfo, count> infos{
      MemberInfo{member_signature<Addresses>(), &value_info<std::remove_cvref_t<decltype(*Addresses.address)>>}...};

  template <class... Ignored>
  static constexpr bool require_mapped_members() {
    return (require_one<std::remove_cvref_t<decltype(*Addresses.address)>, Ignored...>() && ...);
  }

 private:
  /// A type that somebody ignores is let pass here; that every member of it is ignored is checked at run time.
  template <class Value, class... Ignored>
  static constexpr bool require_one() {
    if constexpr (!(std::is_same_v<Value, std::remove_cv_t<Ignored>> || ...)) return require_mapped<Value>();
    return true;
  }
};

/// Converts to base classes of T only. Never called, but defined, for compilers warn of what an unnamed namespace uses and does not define.
template <class T>
struct BaseProbe {
  BaseProbe(const BaseProbe&) = delete;
  template <class Base>
  requires(std::is_base_of_v<Base, T> && !std::is_same_v<Base, T>) operator Base() const;
};
template <class T>
concept HasBase = requires(BaseProbe<T>& base) {
  T{base};
};

/// Converts to anything but T.
template <class T>
struct ValueProbe {
  template <class Value>
  requires(!std::is_same_v<Value, T>) operator Value() const { std::abort(); }
};
template <class T, std::size_t>
using ValueProbeAt = ValueProbe<T>;
template <class T, std::size_t... Index>
constexpr bool takes_values(std::index_sequence<Index...>) {
  return requires { T{ValueProbeAt<T, Index>{}...}; };
}
/// For structs with members that {} does not initialise, such as those without a default constructor.
template <class T, std::size_t Count = 1, bool Taken = false>
constexpr std::size_t count_by_values() {
  constexpr bool takes = takes_values<T>(std::make_index_sequence<Count>());
  if constexpr (Taken && !takes)
    return Count - 1;
  else if constexpr (Count > member_limit)
    return takes ? member_limit + 1 : 0;
  else
    return count_by_values<T, Count + 1, takes>();
}

template <class T>
constexpr std::size_t count_members() {
  if constexpr (requires { T{}; })
    return count_by_braces<T>();
  else
    return count_by_values<T>();
}

/// Members<T, ...> of a struct that can be bound; stops the compilation with a reason otherwise.
template <class T>
constexpr auto bound_members() {
  static_assert(std::is_class_v<T>, "aludel: a table is declared from a struct");
  static_assert(
      std::is_aggregate_v<T>,
      "aludel: the members of this class cannot be found, for it is no aggregate (it has private members, constructors, virtual functions or "
      "base classes): write models.table<T>(name, aludel::listed) and list its columns: table.column<&T::member>()");
  if constexpr (std::is_aggregate_v<T>) {
    static_assert(!HasBase<T>,
                  "aludel: the members of this struct cannot be found, for it has a base class: write models.table<T>(name, aludel::listed) and list "
                  "its columns: table.column<&T::member>()");
    if constexpr (!HasBase<T>) {
      constexpr std::size_t count = count_members<T>();
      static_assert(count <= member_limit,
                    "aludel: this struct has more than 128 members: write models.table<T>(name, aludel::listed) and list its columns: "
                    "table.column<&T::member>()");
      static_assert(
          count > 0 || std::is_empty_v<T>,
          "aludel: the members of this struct cannot be counted, for one cannot be initialised: write models.table<T>(name, aludel::listed) "
          "and list its columns: table.column<&T::member>()");
      if constexpr (count <= member_limit && (count > 0 || std::is_empty_v<T>))
        return bind_members<T, count>();
      else
        return Members<T>{};
    } else {
      return Members<T>{};
    }
  } else {
    return Members<T>{};
  }
}

inline constexpr ProbeSignatures probe_signatures{member_signature<&Probe::second_probe>(), decltype(bound_members<Probe>())::infos[1].signature,
                                                  type_signature<Probe>(),
                                                  values_signature<ProbeEnum, ProbeEnum::zero, ProbeEnum::one, static_cast<ProbeEnum>(2)>()};

}  // namespace detail
}  // namespace aludel
