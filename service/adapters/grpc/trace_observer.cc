#include "service/adapters/grpc/trace_observer.h"

#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "service/adapters/grpc/trace_parent.h"

namespace kulanz::rpc {
namespace {

constexpr double kRatioSteps = 9'007'199'254'740'992.0;  // 2^53: as many as a double tells apart

std::string_view TraceParentOf(const Call& call) {
  const auto& metadata = call.context.client_metadata();
  const auto found = metadata.find("traceparent");
  return found == metadata.end() ? std::string_view()
                                 : std::string_view(found->second.data(), found->second.size());
}

std::uint64_t ToNumber(std::span<const std::uint8_t> bytes) {
  std::uint64_t number = 0;
  for (const std::uint8_t byte : bytes) {
    number = number << 8U | byte;
  }
  return number;
}

// Never all zeros, which is no id.
std::string IdOf(std::span<std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  if (ToNumber(bytes.last(8)) == 0) {
    bytes.back() = 1;
  }
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xFU];
  }
  return text;
}

}  // namespace

TraceObserver::TraceObserver(ports::SpanSink& sink, ports::Entropy& entropy, double root_ratio)
    : sink_(sink),
      entropy_(entropy),
      root_below_(static_cast<std::uint64_t>(root_ratio * kRatioSteps)) {}

void TraceObserver::Finished(const Call& call, const Status& status,
                             ports::Telemetry::Seconds latency) {
  if (call.method.is_probe || call.method.name.empty()) {
    return;
  }
  const std::optional<TraceParent> parent = ParseTraceParent(TraceParentOf(call));
  if (parent ? !parent->is_sampled : root_below_ == 0) {
    return;
  }
  std::array<std::uint8_t, 24> random{};  // a span's id, and a trace's
  entropy_.Fill(random);
  const std::span<std::uint8_t> bytes(random);
  const std::span<std::uint8_t> trace = bytes.subspan(8);
  if (!parent && !BeginsTrace(ToNumber(trace.last(8)))) {
    return;
  }
  ports::Span span;
  span.trace_id = parent ? std::string(parent->trace_id) : IdOf(trace);
  span.parent_span_id = parent ? parent->span_id : std::string_view();
  span.span_id = IdOf(bytes.first(8));
  span.service = call.method.service;
  span.method = call.method.name;
  span.end_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(
                    std::chrono::system_clock::now().time_since_epoch())
                    .count();
  span.start_ns =
      span.end_ns - std::chrono::duration_cast<std::chrono::nanoseconds>(latency).count();
  span.status_code = static_cast<int>(status.code());
  span.reason = status.reason();
  sink_.Ended(std::move(span));
}

}  // namespace kulanz::rpc
