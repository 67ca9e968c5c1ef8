#include "service/adapters/webhook/webhook_signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace kulanz::adapters {
namespace {

using kulanz::testing::IsOk;
using kulanz::testing::StatusIs;

const std::string kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view kSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

std::string SignTheVector(const std::vector<std::string>& secrets) {
  const auto signer = WebhookSigner::Make(secrets);
  EXPECT_THAT(signer, IsOk());
  return signer->Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1'614'265'330, R"({"test": 2432232314})");
}

// The vector of the specification's own libraries.
TEST(WebhookSignatureTest, ThePublishedVector) { EXPECT_EQ(SignTheVector({kSecret}), kSignature); }

TEST(WebhookSignatureTest, WhileSecretsRotateBothSign) {
  const std::string other = "whsec_" + std::string(32, 'A');
  const std::string both = SignTheVector({other, kSecret});
  EXPECT_TRUE(both.ends_with(" " + std::string(kSignature))) << both;
  EXPECT_EQ(both, SignTheVector({other}) + " " + SignTheVector({kSecret}));
}

TEST(WebhookSignatureTest, SecretsHave24To64Bytes) {
  for (const std::size_t groups : {std::size_t{8}, std::size_t{21}}) {
    EXPECT_THAT(WebhookSigner::Make({"whsec_" + std::string(groups * 4, 'A')}), IsOk());
  }
  EXPECT_THAT(WebhookSigner::Make({"whsec_" + std::string(84, 'A') + "AA=="}), IsOk()) << "64";
  for (const std::string& bad :
       {std::string(), std::string(32, 'A'), std::string("whsec_"), "whsec_" + std::string(28, 'A'),
        "whsec_" + std::string(84, 'A') + "AAA=", "whsec_" + std::string(33, 'A'),
        "whsec_" + std::string(31, 'A') + "!", "whsec_" + std::string(28, 'A') + "A=AA",
        "whsec_" + std::string(4'000, 'A')}) {
    const auto signer = WebhookSigner::Make({bad});
    EXPECT_THAT(signer, StatusIs(Code::kInvalidArgument, "WEBHOOK_SECRET")) << bad;
    EXPECT_EQ(signer.status().message().find("AAAA"), std::string::npos) << "it is a secret";
  }
  EXPECT_THAT(WebhookSigner::Make({}), StatusIs(Code::kInvalidArgument, "WEBHOOK_SECRET"));
  EXPECT_THAT(WebhookSigner::Make({kSecret, kSecret, kSecret}),
              StatusIs(Code::kInvalidArgument, "WEBHOOK_SECRET"));
}

}  // namespace
}  // namespace kulanz::adapters
