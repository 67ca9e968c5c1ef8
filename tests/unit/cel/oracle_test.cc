// Exact numbers and dates against Python's decimal, datetime and zoneinfo: oracle.py makes random cases,
// which share no code with ours. KULANZ_SEED chooses others.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/paths/paths.h"
#include "tests/unit/cel/policy_environment.h"

namespace kulanz::cel {
namespace {

using Cases = std::vector<std::pair<std::string, std::string>>;

// Nothing when there is no Python to ask.
Cases AskPython(const std::string& subject, int count) {
  const char* const seed = std::getenv("KULANZ_SEED");
  const std::string command = "python3 -B " + test::SourcePath("tests/unit/cel/oracle.py") + " " +
                              subject + " " + (seed != nullptr ? seed : "20261121") + " " +
                              std::to_string(count);
  // NOLINTNEXTLINE(cert-env33-c): a fixed command of our own.
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
  Cases cases;
  std::string line;
  for (int c = 0; pipe != nullptr && (c = std::fgetc(pipe.get())) != EOF;) {
    if (c != '\n') {
      line += static_cast<char>(c);
      continue;
    }
    const std::size_t tab = line.find('\t');
    cases.emplace_back(line.substr(0, tab), line.substr(tab + 1));
    line.clear();
  }
  return cases;
}

// "12.500 EUR" -> "12.5 EUR": the oracle's numbers have no trailing zeros.
std::string WithoutTrailingZeros(std::string text) {
  const std::size_t blank = std::min(text.find(' '), text.size());
  std::string number = text.substr(0, blank);
  if (number.find('.') != std::string::npos &&
      number.find_first_not_of("-.0123456789") == std::string::npos) {
    number.erase(number.find_last_not_of('0') + 1);
    if (number.back() == '.') {
      number.pop_back();
    }
  }
  number = number == "-0" ? "0" : number;
  return number + text.substr(blank);
}

// As oracle.py has them.
std::vector<std::pair<std::string, WeeklyHours>> OpeningHoursOfTheOracle() {
  using std::chrono::minutes;
  const auto from = [](int begin, int end) { return OpenInterval{minutes(begin), minutes(end)}; };
  WeeklyHours shop;
  std::fill_n(shop.weekdays.begin(), 5, std::vector{from(480, 720), from(780, 1080)});
  shop.weekdays[5] = {from(540, 780)};
  WeeklyHours always;
  always.weekdays.fill({from(0, 1440)});
  always.holiday = {from(0, 1440)};
  WeeklyHours night;
  night.weekdays.fill({from(0, 150), from(165, 360), from(1320, 1440)});
  night.holiday = {from(90, 150)};
  return {{"SHOP", shop}, {"ALWAYS", always}, {"NIGHT", night}};
}

class Oracle : public testing::TestWithParam<const char*> {};

TEST_P(Oracle, AgreesOnEveryCase) {
  constexpr int kCases = 3000;
  const Cases cases = AskPython(GetParam(), kCases);
  if (cases.empty()) {
    GTEST_SKIP() << "no python3 with zoneinfo here: " << GetParam() << " are NOT checked";
  }
  ASSERT_EQ(cases.size(), static_cast<std::size_t>(kCases)) << "the oracle stopped early";
  Environment env(Mode::kStandard);
  const auto calendar = Calendar::Make({.holidays = {DayOf("2026-01-01"), DayOf("2026-12-25")},
                                        .first_year = 2025,
                                        .last_year = 2027});
  ASSERT_TRUE(env.AddCalendar("DE-BY", calendar.value()).ok());
  for (const auto& [name, hours] : OpeningHoursOfTheOracle()) {
    const auto open = Calendar::Make({.holidays = {DayOf("2026-01-01"), DayOf("2026-12-25")},
                                      .first_year = 2009,
                                      .last_year = 2027,
                                      .hours = hours});
    ASSERT_TRUE(open.ok());
    ASSERT_TRUE(env.AddCalendar(name, open.value()).ok());
  }
  Arena arena;
  int wrong = 0;
  for (const auto& [text, expected] : cases) {
    const CompileResult compiled = Compile(text, env);
    ASSERT_TRUE(compiled.ok()) << Problems(compiled, text);
    arena.Reset();
    const Value value = compiled.program->Evaluate({}, arena);
    const std::string actual =
        value.is_error() ? "error" : WithoutTrailingZeros(DebugString(value));
    EXPECT_EQ(actual, expected) << text << "\n" << DebugString(value);
    wrong += actual == expected ? 0 : 1;
    ASSERT_LT(wrong, 10) << "and more";
  }
}

INSTANTIATE_TEST_SUITE_P(Python, Oracle,
                         testing::Values("decimals", "doubles", "money", "dates", "zones",
                                         "calendars", "hours"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace kulanz::cel
