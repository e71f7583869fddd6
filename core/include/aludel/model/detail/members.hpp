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
#include <typeinfo>
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
  return Pointer::is;
}

/// A member as it is known at run time. Type identity is std::type_index: addresses differ between shared libraries.
struct MemberRef {
  const std::type_info* owner = nullptr;
  const char* signature = nullptr;
};
template <auto Member>
constexpr MemberRef member_ref() {
  return {&typeid(OwnerOf<Member>), member_signature<Member>()};
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
constexpr PartRef part_ref() {
  using Traits = PartTraits<std::remove_cv_t<decltype(Part)>>;
  if constexpr (Traits::descending) {
    if constexpr (require_member<T, Traits::member>()) return {member_ref<Traits::member>(), schema::Order::descending};
  } else {
    if constexpr (require_member<T, Part>()) return {member_ref<Part>()};
  }
  return {};
}

/// Constants, so that a declaration compiles to one call. They are variables of a class that depends on T, for g++ 12 gives what depends on nothing
/// but pointers to members of a struct in an unnamed namespace external linkage, and two files' structs of one name would share it.
template <class T, auto... Part>
struct PartRefs {
  static constexpr PartRef value[] = {part_ref<T, Part>()...};
};
template <class T, auto... Member>
struct MemberRefs {
  static constexpr MemberRef value[] = {part_ref<T, Member>().member...};
};

template <class T, auto Member>
struct ColumnRef {
  static constexpr MemberRef member = part_ref<T, Member>().member;
  static constexpr const ValueInfo* value = &value_info<ValueOf<Member>>;
};

/// What the compiler knows of a bound member.
struct MemberInfo {
  const char* signature;
  const ValueInfo* value;
};

/// A type that somebody ignores is let pass; that every member of it is ignored is checked at run time.
template <class... Ignored>
struct InfoVisitor {
  template <auto Address>
  static constexpr MemberInfo info() {
    using Held = std::remove_cvref_t<decltype(*Address.address)>;
    if constexpr (!(std::is_same_v<Held, std::remove_cv_t<Ignored>> || ...)) require_mapped<Held>();
    return {member_signature<Address>(), &value_info<Held>};
  }
  template <auto... Address>
  static constexpr std::array<MemberInfo, sizeof...(Address)> visit() {
    return {info<Address>()...};
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

/// The members of a struct that can be bound, as an array of MemberInfo; stops the compilation with a reason otherwise.
template <class T, class... Ignored>
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
      constexpr bool counted = count > 0 || std::is_empty_v<T>;
      static_assert(count <= member_limit,
                    "aludel: this struct has more than 128 members: write models.table<T>(name, aludel::listed) and list its columns: "
                    "table.column<&T::member>()");
      static_assert(
          counted,
          "aludel: the members of this struct cannot be counted, for one cannot be initialised: write models.table<T>(name, aludel::listed) "
          "and list its columns: table.column<&T::member>()");
      if constexpr (count <= member_limit && counted)
        return bind_members<T, count, InfoVisitor<Ignored...>>();
      else
        return std::array<MemberInfo, 0>{};
    } else {
      return std::array<MemberInfo, 0>{};
    }
  } else {
    return std::array<MemberInfo, 0>{};
  }
}
template <class T, class... Ignored>
inline constexpr auto member_infos = bound_members<T, Ignored...>();

inline constexpr ProbeSignatures probe_signatures{member_signature<&Probe::second_probe>(), member_infos<Probe>[1].signature, type_signature<Probe>(),
                                                  values_signature<ProbeEnum, ProbeEnum::zero, ProbeEnum::one, static_cast<ProbeEnum>(2)>()};

/// A struct as a table is declared from it, as a constant.
struct StructInfo {
  const std::type_info* type = nullptr;
  const char* signature = nullptr;
  const ProbeSignatures* probe = nullptr;
  std::span<const MemberInfo> members;
  std::span<const MemberRef> ignored;
};

template <class... How>
struct HowTraits;
template <class T, auto... Member>
constexpr StructInfo make_struct_info(HowTraits<Ignore<Member>...>*) {
  StructInfo info{&typeid(T), type_signature<T>(), &probe_signatures, member_infos<T, ValueOf<Member>...>, {}};
  if constexpr (sizeof...(Member) > 0) info.ignored = MemberRefs<T, Member...>::value;
  return info;
}
template <class T>
constexpr StructInfo make_struct_info(HowTraits<Listed>*) {
  return {&typeid(T), type_signature<T>(), &probe_signatures, {}, {}};
}
template <class T, class... How>
inline constexpr StructInfo struct_info = make_struct_info<T>(static_cast<HowTraits<How...>*>(nullptr));

}  // namespace detail
}  // namespace aludel
