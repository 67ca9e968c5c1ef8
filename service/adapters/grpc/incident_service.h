// IncidentService of proto/kulanz/v1 over app::Incidents. Thread-safe.
#pragma once

#include "kulanz/v1/incident_service.grpc.pb.h"
#include "service/adapters/grpc/incident_stream.h"
#include "service/adapters/grpc/unary_call.h"

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
  explicit IncidentService(const UseCases& use_cases) : use_cases_(use_cases) {}

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
  Task<Status> Report(const grpc::ByteBuffer& request, grpc::ByteBuffer& response,
                      Deadline deadline);
  Task<Status> Evaluate(const grpc::ByteBuffer& request, grpc::ByteBuffer& response,
                        Deadline deadline);
  Task<Status> Withdraw(const grpc::ByteBuffer& request, grpc::ByteBuffer& response,
                        Deadline deadline);
  Task<Status> Get(const grpc::ByteBuffer& request, grpc::ByteBuffer& response, Deadline deadline);
  Task<Status> List(const grpc::ByteBuffer& request, grpc::ByteBuffer& response, Deadline deadline);

  const UseCases use_cases_;
  IncidentStreams streams_;
};

}  // namespace kulanz::rpc
