// IncidentService of proto/kulanz/v1 over app::Incidents. Thread-safe.
#pragma once

#include <string_view>
#include <utility>

#include "kulanz/v1/incident_service.grpc.pb.h"
#include "service/adapters/grpc/call_pipeline.h"
#include "service/adapters/grpc/incident_stream.h"
#include "service/adapters/grpc/use_cases.h"

namespace kulanz::rpc {

// Every method raw: we parse (wire.h).
using RawIncidentService = v1::IncidentService::WithRawCallbackMethod_ReportIncident<
    v1::IncidentService::WithRawCallbackMethod_StreamIncidents<
        v1::IncidentService::WithRawCallbackMethod_EvaluateIncident<
            v1::IncidentService::WithRawCallbackMethod_GetDecision<
                v1::IncidentService::WithRawCallbackMethod_ListDecisions<
                    v1::IncidentService::WithRawCallbackMethod_WithdrawIncident<
                        v1::IncidentService::Service>>>>>>;

class IncidentService final : public RawIncidentService {
 public:
  IncidentService(const UseCases& use_cases, CallPipeline& pipeline)
      : use_cases_(use_cases), pipeline_(pipeline), streams_(use_cases_, pipeline) {}

  // Ends every stream as soon as what it has taken is answered (UNAVAILABLE / SERVER_STOPPING), and each
  // new one at once.
  void EndStreams() { streams_.EndAll(); }

  grpc::ServerUnaryReactor* ReportIncident(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* StreamIncidents(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* EvaluateIncident(grpc::CallbackServerContext* context,
                                             const grpc::ByteBuffer* request,
                                             grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* WithdrawIncident(grpc::CallbackServerContext* context,
                                             const grpc::ByteBuffer* request,
                                             grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* GetDecision(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* ListDecisions(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer* request,
                                          grpc::ByteBuffer* response) override;

 private:
  // The bytes outlive the task: gRPC keeps them until the call is finished.
  Task<Status> Report(Call& call, const grpc::ByteBuffer& request, grpc::ByteBuffer& response);
  Task<Status> Evaluate(Call& call, const grpc::ByteBuffer& request, grpc::ByteBuffer& response);
  Task<Status> Withdraw(Call& call, const grpc::ByteBuffer& request, grpc::ByteBuffer& response);
  Task<Status> Get(Call& call, const grpc::ByteBuffer& request, grpc::ByteBuffer& response);
  Task<Status> List(Call& call, const grpc::ByteBuffer& request, grpc::ByteBuffer& response);

  template <typename Work>
  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext& context, std::string_view method,
                                  Work work) {
    return pipeline_.Serve(FindMethod(v1::IncidentService::service_full_name(), method), context,
                           std::move(work));
  }

  const UseCases use_cases_;
  CallPipeline& pipeline_;
  IncidentStreams streams_;
};

}  // namespace kulanz::rpc
