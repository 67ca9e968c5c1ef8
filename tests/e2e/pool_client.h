// A client of PoolService for tests.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "kulanz/v1/pool_service.grpc.pb.h"
#include "tests/e2e/api.h"

namespace kulanz::e2e {

class PoolClient {
 public:
  explicit PoolClient(const std::shared_ptr<grpc::Channel>& channel)
      : stub_(v1::PoolService::NewStub(channel)) {}

  // One message for each list.
  Answer<v1::ImportPoolCodesResponse> Import(const std::string& pool,
                                             const std::vector<std::vector<std::string>>& lists) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    Answer<v1::ImportPoolCodesResponse> answer;
    const auto stream = stub_->ImportPoolCodes(&context, &answer.message);
    for (const auto& codes : lists) {
      v1::ImportPoolCodesRequest request;
      request.set_pool(pool);
      request.mutable_codes()->Add(codes.begin(), codes.end());
      stream->Write(request);
    }
    stream->WritesDone();
    answer.status = stream->Finish();
    return answer;
  }

  Answer<v1::Pool> Get(const std::string& pool) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    v1::GetPoolRequest request;
    request.set_pool(pool);
    Answer<v1::Pool> answer;
    answer.status = stub_->GetPool(&context, request, &answer.message);
    return answer;
  }

 private:
  std::unique_ptr<v1::PoolService::Stub> stub_;
};

inline v1::Incident MissedVisit(const std::string& id, const std::string& customer = "C-1") {
  v1::Incident incident = Outage(id, customer);
  incident.set_type("missed_visit");
  return incident;
}

inline std::vector<std::string> PoolCodes(int count, const std::string& prefix = "VISIT-") {
  std::vector<std::string> codes;
  for (int i = 0; i < count; ++i) {
    codes.push_back(prefix + std::to_string(10'000 + i));
  }
  return codes;
}

}  // namespace kulanz::e2e
