// Work on all cores: the same function on every thread, each with its number.
#pragma once

#include <cstddef>
#include <thread>
#include <vector>

namespace kulanz::command {

// Calls `work(worker)` for worker 0 to `jobs` - 1, each on a thread of its own (the first on the caller's),
// and returns when all have. `work` does not throw.
template <typename Work>
void OnAllCores(std::size_t jobs, const Work& work) {
  std::vector<std::thread> threads;
  threads.reserve(jobs);
  for (std::size_t worker = 1; worker < jobs; ++worker) {
    threads.emplace_back([&work, worker] { work(worker); });
  }
  work(std::size_t{0});
  for (std::thread& thread : threads) {
    thread.join();
  }
}

// `jobs`, or as many as there are cores when it is 0; never more than 64.
inline std::size_t JobCount(std::size_t jobs) {
  constexpr std::size_t kJobsMax = 64;
  const std::size_t wanted = jobs == 0 ? std::thread::hardware_concurrency() : jobs;
  return wanted == 0 ? 1 : (wanted > kJobsMax ? kJobsMax : wanted);
}

}  // namespace kulanz::command
