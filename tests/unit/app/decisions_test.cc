// Incidents::List: pages of a customer's decisions.

#include <gmock/gmock.h>

#include <algorithm>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/unit/app/app_fixture.h"

namespace kulanz::app {
namespace {

using kulanz::testing::IsOk;
using kulanz::testing::StatusIs;

class DecisionsTest : public AppFixture {
 protected:
  // Ids of all decisions, page by page.
  std::vector<std::string> ListAll(std::uint32_t page_size) {
    std::vector<std::string> ids;
    std::string token;
    do {
      const auto page = SyncWait(incidents_.List(CustomerId("C-1"), page_size, token, Soon()));
      EXPECT_THAT(page, IsOk());
      EXPECT_LE(page->decisions.size(), page_size);
      for (const DecidedIncident& decided : page->decisions) {
        ids.push_back(decided.decision.incident.id.text());
      }
      token = page->next_page_token;
    } while (!token.empty());
    return ids;
  }
};

TEST_F(DecisionsTest, PagesHoldEveryDecisionOnceNewestFirst) {
  KnownCustomer();
  std::vector<std::string> expected;
  for (int i = 0; i < 23; ++i) {
    Incident incident = LateDelivery("i" + std::to_string(100 + i));
    incident.occurred_at = now_ - std::chrono::hours(23 - i);
    ASSERT_THAT(Report(incident), IsOk());
    expected.insert(expected.begin(), incident.id.text());
  }
  for (const std::uint32_t page_size : {1U, 5U, 22U, 23U, 24U, 50U}) {
    EXPECT_EQ(ListAll(page_size), expected) << page_size;
  }
}

TEST_F(DecisionsTest, IncidentsOfTheSameInstantAreNotLostBetweenPages) {
  KnownCustomer();
  for (int i = 0; i < 30; ++i) {
    ASSERT_THAT(Report(LateDelivery("same-" + std::to_string(i))), IsOk());
  }
  for (const std::uint32_t page_size : {1U, 7U, 29U}) {
    std::vector<std::string> ids = ListAll(page_size);
    EXPECT_EQ(ids.size(), 30U);
    std::sort(ids.begin(), ids.end());
    EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
  }
}

TEST_F(DecisionsTest, GrantsCarryTheirVoucher) {
  KnownCustomer();
  ASSERT_OK_AND_ASSIGN(const DecidedIncident decided, Report(LateDelivery("a")));
  ASSERT_OK_AND_ASSIGN(const DecisionPage page,
                       SyncWait(incidents_.List(CustomerId("C-1"), 0, "", Soon())));
  ASSERT_EQ(page.decisions.size(), 1U);
  EXPECT_EQ(page.decisions[0].code, decided.code);
  EXPECT_EQ(page.decisions[0].voucher, decided.voucher);
}

TEST_F(DecisionsTest, ACustomerWithoutDecisionsHasAnEmptyPage) {
  ASSERT_OK_AND_ASSIGN(const DecisionPage page,
                       SyncWait(incidents_.List(CustomerId("nobody"), 0, "", Soon())));
  EXPECT_TRUE(page.decisions.empty());
  EXPECT_EQ(page.next_page_token, "");
}

TEST_F(DecisionsTest, PageSizesAboveTheMaximumAreTheMaximum) {
  KnownCustomer();
  for (std::uint32_t i = 0; i <= kDecisionPageMax; ++i) {
    ASSERT_THAT(Report(LateDelivery("i" + std::to_string(i))), IsOk());
  }
  ASSERT_OK_AND_ASSIGN(const DecisionPage page,
                       SyncWait(incidents_.List(CustomerId("C-1"), 1000, "", Soon())));
  EXPECT_EQ(page.decisions.size(), kDecisionPageMax);
  ASSERT_OK_AND_ASSIGN(const DecisionPage by_default,
                       SyncWait(incidents_.List(CustomerId("C-1"), 0, "", Soon())));
  EXPECT_EQ(by_default.decisions.size(), kDecisionPageDefault);
}

TEST_F(DecisionsTest, ForeignAndBrokenTokensAreRefused) {
  KnownCustomer("C-1");
  ASSERT_THAT(Report(LateDelivery("a")), IsOk());
  ASSERT_THAT(Report(LateDelivery("b")), IsOk());
  ASSERT_OK_AND_ASSIGN(const DecisionPage page,
                       SyncWait(incidents_.List(CustomerId("C-1"), 1, "", Soon())));
  const std::string token = page.next_page_token;
  ASSERT_FALSE(token.empty());
  EXPECT_THAT(SyncWait(incidents_.List(CustomerId("C-2"), 1, token, Soon())),
              StatusIs(Code::kInvalidArgument, "INVALID_PAGE_TOKEN"));
  for (const std::string& bad : {std::string("x"), token + "0", token + "00", token.substr(2),
                                 std::string(1000, 'a'), std::string("zz")}) {
    EXPECT_THAT(SyncWait(incidents_.List(CustomerId("C-1"), 1, bad, Soon())),
                StatusIs(Code::kInvalidArgument, "INVALID_PAGE_TOKEN"))
        << bad;
  }
}

}  // namespace
}  // namespace kulanz::app
