// The rules that stand between a gesture and its grant, one by one: severity, plain apologies, fatigue,
// top-ups, limits by key and by calendar, review, control groups, choose: highest.
#include <gtest/gtest.h>

#include "service/engine/holdout.h"
#include "service/engine/limit_keys.h"
#include "tests/unit/engine/builders.h"

namespace kulanz::engine {
namespace {

// The last step and the detail of the only policy's trace.
std::string Told(const Case& c, const policy::PolicySet& policies) {
  const Explanation explanation = c.Explain(policies);
  EXPECT_EQ(explanation.policies.size(), 1U);
  return explanation.policies.front().step.ToString() + ": " + explanation.policies.front().detail;
}

void Gave(Case& c, const std::string& at, const std::string& amount, const std::string& key = "",
          Reporter reporter = Reporter::kSystem) {
  c.Given(at, amount);
  c.history.gestures.back().reporter = reporter;
  if (!key.empty()) {
    c.history.gestures.back().keys = {LimitKey(kPerOrder, key)};
  }
}

constexpr const char* kSeverity =
    "severity: [{when: incident.days >= 7, is: severe}, {when: incident.days >= 3, is: serious}]\n";

TEST(RulesTest, TheFirstSeverityRowThatMatchesCounts) {
  const auto policies = LoadOne(kSeverity);
  Case c;
  for (const auto& [days, severity] :
       {std::pair(1, Severity::kMild), std::pair(3, Severity::kSerious),
        std::pair(7, Severity::kSevere)}) {
    c.incident.attributes["days"] = std::int64_t{days};
    EXPECT_EQ(c.Decide(*policies).decision.severity, severity) << days;
  }
  EXPECT_NE(Told(c, *policies).find("the fault is severe (severity[0])"), std::string::npos);
}

TEST(RulesTest, FromItsSeverityOnAPersonDecides) {
  const auto policies = LoadOne(std::string(kSeverity) + "review: {severity: serious}\n");
  Case c;
  c.incident.attributes["days"] = std::int64_t{2};
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 5.00");
  c.incident.attributes["days"] = std::int64_t{3};
  EXPECT_EQ(c.Say(*policies), "review SEVERE_FAULT p");
  EXPECT_EQ(c.Decide(*policies).decision.proposed, Eur("5.00"));
  EXPECT_NE(Told(c, *policies).find("from serious on a person decides"), std::string::npos);
}

TEST(RulesTest, AboveItsAmountAPersonDecides) {
  const auto policies =
      LoadOne("gesture: [{amount: eur(1.00) * incident.days}]\nreview: {above: eur(3.00)}\n");
  Case c;
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 3.00");
  c.incident.attributes["days"] = std::int64_t{4};
  EXPECT_EQ(c.Say(*policies), "review AMOUNT_ABOVE_REVIEW p");
  EXPECT_EQ(c.Decide(*policies).decision.proposed, Eur("4.00"));
}

TEST(RulesTest, AMessageMayDependOnTheSeverity) {
  const auto policies = LoadOne(std::string(kSeverity) +
                                "delivery: {message: late, signed_by: anna, quiet_hours: "
                                "21:00-08:00, message_by_severity: {severe: very-late}}\n"
                                "zone: Europe/Berlin\n");
  Case c;
  EXPECT_EQ(c.Decide(*policies).decision.delivery->message, "late");
  c.incident.attributes["days"] = std::int64_t{9};
  const DeliveryTerms delivery = *c.Decide(*policies).decision.delivery;
  EXPECT_EQ(delivery.message, "very-late");
  ASSERT_TRUE(delivery.quiet_hours);
  EXPECT_EQ(delivery.quiet_hours->from, std::chrono::hours(21));
  EXPECT_EQ(delivery.quiet_hours->until, std::chrono::hours(8));
  EXPECT_EQ(delivery.quiet_hours->zone, "Europe/Berlin");
}

constexpr const char* kApology =
    "gesture: [{when: incident.days < 5, apologise: true}, {amount: eur(5.00)}]\n";

TEST(RulesTest, AnApologyHasALetterAndNoMoney) {
  Case c;
  c.incident.order = Order{.id = OrderId("o"), .total = {}, .placed_at = {}};
  const Decision decision =
      c.Decide(*LoadOne(std::string(kApology) + "once_per: incident.id\nlimits: [{vouchers: 1, "
                                                "per: customer, within: 90d}]\n"))
          .decision;
  EXPECT_EQ(decision.outcome, Outcome::kApologised);
  EXPECT_EQ(decision.reason, "APOLOGISED");
  EXPECT_FALSE(decision.voucher);
  EXPECT_FALSE(decision.proposed);
  ASSERT_TRUE(decision.delivery);
  EXPECT_EQ(decision.once_per, "i-1");
  EXPECT_EQ(decision.limit_keys, std::vector{LimitKey("order", "o")});
}

TEST(RulesTest, AnApologySkipsLimitsButNotOncePer) {
  const auto policies =
      LoadOne(std::string(kApology) +
              "limits: [{vouchers: 1, per: customer, within: 90d}]\nonce_per: incident.reporter\n");
  Case c;
  Gave(c, "2026-11-19T00:00:00Z", "5.00");
  EXPECT_EQ(c.Say(*policies), "apologised APOLOGISED p");
  c.history.gestures.back().once_per = "system";
  EXPECT_EQ(c.Say(*policies), "denied ALREADY_COMPENSATED p");
}

TEST(RulesTest, TooManyApologiesTire) {
  const auto policies =
      LoadOne(std::string(kApology) + "fatigue: {plain_apologies: 1, within: 90d}\n");
  Case c;
  Gave(c, "2026-11-19T00:00:00Z", "5.00");  // money does not tire
  EXPECT_EQ(c.Say(*policies), "apologised APOLOGISED p");
  Gave(c, "2026-11-20T00:00:00Z", "0.00");
  EXPECT_EQ(c.Say(*policies), "denied APOLOGY_FATIGUE p");
  EXPECT_NE(Told(c, *policies).find("fatigue: "), std::string::npos);
  EXPECT_NE(Told(c, *policies).find("at most 1 apologies without money within 90d"),
            std::string::npos);
}

TEST(RulesTest, PlainApologiesNeverCountForLimits) {
  const auto policies = LoadOne("limits: [{vouchers: 1, per: customer, within: 90d}]\n");
  Case c;
  Gave(c, "2026-11-19T00:00:00Z", "0.00");
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 5.00");
}

std::shared_ptr<const policy::PolicySet> WithPool(const std::string& rest,
                                                  const std::string& more = "") {
  return LoadOne("voucher: {valid_for: 10d, pool: spring" + rest + "}\n" + more);
}

TEST(RulesTest, APoolGivesItsCodesUntilItIsEmpty) {
  const auto policies = WithPool("");
  Case c;
  const Verdict granted = c.Decide(*policies);
  ASSERT_TRUE(granted.decision.voucher);
  EXPECT_EQ(granted.decision.voucher->pool, "spring");
  EXPECT_EQ(granted.decision.voucher->prefix, "");
  c.empty_pools = {"others"};
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 5.00");
  c.empty_pools = {"others", "spring"};
  EXPECT_EQ(c.Say(*policies), "denied POOL_EMPTY p");
  EXPECT_EQ(c.Decide(*policies).decision.proposed, Eur("5.00"));
  EXPECT_EQ(c.Explain(*policies).policies.front().step.ToString(), "pool");
  EXPECT_EQ(c.Say(*WithPool(", when_empty: review")), "review POOL_EMPTY p");
  const auto generating = WithPool(", when_empty: generate");
  EXPECT_EQ(c.Say(*generating), "granted POOL_EMPTY p 5.00");
  EXPECT_EQ(c.Decide(*generating).decision.voucher->pool, "");
}

TEST(RulesTest, AnEmptyPoolIsSaidBeforeABudgetIsAsked) {
  const auto policies =
      WithPool("", "budget: {name: b, amount: eur(100.00), every: month, when_exhausted: deny}\n");
  Case c;
  EXPECT_TRUE(c.Decide(*policies).budget);
  c.empty_pools = {"spring"};
  const Verdict verdict = c.Decide(*policies);
  EXPECT_EQ(verdict.decision.reason, "POOL_EMPTY");
  EXPECT_FALSE(verdict.budget);
}

TEST(RulesTest, AnExhaustedBudgetMayApologiseInstead) {
  const auto policies = LoadOne(
      "budget: {name: b, amount: eur(100.00), every: month, when_exhausted: apologise}\n"
      "fatigue: {plain_apologies: 1, within: 90d}\n");
  Case c;
  const Verdict granted = c.Decide(*policies);
  c.exhausted.push_back({.budget = *granted.budget, .amount = Eur("5.00")});
  const Verdict verdict = c.Decide(*policies);
  EXPECT_EQ(verdict.decision.outcome, Outcome::kApologised);
  EXPECT_EQ(verdict.decision.reason, "BUDGET_EXHAUSTED");
  EXPECT_EQ(verdict.decision.proposed, Eur("5.00"));
  EXPECT_TRUE(verdict.decision.delivery);
  EXPECT_FALSE(verdict.budget);
  Gave(c, "2026-11-20T00:00:00Z", "0.00");
  EXPECT_EQ(c.Say(*policies), "denied APOLOGY_FATIGUE p");
}

TEST(RulesTest, ATopUpGivesTheDifference) {
  const auto policies = LoadOne(
      "gesture: [{amount: eur(2.00) * incident.days}]\n"
      "once_per: incident.id\n"
      "limits: [{vouchers: 1, per: customer, within: 90d}]\n");
  Case c;
  c.given_before = Eur("4.00");
  c.Given("2026-11-20T12:00:00Z", "4.00", "p", "i-1");
  c.history.gestures.back().incident = c.incident.id;
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 2.00");
  EXPECT_EQ(c.Decide(*policies).decision.given_before, Eur("4.00"));
  EXPECT_NE(Told(c, *policies).find("earlier reports of the incident gave 4.00 EUR"),
            std::string::npos);
  c.given_before = Eur("6.00");
  EXPECT_EQ(c.Say(*policies), "denied NOTHING_TO_ADD p");
  c.given_before = Eur("7.00");
  EXPECT_EQ(c.Say(*policies), "denied NOTHING_TO_ADD p");
}

TEST(RulesTest, WhatATopUpFollowsCountsForAmounts) {
  const auto policies = LoadOne(
      "gesture: [{amount: eur(2.00) * incident.days}]\n"
      "limits: [{amount: eur(7.00), per: customer, within: 90d}]\n");
  Case c;
  c.given_before = Eur("4.00");
  c.Given("2026-11-20T12:00:00Z", "4.00");
  c.history.gestures.back().incident = c.incident.id;
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 2.00");
  c.incident.attributes["days"] = std::int64_t{4};
  EXPECT_EQ(c.Say(*policies), "denied CUSTOMER_LIMIT p");
  EXPECT_EQ(c.Decide(*policies).decision.proposed, Eur("4.00"));
}

TEST(RulesTest, ATopUpInAnotherCurrencyIsForAPerson) {
  Case c;
  c.given_before = *Money::Parse("4.00", *Currency::FromCode("USD"));
  EXPECT_EQ(c.Say(*LoadOne("")), "review EVALUATION_ERROR p");
}

TEST(RulesTest, OneIncidentGetsOneApology) {
  const auto policies = LoadOne(kApology);
  Case c;
  c.Given("2026-11-20T12:00:00Z", "0.00");
  c.history.gestures.back().incident = c.incident.id;
  EXPECT_EQ(c.Say(*policies), "denied NOTHING_TO_ADD p");
  c.incident.attributes["days"] = std::int64_t{6};  // it grew: money after all
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 5.00");
}

TEST(RulesTest, ALimitMayCountByOrder) {
  const auto policies = LoadOne("limits: [{vouchers: 1, per: order, within: 90d}]\n");
  Case c;
  Gave(c, "2026-11-19T00:00:00Z", "5.00", "A-1");
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 5.00");  // no order: nothing to count by
  c.incident.order = Order{.id = OrderId("A-2"), .total = {}, .placed_at = {}};
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 5.00");
  c.incident.order->id = OrderId("A-1");
  EXPECT_EQ(c.Say(*policies), "denied CUSTOMER_LIMIT p");
  EXPECT_NE(Told(c, *policies).find("at most 1 vouchers per order ('A-1') within 90d, and 1 count"),
            std::string::npos);
}

TEST(RulesTest, ALimitMayCountByAnyText) {
  const auto policies =
      LoadOne("limits: [{vouchers: 1, per: 'string(incident.days)', within: 90d}]\n");
  Case c;
  const Decision first = c.Decide(*policies).decision;
  EXPECT_EQ(first.limit_keys, std::vector{LimitKey("string(incident.days)", "3")});
  Gave(c, "2026-11-19T00:00:00Z", "5.00");
  c.history.gestures.back().keys = first.limit_keys;
  EXPECT_EQ(c.Say(*policies), "denied CUSTOMER_LIMIT p");
  c.incident.attributes["days"] = std::int64_t{4};
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 5.00");
}

TEST(RulesTest, ALimitsAmountMayDependOnTheIncident) {
  const auto policies =
      LoadOne("limits: [{amount: 'eur(2.00) * incident.days', per: customer, within: 90d}]\n");
  Case c;
  Gave(c, "2026-11-19T00:00:00Z", "1.00");
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 5.00");
  c.incident.attributes["days"] = std::int64_t{2};
  EXPECT_EQ(c.Say(*policies), "denied CUSTOMER_LIMIT p");
}

TEST(RulesTest, ALimitMayBindOneReporterOnly) {
  const auto policies =
      LoadOne("limits: [{vouchers: 1, per: customer, within: 30d, reported_by: customer}]\n");
  Case c;
  Gave(c, "2026-11-19T00:00:00Z", "5.00");
  c.incident.reporter = Reporter::kCustomer;
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 5.00");  // the system's report does not count
  Gave(c, "2026-11-19T01:00:00Z", "5.00", "", Reporter::kCustomer);
  EXPECT_EQ(c.Say(*policies), "denied CUSTOMER_LIMIT p");
  c.incident.reporter = Reporter::kSystem;
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 5.00");  // nor is it bound
}

TEST(RulesTest, ACalendarPeriodBeginsAtLocalMidnight) {
  const auto policies =
      LoadOne("zone: Europe/Berlin\nlimits: [{vouchers: 1, per: customer, every: month}]\n");
  Case c;
  c.incident.occurred_at = At("2026-11-30T22:59:00Z");  // 23:59 in Berlin
  Gave(c, "2026-10-31T22:59:00Z", "5.00");              // 23:59 of 31 October
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 5.00");
  c.history.gestures[0].at = At("2026-10-31T23:00:00Z");
  EXPECT_EQ(c.Say(*policies), "denied CUSTOMER_LIMIT p");
  EXPECT_NE(Told(c, *policies).find("at most 1 vouchers in a month"), std::string::npos);
  c.incident.occurred_at = At("2026-11-30T23:00:00Z");
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 5.00");
  // One that is later counts for an incident that arrives late.
  c.incident.occurred_at = At("2026-11-01T00:00:00Z");
  c.history.gestures[0].at = At("2026-11-30T22:00:00Z");
  EXPECT_EQ(c.Say(*policies), "denied CUSTOMER_LIMIT p");
}

TEST(RulesTest, TheControlGroupGetsNothingAndIsTold) {
  const auto policies = LoadOne("holdout: percent(50)\n");
  Case c;
  int held_out = 0;
  for (int i = 0; i < 40; ++i) {
    c.customer.id = CustomerId("c" + std::to_string(i));
    const Decision decision = c.Decide(*policies).decision;
    ASSERT_TRUE(decision.holdout);
    EXPECT_EQ(decision.holdout->share, *Decimal::Parse("0.5"));
    EXPECT_EQ(decision.reason, decision.holdout->held_out ? "HOLDOUT" : "GRANTED");
    EXPECT_EQ(decision.proposed.has_value(), decision.holdout->held_out);
    held_out += decision.holdout->held_out ? 1 : 0;
  }
  EXPECT_GT(held_out, 0);
  EXPECT_LT(held_out, 40);
}

TEST(RulesTest, TheControlGroupIsStableAndOfItsShare) {
  const PolicyId policy("late-delivery");
  constexpr int kCustomers = 20'000;
  int five = 0;
  for (int i = 0; i < kCustomers; ++i) {
    const CustomerId customer("customer-" + std::to_string(i));
    const bool in_five = IsHeldOut(policy, customer, *Decimal::Parse("0.05"));
    five += in_five ? 1 : 0;
    // A larger share keeps the smaller one's customers.
    ASSERT_LE(in_five, IsHeldOut(policy, customer, *Decimal::Parse("0.2")));
    ASSERT_TRUE(IsHeldOut(policy, customer, Decimal(1)));
    ASSERT_FALSE(IsHeldOut(policy, customer, Decimal(0)));
  }
  // Five standard deviations around 1,000 are 154.
  EXPECT_NEAR(five, 1'000, 154);
  // Which customers these are must never change. SHA-256 of "late", a zero byte and "c-1" begins with
  // 84945d810e22b022, which is 0.51788... of 2^64.
  EXPECT_FALSE(IsHeldOut(PolicyId("late"), CustomerId("c-1"), *Decimal::Parse("0.5178")));
  EXPECT_TRUE(IsHeldOut(PolicyId("late"), CustomerId("c-1"), *Decimal::Parse("0.5179")));
}

std::shared_ptr<const policy::PolicySet> LoadHighest(const std::vector<std::string>& texts) {
  policy::PolicyFiles files;
  files.files.push_back({.name = "incidents.yaml", .text = kTestIncidents});
  files.files.push_back({.name = "settings.yaml", .text = "kulanz: v1\nchoose: highest\n"});
  for (std::size_t i = 0; i < texts.size(); ++i) {
    files.files.push_back({.name = "policies/p" + std::to_string(i) + ".yaml", .text = texts[i]});
  }
  const policy::LoadResult result = policy::LoadPolicySet(files);
  EXPECT_TRUE(result.ok()) << policy::Render(result.diagnostics);
  return result.policies;
}

TEST(ChooseHighestTest, TheMostGenerousPolicyAnswers) {
  const auto policies =
      LoadHighest({PolicyText("a", "priority: 9\ngesture: [{amount: eur(5.00)}]\n"),
                   PolicyText("b", "gesture: [{amount: eur(1.00) * incident.days}]\n"),
                   PolicyText("c", "gesture: [{apologise: true}]\npriority: 99\n")});
  Case c;
  EXPECT_EQ(c.Say(*policies), "granted GRANTED a 5.00");
  c.incident.attributes["days"] = std::int64_t{5};
  EXPECT_EQ(c.Say(*policies), "granted GRANTED a 5.00");  // of equals, the first
  c.incident.attributes["days"] = std::int64_t{6};
  EXPECT_EQ(c.Say(*policies), "granted GRANTED b 6.00");
  const Explanation explanation = c.Explain(*policies);
  ASSERT_EQ(explanation.policies.size(), 3U);
  EXPECT_EQ(explanation.policies[0].reason, "NOT_HIGHEST");
  EXPECT_EQ(explanation.policies[2].reason, "GRANTED");
}

TEST(ChooseHighestTest, TheHighestMustPassItsLimitsLikeAnyOther) {
  const auto policies =
      LoadHighest({PolicyText("a", "gesture: [{amount: eur(5.00)}]\n"),
                   PolicyText("b",
                              "gesture: [{amount: eur(9.00)}]\n"
                              "limits: [{vouchers: 1, per: customer, within: 90d}]\n")});
  Case c;
  Gave(c, "2026-11-19T00:00:00Z", "5.00");
  EXPECT_EQ(c.Say(*policies), "denied CUSTOMER_LIMIT b");
}

TEST(ChooseHighestTest, APlainApologyAnswersWhereNoPolicyGivesMoney) {
  const auto policies =
      LoadHighest({PolicyText("a", "gesture: [{when: incident.days > 9, amount: eur(5.00)}]\n"),
                   PolicyText("b", "gesture: [{apologise: true}]\n")});
  Case c;
  EXPECT_EQ(c.Say(*policies), "apologised APOLOGISED b");
}

TEST(ChooseHighestTest, AFailedExpressionCouldHaveBeenTheHighest) {
  const auto policies = LoadHighest(
      {PolicyText("a", "gesture: [{amount: eur(5.00)}]\n"),
       PolicyText("b", "gesture: [{amount: eur(9.00), when: 10 / (incident.days - 3) > 0}]\n"),
       PolicyText("c", "gesture: [{amount: eur(7.00)}]\n")});
  Case c;
  EXPECT_EQ(c.Say(*policies), "review EVALUATION_ERROR b");
}

}  // namespace
}  // namespace kulanz::engine
