#include "service/adapters/mail/letter_values.h"

#include <optional>
#include <utility>

namespace kulanz::adapters {
namespace {

TimeZone ReaderZone(const ports::Delivery& delivery) {
  if (const auto zone = TimeZone::Load(delivery.customer.time_zone)) return *zone;
  if (const auto zone = TimeZone::Load(delivery.zone)) return *zone;
  return {};
}

std::string FullName(const Customer& customer) {
  const bool both = !customer.given_name.empty() && !customer.family_name.empty();
  return customer.given_name + (both ? " " : "") + customer.family_name;
}

void AddCustomer(const Customer& customer, VariableValues& values) {
  const std::string full_name = FullName(customer);
  const bool formal = !customer.family_name.empty();
  const bool ms = formal && customer.salutation == Salutation::kMs;
  const bool mr = formal && customer.salutation == Salutation::kMr;
  values["customer.ms"] = ms;
  values["customer.mr"] = mr;
  values["customer.neutral"] = !ms && !mr && !full_name.empty();
  values["customer.unnamed"] = full_name.empty();
  values["customer.given_name"] = customer.given_name;
  values["customer.family_name"] = customer.family_name;
  values["customer.full_name"] = full_name;
}

void AddVoucher(const ports::EnclosedVoucher& enclosed, const Formats& formats,
                VariableValues& values) {
  const VoucherTerms& terms = enclosed.voucher.terms;
  values["voucher.amount"] = formats.Amount(terms.amount);
  values["voucher.code"] = enclosed.code.Reveal(terms.prefix);
  // The last day is a local day of the policy, whatever the reader's zone.
  const std::optional<TimeZone> zone = TimeZone::Load(terms.zone);
  values["voucher.valid_until"] =
      formats.LongDate(zone.value_or(TimeZone()).DateAt(terms.valid_until));
  values["voucher.minimum_order"] =
      terms.minimum_order ? formats.Amount(*terms.minimum_order) : std::string{};
  values["voucher.transferable"] = terms.transferable;
}

// The value of one attribute as its declared kind; nothing when it is absent or of another type.
class AttributeText {
 public:
  AttributeText(const Incident& incident, const Formats& formats, const TimeZone& zone)
      : incident_(incident), formats_(formats), zone_(zone) {}

  // Adds the variables of `attribute`; false when it is not there.
  bool Add(const MessageAttribute& attribute, VariableValues& values) const {
    const std::string name = "incident." + attribute.name;
    if (attribute.kind == AttributeKind::kFlag) {
      const auto* flag = Find<bool>(attribute.name);
      values[name] = flag != nullptr && *flag;
      return flag != nullptr;
    }
    if (attribute.kind == AttributeKind::kInstant) {
      const auto* instant = Find<Instant>(attribute.name);
      if (instant == nullptr) return false;
      const CivilTime time = zone_.At(*instant);
      values[name + "_date"] = formats_.DateWithWeekday(time.day);
      values[name + "_time"] = formats_.TimeOfDay(time);
      return true;
    }
    std::string text = TextOf(attribute);
    if (text.empty()) return false;
    values[name] = std::move(text);
    return true;
  }

 private:
  template <typename T>
  const T* Find(const std::string& name) const {
    const auto found = incident_.attributes.find(name);
    return found == incident_.attributes.end() ? nullptr : std::get_if<T>(&found->second);
  }

  std::optional<Date> LocalDay(const std::string& name) const {
    if (const auto* date = Find<Date>(name)) return *date;
    if (const auto* instant = Find<Instant>(name)) return zone_.DateAt(*instant);
    return std::nullopt;
  }

  std::string TextOf(const MessageAttribute& attribute) const {
    const std::string& name = attribute.name;
    switch (attribute.kind) {
      case AttributeKind::kText: {
        const auto* text = Find<std::string>(name);
        return text == nullptr ? std::string{} : *text;
      }
      case AttributeKind::kNumber: {
        if (const auto* whole = Find<std::int64_t>(name)) return formats_.Number(Decimal(*whole));
        const auto* number = Find<Decimal>(name);
        return number == nullptr ? std::string{} : formats_.Number(*number);
      }
      case AttributeKind::kAmount: {
        const auto* money = Find<Money>(name);
        return money == nullptr ? std::string{} : formats_.Amount(*money);
      }
      case AttributeKind::kDate: {
        const std::optional<Date> day = LocalDay(name);
        return day ? formats_.DateWithWeekday(*day) : std::string{};
      }
      case AttributeKind::kSpan: {
        const auto* span = Find<Duration>(name);
        return span == nullptr ? std::string{} : formats_.Span(*span);
      }
      case AttributeKind::kDays: {
        const std::optional<Date> from = LocalDay(attribute.from);
        const std::optional<Date> to = LocalDay(attribute.to);
        return from && to && *to > *from ? formats_.Days((*to - *from).count()) : std::string{};
      }
      case AttributeKind::kInstant:
      case AttributeKind::kFlag:
        break;
    }
    return {};
  }

  const Incident& incident_;
  const Formats& formats_;
  const TimeZone& zone_;
};

void AddOrder(const std::optional<Order>& order, const Formats& formats, const TimeZone& zone,
              VariableValues& values) {
  if (!order) return;
  values["order.id"] = order->id.text();
  if (order->total) values["order.total"] = formats.Amount(*order->total);
  if (order->placed_at)
    values["order.placed_on"] = formats.LongDate(zone.DateAt(*order->placed_at));
}

}  // namespace

Result<VariableValues> MakeLetterValues(const LetterContext& context,
                                        const std::vector<MessageAttribute>& attributes) {
  const ports::Delivery& delivery = context.delivery;
  const Formats& formats = context.formats;
  const TimeZone zone = ReaderZone(delivery);
  VariableValues values;
  AddCustomer(delivery.customer, values);
  if (delivery.voucher) AddVoucher(*delivery.voucher, formats, values);
  AddOrder(delivery.incident.order, formats, zone, values);
  values["signer.name"] = context.signer.name;
  values["signer.role"] = context.signer.role;
  values["signer.email"] =
      context.signer.reply_to.empty() ? context.signer.email : context.signer.reply_to;
  values["company.name"] = context.company.name;
  values["company.address"] = context.company.address;
  values["company.url"] = context.company.url;
  values["mail.language"] = context.language;
  values["incident.id"] = delivery.incident.id.text();
  values["incident.occurred_on"] =
      formats.DateWithWeekday(zone.DateAt(delivery.incident.occurred_at));
  const AttributeText attribute_text(delivery.incident, formats, zone);
  for (const MessageAttribute& attribute : attributes) {
    if (attribute_text.Add(attribute, values) || attribute.optional) continue;
    return Status(Code::kFailedPrecondition, "VARIABLE_MISSING",
                  "the incident has no usable attribute '" + attribute.name +
                      "', which the message needs")
        .WithMetadata("attribute", attribute.name);
  }
  return values;
}

}  // namespace kulanz::adapters
