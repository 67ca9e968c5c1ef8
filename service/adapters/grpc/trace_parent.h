// The trace that a call belongs to, as its caller says by the W3C's `traceparent`:
//
//   00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01    version, trace, span, flags
//
// Thread-safe.
#pragma once

#include <optional>
#include <string_view>

namespace kulanz::rpc {

struct TraceParent {
  std::string_view
      trace_id;  // 32 hexadecimal digits, in the text that it was read from; so is the next
  std::string_view span_id;  // 16, of the caller's span
  bool is_sampled = false;
};

// Nothing when `traceparent` is none by the recommendation's grammar. Of later versions what is behind the flags is
// ignored, as it says.
std::optional<TraceParent> ParseTraceParent(std::string_view traceparent);

// The 32 hex digits of the trace; empty when there is none.
std::string_view TraceIdOf(std::string_view traceparent);

}  // namespace kulanz::rpc
