// Domain values as messages of the API, for the verbs that send them. Thread-safe; cannot fail.
#pragma once

#include <optional>

#include "google/type/money.pb.h"
#include "kulanz/v1/customer.pb.h"
#include "kulanz/v1/incident.pb.h"
#include "service/domain/customer.h"
#include "service/domain/incident.h"

namespace kulanz::command {

void Write(Money money, google::type::Money& out);
void Write(Instant instant, google::protobuf::Timestamp& out);
void Write(const Incident& incident, v1::Incident& out);
void Write(const Customer& customer, v1::Customer& out);

// Nothing for a currency that is not known here, and for what no Money can be.
std::optional<Money> ReadMoney(const google::type::Money& money);

}  // namespace kulanz::command
