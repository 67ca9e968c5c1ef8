// A call of any method of any shape, known by its path only: what a stranger can try.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <memory>
#include <string>

namespace kulanz::e2e {

// Sends one empty message, half-closes, reads to the end, and gives what the server ended the call with.
// `path`: "/kulanz.v1.IncidentService/ReportIncident".
grpc::Status CallAnything(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                          grpc::ClientContext& context);

}  // namespace kulanz::e2e
