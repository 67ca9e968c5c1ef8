// PipelineIncidentService: the bare pipeline. The same messages, the same round trips to the same store
// with records of the same sizes, and no logic: the honest ceiling on a machine that Redis, server and
// client share.
#pragma once

#include <atomic>
#include <cstdint>

#include "service/adapters/grpc/incident_service.h"
#include "service/ports/store.h"

namespace kulanz::bench {

class PipelineIncidentService final : public rpc::RawIncidentService {
 public:
  explicit PipelineIncidentService(ports::Store& store);
  grpc::ServerUnaryReactor* ReportIncident(grpc::CallbackServerContext* context,
                                           const grpc::ByteBuffer* request,
                                           grpc::ByteBuffer* response) override;

 private:
  Task<Status> Report(const grpc::ByteBuffer& request, grpc::ByteBuffer& response,
                      Deadline deadline);
  ports::Store& store_;
  const grpc::ByteBuffer granted_;
};

// What Report does to the store for one incident that is granted, and nothing else.
class StoreTrips {
 public:
  explicit StoreTrips(ports::Store& store) : store_(store) {}
  Task<Status> ClaimAndRead(std::uint64_t number, Deadline deadline);
  Task<Status> Record(std::uint64_t number, Deadline deadline);

 private:
  ports::Key KeyOf(ports::RecordKind kind, std::uint64_t number) const;
  ports::Store& store_;
};

}  // namespace kulanz::bench
