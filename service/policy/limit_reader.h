// Reads what bounds how often and how much one customer is given: limits and fatigue.
//
// Thread-safe. Each returns what could be read; problems go to the context's sink.
#pragma once

#include <optional>
#include <vector>

#include "service/policy/expression_reader.h"
#include "service/policy/fields.h"
#include "service/policy/policy.h"

namespace kulanz::policy {

// `eligible`: the policy's condition, which is true when a limit is looked at; may be null.
std::vector<Limit> ReadLimits(const FileContext& context, const ExpressionReader& expressions,
                              const Node& node, const Node* eligible);
std::optional<Fatigue> ReadFatigue(const FileContext& context, const Node& node);

inline constexpr std::size_t kLimitsMax = 16;
// A day more than ten years: nothing that a policy measures is longer.
inline constexpr int kDaysMax = 3653;

}  // namespace kulanz::policy
