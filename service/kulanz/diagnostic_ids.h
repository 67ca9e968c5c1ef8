// The ids of what the command finds wrong that the server's loader does not look at: letters and files of
// tests. Stable, as those of service/policy/diagnostic_ids.h; explained in rules/diagnostics.md.
#pragma once

#include <array>
#include <string_view>

namespace kulanz::command::diagnostic_id {

inline constexpr std::string_view kBadMessage = "bad-message";
inline constexpr std::string_view kBadMoney = "bad-money";
inline constexpr std::string_view kBadDecimal = "bad-decimal";
inline constexpr std::string_view kBadTimestamp = "bad-timestamp";
inline constexpr std::string_view kInvalidIncident = "invalid-incident";
inline constexpr std::string_view kInvalidCustomer = "invalid-customer";
inline constexpr std::string_view kUnknownPolicy = "unknown-policy";
inline constexpr std::string_view kUnknownBudget = "unknown-budget";
inline constexpr std::string_view kUnknownReason = "unknown-reason";
inline constexpr std::string_view kUnknownVariable = "unknown-variable";
inline constexpr std::string_view kDuplicateCase = "duplicate-case";

inline constexpr std::array kAll = {
    kBadMessage,      kBadMoney,        kBadDecimal,    kBadTimestamp,
    kInvalidIncident, kInvalidCustomer, kUnknownPolicy, kUnknownBudget,
    kUnknownReason,   kUnknownVariable, kDuplicateCase,
};

}  // namespace kulanz::command::diagnostic_id
