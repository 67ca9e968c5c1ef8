#include "service/engine/decide.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/engine/builders.h"

namespace kulanz::engine {
namespace {

using ::testing::HasSubstr;

TEST(DecideTest, TheFirstMatchingRowGives) {
  const auto policies = LoadOne(
      "gesture:\n"
      "  - {when: incident.days >= 7, amount: eur(20.00)}\n"
      "  - {when: incident.days >= 3, amount: eur(10.00)}\n"
      "  - {when: incident.days >= 1, amount: eur(5.00)}\n");
  Case c;
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 10.00");
  c.incident.attributes["days"] = std::int64_t{7};
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 20.00");
  c.incident.attributes["days"] = std::int64_t{0};
  EXPECT_EQ(c.Say(*policies), "denied NO_GESTURE p");
}

TEST(DecideTest, ADecisionCarriesWhatItWasMadeOf) {
  const auto policies = LoadOne(
      "once_per: incident.id\n"
      "budget: {name: b, amount: eur(100.00), every: month}\n"
      "voucher: {valid_for: 10d, prefix: SORRY, minimum_order: eur(20.00), transferable: true}\n"
      "delivery: {message: late, wait: 10m, signed_by: anna}\n"
      "zone: Europe/Berlin\n");
  const Case c;
  const Verdict verdict = c.Decide(*policies);
  const Decision& decision = verdict.decision;
  EXPECT_EQ(decision.incident, c.incident);
  EXPECT_EQ(decision.revision, policies->revision());
  EXPECT_EQ(decision.department, "logistics");
  EXPECT_EQ(decision.decided_at, c.now);
  EXPECT_EQ(decision.once_per, "i-1");
  ASSERT_TRUE(decision.voucher);
  EXPECT_EQ(decision.voucher->prefix, "SORRY");
  EXPECT_EQ(decision.voucher->minimum_order, Eur("20.00"));
  EXPECT_TRUE(decision.voucher->transferable);
  EXPECT_EQ(decision.voucher->zone, "Europe/Berlin");
  // Ten days after 21 November, to the end of the day in Berlin (UTC+1).
  EXPECT_EQ(FormatInstant(decision.voucher->valid_until), "2026-12-01T22:59:59.999Z");
  ASSERT_TRUE(decision.delivery);
  EXPECT_EQ(decision.delivery->message, "late");
  EXPECT_EQ(decision.delivery->signed_by, "anna");
  EXPECT_EQ(decision.delivery->wait, std::chrono::minutes(10));
  ASSERT_TRUE(verdict.budget);
  EXPECT_EQ(verdict.budget->name, "b");
  EXPECT_EQ(FormatDate(verdict.budget->starts), "2026-11-01");
  EXPECT_EQ(verdict.budget->cap, Eur("100.00"));
  EXPECT_EQ(verdict.decision.budget,
            (PayingBudget{.name = verdict.budget->name, .starts = verdict.budget->starts}));
}

TEST(DecideTest, ValidityIsCountedFromTheLocalDayOfTheDecision) {
  const auto policies = LoadOne("zone: Pacific/Auckland\n");
  Case c;
  c.now = At("2026-11-21T12:00:00Z");  // already the 22nd in Auckland (UTC+13)
  EXPECT_EQ(FormatInstant(c.Decide(*policies).decision.voucher->valid_until),
            "2026-12-02T10:59:59.999Z");
}

TEST(DecideTest, PriorityAsksFirstThenTheId) {
  const auto policies = LoadSet({PolicyText("b", "priority: 5\ngesture: [{amount: eur(2.00)}]\n"),
                                 PolicyText("a", "priority: 5\ngesture: [{amount: eur(1.00)}]\n"),
                                 PolicyText("z", "priority: 9\neligible: incident.days > 5\n")});
  Case c;
  EXPECT_EQ(c.Say(*policies), "granted GRANTED a 1.00");
  c.incident.attributes["days"] = std::int64_t{6};
  EXPECT_EQ(c.Say(*policies), "granted GRANTED z 5.00");
}

TEST(DecideTest, TheMostSpecificDenialWins) {
  const std::string not_eligible = PolicyText("a", "eligible: customer.orders_completed > 100\n");
  const std::string no_gesture =
      PolicyText("b", "gesture: [{when: incident.days > 99, amount: eur(1)}]\n");
  const std::string excluded =
      PolicyText("c", "exclude: [{when: incident.days == 3, reason: BY_RULE}]\n");
  const std::string not_now = PolicyText("d", "effective: {until: 2026-01-01}\n");
  const Case c;
  EXPECT_EQ(c.Say(*LoadSet({})), "denied NO_POLICY");
  EXPECT_EQ(c.Say(*LoadSet({not_now})), "denied NO_POLICY");
  EXPECT_EQ(c.Say(*LoadSet({not_now, not_eligible})), "denied NOT_ELIGIBLE a");
  EXPECT_EQ(c.Say(*LoadSet({not_now, not_eligible, no_gesture})), "denied NO_GESTURE b");
  EXPECT_EQ(c.Say(*LoadSet({not_now, not_eligible, no_gesture, excluded})), "denied BY_RULE c");
}

TEST(DecideTest, EffectiveDatesAreLocalDaysOfTheIncident) {
  const auto policies =
      LoadOne("effective: {from: 2026-11-20, until: 2026-11-21}\nzone: Europe/Berlin\n");
  Case c;
  c.incident.occurred_at = At("2026-11-19T22:59:59.999Z");
  EXPECT_EQ(c.Say(*policies), "denied NO_POLICY");
  c.incident.occurred_at = At("2026-11-19T23:00:00Z");
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 5.00");
  c.incident.occurred_at = At("2026-11-20T22:59:59.999Z");
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 5.00");
  c.incident.occurred_at = At("2026-11-20T23:00:00Z");
  EXPECT_EQ(c.Say(*policies), "denied NO_POLICY");
}

TEST(DecideTest, ModesOffAndReview) {
  const Case c;
  EXPECT_EQ(c.Say(*LoadOne("mode: off\n")), "denied NO_POLICY");
  const auto review = LoadOne("mode: review\nbudget: {name: b, amount: eur(9.00), every: day}\n");
  EXPECT_EQ(c.Say(*review), "review POLICY_REVIEW p");
  EXPECT_FALSE(c.Decide(*review).budget);
}

TEST(DecideTest, ShadowPoliciesAreReportedAndChangeNothing) {
  const auto policies =
      LoadSet({PolicyText("real", "priority: 5\n"),
               PolicyText("more", "mode: shadow\ngesture: [{amount: eur(50.00)}]\n"),
               PolicyText("none", "mode: shadow\neligible: incident.days > 5\n"),
               PolicyText("past", "mode: shadow\neffective: {until: 2026-01-01}\n")});
  const Verdict verdict = Case().Decide(*policies);
  EXPECT_EQ(verdict.decision.policy, PolicyId("real"));
  ASSERT_EQ(verdict.decision.shadow.size(), 2U);
  EXPECT_EQ(verdict.decision.shadow[0].policy, PolicyId("more"));
  EXPECT_EQ(verdict.decision.shadow[0].outcome, Outcome::kGranted);
  EXPECT_EQ(verdict.decision.shadow[0].amount, Eur("50.00"));
  EXPECT_EQ(verdict.decision.shadow[1].reason, "NOT_ELIGIBLE");
}

TEST(DecideTest, AShadowPolicyThatFailsHurtsNobody) {
  const auto policies =
      LoadSet({PolicyText("real", ""),
               PolicyText("bad", "mode: shadow\neligible: 10 / (incident.days - 3) > 1\n")});
  const Verdict verdict = Case().Decide(*policies);
  EXPECT_EQ(verdict.decision.outcome, Outcome::kGranted);
  ASSERT_EQ(verdict.decision.shadow.size(), 1U);
  EXPECT_EQ(verdict.decision.shadow[0].outcome, Outcome::kReview);
  EXPECT_EQ(verdict.decision.shadow[0].reason, "EVALUATION_ERROR");
}

TEST(DecideTest, AFailingExpressionGoesToReviewAndNotToTheNextPolicy) {
  const std::string next = PolicyText("next", "");
  for (const std::string part :
       {"eligible: 10 / (incident.days - 3) > 1\n",
        "exclude: [{when: 10 / (incident.days - 3) > 1, reason: X}]\n",
        "gesture: [{when: 10 / (incident.days - 3) > 1, amount: eur(1)}]\n",
        "gesture: [{amount: eur(1) * (10 / (incident.days - 3))}]\n",
        "amount: {at_most: eur(1) * (10 / (incident.days - 3))}\n",
        "once_per: string(10 / (incident.days - 3))\n",
        "variables: {x: 10 / (incident.days - 3)}\neligible: vars.x > 1\n"}) {
    const auto policies = LoadSet({PolicyText("bad", "priority: 9\n" + part), next});
    EXPECT_EQ(Case().Say(*policies), "review EVALUATION_ERROR bad") << part;
  }
}

TEST(DecideTest, AVariableThatFailsMattersOnlyWhereItIsUsed) {
  const auto policies = LoadOne(
      "variables: {x: 10 / (incident.days - 3), y: incident.days}\neligible: vars.y == 3\n");
  EXPECT_EQ(Case().Say(*policies), "granted GRANTED p 5.00");
}

TEST(DecideTest, AnotherCurrencyAtRunTimeGoesToReview) {
  const auto policies =
      LoadOne("gesture: [{when: has(incident.price), amount: incident.price * percent(10)}]\n");
  Case c;
  c.incident.attributes["price"] = Eur("49.99");
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 5.00");
  c.incident.attributes["price"] = *Money::Parse("50", *Currency::FromCode("CHF"));
  EXPECT_EQ(c.Say(*policies), "review EVALUATION_ERROR p");
}

TEST(DecideTest, ABlockedCustomerGetsNothing) {
  Case c;
  c.customer.blocked = true;
  EXPECT_EQ(c.Say(*LoadOne("")), "denied CUSTOMER_BLOCKED");
}

TEST(DecideTest, OncePerComparesWithinItsPolicy) {
  const auto policies = LoadOne("once_per: 'has(order.id) ? order.id : \"\"'\n");
  Case c;
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 5.00");  // no order: nothing to compare
  c.incident.order = Order{.id = OrderId("o-1"), .total = {}, .placed_at = {}};
  c.Given("2026-11-01T00:00:00Z", "5.00", "other", "o-1");
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 5.00");
  c.Given("2026-11-30T00:00:00Z", "5.00", "p", "o-1");  // later, but reported before
  EXPECT_EQ(c.Say(*policies), "denied ALREADY_COMPENSATED p");
  c.history.gestures[1].at = At("2029-01-01T00:00:00Z");  // beyond its reach
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 5.00");
}

TEST(DecideTest, LimitsDenyByVouchersAndByAmount) {
  const auto policies = LoadOne(
      "limits:\n"
      "  - {vouchers: 2, per: customer, within: 90d}\n"
      "  - {amount: eur(12.00), per: customer, within: 365d}\n");
  Case c;
  c.Given("2026-08-22T12:00:00.001Z", "1.00");  // a millisecond less than 90 days before
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 5.00");
  c.Given("2026-11-01T00:00:00Z", "1.00", "another-policy");
  EXPECT_EQ(c.Say(*policies), "denied CUSTOMER_LIMIT p");
  c.history.gestures[0].at = At("2026-08-22T12:00:00Z");  // 90 days to the millisecond
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 5.00");
  c.history.gestures[0].amount = Eur("6.00");
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 5.00");  // 12.00 in all
  c.history.gestures[0].amount = Eur("6.01");
  EXPECT_EQ(c.Say(*policies), "denied CUSTOMER_LIMIT p");
}

TEST(DecideTest, AFullHistoryGoesToReview) {
  Case c;
  for (std::size_t i = 0; i < kHistoryGesturesMax - 1; ++i) {
    c.Given("2020-01-01T00:00:00Z", "1.00");
  }
  EXPECT_EQ(c.Say(*LoadOne("")), "granted GRANTED p 5.00");
  c.Given("2020-01-01T00:00:00Z", "1.00");
  EXPECT_EQ(c.Say(*LoadOne("")), "review HISTORY_FULL p");
}

TEST(DecideTest, AnExhaustedBudgetDeniesOrGoesToReview) {
  const std::string budget = "budget: {name: b, amount: eur(100.00), every: month";
  const auto deny = LoadOne(budget + "}\n");
  const auto review = LoadOne(budget + ", when_exhausted: review}\n");
  Case c;
  const Verdict verdict = c.Decide(*deny);
  ASSERT_TRUE(verdict.budget);
  c.exhausted.push_back({.budget = *verdict.budget, .amount = Eur("5.00")});
  EXPECT_EQ(c.Say(*deny), "denied BUDGET_EXHAUSTED p");
  EXPECT_EQ(c.Say(*review), "review BUDGET_EXHAUSTED p");
  EXPECT_FALSE(c.Decide(*deny).budget);
  c.exhausted[0].amount = Eur("5.01");
  EXPECT_EQ(c.Say(*deny), "granted GRANTED p 5.00");
}

TEST(DecideTest, EveryInputReachesExpressions) {
  const auto policies = LoadOne(
      "eligible: >-\n"
      "  incident.id == 'i-1' && incident.type == 'late' && incident.revision == 2 &&\n"
      "  incident.reporter == 'agent' && incident.occurred_at < now &&\n"
      "  has(order.id) && order.id == 'o-1' && has(order.total) && order.total == eur(50.00) &&\n"
      "  has(order.placed_at) && order.placed_at == timestamp('2026-11-01T00:00:00Z') &&\n"
      "  customer.id == 'c-1' && customer.orders_completed == 3 && customer.segment == 'gold' &&\n"
      "  'vip' in customer.tags && has(customer.customer_since) &&\n"
      "  customer.customer_since == date('2020-02-03') && has(customer.lifetime_value) &&\n"
      "  customer.lifetime_value == eur(1.23) && customer.locale == 'de-CH' &&\n"
      "  customer.time_zone == 'Europe/Zurich' && customer.preferred_channel == 'webhook' &&\n"
      "  'plan' in customer.attributes && customer.attributes['plan'] == 'xl' &&\n"
      "  has(incident.parts) && incident.parts == ['a', 'b'] && has(incident.cause) &&\n"
      "  incident.cause == 'carrier' && !has(incident.price)\n");
  Case c;
  c.incident.revision = 2;
  c.incident.reporter = Reporter::kAgent;
  c.incident.order =
      Order{.id = OrderId("o-1"), .total = Eur("50.00"), .placed_at = At("2026-11-01T00:00:00Z")};
  c.incident.attributes["parts"] = AttributeList{std::string("a"), std::string("b")};
  c.incident.attributes["cause"] = std::string("carrier");
  c.customer.tags = {"new", "vip"};
  c.customer.customer_since = ParseDate("2020-02-03");
  c.customer.lifetime_value = Eur("1.23");
  c.customer.locale = "de-CH";
  c.customer.time_zone = "Europe/Zurich";
  c.customer.preferred_channel = Channel::kWebhook;
  c.customer.attributes = {{"age", "9"}, {"plan", "xl"}};
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 5.00")
      << c.Explain(*policies).policies.at(0).detail;
}

TEST(DecideTest, AnExplanationSaysHowFarEachPolicyGot) {
  const auto policies = LoadSet(
      {PolicyText("a", "priority: 9\neligible: customer.orders_completed >= 10\n"),
       PolicyText("b",
                  "variables: {half: incident.days / 2}\n"
                  "gesture: [{when: vars.half > 5, amount: eur(9)}, {when: vars.half == 1, amount: "
                  "eur(5)}]\n"),
       PolicyText("c", "mode: shadow\nlimits: [{vouchers: 1, per: customer, within: 90d}]\n")});
  Case c;
  c.Given("2026-11-01T00:00:00Z", "5.00");
  const Explanation explanation = c.Explain(*policies);
  ASSERT_EQ(explanation.policies.size(), 3U);
  EXPECT_EQ(explanation.policies[0].step.ToString(), "eligible");
  EXPECT_EQ(explanation.policies[0].reason, "NOT_ELIGIBLE");
  EXPECT_EQ(explanation.policies[0].detail,
            "customer.orders_completed >= 10 is false (customer.orders_completed = 3)");
  EXPECT_EQ(explanation.policies[1].step.ToString(), "gesture[1]");
  EXPECT_TRUE(explanation.policies[1].passed);
  EXPECT_EQ(explanation.policies[2].policy->mode, policy::Mode::kShadow);
  EXPECT_EQ(explanation.policies[2].step.ToString(), "limits[0]");
  EXPECT_EQ(explanation.policies[2].detail, "at most 1 vouchers within 90d, and 1 count already");
  EXPECT_FALSE(explanation.policies[2].passed);
}

TEST(DecideTest, AnExplanationShowsRowsThatDoNotMatchAndWhatTheBoundsDid) {
  const auto rows = LoadOne(
      "gesture: [{when: incident.days > 9, amount: eur(9)}, {when: incident.days > 5, amount: "
      "eur(5)}]\n");
  EXPECT_EQ(Case().Explain(*rows).policies.at(0).detail,
            "incident.days > 9 is false (incident.days = 3); "
            "incident.days > 5 is false (incident.days = 3)");
  const auto capped =
      LoadOne("gesture: [{amount: eur(3) * incident.days}]\namount: {at_most: eur(7)}\n");
  EXPECT_EQ(Case().Explain(*capped).policies.at(0).detail,
            "eur(3) * incident.days is 9 EUR (incident.days = 3), and 'amount' makes it 7.00 EUR");
}

TEST(DecideTest, TheSameFactsAlwaysGetTheSameAnswer) {
  const std::vector<std::string> texts = {PolicyText("a", "eligible: incident.days > 3\n"),
                                          PolicyText("b", "mode: shadow\n"), PolicyText("c", "")};
  const auto first = LoadSet(texts);
  const auto second = LoadSet(texts);
  EXPECT_EQ(first->revision(), second->revision());
  EXPECT_EQ(first->revision().text().size(), 64U);
  const Verdict wanted = Case().Decide(*first);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Case().Decide(i % 2 == 0 ? *first : *second).decision, wanted.decision);
  }
}

}  // namespace
}  // namespace kulanz::engine
