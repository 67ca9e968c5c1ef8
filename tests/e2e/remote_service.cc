#include "tests/e2e/remote_service.h"

#include <set>
#include <utility>

#include "service/base/check.h"
#include "tests/e2e/api.h"

namespace kulanz::e2e {
namespace {

// A Status names its reason by a text that lives for ever.
std::string_view ForEver(std::string reason) {
  static std::mutex mutex;
  static std::set<std::string, std::less<>> reasons;
  const std::lock_guard lock(mutex);
  return *reasons.insert(std::move(reason)).first;
}

// What the call ended with, as the service said it.
Status ToStatus(const grpc::Status& status) {
  if (status.ok()) {
    return Status::Ok();
  }
  const auto code = static_cast<Code>(status.error_code());
  // A connection that breaks off is UNAVAILABLE to gRPC's own retries; what they give up as CANCELLED is so to us.
  const std::string reason = ReasonOf(status);
  return Status(code == Code::kCancelled ? Code::kUnavailable : code,
                ForEver(reason.empty() ? "TRANSPORT" : reason), status.error_message());
}

std::string OutcomeText(v1::Outcome outcome) {
  switch (outcome) {
    case v1::OUTCOME_GRANTED:
      return "granted";
    case v1::OUTCOME_DENIED:
      return "denied";
    default:
      return v1::Outcome_Name(outcome);
  }
}

audit::AnsweredDecision ToAnswer(const v1::Decision& decision) {
  constexpr int kCent = 10'000'000;  // nanos
  audit::AnsweredDecision answer;
  answer.outcome = OutcomeText(decision.outcome());
  answer.reason = decision.reason();
  answer.code = decision.voucher().code();
  answer.amount =
      decision.voucher().amount().units() * 100 + decision.voucher().amount().nanos() / kCent;
  return answer;
}

}  // namespace

template <typename Response, typename Stub, typename Request>
Result<Response> RemoteService::Call(Stub& stub,
                                     grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                  const Request&, Response*),
                                     const Request& request, Deadline deadline) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       (deadline - std::chrono::steady_clock::now()));
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) {
    return ToStatus(status);
  }
  const std::lock_guard lock(mutex_);
  ++answers_[context.peer()];
  return response;
}

std::map<std::string, std::uint64_t> RemoteService::answers() const {
  const std::lock_guard lock(mutex_);
  return answers_;
}

void RemoteService::ConnectTo(const std::shared_ptr<grpc::Channel>& channel) {
  auto stubs = std::make_shared<Stubs>();
  stubs->customers = v1::CustomerService::NewStub(channel);
  stubs->incidents = v1::IncidentService::NewStub(channel);
  stubs->vouchers = v1::VoucherService::NewStub(channel);
  const std::lock_guard lock(mutex_);
  stubs_ = std::move(stubs);
}

std::shared_ptr<const RemoteService::Stubs> RemoteService::stubs() const {
  const std::lock_guard lock(mutex_);
  KULANZ_CHECK(stubs_ != nullptr, "connected before it is called");
  return stubs_;
}

Status RemoteService::Upsert(const Customer& customer, Deadline deadline) {
  v1::UpsertCustomerRequest request;
  request.mutable_customer()->set_customer_id(customer.id.text());
  request.mutable_customer()->set_given_name(customer.given_name);
  request.mutable_customer()->set_email(customer.email);
  return Call(*stubs()->customers, &v1::CustomerService::Stub::UpsertCustomer, request, deadline)
      .status();
}

Result<audit::AnsweredDecision> RemoteService::Report(const Incident& incident, Deadline deadline) {
  v1::ReportIncidentRequest request;
  v1::Incident& message = *request.mutable_incident();
  message.set_incident_id(incident.id.text());
  message.set_customer_id(incident.customer.text());
  message.set_type(incident.type);
  const std::int64_t millis = ToMillis(incident.occurred_at);
  message.mutable_occurred_at()->set_seconds(millis / 1'000);
  message.mutable_occurred_at()->set_nanos(static_cast<int>(millis % 1'000) * 1'000'000);
  message.mutable_order()->set_order_id(incident.order->id.text());
  (*message.mutable_attributes())["cause"].set_string_value(
      std::get<std::string>(incident.attributes.at("cause")));
  const auto response =
      Call(*stubs()->incidents, &v1::IncidentService::Stub::ReportIncident, request, deadline);
  if (!response.ok()) {
    return response.status();
  }
  return ToAnswer(response->decision());
}

Result<audit::AnsweredDecision> RemoteService::GetDecision(const IncidentId& incident,
                                                           Deadline deadline) {
  v1::GetDecisionRequest request;
  request.set_incident_id(incident.text());
  const auto response =
      Call(*stubs()->incidents, &v1::IncidentService::Stub::GetDecision, request, deadline);
  if (!response.ok()) {
    return response.status();
  }
  return ToAnswer(*response);
}

Status RemoteService::Redeem(const app::RedeemRequest& request, Deadline deadline) {
  v1::RedeemVoucherRequest message;
  message.set_code(request.code);
  message.set_customer_id(request.customer.text());
  message.set_redemption_id(request.redemption.text());
  message.set_order_id(request.order.text());
  return Call(*stubs()->vouchers, &v1::VoucherService::Stub::RedeemVoucher, message, deadline)
      .status();
}

Result<std::vector<std::string>> RemoteService::RedemptionsOf(const std::string& code,
                                                              Deadline deadline) {
  v1::GetVoucherRequest request;
  request.set_code(code);
  const auto response =
      Call(*stubs()->vouchers, &v1::VoucherService::Stub::GetVoucher, request, deadline);
  if (!response.ok()) {
    return response.status();
  }
  std::vector<std::string> redemptions;
  for (const v1::Redemption& redemption : response->redemptions()) {
    redemptions.push_back(redemption.redemption_id());
  }
  return redemptions;
}

}  // namespace kulanz::e2e
