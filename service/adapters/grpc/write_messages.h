// Domain values as messages of the API. Thread-safe; cannot fail.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <optional>

#include "google/type/money.pb.h"
#include "kulanz/v1/customer.pb.h"
#include "kulanz/v1/decision.pb.h"
#include "kulanz/v1/incident.pb.h"
#include "kulanz/v1/voucher.pb.h"
#include "service/app/incidents.h"
#include "service/domain/customer.h"
#include "service/domain/decision.h"
#include "service/domain/incident.h"
#include "service/domain/voucher.h"

namespace kulanz::rpc {

void Write(Money money, google::type::Money& out);
void Write(Instant instant, google::protobuf::Timestamp& out);
void Write(const Incident& incident, v1::Incident& out);
void Write(const Customer& customer, v1::Customer& out);
// As it is at `now`, the store's time: what has lapsed or expired by then has. Nothing: as it is stored.
void Write(const Voucher& voucher, std::optional<Instant> now, v1::Voucher& out);
void Write(const Redemption& redemption, v1::Redemption& out);
void Write(const Reservation& reservation, Currency currency, v1::Reservation& out);
void Write(const DeliveryProgress& progress, v1::DeliveryProgress& out);
void Write(const engine::PolicyTrace& trace, v1::PolicyTrace& out);

// Without the incident and the voucher.
void Write(const Decision& decision, v1::Decision& out);

enum class WithInputs : bool { kNo, kYes };
// With the voucher and its code.
void Write(const app::DecidedIncident& decided, WithInputs inputs, std::optional<Instant> now,
           v1::Decision& out);

}  // namespace kulanz::rpc
