// A client of the API for tests: requests in one line, and errors as they came.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/support/status.h>

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "grpc/health/v1/health.grpc.pb.h"
#include "kulanz/v1/customer_service.grpc.pb.h"
#include "kulanz/v1/incident_service.grpc.pb.h"
#include "kulanz/v1/voucher_service.grpc.pb.h"

namespace kulanz::e2e {

// An answer or an error, whichever came.
template <typename Message>
struct Answer {
  grpc::Status status;
  Message message;
  bool ok() const { return status.ok(); }
  const Message* operator->() const { return &message; }
};

class Api {
 public:
  explicit Api(const std::shared_ptr<grpc::Channel>& channel);

  Answer<v1::ReportIncidentResponse> Report(const v1::Incident& incident);
  Answer<v1::EvaluateIncidentResponse> Evaluate(const v1::Incident& incident);
  Answer<v1::Decision> GetDecision(const std::string& incident_id);
  Answer<v1::ListDecisionsResponse> List(const std::string& customer_id, int page_size,
                                         const std::string& page_token);
  Answer<v1::UpsertCustomerResponse> Upsert(const v1::Customer& customer);
  Answer<v1::Customer> GetCustomer(const std::string& customer_id);
  Answer<v1::EraseCustomerResponse> Erase(const std::string& customer_id);
  Answer<v1::ImportCustomersResponse> Import(const std::vector<v1::Customer>& customers);
  Answer<v1::Voucher> GetVoucher(const std::string& code);
  Answer<v1::ValidateVoucherResponse> Validate(const v1::ValidateVoucherRequest& request);
  Answer<v1::RedeemVoucherResponse> Redeem(const v1::RedeemVoucherRequest& request);
  Answer<grpc::health::v1::HealthCheckResponse> Health(const std::string& service);

  v1::IncidentService::Stub& incidents() { return *incidents_; }
  grpc::health::v1::Health::Stub& health() { return *health_; }

 private:
  std::unique_ptr<v1::IncidentService::Stub> incidents_;
  std::unique_ptr<v1::CustomerService::Stub> customers_;
  std::unique_ptr<v1::VoucherService::Stub> vouchers_;
  std::unique_ptr<grpc::health::v1::Health::Stub> health_;
};

// ---- Requests -----------------------------------------------------------------------------------

v1::Customer ACustomer(const std::string& id = "C-1");
// Of `customer`, some days late, now; the order is named after the incident.
v1::Incident LateDelivery(const std::string& id, const std::string& customer = "C-1",
                          int days_late = 1);
v1::Incident Outage(const std::string& id, const std::string& customer);
v1::RedeemVoucherRequest Redemption(const std::string& code, const std::string& id,
                                    const std::string& order = "O-9",
                                    const std::string& customer = "C-1");

// ---- Errors -------------------------------------------------------------------------------------

// "INVALID_ARGUMENT/INVALID_REQUEST", or "OK".
std::string Reason(const grpc::Status& status);
// "INVALID_REQUEST" alone; empty: nobody gave one.
std::string ReasonOf(const grpc::Status& status);
std::string Metadata(const grpc::Status& status, const std::string& key);
// The paths of BadRequest, in order.
std::vector<std::string> Fields(const grpc::Status& status);
bool HasRetryInfo(const grpc::Status& status);

}  // namespace kulanz::e2e

namespace grpc {
// How GoogleTest prints a failed expectation.
inline void PrintTo(const Status& status, std::ostream* out) {
  *out << kulanz::e2e::Reason(status) << ": " << status.error_message();
}
}  // namespace grpc
