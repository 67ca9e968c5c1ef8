#include "tests/bench/rpc/null_service.h"

#include "kulanz/v1/incident_service.pb.h"
#include "service/adapters/grpc/wire.h"
#include "tests/bench/rpc/requests.h"

namespace kulanz::bench {
namespace {

// Answers each message before it reads the next.
class NullStream final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  NullStream() { StartRead(&request_); }
  void OnReadDone(bool ok) override {
    if (!ok) {
      Finish(grpc::Status::OK);
      return;
    }
    rpc::ArenaLease arena;
    auto& message = arena.Make<v1::StreamIncidentsRequest>();
    const bool parsed = rpc::ParseMessage(request_, message).ok();
    response_ = GrantedStreamResponse(parsed ? message.request_id() : "");
    StartWrite(&response_);
  }
  void OnWriteDone(bool ok) override {
    if (!ok) {
      Finish(grpc::Status::OK);
      return;
    }
    StartRead(&request_);
  }
  void OnDone() override { delete this; }

 private:
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

}  // namespace

NullIncidentService::NullIncidentService() : granted_(GrantedResponse()) {}

grpc::ServerUnaryReactor* NullIncidentService::ReportIncident(grpc::CallbackServerContext* context,
                                                              const grpc::ByteBuffer* request,
                                                              grpc::ByteBuffer* response) {
  rpc::ArenaLease arena;
  auto& message = arena.Make<v1::ReportIncidentRequest>();
  const bool parsed = rpc::ParseMessage(*request, message).ok();
  *response = granted_;
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(parsed ? grpc::Status::OK
                         : grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "unreadable"));
  return reactor;
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* NullIncidentService::StreamIncidents(
    grpc::CallbackServerContext* /*context*/) {
  return new NullStream;
}

}  // namespace kulanz::bench
