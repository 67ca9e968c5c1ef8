#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "service/kulanz/report/chart.h"
#include "service/kulanz/report/html.h"
#include "service/kulanz/report/numbers.h"
#include "service/kulanz/simulate/totals.h"

namespace kulanz::command {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const Currency kEur = *Currency::FromCode("EUR");

TEST(HtmlTest, NothingThatIsTextBecomesMarkup) {
  EXPECT_EQ(Html("<b a=\"1\" c='2'>&amp;"), "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;");
  EXPECT_EQ(Html(std::string("a\0b\x1B\n\xC2\x85\xFF\xE2\x80\xAE\xC3\xA9", 13)),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xC3\xA9");
  // Bytes in any order give text without markup and control characters.
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes;
    for (int j = 0; j < 12; ++j) {
      bytes += static_cast<char>(random());
    }
    const std::string text = Html(bytes);
    EXPECT_EQ(text.find_first_of("<>\"'"), std::string::npos);
    EXPECT_EQ(Html("\xF0\x9F\x98"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD")
        << "a character cut off";
  }
}

TEST(NumbersTest, TicksAreRoundFewAndReachTheEnds) {
  EXPECT_THAT(Ticks(0, 7, {}), ElementsAre(0, 2, 4, 6, 8));
  EXPECT_THAT(Ticks(0, 0, {}), ElementsAre(0, 1));
  EXPECT_THAT(Ticks(0, 34'100, {kEur}), ElementsAre(0, 10'000, 20'000, 30'000, 40'000));
  EXPECT_THAT(Ticks(-30, 70, {}), ElementsAre(-40, -20, 0, 20, 40, 60, 80));
  std::mt19937_64 random(2);
  for (int i = 0; i < 2000; ++i) {
    const auto max = static_cast<std::int64_t>(random() % 9'000'000'000'000'000);
    const auto min = i % 2 == 0 ? 0 : -static_cast<std::int64_t>(random() % 1'000'000);
    const std::vector<std::int64_t> ticks = Ticks(min, max, {kEur});
    EXPECT_LE(ticks.front(), min);
    EXPECT_GE(ticks.back(), max);
    EXPECT_GE(ticks.size(), 2U);
    EXPECT_LE(ticks.size(), 8U);
  }
}

TEST(NumbersTest, NumbersAreWrittenForPeople) {
  EXPECT_EQ(Unit{kEur}.Text(-123'456'789), "-1,234,567.89 EUR");
  EXPECT_EQ(Unit{*Currency::FromCode("JPY")}.Text(1500), "1,500 JPY");
  EXPECT_EQ(Unit{}.Tick(25'000), "25k");
  EXPECT_EQ(Unit{kEur}.Tick(150'000'000), "1.5M");
  EXPECT_EQ(Unit{kEur}.Tick(250), "2.50");
  EXPECT_EQ(HeadlineAmount(1'234'550, kEur), "12,346 EUR");
  EXPECT_EQ(HeadlineAmount(9'999, kEur), "99.99 EUR");
  EXPECT_EQ(Share(1, 100'000), "< 0.1 %");
  EXPECT_EQ(Share(53, 1000), "5.3 %");
  EXPECT_EQ(Share(2, 3), "67 %");
  EXPECT_EQ(Share(999, 1000), "100 %");
  EXPECT_EQ(Share(0, 0), "-");
}

TEST(ChartTest, NamesFromRulesAreTextAndLongOnesAreCut) {
  BarChart chart{.text = {"x", "By <policy>", ""}, .unit = {}, .category = "policy", .bars = {}};
  chart.bars.push_back({.name = std::string(80, 'x') + "<script>", .value = 3, .detail = ""});
  const std::string html = RenderBars(chart);
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, HasSubstr("By &lt;policy&gt;"));
  EXPECT_THAT(html, HasSubstr("xxx\xE2\x80\xA6</text>"));
}

TEST(ChartTest, AnEmptyChartIsDrawnAndSaysSo) {
  ColumnChart chart;
  chart.text = {"e", "Nothing", ""};
  chart.series.push_back({.name = "none", .values = {}, .color = 1});
  EXPECT_THAT(RenderColumns(chart), HasSubstr("Nothing to show."));
}

TEST(TotalsTest, PeriodsAreAsFineAsTheSpanAllows) {
  const auto day = [](std::string_view text) { return *ParseDate(text); };
  EXPECT_EQ(GranularityOf(day("2025-01-01"), day("2025-01-31")), Granularity::kDay);
  EXPECT_EQ(GranularityOf(day("2025-01-01"), day("2025-06-30")), Granularity::kWeek);
  EXPECT_EQ(GranularityOf(day("2025-01-01"), day("2025-12-31")), Granularity::kMonth);
  EXPECT_EQ(GranularityOf(day("2006-01-01"), day("2015-12-31")), Granularity::kYear);
  EXPECT_EQ(PeriodOf(Granularity::kWeek, day("2025-01-01")), day("2024-12-30"));
  EXPECT_EQ(NextPeriod(Granularity::kMonth, day("2024-12-01")), day("2025-01-01"));
  EXPECT_EQ(PeriodName(Granularity::kMonth, day("2024-12-01")), "Dec 2024");
}

TEST(MoneySumsTest, CurrenciesAreNeverAdded) {
  MoneySums sums;
  EXPECT_EQ(sums.ToText(), "0");
  sums.Add(*Money::FromMinorUnits(123'450, kEur));
  sums.Add(*Money::FromMinorUnits(7, *Currency::FromCode("JPY")));
  sums.Add(*Money::FromMinorUnits(-50, kEur));
  EXPECT_EQ(sums.ToText(), "1,234.00 EUR, 7 JPY");
}

}  // namespace
}  // namespace kulanz::command
