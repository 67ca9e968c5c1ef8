// What customers.yaml declares of customers, and the texts that callers give for it.
//
// Thread-safe.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "service/domain/incident.h"
#include "service/policy/fields.h"
#include "service/policy/incident_type.h"

namespace kulanz::policy {

// By name. Reports every mistake.
std::vector<AttributeSpec> ReadCustomerAttributes(const FileContext& context, const Node& root);

// A customer's attribute is stored as text: "39.99 EUR", "365", "true", "2026-03-01",
// "2026-03-01T12:00:00Z", "1h30m", or the text itself. Nothing when it is no value of the type, a literal
// that an enum does not have, too long, or money in another currency than the declared one.
std::optional<AttributeScalar> ParseCustomerAttribute(std::string_view text,
                                                      const AttributeSpec& spec);

}  // namespace kulanz::policy
