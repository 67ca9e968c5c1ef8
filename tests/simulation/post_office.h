// PostOffice: what the next hop of the mail was handed, and what it answers; one for all processes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "service/ports/messenger.h"
#include "tests/simulation/sim_world.h"

namespace kulanz::simulation {

struct PostOffice {
  struct Item {
    Deadline at;
    ports::Delivery delivery;
    ports::DeliveryReport report;
  };
  // Accepts everything unless told otherwise.
  std::function<ports::DeliveryReport(const ports::Delivery&)> answer;
  std::function<Duration()> takes;  // from being handed a letter to the answer; at once unless told
  std::function<void(const Item&)> on_item;
  std::vector<Item> items;
  std::size_t under_way = 0;
  std::size_t under_way_most = 0;

  std::size_t Accepted(const std::string& incident) const {
    std::size_t count = 0;
    for (const Item& item : items) {
      const bool accepted = item.report.result == ports::DeliveryResult::kAccepted;
      count += accepted && item.delivery.incident.id.text() == incident ? 1U : 0U;
    }
    return count;
  }
};

class SimMessenger final : public ports::Messenger {
 public:
  SimMessenger(SimProcess& process, PostOffice& office) : process_(process), office_(office) {}
  Task<ports::DeliveryReport> Send(ports::Delivery delivery) override {
    office_.under_way_most = std::max(office_.under_way_most, ++office_.under_way);
    ports::DeliveryReport report{ports::DeliveryResult::kAccepted, "", "", std::nullopt};
    if (office_.answer) {
      report = office_.answer(delivery);
    }
    office_.items.push_back({process_.Now(), std::move(delivery), report});
    if (office_.on_item) {
      office_.on_item(office_.items.back());
    }
    if (office_.takes) {
      co_await process_.Sleep(office_.takes());
    }
    --office_.under_way;
    co_return report;
  }

 private:
  SimProcess& process_;
  PostOffice& office_;
};

}  // namespace kulanz::simulation
