// KULANZ_CHECK(condition, "why it must hold"): aborts with file, line and reason when an invariant of
// our own code is broken, in release builds too. Never for input or the environment: those get a Status.
#pragma once

namespace kulanz {

[[noreturn]] void CheckFailed(const char* file, int line, const char* condition, const char* why);

}  // namespace kulanz

// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): needs the source text and position of the caller.
#define KULANZ_CHECK(condition, why)                   \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::kulanz::CheckFailed(__FILE__, __LINE__, #condition, why))
