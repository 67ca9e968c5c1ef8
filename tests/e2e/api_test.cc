// Every call of the API, from a client's side, over the whole service in this process.

#include "tests/e2e/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tests/e2e/in_process.h"

namespace kulanz::e2e {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

class ApiTest : public ::testing::Test {
 protected:
  ApiTest() { EXPECT_EQ(Reason(api().Upsert(ACustomer()).status), "OK"); }
  Api& api() { return service_.api(); }

  std::string GrantedCode(const std::string& incident = "I-1") {
    const auto answer = api().Report(LateDelivery(incident));
    EXPECT_EQ(answer.message.decision().outcome(), v1::OUTCOME_GRANTED) << Reason(answer.status);
    return answer.message.decision().voucher().code();
  }

  InProcess service_;
};

TEST_F(ApiTest, AReportIsAnsweredWithTheVoucher) {
  const auto answer = api().Report(LateDelivery("I-1", "C-1", 3));
  ASSERT_EQ(Reason(answer.status), "OK");
  EXPECT_FALSE(answer->replayed());
  const v1::Decision& decision = answer->decision();
  EXPECT_EQ(decision.incident_id(), "I-1");
  EXPECT_EQ(decision.customer_id(), "C-1");
  EXPECT_EQ(decision.outcome(), v1::OUTCOME_GRANTED);
  EXPECT_EQ(decision.reason(), "GRANTED");
  EXPECT_EQ(decision.policy(), "late-delivery");
  EXPECT_EQ(decision.department(), "logistics");
  EXPECT_THAT(decision.policy_revision(), MatchesRegex("[0-9a-f]+"));
  EXPECT_FALSE(decision.has_incident()) << "the caller has just sent it";
  const v1::Voucher& voucher = decision.voucher();
  EXPECT_THAT(voucher.code(), MatchesRegex("SORRY(-[0-9A-Z][0-9A-Z][0-9A-Z][0-9A-Z])+"));
  EXPECT_EQ(voucher.amount().currency_code(), "EUR");
  EXPECT_EQ(voucher.amount().units(), 10);
  EXPECT_EQ(voucher.minimum_order().units(), 20);
  EXPECT_EQ(voucher.state(), v1::VOUCHER_STATE_ISSUED);
  EXPECT_EQ(voucher.time_zone(), "Europe/Berlin");
  EXPECT_EQ(voucher.delivery().state(), v1::DELIVERY_STATE_PENDING);
}

TEST_F(ApiTest, ARepeatedReportGetsTheFirstAnswer) {
  const auto incident = LateDelivery("I-1");
  const auto first = api().Report(incident);
  const auto second = api().Report(incident);
  ASSERT_EQ(Reason(second.status), "OK");
  EXPECT_TRUE(second->replayed());
  EXPECT_EQ(second->decision().SerializeAsString(), first->decision().SerializeAsString());
}

TEST_F(ApiTest, TheSameIdWithOtherFactsIsRefusedAndSaysWhichDiffer) {
  api().Upsert(ACustomer("C-2"));
  const auto incident = LateDelivery("I-1");
  ASSERT_EQ(Reason(api().Report(incident).status), "OK");

  auto other = incident;
  other.set_customer_id("C-2");
  EXPECT_EQ(Reason(api().Report(other).status), "ALREADY_EXISTS/INCIDENT_CONFLICT");
  EXPECT_EQ(Metadata(api().Report(other).status, "fields"), "incident.customer_id");

  other = incident;
  (*other.mutable_attributes())["cause"].set_string_value("warehouse");
  other.mutable_order()->set_order_id("O-other");
  const auto facts = api().Report(other);
  EXPECT_EQ(Reason(facts.status), "ALREADY_EXISTS/INCIDENT_CONFLICT");
  EXPECT_THAT(Metadata(facts.status, "fields"),
              ::testing::AllOf(::testing::HasSubstr("cause"), ::testing::HasSubstr("order")));

  other = Outage("I-1", "C-1");
  EXPECT_EQ(Reason(api().Report(other).status), "ALREADY_EXISTS/INCIDENT_CONFLICT");
  EXPECT_THAT(Metadata(api().Report(other).status, "fields"), ::testing::HasSubstr("type"));
}

TEST_F(ApiTest, ANoIsAnAnswerAndCanBeReadLater) {
  auto incident = LateDelivery("I-1");
  (*incident.mutable_attributes())["cause"].set_string_value("customer");
  const auto answer = api().Report(incident);
  ASSERT_EQ(Reason(answer.status), "OK");
  EXPECT_EQ(answer->decision().outcome(), v1::OUTCOME_DENIED);
  EXPECT_EQ(answer->decision().reason(), "NOT_OUR_FAULT");
  EXPECT_FALSE(answer->decision().has_voucher());

  const auto read = api().GetDecision("I-1");
  ASSERT_EQ(Reason(read.status), "OK");
  EXPECT_EQ(read->reason(), "NOT_OUR_FAULT");
  EXPECT_EQ(read->policy(), "late-delivery");
  EXPECT_EQ(read->policy_revision(), answer->decision().policy_revision());
  EXPECT_EQ(read->incident().attributes().at("cause").string_value(), "customer");
  EXPECT_EQ(read->incident().order().order_id(), "O-I-1");
  EXPECT_EQ(read->incident().occurred_at().seconds(), incident.occurred_at().seconds());
}

TEST_F(ApiTest, ANoOfAPolicyNamesIt) {
  auto incident = LateDelivery("I-1");
  ASSERT_EQ(api().Report(incident)->decision().outcome(), v1::OUTCOME_GRANTED);
  incident.set_incident_id("I-2");
  ASSERT_EQ(api().Report(incident)->decision().outcome(), v1::OUTCOME_DENIED);
  const auto read = api().GetDecision("I-2");
  EXPECT_EQ(read->reason(), "ALREADY_COMPENSATED");
  EXPECT_EQ(read->policy(), "late-delivery");
}

TEST_F(ApiTest, UnknownCustomersAreNotDecidedUntilTheyAreKnown) {
  const auto incident = LateDelivery("I-1", "C-new");
  EXPECT_EQ(Reason(api().Report(incident).status), "FAILED_PRECONDITION/UNKNOWN_CUSTOMER");
  EXPECT_EQ(Reason(api().GetDecision("I-1").status), "NOT_FOUND/DECISION_NOT_FOUND");
  api().Upsert(ACustomer("C-new"));
  EXPECT_EQ(api().Report(incident)->decision().outcome(), v1::OUTCOME_GRANTED);
}

TEST_F(ApiTest, IncidentsOutsideTheIntakeWindowAreRefused) {
  auto incident = LateDelivery("I-1");
  incident.mutable_occurred_at()->set_seconds(incident.occurred_at().seconds() - 86'400 * 91);
  EXPECT_EQ(Reason(api().Report(incident).status), "FAILED_PRECONDITION/INCIDENT_TOO_OLD");
  incident.mutable_occurred_at()->set_seconds(incident.occurred_at().seconds() + 86'400 * 92);
  EXPECT_EQ(Reason(api().Report(incident).status), "FAILED_PRECONDITION/INCIDENT_IN_FUTURE");
}

TEST_F(ApiTest, AnEvaluationExplainsAndStoresNothing) {
  const auto incident = LateDelivery("I-1", "C-1", 3);
  const auto answer = api().Evaluate(incident);
  ASSERT_EQ(Reason(answer.status), "OK");
  EXPECT_EQ(answer->decision().outcome(), v1::OUTCOME_GRANTED);
  EXPECT_EQ(answer->decision().voucher().amount().units(), 10);
  EXPECT_EQ(answer->decision().voucher().code(), "");
  EXPECT_FALSE(answer->already_decided());
  ASSERT_EQ(answer->explanation_size(), 1);
  EXPECT_EQ(answer->explanation(0).policy(), "late-delivery");
  EXPECT_TRUE(answer->explanation(0).passed());
  EXPECT_EQ(Reason(api().GetDecision("I-1").status), "NOT_FOUND/DECISION_NOT_FOUND");
  api().Report(incident);
  EXPECT_TRUE(api().Evaluate(incident)->already_decided());
}

TEST_F(ApiTest, DecisionsAreListedNewestFirstPageByPage) {
  for (int i = 0; i < 5; ++i) {
    auto incident = LateDelivery("I-" + std::to_string(i));
    incident.mutable_occurred_at()->set_seconds(incident.occurred_at().seconds() - i * 3'600);
    ASSERT_EQ(Reason(api().Report(incident).status), "OK");
  }
  std::vector<std::string> ids;
  std::string token;
  do {
    const auto page = api().List("C-1", 2, token);
    ASSERT_EQ(Reason(page.status), "OK");
    EXPECT_LE(page->decisions_size(), 2);
    for (const v1::Decision& decision : page->decisions()) {
      ids.push_back(decision.incident_id());
      EXPECT_TRUE(decision.has_incident());
    }
    token = page->next_page_token();
  } while (!token.empty());
  EXPECT_THAT(ids, ElementsAre("I-0", "I-1", "I-2", "I-3", "I-4"));
  EXPECT_THAT(api().List("C-nobody", 0, "")->decisions(), IsEmpty());
}

TEST_F(ApiTest, PageTokensAreCheckedAndNegativeSizesRefused) {
  EXPECT_EQ(Reason(api().List("C-1", 2, "forged").status), "INVALID_ARGUMENT/INVALID_PAGE_TOKEN");
  const auto negative = api().List("", -1, std::string(513, 't'));
  EXPECT_EQ(Reason(negative.status), "INVALID_ARGUMENT/INVALID_REQUEST");
  EXPECT_THAT(Fields(negative.status), ElementsAre("customer_id", "page_size", "page_token"));
}

TEST_F(ApiTest, CustomersAreKeptReplacedAndForgotten) {
  EXPECT_TRUE(api().Upsert(ACustomer("C-2"))->created());
  EXPECT_FALSE(api().Upsert(ACustomer("C-2"))->created());
  EXPECT_EQ(api().GetCustomer("C-2")->given_name(), "Zoë");
  EXPECT_TRUE(api().Erase("C-2")->erased());
  EXPECT_FALSE(api().Erase("C-2")->erased());
  EXPECT_EQ(Reason(api().GetCustomer("C-2").status), "NOT_FOUND/CUSTOMER_NOT_FOUND");
}

TEST_F(ApiTest, AnImportCountsAndNamesWhatItRejects) {
  std::vector<v1::Customer> customers = {ACustomer("C-1"), ACustomer("C-7"), ACustomer("C-8")};
  customers[1].set_email("not an address");
  customers.push_back(ACustomer("C-8"));
  customers.back().set_given_name("Later");
  const auto answer = api().Import(customers);
  ASSERT_EQ(Reason(answer.status), "OK");
  EXPECT_EQ(answer->created(), 1);
  EXPECT_EQ(answer->updated(), 2);
  EXPECT_EQ(answer->rejected(), 1);
  ASSERT_EQ(answer->rejections_size(), 1);
  EXPECT_EQ(answer->rejections(0).index(), 1);
  EXPECT_EQ(answer->rejections(0).customer_id(), "C-7");
  EXPECT_EQ(answer->rejections(0).error().code(), 3);
  EXPECT_EQ(api().GetCustomer("C-8")->given_name(), "Later");
  EXPECT_EQ(Reason(api().GetCustomer("C-7").status), "NOT_FOUND/CUSTOMER_NOT_FOUND");
}

TEST_F(ApiTest, OnlyTheFirstRejectionsOfAnImportAreListed) {
  const auto answer = api().Import(std::vector<v1::Customer>(105));
  EXPECT_EQ(answer->rejected(), 105);
  EXPECT_EQ(answer->rejections_size(), 100);
}

TEST_F(ApiTest, AVoucherIsFoundByItsCodeHoweverItIsTyped) {
  const std::string code = GrantedCode();
  std::string typed;
  for (const char c : code) {
    typed += c == '-' ? ' ' : static_cast<char>(std::tolower(c));
  }
  const auto voucher = api().GetVoucher(typed);
  ASSERT_EQ(Reason(voucher.status), "OK");
  EXPECT_EQ(voucher->incident_id(), "I-1");
  EXPECT_EQ(voucher->code(), "") << "the caller has it, the store does not";
  EXPECT_EQ(Reason(api().GetVoucher("0000-0000-0000-0000").status),
            "NOT_FOUND/VOUCHER_NOT_REDEEMABLE");
  EXPECT_EQ(Reason(api().GetVoucher("nonsense").status), "NOT_FOUND/VOUCHER_NOT_REDEEMABLE");
}

TEST_F(ApiTest, ARedemptionHappensOnceAndIsAnsweredAgain) {
  const std::string code = GrantedCode();
  const auto first = api().Redeem(Redemption(code, "R-1"));
  ASSERT_EQ(Reason(first.status), "OK");
  EXPECT_FALSE(first->replayed());
  EXPECT_EQ(first->redemption().amount().units(), 5);
  EXPECT_EQ(first->voucher().state(), v1::VOUCHER_STATE_REDEEMED);
  EXPECT_EQ(first->voucher().remaining().units(), 0);
  const auto again = api().Redeem(Redemption(code, "R-1"));
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(Reason(api().Redeem(Redemption(code, "R-1", "O-other")).status),
            "ALREADY_EXISTS/REDEMPTION_CONFLICT");
  EXPECT_EQ(Reason(api().Redeem(Redemption(code, "R-2")).status),
            "FAILED_PRECONDITION/VOUCHER_REDEEMED");
}

TEST_F(ApiTest, ARedemptionNeedsTheHolderAndTheMinimumOrder) {
  const std::string code = GrantedCode();
  EXPECT_EQ(Reason(api().Redeem(Redemption(code, "R-1", "O-9", "C-thief")).status),
            "NOT_FOUND/VOUCHER_NOT_REDEEMABLE");
  auto small = Redemption(code, "R-1");
  small.mutable_order_total()->set_units(19);
  EXPECT_EQ(Reason(api().Redeem(small).status), "FAILED_PRECONDITION/ORDER_BELOW_MINIMUM");
  auto dollars = Redemption(code, "R-1");
  dollars.mutable_order_total()->set_currency_code("USD");
  EXPECT_EQ(Reason(api().Redeem(dollars).status), "FAILED_PRECONDITION/CURRENCY_MISMATCH");
  EXPECT_EQ(Reason(api().Redeem(Redemption(code, "R-1")).status), "OK");
}

TEST_F(ApiTest, ValidationSaysWhatRedemptionWouldAndHasNoEffect) {
  v1::ValidateVoucherRequest request;
  request.set_code(GrantedCode());
  request.set_customer_id("C-1");
  *request.mutable_order_total() = Redemption("", "").order_total();
  const auto answer = api().Validate(request);
  ASSERT_EQ(Reason(answer.status), "OK");
  EXPECT_EQ(answer->voucher().remaining().units(), 5);
  EXPECT_EQ(Reason(api().Validate(request).status), "OK");
  request.set_customer_id("C-thief");
  EXPECT_EQ(Reason(api().Validate(request).status), "NOT_FOUND/VOUCHER_NOT_REDEEMABLE");
}

TEST_F(ApiTest, WhenTheStoreIsAwayItSaysSoAtOnceAndWhenToRepeat) {
  service_.store().SetAway(true);
  const auto answer = api().Report(LateDelivery("I-1"));
  EXPECT_EQ(Reason(answer.status), "UNAVAILABLE/STORE_UNREACHABLE");
  EXPECT_TRUE(HasRetryInfo(answer.status));
  service_.store().SetAway(false);
  EXPECT_EQ(Reason(api().Report(LateDelivery("I-1")).status), "OK");
}

TEST_F(ApiTest, RetryHintsAlsoReachTheClientsOwnRetries) {
  service_.store().SetAway(true);
  grpc::ClientContext context;
  v1::ReportIncidentRequest request;
  *request.mutable_incident() = LateDelivery("I-1");
  v1::ReportIncidentResponse response;
  EXPECT_FALSE(api().incidents().ReportIncident(&context, request, &response).ok());
  const auto found = context.GetServerTrailingMetadata().find("grpc-retry-pushback-ms");
  ASSERT_NE(found, context.GetServerTrailingMetadata().end());
  EXPECT_EQ(std::string(found->second.data(), found->second.size()), "50");
}

TEST_F(ApiTest, WithoutPoliciesNothingIsDecided) {
  service_.policies().Replace(nullptr);
  EXPECT_EQ(Reason(api().Report(LateDelivery("I-1")).status), "UNAVAILABLE/POLICIES_NOT_LOADED");
}

}  // namespace
}  // namespace kulanz::e2e
