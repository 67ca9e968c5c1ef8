// Result<T>: a T or the Status that says why there is none.
//
//   Result<Money> amount = ParseMoney(text);
//   if (!amount.ok()) return amount.status();
//
// KULANZ_RETURN_IF_ERROR(expr) and KULANZ_ASSIGN_OR_RETURN(decl, expr) write that down; in a coroutine
// use their CO_ twins. Names follow absl::StatusOr, so that a later change of type is mechanical.
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include "service/base/check.h"
#include "service/base/status.h"

namespace kulanz {

template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  // NOLINTNEXTLINE(google-explicit-constructor): `return value;` and `return status;` are the point.
  Result(Status status) : state_(std::move(status)) {
    KULANZ_CHECK(!std::get<0>(state_).ok(), "an OK result needs a value");
  }
  template <typename U = T>
  requires(std::is_constructible_v<T, U&&> && !std::is_same_v<std::remove_cvref_t<U>, Status> &&
           !std::is_same_v<std::remove_cvref_t<U>, Result>)
      // NOLINTNEXTLINE(google-explicit-constructor)
      Result(U&& value)
      : state_(std::in_place_index<1>, std::forward<U>(value)) {}

  bool ok() const { return state_.index() == 1; }
  explicit operator bool() const { return ok(); }
  Status status() const { return ok() ? Status::Ok() : std::get<0>(state_); }

  T& value() & { return Checked(); }
  const T& value() const& { return const_cast<Result*>(this)->Checked(); }
  T&& value() && { return std::move(Checked()); }
  T& operator*() & { return Checked(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(Checked()); }
  T* operator->() { return &Checked(); }
  const T* operator->() const { return &value(); }

 private:
  T& Checked() {
    KULANZ_CHECK(ok(), "value() of a failed Result");
    return std::get<1>(state_);
  }
  std::variant<Status, T> state_;
};

}  // namespace kulanz

// NOLINTBEGIN(cppcoreguidelines-macro-usage): they return from the caller.
#define KULANZ_CONCAT_INNER(a, b) a##b
#define KULANZ_CONCAT(a, b) KULANZ_CONCAT_INNER(a, b)
#define KULANZ_RETURN_IF_ERROR(expr)                                                        \
  do {                                                                                      \
    if (::kulanz::Status kulanz_status = (expr); !kulanz_status.ok()) return kulanz_status; \
  } while (false)
#define KULANZ_ASSIGN_OR_RETURN_IMPL(result, decl, expr, ret) \
  auto result = (expr);                                       \
  if (!result.ok()) ret result.status();                      \
  decl = std::move(result).value()
#define KULANZ_ASSIGN_OR_RETURN(decl, expr) \
  KULANZ_ASSIGN_OR_RETURN_IMPL(KULANZ_CONCAT(kulanz_result_, __LINE__), decl, expr, return )
#define KULANZ_CO_RETURN_IF_ERROR(expr)                                                        \
  do {                                                                                         \
    if (::kulanz::Status kulanz_status = (expr); !kulanz_status.ok()) co_return kulanz_status; \
  } while (false)
#define KULANZ_CO_ASSIGN_OR_RETURN(decl, expr) \
  KULANZ_ASSIGN_OR_RETURN_IMPL(KULANZ_CONCAT(kulanz_result_, __LINE__), decl, expr, co_return )
// NOLINTEND(cppcoreguidelines-macro-usage)
