// The whole service under fire, a fixed number of seeds of it; and that a seed is all there is to a run.
//
// KULANZ_SIM_SEEDS and KULANZ_SIM_FIRST choose other seeds; kulanz-sim runs any number (README.md).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <sstream>
#include <string>

#include "tests/simulation/seeds.h"
#include "tests/simulation/simulator/simulation.h"
#include "tests/support/paths/paths.h"

namespace kulanz::simulation {
namespace {

using ::testing::HasSubstr;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::int64_t kSeeds = 200;
#else
constexpr std::int64_t kSeeds = 2'000;
#endif

struct Output {
  int exit_code = -1;
  std::string text;
};

Output RunProgram(const std::string& arguments) {
  Output output;
  const std::string command = test::BinPath("kulanz-sim") + " " + arguments + " 2>&1";
  std::FILE* pipe = popen(command.c_str(), "r");  // NOLINT(cert-env33-c): our own program
  EXPECT_NE(pipe, nullptr);
  std::array<char, 4096> buffer{};
  while (std::fgets(buffer.data(), static_cast<int>(buffer.size()), pipe) != nullptr) {
    output.text += buffer.data();
  }
  output.exit_code = WEXITSTATUS(pclose(pipe));
  return output;
}

TEST(Simulator, EveryPromiseIsKept) {
  const Seeds seeds = SeedsFromEnvironment(kSeeds);
  RunReport all;
  for (std::int64_t seed = seeds.first; seed < seeds.first + seeds.count; ++seed) {
    const RunReport report = Simulate(static_cast<std::uint64_t>(seed), Bug::kNone);
    ASSERT_FALSE(report.violation) << Explain(report, Bug::kNone);
    all.vouchers += report.vouchers;
    all.redemptions += report.redemptions;
    all.withdrawals += report.withdrawals;
    all.reservations += report.reservations;
    all.reversals += report.reversals;
    all.reissues += report.reissues;
    all.revocations += report.revocations;
    all.repeated_letters += report.repeated_letters;
    all.recovered_leases += report.recovered_leases;
    all.accidents += report.accidents;
    all.pool_codes += report.pool_codes;
    all.pool_empty += report.pool_empty;
  }
  RecordProperty("vouchers", std::to_string(all.vouchers));
  RecordProperty("recovered_leases", std::to_string(all.recovered_leases));
  if (seeds.count >= 100) {
    const char* const tame = "the simulation has become too tame";
    EXPECT_GT(all.vouchers, 0U) << tame;
    EXPECT_GT(all.redemptions, 0U) << tame;
    EXPECT_GT(all.withdrawals, 0U) << tame;
    EXPECT_GT(all.reservations, 0U) << tame;
    EXPECT_GT(all.reversals, 0U) << tame;
    EXPECT_GT(all.reissues, 0U) << tame;
    EXPECT_GT(all.revocations, 0U) << tame;
    EXPECT_GT(all.repeated_letters, 0U) << tame;
    EXPECT_GT(all.recovered_leases, 0U) << tame;
    EXPECT_GT(all.accidents, 0U) << tame;
    EXPECT_GT(all.pool_codes, 0U) << tame;
    EXPECT_GT(all.pool_empty, 0U) << tame;
  }
}

TEST(Simulator, TheSameSeedIsTheSameRun) {
  std::ostringstream hashes;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const RunReport once = Simulate(seed, Bug::kNone);
    const RunReport again = Simulate(seed, Bug::kNone, true);
    ASSERT_EQ(once.trace_hash, again.trace_hash) << "seed " << seed;
    EXPECT_LT(once.trace.size(), again.trace.size()) << "the traffic is not in the trace";
    hashes << "seed " << seed << " trace " << std::hex << once.trace_hash << std::dec << "\n";
  }
  // And in another process, whose memory lies elsewhere.
  EXPECT_THAT(RunProgram("--first 1 --seeds 30 --hash").text, HasSubstr(hashes.str()));
}

TEST(Simulator, AnotherSeedIsAnotherRun) {
  EXPECT_NE(Simulate(1, Bug::kNone).trace_hash, Simulate(2, Bug::kNone).trace_hash);
}

TEST(Simulator, AFailureSaysItsSeedThePromiseAndWhatHappened) {
  const Output output = RunProgram("--seeds 1000 --bug letter-forgotten");
  EXPECT_EQ(output.exit_code, 1);
  EXPECT_THAT(output.text, HasSubstr(" breaks I6: the letter of "));
  EXPECT_THAT(output.text, HasSubstr("repeat it: kulanz-sim --first "));
  EXPECT_THAT(output.text, HasSubstr("--bug letter-forgotten"));
  EXPECT_THAT(output.text, HasSubstr("  report I-")) << "what happened is missing";
  // What it says to type does the same again.
  const std::size_t at = output.text.find("--first ");
  const std::string arguments = output.text.substr(at, output.text.find('\n', at) - at);
  const Output again = RunProgram(arguments);
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.text, HasSubstr(output.text.substr(0, output.text.find('\n'))));
  EXPECT_THAT(again.text, HasSubstr(" commit p")) << "the traffic is missing";
}

TEST(Simulator, AWrongCommandLineIsExplained) {
  for (const char* arguments : {"--bug no-such-bug", "--seeds many", "--seed 3", "--first"}) {
    const Output output = RunProgram(arguments);
    EXPECT_EQ(output.exit_code, 2) << arguments;
    EXPECT_THAT(output.text, HasSubstr("--first S")) << arguments;
    EXPECT_THAT(output.text, HasSubstr("lease-not-fenced")) << arguments;
  }
}

}  // namespace
}  // namespace kulanz::simulation
