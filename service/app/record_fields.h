// The messages of proto/kulanz/record/v1 field by field: used by record_*.cc only.
//
// Write* fill a message from a domain value; Read* give false or nothing when the message says what no
// domain value can be.
#pragma once

#include <cstdint>
#include <optional>

#include "service/domain/customer.h"
#include "service/domain/decision.h"
#include "service/domain/voucher_life.h"

namespace kulanz::record::v1 {
class Customer;
class Decision;
class Incident;
class Money;
class Voucher;
}  // namespace kulanz::record::v1

namespace kulanz::app {

// The number of an enum's literal that this version knows.
template <typename Enum>
bool ReadRecordEnum(std::uint32_t in, Enum last, Enum& out) {
  if (in > static_cast<std::uint32_t>(last)) {
    return false;
  }
  out = static_cast<Enum>(in);
  return true;
}

// Years 1 to 9999 are less than 2^22 days from 1970.
inline std::int32_t RecordDays(Date date) {
  return static_cast<std::int32_t>(date.time_since_epoch().count());
}

void WriteMoney(Money money, record::v1::Money& out);
std::optional<Money> ReadMoney(const record::v1::Money& in);
// An amount that may be absent. False when it says what no money can be.
bool ReadOptionalMoney(bool present, const record::v1::Money& in, std::optional<Money>& out);

void WriteIncident(const Incident& incident, record::v1::Incident& out);
bool ReadIncident(const record::v1::Incident& in, Incident& incident);

void WriteDecision(const Decision& decision, record::v1::Decision& out);
bool ReadDecision(const record::v1::Decision& in, Decision& decision);

void WriteVoucherLife(const VoucherLife& life, record::v1::Voucher& out);
bool ReadVoucherLife(const record::v1::Voucher& in, VoucherLife& life);

void WriteCustomer(const Customer& customer, record::v1::Customer& out);
bool ReadCustomer(const record::v1::Customer& in, Customer& customer);

}  // namespace kulanz::app
