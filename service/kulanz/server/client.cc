#include "service/kulanz/server/client.h"

#include <grpcpp/create_channel.h>

#include "google/rpc/error_details.pb.h"
#include "service/base/status.h"

namespace kulanz::command {

std::shared_ptr<grpc::Channel> Connect(const ServerAccess& access,
                                       std::chrono::milliseconds patience) {
  grpc::ChannelArguments arguments;
  // A server that restarts is to be found again soon.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  if (!access.server_name.empty()) {
    arguments.SetSslTargetNameOverride(access.server_name);
  }
  auto channel = grpc::CreateCustomChannel(access.server, CredentialsOf(access), arguments);
  if (!channel->WaitForConnected(std::chrono::system_clock::now() + patience)) {
    return nullptr;
  }
  return channel;
}

bool CallError::MayBeRepeated() const {
  switch (static_cast<Code>(code)) {
    case Code::kUnavailable:
    case Code::kDeadlineExceeded:
    case Code::kCancelled:
    case Code::kAborted:
    case Code::kInternal:
    case Code::kUnknown:
    case Code::kResourceExhausted:
      return true;
    default:
      return false;
  }
}

CallError ErrorOf(const google::rpc::Status& status) {
  CallError error;
  error.code = status.code();
  error.message = status.message();
  for (const google::protobuf::Any& detail : status.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::RetryInfo retry;
    google::rpc::BadRequest bad;
    if (detail.UnpackTo(&info)) {
      error.reason = info.reason();
    } else if (detail.UnpackTo(&retry)) {
      error.retry_after = std::chrono::milliseconds{retry.retry_delay().seconds() * 1000 +
                                                    retry.retry_delay().nanos() / 1'000'000};
    } else if (detail.UnpackTo(&bad)) {
      for (const auto& violation : bad.field_violations()) {
        error.message += "\n    " + violation.field() + ": " + violation.description();
      }
    }
  }
  return error;
}

CallError ErrorOf(const grpc::Status& status) {
  google::rpc::Status proto;
  if (!proto.ParseFromString(status.error_details()) || proto.code() == 0) {
    proto.set_code(status.error_code());
    proto.set_message(status.error_message());
  }
  return ErrorOf(proto);
}

std::string ToText(const CallError& error) {
  std::string text(CodeName(static_cast<Code>(error.code)));
  if (!error.reason.empty()) {
    text += "/" + error.reason;
  }
  return text + ": " + error.message;
}

}  // namespace kulanz::command
