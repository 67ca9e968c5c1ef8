#include "service/kulanz/data/customer_map.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "service/domain/ids.h"
#include "service/policy/scalars.h"
#include "service/policy/yaml_reader.h"

namespace kulanz::command {
namespace {

using policy::Fields;
using policy::Node;

constexpr std::array<std::string_view, 16> kCustomerParts = {
    "customer_id", "given_name",        "family_name",      "salutation",     "email",    "locale",
    "time_zone",   "customer_since",    "orders_completed", "lifetime_value", "currency", "segment",
    "tags",        "preferred_channel", "contact_consent",  "blocked"};

bool IsCustomerPart(std::string_view name) {
  return std::find(kCustomerParts.begin(), kCustomerParts.end(), name) != kCustomerParts.end();
}

void AddTags(std::string_view text, Customer& customer) {
  customer.tags.clear();
  while (!text.empty()) {
    const std::size_t end = text.find(';');
    if (end != 0) {
      customer.tags.emplace_back(text.substr(0, end));
    }
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

template <typename T>
bool Choose(std::string_view text, std::initializer_list<std::pair<std::string_view, T>> words,
            T& out) {
  for (const auto& [word, meaning] : words) {
    if (text == word) {
      out = meaning;
      return true;
    }
  }
  return false;
}

bool SetText(std::string_view text, std::size_t bytes_max, std::string& out) {
  out = text;
  return text.size() <= bytes_max;
}

// Sets one part; false when its text is no such value.
bool SetPart(std::string_view name, const std::string& text, const TextFormat& format,
             Customer& customer) {
  if (name == "customer_id") {
    customer.id = CustomerId(text);
    return IdProblem(name, text).empty();
  }
  if (name == "given_name" || name == "family_name") {
    return SetText(text, kNameBytesMax,
                   name == "given_name" ? customer.given_name : customer.family_name);
  }
  if (name == "email") {
    return SetText(text, kEmailBytesMax, customer.email);
  }
  if (name == "locale") {
    return SetText(text, kLocaleBytesMax, customer.locale);
  }
  if (name == "time_zone") {
    return SetText(text, kTimeZoneBytesMax, customer.time_zone) && TimeZone::Load(text);
  }
  if (name == "segment") {
    return SetText(text, kSegmentBytesMax, customer.segment);
  }
  if (name == "salutation") {
    return Choose(
        text, {{"ms", Salutation::kMs}, {"mr", Salutation::kMr}, {"neutral", Salutation::kNeutral}},
        customer.salutation);
  }
  if (name == "preferred_channel") {
    return Choose(text, {{"email", Channel::kEmail}, {"webhook", Channel::kWebhook}},
                  customer.preferred_channel);
  }
  if (name == "contact_consent" || name == "blocked") {
    return Choose(text, {{"true", true}, {"false", false}},
                  name == "blocked" ? customer.blocked : customer.contact_consent);
  }
  if (name == "tags") {
    AddTags(text, customer);
    return customer.tags.size() <= kTagsMax;
  }
  if (name == "customer_since") {
    customer.customer_since = format.time.ReadDate(text);
    return customer.customer_since.has_value();
  }
  if (name == "orders_completed") {
    const std::optional<std::int64_t> orders = ParseInteger(text);
    customer.orders_completed = orders.value_or(0);
    return orders && *orders >= 0;
  }
  return true;  // lifetime_value and its currency come together
}

void AddProblem(std::string& problems, std::string_view name, const std::string& problem) {
  problems += (problems.empty() ? "" : "; ") + std::string(name) + ": " + problem;
}

}  // namespace

std::string IdProblem(std::string_view name, std::string_view id) {
  if (id.empty()) {
    return std::string(name) + " is empty";
  }
  if (id.size() > kIdBytesMax) {
    return std::string(name) + " has " + std::to_string(id.size()) + " bytes; at most " +
           std::to_string(kIdBytesMax) + " are allowed";
  }
  const bool has_control = std::any_of(id.begin(), id.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == '\x7F';
  });
  return has_control ? std::string(name) + " has a control character" : "";
}

MapDefaults ReadDefaults(const policy::FileContext& context, const Node* root) {
  MapDefaults defaults;
  if (const Node* zone = FindEntry(root, "zone")) {
    ReadZone(context, *zone, defaults.zone);
  }
  if (const Node* times = FindEntry(root, "times")) {
    ReadTimeFormat(context, *times, defaults.time);
  }
  if (const Node* comma = FindEntry(root, "decimal_comma")) {
    defaults.decimal_comma = policy::ReadBoolean(context, *comma).value_or(false);
  }
  return defaults;
}

Result<CustomerMap> CustomerMap::Make(const MapFile& map, const DataTable& table) {
  policy::DiagnosticSink sink;
  const policy::FileContext context{map.file(), sink};
  const MapDefaults defaults = ReadDefaults(context, map.root());
  const SourceReader sources(context, table, defaults);
  CustomerMap customers;
  const Node* const section = FindEntry(map.root(), "customers");
  const bool has_attributes = FindEntry(section, "attributes") != nullptr;
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    const std::string& name = table.columns()[i];
    if (IsCustomerPart(name)) {
      customers.parts_[name] = sources.Plain(i);
    } else if (!has_attributes) {
      customers.attributes_[name] = sources.Plain(i);
    }
  }
  if (section != nullptr) {
    customers.ReadSection(context, *section, sources);
  }
  if (sink.has_errors()) {
    return Status(Code::kInvalidArgument, "MAP", "\n" + policy::Render(sink.Take()));
  }
  if (!customers.parts_.contains("customer_id")) {
    return Status(Code::kInvalidArgument, "MAP",
                  table.name() + " has no column customer_id, and no map says which one it is");
  }
  return customers;
}

CustomerMap CustomerMap::Of(const policy::FileContext& context, const Node& section,
                            const SourceReader& sources) {
  CustomerMap customers;
  customers.ReadSection(context, section, sources);
  return customers;
}

void CustomerMap::ReadSection(const policy::FileContext& context, const Node& section,
                              const SourceReader& sources) {
  const Fields fields(context, section, "a customer",
                      {{"customer_id"},
                       {"given_name"},
                       {"family_name"},
                       {"salutation"},
                       {"email"},
                       {"locale"},
                       {"time_zone"},
                       {"customer_since"},
                       {"orders_completed"},
                       {"lifetime_value"},
                       {"currency"},
                       {"segment"},
                       {"tags"},
                       {"preferred_channel"},
                       {"contact_consent"},
                       {"blocked"},
                       {"attributes"}});
  for (const std::string_view part : kCustomerParts) {
    if (const Node* node = fields.Find(part)) {
      parts_[std::string(part)] = sources.Read(*node);
    }
  }
  if (const Node* attributes = fields.Find("attributes")) {
    for (const Node::Entry& attribute : attributes->entries) {
      attributes_[attribute.key.text] = sources.Read(attribute.value);
    }
  }
}

std::string CustomerMap::Apply(const DataRow& row, Customer& customer) const {
  std::string problems;
  std::string value;
  std::string currency;
  bool decimal_comma = false;
  for (const auto& [name, source] : parts_) {
    std::string problem;
    std::string text = source.Text(row, problem);
    if (problem.empty() && !text.empty() && !SetPart(name, text, source.format, customer)) {
      problem = Shown(text) + " is no value of its kind";
    }
    if (!problem.empty()) {
      AddProblem(problems, name, problem);
    }
    if (name == "lifetime_value") {
      decimal_comma = source.format.decimal_comma;
      currency = source.format.currency ? std::string(source.format.currency->code()) : currency;
      value = std::move(text);
    } else if (name == "currency") {
      currency = std::move(text);  // before lifetime_value, in the order of the names
    }
  }
  if (!value.empty()) {
    const std::size_t space = value.rfind(' ');
    customer.lifetime_value =
        space == std::string::npos
            ? ParseAmount(value, currency, decimal_comma)
            : ParseAmount(value.substr(0, space), value.substr(space + 1), decimal_comma);
    if (!customer.lifetime_value) {
      AddProblem(problems, "lifetime_value", Shown(value) + " is no amount in a known currency");
    }
  }
  for (const auto& [name, source] : attributes_) {
    std::string problem;
    std::string text = source.Text(row, problem);
    if (!problem.empty() || text.size() > kCustomerAttributeBytesMax) {
      AddProblem(problems, name, problem.empty() ? "is longer than 256 bytes" : problem);
    } else if (!text.empty()) {
      customer.attributes.insert_or_assign(name, std::move(text));
    }
  }
  if (customer.attributes.size() > kCustomerAttributesMax) {
    AddProblem(problems, "attributes", "there are more than 32");
  }
  return problems;
}

}  // namespace kulanz::command
