#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "service/policy/loader.h"
#include "service/policy/policy_set.h"

namespace kulanz::policy {
namespace {

constexpr const char* kIncidents = R"(kulanz: v1
incidents:
  late:
    summary: Late
    reporters: [system, agent]
    order: {id: required, total: required}
    attributes:
      text: {type: string, max_length: 3}
      cause: {type: enum, values: [carrier, weather], optional: true}
      count: {type: int, optional: true}
      share: {type: decimal, optional: true}
      price: {type: money, currency: EUR, optional: true}
      any_price: {type: money, optional: true}
      flag: {type: bool, optional: true}
      at: {type: timestamp, optional: true}
      day: {type: date, optional: true}
      span: {type: duration, optional: true}
      parts: {type: list, max_size: 2, max_length: 3, optional: true}
      delays: {type: list, items: {type: int}, optional: true}
      causes: {type: list, items: {type: enum, values: [carrier, weather]}, optional: true}
      cuts:
        type: list
        max_size: 2
        optional: true
        items: {fields: {day: {type: date}, fee: {type: money, currency: EUR}, note: {type: string, max_length: 3, optional: true}}}
  plain: {summary: Without anything}
)";

class ValidateIncidentTest : public ::testing::Test {
 protected:
  ValidateIncidentTest() {
    PolicyFiles files;
    files.files.push_back({.name = "incidents.yaml", .text = kIncidents});
    policies_ = LoadPolicySet(files).policies;
    incident_.type = "late";
    incident_.order = Order{.id = OrderId("o-1"), .total = Eur(100), .placed_at = {}};
    incident_.attributes["text"] = std::string("abc");
  }
  static Money Eur(std::int64_t minor) {
    return *Money::FromMinorUnits(minor, *Currency::FromCode("EUR"));
  }
  // "field: description" per line.
  std::string Say() const {
    Violations violations;
    ValidateIncident(*policies_, incident_, violations);
    std::string out;
    for (const FieldViolation& violation : violations) {
      out += violation.field + ": " + violation.description + "\n";
    }
    return out;
  }
  std::string With(const std::string& name, AttributeValue value) {
    Incident kept = incident_;
    incident_.attributes[name] = std::move(value);
    std::string said = Say();
    incident_ = std::move(kept);
    return said;
  }

  std::shared_ptr<const PolicySet> policies_;
  Incident incident_;
};

TEST_F(ValidateIncidentTest, ItemsOfListsHaveTheirDeclaredType) {
  const AttributeRecord good = {{"day", Date{}}, {"fee", Eur(100)}};
  EXPECT_EQ(With("delays", AttributeList{std::int64_t{60}, std::int64_t{90}}), "");
  EXPECT_EQ(With("causes", AttributeList{std::string("weather")}), "");
  EXPECT_EQ(With("cuts", AttributeRecordList{good, good}), "");
  EXPECT_EQ(With("cuts", AttributeList{}), "");

  const std::string at = "incident.attributes[\"cuts\"]: ";
  EXPECT_EQ(With("delays", AttributeList{std::int64_t{60}, std::string("90")}),
            "incident.attributes[\"delays\"]: item 1 must be of type int, not string\n");
  EXPECT_EQ(
      With("causes", AttributeList{std::string("wether")}),
      "incident.attributes[\"causes\"]: item 0 is none of its values; did you mean 'weather'?\n");
  EXPECT_EQ(With("delays", AttributeRecordList{good}),
            "incident.attributes[\"delays\"]: item 0 must be no record\n");
  EXPECT_EQ(With("cuts", AttributeList{std::int64_t{1}}), at + "item 0 must be a record\n");
  EXPECT_EQ(With("cuts", AttributeRecordList{good, good, good}),
            at + "must have at most 2 items, not 3\n");
  EXPECT_EQ(With("cuts", AttributeRecordList{good, {{"day", Date{}}}}),
            at + "item 1 field 'fee' is required\n");
  EXPECT_EQ(
      With("cuts",
           AttributeRecordList{{{"day", Date{}}, {"fee", Eur(1)}, {"note", std::string("long")}}}),
      at + "item 0 field 'note' must have at most 3 characters, not 4\n");
  EXPECT_EQ(With("cuts", AttributeRecordList{{{"day", Date{}}, {"fee", Eur(1)}, {"more", true}}}),
            at + "item 0 has a field that is not declared\n");
}

TEST_F(ValidateIncidentTest, AGoodReportHasNoViolation) {
  EXPECT_EQ(Say(), "");
  EXPECT_EQ(With("cause", std::string("carrier")), "");
  EXPECT_EQ(With("count", std::int64_t{-3}), "");
  EXPECT_EQ(With("share", *Decimal::Parse("0.15")), "");
  EXPECT_EQ(With("price", Eur(5)), "");
  EXPECT_EQ(With("any_price", *Money::Parse("5", *Currency::FromCode("JPY"))), "");
  EXPECT_EQ(With("flag", true), "");
  EXPECT_EQ(With("at", InstantFromMillis(0)), "");
  EXPECT_EQ(With("day", Date{}), "");
  EXPECT_EQ(With("span", Duration(5)), "");
  EXPECT_EQ(With("parts", AttributeList{std::string("abc"), std::string("def")}), "");
  EXPECT_EQ(With("text", std::string("äöü")), "");  // characters, not bytes
}

TEST_F(ValidateIncidentTest, EveryViolationIsNamed) {
  incident_.reporter = Reporter::kCustomer;
  incident_.order.reset();
  incident_.attributes.clear();
  incident_.attributes["cuase"] = std::string("carrier");
  incident_.attributes["count"] = std::string("3");
  EXPECT_EQ(Say(),
            "incident.reporter: late may only be reported by: system, agent\n"
            "incident.order.order_id: is required for late\n"
            "incident.order.total: is required for late\n"
            "incident.attributes[\"count\"]: must be of type int, not string\n"
            "incident.attributes[\"cuase\"]: is no attribute of late; did you mean 'cause'?\n"
            "incident.attributes[\"text\"]: is required for late\n");
}

TEST_F(ValidateIncidentTest, AnUnknownTypeGetsASuggestion) {
  incident_.type = "lat";
  EXPECT_EQ(Say(), "incident.type: is no declared type; did you mean 'late'?\n");
  incident_.type = "something else";
  EXPECT_EQ(Say(), "incident.type: is no declared type; declared types are: late, plain\n");
}

TEST_F(ValidateIncidentTest, ValuesMustFitTheirDeclaration) {
  EXPECT_EQ(With("text", std::string("abcd")),
            "incident.attributes[\"text\"]: must have at most 3 characters, not 4\n");
  EXPECT_EQ(With("text", std::string("a\xFF")),
            "incident.attributes[\"text\"]: must be valid UTF-8\n");
  EXPECT_EQ(With("cause", std::string("wether")),
            "incident.attributes[\"cause\"]: is none of its values; did you mean 'weather'?\n");
  EXPECT_EQ(With("price", *Money::Parse("5", *Currency::FromCode("CHF"))),
            "incident.attributes[\"price\"]: must be in EUR, not CHF\n");
  EXPECT_EQ(With("parts", AttributeList{std::string("a"), std::string("b"), std::string("c")}),
            "incident.attributes[\"parts\"]: must have at most 2 items, not 3\n");
  EXPECT_EQ(With("parts", AttributeList{std::string("a"), std::string("long")}),
            "incident.attributes[\"parts\"]: item 1 must have at most 3 characters, not 4\n");
  EXPECT_EQ(With("at", kMaxInstant + Duration(1)),
            "incident.attributes[\"at\"]: must be in the years 1 to 9999\n");
  EXPECT_EQ(With("at", kMaxInstant), "");
  EXPECT_EQ(With("day", Date(std::chrono::days(10'000'000))),
            "incident.attributes[\"day\"]: must be in the years 1 to 9999\n");
  EXPECT_EQ(With("span", Duration::max()),
            "incident.attributes[\"span\"]: must be at most 290 years\n");
}

TEST_F(ValidateIncidentTest, HostileNamesAreMadeHarmless) {
  const std::string said = With("a\"]\n\x01" + std::string(100, 'x'), true);
  EXPECT_EQ(said.find("incident.attributes[\"a?]??xxx"), 0U) << said;
  EXPECT_LT(said.size(), 300U);
}

TEST_F(ValidateIncidentTest, ATypeWithoutAttributesTakesNone) {
  incident_ = Incident();
  incident_.type = "plain";
  EXPECT_EQ(Say(), "");
  EXPECT_EQ(With("text", std::string("x")),
            "incident.attributes[\"text\"]: is no attribute of plain\n");
}

}  // namespace
}  // namespace kulanz::policy
