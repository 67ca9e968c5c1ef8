// Customer: what Kulanz knows of an existing customer. The only record that holds personal data.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "service/domain/channel.h"
#include "service/domain/ids.h"
#include "service/domain/money.h"
#include "service/domain/time.h"

namespace kulanz {

enum class Salutation : std::uint8_t { kNeutral, kMs, kMr };

struct Customer {
  CustomerId id;
  std::string given_name;
  std::string family_name;
  Salutation salutation = Salutation::kNeutral;
  std::string email;      // empty: no letter can be sent, the voucher stands in the dead letters
  std::string locale;     // BCP 47, e.g. "de-CH"; empty: the default of the message
  std::string time_zone;  // IANA, e.g. "Europe/Berlin"; empty: the policy's zone
  std::optional<Date> customer_since;
  std::int64_t orders_completed = 0;
  std::optional<Money> lifetime_value;
  std::string segment;  // e.g. "gold", "employee"; free text of the shop
  std::vector<std::string> tags;
  Channel preferred_channel = Channel::kEmail;
  bool contact_consent = true;  // false: nothing may be sent
  bool blocked = false;         // true: no gesture at all (fraud, dispute)
  std::map<std::string, std::string, std::less<>> attributes;
  // When a mail server refused `email` for good; kept by Kulanz, and forgotten with the address.
  std::optional<Instant> email_refused_at = std::nullopt;

  friend bool operator==(const Customer&, const Customer&) = default;
};

inline constexpr std::size_t kNameBytesMax = 200;
inline constexpr std::size_t kEmailBytesMax = 320;  // 64 local + '@' + 255 domain (RFC 5321)
inline constexpr std::size_t kLocaleBytesMax = 35;  // RFC 5646 section 4.4.1
inline constexpr std::size_t kTimeZoneBytesMax = 64;
inline constexpr std::size_t kSegmentBytesMax = 64;
inline constexpr std::size_t kTagsMax = 32;
inline constexpr std::size_t kTagBytesMax = 64;
inline constexpr std::size_t kCustomerAttributesMax = 32;
inline constexpr std::size_t kCustomerAttributeBytesMax = 256;

}  // namespace kulanz
