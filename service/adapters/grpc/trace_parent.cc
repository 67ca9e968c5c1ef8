#include "service/adapters/grpc/trace_parent.h"

#include <algorithm>
#include <cstddef>

namespace kulanz::rpc {
namespace {

constexpr std::size_t kTraceAt = 3;
constexpr std::size_t kTraceDigits = 32;
constexpr std::size_t kSpanAt = kTraceAt + kTraceDigits + 1;
constexpr std::size_t kSpanDigits = 16;
constexpr std::size_t kFlagsAt = kSpanAt + kSpanDigits + 1;
constexpr std::size_t kFlagsDigits = 2;
constexpr std::size_t kLength = kFlagsAt + kFlagsDigits;

// Lower case, and by the recommendation nothing else.
bool IsHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsId(std::string_view text) {
  return IsHex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

}  // namespace

std::optional<TraceParent> ParseTraceParent(std::string_view traceparent) {
  if (traceparent.size() < kLength || traceparent[kTraceAt - 1] != '-' ||
      traceparent[kSpanAt - 1] != '-' || traceparent[kFlagsAt - 1] != '-') {
    return std::nullopt;
  }
  const std::string_view version = traceparent.substr(0, 2);
  const std::string_view trace = traceparent.substr(kTraceAt, kTraceDigits);
  const std::string_view span = traceparent.substr(kSpanAt, kSpanDigits);
  const std::string_view flags = traceparent.substr(kFlagsAt, kFlagsDigits);
  const bool whole =
      traceparent.size() == kLength || (version != "00" && traceparent[kLength] == '-');
  if (!whole || !IsHex(version) || version == "ff" || !IsId(trace) || !IsId(span) ||
      !IsHex(flags)) {
    return std::nullopt;
  }
  // The lowest bit of the flags.
  const bool sampled = std::string_view("13579bdf").find(flags.back()) != std::string_view::npos;
  return TraceParent{trace, span, sampled};
}

std::string_view TraceIdOf(std::string_view traceparent) {
  const std::optional<TraceParent> parent = ParseTraceParent(traceparent);
  return parent ? parent->trace_id : std::string_view();
}

}  // namespace kulanz::rpc
