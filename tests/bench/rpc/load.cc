#include "tests/bench/rpc/load.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>

namespace kulanz::bench {
namespace {

using Clock = std::chrono::steady_clock;

std::shared_ptr<grpc::Channel> Connect(const std::string& target) {
  auto channel = grpc::CreateChannel(target, grpc::InsecureChannelCredentials());
  channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10));
  return channel;
}

// Latencies and answers of one run.
class Record {
 public:
  explicit Record(std::size_t calls) { latencies_ms_.reserve(calls); }

  void Answer(Clock::time_point started, const grpc::Status& status,
              const grpc::ByteBuffer& response, Shape shape) {
    latencies_ms_.push_back(
        std::chrono::duration<double, std::milli>(Clock::now() - started).count());
    if (!status.ok()) {
      if (result_.failures++ == 0) {
        result_.first_failure = status.error_message();
      }
    } else if (latencies_ms_.size() % kSampled == 0) {
      // Parsing every answer would measure the client: one in kSampled stands for the others.
      result_.grants += IsGrant(response, shape) ? kSampled : 0;
    }
  }

  LoadResult Finish() {
    const double seconds = std::chrono::duration<double>(Clock::now() - started_).count();
    result_.per_second = static_cast<double>(latencies_ms_.size()) / seconds;
    std::sort(latencies_ms_.begin(), latencies_ms_.end());
    if (!latencies_ms_.empty()) {
      result_.p50_ms = latencies_ms_[latencies_ms_.size() / 2];
      result_.p99_ms = latencies_ms_[latencies_ms_.size() * 99 / 100];
    }
    return result_;
  }

 private:
  static constexpr std::size_t kSampled = 16;
  const Clock::time_point started_ = Clock::now();
  std::vector<double> latencies_ms_;
  LoadResult result_;
};

struct Call {
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  grpc::ByteBuffer response;
  grpc::Status status;
  Clock::time_point started;
};

}  // namespace

LoadResult CallUnary(const std::string& target, const std::string& method,
                     const std::vector<grpc::ByteBuffer>& requests, std::size_t in_flight) {
  grpc::GenericStub stub(Connect(target));
  grpc::CompletionQueue queue;
  std::vector<Call> calls(std::min(in_flight, requests.size()));
  std::size_t next = 0;
  const auto start = [&](Call& call) {
    call.context = std::make_unique<grpc::ClientContext>();
    call.response.Clear();
    call.started = Clock::now();
    call.reader = stub.PrepareUnaryCall(call.context.get(), method, requests[next++], &queue);
    call.reader->StartCall();
    call.reader->Finish(&call.response, &call.status, &call);
  };
  Record record(requests.size());
  for (Call& call : calls) {
    start(call);
  }
  std::size_t done = 0;
  void* tag = nullptr;
  bool ok = false;
  while (done < requests.size() && queue.Next(&tag, &ok)) {
    Call& call = *static_cast<Call*>(tag);
    record.Answer(call.started, call.status, call.response, Shape::kUnary);
    ++done;
    if (next < requests.size()) {
      start(call);
    }
  }
  const LoadResult result = record.Finish();
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
  return result;
}

LoadResult CallStream(const std::string& target, const std::string& method,
                      const std::vector<grpc::ByteBuffer>& requests, std::size_t in_flight) {
  grpc::GenericStub stub(Connect(target));
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  const auto stream = stub.PrepareCall(&context, method, &queue);
  int started_tag = 0;
  int write_tag = 0;
  int read_tag = 0;
  int end_tag = 0;
  void* tag = nullptr;
  bool ok = false;
  stream->StartCall(&started_tag);
  queue.Next(&tag, &ok);

  Record record(requests.size());
  std::deque<Clock::time_point> sent;
  grpc::ByteBuffer response;
  std::size_t next = 0;
  std::size_t answered = 0;
  bool writing = false;
  const auto write = [&] {
    if (!writing && next < requests.size() && sent.size() < in_flight) {
      writing = true;
      sent.push_back(Clock::now());
      stream->Write(requests[next++], &write_tag);
    }
  };
  stream->Read(&response, &read_tag);
  write();
  while (answered < requests.size() && queue.Next(&tag, &ok) && ok) {
    if (tag == &write_tag) {
      writing = false;
    } else {
      record.Answer(sent.front(), grpc::Status::OK, response, Shape::kStream);
      sent.pop_front();
      if (++answered < requests.size()) {
        stream->Read(&response, &read_tag);
      }
    }
    write();
  }
  LoadResult result = record.Finish();
  result.failures += requests.size() - answered;
  if (!ok) {
    result.first_failure = "the stream broke";
  }
  grpc::Status status;
  context.TryCancel();
  stream->Finish(&status, &end_tag);
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
  return result;
}

}  // namespace kulanz::bench
