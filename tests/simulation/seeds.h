// Which seeds a simulation runs: KULANZ_SIM_FIRST and KULANZ_SIM_SEEDS, or the test's own choice.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

namespace kulanz::simulation {

struct Seeds {
  std::int64_t first = 1;
  std::int64_t count = 0;
};

inline Seeds SeedsFromEnvironment(std::int64_t count) {
  const auto number = [](const char* name, std::int64_t otherwise) {
    const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
    return text == nullptr ? otherwise : std::stoll(text);
  };
  return {number("KULANZ_SIM_FIRST", 1), number("KULANZ_SIM_SEEDS", count)};
}

inline std::string HowToRepeat(std::int64_t seed) {
  return "seed " + std::to_string(seed) +
         "; repeat it with KULANZ_SIM_FIRST=" + std::to_string(seed) + " KULANZ_SIM_SEEDS=1";
}

}  // namespace kulanz::simulation
