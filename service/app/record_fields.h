// The messages of proto/kulanz/record/v1 field by field: used by record_codec.cc only.
//
// Write* fill a message from a domain value; Read* give false or nothing when the message says what no
// domain value can be.
#pragma once

#include <optional>

#include "service/domain/customer.h"
#include "service/domain/decision.h"

namespace kulanz::record::v1 {
class Customer;
class Decision;
class Money;
}  // namespace kulanz::record::v1

namespace kulanz::app {

void WriteMoney(Money money, record::v1::Money& out);
std::optional<Money> ReadMoney(const record::v1::Money& in);

void WriteDecision(const Decision& decision, record::v1::Decision& out);
bool ReadDecision(const record::v1::Decision& in, Decision& decision);

void WriteCustomer(const Customer& customer, record::v1::Customer& out);
bool ReadCustomer(const record::v1::Customer& in, Customer& customer);

}  // namespace kulanz::app
