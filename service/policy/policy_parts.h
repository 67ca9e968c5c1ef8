// Reads the parts of a policy that are no expressions of their own: limits, budget, voucher, delivery.
//
// Thread-safe. Each returns what could be read; problems go to the context's sink.
#pragma once

#include <optional>
#include <vector>

#include "service/policy/expression_reader.h"
#include "service/policy/fields.h"
#include "service/policy/policy.h"

namespace kulanz::policy {

// `eligible`: the policy's condition, which is true when an amount is computed; may be null.
AmountRule ReadAmountRule(const FileContext& context, const ExpressionReader& expressions,
                          const Node& node, const Node* eligible);
std::vector<Limit> ReadLimits(const FileContext& context, const ExpressionReader& expressions,
                              const Node& node);
std::optional<Budget> ReadBudget(const FileContext& context, const ExpressionReader& expressions,
                                 const Node& node);
VoucherRule ReadVoucher(const FileContext& context, const ExpressionReader& expressions,
                        const Node& node);
DeliveryRule ReadDelivery(const FileContext& context, const Node& node);

inline constexpr std::size_t kLimitsMax = 16;
// A day more than ten years: nothing that a policy measures is longer.
inline constexpr int kDaysMax = 3653;

}  // namespace kulanz::policy
