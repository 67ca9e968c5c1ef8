// CodePoolsFixture: the use-cases with pools of codes; the policies for missed_visit give codes of "visits".
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/app/code_pools.h"
#include "tests/unit/app/app_fixture.h"

namespace kulanz::app {

class CountingEntropy final : public ports::Entropy {
 public:
  void Fill(std::span<std::uint8_t> bytes) override {
    for (std::uint8_t& byte : bytes) {
      byte = next_++;
    }
  }

 private:
  std::uint8_t next_ = 0;
};

class EventLog final : public ports::Log {
 public:
  void Write(ports::LogLevel, std::string_view event, std::string_view,
             std::initializer_list<Field>) override {
    events.emplace_back(event);
  }
  std::vector<std::string> events;
};

inline PoolCipher OneKey() {
  std::vector<PoolKey> keys;
  keys.push_back(MakePoolKey("pool", kMinInstant, std::string(32, 'p')));
  return PoolCipher(std::move(keys));
}

inline std::vector<PoolCode> Codes(int from, int to) {
  std::vector<PoolCode> codes;
  for (int i = from; i < to; ++i) {
    codes.push_back(*PoolCode::Parse("SPRING-" + std::to_string(10'000 + i)));
  }
  return codes;
}

class CodePoolsFixture : public AppFixture {
 protected:
  CodePoolsFixture() { dependencies_.pools = &pools_; }

  ImportedCodes Import(const std::vector<PoolCode>& codes, const std::string& pool = "visits") {
    const auto imported = SyncWait(pools_.Import(pool, codes, Soon()));
    EXPECT_TRUE(imported.ok());
    return imported.ok() ? *imported : ImportedCodes{};
  }
  Incident MissedVisit(const std::string& id, const std::string& when_empty = "deny",
                       const std::string& customer = "C-1") {
    Incident incident;
    incident.id = IncidentId(id);
    incident.customer = CustomerId(customer);
    incident.type = "missed_visit";
    incident.occurred_at = now_;
    incident.attributes = {{"when_empty", when_empty}};
    return incident;
  }
  // "granted GRANTED SPRING-10000", "denied POOL_EMPTY", ...; errors by their reason.
  std::string Say(const Incident& incident) {
    const auto decided = Report(incident);
    if (!decided.ok()) {
      return std::string(decided.status().reason());
    }
    std::string out =
        std::string(OutcomeName(decided->decision.outcome)) + " " + decided->decision.reason;
    return decided->code ? out + " " + decided->code->Reveal(decided->decision.voucher->prefix)
                         : out;
  }
  std::uint64_t Remaining(const std::string& pool = "visits") {
    const auto stock = SyncWait(pools_.Count(pool, Soon()));
    EXPECT_TRUE(stock.ok());
    return stock.ok() ? stock->remaining : 999;
  }

  CountingEntropy entropy_;
  EventLog events_;
  PoolCipher cipher_ = OneKey();
  CodePools pools_{{.store = store_,
                    .scheduler = scheduler_,
                    .entropy = entropy_,
                    .telemetry = telemetry_,
                    .log = events_,
                    .keys = keys_,
                    .codec = codec_,
                    .cipher = cipher_,
                    .policies = policies_},
                   {.believe_empty = Duration(0)}};
};

}  // namespace kulanz::app
