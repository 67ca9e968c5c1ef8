// A progress bar on standard error, when that is a terminal; silent otherwise. One thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace kulanz::command {

class ProgressBar {
 public:
  ProgressBar(std::string title, std::size_t total);
  ~ProgressBar();  // Leaves the line as it is and begins a new one.
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // Draws at most ten times a second.
  void Show(std::size_t done);

 private:
  using Clock = std::chrono::steady_clock;
  void Draw(std::size_t done, Clock::time_point now);

  const std::string title_;
  const std::size_t total_;
  const bool terminal_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point drawn_;
  std::size_t first_ = 0;
  bool begun_ = false;
};

// "1,234,567".
std::string Grouped(std::size_t number);

}  // namespace kulanz::command
