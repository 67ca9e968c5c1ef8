// Verbs that have verbs of their own take the server's options before and after them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/e2e/programs.h"

namespace kulanz::e2e {
namespace {

using ::testing::HasSubstr;
using Arguments = std::vector<std::string>;

// Nothing listens there, so a verb that has understood where to call says who does not answer.
const std::string kNobody = "unix:/nowhere/kulanz";
const Arguments kWhere = {"--server", kNobody, "--timeout-ms", "50"};

Arguments Joined(std::vector<Arguments> parts) {
  Arguments all;
  for (const Arguments& part : parts) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

// A verb, and each of its own with what it needs.
struct Family {
  std::string verb;
  std::vector<Arguments> members;
};

class VerbOptionsTest : public ::testing::TestWithParam<Family> {};

TEST_P(VerbOptionsTest, StandBeforeOrAfterTheInnerVerb) {
  const Arguments verb = {GetParam().verb};
  for (const Arguments& member : GetParam().members) {
    for (const Arguments& arguments :
         {Joined({verb, kWhere, member}), Joined({verb, member, kWhere}),
          Joined({verb, {"--server", kNobody}, member, {"--timeout-ms", "50"}})}) {
      const Outcome outcome = RunProgram("kulanz", arguments);
      EXPECT_EQ(outcome.exit_code, 1) << ::testing::PrintToString(arguments) << outcome.output;
      EXPECT_THAT(outcome.output, HasSubstr(kNobody + " does not answer"))
          << ::testing::PrintToString(arguments);
    }
  }
}

TEST_P(VerbOptionsTest, AnUnknownOneIsRefusedWhereverItStands) {
  const Arguments verb = {GetParam().verb};
  for (const Arguments& member : GetParam().members) {
    for (const Arguments& arguments : {Joined({verb, {"--sever", kNobody}, member}),
                                       Joined({verb, member, {"--sever", kNobody}})}) {
      const Outcome outcome = RunProgram("kulanz", arguments);
      EXPECT_EQ(outcome.exit_code, 2) << ::testing::PrintToString(arguments) << outcome.output;
      EXPECT_THAT(outcome.output, HasSubstr("--sever"));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, VerbOptionsTest,
    ::testing::Values(Family{"breakers",
                             {{"list"},
                              {"show", "type/late_delivery"},
                              {"release", "type/late_delivery", "--per-minute", "60"},
                              {"dismiss", "type/late_delivery", "--per-minute", "60"}}},
                      Family{"events", {{"list"}, {"resend", "--all"}}},
                      Family{"letters", {{"list"}, {"explain", "L-1"}, {"resend", "L-1"}}}),
    [](const ::testing::TestParamInfo<Family>& family) { return family.param.verb; });

}  // namespace
}  // namespace kulanz::e2e
