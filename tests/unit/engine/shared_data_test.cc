// Decisions with what whole sets share: calendars, tables, attributes of customers, lists of records.
#include <gtest/gtest.h>

#include <string>

#include "service/engine/decide.h"
#include "tests/unit/engine/builders.h"

namespace kulanz::engine {
namespace {

constexpr const char* kIncidents = R"(kulanz: v1
incidents:
  late:
    summary: Late
    attributes:
      days: {type: int}
      reported_on: {type: date, optional: true}
      called_at: {type: timestamp, optional: true}
      kind: {type: enum, values: [annual, weekly], optional: true}
      cuts:
        type: list
        optional: true
        items: {fields: {day: {type: date}, minutes: {type: int}, cause: {type: enum, values: [storm, digger], optional: true}}}
)";
constexpr const char* kCustomers = R"(kulanz: v1
attributes:
  fee: {type: money, currency: EUR}
  name: {type: string}
)";
constexpr const char* kCalendars = R"(kulanz: v1
calendars:
  office:
    years: 2026
    holidays: [2026-05-01]
    hours: {monday-friday: [08:00-12:00, 13:00-18:00], holiday: closed}
)";
constexpr const char* kTables = R"(kulanz: v1
tables:
  rates:
    repair: {2025-04-01: eur(9.98), 2026-04-01: eur(10.34)}
  journeys: {annual: 464, weekly: 10}
)";

std::shared_ptr<const policy::PolicySet> Load(const std::string& rest) {
  policy::PolicyFiles files;
  files.files = {{.name = "incidents.yaml", .text = kIncidents},
                 {.name = "customers.yaml", .text = kCustomers},
                 {.name = "calendars.yaml", .text = kCalendars},
                 {.name = "tables.yaml", .text = kTables},
                 {.name = "policies/p.yaml", .text = PolicyText("p", rest)}};
  const policy::LoadResult result = policy::LoadPolicySet(files);
  EXPECT_TRUE(result.ok()) << policy::Render(result.diagnostics);
  return result.policies;
}

Date Day(const std::string& text) { return ParseDate(text).value_or(Date{}); }

TEST(SharedDataTest, WorkingDaysAreThoseOfTheNamedCalendar) {
  const auto policies = Load(
      "eligible: has(incident.reported_on)\n"
      "gesture:\n"
      "  - when: incident.reported_on.addBusinessDays(1, \"office\") == date(\"2026-05-04\")\n"
      "    amount: eur(1.00)\n");
  Case c;
  c.incident.attributes["reported_on"] = Day("2026-04-30");  // a holiday and a weekend follow
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 1.00");
  c.incident.attributes["reported_on"] = Day("2026-04-29");
  EXPECT_EQ(c.Say(*policies), "denied NO_GESTURE p");
  c.incident.attributes["reported_on"] = Day("2027-01-01");
  EXPECT_EQ(c.Say(*policies), "review EVALUATION_ERROR p");
}

TEST(SharedDataTest, OpeningHoursHaveTheirBreaks) {
  const auto policies = Load(
      "zone: Europe/Berlin\n"
      "eligible: has(incident.called_at)\n"
      "gesture: [{when: 'incident.called_at.isOpen(\"office\")', amount: eur(1.00)}]\n");
  Case c;
  c.incident.attributes["called_at"] = At("2026-04-30T11:59:59+02:00");
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 1.00");
  for (const char* closed :
       {"2026-04-30T12:00:00+02:00", "2026-05-01T09:00:00+02:00", "2026-05-02T09:00:00+02:00"}) {
    c.incident.attributes["called_at"] = At(closed);
    EXPECT_EQ(c.Say(*policies), "denied NO_GESTURE p") << closed;
  }
}

TEST(SharedDataTest, ARateIsThatOfTheNamedDay) {
  const auto policies = Load(
      "eligible: has(incident.reported_on)\n"
      "gesture: [{amount: 'table(\"rates\", \"repair\", incident.reported_on)'}]\n");
  Case c;
  c.incident.attributes["reported_on"] = Day("2026-03-31");
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 9.98");
  c.incident.attributes["reported_on"] = Day("2026-04-01");
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 10.34");
  c.incident.attributes["reported_on"] = Day("2025-03-31");
  EXPECT_EQ(c.Say(*policies), "review EVALUATION_ERROR p");
}

TEST(SharedDataTest, ATableWithoutDatesNeedsNone) {
  const auto policies = Load(
      "eligible: has(incident.kind)\n"
      "gesture: [{amount: 'eur(1.00) * table(\"journeys\", incident.kind)'}]\n");
  Case c;
  c.incident.attributes["kind"] = std::string("weekly");
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 10.00");
}

TEST(SharedDataTest, AttributesOfCustomersAreReadByTheirType) {
  const auto policies = Load(
      "gesture: [{amount: 'customer.?fee.orValue(eur(1.00)) * percent(50)'}]\n"
      "once_per: customer.?name.orValue(\"\")\n");
  Case c;
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 0.50");
  c.customer.attributes["fee"] = "39.90 EUR";
  c.customer.attributes["name"] = "Anna";
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 19.95");
  EXPECT_EQ(c.Decide(*policies).decision.once_per, "Anna");
  c.customer.attributes["fee"] = "39,90";  // kept since before it was declared
  EXPECT_EQ(c.Say(*policies), "review EVALUATION_ERROR p");
}

TEST(SharedDataTest, RecordsOfAListHaveTheirFields) {
  const auto policies = Load(
      "eligible: has(incident.cuts)\n"
      "gesture:\n"
      "  - when: >-\n"
      "      incident.cuts.filter(c, c.minutes >= 180 && c.day >= date(\"2026-04-01\")\n"
      "                              && (!has(c.cause) || c.cause != \"digger\")).size() >= 2\n"
      "    amount: eur(95.00)\n");
  Case c;
  AttributeRecordList cuts = {{{"day", Day("2026-04-01")}, {"minutes", std::int64_t{180}}},
                              {{"day", Day("2026-04-02")},
                               {"minutes", std::int64_t{180}},
                               {"cause", std::string("storm")}}};
  c.incident.attributes["cuts"] = cuts;
  EXPECT_EQ(c.Say(*policies), "granted GRANTED p 95.00");
  cuts[1]["cause"] = std::string("digger");
  c.incident.attributes["cuts"] = cuts;
  EXPECT_EQ(c.Say(*policies), "denied NO_GESTURE p");
  c.incident.attributes["cuts"] = AttributeList{};
  EXPECT_EQ(c.Say(*policies), "denied NO_GESTURE p");
}

}  // namespace
}  // namespace kulanz::engine
