// RemoteService: a running kulanzd as an audit::ServiceClient, over the wire. Where the server listens may change
// while calls are made: who was killed comes back elsewhere.
#pragma once

#include <grpcpp/channel.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "kulanz/v1/customer_service.grpc.pb.h"
#include "kulanz/v1/incident_service.grpc.pb.h"
#include "kulanz/v1/voucher_service.grpc.pb.h"
#include "tests/support/audit/service_client.h"

namespace kulanz::e2e {

class RemoteService final : public audit::ServiceClient {
 public:
  // From now on it is there.
  void ConnectTo(const std::shared_ptr<grpc::Channel>& channel);
  // Calls that were answered so far, by the address of who answered last.
  std::map<std::string, std::uint64_t> answers() const;

  Status Upsert(const Customer& customer, Deadline deadline) override;
  Result<audit::AnsweredDecision> Report(const Incident& incident, Deadline deadline) override;
  Result<audit::AnsweredDecision> GetDecision(const IncidentId& incident,
                                              Deadline deadline) override;
  Status Redeem(const app::RedeemRequest& request, Deadline deadline) override;
  Result<std::vector<std::string>> RedemptionsOf(const std::string& code,
                                                 Deadline deadline) override;

 private:
  struct Stubs {
    std::unique_ptr<v1::CustomerService::Stub> customers;
    std::unique_ptr<v1::IncidentService::Stub> incidents;
    std::unique_ptr<v1::VoucherService::Stub> vouchers;
  };
  std::shared_ptr<const Stubs> stubs() const;
  template <typename Response, typename Stub, typename Request>
  Result<Response> Call(Stub& stub,
                        grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                     Response*),
                        const Request& request, Deadline deadline);

  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> answers_;  // under mutex_
  std::shared_ptr<const Stubs> stubs_;            // under mutex_
};

}  // namespace kulanz::e2e
