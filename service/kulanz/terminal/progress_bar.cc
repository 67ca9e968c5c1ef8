#include "service/kulanz/terminal/progress_bar.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

namespace kulanz::command {
namespace {

constexpr std::size_t kWidth = 30;

}  // namespace

ProgressBar::ProgressBar(std::string title, std::size_t total)
    : title_(std::move(title)), total_(total), terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
  if (begun_) {
    std::fputc('\n', stderr);
  }
}

void ProgressBar::Show(std::size_t done) {
  const Clock::time_point now = Clock::now();
  if (!terminal_ || (begun_ && done < total_ && now - drawn_ < std::chrono::milliseconds{100})) {
    return;
  }
  if (!std::exchange(begun_, true)) {
    first_ = done;  // What an earlier run did says nothing about the speed of this one.
  }
  Draw(done, now);
  drawn_ = now;
}

void ProgressBar::Draw(std::size_t done, Clock::time_point now) {
  const std::size_t total = total_ == 0 ? 1 : total_;
  const std::size_t filled = done * kWidth / total;
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - start_).count();
  const std::size_t rate =
      (done - first_) * 1000 / (elapsed <= 0 ? 1 : static_cast<std::size_t>(elapsed));
  const std::size_t left_s = rate == 0 ? 0 : (total_ - done) / rate;
  std::fprintf(stderr, "\r%s [%s%s] %3zu %%  %s of %s, %s/s, %zu:%02zu left \x1b[K", title_.c_str(),
               std::string(filled, '#').c_str(), std::string(kWidth - filled, '.').c_str(),
               done * 100 / total, Grouped(done).c_str(), Grouped(total_).c_str(),
               Grouped(rate).c_str(), left_s / 60, left_s % 60);
  std::fflush(stderr);
}

std::string Grouped(std::size_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

}  // namespace kulanz::command
