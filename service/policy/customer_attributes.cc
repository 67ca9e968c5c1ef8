#include "service/policy/customer_attributes.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "service/cel/time_text.h"
#include "service/cel/utf8.h"
#include "service/domain/customer.h"
#include "service/policy/attribute_reader.h"
#include "service/policy/diagnostic_ids.h"
#include "service/policy/incident_type_reader.h"
#include "service/policy/policy_set.h"

namespace kulanz::policy {
namespace {

template <typename T>
std::optional<AttributeScalar> Widened(std::optional<T> value) {
  return value ? std::optional<AttributeScalar>(*std::move(value)) : std::nullopt;
}

std::optional<AttributeScalar> ParseInt(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size()
             ? std::optional<AttributeScalar>(value)
             : std::nullopt;
}

// "39.99 EUR"
std::optional<AttributeScalar> ParseMoney(std::string_view text,
                                          const std::optional<Currency>& wanted) {
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos) {
    return std::nullopt;
  }
  const std::optional<Currency> currency = Currency::FromCode(text.substr(blank + 1));
  if (!currency || (wanted && *wanted != *currency)) {
    return std::nullopt;
  }
  return Widened(Money::Parse(text.substr(0, blank), *currency));
}

std::optional<AttributeScalar> ParseSpan(std::string_view text) {
  const std::optional<std::chrono::nanoseconds> span = cel::ParseDuration(text);
  return span ? std::optional<AttributeScalar>(std::chrono::duration_cast<Duration>(*span))
              : std::nullopt;
}

}  // namespace

std::vector<AttributeSpec> ReadCustomerAttributes(const FileContext& context, const Node& root) {
  std::vector<AttributeSpec> attributes;
  const Fields fields(context, root, "customers.yaml",
                      {{"kulanz", Presence::kRequired}, {"attributes", Presence::kRequired}});
  CheckVersion(context, fields);
  const Node* const node = fields.Find("attributes");
  if (node == nullptr) {
    return attributes;
  }
  if (!node->is_map()) {
    context.Error(
        *node, diagnostic_id::kWrongShape,
        "'attributes' must be a mapping (name: {type: ...}), not " + std::string(ShapeName(*node)));
    return attributes;
  }
  if (node->entries.size() > kCustomerAttributesMax) {
    context.Error(
        node->entries[kCustomerAttributesMax].key, diagnostic_id::kTooManyItems,
        "a customer may have at most " + std::to_string(kCustomerAttributesMax) + " attributes");
    return attributes;
  }
  for (const Node::Entry& entry : node->entries) {
    attributes.push_back(ReadAttribute(context, entry, AttributePlace::kCustomer));
  }
  std::sort(attributes.begin(), attributes.end(),
            [](const AttributeSpec& a, const AttributeSpec& b) { return a.name < b.name; });
  return attributes;
}

std::optional<AttributeScalar> ParseCustomerAttribute(std::string_view text,
                                                      const AttributeSpec& spec) {
  switch (spec.type) {
    case AttributeType::kString:
      return cel::utf8::Count(text) <= spec.max_length
                 ? std::optional<AttributeScalar>(std::string(text))
                 : std::nullopt;
    case AttributeType::kEnum:
      return std::find(spec.values.begin(), spec.values.end(), text) != spec.values.end()
                 ? std::optional<AttributeScalar>(std::string(text))
                 : std::nullopt;
    case AttributeType::kInt:
      return ParseInt(text);
    case AttributeType::kDecimal:
      return Widened(Decimal::Parse(text));
    case AttributeType::kMoney:
      return ParseMoney(text, spec.currency);
    case AttributeType::kBool:
      return text == "true" || text == "false" ? std::optional<AttributeScalar>(text == "true")
                                               : std::nullopt;
    case AttributeType::kTimestamp:
      return Widened(ParseInstant(text));
    case AttributeType::kDate:
      return Widened(ParseDate(text));
    case AttributeType::kDuration:
      return ParseSpan(text);
    case AttributeType::kList:
      break;  // customers have none
  }
  return std::nullopt;
}

void ValidateCustomer(const PolicySet& policies, const Customer& customer, Violations& violations) {
  for (const AttributeSpec& spec : policies.customer_attributes()) {
    const auto found = customer.attributes.find(spec.name);
    if (found != customer.attributes.end() && !ParseCustomerAttribute(found->second, spec)) {
      violations.push_back({"customer.attributes[\"" + spec.name + "\"]",
                            "is no value of type " + std::string(AttributeTypeName(spec.type))});
    }
  }
}

}  // namespace kulanz::policy
