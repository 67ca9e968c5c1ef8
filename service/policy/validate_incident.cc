// ValidateIncident: a report against the declaration of its type (documented in policy_set.h).
#include <algorithm>
#include <string>

#include "service/cel/utf8.h"
#include "service/policy/incident_type.h"
#include "service/policy/policy_set.h"
#include "service/policy/suggest.h"

namespace kulanz::policy {
namespace {

// Field paths are told to clients, so a hostile name is cut and quoted.
std::string AttributePath(std::string_view name) {
  std::string path = "incident.attributes[\"";
  for (const char c : name.substr(0, kAttributeNameBytesMax)) {
    const bool plain = c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
    path += plain ? c : '?';
  }
  return path + "\"]";
}

std::vector<std::string_view> Views(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

// The type of AttributeValue's alternatives, in their order.
constexpr std::array<std::string_view, 10> kValueNames = {
    "bool", "int", "decimal", "money", "string", "timestamp", "date", "duration", "list", "list"};

bool HasType(const AttributeValue& value, AttributeType type) {
  switch (type) {
    case AttributeType::kString:
    case AttributeType::kEnum:
      return std::holds_alternative<std::string>(value);
    case AttributeType::kInt:
      return std::holds_alternative<std::int64_t>(value);
    case AttributeType::kDecimal:
      return std::holds_alternative<Decimal>(value);
    case AttributeType::kMoney:
      return std::holds_alternative<Money>(value);
    case AttributeType::kBool:
      return std::holds_alternative<bool>(value);
    case AttributeType::kTimestamp:
      return std::holds_alternative<Instant>(value);
    case AttributeType::kDate:
      return std::holds_alternative<Date>(value);
    case AttributeType::kDuration:
      return std::holds_alternative<Duration>(value);
    case AttributeType::kList:
      return std::holds_alternative<AttributeList>(value) ||
             std::holds_alternative<AttributeRecordList>(value);
  }
  return false;
}

// What is wrong with one text, or nothing.
std::string TextProblem(std::string_view text, std::uint32_t max_length) {
  if (!cel::utf8::IsValid(text)) {
    return "must be valid UTF-8";
  }
  const std::size_t length = cel::utf8::Count(text);
  if (length > max_length) {
    return "must have at most " + std::to_string(max_length) + " characters, not " +
           std::to_string(length);
  }
  return {};
}

std::string EnumProblem(const std::string& value, const AttributeSpec& spec) {
  if (std::find(spec.values.begin(), spec.values.end(), value) != spec.values.end()) {
    return {};
  }
  const std::string hint = DidYouMean(value, Views(spec.values), "its values are");
  return "is none of its values" + (hint.empty() ? "" : "; " + hint);
}

std::string RangeProblem(const AttributeValue& value) {
  if (const auto* instant = std::get_if<Instant>(&value)) {
    return *instant < kMinInstant || *instant > kMaxInstant ? "must be in the years 1 to 9999" : "";
  }
  if (const auto* date = std::get_if<Date>(&value)) {
    return *date < kMinInstant || *date > kMaxInstant ? "must be in the years 1 to 9999" : "";
  }
  if (const auto* duration = std::get_if<Duration>(&value)) {
    // CEL's durations are 64 bits of nanoseconds.
    constexpr std::chrono::hours kYears(std::int64_t{24} * 365 * 290);
    return *duration > kYears || *duration < -kYears ? "must be at most 290 years" : "";
  }
  return {};
}

std::string ValueProblem(const AttributeValue& value, const AttributeSpec& spec);

AttributeValue ValueOf(const AttributeScalar& scalar) {
  return std::visit([](const auto& value) { return AttributeValue(value); }, scalar);
}

std::string RecordProblem(const AttributeRecord& record, const AttributeSpec& list) {
  for (const AttributeSpec& field : list.fields) {
    const auto value = record.find(field.name);
    std::string problem = value == record.end() ? (field.required ? "is required" : "")
                                                : ValueProblem(ValueOf(value->second), field);
    if (!problem.empty()) {
      return "field '" + field.name + "' " + problem;
    }
  }
  for (const auto& [name, value] : record) {
    const bool known =
        std::any_of(list.fields.begin(), list.fields.end(),
                    [&wanted = name](const AttributeSpec& field) { return field.name == wanted; });
    if (!known) {
      return "has a field that is not declared";
    }
  }
  return {};
}

// What is wrong with the first item that is wrong, or nothing.
std::string ItemsProblem(const AttributeValue& value, const AttributeSpec& spec) {
  AttributeSpec item = spec;
  item.type = spec.item_type;
  const auto* const scalars = std::get_if<AttributeList>(&value);
  const auto* const records = std::get_if<AttributeRecordList>(&value);
  const std::size_t size = scalars != nullptr ? scalars->size() : records->size();
  if (size > spec.max_size) {
    return "must have at most " + std::to_string(spec.max_size) + " items, not " +
           std::to_string(size);
  }
  for (std::size_t i = 0; i < size; ++i) {
    std::string problem;
    if ((records != nullptr) != !spec.fields.empty()) {
      problem = spec.fields.empty() ? "must be no record" : "must be a record";
    } else {
      problem = records != nullptr ? RecordProblem((*records)[i], spec)
                                   : ValueProblem(ValueOf((*scalars)[i]), item);
    }
    if (!problem.empty()) {
      return "item " + std::to_string(i) + " " + problem;
    }
  }
  return {};
}

std::string ValueProblem(const AttributeValue& value, const AttributeSpec& spec) {
  if (!HasType(value, spec.type)) {
    return "must be of type " + std::string(AttributeTypeName(spec.type)) + ", not " +
           std::string(kValueNames.at(value.index()));
  }
  switch (spec.type) {
    case AttributeType::kString:
      return TextProblem(std::get<std::string>(value), spec.max_length);
    case AttributeType::kEnum:
      return EnumProblem(std::get<std::string>(value), spec);
    case AttributeType::kList:
      return ItemsProblem(value, spec);
    case AttributeType::kMoney: {
      const Currency currency = std::get<Money>(value).currency();
      return spec.currency && *spec.currency != currency
                 ? "must be in " + std::string(spec.currency->code()) + ", not " +
                       std::string(currency.code())
                 : "";
    }
    default:
      return RangeProblem(value);
  }
}

void ValidateAttributes(const IncidentType& type, const Incident& incident,
                        Violations& violations) {
  for (const auto& [name, value] : incident.attributes) {
    const AttributeSpec* spec = type.Find(name);
    if (spec == nullptr) {
      std::vector<std::string_view> known;
      for (const AttributeSpec& candidate : type.attributes) {
        known.push_back(candidate.name);
      }
      const std::string hint = DidYouMean(name, known, "its attributes are");
      violations.push_back({AttributePath(name),
                            "is no attribute of " + type.name + (hint.empty() ? "" : "; " + hint)});
    } else if (std::string problem = ValueProblem(value, *spec); !problem.empty()) {
      violations.push_back({AttributePath(name), std::move(problem)});
    }
  }
  for (const AttributeSpec& spec : type.attributes) {
    if (spec.required && incident.attributes.find(spec.name) == incident.attributes.end()) {
      violations.push_back({AttributePath(spec.name), "is required for " + type.name});
    }
  }
}

void ValidateOrder(const IncidentType& type, const Incident& incident, Violations& violations) {
  const auto check = [&](bool required, bool given, std::string_view field) {
    if (required && !given) {
      violations.push_back(
          {"incident.order." + std::string(field), "is required for " + type.name});
    }
  };
  const std::optional<Order>& order = incident.order;
  check(type.order.id_required, order && !order->id.empty(), "order_id");
  check(type.order.total_required, order && order->total, "total");
  check(type.order.placed_at_required, order && order->placed_at, "placed_at");
}

}  // namespace

void ValidateIncident(const PolicySet& policies, const Incident& incident, Violations& violations) {
  const IncidentType* type = policies.FindIncidentType(incident.type);
  if (type == nullptr) {
    const std::string hint =
        DidYouMean(incident.type, policies.IncidentTypeNames(), "declared types are");
    violations.push_back(
        {"incident.type", "is no declared type" + (hint.empty() ? "" : "; " + hint)});
    return;
  }
  if (!type->MayBeReportedBy(incident.reporter)) {
    std::vector<std::string_view> allowed;
    for (std::size_t i = 0; i < kReporterNames.size(); ++i) {
      if (type->reporters.at(i)) {
        allowed.push_back(kReporterNames.at(i));
      }
    }
    violations.push_back({"incident.reporter",
                          type->name + " may only be reported by: " + JoinWords(allowed, ", ")});
  }
  ValidateOrder(*type, incident, violations);
  ValidateAttributes(*type, incident, violations);
}

}  // namespace kulanz::policy
