// Breakers: how much may be given at once before a person has to look, as settings.yaml says.
//
// Plain values; thread-safe when const.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "service/domain/money.h"
#include "service/domain/time.h"

namespace kulanz::policy {

// What a breaker counts for itself.
enum class BreakerScope : std::uint8_t { kType, kPolicy };

// At least one of `gestures` and `amount` is set.
struct BreakerRule {
  std::optional<std::int64_t> gestures;  // vouchers and letters without one
  std::optional<Money> amount;           // what is given in its currency
  Duration within{0};
  friend bool operator==(const BreakerRule&, const BreakerRule&) = default;
};

class Breakers {
 public:
  // The rule for one type of incident or policy: its own, else that for each of them; null: there is none.
  const BreakerRule* Find(BreakerScope scope, std::string_view name) const;
  bool empty() const { return rules_[0].empty() && rules_[1].empty(); }

  // `name` empty: for each that has no rule of its own. False: there is one already.
  bool Add(BreakerScope scope, std::string name, const BreakerRule& rule);

 private:
  std::array<std::map<std::string, BreakerRule, std::less<>>, 2> rules_;  // by scope
};

// What a breaker is called everywhere: "type/late_delivery", "policy/late-delivery".
std::string BreakerName(BreakerScope scope, std::string_view name);

// The rule that `name`, as of BreakerName, stands for; null: none, or no such name.
const BreakerRule* FindBreaker(const Breakers& breakers, std::string_view name);

}  // namespace kulanz::policy
