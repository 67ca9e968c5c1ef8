#include "tests/e2e/any_call.h"

#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>

#include <chrono>

namespace kulanz::e2e {
namespace {

// Whether the one thing that was started went well; aborts a test that hangs.
bool Await(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  return queue.Next(&tag, &ok) && ok;
}

}  // namespace

grpc::Status CallAnything(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                          grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds{30});
  grpc::CompletionQueue queue;
  grpc::GenericStub stub(channel);
  const auto call = stub.PrepareCall(&context, path, &queue);
  call->StartCall(nullptr);
  bool ok = Await(queue);
  grpc::Slice empty;
  if (ok) {
    call->Write(grpc::ByteBuffer(&empty, 1), nullptr);
    ok = Await(queue);
  }
  if (ok) {
    call->WritesDone(nullptr);
    ok = Await(queue);
  }
  grpc::ByteBuffer answer;
  // One answer is enough: a watch would send for ever.
  call->Read(&answer, nullptr);
  if (Await(queue)) {
    call->Read(&answer, nullptr);
    if (path == "/grpc.health.v1.Health/Watch") {
      context.TryCancel();
    }
    while (Await(queue)) {
      call->Read(&answer, nullptr);
    }
  }
  grpc::Status status;
  call->Finish(&status, nullptr);
  Await(queue);
  queue.Shutdown();
  while (Await(queue)) {
  }
  return status;
}

}  // namespace kulanz::e2e
