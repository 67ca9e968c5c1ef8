// Tables: tables.yaml, rates that expressions look up with table("name", key) or table("name", key, date).
//
// Thread-safe.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>

#include "service/cel/rate_table.h"
#include "service/policy/fields.h"

namespace kulanz::policy {

using Tables = std::map<std::string, std::shared_ptr<const cel::RateTable>, std::less<>>;

inline constexpr std::size_t kTablesMax = 200;
inline constexpr std::size_t kTableKeysMax = 1'000;
inline constexpr std::size_t kTableDatesMax =
    1'000;  // of one key: a rate that changes daily for years

// Reads what it can and reports the rest; a table with a mistake holds its other rows, so that the
// expressions that look them up are not blamed.
Tables ReadTables(const FileContext& context, const Node& root);

}  // namespace kulanz::policy
