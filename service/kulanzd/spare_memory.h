// SpareMemory: gives back to the system what the heap keeps after a flood.
//
// The allocator keeps what was freed for the next time: 20,000 calls that a client has reset at once leave 400 MB
// that nobody needs again. So now and then, when much is free, it is told to let go.
//
// Thread-safety: one thread.
#pragma once

#include <chrono>
#include <cstddef>

namespace kulanz::server {

class SpareMemory {
 public:
  static constexpr std::chrono::seconds kPause{5};
  static constexpr std::size_t kFreeBytesMax = 64UL * 1024 * 1024;

  // Called often; looks when it is time.
  void Tick(std::chrono::steady_clock::time_point now);

 private:
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace kulanz::server
