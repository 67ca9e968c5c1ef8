// SystemEntropy: unpredictable bytes from the kernel, getrandom(2).
//
// Thread-safety: any thread. Blocks only in the first seconds after the machine booted. A kernel without
// getrandom is a broken host: the process aborts rather than go on with guessable secrets.
#pragma once

#include "service/ports/entropy.h"

namespace kulanz::adapters {

class SystemEntropy final : public ports::Entropy {
 public:
  void Fill(std::span<std::uint8_t> bytes) override;
};

}  // namespace kulanz::adapters
