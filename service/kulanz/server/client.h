// What the verbs that talk to a server share: the channel, and errors as sentences.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "google/rpc/status.pb.h"
#include "service/kulanz/server/server_access.h"

namespace kulanz::command {

// How long a verb that works through a file waits for the server.
inline constexpr std::chrono::milliseconds kConnectPatience{10'000};
// How many of the rows that the server refused are told one by one.
inline constexpr std::size_t kProblemsShown = 10;

// Waits up to `patience` for the connection; null when there is none.
std::shared_ptr<grpc::Channel> Connect(const ServerAccess& access,
                                       std::chrono::milliseconds patience);

// An error as it came over the wire.
struct CallError {
  int code = 0;
  std::string reason;   // of ErrorInfo
  std::string message;  // with the violations, one per line
  std::optional<std::chrono::milliseconds> retry_after;

  // Unknown whether it took effect, or no effect for the moment: the identical request may be repeated.
  bool MayBeRepeated() const;
};

CallError ErrorOf(const google::rpc::Status& status);
CallError ErrorOf(const grpc::Status& status);
// "INVALID_ARGUMENT/INVALID_REQUEST: ..."
std::string ToText(const CallError& error);

}  // namespace kulanz::command
