#include "service/policy/incident_type.h"

#include <algorithm>

namespace kulanz::policy {

const AttributeSpec* IncidentType::Find(std::string_view attribute) const {
  const auto found = std::lower_bound(
      attributes.begin(), attributes.end(), attribute,
      [](const AttributeSpec& spec, std::string_view wanted) { return spec.name < wanted; });
  return found != attributes.end() && found->name == attribute ? &*found : nullptr;
}

bool IsReservedWord(std::string_view name) {
  static constexpr std::array<std::string_view, 21> kWords = {
      "true",     "false",   "null",      "in",       "as",  "break",  "const",
      "continue", "else",    "for",       "function", "if",  "import", "let",
      "loop",     "package", "namespace", "return",   "var", "void",   "while"};
  return std::find(kWords.begin(), kWords.end(), name) != kWords.end();
}

bool IsReservedAttribute(std::string_view name) {
  // The incident's own fields, now and to come.
  static constexpr std::array<std::string_view, 8> kFields = {
      "id", "type", "occurred_at", "revision", "reporter", "customer", "order", "attributes"};
  return std::find(kFields.begin(), kFields.end(), name) != kFields.end() || IsReservedWord(name);
}

bool IsReservedCustomerAttribute(std::string_view name) {
  static constexpr std::array<std::string_view, 14> kFields = {
      "id",      "given_name", "family_name",    "email",
      "locale",  "time_zone",  "customer_since", "orders_completed",
      "segment", "tags",       "lifetime_value", "preferred_channel",
      "blocked", "attributes"};
  return std::find(kFields.begin(), kFields.end(), name) != kFields.end() || IsReservedWord(name);
}

}  // namespace kulanz::policy
