// Entropy: unpredictable bytes, for instance ids, lease ids and new secrets.
//
// Port. Implemented over getrandom(2) (adapters/system) and by a seeded generator in simulation.
#pragma once

#include <cstdint>
#include <span>

namespace kulanz::ports {

class Entropy {
 public:
  virtual ~Entropy() = default;
  // Fills `bytes`; cannot fail. Any thread.
  virtual void Fill(std::span<std::uint8_t> bytes) = 0;
};

}  // namespace kulanz::ports
