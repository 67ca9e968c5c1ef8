// What the index knows, on small policy sets: who is asked, and who is passed over.
#include "service/policy/guard_index.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "service/policy/incident_type.h"
#include "service/policy/inputs.h"
#include "service/policy/loader.h"
#include "service/policy/policy.h"

namespace kulanz::policy {
namespace {

using cel::Value;

constexpr const char* kIncidents = R"(kulanz: v1
incidents:
  late:
    summary: Late
    attributes:
      cause: {type: enum, values: [carrier, weather], optional: true}
      days: {type: int}
      score: {type: decimal}
)";

class GuardIndexTest : public testing::Test {
 protected:
  // Policies p00, p01, ... in the order of asking, each with the given keys.
  void Load(const std::vector<std::string>& policies) {
    PolicyFiles files;
    files.files.push_back({.name = "incidents.yaml", .text = kIncidents});
    for (std::size_t i = 0; i < policies.size(); ++i) {
      const std::string id = (i < 10 ? "p0" : "p") + std::to_string(i);
      files.files.push_back(
          {.name = "policies/" + id + ".yaml",
           .text = "kulanz: v1\npolicy: " + id +
                   "\nsummary: A test\ndepartment: logistics\nincidents: [late]\nzone: UTC\n"
                   "currency: EUR\nvoucher: {valid_for: 10d}\n"
                   "delivery: {message: late, signed_by: anna}\n" +
                   (policies[i].find("gesture:") == std::string::npos
                        ? "gesture: [{amount: eur(5.00)}]\n"
                        : "") +
                   policies[i] + "\n"});
    }
    const LoadResult result = LoadPolicySet(files);
    ASSERT_TRUE(result.ok()) << Render(result.diagnostics);
    set_ = result.policies;
    type_ = set_->FindIncidentType("late");
    frame_.assign(static_cast<std::size_t>(set_->frame_slots()), Value::Absent());
    Set(kCustomerSegmentSlot, Value::String("gold"));
    Set("days", Value::Int(2));
    Set("score", Value::Of(Decimal(2)));
  }
  void Set(int slot, Value value) { frame_[static_cast<std::size_t>(slot)] = value; }
  void Set(const char* attribute, Value value) { Set(type_->Find(attribute)->slot, value); }

  const GuardIndex& index() const { return set_->IndexFor(*type_); }
  // The positions that are asked: "0 2 17".
  std::string Asked() const {
    PositionSet candidates;
    PositionSet scratch;
    index().Select(frame_, candidates, scratch);
    std::string out;
    for (auto at = candidates.Next(0); at; at = candidates.Next(*at + 1)) {
      out += (out.empty() ? "" : " ") + std::to_string(*at);
    }
    return out;
  }

  std::shared_ptr<const PolicySet> set_;
  const IncidentType* type_ = nullptr;
  std::vector<Value> frame_;
};

TEST_F(GuardIndexTest, AFactThatAPolicyInsistsOnDecidesWhetherItIsAsked) {
  Load({"eligible: customer.segment == \"gold\"", "eligible: customer.segment == \"silver\"",
        "eligible: incident.days in [1, 2] && customer.orders_completed > 3",
        "eligible: incident.days == 3", "eligible: customer.orders_completed > 3", ""});
  EXPECT_TRUE(index().is_useful());
  EXPECT_EQ(Asked(), "0 2 4 5");
  Set(kCustomerSegmentSlot, Value::String("silver"));
  Set("days", Value::Int(3));
  EXPECT_EQ(Asked(), "1 3 4 5");
  Set(kCustomerSegmentSlot, Value::String(""));
  Set("days", Value::Int(7));
  EXPECT_EQ(Asked(), "4 5");
}

TEST_F(GuardIndexTest, AllGuardsOfAPolicyMustHold) {
  Load({"eligible: customer.segment == \"gold\" && incident.days == 2",
        "eligible: customer.segment == \"gold\" && incident.days == 3",
        "eligible: customer.segment == \"tin\" && incident.days == 2"});
  EXPECT_EQ(Asked(), "0");
}

TEST_F(GuardIndexTest, WhatIsAbsentOrFailedProvesNothing) {
  Load({"eligible: has(incident.cause) && incident.cause == \"carrier\"",
        "eligible: has(incident.cause) && incident.cause == \"weather\""});
  EXPECT_EQ(Asked(), "0 1");
  Set("cause", Value::Error(cel::ErrorCode::kOverflow));
  EXPECT_EQ(Asked(), "0 1");
  Set("cause", Value::String("weather"));
  EXPECT_EQ(Asked(), "1");
}

TEST_F(GuardIndexTest, ANumberOfAnotherKindProvesNothing) {
  Load({"eligible: incident.score == 2", "eligible: incident.score == 3"});
  EXPECT_EQ(Asked(), "0 1");
}

TEST_F(GuardIndexTest, AlternativesAndNegationsAreNoGuards) {
  Load({"eligible: customer.segment == \"tin\" || incident.days > 1",
        "eligible: '!(customer.segment == \"gold\")'",
        "eligible: 'customer.segment == \"tin\" ? true : false'",
        "eligible: customer.segment != \"gold\""});
  EXPECT_FALSE(index().is_useful());
  EXPECT_EQ(Asked(), "0 1 2 3");
}

TEST_F(GuardIndexTest, AGestureCountsWhenNothingCanStopBeforeItAndEveryRowInsists) {
  const std::string gold_rows =
      "gesture:\n  - {when: customer.segment == \"gold\" && incident.days > 3, amount: eur(1.00)}\n"
      "  - {when: 'customer.segment in [\"gold\", \"tin\"]', amount: eur(2.00)}";
  const std::string open_row =
      "gesture:\n  - {when: customer.segment == \"gold\", amount: eur(1.00)}\n"
      "  - {amount: eur(2.00)}";
  Load({gold_rows, open_row, gold_rows + "\neligible: customer.orders_completed > 1",
        gold_rows + "\nexclude: [{when: incident.days > 5, reason: TOO_LATE}]"});
  EXPECT_EQ(Asked(), "0 1 2 3");
  ASSERT_EQ(index().eligible_for_all().size(), 1U);
  EXPECT_EQ(index().eligible_for_all().front(), 0U);
  Set(kCustomerSegmentSlot, Value::String("tin"));
  EXPECT_EQ(Asked(), "0 1 2 3");  // its second row may match
  Set(kCustomerSegmentSlot, Value::String("silver"));
  EXPECT_EQ(Asked(), "1 2 3");
}

TEST_F(GuardIndexTest, ShadowPoliciesAreAlwaysAsked) {
  Load({"mode: shadow\neligible: customer.segment == \"tin\"",
        "mode: review\neligible: customer.segment == \"tin\""});
  EXPECT_EQ(Asked(), "0");
}

TEST_F(GuardIndexTest, VariablesHaveNoPlaceInTheIndex) {
  Load({"variables: {of: customer.segment}\neligible: vars.of == \"tin\""});
  EXPECT_FALSE(index().is_useful());
}

TEST_F(GuardIndexTest, AConditionThatTakesMemoryFirstIsAskedBesideVariables) {
  const std::string loop =
      "eligible: customer.segment == \"tin\" && customer.tags.exists(t, t == \"new\" && "
      "incident.days == ";
  Load({loop + "1)", "variables: {two: '2'}\n" + loop + "vars.two)"});
  EXPECT_EQ(Asked(), "1");
}

TEST_F(GuardIndexTest, ManyPoliciesFillSeveralWords) {
  std::vector<std::string> policies;
  for (int i = 0; i < 200; ++i) {
    policies.push_back("eligible: customer.segment == \"s" + std::to_string(i % 100) + "\"");
  }
  Load(policies);
  EXPECT_EQ(Asked(), "");
  Set(kCustomerSegmentSlot, Value::String("s27"));
  // By priority, then id: p00 to p99 in order, p100 and p101 after p10, and so on.
  std::string expected;
  const std::vector<const Policy*>& order = set_->PoliciesFor(*type_);
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (order[i]->id.text() == "p27" || order[i]->id.text() == "p127") {
      expected += (expected.empty() ? "" : " ") + std::to_string(i);
    }
  }
  EXPECT_EQ(Asked(), expected);
}

TEST(PositionSetTest, HoldsPositionsAcrossWords) {
  for (const std::size_t count : {1U, 63U, 64U, 65U, 128U, 200U}) {
    PositionSet set;
    set.Fill(count);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(set.Next(i), i);
    }
    EXPECT_EQ(set.Next(count), std::nullopt);
    set.Remove(count - 1);
    EXPECT_EQ(set.Next(count - 1), std::nullopt);
    EXPECT_FALSE(set.Contains(count - 1));
    PositionSet other;
    other.Fill(count);
    other.Remove(0);
    other.Intersect(set);
    EXPECT_EQ(other.Next(0), count > 2 ? std::optional<std::size_t>(1) : std::nullopt);
  }
}

}  // namespace
}  // namespace kulanz::policy
