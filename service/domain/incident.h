// Incident: one failure towards one customer, as reported by an order or fulfilment system.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "service/domain/decimal.h"
#include "service/domain/ids.h"
#include "service/domain/money.h"
#include "service/domain/time.h"

namespace kulanz {

// Who noticed. Incident types declare who may report them.
enum class Reporter : std::uint8_t { kSystem, kAgent, kCustomer };

// One value of an attribute. Enum literals are strings here; the declaration tells them apart. Durations
// and instants are to the millisecond.
using AttributeScalar =
    std::variant<bool, std::int64_t, Decimal, Money, std::string, Instant, Date, Duration>;
// An item of a list of records: its fields by name. Absent: not in the map.
using AttributeRecord = std::map<std::string, AttributeScalar, std::less<>>;
using AttributeList = std::vector<AttributeScalar>;
using AttributeRecordList = std::vector<AttributeRecord>;
// The value of an attribute that an incident type declares (rules/incidents.yaml): the alternatives of
// AttributeScalar in the same order, then the lists. An empty list of either kind is the same fact.
using AttributeValue = std::variant<bool, std::int64_t, Decimal, Money, std::string, Instant, Date,
                                    Duration, AttributeList, AttributeRecordList>;

// The purchase that went wrong.
struct Order {
  OrderId id;
  std::optional<Money> total;
  std::optional<Instant> placed_at;
  friend bool operator==(const Order&, const Order&) = default;
};

struct Incident {
  IncidentId id;
  CustomerId customer;
  std::string type;  // e.g. "late_delivery"; declared in the policy set
  // When it happened to the customer. Limits, budgets and effective dates count by it.
  Instant occurred_at{};
  // Grows when the same fault grew (a delay that got longer) and is reported again.
  std::uint32_t revision = 0;
  Reporter reporter = Reporter::kSystem;
  std::optional<Order> order;
  // By name; promise and fact ("promised_at", "delivered_at"), cause, ... Absent: not in the map.
  std::map<std::string, AttributeValue, std::less<>> attributes;

  friend bool operator==(const Incident&, const Incident&) = default;
};

// Limits of what one incident may carry; each is validated at the border and tested one past it.
inline constexpr std::size_t kIncidentAttributesMax = 64;  // far above any declared type
inline constexpr std::size_t kAttributeNameBytesMax = 64;
inline constexpr std::size_t kAttributeStringBytesMax =
    1024;  // a reason or a product, not a document
inline constexpr std::size_t kAttributeListMax = 64;
inline constexpr std::size_t kRecordFieldsMax = 16;

}  // namespace kulanz
