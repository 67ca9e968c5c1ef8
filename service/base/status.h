// Status: the outcome of an operation that can fail, without exceptions.
//
// Kulanz knows three kinds of "no": a denial is a value (a Decision with a reason), an operational
// failure is a Status, and a broken invariant aborts (check.h). A Status is either OK or carries a
// code, a stable reason token for programs, a message for people, and optional details:
//
//   return Status(Code::kUnavailable, "STORE_UNREACHABLE", "Redis does not answer")
//       .WithRetryAfter(std::chrono::milliseconds(250));
//
// What the codes promise (kept by every use-case, tested as promise I11): kInvalidArgument,
// kAlreadyExists, kFailedPrecondition and kResourceExhausted mean "no effect"; kNotFound,
// kPermissionDenied, kUnauthenticated and kOutOfRange too; every other failure means "unknown, repeat
// the identical request".
//
// Thread-safety: immutable after construction; copies share their representation.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kulanz {

// Numeric values equal those of grpc::StatusCode (held together in adapters/grpc).
enum class Code : std::uint8_t {
  kOk = 0,
  kCancelled = 1,
  kUnknown = 2,
  kInvalidArgument = 3,
  kDeadlineExceeded = 4,
  kNotFound = 5,
  kAlreadyExists = 6,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kUnavailable = 14,
  kDataLoss = 15,
  kUnauthenticated = 16,
};

// The code's name as gRPC spells it, e.g. "INVALID_ARGUMENT".
std::string_view CodeName(Code code);

// One field of a request that is not acceptable. `field` is a path from the request's root in proto
// spelling, e.g. `incident.attributes["promised_at"]`.
struct FieldViolation {
  std::string field;
  std::string description;
  friend bool operator==(const FieldViolation&, const FieldViolation&) = default;
};
using Violations = std::vector<FieldViolation>;

class [[nodiscard]] Status {
 public:
  Status() = default;  // OK
  // `reason`: UPPER_SNAKE_CASE, at most 63 characters, with static storage duration. `code` != kOk.
  Status(Code code, std::string_view reason, std::string message);

  static Status Ok() { return {}; }
  // INVALID_ARGUMENT / INVALID_REQUEST with every violation; the message names the first and the count.
  static Status Invalid(Violations violations);

  bool ok() const { return rep_ == nullptr; }
  Code code() const { return rep_ ? rep_->code : Code::kOk; }
  std::string_view reason() const { return rep_ ? rep_->reason : std::string_view{}; }
  const std::string& message() const;
  const Violations& violations() const;
  // Every dynamic part of the message again, for programs (AIP-193). Keys are lower camel case.
  const std::map<std::string, std::string>& metadata() const;
  std::optional<std::chrono::milliseconds> retry_after() const;

  // Each returns a copy with the detail added; on an OK status they do nothing.
  Status WithRetryAfter(std::chrono::milliseconds delay) const;
  Status WithMetadata(std::string key, std::string value) const;

  // "UNAVAILABLE/STORE_UNREACHABLE: Redis does not answer", or "OK". For logs and test failures.
  std::string ToString() const;

 private:
  struct Rep {
    Code code = Code::kUnknown;
    std::string_view reason;
    std::string message;
    Violations violations;
    std::map<std::string, std::string> metadata;
    std::optional<std::chrono::milliseconds> retry_after;
  };
  std::shared_ptr<const Rep> rep_;
};

}  // namespace kulanz
