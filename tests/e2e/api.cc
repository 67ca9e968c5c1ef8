#include "tests/e2e/api.h"

#include <chrono>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "service/base/status.h"

namespace kulanz::e2e {
namespace {

constexpr std::chrono::seconds kPatience{30};

template <typename Response, typename Stub, typename Request>
Answer<Response> Call(Stub& stub,
                      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                      const Request& request) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  Answer<Response> answer;
  answer.status = (stub.*method)(&context, request, &answer.message);
  return answer;
}

google::protobuf::Timestamp Now() {
  google::protobuf::Timestamp now;
  now.set_seconds(std::chrono::duration_cast<std::chrono::seconds>(
                      std::chrono::system_clock::now().time_since_epoch())
                      .count());
  return now;
}

template <typename Detail>
bool Find(const grpc::Status& status, Detail& detail) {
  google::rpc::Status proto;
  if (!proto.ParseFromString(status.error_details())) {
    return false;
  }
  for (const auto& any : proto.details()) {
    if (any.UnpackTo(&detail)) {
      return true;
    }
  }
  return false;
}

}  // namespace

Api::Api(const std::shared_ptr<grpc::Channel>& channel)
    : incidents_(v1::IncidentService::NewStub(channel)),
      customers_(v1::CustomerService::NewStub(channel)),
      vouchers_(v1::VoucherService::NewStub(channel)),
      health_(grpc::health::v1::Health::NewStub(channel)) {}

Answer<v1::ReportIncidentResponse> Api::Report(const v1::Incident& incident) {
  v1::ReportIncidentRequest request;
  *request.mutable_incident() = incident;
  return Call(*incidents_, &v1::IncidentService::Stub::ReportIncident, request);
}

Answer<v1::EvaluateIncidentResponse> Api::Evaluate(const v1::Incident& incident) {
  v1::EvaluateIncidentRequest request;
  *request.mutable_incident() = incident;
  return Call(*incidents_, &v1::IncidentService::Stub::EvaluateIncident, request);
}

Answer<v1::Decision> Api::GetDecision(const std::string& incident_id) {
  v1::GetDecisionRequest request;
  request.set_incident_id(incident_id);
  return Call(*incidents_, &v1::IncidentService::Stub::GetDecision, request);
}

Answer<v1::ListDecisionsResponse> Api::List(const std::string& customer_id, int page_size,
                                            const std::string& page_token) {
  v1::ListDecisionsRequest request;
  request.set_customer_id(customer_id);
  request.set_page_size(page_size);
  request.set_page_token(page_token);
  return Call(*incidents_, &v1::IncidentService::Stub::ListDecisions, request);
}

Answer<v1::UpsertCustomerResponse> Api::Upsert(const v1::Customer& customer) {
  v1::UpsertCustomerRequest request;
  *request.mutable_customer() = customer;
  return Call(*customers_, &v1::CustomerService::Stub::UpsertCustomer, request);
}

Answer<v1::Customer> Api::GetCustomer(const std::string& customer_id) {
  v1::GetCustomerRequest request;
  request.set_customer_id(customer_id);
  return Call(*customers_, &v1::CustomerService::Stub::GetCustomer, request);
}

Answer<v1::EraseCustomerResponse> Api::Erase(const std::string& customer_id) {
  v1::EraseCustomerRequest request;
  request.set_customer_id(customer_id);
  return Call(*customers_, &v1::CustomerService::Stub::EraseCustomer, request);
}

Answer<v1::ImportCustomersResponse> Api::Import(const std::vector<v1::Customer>& customers) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  Answer<v1::ImportCustomersResponse> answer;
  const auto stream = customers_->ImportCustomers(&context, &answer.message);
  for (const v1::Customer& customer : customers) {
    v1::ImportCustomersRequest request;
    *request.mutable_customer() = customer;
    stream->Write(request);
  }
  stream->WritesDone();
  answer.status = stream->Finish();
  return answer;
}

Answer<v1::Voucher> Api::GetVoucher(const std::string& code) {
  v1::GetVoucherRequest request;
  request.set_code(code);
  return Call(*vouchers_, &v1::VoucherService::Stub::GetVoucher, request);
}

Answer<v1::ValidateVoucherResponse> Api::Validate(const v1::ValidateVoucherRequest& request) {
  return Call(*vouchers_, &v1::VoucherService::Stub::ValidateVoucher, request);
}

Answer<v1::RedeemVoucherResponse> Api::Redeem(const v1::RedeemVoucherRequest& request) {
  return Call(*vouchers_, &v1::VoucherService::Stub::RedeemVoucher, request);
}

Answer<grpc::health::v1::HealthCheckResponse> Api::Health(const std::string& service) {
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  return Call(*health_, &grpc::health::v1::Health::Stub::Check, request);
}

v1::Customer ACustomer(const std::string& id) {
  v1::Customer customer;
  customer.set_customer_id(id);
  customer.set_given_name("Zoë");
  customer.set_family_name("Müller");
  customer.set_email("zoe@example.com");
  customer.set_locale("de-DE");
  customer.set_time_zone("Europe/Berlin");
  customer.set_orders_completed(3);
  customer.set_segment("gold");
  return customer;
}

v1::Incident LateDelivery(const std::string& id, const std::string& customer, int days_late) {
  v1::Incident incident;
  incident.set_incident_id(id);
  incident.set_customer_id(customer);
  incident.set_type("late_delivery");
  *incident.mutable_occurred_at() = Now();
  incident.mutable_order()->set_order_id("O-" + id);
  auto& attributes = *incident.mutable_attributes();
  *attributes["delivered_at"].mutable_timestamp_value() = Now();
  auto promised = Now();
  // An hour more: the day on which summer time ends has 25.
  promised.set_seconds(promised.seconds() - std::int64_t{86'400} * days_late - 3'600);
  *attributes["promised_at"].mutable_timestamp_value() = promised;
  attributes["cause"].set_string_value("carrier");
  return incident;
}

v1::Incident Outage(const std::string& id, const std::string& customer) {
  v1::Incident incident;
  incident.set_incident_id(id);
  incident.set_customer_id(customer);
  incident.set_type("outage");
  *incident.mutable_occurred_at() = Now();
  return incident;
}

v1::RedeemVoucherRequest Redemption(const std::string& code, const std::string& id,
                                    const std::string& order, const std::string& customer) {
  v1::RedeemVoucherRequest request;
  request.set_code(code);
  request.set_customer_id(customer);
  request.set_redemption_id(id);
  request.set_order_id(order);
  request.mutable_order_total()->set_currency_code("EUR");
  request.mutable_order_total()->set_units(50);
  return request;
}

std::string ReasonOf(const grpc::Status& status) {
  google::rpc::ErrorInfo info;
  Find(status, info);
  return info.reason();
}

std::string Reason(const grpc::Status& status) {
  if (status.ok()) {
    return "OK";
  }
  return std::string(CodeName(static_cast<Code>(status.error_code()))) + "/" + ReasonOf(status);
}

std::string Metadata(const grpc::Status& status, const std::string& key) {
  google::rpc::ErrorInfo info;
  Find(status, info);
  const auto found = info.metadata().find(key);
  return found == info.metadata().end() ? "" : found->second;
}

std::vector<std::string> Fields(const grpc::Status& status) {
  google::rpc::BadRequest bad;
  Find(status, bad);
  std::vector<std::string> fields;
  for (const auto& violation : bad.field_violations()) {
    fields.push_back(violation.field());
  }
  return fields;
}

bool HasRetryInfo(const grpc::Status& status) {
  google::rpc::RetryInfo retry;
  return Find(status, retry);
}

}  // namespace kulanz::e2e
