#include "service/base/status.h"

#include <array>
#include <utility>

#include "service/base/check.h"

namespace kulanz {
namespace {

constexpr std::array<std::string_view, 17> kCodeNames = {
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
};

}  // namespace

std::string_view CodeName(Code code) { return kCodeNames.at(static_cast<std::size_t>(code)); }

Status::Status(Code code, std::string_view reason, std::string message) {
  KULANZ_CHECK(code != Code::kOk, "a failure needs a code");
  auto rep = std::make_shared<Rep>();
  rep->code = code;
  rep->reason = reason;
  rep->message = std::move(message);
  rep_ = std::move(rep);
}

Status Status::Invalid(Violations violations) {
  KULANZ_CHECK(!violations.empty(), "an invalid request has at least one violation");
  auto rep = std::make_shared<Rep>();
  rep->code = Code::kInvalidArgument;
  rep->reason = "INVALID_REQUEST";
  rep->message = violations.front().field + ": " + violations.front().description;
  if (violations.size() > 1) {
    rep->message += " (and " + std::to_string(violations.size() - 1) + " more)";
  }
  rep->violations = std::move(violations);
  Status status;
  status.rep_ = std::move(rep);
  return status;
}

const std::string& Status::message() const {
  static const std::string empty;
  return rep_ ? rep_->message : empty;
}

const Violations& Status::violations() const {
  static const Violations empty;
  return rep_ ? rep_->violations : empty;
}

const std::map<std::string, std::string>& Status::metadata() const {
  static const std::map<std::string, std::string> empty;
  return rep_ ? rep_->metadata : empty;
}

std::optional<std::chrono::milliseconds> Status::retry_after() const {
  return rep_ ? rep_->retry_after : std::nullopt;
}

Status Status::WithRetryAfter(std::chrono::milliseconds delay) const {
  if (ok()) {
    return *this;
  }
  auto rep = std::make_shared<Rep>(*rep_);
  rep->retry_after = delay;
  Status status;
  status.rep_ = std::move(rep);
  return status;
}

Status Status::WithMetadata(std::string key, std::string value) const {
  if (ok()) {
    return *this;
  }
  auto rep = std::make_shared<Rep>(*rep_);
  rep->metadata.insert_or_assign(std::move(key), std::move(value));
  Status status;
  status.rep_ = std::move(rep);
  return status;
}

std::string Status::ToString() const {
  if (ok()) {
    return "OK";
  }
  std::string text(CodeName(code()));
  text += '/';
  text += reason();
  text += ": ";
  text += message();
  return text;
}

}  // namespace kulanz
