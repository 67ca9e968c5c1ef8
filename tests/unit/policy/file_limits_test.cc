// How much calendars.yaml, tables.yaml, customers.yaml and the records of incidents.yaml may hold: the last
// that is taken, and one more.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "service/domain/customer.h"
#include "service/policy/attribute_reader.h"
#include "service/policy/calendar_reader.h"
#include "service/policy/loader.h"
#include "service/policy/table_reader.h"

namespace kulanz::policy {
namespace {

// "a, b, " for 0 to count - 1.
template <typename Item>
std::string Join(std::size_t count, Item item) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += item(std::to_string(i)) + ", ";
  }
  return text;
}

// The ids of the errors in a set that has this file, besides incidents.yaml unless it is that. Nothing uses
// what the file declares, of which lint speaks.
std::string Wrong(const std::string& name, const std::string& text) {
  PolicyFiles files;
  if (name != kIncidentsFile) {
    files.files.push_back(
        {.name = std::string(kIncidentsFile), .text = "kulanz: v1\nincidents: {}\n"});
  }
  files.files.push_back({.name = name, .text = "kulanz: v1\n" + text});
  std::string ids;
  for (const Diagnostic& diagnostic : LoadPolicySet(files).diagnostics) {
    ids += diagnostic.severity == Severity::kError ? std::string(diagnostic.id) + " " : "";
  }
  return ids;
}

std::string Day(const std::string& number) {  // days of the years 2001 and after
  const Date first = *ParseDate("2001-01-01");
  return FormatDate(first + std::chrono::days(std::stoi(number)));
}

TEST(FileLimitsTest, Calendars) {
  const auto calendars = [](std::size_t count) {
    return "calendars: {" +
           Join(count, [](const std::string& i) { return "c" + i + ": {years: 2026}"; }) + "}\n";
  };
  EXPECT_EQ(Wrong("calendars.yaml", calendars(kCalendarsMax)), "");
  EXPECT_EQ(Wrong("calendars.yaml", calendars(kCalendarsMax + 1)), "too-many-items ");
}

TEST(FileLimitsTest, Holidays) {
  const auto holidays = [](std::size_t count) {
    return "calendars: {c: {years: 2001-2030, holidays: [" + Join(count, &Day) + "]}}\n";
  };
  EXPECT_EQ(Wrong("calendars.yaml", holidays(kHolidaysMax)), "");
  EXPECT_EQ(Wrong("calendars.yaml", holidays(kHolidaysMax + 1)), "too-many-items ");
}

TEST(FileLimitsTest, SpansOfADay) {
  const auto spans = [](std::size_t count) {
    return "calendars: {c: {years: 2026, hours: {monday: [" +
           Join(count, [](const std::string& i) { return "0" + i + ":00-0" + i + ":30"; }) +
           "]}}}\n";
  };
  EXPECT_EQ(Wrong("calendars.yaml", spans(cel::OpeningHours::kMaxIntervals)), "");
  EXPECT_NE(Wrong("calendars.yaml", spans(cel::OpeningHours::kMaxIntervals + 1)), "");
}

TEST(FileLimitsTest, Tables) {
  const auto tables = [](std::size_t count) {
    return "tables: {" + Join(count, [](const std::string& i) { return "t" + i + ": {k: 1}"; }) +
           "}\n";
  };
  EXPECT_EQ(Wrong("tables.yaml", tables(kTablesMax)), "");
  EXPECT_EQ(Wrong("tables.yaml", tables(kTablesMax + 1)), "too-many-items ");
}

TEST(FileLimitsTest, RatesOfATable) {
  const auto rates = [](std::size_t count) {
    return "tables: {t: {" + Join(count, [](const std::string& i) { return "k" + i + ": 1"; }) +
           "}}\n";
  };
  EXPECT_EQ(Wrong("tables.yaml", rates(kTableKeysMax)), "");
  EXPECT_EQ(Wrong("tables.yaml", rates(kTableKeysMax + 1)), "too-many-items ");
}

TEST(FileLimitsTest, DaysOfARate) {
  const auto days = [](std::size_t count) {
    return "tables: {t: {k: {" + Join(count, [](const std::string& i) { return Day(i) + ": 1"; }) +
           "}}}\n";
  };
  EXPECT_EQ(Wrong("tables.yaml", days(kTableDatesMax)), "");
  EXPECT_EQ(Wrong("tables.yaml", days(kTableDatesMax + 1)), "too-many-items ");
}

TEST(FileLimitsTest, AttributesOfCustomers) {
  const auto attributes = [](std::size_t count) {
    return "attributes: {" +
           Join(count, [](const std::string& i) { return "a" + i + ": {type: int}"; }) + "}\n";
  };
  EXPECT_EQ(Wrong("customers.yaml", attributes(kCustomerAttributesMax)), "");
  EXPECT_EQ(Wrong("customers.yaml", attributes(kCustomerAttributesMax + 1)), "too-many-items ");
}

TEST(FileLimitsTest, FieldsOfARecord) {
  const auto fields = [](std::size_t count) {
    return "incidents: {late: {summary: Late, attributes: {cuts: {type: list, items: {fields: {" +
           Join(count, [](const std::string& i) { return "f" + i + ": {type: int}"; }) + "}}}}}}\n";
  };
  EXPECT_EQ(Wrong("incidents.yaml", fields(kRecordFieldsMax)), "");
  EXPECT_EQ(Wrong("incidents.yaml", fields(kRecordFieldsMax + 1)), "too-many-items ");
}

}  // namespace
}  // namespace kulanz::policy
