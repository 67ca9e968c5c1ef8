// Trace: what happened in a run, as lines with their time, for the one who looks for a mistake.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/simulation/sim_world.h"

namespace kulanz::simulation {

class Trace {
 public:
  struct Line {
    Deadline at;
    std::string text;
  };

  explicit Trace(SimWorld& world) : world_(world) {}

  void Note(std::string text) {
    for (const char c : text) {
      hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3U;  // FNV-1a
    }
    lines_.push_back({world_.now(), std::move(text)});
  }
  // Adds detail that is not part of the hash.
  void Detail(std::string text) { lines_.push_back({world_.now(), std::move(text)}); }

  // Of every line noted and every event of the world.
  std::uint64_t hash() const { return hash_ ^ world_.fingerprint(); }
  const std::vector<Line>& lines() const { return lines_; }

 private:
  SimWorld& world_;
  std::uint64_t hash_ = 0xcbf29ce484222325U;
  std::vector<Line> lines_;
};

}  // namespace kulanz::simulation
