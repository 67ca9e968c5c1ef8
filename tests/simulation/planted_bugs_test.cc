// The auditor finds each planted bug, soon, and names the promise that it breaks. A promise that no bug
// can break would not be looked at.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <iostream>
#include <string>
#include <vector>

#include "tests/simulation/simulator/simulation.h"

namespace kulanz::simulation {
namespace {

constexpr std::uint64_t kSeedsMax = 1'000;

struct Expectation {
  Bug bug = Bug::kNone;
  std::vector<std::string> promises;  // any of these
};

// NOLINTNEXTLINE(readability-identifier-naming): GoogleTest's name
void PrintTo(const Expectation& expectation, std::ostream* out) {
  *out << "bug " << static_cast<int>(expectation.bug);
}

class PlantedBug : public testing::TestWithParam<Expectation> {};

TEST_P(PlantedBug, IsFound) {
  for (std::uint64_t seed = 1; seed <= kSeedsMax; ++seed) {
    const RunReport report = Simulate(seed, GetParam().bug);
    if (report.violation) {
      std::cout << "found by seed " << seed << " of " << kSeedsMax << ": "
                << report.violation->promise << ", " << report.violation->what << std::endl;
      EXPECT_THAT(GetParam().promises, testing::Contains(report.violation->promise))
          << Explain(report, GetParam().bug);
      RecordProperty("seeds", std::to_string(seed));
      return;
    }
  }
  FAIL() << "not found within " << kSeedsMax << " seeds";
}

std::string Name(const testing::TestParamInfo<Expectation>& info) {
  for (const BugName& named : AllBugs()) {
    if (named.bug == info.param.bug) {
      std::string name(named.name);
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    }
  }
  return "unnamed";
}

INSTANTIATE_TEST_SUITE_P(All, PlantedBug,
                         testing::Values(Expectation{Bug::kCheckDropped, {"I1", "I2", "I3"}},
                                         Expectation{Bug::kLeaseNotFenced, {"I4"}},
                                         Expectation{Bug::kAgendaOutsideTransaction, {"I6"}},
                                         Expectation{Bug::kHistoryNotChecked, {"I3"}},
                                         Expectation{Bug::kRedemptionWithoutId, {"I5"}},
                                         Expectation{Bug::kVoucherNotChecked, {"I5", "I6"}},
                                         Expectation{Bug::kClaimNotChecked, {"I7"}},
                                         Expectation{Bug::kLetterForgotten, {"I6"}},
                                         Expectation{Bug::kReversalWithoutTombstone, {"I5"}},
                                         Expectation{Bug::kReservationIgnored, {"I5"}},
                                         Expectation{Bug::kOldCodeLives, {"I1", "I5", "I10"}},
                                         Expectation{Bug::kExpiryForgotten, {"I5"}},
                                         Expectation{Bug::kLiabilityForgotten, {"I5"}},
                                         Expectation{Bug::kDeadlineDropped, {"I4"}},
                                         Expectation{Bug::kPoolCodeNotChecked, {"I1"}},
                                         Expectation{Bug::kPoolMoveForgotten, {"I4"}},
                                         Expectation{Bug::kPoolImportUnnoticed, {"I4"}}),
                         Name);

TEST(PlantedBugs, EachHasATest) {
  const auto* suite = testing::UnitTest::GetInstance();
  int tested = 0;
  for (int i = 0; i < suite->total_test_suite_count(); ++i) {
    const testing::TestSuite* tests = suite->GetTestSuite(i);
    tested += std::string(tests->name()) == "All/PlantedBug" ? tests->total_test_count() : 0;
  }
  EXPECT_EQ(static_cast<std::size_t>(tested), AllBugs().size());
}

}  // namespace
}  // namespace kulanz::simulation
