// Role: what a caller is for. Which calls a role may make: adapters/grpc/method_table.cc.
//
// Thread-safety: plain values.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace kulanz::app {

enum class Role : std::uint8_t {
  kReporter,  // a backend that reports incidents and keeps customers' data current
  kRedeemer,  // a shop's checkout
  kAgent,     // a person in customer support
  kAuthor,    // a person who writes policies
  kOperator,  // a person, or a person's tool, that runs the service
  kAdmin,     // may do all
};

inline constexpr std::array<std::string_view, 6> kRoleNames = {"reporter", "redeemer", "agent",
                                                               "author",   "operator", "admin"};

constexpr std::string_view NameOf(Role role) {
  return kRoleNames.at(static_cast<std::size_t>(role));
}
// Nothing when there is no role of that name.
std::optional<Role> RoleFrom(std::string_view name);

class RoleSet {
 public:
  constexpr RoleSet() = default;
  constexpr RoleSet(std::initializer_list<Role> roles) {
    for (const Role role : roles) {
      Add(role);
    }
  }
  static constexpr RoleSet All() {
    return {Role::kReporter, Role::kRedeemer, Role::kAgent,
            Role::kAuthor,   Role::kOperator, Role::kAdmin};
  }
  // Those of people; the others are of programs.
  static constexpr RoleSet OfPeople() {
    return {Role::kAgent, Role::kAuthor, Role::kOperator, Role::kAdmin};
  }

  constexpr void Add(Role role) { bits_ |= BitOf(role); }
  constexpr void Add(RoleSet other) { bits_ |= other.bits_; }
  constexpr bool Has(Role role) const { return (bits_ & BitOf(role)) != 0; }
  constexpr bool HasAnyOf(RoleSet other) const { return (bits_ & other.bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool operator==(const RoleSet&) const = default;

 private:
  static constexpr unsigned BitOf(Role role) { return 1U << static_cast<unsigned>(role); }
  unsigned bits_ = 0;
};

// "agent, operator"; "none" when there is none.
std::string ToText(RoleSet roles);

}  // namespace kulanz::app
