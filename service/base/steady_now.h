// The clock that deadlines are told by.
#pragma once

#include <chrono>

namespace kulanz {

inline std::chrono::steady_clock::time_point SteadyNow() {
  return std::chrono::steady_clock::now();
}

}  // namespace kulanz
