// The expressions of the policy language's own example, and its neighbours, checked and evaluated.
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/cel/policy_environment.h"

namespace kulanz::cel {
namespace {

struct Case {
  std::string_view text;
  std::string_view value;
};

class PolicyExpressions : public testing::TestWithParam<Case> {};

TEST_P(PolicyExpressions, YieldTheirValue) {
  const Environment env = PolicyEnvironment();
  EXPECT_EQ(ValueText(GetParam().text, env, LateParcel(env)), GetParam().value) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Example, PolicyExpressions,
    testing::Values(
        Case{"has(incident.delivered_at) ? "
             "daysBetween(incident.promised_at.date(), incident.delivered_at.date()) : 0",
             "8"},
        Case{"customer.orders_completed >= 1 && customer.segment != \"employee\"", "true"},
        Case{"incident.cause in [\"customer\", \"force_majeure\"]", "false"},
        Case{"incident.cause in [\"customer\", \"carrier\"]", "true"},
        Case{"vars.days_late >= 7", "true"}, Case{"eur(20.00)", "20.00 EUR"},
        Case{"order.total * percent(10)", "8.0000 EUR"}, Case{"eur(5)", "5 EUR"},
        Case{"vars.days_late >= 1 ? eur(5.00) : eur(0)", "5.00 EUR"},
        Case{"percent(12.5)", "0.125"}, Case{"percent(0)", "0.00"},
        Case{"money(25.00, \"CHF\")", "25.00 CHF"}, Case{"decimal(0.15)", "0.15"}));

// Berlin's clocks go from 2:00 to 3:00 on 2026-03-29 and back on 2026-10-25.
INSTANTIATE_TEST_SUITE_P(
    LocalTime, PolicyExpressions,
    testing::Values(
        Case{"date('2026-03-01').at('21:00')", "2026-03-01T20:00:00Z"},
        Case{"date('2026-07-01').at('21:00')", "2026-07-01T19:00:00Z"},
        Case{"date('2026-07-01').at('21:00', 'America/Chicago')", "2026-07-02T02:00:00Z"},
        Case{"date('2026-07-01').at('21:00', '+02:00')", "2026-07-01T19:00:00Z"},
        Case{"date('2026-03-29').at('02:30')", "2026-03-29T01:00:00Z"},
        Case{"date('2026-10-25').at('02:30')", "2026-10-25T00:30:00Z"},
        Case{"date('2026-03-01').at('00:00') == date('2026-03-01').timestamp()", "true"},
        Case{"date('2026-03-01').at('21:' + '00')", "2026-03-01T20:00:00Z"},
        // A fact may name the zone: a parcel's destination.
        Case{"date('2026-07-01').at('21:00', order.id)", "error: no such time zone: 'o-1'"},
        Case{"timestamp('2026-03-01T23:30:00Z').date(order.id == 'o-1' ? 'Asia/Tokyo' : 'UTC')",
             "2026-03-02"}));

INSTANTIATE_TEST_SUITE_P(
    Money, PolicyExpressions,
    testing::Values(
        Case{"(order.total * percent(12.5)).round('half_up')", "10.00 EUR"},
        Case{"min(order.total * percent(50), eur(25.00))", "25.00 EUR"},
        Case{"max(order.total, eur(100.00))", "100.00 EUR"},
        Case{"(order.total * percent(10)).clamp(eur(10.00), eur(50.00))", "10.00 EUR"},
        Case{"order.total + eur(1.50) - eur(0.25)", "81.25 EUR"},
        Case{"order.total.add(eur(1.50)).sub(eur(0.25)).mul(2)", "162.50 EUR"},
        Case{"-order.total", "-80.00 EUR"}, Case{"3 * eur(1.10)", "3.30 EUR"},
        Case{"order.total.div(3, 4, 'half_even')", "26.6667 EUR"},
        Case{"order.total.roundTo(eur(30.00), 'up')", "90.00 EUR"},
        Case{"order.total.currency()", "\"EUR\""}, Case{"order.total.amount()", "80.00"},
        Case{"order.total >= eur(80.00)", "true"}, Case{"order.total == eur(80)", "true"},
        Case{"order.total.isGreaterThan(eur(79.99))", "true"},
        Case{"order.total.compareTo(eur(80.01))", "-1"},
        Case{"order.total == money(80, 'EUR')", "true"}, Case{"jpy(500) + jpy(20)", "520 JPY"},
        Case{"kwd(1.234)", "1.234 KWD"}, Case{"order.?shipping.orValue(eur(0))", "0 EUR"},
        Case{"sum([eur(1.10), eur(2.20)])", "3.30 EUR"}, Case{"sum([1, 2, 39])", "42"},
        Case{"sum([1].filter(n, n > 1))", "0"}, Case{"sum([decimal(0.10), decimal(0.2)])", "0.30"},
        Case{"sum([decimal(0.1)].filter(n, n > decimal(1)))", "0"},
        Case{"table(\"journeys\", \"premium\")", "10"},
        Case{"table(\"journeys\", customer.segment)", "464"},
        Case{"table(\"ofcom\", \"delayed_repair\", incident.promised_at.date())", "9.76 GBP"},
        Case{"table(\"ofcom\", \"delayed_repair\", date(\"2026-04-01\"))", "10.10 GBP"}));

INSTANTIATE_TEST_SUITE_P(
    Time, PolicyExpressions,
    testing::Values(Case{"incident.promised_at.date()", "2026-03-01"},
                    Case{"incident.promised_at.date(\"Asia/Tokyo\")", "2026-03-02"},
                    Case{"order.placed_on.addDays(1)", "2026-02-28"},
                    Case{"order.placed_on.addBusinessDays(2, \"DE-BY\")", "2026-03-03"},
                    Case{"order.placed_on.isBusinessDay(\"DE-BY\")", "true"},
                    Case{"businessDaysBetween(order.placed_on, date(\"2026-03-06\"), \"DE-BY\")",
                         "5"},
                    Case{"date(\"2026-01-31\").addMonths(1)", "2026-02-28"},
                    Case{"date(2024, 2, 29).addYears(1)", "2025-02-28"},
                    Case{"monthsBetween(date(\"2026-01-31\"), date(\"2026-02-28\"))", "1"},
                    Case{"now - incident.promised_at > days(7)", "true"},
                    Case{"incident.outage >= hours(1) && incident.outage < minutes(91)", "true"},
                    Case{"now > timestamp(\"2026-03-09T07:59:59Z\")", "true"},
                    Case{"order.placed_on.isoWeekday()", "5"},
                    Case{"order.placed_on.endOfMonth()", "2026-02-28"},
                    Case{"order.placed_on.timestamp()", "2026-02-26T23:00:00Z"},
                    Case{"date(\"2026-03-02\") - order.placed_on", "3"}));

INSTANTIATE_TEST_SUITE_P(
    Facts, PolicyExpressions,
    testing::Values(
        Case{"has(incident.parcels) && incident.parcels > 1", "false"},
        Case{"!has(incident.parcels) || incident.parcels > 1", "true"},
        Case{"incident.?parcels.orValue(1) == 1", "true"},
        Case{"incident.?parcels.hasValue()", "false"},
        Case{"incident.?rating.orValue(decimal(4.5)) > 4", "true"},
        Case{"incident.tags.exists(t, t == \"gift\")", "true"},
        Case{"\"gift\" in incident.tags && size(incident.tags) == 2", "true"},
        Case{"incident.id.startsWith(\"i-\") && incident.id.matches(\"^i-[0-9]+$\")", "true"},
        Case{"cel.bind(d, vars.days_late, d > 3 && d < 9)", "true"},
        Case{"incident.tags.filter(t, t.contains(\"i\")).size()", "2"},
        Case{"vars.days_late >= 7 ? eur(20.00) : vars.days_late >= 3 ? order.total * percent(10) : "
             "eur(5.00)",
             "20.00 EUR"}));

INSTANTIATE_TEST_SUITE_P(
    OpeningHours, PolicyExpressions,
    testing::Values(
        // Friday 27 March 2026, in Berlin; the clocks go forward on Sunday night.
        Case{"timestamp(\"2026-03-27T16:59:59Z\").isOpen(\"DE-BY\")", "true"},
        Case{"timestamp(\"2026-03-27T17:00:00Z\").isOpen(\"DE-BY\")", "false"},
        Case{"timestamp(\"2026-03-27T17:00:00Z\").isOpen(\"DE-BY\", \"UTC\")", "true"},
        Case{"timestamp(\"2026-03-27T16:59:59.5Z\").nextOpening(\"DE-BY\")",
             "2026-03-27T16:59:59.5Z"},
        Case{"timestamp(\"2026-03-27T17:00:00Z\").nextOpening(\"DE-BY\")", "2026-03-28T08:00:00Z"},
        Case{"timestamp(\"2026-03-28T12:00:00Z\").nextOpening(\"DE-BY\")", "2026-03-30T06:00:00Z"},
        // A holiday is closed whatever the weekday: Thursday 1 January.
        Case{"timestamp(\"2025-12-31T17:00:00Z\").nextOpening(\"DE-BY\")", "2026-01-02T07:00:00Z"},
        // Saturday's four hours and Monday's first.
        Case{"businessDuration(timestamp(\"2026-03-27T17:00:00Z\"), "
             "timestamp(\"2026-03-30T07:00:00Z\"), \"DE-BY\") == hours(5)",
             "true"},
        Case{"businessDuration(timestamp(\"2026-03-30T07:00:00Z\"), "
             "timestamp(\"2026-03-27T17:00:00Z\"), \"DE-BY\") == -hours(5)",
             "true"},
        Case{"businessDuration(timestamp(\"2026-03-27T16:00:00.25Z\"), "
             "timestamp(\"2026-03-27T17:00:00.5Z\"), \"DE-BY\")",
             "3599.75s"},
        Case{"businessDuration(now, now, \"DE-BY\") == hours(0)", "true"},
        Case{"date(\"2026-03-28\").nextBusinessDay(\"DE-BY\")", "2026-03-30"},
        Case{"date(\"2026-03-30\").nextBusinessDay(\"DE-BY\")", "2026-03-30"},
        Case{"(now + days(700)).isOpen(\"DE-BY\") || false",
             "error: the calendar does not cover the date"},
        Case{"(now - days(500)).nextOpening(\"DE-BY\") > now",
             "error: the calendar does not cover the date"},
        Case{"(now + days(662) + hours(9)).nextOpening(\"DE-BY\") > now",
             "error: the calendar does not cover the date"},
        Case{"businessDuration(now, timestamp(\"2028-01-01T12:00:00Z\"), \"DE-BY\")",
             "error: the calendar does not cover the date"}));

INSTANTIATE_TEST_SUITE_P(
    Blocks, PolicyExpressions,
    testing::Values(
        Case{"hours(24).completed(hours(12))", "2"},
        Case{"(hours(24) - seconds(1)).completed(hours(12))", "1"},
        Case{"hours(24).begun(hours(24))", "1"},
        Case{"(hours(24) + seconds(1)).begun(hours(24))", "2"},
        Case{"duration(\"0s\").begun(days(1))", "0"},
        Case{"duration(\"0s\").completed(days(1))", "0"},
        Case{"duration(\"1ns\").begun(days(1))", "1"},
        Case{"(hours(1) - hours(2)).begun(hours(1))", "0"},
        Case{"(hours(1) - hours(2)).completed(minutes(1))", "0"},
        Case{
            "incident.outage.completed(minutes(90) - incident.outage) == 1 || vars.days_late > 100",
            "error: the step must be longer than nothing"},
        Case{"(incident.outage - hours(1)).completed(minutes(10))", "3"}));

INSTANTIATE_TEST_SUITE_P(
    Allocation, PolicyExpressions,
    testing::Values(Case{"eur(10.00).allocate(3)", "[3.34 EUR, 3.33 EUR, 3.33 EUR]"},
                    Case{"(-eur(10.00)).allocate(3)", "[-3.34 EUR, -3.33 EUR, -3.33 EUR]"},
                    Case{"eur(0.01).allocate(2)", "[0.01 EUR, 0.00 EUR]"},
                    Case{"eur(10).allocate(4)", "[2.50 EUR, 2.50 EUR, 2.50 EUR, 2.50 EUR]"},
                    Case{"money(10, \"JPY\").allocate(3)", "[4 JPY, 3 JPY, 3 JPY]"},
                    Case{"(eur(0.01) * percent(50)).allocate(2)", "[0.0025 EUR, 0.0025 EUR]"},
                    Case{"sum(order.total.allocate(7)) == order.total", "true"},
                    Case{"order.total.allocate(1000).size()", "1000"},
                    Case{"order.total.allocate(vars.days_late - 8)",
                         "error: allocate() takes 1 to 1000 parts"},
                    Case{"order.total.allocate(vars.days_late + 993)",
                         "error: allocate() takes 1 to 1000 parts"}));

INSTANTIATE_TEST_SUITE_P(
    Doubles, PolicyExpressions,
    testing::Values(Case{"decimal.fromDouble(0.1, 18, 'half_up')", "0.100000000000000006"},
                    Case{"decimal.fromDouble(double(vars.days_late) / 0.0, 2, 'up')",
                         "error: the double is no finite number"},
                    Case{"decimal.fromDouble(0.125, 2, 'half_even')", "0.12"},
                    Case{"order.total * decimal.fromDouble(0.15, 2, 'half_up')", "12.0000 EUR"}));

}  // namespace
}  // namespace kulanz::cel
