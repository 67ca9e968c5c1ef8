// ReplayPlan: the order in which the rows of a replay are sent, so that incidents of one customer never
// race each other.
//
// Rows are taken in their order; one whose customer has an unanswered row waits behind it, and others go
// ahead. Not thread-safe: the caller locks.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace kulanz::command {

class ReplayPlan {
 public:
  // Rows `first` to `end` - 1. At most `held_back_max` rows wait for their customer at once.
  ReplayPlan(std::size_t first, std::size_t end, std::size_t held_back_max)
      : next_(first), end_(end), held_back_max_(held_back_max) {}

  // The next row to send; nothing: wait for an answer, or all are sent. `customer_of(row)` gives the
  // customer, or nothing for a row that is not sent at all.
  template <typename CustomerOf>
  std::optional<std::size_t> Next(CustomerOf customer_of) {
    if (!ready_.empty()) {
      const std::size_t row = ready_.front();
      ready_.pop_front();
      return row;
    }
    while (next_ < end_ && held_back_ < held_back_max_) {
      const std::size_t row = next_++;
      std::optional<std::string> customer = customer_of(row);
      if (!customer) {
        continue;
      }
      const auto [place, free] = waiting_.try_emplace(*std::move(customer));
      if (free) {
        return row;
      }
      place->second.push_back(row);
      ++held_back_;
    }
    return std::nullopt;
  }

  // A row of this customer is answered for good: the next one may go.
  void Answered(const std::string& customer) {
    const auto place = waiting_.find(customer);
    if (place->second.empty()) {
      waiting_.erase(place);
      return;
    }
    ready_.push_back(place->second.front());
    place->second.pop_front();
    --held_back_;
  }

  // A row that was sent has to be sent again; its customer stays occupied by it.
  void Again(std::size_t row) { ready_.push_back(row); }

 private:
  std::size_t next_;
  const std::size_t end_;
  const std::size_t held_back_max_;
  std::size_t held_back_ = 0;
  std::deque<std::size_t> ready_;
  // Customers with a row that is sent or ready, and the rows behind it.
  std::unordered_map<std::string, std::deque<std::size_t>> waiting_;
};

}  // namespace kulanz::command
