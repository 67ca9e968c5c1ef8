// Reads the rows of a policy: exclusions, severity and gesture.
//
// Thread-safe. Each returns what could be read; problems go to the context's sink. `eligible`: the policy's
// condition, which is true when a row is looked at; may be null.
#pragma once

#include <vector>

#include "service/policy/expression_reader.h"
#include "service/policy/fields.h"
#include "service/policy/policy.h"

namespace kulanz::policy {

std::vector<Exclusion> ReadExclusions(const FileContext& context,
                                      const ExpressionReader& expressions, const Node& node,
                                      const Node* eligible);
std::vector<SeverityRow> ReadSeverity(const FileContext& context,
                                      const ExpressionReader& expressions, const Node& node,
                                      const Node* eligible);
std::vector<GestureRow> ReadGesture(const FileContext& context, const ExpressionReader& expressions,
                                    const Node& node, const Node* eligible);

inline constexpr std::size_t kGestureRowsMax = 64;
inline constexpr std::size_t kSeverityRowsMax = 64;
inline constexpr std::size_t kExclusionsMax = 64;

}  // namespace kulanz::policy
