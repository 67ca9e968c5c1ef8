// ServiceCaller: one service of a server, as the verbs call it: one call after the other, errors to stderr.
//
// `Service`: generated, v1::LetterService for one. Thread-safety: one thread.
#pragma once

#include <grpcpp/client_context.h>

#include <chrono>
#include <cstdio>
#include <memory>

#include "service/kulanz/server/client.h"

namespace kulanz::command {

template <typename Service>
class ServiceCaller {
 public:
  using Stub = typename Service::Stub;

  // `timeout_ms`: to connect, and of each call.
  ServiceCaller(const ServerAccess& access, int timeout_ms)
      : timeout_(timeout_ms), channel_(Connect(access, timeout_)) {
    if (channel_ == nullptr) {
      std::fprintf(stderr, "%s does not answer\n", access.server.c_str());
      return;
    }
    stub_ = Service::NewStub(channel_);
  }
  bool connected() const { return stub_ != nullptr; }

  // False: it failed, and stderr says how. Needs connected().
  template <typename Request, typename Response>
  bool Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
            const Request& request, Response& response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + timeout_);
    const grpc::Status status = (stub_.get()->*method)(&context, request, &response);
    if (!status.ok()) {
      std::fprintf(stderr, "%s\n", ToText(ErrorOf(status)).c_str());
    }
    return status.ok();
  }

 private:
  const std::chrono::milliseconds timeout_;
  const std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<Stub> stub_;
};

}  // namespace kulanz::command
