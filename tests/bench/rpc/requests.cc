#include "tests/bench/rpc/requests.h"

#include <google/protobuf/message.h>

#include "kulanz/v1/customer_service.pb.h"
#include "kulanz/v1/incident_service.pb.h"

namespace kulanz::bench {
namespace {

// 2026-06-01T00:00:00Z: incidents occur in the month after it.
constexpr std::int64_t kFirstSecond = 1'780'272'000;

grpc::ByteBuffer Serialize(const google::protobuf::Message& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return {&slice, 1};
}

std::string CustomerName(std::uint64_t number) { return "bench-" + std::to_string(number); }

void FillIncident(const IncidentSet& set, std::uint64_t number, v1::Incident& incident) {
  incident.set_incident_id(set.prefix + "-" + std::to_string(number));
  incident.set_customer_id(CustomerName(number % set.customers));
  incident.set_type("late_delivery");
  const std::int64_t occurred = kFirstSecond + static_cast<std::int64_t>(number % 2'500'000);
  incident.mutable_occurred_at()->set_seconds(occurred);
  v1::Order& order = *incident.mutable_order();
  order.set_order_id("order-" + set.prefix + "-" + std::to_string(number));
  order.mutable_total()->set_currency_code("EUR");
  order.mutable_total()->set_units(80);
  auto& attributes = *incident.mutable_attributes();
  attributes["promised_at"].mutable_timestamp_value()->set_seconds(occurred - 4 * 86'400);
  attributes["delivered_at"].mutable_timestamp_value()->set_seconds(occurred);
  attributes["cause"].set_string_value("carrier");
}

v1::ReportIncidentResponse Granted() {
  v1::ReportIncidentResponse response;
  v1::Decision& decision = *response.mutable_decision();
  decision.set_incident_id("null-123456");
  decision.set_customer_id("bench-123");
  decision.set_outcome(v1::OUTCOME_GRANTED);
  decision.set_reason("GRANTED");
  decision.set_policy("late-delivery");
  decision.set_policy_revision(std::string(64, 'a'));
  decision.set_department("logistics");
  decision.mutable_decided_at()->set_seconds(kFirstSecond);
  v1::Voucher& voucher = *decision.mutable_voucher();
  voucher.set_code("SORRY-0000-0000-0000-0000");
  voucher.mutable_amount()->set_currency_code("EUR");
  voucher.mutable_amount()->set_units(10);
  *voucher.mutable_remaining() = voucher.amount();
  voucher.set_incident_id(decision.incident_id());
  voucher.set_customer_id(decision.customer_id());
  voucher.set_policy(decision.policy());
  voucher.set_time_zone("Europe/Berlin");
  voucher.mutable_issued_at()->set_seconds(kFirstSecond);
  voucher.mutable_valid_until()->set_seconds(kFirstSecond);
  voucher.set_state(v1::VOUCHER_STATE_ISSUED);
  voucher.mutable_delivery()->set_state(v1::DELIVERY_STATE_PENDING);
  return response;
}

}  // namespace

std::vector<grpc::ByteBuffer> ReportRequests(const IncidentSet& set, Shape shape) {
  std::vector<grpc::ByteBuffer> requests;
  requests.reserve(set.count);
  for (std::uint64_t i = 0; i < set.count; ++i) {
    if (shape == Shape::kUnary) {
      v1::ReportIncidentRequest request;
      FillIncident(set, i, *request.mutable_incident());
      requests.push_back(Serialize(request));
    } else {
      v1::StreamIncidentsRequest request;
      request.set_request_id(std::to_string(i));
      FillIncident(set, i, *request.mutable_incident());
      requests.push_back(Serialize(request));
    }
  }
  return requests;
}

std::vector<grpc::ByteBuffer> CustomerRequests(std::uint64_t customers) {
  std::vector<grpc::ByteBuffer> requests;
  for (std::uint64_t i = 0; i < customers; ++i) {
    v1::UpsertCustomerRequest request;
    v1::Customer& customer = *request.mutable_customer();
    customer.set_customer_id(CustomerName(i));
    customer.set_given_name("Alex");
    customer.set_family_name("Kim");
    customer.set_email("customer" + std::to_string(i) + "@example.com");
    customer.set_locale("de-DE");
    customer.set_time_zone("Europe/Berlin");
    customer.set_orders_completed(12);
    customer.set_segment("gold");
    requests.push_back(Serialize(request));
  }
  return requests;
}

grpc::ByteBuffer GrantedResponse() { return Serialize(Granted()); }

grpc::ByteBuffer GrantedStreamResponse(const std::string& request_id) {
  v1::StreamIncidentsResponse response;
  response.set_request_id(request_id);
  *response.mutable_response() = Granted();
  return Serialize(response);
}

bool IsGrant(const grpc::ByteBuffer& response, Shape shape) {
  grpc::Slice slice;
  if (!response.DumpToSingleSlice(&slice).ok()) {
    return false;
  }
  const int size = static_cast<int>(slice.size());
  v1::StreamIncidentsResponse message;
  const bool parsed = shape == Shape::kStream
                          ? message.ParseFromArray(slice.begin(), size)
                          : message.mutable_response()->ParseFromArray(slice.begin(), size);
  return parsed && message.response().decision().outcome() == v1::OUTCOME_GRANTED;
}

}  // namespace kulanz::bench
