#include "service/adapters/grpc/incident_stream.h"

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "kulanz/v1/incident_service.grpc.pb.h"
#include "service/adapters/grpc/errors.h"
#include "service/adapters/grpc/field_reader.h"
#include "service/adapters/grpc/read_incident.h"
#include "service/adapters/grpc/stopping.h"
#include "service/adapters/grpc/wire.h"
#include "service/adapters/grpc/write_messages.h"

namespace kulanz::rpc {
namespace {

struct StreamRequest {
  std::string request_id;
  Incident incident;
  Violations violations;
};

// `request` gets the id even when the rest cannot be used.
Status ReadStreamRequest(const grpc::ByteBuffer& bytes, StreamRequest& request) {
  ArenaLease arena;
  auto& message = arena.Make<v1::StreamIncidentsRequest>();
  if (Status status = ParseMessage(bytes, message); !status.ok()) {
    return status;
  }
  FieldReader reader;
  if (reader.CheckText(kRequest.Field("request_id"), message.request_id(), 1, kIdBytesMax)) {
    request.request_id = message.request_id();
  }
  if (message.has_incident()) {
    request.incident = ReadIncident(reader, kRequest.Field("incident"), message.incident());
  } else {
    reader.Violate(kRequest.Field("incident"), "is required");
  }
  request.violations = reader.Take();
  return Status::Ok();
}

}  // namespace

// One stream. Leaves its owner when gRPC is done with it: that is after Finish, which is after every task that
// refers to it has ended.
//
// No lock is held over a call of Start* or Finish: gRPC may run the next reaction inside it.
class IncidentStream final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  IncidentStream(OpenStreams<IncidentStream>& streams, bool ending, const UseCases& use_cases,
                 CallPipeline& pipeline, grpc::CallbackServerContext& context)
      : streams_(streams),
        use_cases_(use_cases),
        pipeline_(pipeline),
        call_(FindMethod(v1::IncidentService::service_full_name(), "StreamIncidents"), context),
        ending_(ending) {}

  // Before anything else but End.
  void Start() {
    Status status = pipeline_.Open(call_);
    std::unique_lock lock(mutex_);
    Next next = Next::kFinish;
    if (status.ok()) {
      started_ = true;
      next = WhatIsNext();
    } else {
      finishing_ = true;
      end_ = std::move(status);
    }
    lock.unlock();
    Do(next);
  }

  // See IncidentStreams::EndAll. While the pipeline still opens the call, it only leaves word for Start: a call
  // cannot be closed before it is open.
  void End() {
    std::unique_lock lock(mutex_);
    ending_ = true;
    const Next next = WhatIsNext();
    lock.unlock();
    Do(next);
  }

  void OnReadDone(bool ok) override {
    std::unique_lock lock(mutex_);
    reading_ = false;
    if (!ok || finishing_) {
      half_closed_ = true;
      const Next next = WhatIsNext();
      lock.unlock();
      Do(next);
      return;
    }
    ++outstanding_;  // From here to its answer this request keeps the stream.
    grpc::ByteBuffer bytes;
    bytes.Swap(&incoming_);
    const Next next = WhatIsNext();
    lock.unlock();
    Do(next);
    const LogScope scope(call_.log_context);
    SpawnThen(Decide(std::move(bytes)),
              [this](grpc::ByteBuffer answer) { Answer(std::move(answer)); });
  }

  void OnWriteDone(bool ok) override {
    std::unique_lock lock(mutex_);
    writing_ = false;
    --outstanding_;
    if (!ok) {
      Abandon();
    }
    const Next next = WhatIsNext();
    lock.unlock();
    Do(next);
  }

  void OnCancel() override {
    std::unique_lock lock(mutex_);
    Abandon();
    const Next next = WhatIsNext();
    lock.unlock();
    Do(next);
  }

  void OnDone() override { streams_.Remove(*this); }

 private:
  enum class Next : unsigned char { kNothing, kRead, kWrite, kReadAndWrite, kFinish };

  Task<grpc::ByteBuffer> Decide(grpc::ByteBuffer bytes) {
    const auto start = std::chrono::steady_clock::now();
    StreamRequest request;
    Status status = ReadStreamRequest(bytes, request);
    std::optional<app::DecidedIncident> decided;
    bool entered = false;
    if (status.ok() && !request.request_id.empty()) {  // Whoever is refused must know with what.
      status = pipeline_.EnterMessage(call_);
      entered = status.ok();
    }
    if (status.ok() && request.request_id.empty()) {
      status = Status::Invalid(request.violations);  // Nobody could tell whose answer it is.
    } else if (status.ok()) {
      Violations violations = request.violations;
      Incident incident = std::move(request.incident);
      const Deadline deadline = DeadlineOf(call_.context);
      const bool is_audited = pipeline_.IsAudited(call_);
      if (is_audited) {
        status = co_await pipeline_.AuditBegin(call_);
      }
      if (status.ok()) {
        Result<app::DecidedIncident> result = co_await use_cases_.incidents.Report(
            std::move(incident), std::move(violations), deadline);
        if (result.ok()) {
          decided = std::move(result).value();
        } else {
          status = WithoutEchoes(result.status(), request.violations);
        }
        if (is_audited) {
          std::string subject = decided ? SubjectOf(decided->decision.incident.id) : "";
          co_await pipeline_.AuditEnd(call_, std::move(subject), status);
        }
      }
    }
    if (entered) {
      pipeline_.LeaveMessage(call_, status, start);
    }
    pipeline_.MessageFinished(call_, status, start);
    ArenaLease arena;
    auto& message = arena.Make<v1::StreamIncidentsResponse>();
    message.set_request_id(request.request_id);
    if (decided) {
      v1::ReportIncidentResponse& response = *message.mutable_response();
      Write(*decided, WithInputs::kNo, use_cases_.store.Now(), *response.mutable_decision());
      response.set_replayed(decided->replayed);
    } else {
      ToProto(status, *message.mutable_error());
    }
    co_return SerializeMessage(message);
  }

  void Answer(grpc::ByteBuffer answer) {
    std::unique_lock lock(mutex_);
    if (abandoned_) {
      --outstanding_;
    } else {
      answers_.push_back(std::move(answer));
    }
    const Next next = WhatIsNext();
    lock.unlock();
    Do(next);
  }

  // The client is gone: nobody reads answers any more. Needs mutex_.
  void Abandon() {
    abandoned_ = true;
    outstanding_ -= answers_.size();
    answers_.clear();
  }

  // Decides under mutex_ what to start and marks it as started; Do() then starts it without the lock.
  Next WhatIsNext() {
    if (!started_ || finishing_) {
      return Next::kNothing;
    }
    const bool no_more = half_closed_ || abandoned_ || ending_;
    if (no_more && outstanding_ == 0) {
      finishing_ = true;
      if (!half_closed_ && !abandoned_) {
        end_ = ServerStopping("open the stream again");
      }
      return Next::kFinish;
    }
    const bool write = !writing_ && !answers_.empty();
    if (write) {
      writing_ = true;
      outgoing_ = std::move(answers_.front());
      answers_.pop_front();
      hint_ = !answers_.empty();
    }
    const bool read = !reading_ && !no_more && outstanding_ < kStreamOutstandingMax;
    if (read) {
      reading_ = true;
    }
    return read && write ? Next::kReadAndWrite
           : read        ? Next::kRead
           : write       ? Next::kWrite
                         : Next::kNothing;
  }

  // Only the thread that got `next` from WhatIsNext. The stream may be gone when this returns.
  void Do(Next next) {
    switch (next) {
      case Next::kNothing:
        return;
      case Next::kRead:
        StartRead(&incoming_);
        return;
      case Next::kReadAndWrite:
        // As long as the write is not started, outstanding_ is not 0 and the stream stays.
        StartRead(&incoming_);
        [[fallthrough]];
      case Next::kWrite: {
        grpc::WriteOptions options;
        if (hint_) {
          options.set_buffer_hint();  // The next answer is here: one packet for both.
        }
        StartWrite(&outgoing_, options);
        return;
      }
      case Next::kFinish:
        pipeline_.Close(call_, end_);
        Finish(ToGrpc(end_, call_.context));
        return;
    }
  }

  OpenStreams<IncidentStream>& streams_;
  const UseCases& use_cases_;
  CallPipeline& pipeline_;
  Call call_;
  grpc::ByteBuffer incoming_;  // owned by the read under way
  grpc::ByteBuffer outgoing_;  // owned by the write under way
  bool hint_ = false;          // likewise
  Status end_;                 // owned by who finishes

  std::mutex mutex_;
  // Under mutex_:
  std::deque<grpc::ByteBuffer> answers_;
  std::size_t outstanding_ = 0;  // taken, and their answer is not written yet
  bool started_ = false;         // the call is open, and may be closed
  bool reading_ = false;
  bool writing_ = false;
  bool half_closed_ = false;
  bool abandoned_ = false;
  bool ending_;
  bool finishing_ = false;
};

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* IncidentStreams::Open(
    grpc::CallbackServerContext& context) {
  IncidentStream& stream = streams_.Open(use_cases_, pipeline_, context);
  stream.Start();  // It stays: gRPC is not done with what it has not been given yet.
  return &stream;
}

void IncidentStreams::EndAll() { streams_.EndAll(); }

}  // namespace kulanz::rpc
