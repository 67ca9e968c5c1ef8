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
        Case{"sum([eur(1.10), eur(2.20)])", "3.30 EUR"},
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

}  // namespace
}  // namespace kulanz::cel
