// Doctor: looks a whole store over and tells what cannot be, beside servers at work.
//
// Every key is enumerated, and every check (check.h) that wants its kind examines it. What looks wrong is
// examined again once all is seen and a pause has passed, and only then reported, or repaired.
//
// Thread-safety: one caller; examines on threads of its own. Blocks.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "service/base/result.h"
#include "service/doctor/check.h"

namespace kulanz::doctor {

struct Settings {
  bool repair = false;
  // Before suspicions are examined again: longer than a server takes from claim to decision.
  Duration settle{10'000};
  std::size_t threads = 8;
  // How much of the scan is done, in 1/1000; may be empty.
  std::function<void(std::uint32_t)> progress;
};

struct Report {
  Findings findings;                                   // by kind and key
  std::map<ports::RecordKind, std::uint64_t> records;  // seen by the scan
  std::uint64_t foreign = 0;                           // keys that are not ours
  // Suspicions that were gone when they were examined again: moments of servers at work.
  std::uint64_t passing = 0;

  std::size_t Count(Severity severity) const;  // of what was not repaired
  std::size_t repaired() const;
};

// Fails when the store cannot be read to the end.
Result<Report> Examine(const Tools& tools, const Settings& settings);

}  // namespace kulanz::doctor
