#include "service/policy/breaker.h"

namespace kulanz::policy {
namespace {

constexpr std::array<std::string_view, 2> kPrefixes = {"type/", "policy/"};

}  // namespace

const BreakerRule* Breakers::Find(BreakerScope scope, std::string_view name) const {
  const auto& rules = rules_.at(static_cast<std::size_t>(scope));
  auto found = rules.find(name);
  if (found == rules.end()) {
    found = rules.find("");
  }
  return found == rules.end() ? nullptr : &found->second;
}

bool Breakers::Add(BreakerScope scope, std::string name, const BreakerRule& rule) {
  return rules_.at(static_cast<std::size_t>(scope)).emplace(std::move(name), rule).second;
}

std::string BreakerName(BreakerScope scope, std::string_view name) {
  return std::string(kPrefixes.at(static_cast<std::size_t>(scope))) + std::string(name);
}

const BreakerRule* FindBreaker(const Breakers& breakers, std::string_view name) {
  for (const BreakerScope scope : {BreakerScope::kType, BreakerScope::kPolicy}) {
    const std::string_view prefix = kPrefixes.at(static_cast<std::size_t>(scope));
    if (name.starts_with(prefix) && name.size() > prefix.size()) {
      return breakers.Find(scope, name.substr(prefix.size()));
    }
  }
  return nullptr;
}

}  // namespace kulanz::policy
