#include "service/adapters/grpc/read_customer.h"

#include <set>
#include <string>
#include <string_view>

#include "service/adapters/grpc/text.h"

namespace kulanz::rpc {
namespace {

Salutation ReadSalutation(FieldReader& reader, const FieldPath& path, v1::Salutation message) {
  switch (message) {
    case v1::SALUTATION_UNSPECIFIED:
      return Salutation::kNeutral;
    case v1::SALUTATION_MS:
      return Salutation::kMs;
    case v1::SALUTATION_MR:
      return Salutation::kMr;
    default:
      reader.Violate(path, "is no salutation that this server knows");
      return Salutation::kNeutral;
  }
}

Channel ReadChannel(FieldReader& reader, const FieldPath& path, v1::Channel message) {
  switch (message) {
    case v1::CHANNEL_UNSPECIFIED:
    case v1::CHANNEL_EMAIL:
      return Channel::kEmail;
    case v1::CHANNEL_WEBHOOK:
      return Channel::kWebhook;
    default:
      reader.Violate(path, "is no channel that this server knows");
      return Channel::kEmail;
  }
}

std::string TooMany(std::size_t count, std::size_t count_max) {
  return "has " + std::to_string(count) + " entries; at most " + std::to_string(count_max) +
         " are allowed";
}

void ReadTags(FieldReader& reader, const FieldPath& path, const v1::Customer& message,
              Customer& customer) {
  const auto count = static_cast<std::size_t>(message.tags_size());
  if (count > kTagsMax) {
    reader.Violate(path, TooMany(count, kTagsMax));
    return;
  }
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string& tag = message.tags(static_cast<int>(i));
    reader.CheckText(path.Index(i), tag, 1, kTagBytesMax);
    if (!seen.insert(tag).second) {
      reader.Violate(path.Index(i), "stands there twice");
    }
    customer.tags.push_back(tag);
  }
}

void ReadCustomerAttributes(FieldReader& reader, const FieldPath& path, const v1::Customer& message,
                            Customer& customer) {
  if (message.attributes().size() > kCustomerAttributesMax) {
    reader.Violate(path, TooMany(message.attributes().size(), kCustomerAttributesMax));
    return;
  }
  for (const auto& [name, value] : message.attributes()) {
    customer.attributes.emplace(name, value);
  }
  for (const auto& [name, value] : customer.attributes) {  // In order, as violations should be.
    const FieldPath here = path.Key(name);
    reader.CheckText(here, name, 1, kCustomerAttributeNameBytesMax);
    reader.CheckText(here, value, 0, kCustomerAttributeBytesMax);
  }
}

}  // namespace

Customer ReadCustomer(FieldReader& reader, const FieldPath& path, const v1::Customer& message) {
  Customer customer;
  customer.id = reader.ReadId<CustomerId>(path.Field("customer_id"), message.customer_id());
  reader.CheckText(path.Field("given_name"), message.given_name(), 0, kNameBytesMax);
  customer.given_name = message.given_name();
  reader.CheckText(path.Field("family_name"), message.family_name(), 0, kNameBytesMax);
  customer.family_name = message.family_name();
  customer.salutation = ReadSalutation(reader, path.Field("salutation"), message.salutation());
  if (reader.CheckText(path.Field("email"), message.email(), 0, kEmailBytesMax) &&
      !message.email().empty() && !IsEmailAddress(message.email())) {
    reader.Violate(path.Field("email"),
                   "is no address such as anna@example.com (ASCII; international domains in their "
                   "xn-- form)");
  }
  customer.email = message.email();
  if (reader.CheckText(path.Field("locale"), message.locale(), 0, kLocaleBytesMax) &&
      !message.locale().empty() && !IsLanguageTag(message.locale())) {
    reader.Violate(path.Field("locale"), "is no language tag such as de or de-CH");
  }
  customer.locale = message.locale();
  reader.CheckText(path.Field("time_zone"), message.time_zone(), 0, kTimeZoneBytesMax);
  customer.time_zone = message.time_zone();
  if (!message.customer_since().empty()) {
    customer.customer_since =
        reader.ReadDate(path.Field("customer_since"), message.customer_since());
  }
  if (message.orders_completed() < 0 || message.orders_completed() > kOrdersCompletedMax) {
    reader.Violate(path.Field("orders_completed"),
                   "is outside 0 to " + std::to_string(kOrdersCompletedMax));
  }
  customer.orders_completed = message.orders_completed();
  if (message.has_lifetime_value()) {
    customer.lifetime_value =
        reader.ReadMoney(path.Field("lifetime_value"), message.lifetime_value());
  }
  reader.CheckText(path.Field("segment"), message.segment(), 0, kSegmentBytesMax);
  customer.segment = message.segment();
  ReadTags(reader, path.Field("tags"), message, customer);
  customer.preferred_channel =
      ReadChannel(reader, path.Field("preferred_channel"), message.preferred_channel());
  customer.contact_consent = !message.has_contact_consent() || message.contact_consent();
  customer.blocked = message.blocked();
  ReadCustomerAttributes(reader, path.Field("attributes"), message, customer);
  return customer;
}

}  // namespace kulanz::rpc
