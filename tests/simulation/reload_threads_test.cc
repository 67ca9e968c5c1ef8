// A reload under load: policy sets are swapped while incidents flow from several threads. Every decision is
// wholly of one set, the one that it names.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "service/policy/loader.h"
#include "tests/support/paths/paths.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/adapters/system/temp_directory.h"
#include "tests/unit/app/app_fixture.h"

namespace kulanz::app {
namespace {

namespace fs = std::filesystem;
using kulanz::testing::TempDirectory;

constexpr int kSwaps = 1'000;
constexpr int kThreads = 4;

void Replace(std::string& text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
}

class ReloadThreadsTest : public AppFixture {
 protected:
  // The test's rules without their budget, whose first day is worth `amount`.
  std::shared_ptr<const policy::PolicySet> RulesThatGive(const std::string& amount) {
    const TempDirectory folder;
    const std::string rules = folder.File("rules");
    fs::copy(test::SourcePath("tests/unit/app/rules"), rules, fs::copy_options::recursive);
    const std::string path = rules + "/policies/late-delivery.yaml";
    std::ifstream in(path);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    Replace(text, "eur(5.00)", "eur(" + amount + ")");
    const std::size_t budget = text.find("budget:");
    text.erase(budget, text.find('\n', budget) - budget + 1);
    std::ofstream(path) << text;
    auto loaded = policy::LoadPolicySet(rules);
    EXPECT_TRUE(loaded.ok());
    return loaded.policies;
  }
};

TEST_F(ReloadThreadsTest, EveryDecisionIsOfTheRevisionThatItNames) {
  const auto five = RulesThatGive("5.00");
  const auto six = RulesThatGive("6.00");
  ASSERT_NE(five->revision(), six->revision());
  policies_.Replace(five);
  std::atomic<bool> stop{false};
  std::atomic<int> of_five{0};
  std::atomic<int> of_six{0};
  std::atomic<int> wrong{0};
  const auto report = [&](int thread) {
    for (int i = 0; !stop; ++i) {
      const std::string id = std::to_string(thread) + "-" + std::to_string(i);
      KnownCustomer("C-" + id);
      Incident incident = LateDelivery("I-" + id);
      incident.customer = CustomerId("C-" + id);
      const auto decided = Report(incident);
      if (!decided.ok() || !decided->voucher) {
        ++wrong;
        continue;
      }
      const bool is_five = decided->decision.revision == five->revision();
      const bool fits = decided->decision.revision == (is_five ? five : six)->revision() &&
                        decided->voucher->terms.amount == Eur(is_five ? "5.00" : "6.00");
      ++(fits ? (is_five ? of_five : of_six) : wrong);
    }
  };
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back(report, thread);
  }
  for (int swap = 0; swap < kSwaps; ++swap) {
    policies_.Replace(swap % 2 == 0 ? six : five);
    // At least one decision for each set that is put in.
    const int before = of_five + of_six + wrong;
    while (of_five + of_six + wrong == before) {
      std::this_thread::yield();
    }
  }
  stop = true;
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_GE(of_five + of_six, kSwaps);
  EXPECT_GT(of_five, 0);
  EXPECT_GT(of_six, 0);
}

}  // namespace
}  // namespace kulanz::app
