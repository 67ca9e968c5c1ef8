// Attributes: what incidents.yaml and customers.yaml declare, one by one.
//
// Thread-safe.
#pragma once

#include <cstddef>

#include "service/policy/fields.h"
#include "service/policy/incident_type.h"

namespace kulanz::policy {

// Where an attribute stands decides which keys it may have.
enum class AttributePlace : std::uint8_t {
  kIncident,  // all keys
  kCustomer,  // no lists; never certain, so nothing says `optional`
  kField,     // of a record in a list: no lists
};

inline constexpr std::size_t kRecordFieldsMax = 16;

// A name that means something else where the attribute is read.
bool IsReservedName(std::string_view name, AttributePlace place);

// `cause: {type: enum, values: [carrier], optional: true}`. Reports every mistake.
AttributeSpec ReadAttribute(const FileContext& context, const Node::Entry& entry,
                            AttributePlace place);

}  // namespace kulanz::policy
