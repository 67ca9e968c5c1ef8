#include "service/adapters/grpc/access_log.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "service/base/log_context.h"
#include "service/domain/voucher_code.h"

namespace kulanz::rpc {
namespace {

constexpr std::string_view kRedacted = "redacted";

// A UUID, or a trace's id: of these one in 32 has a check symbol that fits by chance, and none is a code.
bool IsHexId(std::string_view text) {
  constexpr std::size_t kDigits = 32;
  const auto dashes = static_cast<std::size_t>(std::count(text.begin(), text.end(), '-'));
  return text.size() - dashes == kDigits &&
         text.find_first_not_of("0123456789abcdefABCDEF-") == std::string_view::npos;
}

std::string Milliseconds(ports::Telemetry::Seconds latency) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f", latency.count() * 1'000);
  return text.data();
}

// Whose fault it is: the server's own are warnings.
ports::LogLevel LevelOf(Code code) {
  const bool own = code == Code::kUnknown || code == Code::kInternal || code == Code::kDataLoss;
  return own ? ports::LogLevel::kWarning : ports::LogLevel::kInfo;
}

}  // namespace

std::string_view RequestIdForLogs(std::string_view request_id) {
  return IsHexId(request_id) || VoucherCode::Readings(request_id).empty() ? request_id : kRedacted;
}

bool AccessLog::IsWanted(const Call& call, const Status& status) {
  if (!status.ok()) {
    return true;
  }
  return one_in_ != 0 && !call.method.is_probe &&
         served_.fetch_add(1, std::memory_order_relaxed) % one_in_ == 0;
}

void AccessLog::Finished(const Call& call, const Status& status,
                         ports::Telemetry::Seconds latency) {
  if (!IsWanted(call, status)) {
    return;
  }
  const LogScope scope(call.log_context);  // request_id and trace_id
  log_.Write(LevelOf(status.code()), "call", "a call has ended",
             {{"method", std::string(call.method.service) + "/" + std::string(call.method.name)},
              {"code", std::string(CodeName(status.code()))},
              {"reason", std::string(status.reason())},
              {"duration_ms", Milliseconds(latency)},
              {"caller", call.caller.id},
              {"one_in", std::to_string(status.ok() ? one_in_ : 1)}});
}

}  // namespace kulanz::rpc
