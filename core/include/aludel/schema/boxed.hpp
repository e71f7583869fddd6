#pragma once

#include <compare>
#include <concepts>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace aludel::schema {

template <class T>
class Boxed;

namespace detail {
template <class T>
inline constexpr bool is_boxed = false;
template <class T>
inline constexpr bool is_boxed<Boxed<T>> = true;
}  // namespace detail

/// An optional value that takes a pointer's room where it is absent: for large things that few of many elements have. Used as std::optional is, to
/// and from which it converts; copies are deep. Thread-safe as its T is.
template <class T>
class Boxed {
 public:
  using value_type = T;

  Boxed() noexcept = default;
  Boxed(std::nullopt_t) noexcept {}
  template <class U = T>
  requires(std::constructible_from<T, U&&> && !detail::is_boxed<std::remove_cvref_t<U>> && !std::same_as<std::remove_cvref_t<U>, std::optional<T>> &&
           !std::same_as<std::remove_cvref_t<U>, std::nullopt_t>) Boxed(U&& value)
      : value_(std::make_unique<T>(std::forward<U>(value))) {}
  Boxed(const std::optional<T>& value) : value_(value ? std::make_unique<T>(*value) : nullptr) {}
  Boxed(std::optional<T>&& value) : value_(value ? std::make_unique<T>(std::move(*value)) : nullptr) {}
  Boxed(const Boxed& other) : value_(other.value_ ? std::make_unique<T>(*other.value_) : nullptr) {}
  Boxed(Boxed&&) noexcept = default;
  ~Boxed() = default;
  Boxed& operator=(const Boxed& other) {
    if (this != &other) value_ = other.value_ ? std::make_unique<T>(*other.value_) : nullptr;
    return *this;
  }
  Boxed& operator=(Boxed&&) noexcept = default;

  operator std::optional<T>() const { return value_ ? std::optional<T>(*value_) : std::nullopt; }
  explicit operator bool() const noexcept { return value_ != nullptr; }
  bool has_value() const noexcept { return value_ != nullptr; }
  T& operator*() noexcept { return *value_; }
  const T& operator*() const noexcept { return *value_; }
  T* operator->() noexcept { return value_.get(); }
  const T* operator->() const noexcept { return value_.get(); }
  /// Throws std::bad_optional_access where there is none.
  T& value() { return value_ ? *value_ : throw std::bad_optional_access(); }
  const T& value() const { return value_ ? *value_ : throw std::bad_optional_access(); }

  template <class... Arguments>
  T& emplace(Arguments&&... arguments) {
    value_ = std::make_unique<T>(std::forward<Arguments>(arguments)...);
    return *value_;
  }
  void reset() noexcept { value_.reset(); }

  friend bool operator==(const Boxed& a, const Boxed& b) { return a.has_value() == b.has_value() && (!a || *a == *b); }
  friend bool operator==(const Boxed& a, std::nullopt_t) noexcept { return !a; }

 private:
  std::unique_ptr<T> value_;
};

}  // namespace aludel::schema
