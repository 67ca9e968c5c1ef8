// Eventually(predicate): waits until something becomes true, or gives up after a generous time.
//
//   ASSERT_TRUE(Eventually([&] { return store.Health().ok(); })) << "the store must recover by itself";
//
// For events that a test cannot be told of. It polls every few milliseconds, so a test takes as long as
// the event, not as long as somebody once guessed.
#pragma once

#include <poll.h>

#include <chrono>
#include <functional>

namespace kulanz::testing {

inline bool Eventually(const std::function<bool()>& predicate,
                       std::chrono::milliseconds at_most = std::chrono::seconds(20)) {
  const auto give_up = std::chrono::steady_clock::now() + at_most;
  while (!predicate()) {
    if (std::chrono::steady_clock::now() >= give_up) {
      return false;
    }
    poll(nullptr, 0, 2);
  }
  return true;
}

}  // namespace kulanz::testing
