#include "service/app/fingerprint.h"

#include <algorithm>
#include <variant>

#include "service/base/crypto.h"

namespace kulanz::app {
namespace {

// Builds the canonical text: every element has its length before it, so no two lists of elements give
// the same text.
class Canonical {
 public:
  Canonical& Text(std::string_view text) {
    text_ += std::to_string(text.size());
    text_ += ':';
    text_ += text;
    return *this;
  }
  Canonical& Number(std::int64_t number) { return Text(std::to_string(number)); }
  Canonical& Add(const std::optional<Money>& money) {
    return money ? Text(money->ToString()) : Text("-");
  }
  Canonical& Add(const AttributeValue& value) {
    const auto* records = std::get_if<AttributeRecordList>(&value);
    if (records != nullptr && records->empty()) {
      return Add(AttributeList{});  // an empty list of either kind is the same fact
    }
    Number(static_cast<std::int64_t>(value.index()));
    std::visit([this](const auto& v) { AddValue(v); }, value);
    return *this;
  }
  const std::string& text() const { return text_; }

 private:
  void AddValue(bool value) { Number(value ? 1 : 0); }
  void AddValue(std::int64_t value) { Number(value); }
  void AddValue(const Decimal& value) {
    // 1.0 and 1.00 are the same fact.
    std::string text = value.ToString();
    if (value.scale() > 0) {
      text.erase(text.find_last_not_of('0') + 1);
      if (text.back() == '.') {
        text.pop_back();
      }
    }
    Text(text);
  }
  void AddValue(const Money& value) { Text(value.ToString()); }
  void AddValue(const std::string& value) { Text(value); }
  void AddValue(Instant value) { Number(ToMillis(value)); }
  void AddValue(Date value) { Number(value.time_since_epoch().count()); }
  void AddValue(Duration value) { Number(value.count()); }
  void AddScalar(const AttributeScalar& scalar) {
    Number(static_cast<std::int64_t>(scalar.index()));
    std::visit([this](const auto& value) { AddValue(value); }, scalar);
  }
  // A list of strings is the text that it was when lists held nothing else.
  void AddValue(const AttributeList& values) {
    const bool texts = std::all_of(values.begin(), values.end(), [](const AttributeScalar& value) {
      return std::holds_alternative<std::string>(value);
    });
    if (!texts) {
      Text("scalars");
    }
    Number(static_cast<std::int64_t>(values.size()));
    for (const AttributeScalar& value : values) {
      texts ? AddValue(std::get<std::string>(value)) : AddScalar(value);
    }
  }
  void AddValue(const AttributeRecordList& records) {
    Number(static_cast<std::int64_t>(records.size()));
    for (const AttributeRecord& record : records) {
      Number(static_cast<std::int64_t>(record.size()));
      for (const auto& [name, value] : record) {
        Text(name);
        AddScalar(value);
      }
    }
  }
  std::string text_;
};

void AppendDigest(std::string& fingerprint, const Canonical& part) {
  const Sha256Digest digest = Sha256(part.text());
  fingerprint += AsView(digest).substr(0, kFingerprintPartBytes);
}

}  // namespace

std::string FingerprintOf(const Incident& incident) {
  std::string fingerprint;
  fingerprint.reserve(kFingerprintParts.size() * kFingerprintPartBytes);
  AppendDigest(fingerprint, Canonical().Text(incident.type));
  AppendDigest(fingerprint, Canonical().Number(ToMillis(incident.occurred_at)));
  AppendDigest(
      fingerprint,
      Canonical().Number(incident.revision).Number(static_cast<std::int64_t>(incident.reporter)));
  Canonical order;
  if (incident.order) {
    order.Text(incident.order->id.text()).Add(incident.order->total);
    if (incident.order->placed_at) {
      order.Number(ToMillis(*incident.order->placed_at));
    }
  }
  AppendDigest(fingerprint, order);
  Canonical attributes;
  for (const auto& [name, value] : incident.attributes) {
    attributes.Text(name).Add(value);
  }
  AppendDigest(fingerprint, attributes);
  return fingerprint;
}

std::vector<std::string> DifferingParts(std::string_view a, std::string_view b) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < kFingerprintParts.size(); ++i) {
    const std::size_t at = i * kFingerprintPartBytes;
    const bool readable = at <= a.size() && at <= b.size();
    if (!readable || a.substr(at, kFingerprintPartBytes) != b.substr(at, kFingerprintPartBytes)) {
      parts.push_back("incident." + std::string(kFingerprintParts[i]));
    }
  }
  return parts;
}

bool IsSameIdentity(std::string_view a, std::string_view b) {
  const std::vector<std::string> parts = DifferingParts(a, b);
  return std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
    return part == "incident.revision" || part == "incident.attributes";
  });
}

std::vector<std::string> DifferingFields(const Incident& a, const Incident& b) {
  std::vector<std::string> fields;
  const auto note = [&fields](bool differs, std::string field) {
    if (differs) {
      fields.push_back(std::move(field));
    }
  };
  note(a.customer != b.customer, "incident.customer_id");
  note(a.type != b.type, "incident.type");
  note(a.occurred_at != b.occurred_at, "incident.occurred_at");
  note(a.revision != b.revision, "incident.revision");
  note(a.reporter != b.reporter, "incident.reporter");
  note(a.order != b.order, "incident.order");
  const auto attribute = [](const std::string& name) {
    return "incident.attributes[\"" + name + "\"]";
  };
  for (const auto& [name, value] : a.attributes) {
    const auto other = b.attributes.find(name);
    note(other == b.attributes.end() || other->second != value, attribute(name));
  }
  for (const auto& [name, value] : b.attributes) {
    note(!a.attributes.contains(name), attribute(name));
  }
  return fields;
}

}  // namespace kulanz::app
