// Four servers over one Redis, all at once for the same thing: exactly one, exact, exact. The same races are run
// by real programs in e2e/fleet_test.cc.
#include "tests/fault/audited_fixture.h"
#include "tests/support/audit/races.h"
#include "tests/support/redis/temp_redis.h"

namespace kulanz::testing {
namespace {

using ::testing::IsEmpty;

class Races : public AuditedTest {
 protected:
  static constexpr std::size_t kServers = 4;

  void SetUp() override {
    Initialise(redis_.address());
    AddServers(kServers, OptionsFor(redis_.address()));
  }
  void TearDown() override { servers_.clear(); }  // before Redis
  audit::Racers All() {
    audit::Racers racers{{}, auditor_};
    for (const std::unique_ptr<audit::AuditedServer>& server : servers_) {
      racers.servers.push_back(server.get());
    }
    return racers;
  }

  TempRedis redis_;
};

TEST_F(Races, ForOneVoucherExactlyOneWins) {
  audit::RaceForOneVoucher(All());
  EXPECT_TRUE(AllLettersAreSent());
  EXPECT_THAT(auditor_.Audit(false), IsEmpty());
}

TEST_F(Races, ForOneLimitTheLimitIsExact) {
  audit::RaceForOneLimit(All());
  EXPECT_TRUE(AllLettersAreSent());
  EXPECT_THAT(auditor_.Audit(false), IsEmpty());
}

TEST_F(Races, ForOneBudgetTheLastMoneyIsGivenOutExactly) {
  audit::RaceForOneBudget(All());
  EXPECT_TRUE(AllLettersAreSent());
  EXPECT_THAT(auditor_.Audit(true), IsEmpty());
}

}  // namespace
}  // namespace kulanz::testing
