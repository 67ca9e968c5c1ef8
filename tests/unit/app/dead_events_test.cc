// What was told to nobody: kept for a week, listed, told again, and forgotten.
#include "service/app/dead_events.h"

#include <gmock/gmock.h>

#include "service/app/event_outbox.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/app/event_fixture.h"

namespace kulanz::app {
namespace {

using kulanz::testing::IsOk;
using ports::DeliveryReport;
using ports::DeliveryResult;
using std::chrono::hours;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

DeliveryReport Dead(std::string reason) {
  DeliveryReport report;
  report.result = DeliveryResult::kUndeliverable;
  report.reason = std::move(reason);
  return report;
}

class DeadEventsTest : public EventFixture {
 protected:
  // A decision and its voucher; of these the first ones are answered as `answers` says.
  void Give(const std::string& incident, std::vector<DeliveryReport> answers) {
    Issue(incident);
    sink_.answers.insert(sink_.answers.end(), answers.begin(), answers.end());
    Tell();
  }
  std::vector<DeadEventRecord> List() {
    std::vector<DeadEventRecord> all;
    std::string token;
    do {
      auto page = SyncWait(dead_events_.List(1, token, Soon()));
      EXPECT_THAT(page, IsOk());
      for (DeadEventRecord& record : page->records) all.push_back(std::move(record));
      token = page->next_page_token;
    } while (!token.empty());
    return all;
  }
  std::uint64_t Listed() {
    std::uint64_t entries = 0;
    for (std::uint16_t number = 0; number < keys_.partition_count(); ++number) {
      entries += SyncWait(store_.SummarizeIndex(keys_.DeadEvents({number}), Soon()))->size;
    }
    return entries;
  }

  DeadEvents dead_events_{dependencies_};
};

TEST_F(DeadEventsTest, WhatNobodyWasToldIsListedWithItsReason) {
  Give("a", {Dead("WEBHOOK_DISABLED")});
  EXPECT_THAT(sink_.told, SizeIs(1)) << "the voucher's";
  EXPECT_EQ(Waiting(), 0U);
  const auto records = List();
  ASSERT_THAT(records, SizeIs(1));
  ASSERT_THAT(records[0].events.events, SizeIs(1)) << "what was told is not kept";
  EXPECT_EQ(records[0].events.events[0].id, sink_.tried.front());
  EXPECT_EQ(records[0].events.events[0].type, EventType::kDecisionGranted);
  ASSERT_THAT(records[0].events.dead, SizeIs(1));
  EXPECT_EQ(records[0].events.dead[0].reason, "WEBHOOK_DISABLED");
  EXPECT_EQ(records[0].given_up_at, now_);
  EXPECT_EQ(records[0].kept_until, now_ + hours{24 * 7});
}

TEST_F(DeadEventsTest, NothingIsListedOfWhatWasTold) {
  Give("a", {});
  EXPECT_THAT(List(), IsEmpty());
  EXPECT_EQ(Listed(), 0U);
}

TEST_F(DeadEventsTest, ItIsToldAgainUnderItsIdWithAllItsTimeBeforeIt) {
  Give("a", {Dead("BODY_TOO_LARGE"), Dead("BODY_TOO_LARGE")});
  const std::vector<std::string> ids = sink_.tried;
  now_ += hours{24 * 5};  // long past the four days after which an event is given up
  const auto records = List();
  ASSERT_THAT(records, SizeIs(1));
  EXPECT_THAT(SyncWait(dead_events_.Resend(records[0].id, Soon())), IsOk());
  EXPECT_THAT(List(), IsEmpty());
  sink_.answers.push_back(DeliveryReport{.reason = "HTTP_503", .detail = {}, .retry_after = {}});
  Tell();
  EXPECT_THAT(sink_.told, IsEmpty());
  EXPECT_THAT(List(), IsEmpty()) << "a failure is no reason to give up at once";
  now_ += seconds{5};
  EXPECT_THAT(Told(), ElementsAre("decision.granted", "voucher.issued"));
  EXPECT_EQ(sink_.told[0].id, ids[0]);
  EXPECT_EQ(sink_.told[1].id, ids[1]);
  EXPECT_EQ(Waiting() + Listed(), 0U) << "nothing is left behind";
}

TEST_F(DeadEventsTest, AskedTwiceItIsToldOnce) {
  Give("a", {Dead("HTTP_400"), Dead("HTTP_400")});
  const std::string id = List().at(0).id;
  EXPECT_THAT(SyncWait(dead_events_.Resend(id, Soon())), IsOk());
  EXPECT_THAT(SyncWait(dead_events_.Resend(id, Soon())), IsOk()) << "it is on its way";
  EXPECT_THAT(Told(), SizeIs(2));
  EXPECT_EQ(SyncWait(dead_events_.Resend(id, Soon())).status().reason(), "EVENT_NOT_FOUND");
}

TEST_F(DeadEventsTest, ALostRequestOrReplyIsRepeated) {
  Give("a", {Dead("HTTP_400"), Dead("HTTP_400")});
  const std::string id = List().at(0).id;
  for (const auto fault : {FaultyStore::Fault::kLoseRequest, FaultyStore::Fault::kLoseReply}) {
    store_.on_commit = [fault](const ports::Transaction&) { return fault; };
    EXPECT_FALSE(SyncWait(dead_events_.Resend(id, Soon())).ok());
  }
  store_.on_commit = nullptr;
  EXPECT_THAT(SyncWait(dead_events_.Resend(id, Soon())), IsOk());
  EXPECT_THAT(Told(), SizeIs(2));
}

TEST_F(DeadEventsTest, ManyAreListedPageByPage) {
  for (int i = 0; i < 20; ++i) {
    Give("I-" + std::to_string(i), {Dead("HTTP_400")});
    now_ += seconds{1};
  }
  const auto records = List();  // one a page
  std::set<std::string> ids;
  for (const DeadEventRecord& record : records) ids.insert(record.id);
  EXPECT_THAT(ids, SizeIs(20));
  EXPECT_EQ(SyncWait(dead_events_.List(0, "nonsense", Soon())).status().reason(),
            "INVALID_PAGE_TOKEN");
}

TEST_F(DeadEventsTest, AfterAWeekItIsForgotten) {
  Give("a", {Dead("HTTP_400"), Dead("HTTP_400")});
  const std::string id = List().at(0).id;
  now_ += hours{24 * 7} - seconds{1};
  Tell();
  EXPECT_THAT(List(), SizeIs(1));
  now_ += seconds{2};
  EXPECT_THAT(List(), IsEmpty());
  EXPECT_EQ(SyncWait(dead_events_.Resend(id, Soon())).status().reason(), "EVENT_NOT_FOUND");
  for (std::uint32_t turn = 0; turn < keys_.partition_count(); ++turn) Tell();
  EXPECT_EQ(Listed(), 0U) << "a turn clears one partition";
}

TEST_F(DeadEventsTest, WhatIsNoNameIsNotFound) {
  for (const char* id : {"", "x", "0000", "zzzz00000000000000000000000000000000"}) {
    EXPECT_EQ(SyncWait(dead_events_.Resend(id, Soon())).status().reason(), "EVENT_NOT_FOUND") << id;
  }
}

TEST_F(DeadEventsTest, ADamagedRecordIsNotTakenForDead) {
  Give("a", {Dead("HTTP_400"), Dead("HTTP_400")});
  const DeadEventRecord record = List().at(0);
  const auto key =
      OutboxKeyOf(keys_, keys_.VoucherFromId(record.id)->partition, record.events.events[0].id);
  ASSERT_TRUE(key);
  ports::Transaction damage;
  damage.partition = key->partition;
  damage.writes.emplace_back(ports::Put{*key, "x", std::nullopt});
  ASSERT_THAT(SyncWait(store_.Commit(std::move(damage), Soon())), IsOk());
  EXPECT_EQ(SyncWait(dead_events_.Resend(record.id, Soon())).status().reason(), "RECORD_CORRUPT");
}

}  // namespace
}  // namespace kulanz::app
