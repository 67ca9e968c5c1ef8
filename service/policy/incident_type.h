// IncidentType: what incidents.yaml declares about one kind of incident.
//
// Reports are validated against it (ValidateIncident) and expressions are checked against it, so that a
// policy cannot ask for a fact that no report may carry.
//
// Thread-safety: plain values, immutable within a PolicySet.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/domain/currency.h"
#include "service/domain/incident.h"

namespace kulanz::policy {

enum class AttributeType : std::uint8_t {
  kString,
  kEnum,
  kInt,
  kDecimal,
  kMoney,
  kBool,
  kTimestamp,
  kDate,
  kDuration,
  kList,
};
inline constexpr std::array<std::string_view, 10> kAttributeTypeNames = {
    "string", "enum", "int", "decimal", "money", "bool", "timestamp", "date", "duration", "list"};
inline std::string_view AttributeTypeName(AttributeType type) {
  return kAttributeTypeNames.at(static_cast<std::size_t>(type));
}

struct AttributeSpec {
  std::string name;
  AttributeType type = AttributeType::kString;
  bool required = true;
  std::string description;
  std::vector<std::string> values;   // of an enum or of a list's items, in the order of the file
  std::uint32_t max_length = 0;      // code points of a string, or of a list's items
  std::uint32_t max_size = 0;        // items of a list
  std::optional<Currency> currency;  // of money or of a list's items: the only one; nothing = any
  AttributeType item_type = AttributeType::kString;  // of a list
  std::vector<AttributeSpec> fields = {};  // of a list of records, by name; none: no records
  int slot = -1;                           // in the frame of expressions (inputs.h)
};

// What a report must say of the order. An id alone needs no order: `order: {id: required}` does.
struct OrderRule {
  bool id_required = false;
  bool total_required = false;
  bool placed_at_required = false;
};

struct IncidentType {
  std::string name;
  std::string summary;
  std::array<bool, 3> reporters = {true, false, false};  // by Reporter; only the system by default
  OrderRule order;
  std::vector<AttributeSpec> attributes;  // by name
  std::size_t index = 0;                  // its place among the set's types

  bool MayBeReportedBy(Reporter reporter) const {
    return reporters.at(static_cast<std::size_t>(reporter));
  }
  const AttributeSpec* Find(std::string_view attribute) const;
};

inline constexpr std::array<std::string_view, 3> kReporterNames = {"system", "agent", "customer"};

// A word of the expression language; some cannot follow a dot, and none reads well there.
bool IsReservedWord(std::string_view name);
// A name that no attribute may have: the incident's own fields and reserved words.
bool IsReservedAttribute(std::string_view name);

// A name that no attribute of customers may have: the customer's own fields and reserved words.
bool IsReservedCustomerAttribute(std::string_view name);

// Incident types of one file: a company has tens of ways to let people down, not thousands.
inline constexpr std::size_t kIncidentTypesMax = 200;
inline constexpr std::size_t kEnumValuesMax = 100;
inline constexpr std::uint32_t kDefaultMaxLength = 256;

}  // namespace kulanz::policy
