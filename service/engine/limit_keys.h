// Limit keys: under what later limits may find a gesture again ("per: order", "per: incident.contract_id").
//
// A key is a 64-bit hash of what is counted by (the text of the limit's `per`) and its value, so that a
// history holds no ids. It is the same in every process and version: it is stored. Two values of one
// customer that share a key by chance (one in 2^64) would count together, which errs on the careful side.
//
// Thread-safe; pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace kulanz::engine {

// `per`: "order", or the expression as it is written in the policy.
std::uint64_t LimitKey(std::string_view per, std::string_view value);

inline constexpr std::string_view kPerOrder = "order";

}  // namespace kulanz::engine
