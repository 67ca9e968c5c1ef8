// Reads the parts of a policy that are no expressions of their own: bounds of the amount, review, budget,
// control group, voucher, delivery.
//
// Thread-safe. Each returns what could be read; problems go to the context's sink.
#pragma once

#include <optional>
#include <string>

#include "service/policy/expression_reader.h"
#include "service/policy/fields.h"
#include "service/policy/policy.h"

namespace kulanz::policy {

// `eligible`: the policy's condition, which is true when an amount is computed; may be null.
AmountRule ReadAmountRule(const FileContext& context, const ExpressionReader& expressions,
                          const Node& node, const Node* eligible);
ReviewRule ReadReview(const FileContext& context, const ExpressionReader& expressions,
                      const Node& node);
std::optional<Budget> ReadBudget(const FileContext& context, const ExpressionReader& expressions,
                                 const Node& node);
VoucherRule ReadVoucher(const FileContext& context, const ExpressionReader& expressions,
                        const Node& node);
// `zone_name`: the policy's, for customers whose own zone is not known.
DeliveryRule ReadDelivery(const FileContext& context, const Node& node,
                          const std::string& zone_name);

}  // namespace kulanz::policy
