#include "service/app/fingerprint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "service/base/crypto.h"

namespace kulanz::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Incident Base() {
  Incident incident;
  incident.id = IncidentId("i");
  incident.customer = CustomerId("c");
  incident.type = "late_delivery";
  incident.occurred_at = InstantFromMillis(1000);
  incident.order = Order{OrderId("o"), *Money::Parse("1.00", *Currency::FromCode("EUR")), {}};
  incident.attributes = {{"cause", std::string("carrier")}, {"parcels", std::int64_t{1}}};
  return incident;
}

struct Change {
  std::string part;   // as the claim names it
  std::string field;  // as the decision names it
  std::function<void(Incident&)> apply;
};

std::vector<Change> Changes() {
  return {
      {"incident.type", "incident.type", [](Incident& i) { i.type = "outage"; }},
      {"incident.occurred_at", "incident.occurred_at",
       [](Incident& i) { i.occurred_at += Duration{1}; }},
      {"incident.revision", "incident.revision", [](Incident& i) { ++i.revision; }},
      {"incident.revision", "incident.reporter",
       [](Incident& i) { i.reporter = Reporter::kCustomer; }},
      {"incident.order", "incident.order", [](Incident& i) { i.order->id = OrderId("p"); }},
      {"incident.order", "incident.order", [](Incident& i) { i.order->total.reset(); }},
      {"incident.order", "incident.order",
       [](Incident& i) { i.order->placed_at = InstantFromMillis(0); }},
      {"incident.order", "incident.order", [](Incident& i) { i.order.reset(); }},
      {"incident.attributes", "incident.attributes[\"cause\"]",
       [](Incident& i) { i.attributes["cause"] = std::string("weather"); }},
      {"incident.attributes", "incident.attributes[\"parcels\"]",
       [](Incident& i) { i.attributes.erase("parcels"); }},
      {"incident.attributes", "incident.attributes[\"extra\"]",
       [](Incident& i) { i.attributes["extra"] = false; }},
      {"incident.attributes", "incident.attributes[\"parcels\"]",
       [](Incident& i) { i.attributes["parcels"] = std::string("1"); }},
  };
}

TEST(FingerprintTest, EveryChangeOfAFactIsNamed) {
  const Incident base = Base();
  for (const Change& change : Changes()) {
    Incident other = Base();
    change.apply(other);
    EXPECT_THAT(DifferingParts(FingerprintOf(base), FingerprintOf(other)),
                ElementsAre(change.part));
    EXPECT_THAT(DifferingFields(base, other), ElementsAre(change.field));
  }
}

TEST(FingerprintTest, TheSameFactsHaveTheSameFingerprint) {
  EXPECT_EQ(FingerprintOf(Base()), FingerprintOf(Base()));
  EXPECT_THAT(DifferingParts(FingerprintOf(Base()), FingerprintOf(Base())), IsEmpty());
  EXPECT_THAT(DifferingFields(Base(), Base()), IsEmpty());
}

TEST(FingerprintTest, EqualDecimalsAreTheSameFact) {
  Incident a = Base();
  Incident b = Base();
  a.attributes["share"] = *Decimal::Parse("1.50");
  b.attributes["share"] = *Decimal::Parse("1.5");
  EXPECT_EQ(FingerprintOf(a), FingerprintOf(b));
  a.attributes["share"] = *Decimal::Parse("100");
  b.attributes["share"] = *Decimal::Parse("1");
  EXPECT_NE(FingerprintOf(a), FingerprintOf(b));
}

TEST(FingerprintTest, TextsCannotBeShiftedBetweenAttributes) {
  Incident a = Base();
  Incident b = Base();
  a.attributes = {{"a", std::string("b1:c")}};
  b.attributes = {{"a", std::string("b")}, {"c", std::string("")}};
  EXPECT_NE(FingerprintOf(a), FingerprintOf(b));
}

TEST(FingerprintTest, AListOfStringsIsWhatItWasBeforeListsHeldOtherThings) {
  Incident incident = Base();
  incident.attributes = {{"list", AttributeList{std::string("a"), std::string()}}};
  const std::string whole = FingerprintOf(incident);
  EXPECT_EQ(ToHex(whole.substr(whole.size() - kFingerprintPartBytes)), "d7f975415bd4");
}

TEST(FingerprintTest, ListsOfOtherThingsAreOtherFacts) {
  const std::vector<AttributeValue> different = {
      AttributeList{},
      AttributeList{std::string("1")},
      AttributeList{std::int64_t{1}},
      AttributeList{true},
      AttributeList{std::int64_t{1}, std::int64_t{1}},
      AttributeRecordList{{}},
      AttributeRecordList{{{"a", std::int64_t{1}}}},
      AttributeRecordList{{{"a", std::string("1")}}},
      AttributeRecordList{{{"a", std::int64_t{1}}}, {}},
      AttributeRecordList{{{"a", std::int64_t{1}}, {"b", std::int64_t{1}}}},
      AttributeRecordList{{{"a", std::int64_t{1}}}, {{"b", std::int64_t{1}}}},
  };
  std::set<std::string> seen;
  for (const AttributeValue& value : different) {
    Incident incident = Base();
    incident.attributes["x"] = value;
    EXPECT_TRUE(seen.insert(FingerprintOf(incident)).second) << "number " << seen.size();
  }
  Incident records = Base();
  Incident list = Base();
  records.attributes["x"] = AttributeRecordList{};
  list.attributes["x"] = AttributeList{};
  EXPECT_EQ(FingerprintOf(records), FingerprintOf(list)) << "an empty list is an empty list";
}

TEST(FingerprintTest, ATruncatedFingerprintDiffersEverywhereItIsCut) {
  const std::string whole = FingerprintOf(Base());
  EXPECT_THAT(DifferingParts(whole, whole.substr(0, whole.size() - 1)),
              ElementsAre("incident.attributes"));
}

}  // namespace
}  // namespace kulanz::app
