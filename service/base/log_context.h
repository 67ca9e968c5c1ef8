// LogContext: which request the calling thread works for, so that every log line of it can say so.
//
// Set where a request comes in (adapters/grpc) and wherever its coroutine goes on, on whatever thread: what
// suspends a coroutine keeps CurrentLogContext() and resumes it within a LogScope. Read by the logger.
//
// Thread-safety: each thread has its own; the value is immutable and shared.
#pragma once

#include <memory>
#include <string>
#include <utility>

namespace kulanz {

struct LogContext {
  std::string request_id;
  std::string trace_id;  // 32 hex digits of a W3C traceparent; empty: the caller sent none
};
using LogContextPtr = std::shared_ptr<const LogContext>;  // null: no request's

namespace log_context_internal {
inline LogContextPtr& Slot() {
  thread_local LogContextPtr slot;
  return slot;
}
}  // namespace log_context_internal

inline const LogContextPtr& CurrentLogContext() { return log_context_internal::Slot(); }

// For the beginning of a coroutine that may end on another thread; whoever started it holds a LogScope.
inline void SetLogContext(LogContextPtr context) {
  log_context_internal::Slot() = std::move(context);
}

// The thread works for `context` until the end of the scope, and then for whom it did before.
class LogScope {
 public:
  explicit LogScope(LogContextPtr context)
      : before_(std::exchange(log_context_internal::Slot(), std::move(context))) {}
  ~LogScope() { log_context_internal::Slot() = std::move(before_); }
  LogScope(const LogScope&) = delete;
  LogScope& operator=(const LogScope&) = delete;

 private:
  LogContextPtr before_;
};

}  // namespace kulanz
