#include "service/adapters/grpc/errors.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

#include "google/rpc/error_details.pb.h"
#include "service/adapters/grpc/text.h"

namespace kulanz::rpc {
namespace {

static_assert(static_cast<int>(Code::kOk) == grpc::OK);
static_assert(static_cast<int>(Code::kCancelled) == grpc::CANCELLED);
static_assert(static_cast<int>(Code::kUnknown) == grpc::UNKNOWN);
static_assert(static_cast<int>(Code::kInvalidArgument) == grpc::INVALID_ARGUMENT);
static_assert(static_cast<int>(Code::kDeadlineExceeded) == grpc::DEADLINE_EXCEEDED);
static_assert(static_cast<int>(Code::kNotFound) == grpc::NOT_FOUND);
static_assert(static_cast<int>(Code::kAlreadyExists) == grpc::ALREADY_EXISTS);
static_assert(static_cast<int>(Code::kPermissionDenied) == grpc::PERMISSION_DENIED);
static_assert(static_cast<int>(Code::kResourceExhausted) == grpc::RESOURCE_EXHAUSTED);
static_assert(static_cast<int>(Code::kFailedPrecondition) == grpc::FAILED_PRECONDITION);
static_assert(static_cast<int>(Code::kAborted) == grpc::ABORTED);
static_assert(static_cast<int>(Code::kOutOfRange) == grpc::OUT_OF_RANGE);
static_assert(static_cast<int>(Code::kUnimplemented) == grpc::UNIMPLEMENTED);
static_assert(static_cast<int>(Code::kInternal) == grpc::INTERNAL);
static_assert(static_cast<int>(Code::kUnavailable) == grpc::UNAVAILABLE);
static_assert(static_cast<int>(Code::kDataLoss) == grpc::DATA_LOSS);
static_assert(static_cast<int>(Code::kUnauthenticated) == grpc::UNAUTHENTICATED);

constexpr std::size_t kMetadataBytesMax = 1024;
constexpr std::size_t kFrameBytes = 160;  // type URLs and lengths around the details

// At most `bytes_max` bytes of well-formed UTF-8, whatever `text` is.
std::string Bounded(std::string_view text, std::size_t bytes_max) {
  std::string out;
  while (!text.empty()) {
    const DecodedSymbol symbol = DecodeSymbol(text);
    const std::size_t bytes = std::max<std::size_t>(symbol.bytes, 1);
    if (out.size() + bytes > bytes_max) {
      break;
    }
    out += symbol.bytes == 0 ? std::string_view("?") : text.substr(0, bytes);
    text.remove_prefix(bytes);
  }
  return out;
}

void AddViolations(const Violations& violations, std::size_t budget, google::rpc::BadRequest& out) {
  std::size_t used = 0;
  for (std::size_t i = 0; i < violations.size(); ++i) {
    const FieldViolation& violation = violations[i];
    constexpr std::size_t kOverhead = 8;
    const std::size_t cost = violation.field.size() + violation.description.size() + kOverhead;
    if (used + cost > budget) {
      google::rpc::BadRequest::FieldViolation& rest = *out.add_field_violations();
      rest.set_description(std::to_string(violations.size() - i) +
                           " further violations are not shown; correct these first");
      return;
    }
    used += cost;
    google::rpc::BadRequest::FieldViolation& added = *out.add_field_violations();
    added.set_field(Bounded(violation.field, violation.field.size()));
    added.set_description(Bounded(violation.description, violation.description.size()));
  }
}

void AddRetryInfo(std::chrono::milliseconds delay, google::rpc::Status& out) {
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(delay.count() / 1000);
  retry.mutable_retry_delay()->set_nanos(static_cast<int>(delay.count() % 1000) * 1'000'000);
  out.add_details()->PackFrom(retry);
}

// A refusal without its retry hint, as it is on the wire.
struct FixedRefusal {
  std::string_view reason;
  std::string given;    // its message,
  std::string message;  // and that, bounded
  std::string details;
};

// Who has too much to do refuses thousands of times a second, each time with the same few words: they are put together
// once in each thread.
const FixedRefusal& FixedPartOf(const Status& refusal) {
  thread_local std::array<FixedRefusal, 4> kept;
  thread_local std::size_t oldest = 0;
  for (const FixedRefusal& one : kept) {
    if (one.reason == refusal.reason() && one.given == refusal.message()) {
      return one;
    }
  }
  google::rpc::Status proto;
  ToProto(Status(refusal.code(), refusal.reason(), refusal.message()), proto);
  FixedRefusal& one = kept.at(oldest++ % kept.size());
  one = {refusal.reason(), refusal.message(), proto.message(), proto.SerializeAsString()};
  return one;
}

}  // namespace

void ToProto(const Status& status, google::rpc::Status& out) {
  out.set_code(static_cast<int>(status.code()));
  out.set_message(Bounded(status.message(), kErrorMessageBytesMax));

  google::rpc::ErrorInfo info;
  info.set_reason(std::string(status.reason()));
  info.set_domain(std::string(kErrorDomain));
  std::size_t metadata_bytes = 0;
  for (const auto& [key, value] : status.metadata()) {
    const std::string bounded =
        Bounded(value, kMetadataBytesMax - std::min(metadata_bytes, kMetadataBytesMax));
    metadata_bytes += key.size() + bounded.size();
    (*info.mutable_metadata())[key] = bounded;
  }
  out.add_details()->PackFrom(info);

  if (!status.violations().empty()) {
    google::rpc::BadRequest bad_request;
    const std::size_t used = out.ByteSizeLong() + kFrameBytes;
    AddViolations(status.violations(), kErrorDetailsBytesMax - used, bad_request);
    out.add_details()->PackFrom(bad_request);
  }
  if (const auto delay = status.retry_after()) {
    AddRetryInfo(*delay, out);
  } else if (status.code() == Code::kUnavailable) {
    AddRetryInfo(kRetryAfterDefault, out);
  }
}

grpc::Status ToGrpc(const Status& status, grpc::ServerContextBase& context) {
  if (status.ok()) {
    return grpc::Status::OK;
  }
  const auto delay = status.retry_after();
  if (delay) {
    context.AddTrailingMetadata("grpc-retry-pushback-ms", std::to_string(delay->count()));
  }
  const auto code = static_cast<grpc::StatusCode>(status.code());
  google::rpc::Status proto;
  if (status.code() == Code::kResourceExhausted && delay && status.violations().empty() &&
      status.metadata().empty()) {
    const FixedRefusal& fixed = FixedPartOf(status);
    AddRetryInfo(*delay, proto);
    // Two serialised messages in a row are the two merged.
    return {code, fixed.message, fixed.details + proto.SerializeAsString()};
  }
  ToProto(status, proto);
  return {code, proto.message(), proto.SerializeAsString()};
}

Status WithoutEchoes(const Status& status, const Violations& read) {
  if (status.code() != Code::kInvalidArgument || read.empty() ||
      status.violations().size() <= read.size()) {
    return status;
  }
  Violations kept;
  for (const FieldViolation& violation : status.violations()) {
    const bool same_field = std::any_of(read.begin(), read.end(), [&](const FieldViolation& other) {
      return other.field == violation.field;
    });
    if (!same_field || std::find(read.begin(), read.end(), violation) != read.end()) {
      kept.push_back(violation);
    }
  }
  return Status::Invalid(std::move(kept));
}

}  // namespace kulanz::rpc
