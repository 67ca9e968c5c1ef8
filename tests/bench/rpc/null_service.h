// NullIncidentService: reads each message, decides nothing, answers with a canned grant.
//
// The ceiling of the gRPC library for these messages: nobody who answers them can be faster.
#pragma once

#include "service/adapters/grpc/incident_service.h"

namespace kulanz::bench {

class NullIncidentService final : public rpc::RawIncidentService {
 public:
  NullIncidentService();
  grpc::ServerUnaryReactor* ReportIncident(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* StreamIncidents(
      grpc::CallbackServerContext* context) override;

 private:
  const grpc::ByteBuffer granted_;
};

}  // namespace kulanz::bench
