#include "service/adapters/grpc/call.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <random>
#include <string_view>

#include "service/adapters/grpc/access_log.h"
#include "service/adapters/grpc/caller.h"
#include "service/adapters/grpc/trace_parent.h"
#include "service/app/keys.h"
#include "service/base/crypto.h"

namespace kulanz::rpc {
namespace {

constexpr std::size_t kRequestIdBytesMax = 128;

bool IsRequestId(std::string_view text) {
  return !text.empty() && text.size() <= kRequestIdBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("-._:/+=").find(c) != std::string_view::npos;
         });
}

void AppendHex(std::uint64_t value, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) {
    out += kDigits[(value >> static_cast<unsigned>(shift)) & 0xFU];
  }
}

// Different among all calls of all servers: a number of this process, and one of the call.
std::string NewRequestId() {
  static const std::uint64_t process = [] {
    std::random_device device;
    return (std::uint64_t{device()} << 32U) | device();
  }();
  static std::atomic<std::uint64_t> last{0};
  std::string id;
  id.reserve(32);
  AppendHex(process, id);
  AppendHex(++last, id);
  return id;
}

std::string RequestIdOf(const grpc::CallbackServerContext& context) {
  const auto found = context.client_metadata().find("x-request-id");
  if (found != context.client_metadata().end()) {
    const std::string_view text(found->second.data(), found->second.size());
    if (IsRequestId(text)) {
      return std::string(text);
    }
  }
  return NewRequestId();
}

LogContextPtr LogContextOf(const grpc::CallbackServerContext& context,
                           const std::string& request_id) {
  const auto found = context.client_metadata().find("traceparent");
  const std::string_view trace =
      found == context.client_metadata().end()
          ? std::string_view()
          : TraceIdOf(std::string_view(found->second.data(), found->second.size()));
  return std::make_shared<const LogContext>(
      LogContext{std::string(RequestIdForLogs(request_id)), std::string(trace)});
}

}  // namespace

Deadline DeadlineOf(const grpc::CallbackServerContext& context) {
  const Deadline now = std::chrono::steady_clock::now();
  const auto left = context.deadline() - std::chrono::system_clock::now();
  if (left >= kDeadlineMax) {  // Also "none", which reads as some 200 years.
    return now + kDeadlineMax;
  }
  return now + std::chrono::duration_cast<Deadline::duration>(left);
}

std::string SubjectOf(const IncidentId& incident) { return "incident:" + incident.text(); }

std::string SubjectOf(const CustomerId& customer) {
  return "customer:" + ToHex(app::MemberOf(app::HashOf(customer)));
}

Call::Call(const MethodRow& the_method, grpc::CallbackServerContext& the_context)
    : method(the_method),
      context(the_context),
      arrived(std::chrono::steady_clock::now()),
      deadline(DeadlineOf(the_context)),
      request_id(RequestIdOf(the_context)),
      log_context(LogContextOf(the_context, request_id)),
      caller(CallerOf(the_context)) {}

}  // namespace kulanz::rpc
