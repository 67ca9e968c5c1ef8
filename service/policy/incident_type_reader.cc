#include "service/policy/incident_type_reader.h"

#include <algorithm>

#include "service/policy/attribute_reader.h"
#include "service/policy/diagnostic_ids.h"
#include "service/policy/scalars.h"
#include "service/policy/suggest.h"

namespace kulanz::policy {
namespace {

constexpr std::size_t kSummaryBytesMax = 200;

void ReadReporters(const FileContext& context, const Node& node, IncidentType& type) {
  type.reporters.fill(false);
  const std::vector<Node>& items = Items(context, node, "'reporters'", kReporterNames.size());
  if (node.is_list() && node.items.empty()) {
    context.Error(node, diagnostic_id::kEmptyValue, "nobody could report this type of incident",
                  "list at least one of: system, agent, customer");
  }
  for (const Node& item : items) {
    if (const std::optional<std::size_t> index = ReadWord(context, item, kReporterNames)) {
      if (type.reporters.at(*index)) {
        context.Error(item, diagnostic_id::kDuplicateItem, "'" + item.text + "' is listed twice");
      }
      type.reporters.at(*index) = true;
    }
  }
}

void ReadOrder(const FileContext& context, const Node& node, IncidentType& type) {
  static constexpr std::array<std::string_view, 2> kWords = {"required", "optional"};
  const Fields fields(context, node, "'order'", {{"id"}, {"total"}, {"placed_at"}});
  const auto is_required = [&](std::string_view name) {
    const Node* value = fields.Find(name);
    return value != nullptr && ReadWord(context, *value, kWords) == std::size_t{0};
  };
  type.order.total_required = is_required("total");
  type.order.placed_at_required = is_required("placed_at");
  // An order without an id is none, so whatever else is required of it requires the id too.
  type.order.id_required =
      is_required("id") || type.order.total_required || type.order.placed_at_required;
}

IncidentType ReadIncidentType(const FileContext& context, const Node::Entry& entry) {
  IncidentType type;
  type.name = entry.key.text;
  if (!IsName(type.name, '_')) {
    context.Error(
        entry.key, diagnostic_id::kBadName,
        "'" + type.name + "' is not a name for an incident type",
        "a name is a lower-case letter, then lower-case letters, digits and '_', at most " +
            std::to_string(kNameLengthMax));
  }
  const Fields fields(context, entry.value, "an incident type",
                      {{"summary", Presence::kRequired}, {"reporters"}, {"order"}, {"attributes"}});
  if (const Node* summary = fields.Find("summary")) {
    type.summary = ReadText(context, *summary, kSummaryBytesMax).value_or("");
  }
  if (const Node* reporters = fields.Find("reporters")) {
    ReadReporters(context, *reporters, type);
  }
  if (const Node* order = fields.Find("order")) {
    ReadOrder(context, *order, type);
  }
  const Node* attributes = fields.Find("attributes");
  if (attributes == nullptr) {
    return type;
  }
  if (!attributes->is_map()) {
    context.Error(*attributes, diagnostic_id::kWrongShape,
                  "'attributes' must be a mapping (name: {type: ...}), not " +
                      std::string(ShapeName(*attributes)));
    return type;
  }
  if (attributes->entries.size() > kIncidentAttributesMax) {
    context.Error(attributes->entries[kIncidentAttributesMax].key, diagnostic_id::kTooManyItems,
                  "an incident type may have at most " + std::to_string(kIncidentAttributesMax) +
                      " attributes");
    return type;
  }
  for (const Node::Entry& attribute : attributes->entries) {
    type.attributes.push_back(ReadAttribute(context, attribute, AttributePlace::kIncident));
  }
  std::sort(type.attributes.begin(), type.attributes.end(),
            [](const AttributeSpec& a, const AttributeSpec& b) { return a.name < b.name; });
  return type;
}

}  // namespace

void CheckVersion(const FileContext& context, const Fields& fields) {
  static constexpr std::string_view kVersion = "v1";
  const Node* version = fields.Find("kulanz");
  if (version != nullptr && (!version->is_scalar() || version->text != kVersion)) {
    context.Error(*version, diagnostic_id::kUnknownVersion,
                  "this version of Kulanz reads 'kulanz: v1' only",
                  "write v1, or use a newer Kulanz");
  }
}

std::vector<IncidentType> ReadIncidentTypes(const FileContext& context, const Node& root) {
  std::vector<IncidentType> types;
  const Fields fields(context, root, "incidents.yaml",
                      {{"kulanz", Presence::kRequired}, {"incidents", Presence::kRequired}});
  CheckVersion(context, fields);
  const Node* incidents = fields.Find("incidents");
  if (incidents == nullptr) {
    return types;
  }
  if (!incidents->is_map()) {
    context.Error(*incidents, diagnostic_id::kWrongShape,
                  "'incidents' must be a mapping (name: {summary: ...}), not " +
                      std::string(ShapeName(*incidents)));
    return types;
  }
  if (incidents->entries.size() > kIncidentTypesMax) {
    context.Error(incidents->entries[kIncidentTypesMax].key, diagnostic_id::kTooManyItems,
                  "there may be at most " + std::to_string(kIncidentTypesMax) + " incident types");
    return types;
  }
  for (const Node::Entry& entry : incidents->entries) {
    types.push_back(ReadIncidentType(context, entry));
  }
  std::sort(types.begin(), types.end(),
            [](const IncidentType& a, const IncidentType& b) { return a.name < b.name; });
  for (std::size_t i = 0; i < types.size(); ++i) {
    types[i].index = i;
  }
  return types;
}

}  // namespace kulanz::policy
