#include "service/kulanz/test/facts_reader.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "service/engine/limit_keys.h"
#include "service/kulanz/diagnostic_ids.h"
#include "service/kulanz/test/values.h"
#include "service/policy/incident_type.h"
#include "service/policy/policy.h"
#include "service/policy/scalars.h"
#include "service/policy/suggest.h"

namespace kulanz::command {
namespace {

using policy::Fields;
using policy::FileContext;
using policy::Node;

constexpr std::size_t kLimitKeysMax = 16;

// Sets `out` when the key is there and its value can be read.
template <typename Out, typename Read>
void Take(const Fields& fields, std::string_view key, Out& out, Read read) {
  if (const Node* node = fields.Find(key)) {
    if (auto value = read(*node)) {
      out = *std::move(value);
    }
  }
}

std::optional<Reporter> ReadReporter(const FileContext& context, const Node& node) {
  const auto index = policy::ReadWord(context, node, policy::kReporterNames);
  return index ? std::optional(static_cast<Reporter>(*index)) : std::nullopt;
}

std::vector<std::string> ReadTags(const FileContext& context, const Node& node) {
  std::vector<std::string> tags;
  for (const Node& item : policy::Items(context, node, "'tags'", kTagsMax)) {
    if (auto text = policy::ReadText(context, item, kTagBytesMax)) {
      tags.push_back(*std::move(text));
    }
  }
  return tags;
}

Order ReadOrder(const FileContext& context, const Node& node) {
  const Fields fields(context, node, "an order", {{"id"}, {"total"}, {"placed_at"}});
  Order order;
  if (const Node* id = fields.Find("id")) {
    order.id = OrderId(policy::ReadText(context, *id, kIdBytesMax).value_or(""));
  }
  Take(fields, "total", order.total, [&](const Node& it) { return ReadMoney(context, it); });
  Take(fields, "placed_at", order.placed_at,
       [&](const Node& it) { return ReadInstant(context, it); });
  return order;
}

// The key of the attribute that a violation's field names: `incident.attributes["promised_at"]`.
const Node& KeyOf(const Node& attributes, std::string_view field) {
  const std::size_t begin = field.find('"') + 1;
  const std::string_view name = field.substr(begin, field.find('"', begin) - begin);
  for (const Node::Entry& entry : attributes.entries) {
    if (entry.key.text == name) {
      return entry.key;
    }
  }
  return attributes;
}

// Where the field of a violation of an incident stands.
const Node& NodeOf(const Node& incident, std::string_view field) {
  const Node* best = &incident;
  const Node* const attributes = FindEntry(&incident, "attributes");
  if (field.find('"') != std::string_view::npos && attributes != nullptr) {
    return KeyOf(*attributes, field);
  }
  if (const Node* reporter = FindEntry(&incident, "reporter");
      reporter != nullptr && field == "incident.reporter") {
    best = reporter;
  }
  if (const Node* order = FindEntry(&incident, "order");
      order != nullptr && field.starts_with("incident.order")) {
    best = order;
  }
  return *best;
}

}  // namespace

std::optional<PolicyId> ReadPolicyId(const FileContext& context, const Node& node,
                                     const policy::PolicySet& policies) {
  const std::optional<std::string> id = policy::ReadName(context, node, '-');
  if (!id) {
    return std::nullopt;
  }
  std::vector<std::string_view> known;
  for (const auto& policy : policies.policies()) {
    known.push_back(policy->id.text());
  }
  if (policies.FindPolicy(*id) == nullptr && !policy::NearestWord(*id, known).empty()) {
    context.Error(node, diagnostic_id::kUnknownPolicy, "there is no policy '" + *id + "'",
                  policy::DidYouMean(*id, known, "the policies are"));
    return std::nullopt;
  }
  return PolicyId(*id);
}

std::optional<Incident> FactsReader::ReadIncident(const Node& node) const {
  const std::size_t problems = context_.sink.count();
  const Fields fields(context_, node, "an incident",
                      {{"type", policy::Presence::kRequired},
                       {"id"},
                       {"occurred_at", policy::Presence::kRequired},
                       {"revision"},
                       {"reporter"},
                       {"order"},
                       {"attributes"}});
  Incident incident;
  incident.id = IncidentId("incident");
  Take(fields, "type", incident.type,
       [&](const Node& it) { return policy::ReadText(context_, it, policy::kNameLengthMax); });
  Take(fields, "id", incident.id, [&](const Node& it) -> std::optional<IncidentId> {
    auto text = policy::ReadText(context_, it, kIdBytesMax);
    return text ? std::optional(IncidentId(*std::move(text))) : std::nullopt;
  });
  Take(fields, "occurred_at", incident.occurred_at,
       [&](const Node& it) { return ReadInstant(context_, it); });
  if (const Node* revision = fields.Find("revision")) {
    constexpr std::int64_t kMax = std::numeric_limits<std::int32_t>::max();
    incident.revision =
        static_cast<std::uint32_t>(policy::ReadInteger(context_, *revision, 0, kMax).value_or(0));
  }
  Take(fields, "reporter", incident.reporter,
       [&](const Node& it) { return ReadReporter(context_, it); });
  if (const Node* order = fields.Find("order")) {
    incident.order = ReadOrder(context_, *order);
  }
  if (const Node* attributes = fields.Find("attributes")) {
    ReadAttributes(*attributes, incident);
  }
  // What could not be read would only be found missing once more.
  if (context_.sink.count() == problems) {
    Validate(node, incident);
  }
  return context_.sink.count() == problems ? std::optional(std::move(incident)) : std::nullopt;
}

void FactsReader::ReadAttributes(const Node& node, Incident& incident) const {
  const policy::IncidentType* const type = policies_.FindIncidentType(incident.type);
  for (const Node::Entry& entry : Entries(context_, node, "'attributes'", kIncidentAttributesMax)) {
    const policy::AttributeSpec* const spec =
        type == nullptr ? nullptr : type->Find(entry.key.text);
    if (spec == nullptr) {
      // Its name is the mistake; whatever its value is.
      incident.attributes.emplace(entry.key.text, entry.value.text);
    } else if (entry.value.is_null()) {
      continue;  // takes away what the defaults say
    } else if (auto value = ReadAttribute(context_, entry.value, *spec)) {
      incident.attributes.emplace(entry.key.text, *std::move(value));
    }
  }
}

void FactsReader::Validate(const Node& node, const Incident& incident) const {
  Violations violations;
  policy::ValidateIncident(policies_, incident, violations);
  for (const FieldViolation& violation : violations) {
    context_.Error(NodeOf(node, violation.field), diagnostic_id::kInvalidIncident,
                   violation.field + " " + violation.description);
  }
}

Customer FactsReader::ReadCustomer(const Node& node) const {
  const Fields fields(context_, node, "a customer",
                      {{"id"},
                       {"given_name"},
                       {"family_name"},
                       {"locale"},
                       {"time_zone"},
                       {"customer_since"},
                       {"orders_completed"},
                       {"lifetime_value"},
                       {"segment"},
                       {"tags"},
                       {"preferred_channel"},
                       {"blocked"},
                       {"attributes"}});
  const auto text = [this](std::size_t bytes_max) {
    return [this, bytes_max](const Node& it) { return policy::ReadText(context_, it, bytes_max); };
  };
  Customer customer;
  customer.id = CustomerId("customer");
  Take(fields, "id", customer.id, [&](const Node& it) -> std::optional<CustomerId> {
    auto id = policy::ReadText(context_, it, kIdBytesMax);
    return id ? std::optional(CustomerId(*std::move(id))) : std::nullopt;
  });
  Take(fields, "given_name", customer.given_name, text(kNameBytesMax));
  Take(fields, "family_name", customer.family_name, text(kNameBytesMax));
  Take(fields, "locale", customer.locale, text(kLocaleBytesMax));
  Take(fields, "time_zone", customer.time_zone, text(kTimeZoneBytesMax));
  Take(fields, "segment", customer.segment, text(kSegmentBytesMax));
  Take(fields, "customer_since", customer.customer_since,
       [&](const Node& it) { return policy::ReadDate(context_, it); });
  Take(fields, "orders_completed", customer.orders_completed, [&](const Node& it) {
    return policy::ReadInteger(context_, it, 0, std::numeric_limits<std::int64_t>::max());
  });
  Take(fields, "lifetime_value", customer.lifetime_value,
       [&](const Node& it) { return ReadMoney(context_, it); });
  Take(fields, "blocked", customer.blocked,
       [&](const Node& it) { return policy::ReadBoolean(context_, it); });
  if (const Node* channel = fields.Find("preferred_channel")) {
    constexpr std::array<std::string_view, 2> kChannels = {"email", "webhook"};
    if (const auto index = policy::ReadWord(context_, *channel, kChannels)) {
      customer.preferred_channel = static_cast<Channel>(*index);
    }
  }
  if (const Node* tags = fields.Find("tags")) {
    customer.tags = ReadTags(context_, *tags);
  }
  if (const Node* attributes = fields.Find("attributes")) {
    ReadCustomerAttributes(*attributes, customer);
  }
  return customer;
}

void FactsReader::ReadCustomerAttributes(const Node& node, Customer& customer) const {
  std::vector<std::string_view> declared;
  for (const policy::AttributeSpec& spec : policies_.customer_attributes()) {
    declared.push_back(spec.name);
  }
  for (const Node::Entry& entry : Entries(context_, node, "'attributes'", kCustomerAttributesMax)) {
    if (entry.value.is_null()) {
      continue;  // takes away what the defaults say
    }
    const std::string& name = entry.key.text;
    // Other attributes are free, but nearly a declared one is a slip of the pen.
    const bool is_declared = std::find(declared.begin(), declared.end(), name) != declared.end();
    if (!is_declared && !policy::NearestWord(name, declared).empty()) {
      context_.Error(entry.key, diagnostic_id::kInvalidCustomer,
                     "customers.yaml declares no attribute '" + name + "'",
                     policy::DidYouMean(name, declared, "it declares"));
    } else if (const auto value = policy::ReadRaw(context_, entry.value)) {
      customer.attributes.emplace(name, *value);
    }
  }
  Violations violations;
  policy::ValidateCustomer(policies_, customer, violations);
  for (const FieldViolation& violation : violations) {
    context_.Error(KeyOf(node, violation.field), diagnostic_id::kInvalidCustomer,
                   violation.field + " " + violation.description);
  }
}

History FactsReader::ReadHistory(const Node& node) const {
  History history;
  std::size_t number = 0;
  for (const Node& item : policy::Items(context_, node, "a history", kHistoryGesturesMax)) {
    if (auto gesture = ReadGesture(item, ++number)) {
      history.gestures.push_back(*std::move(gesture));
    }
  }
  std::sort(history.gestures.begin(), history.gestures.end(),
            [](const GivenGesture& a, const GivenGesture& b) {
              return std::pair(a.at, a.incident) < std::pair(b.at, b.incident);
            });
  return history;
}

std::optional<GivenGesture> FactsReader::ReadGesture(const Node& node, std::size_t number) const {
  const std::size_t problems = context_.sink.count();
  const Fields fields(context_, node, "a gesture of the history",
                      {{"policy", policy::Presence::kRequired},
                       {"at", policy::Presence::kRequired},
                       {"amount", policy::Presence::kRequired},
                       {"once_per"},
                       {"incident"},
                       {"reporter"},
                       {"order"},
                       {"keys"}});
  GivenGesture gesture{.incident = IncidentId("earlier-" + std::to_string(number)),
                       .policy = {},
                       .amount = Money::Zero(*Currency::FromCode("EUR"))};
  const auto id = [this](const Node& it) { return policy::ReadText(context_, it, kIdBytesMax); };
  Take(fields, "policy", gesture.policy,
       [&](const Node& it) { return ReadPolicyId(context_, it, policies_); });
  Take(fields, "at", gesture.at, [&](const Node& it) { return ReadInstant(context_, it); });
  Take(fields, "amount", gesture.amount, [&](const Node& it) { return ReadMoney(context_, it); });
  Take(fields, "once_per", gesture.once_per, id);
  Take(fields, "reporter", gesture.reporter,
       [&](const Node& it) { return ReadReporter(context_, it); });
  if (const Node* incident = fields.Find("incident")) {
    gesture.incident = IncidentId(id(*incident).value_or(""));
  }
  if (const Node* order = fields.Find("order")) {
    gesture.keys.push_back(engine::LimitKey(engine::kPerOrder, id(*order).value_or("")));
  }
  if (const Node* keys = fields.Find("keys")) {
    for (const Node::Entry& entry : Entries(context_, *keys, "'keys'", kLimitKeysMax)) {
      if (const auto value = policy::ReadRaw(context_, entry.value)) {
        gesture.keys.push_back(engine::LimitKey(entry.key.text, *value));
      }
    }
  }
  std::sort(gesture.keys.begin(), gesture.keys.end());
  return context_.sink.count() == problems ? std::optional(std::move(gesture)) : std::nullopt;
}

}  // namespace kulanz::command
