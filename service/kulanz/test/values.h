// Values of files of tests: what a scalar's text means, read strictly, as service/policy/scalars.h reads
// those of policies. Each reports why it could not and then returns nothing. Thread-safe.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "service/domain/incident.h"
#include "service/domain/money.h"
#include "service/domain/time.h"
#include "service/policy/fields.h"
#include "service/policy/incident_type.h"

namespace kulanz::command {

// The node's entries when it is a mapping with at most `max` of them; reports when it is not.
const std::vector<policy::Node::Entry>& Entries(const policy::FileContext& context,
                                                const policy::Node& node, std::string_view where,
                                                std::size_t max);

// "80.00 EUR", not negative.
std::optional<Money> ReadMoney(const policy::FileContext& context, const policy::Node& node);
// RFC 3339 with its zone: 2026-03-10T12:00:00+01:00.
std::optional<Instant> ReadInstant(const policy::FileContext& context, const policy::Node& node);

// As the incident type declares it; what else is wrong with it finds policy::ValidateIncident.
std::optional<AttributeValue> ReadAttribute(const policy::FileContext& context,
                                            const policy::Node& node,
                                            const policy::AttributeSpec& spec);

}  // namespace kulanz::command
