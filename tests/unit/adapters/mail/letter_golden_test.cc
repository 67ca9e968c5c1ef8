// Whole letters, byte for byte. A change of wording or of the wire format shows as a change of a golden
// file, which somebody then reads: they are in tests/golden/letters, and any mail program opens them.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>

#include "tests/support/paths/paths.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/adapters/mail/letter_fixture.h"

namespace kulanz::adapters {
namespace {

using namespace kulanz::testing;  // NOLINT(google-build-using-namespace): the fixture's builders

struct Golden {
  std::string name;
  std::function<ports::Delivery()> delivery;
};

class LetterGoldenTest : public ::testing::TestWithParam<Golden> {};

TEST_P(LetterGoldenTest, IsByteForByteAsItWasRead) {
  const LetterComposer composer(ShippedSources());
  ASSERT_OK_AND_ASSIGN(const Letter letter, composer.Compose(GetParam().delivery()));
  const std::string path = test::SourcePath("tests/golden/letters/" + GetParam().name + ".eml");
  if (std::getenv("KULANZ_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << letter.message;
  }
  std::ifstream file(path, std::ios::binary);
  const std::string golden{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(letter.message, golden)
      << "if the change is meant, run this test with KULANZ_UPDATE_GOLDEN=1 and read " << path;
}

INSTANTIATE_TEST_SUITE_P(
    Shipped, LetterGoldenTest,
    ::testing::Values(
        Golden{"late-delivery.de", [] { return LateDelivery(MsMueller()); }},
        Golden{"late-delivery.en", [] { return LateDelivery(AlexKim()); }},
        Golden{"delayed-activation.de", [] { return DelayedActivation(MsMueller()); }},
        Golden{"delayed-activation.en", [] { return DelayedActivation(AlexKim()); }},
        Golden{"missed-appointment.de", [] { return MissedAppointment(MsMueller()); }},
        Golden{"missed-appointment.en", [] { return MissedAppointment(AlexKim()); }},
        Golden{"voucher-reminder.de",
               [] { return Following(LateDelivery(MsMueller()), "voucher-reminder"); }},
        Golden{"voucher-reminder.en",
               [] { return Following(LateDelivery(AlexKim()), "voucher-reminder"); }},
        Golden{"feedback.de", [] { return Following(LateDelivery(MsMueller()), "feedback"); }},
        Golden{"feedback.en", [] { return Following(LateDelivery(AlexKim()), "feedback"); }},
        Golden{"apology.de", [] { return WithoutVoucher(LateDelivery(MsMueller())); }},
        Golden{"apology.en", [] { return WithoutVoucher(LateDelivery(AlexKim())); }}),
    [](const auto& instance) {
      std::string name = instance.param.name;
      for (char& c : name) {
        if (c == '-' || c == '.') c = '0';
      }
      return name;
    });

}  // namespace
}  // namespace kulanz::adapters
