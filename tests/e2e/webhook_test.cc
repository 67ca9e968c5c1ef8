// kulanzd and a receiver of webhooks: options, a voucher's events end to end, 410, and a kill.

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "kulanz/v1/event.pb.h"
#include "tests/e2e/api.h"
#include "tests/e2e/programs.h"
#include "tests/support/eventually.h"
#include "tests/support/webhook/webhook_receiver.h"

namespace kulanz::e2e {
namespace {

using kulanz::testing::Eventually;
using kulanz::testing::WebhookReceiver;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

const std::string kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

TEST(WebhookOptionsTest, EverythingThatIsWrongIsNamedAtOnce) {
  const Outcome outcome =
      RunProgram("kulanzd", {"--store", "memory", "--event-webhook", "http://user:pw@shop.example/",
                             "--event-types", "voucher.issued,voucher.eaten", "--webhook-timeout",
                             "61s", "--webhook-connections", "65", "--event-attempts", "11"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.output,
              AllOf(HasSubstr("kulanzd: --event-types: there is no 'voucher.eaten'"),
                    HasSubstr("--webhook-timeout"), HasSubstr("--webhook-connections"),
                    HasSubstr("--event-attempts must be from 1 to 10"),
                    HasSubstr("--event-webhook: "), HasSubstr("--event-webhook-secret-file")));
  EXPECT_THAT(outcome.output, Not(HasSubstr("user:pw"))) << "passwords are not repeated";
}

TEST(WebhookOptionsTest, OptionsOfAReceiverNeedOne) {
  EXPECT_THAT(RunProgram("kulanzd", {"--store", "memory", "--event-types", "all"}).output,
              HasSubstr("--event-types needs --event-webhook"));
  EXPECT_THAT(
      RunProgram("kulanzd", {"--store", "memory", "--event-webhook-secret-file", "x"}).output,
      HasSubstr("needs --event-webhook"));
}

class WebhookTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string missing = WebhookReceiver::Missing(); !missing.empty()) {
      GTEST_SKIP() << missing;
    }
    CopyRules("rules", directory_.path() + "/rules");
    WriteFile(SecretFile(), kSecret + "\n");
    receiver_.emplace(WebhookReceiver::Options{kSecret, "", ""});
  }
  std::string SecretFile() const { return directory_.path() + "/webhook.secret"; }
  std::vector<std::string> Arguments() const {
    return {"--embedded",
            "--data",
            directory_.path() + "/data",
            "--rules",
            directory_.path() + "/rules",
            "--event-webhook",
            "http://127.0.0.1:" + std::to_string(receiver_->port()) + "/events",
            "--event-webhook-secret-file",
            SecretFile(),
            "--webhook-allow-host",
            "127.0.0.1"};
  }
  std::vector<std::string> ArgumentsForMessages() const {
    std::vector<std::string> arguments = Arguments();
    for (std::string& argument : arguments) {
      if (argument.starts_with("--event-webhook")) argument.replace(2, 5, "message");
    }
    return arguments;
  }
  // By type; each event's id once.
  std::map<std::string, v1::WebhookEvent> Events() {
    std::map<std::string, v1::WebhookEvent> events;
    for (const auto& received : receiver_->Events()) {
      v1::WebhookEvent event;
      EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(received.body, &event).ok())
          << received.body;
      bodies_ += received.body;
      events[event.type()] = event;
    }
    return events;
  }
  static std::string CodeOf(Api& api, const std::string& incident) {
    EXPECT_EQ(Reason(api.Upsert(ACustomer()).status), "OK");
    const auto answer = api.Report(LateDelivery(incident));
    EXPECT_EQ(Reason(answer.status), "OK");
    return answer->decision().voucher().code();
  }

  TemporaryDirectory directory_;
  std::optional<WebhookReceiver> receiver_;
  std::string bodies_;
};

TEST_F(WebhookTest, AVouchersEventsAreToldAndNoneHasItsCode) {
  ServerProcess server(Arguments());
  ASSERT_TRUE(server.AwaitServing());
  const std::string code = CodeOf(server.api(), "I-1");
  ASSERT_FALSE(code.empty());
  v1::RedeemVoucherRequest redeem;
  redeem.set_code(code);
  redeem.set_customer_id(ACustomer().customer_id());
  redeem.set_redemption_id("R-1");
  redeem.set_order_id("O-9");
  redeem.mutable_order_total()->set_currency_code("EUR");
  redeem.mutable_order_total()->set_units(80);
  ASSERT_EQ(Reason(server.api().Redeem(redeem).status), "OK");
  ASSERT_TRUE(Eventually([&] { return receiver_->Received().accepted >= 3; }));
  const auto events = Events();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events.at("decision.granted").data().incident_id(), "I-1");
  const auto& redeemed = events.at("voucher.redeemed").data();
  EXPECT_EQ(redeemed.operation_id(), "R-1");
  EXPECT_EQ(redeemed.order_id(), "O-9");
  EXPECT_EQ(redeemed.voucher_id(), events.at("voucher.issued").data().voucher_id());
  EXPECT_EQ(redeemed.remaining().units(), 0);
  EXPECT_EQ(receiver_->Received().refused, 0U);
  EXPECT_THAT(bodies_, AllOf(Not(HasSubstr(code)), Not(HasSubstr(ACustomer().email())),
                             Not(HasSubstr(ACustomer().family_name()))));
  EXPECT_THAT(server.log(), Not(HasSubstr(code)));
}

TEST_F(WebhookTest, GoneIsVisibleAndWhatHappenedMeanwhileIsToldLater) {
  receiver_->Command("answer 410");
  ServerProcess server(Arguments());
  ASSERT_TRUE(server.AwaitServing());
  CodeOf(server.api(), "I-1");
  ASSERT_TRUE(
      Eventually([&] { return server.log().find("webhook_disabled") != std::string::npos; }));
  receiver_->Command("answer 204");
  CodeOf(server.api(), "I-2");
  fs::last_write_time(SecretFile(), fs::file_time_type::clock::now() + std::chrono::seconds(5));
  std::set<std::string> incidents;
  EXPECT_TRUE(Eventually(
      [&] {
        for (const auto& received : receiver_->Events()) {
          v1::WebhookEvent event;
          if (google::protobuf::util::JsonStringToMessage(received.body, &event).ok() &&
              event.type() == "voucher.issued") {
            incidents.insert(event.data().incident_id());
          }
        }
        return incidents.size() == 2;
      },
      std::chrono::seconds(100)));
  EXPECT_THAT(server.log(), HasSubstr("webhook_enabled"));
}

TEST_F(WebhookTest, DeadEventsAreSeenAndToldAgain) {
  receiver_->Command("answer 500");
  std::vector<std::string> arguments = Arguments();
  arguments.insert(arguments.end(), {"--event-attempts", "1"});
  ServerProcess server(arguments);
  ASSERT_TRUE(server.AwaitServing());
  const std::string code = CodeOf(server.api(), "I-1");
  const auto events = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"events", "--server", server.address()});
    return RunProgram("kulanz", more);
  };
  ASSERT_TRUE(Eventually([&] {
    return events({"list"}).output.find("2 dead events\n") != std::string::npos;
  })) << events({"list"}).output
      << server.log();
  const std::string listed = events({"list"}).output;
  EXPECT_THAT(listed, AllOf(HasSubstr("decision.granted"), HasSubstr("voucher.issued"),
                            HasSubstr("incident I-1"), HasSubstr("HTTP_500 after 1 attempt: "),
                            HasSubstr("resend"), Not(HasSubstr(code))));
  EXPECT_THAT(server.log(), HasSubstr("event_dead"));
  EXPECT_EQ(events({"resend"}).exit_code, 2);
  EXPECT_THAT(events({"resend", "0"}).output, HasSubstr("EVENT_NOT_FOUND"));
  receiver_->Command("answer 204");
  const Outcome resent = events({"resend", "--all"});
  EXPECT_EQ(resent.exit_code, 0) << resent.output;
  EXPECT_THAT(resent.output, HasSubstr(listed.substr(0, listed.find(' ')) + " is told again"));
  EXPECT_TRUE(Eventually([&] { return receiver_->Received().accepted >= 2; })) << server.log();
  EXPECT_THAT(events({"list"}).output, HasSubstr("0 dead events\n"));
}

TEST_F(WebhookTest, AKilledServersEventsAreToldByTheNext) {
  receiver_->Command("silent");
  {
    ServerProcess server(Arguments());
    ASSERT_TRUE(server.AwaitServing());
    CodeOf(server.api(), "I-1");
    ASSERT_TRUE(Eventually([&] { return receiver_->Received().accepted > 0; }));
    server.Signal(SIGKILL);
    server.AwaitExit();
  }
  const std::string told = receiver_->Events().front().id;
  receiver_->Command("answer 204");
  ServerProcess next(Arguments());
  ASSERT_TRUE(next.AwaitServing());
  std::multiset<std::string> ids;
  ASSERT_TRUE(Eventually(
      [&] {
        ids.clear();
        for (const auto& received : receiver_->Events()) ids.insert(received.id);
        return ids.size() == 3;
      },
      std::chrono::seconds(150)))
      << "after the dead one's lease";
  EXPECT_EQ(ids.count(told), 2U) << "told again under its id";
}

TEST_F(WebhookTest, ABreakersTripIsToldUnderOneIdAlsoByTheNextServerAndSoIsItsRelease) {
  WriteFile(directory_.path() + "/rules/settings.yaml",
            "kulanz: v1\nbreakers:\n  - {type: late_delivery, gestures: 1, within: 1h}\n");
  // Each event's type by its id.
  const auto told = [this] {
    std::map<std::string, std::string> types;
    for (const auto& received : receiver_->Events()) {
      v1::WebhookEvent event;
      EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(received.body, &event).ok());
      if (event.type().starts_with("breaker.")) types[received.id] = event.type();
    }
    return types;
  };
  const auto times = [this](const std::string& id) {
    const auto events = receiver_->Events();
    return std::count_if(events.begin(), events.end(),
                         [&id](const auto& received) { return received.id == id; });
  };
  receiver_->Command("answer 500");
  {
    ServerProcess server(Arguments());
    ASSERT_TRUE(server.AwaitServing());
    for (int number = 0; number < 4; ++number) CodeOf(server.api(), "I-" + std::to_string(number));
    ASSERT_TRUE(Eventually([&] { return told().size() == 1; })) << server.log();
    server.Signal(SIGKILL);
    server.AwaitExit();
  }
  const std::string id = told().begin()->first;
  const auto times_before = times(id);
  receiver_->Command("answer 204");
  ServerProcess next(Arguments());
  ASSERT_TRUE(next.AwaitServing());
  const Outcome released =
      RunProgram("kulanz", {"breakers", "release", "type/late_delivery", "--per-minute", "60",
                            "--request-id", "INC-1", "--server", next.address()});
  ASSERT_EQ(released.exit_code, 0) << released.output;
  ASSERT_TRUE(Eventually([&] { return told().size() == 2; })) << next.log();
  // The one whose teller was killed comes by its lease at the latest.
  ASSERT_TRUE(Eventually([&] { return times(id) > times_before; }, std::chrono::seconds(150)))
      << next.log();
  EXPECT_EQ(told().size(), 2U) << "however often, under one id each";
  const auto events = Events();
  const auto& tripped = events.at("breaker.tripped").data();
  EXPECT_EQ(tripped.breaker(), "type/late_delivery");
  EXPECT_EQ(tripped.gestures(), 2);
  EXPECT_EQ(tripped.customer_id() + tripped.incident_id(), "");
  EXPECT_EQ(events.at("breaker.released").data().operation_id(), "INC-1");
  EXPECT_EQ(events.at("breaker.released").data().per_minute(), 60);
}

// Apologies by the customer's own channel, and by the other where that cannot reach them.
TEST_F(WebhookTest, EachCustomerIsToldByTheirChannelOrByTheOther) {
  ServerProcess server(ArgumentsForMessages());
  ASSERT_TRUE(server.AwaitServing());
  const auto letters = [this] {
    std::ptrdiff_t count = 0;
    for (const auto& entry : fs::directory_iterator(directory_.path() + "/data/mail/new")) {
      count += entry.is_regular_file() ? 1 : 0;
    }
    return count;
  };
  v1::Customer customer = ACustomer("C-1");
  const auto report = [&](const std::string& incident) {
    EXPECT_EQ(Reason(server.api().Upsert(customer).status), "OK");
    const auto answer = server.api().Report(LateDelivery(incident, customer.customer_id()));
    EXPECT_EQ(Reason(answer.status), "OK");
    return answer->decision().voucher().code();
  };
  const auto last = [this] {
    v1::WebhookMessage message;
    EXPECT_TRUE(
        google::protobuf::util::JsonStringToMessage(receiver_->Events().back().body, &message)
            .ok());
    return message.data();
  };
  customer.set_preferred_channel(v1::CHANNEL_WEBHOOK);
  const std::string code = report("I-1");
  ASSERT_TRUE(Eventually([&] { return receiver_->Received().accepted == 1; }));
  EXPECT_EQ(last().voucher().code(), code);
  EXPECT_EQ(letters(), 0);
  EXPECT_THAT(server.log(), Not(HasSubstr(code)));

  customer = ACustomer("C-2");
  report("I-2");
  ASSERT_TRUE(Eventually([&] { return letters() == 1; })) << "by e-mail, as nothing else is said";
  EXPECT_EQ(receiver_->Received().accepted, 1U);

  customer = ACustomer("C-3");
  customer.clear_email();
  report("I-3");
  ASSERT_TRUE(Eventually([&] { return receiver_->Received().accepted == 2; })) << "no address";
  EXPECT_EQ(last().customer_id(), "C-3");

  receiver_->Command("answer 422");
  customer = ACustomer("C-4");
  customer.set_preferred_channel(v1::CHANNEL_WEBHOOK);
  report("I-4");
  ASSERT_TRUE(Eventually([&] { return letters() == 2; })) << "the receiver does not know them";

  customer = ACustomer("C-5");
  customer.clear_email();
  const std::string unreachable = report("I-5");
  EXPECT_TRUE(Eventually([&] {
    const auto voucher = server.api().GetVoucher(unreachable);
    return voucher.ok() && voucher->delivery().state() == v1::DELIVERY_STATE_DEAD &&
           voucher->delivery().last_error() == "NO_ADDRESS";
  })) << "neither channel: visible";
}

TEST_F(WebhookTest, APolicysChannelComesBeforeTheCustomers) {
  const std::string policy = directory_.path() + "/rules/policies/late-delivery.yaml";
  std::string text = ReadFile(policy);
  const std::size_t at = text.find("signed_by: anna}");
  ASSERT_NE(at, std::string::npos);
  WriteFile(policy, text.insert(at, "channel: webhook, "));
  ServerProcess server(ArgumentsForMessages());
  ASSERT_TRUE(server.AwaitServing());
  const std::string code = CodeOf(server.api(), "I-1");  // of a customer who prefers nothing
  ASSERT_TRUE(Eventually([&] { return receiver_->Received().accepted == 1; })) << server.log();
  EXPECT_THAT(receiver_->Events().back().body, HasSubstr(code));
  EXPECT_TRUE(fs::is_empty(directory_.path() + "/data/mail/new"));
}

}  // namespace
}  // namespace kulanz::e2e
