#include "service/kulanz/test/values.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "service/kulanz/diagnostic_ids.h"
#include "service/policy/diagnostic_ids.h"
#include "service/policy/scalars.h"
#include "service/policy/suggest.h"

namespace kulanz::command {
namespace {

using policy::AttributeType;
using policy::FileContext;
using policy::Node;

constexpr std::chrono::hours kSpanMax(24 * 365 * 290);

std::string QuotedText(const Node& node) { return "'" + node.text + "'"; }

bool IsScalar(const FileContext& context, const Node& node, std::string_view wanted) {
  if (!node.is_scalar()) {
    context.Error(node, policy::diagnostic_id::kWrongShape,
                  "expected " + std::string(wanted) + ", not " + std::string(ShapeName(node)));
  }
  return node.is_scalar();
}

std::optional<Decimal> ReadDecimal(const FileContext& context, const Node& node) {
  if (!IsScalar(context, node, "a decimal number")) {
    return std::nullopt;
  }
  const std::optional<Decimal> decimal = Decimal::Parse(node.text);
  if (!decimal) {
    context.Error(node, diagnostic_id::kBadDecimal, QuotedText(node) + " is not a decimal number",
                  "write it like -12.50, with at most 18 decimals");
  }
  return decimal;
}

// Text as a report may carry it: anything, but what looks like a number or a boolean stands in quotes.
std::optional<std::string> ReadWords(const FileContext& context, const Node& node) {
  if (node.is_scalar() && !node.plain && node.text.size() <= kAttributeStringBytesMax) {
    return node.text;
  }
  return policy::ReadText(context, node, kAttributeStringBytesMax);
}

template <typename T>
std::optional<AttributeScalar> AsScalar(std::optional<T> value) {
  return value ? std::optional<AttributeScalar>(*std::move(value)) : std::nullopt;
}

std::optional<AttributeScalar> ReadScalar(const FileContext& context, const Node& node,
                                          AttributeType type) {
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  switch (type) {
    case AttributeType::kString:
    case AttributeType::kEnum:
      return AsScalar(ReadWords(context, node));
    case AttributeType::kInt:
      return AsScalar(policy::ReadInteger(context, node, kMin, kMax));
    case AttributeType::kDecimal:
      return AsScalar(ReadDecimal(context, node));
    case AttributeType::kMoney:
      return AsScalar(ReadMoney(context, node));
    case AttributeType::kBool:
      return AsScalar(policy::ReadBoolean(context, node));
    case AttributeType::kTimestamp:
      return AsScalar(ReadInstant(context, node));
    case AttributeType::kDate:
      return AsScalar(policy::ReadDate(context, node));
    case AttributeType::kDuration:
      return AsScalar(policy::ReadDuration(context, node, {.min = Duration(0), .max = kSpanMax}));
    case AttributeType::kList:
      break;  // no list is within another
  }
  return std::nullopt;
}

std::optional<AttributeValue> ReadList(const FileContext& context, const Node& node,
                                       AttributeType type) {
  AttributeList list;
  bool ok = node.is_list();
  for (const Node& item : policy::Items(context, node, "a list", kAttributeListMax)) {
    if (std::optional<AttributeScalar> value = ReadScalar(context, item, type)) {
      list.push_back(*std::move(value));
    } else {
      ok = false;
    }
  }
  return ok ? std::optional<AttributeValue>(std::move(list)) : std::nullopt;
}

// {date: 2026-03-01, minutes: 200}; what it lacks finds policy::ValidateIncident.
AttributeRecord ReadRecord(const FileContext& context, const Node& node,
                           const std::vector<policy::AttributeSpec>& specs) {
  AttributeRecord record;
  for (const Node::Entry& entry : Entries(context, node, "an item", kRecordFieldsMax)) {
    const auto spec = std::find_if(
        specs.begin(), specs.end(),
        [&entry](const policy::AttributeSpec& it) { return it.name == entry.key.text; });
    if (spec == specs.end()) {
      std::vector<std::string_view> known;
      for (const policy::AttributeSpec& it : specs) {
        known.push_back(it.name);
      }
      context.Error(entry.key, policy::diagnostic_id::kUnknownKey,
                    "unknown key '" + entry.key.text + "' in an item",
                    policy::DidYouMean(entry.key.text, known, "its keys are"));
    } else if (auto value = ReadScalar(context, entry.value, spec->type)) {
      record.emplace(entry.key.text, *std::move(value));
    }
  }
  return record;
}

std::optional<AttributeValue> ReadRecords(const FileContext& context, const Node& node,
                                          const std::vector<policy::AttributeSpec>& specs) {
  const std::size_t problems = context.sink.count();
  AttributeRecordList records;
  for (const Node& item : policy::Items(context, node, "a list", kAttributeListMax)) {
    records.push_back(ReadRecord(context, item, specs));
  }
  return context.sink.count() == problems ? std::optional<AttributeValue>(std::move(records))
                                          : std::nullopt;
}

}  // namespace

const std::vector<Node::Entry>& Entries(const FileContext& context, const Node& node,
                                        std::string_view where, std::size_t max) {
  static const std::vector<Node::Entry> kNone;
  if (!node.is_map()) {
    context.Error(node, policy::diagnostic_id::kWrongShape,
                  std::string(where) + " must be a mapping (key: value), not " +
                      std::string(ShapeName(node)));
    return kNone;
  }
  if (node.entries.size() > max) {
    context.Error(node.entries[max].key, policy::diagnostic_id::kTooManyItems,
                  std::string(where) + " may have at most " + std::to_string(max) + " entries");
    return kNone;
  }
  return node.entries;
}

std::optional<Money> ReadMoney(const FileContext& context, const Node& node) {
  if (!IsScalar(context, node, "an amount of money")) {
    return std::nullopt;
  }
  const std::size_t blank = node.text.find(' ');
  const std::optional<Currency> currency =
      blank == std::string::npos ? std::nullopt : Currency::FromCode(node.text.substr(blank + 1));
  const std::optional<Money> money =
      currency ? Money::Parse(node.text.substr(0, blank), *currency) : std::nullopt;
  if (!money || money->is_negative()) {
    context.Error(node, diagnostic_id::kBadMoney, QuotedText(node) + " is not an amount of money",
                  "write the number and the currency: 80.00 EUR");
    return std::nullopt;
  }
  return money;
}

std::optional<Instant> ReadInstant(const FileContext& context, const Node& node) {
  if (!IsScalar(context, node, "a time")) {
    return std::nullopt;
  }
  const std::optional<Instant> instant = ParseInstant(node.text);
  if (!instant) {
    context.Error(node, diagnostic_id::kBadTimestamp, QuotedText(node) + " is not a time",
                  "write day, time and zone: 2026-03-10T12:00:00+01:00");
  }
  return instant;
}

std::optional<AttributeValue> ReadAttribute(const FileContext& context, const Node& node,
                                            const policy::AttributeSpec& spec) {
  if (spec.type == AttributeType::kList) {
    return spec.fields.empty() ? ReadList(context, node, spec.item_type)
                               : ReadRecords(context, node, spec.fields);
  }
  std::optional<AttributeScalar> scalar = ReadScalar(context, node, spec.type);
  return scalar ? std::visit(
                      [](auto&& value) {
                        return std::optional<AttributeValue>(std::forward<decltype(value)>(value));
                      },
                      *std::move(scalar))
                : std::nullopt;
}

}  // namespace kulanz::command
