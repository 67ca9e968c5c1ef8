#include "service/policy/attribute_reader.h"

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "service/policy/diagnostic_ids.h"
#include "service/policy/scalars.h"

namespace kulanz::policy {
namespace {

constexpr std::size_t kDescriptionBytesMax = 200;

// A key that only some types of attribute have.
struct TypedKey {
  std::string_view name;
  std::string_view types;  // for the message
  bool (*fits)(AttributeType);
};
constexpr std::array<TypedKey, 5> kTypedKeys = {{
    {"values", "an enum", [](AttributeType t) { return t == AttributeType::kEnum; }},
    {"max_length", "a string or a list",
     [](AttributeType t) { return t == AttributeType::kString || t == AttributeType::kList; }},
    {"max_size", "a list", [](AttributeType t) { return t == AttributeType::kList; }},
    {"items", "a list", [](AttributeType t) { return t == AttributeType::kList; }},
    {"currency", "money", [](AttributeType t) { return t == AttributeType::kMoney; }},
}};

// All types but lists, which are the last.
constexpr std::span<const std::string_view> kScalarTypeNames(kAttributeTypeNames.data(),
                                                             kAttributeTypeNames.size() - 1);

std::vector<std::string> ReadValues(const FileContext& context, const Node& node) {
  std::vector<std::string> values;
  std::set<std::string, std::less<>> seen;
  const std::vector<Node>& items = Items(context, node, "'values'", kEnumValuesMax);
  if (node.is_list() && items.empty()) {
    context.Error(node, diagnostic_id::kEmptyValue, "an enum needs at least one value");
  }
  for (const Node& item : items) {
    std::optional<std::string> value = ReadName(context, item, '_');
    if (value && !seen.insert(*value).second) {
      context.Error(item, diagnostic_id::kDuplicateItem, "'" + *value + "' is listed twice");
    } else if (value) {
      values.push_back(std::move(*value));
    }
  }
  return values;
}

// Reads the keys of one attribute, of the items of a list, or of a field of such items.
class AttributeKeys {
 public:
  AttributeKeys(const FileContext& context, const Node& node, const Fields& fields,
                AttributeSpec& spec)
      : context_(context), node_(node), fields_(fields), spec_(spec) {}

  // `of`: whose keys they are, for messages.
  void Read(std::span<const std::string_view> types, std::string_view of) {
    const Node* const type = fields_.Find("type");
    const std::optional<std::size_t> index =
        type != nullptr ? ReadWord(context_, *type, types) : std::nullopt;
    if (const Node* description = fields_.Find("description")) {
      spec_.description = ReadText(context_, *description, kDescriptionBytesMax).value_or("");
    }
    if (!index) {
      return;
    }
    spec_.type = static_cast<AttributeType>(*index);
    for (const TypedKey& key : kTypedKeys) {
      if (const Node* value = fields_.Find(key.name); value != nullptr && !key.fits(spec_.type)) {
        context_.Error(*value, diagnostic_id::kKeyOfOtherType,
                       "'" + std::string(key.name) + "' belongs to " + std::string(key.types) +
                           ", and " + std::string(of) + " is of type " +
                           std::string(AttributeTypeName(spec_.type)),
                       "remove it");
      }
    }
    ReadBounds();
  }

 private:
  void ReadBounds() {
    const Node* const values = fields_.Find("values");
    if (spec_.type == AttributeType::kEnum && values == nullptr) {
      context_.Error(node_, diagnostic_id::kMissingKey, "an enum needs the key 'values'");
    } else if (spec_.type == AttributeType::kEnum) {
      spec_.values = ReadValues(context_, *values);
    }
    if (spec_.type == AttributeType::kString || spec_.type == AttributeType::kList) {
      spec_.max_length = Bound("max_length", kAttributeStringBytesMax, kDefaultMaxLength);
    }
    if (spec_.type == AttributeType::kList) {
      const auto most = static_cast<std::uint32_t>(kAttributeListMax);
      spec_.max_size = Bound("max_size", kAttributeListMax, most);
    }
    if (const Node* currency = fields_.Find("currency")) {
      spec_.currency = ReadCurrency(context_, *currency);
    }
  }

  std::uint32_t Bound(std::string_view key, std::size_t max, std::uint32_t otherwise) const {
    const Node* const node = fields_.Find(key);
    return node == nullptr ? otherwise
                           : static_cast<std::uint32_t>(
                                 ReadInteger(context_, *node, 1, static_cast<std::int64_t>(max))
                                     .value_or(otherwise));
  }

  const FileContext& context_;
  const Node& node_;
  const Fields& fields_;
  AttributeSpec& spec_;
};

void CheckName(const FileContext& context, const Node& key, AttributePlace place) {
  if (!IsName(key.text, '_')) {
    context.Error(
        key, diagnostic_id::kBadName, "'" + key.text + "' is not a name for an attribute",
        "a name is a lower-case letter, then lower-case letters, digits and '_', at most " +
            std::to_string(kNameLengthMax));
  } else if (IsReservedName(key.text, place)) {
    context.Error(key, diagnostic_id::kReservedName,
                  "'" + key.text +
                      "' cannot be the name of an attribute: it means something else in "
                      "expressions",
                  "choose another name");
  }
}

// {fields: {date: {type: date}, ...}}: the items are records.
void ReadFields(const FileContext& context, const Node& node, AttributeSpec& spec) {
  const Fields keys(context, node, "items", {{"fields", Presence::kRequired}});
  const Node* const fields = keys.Find("fields");
  if (fields == nullptr) {
    return;
  }
  if (!fields->is_map()) {
    context.Error(
        *fields, diagnostic_id::kWrongShape,
        "'fields' must be a mapping (name: {type: ...}), not " + std::string(ShapeName(*fields)));
    return;
  }
  if (fields->entries.empty()) {
    context.Error(*fields, diagnostic_id::kEmptyValue, "a record needs at least one field");
  }
  if (fields->entries.size() > kRecordFieldsMax) {
    context.Error(fields->entries[kRecordFieldsMax].key, diagnostic_id::kTooManyItems,
                  "a record may have at most " + std::to_string(kRecordFieldsMax) + " fields");
    return;
  }
  for (const Node::Entry& entry : fields->entries) {
    spec.fields.push_back(ReadAttribute(context, entry, AttributePlace::kField));
  }
  std::sort(spec.fields.begin(), spec.fields.end(),
            [](const AttributeSpec& a, const AttributeSpec& b) { return a.name < b.name; });
}

void ReadItems(const FileContext& context, const Node& node, AttributeSpec& spec) {
  const bool has_fields =
      std::any_of(node.entries.begin(), node.entries.end(),
                  [](const Node::Entry& entry) { return entry.key.text == "fields"; });
  if (has_fields) {
    ReadFields(context, node, spec);
    return;
  }
  const Fields fields(
      context, node, "items",
      {{"type", Presence::kRequired}, {"description"}, {"values"}, {"max_length"}, {"currency"}});
  AttributeSpec item;
  AttributeKeys(context, node, fields, item).Read(kScalarTypeNames, "an item");
  spec.item_type = item.type;
  spec.values = std::move(item.values);
  spec.currency = item.currency;
  if (item.max_length != 0) {
    spec.max_length = item.max_length;
  }
}

}  // namespace

bool IsReservedName(std::string_view name, AttributePlace place) {
  return place == AttributePlace::kIncident   ? IsReservedAttribute(name)
         : place == AttributePlace::kCustomer ? IsReservedCustomerAttribute(name)
                                              : IsReservedWord(name);
}

AttributeSpec ReadAttribute(const FileContext& context, const Node::Entry& entry,
                            AttributePlace place) {
  AttributeSpec spec;
  spec.name = entry.key.text;
  CheckName(context, entry.key, place);
  const std::string of = "'" + spec.name + "'";
  if (place == AttributePlace::kCustomer) {
    const Fields fields(
        context, entry.value, "an attribute",
        {{"type", Presence::kRequired}, {"description"}, {"values"}, {"max_length"}, {"currency"}});
    AttributeKeys(context, entry.value, fields, spec).Read(kScalarTypeNames, of);
    spec.required = false;
    return spec;
  }
  const bool may_be_list = place == AttributePlace::kIncident;
  const Fields fields = may_be_list ? Fields(context, entry.value, "an attribute",
                                             {{"type", Presence::kRequired},
                                              {"optional"},
                                              {"description"},
                                              {"values"},
                                              {"max_length"},
                                              {"max_size"},
                                              {"items"},
                                              {"currency"}})
                                    : Fields(context, entry.value, "a field",
                                             {{"type", Presence::kRequired},
                                              {"optional"},
                                              {"description"},
                                              {"values"},
                                              {"max_length"},
                                              {"currency"}});
  AttributeKeys(context, entry.value, fields, spec)
      .Read(may_be_list ? std::span<const std::string_view>(kAttributeTypeNames) : kScalarTypeNames,
            of);
  if (const Node* optional = fields.Find("optional")) {
    spec.required = !ReadBoolean(context, *optional).value_or(false);
  }
  if (const Node* items = fields.Find("items");
      items != nullptr && spec.type == AttributeType::kList) {
    ReadItems(context, *items, spec);
  }
  return spec;
}

}  // namespace kulanz::policy
