// EventFixture: the use-cases with every event switched on, and a receiver that answers as a test says.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "service/app/event_dispatcher.h"
#include "service/app/voucher_expiry.h"
#include "tests/unit/app/stored_value_fixture.h"

namespace kulanz::app {

class FakeSink final : public ports::EventSink {
 public:
  Task<ports::DeliveryReport> Publish(Event event) override {
    tried.push_back(event.id);
    ports::DeliveryReport report;
    report.result = ports::DeliveryResult::kAccepted;
    if (!answers.empty()) {
      report = answers.front();
      answers.pop_front();
    }
    if (report.result == ports::DeliveryResult::kAccepted) {
      told.push_back(std::move(event));
    }
    co_return report;
  }
  bool Held() const override { return held; }

  std::deque<ports::DeliveryReport> answers;  // then kAccepted
  std::vector<std::string> tried;
  std::vector<Event> told;
  bool held = false;
};

class NoEntropy final : public ports::Entropy {
 public:
  // In the middle of the jitter: exactly the plain pauses.
  void Fill(std::span<std::uint8_t> bytes) override {
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = i + 1 == bytes.size() ? 200 : 0;
  }
};

class EventFixture : public StoredValueFixture {
 protected:
  EventFixture() { dependencies_.events = EventTypes::All(); }

  void Tell() { SyncWait(dispatcher_.Turn()); }
  // What was told since the last time, by type in the order of telling.
  std::vector<std::string> Told() {
    Tell();
    std::vector<std::string> types;
    for (std::size_t i = seen_; i < sink_.told.size(); ++i) {
      types.emplace_back(EventTypeName(sink_.told[i].type));
    }
    seen_ = sink_.told.size();
    return types;
  }
  const Event& Last() const { return sink_.told.back(); }
  std::uint64_t Waiting() {
    std::uint64_t entries = 0;
    for (std::uint16_t number = 0; number < keys_.partition_count(); ++number) {
      entries += SyncWait(store_.SummarizeIndex(keys_.Outbox({number}), Soon()))->size;
    }
    return entries;
  }

  FakeSink sink_;
  NoEntropy entropy_;
  EventDispatcher dispatcher_{dependencies_, sink_, entropy_};
  std::size_t seen_ = 0;
};

}  // namespace kulanz::app
