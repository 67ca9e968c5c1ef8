// What people do with a code once they know it: shop, hold, return, lose, and commit fraud. All of it is drawn
// from the seed.
#include <vector>

#include "tests/simulation/simulator/clients.h"

namespace kulanz::simulation {
namespace {

// Of a stored value: the smallest has 400.
std::int64_t DrawAmount(Random& random, const Facts& facts) {
  return facts.fault == Fault::kOutage && random.Chance(600) ? random.Between(50, 500) : 0;
}

}  // namespace

void Clients::Learn(const std::string& code, const Facts& facts) {
  if (!shops_open_ || !journal_.codes.insert(code).second) {
    return;
  }
  Random& random = cluster_.world().random();
  if (IsPoolCode(code)) {  // used where we do not see it
    if (random.Chance(plan_.changed)) {
      ChangeSomething(code, facts);
    }
    return;
  }
  if (random.Chance(plan_.redeemed)) {
    GoShopping(code, facts);
  }
  if (random.Chance(plan_.changed)) {
    HoldForAnOrder(code, facts);
  }
  if (random.Chance(plan_.changed)) {
    ChangeSomething(code, facts);
  }
}

void Clients::RedeemAfter(Duration pause, RedemptionLog log) {
  ++open_;
  const int attempts_max = cluster_.world().random().Chance(150) ? 1 : 0;
  cluster_.world().After(pause, [this, log = std::move(log), attempts_max] {
    journal_.redemptions.push_back(log);
    SpawnThen(Redeem(journal_.redemptions.back(), attempts_max), [this] { --open_; });
  });
}

void Clients::PerformAfter(Duration pause, ChangeLog log) {
  ++open_;
  const int attempts_max = cluster_.world().random().Chance(150) ? 1 : 0;
  cluster_.world().After(pause, [this, log = std::move(log), attempts_max] {
    journal_.changes.push_back(log);
    SpawnThen(Perform(journal_.changes.back(), attempts_max), [this] { --open_; });
  });
}

// One purchase, and sometimes what else may be tried with the same voucher.
void Clients::GoShopping(const std::string& code, const Facts& facts) {
  Random& random = cluster_.world().random();
  RedemptionLog first;
  first.code = code;
  first.id = "R-" + NewNumber();
  first.order = "S-" + first.id.substr(2);
  first.customer = CustomerName(facts.customer);
  first.order_total = random.Chance(100) ? kMinimumOrder - 1 : kMinimumOrder + random.Below(3'000);
  first.amount = DrawAmount(random, facts);
  std::vector<RedemptionLog> attempts = {first};
  if (random.Chance(250)) {  // the same click twice
    attempts.push_back(first);
  }
  if (random.Chance(250)) {  // another checkout, at once
    attempts.push_back(first);
    attempts.back().id += "-other";
    attempts.back().order += "-other";
    attempts.back().order_total = kMinimumOrder;
  }
  if (random.Chance(100)) {  // a shop that numbers its redemptions twice
    attempts.push_back(first);
    attempts.back().order += "-conflict";
  }
  if (random.Chance(100)) {  // somebody who found the code
    attempts.push_back(first);
    attempts.back().id += "-finder";
    attempts.back().order += "-finder";
    attempts.back().customer = CustomerName(facts.customer + 1);
  }
  const Duration about{random.Below(800)};
  for (const RedemptionLog& attempt : attempts) {
    RedeemAfter(about + Duration{random.Below(30)}, attempt);
  }
  if (!random.Chance(plan_.changed)) {
    return;
  }
  // The order is cancelled: at once, so that either may be first, or after a while, perhaps twice.
  ChangeLog reversal;
  reversal.change = Change::kReverse;
  reversal.code = code;
  reversal.id = first.id;
  reversal.order = first.order;
  reversal.customer = first.customer;
  const Duration until{random.Chance(500) ? random.Below(40) : random.Below(1'500)};
  PerformAfter(about + until, reversal);
  if (random.Chance(200)) {
    PerformAfter(about + until + Duration{random.Below(30)}, reversal);
  }
}

// An order reserves at checkout, and is then paid, cancelled, both at once, or forgotten.
void Clients::HoldForAnOrder(const std::string& code, const Facts& facts) {
  Random& random = cluster_.world().random();
  ChangeLog hold;
  hold.change = Change::kReserve;
  hold.code = code;
  hold.id = "H-" + NewNumber();
  hold.order = "S-" + hold.id.substr(2) + "-held";
  hold.customer = CustomerName(facts.customer);
  hold.amount = DrawAmount(random, facts);
  hold.hold_for = random.Chance(800) ? Duration{random.Between(100, 3'000)}
                                     : Duration{std::chrono::hours{random.Between(1, 7 * 24)}};
  const Duration about{random.Below(800)};
  PerformAfter(about, hold);
  if (random.Chance(200)) {
    PerformAfter(about + Duration{random.Below(30)}, hold);
  }
  const Duration paid{random.Below(1'200)};
  if (random.Chance(550)) {
    RedemptionLog payment;
    payment.code = code;
    payment.id = "R-" + hold.id.substr(2) + "-held";
    payment.order = hold.order;
    payment.customer = hold.customer;
    payment.order_total = kMinimumOrder;
    payment.reservation = random.Chance(500) ? hold.id : "";
    RedeemAfter(about + paid, payment);
  }
  if (random.Chance(300)) {
    ChangeLog release = hold;
    release.change = Change::kRelease;
    release.order.clear();
    PerformAfter(about + (random.Chance(400) ? paid : Duration{random.Below(1'200)}), release);
  }
}

void Clients::ChangeSomething(const std::string& code, const Facts& facts) {
  Random& random = cluster_.world().random();
  ChangeLog change;
  change.change = random.Chance(300) ? Change::kRevoke : Change::kReissue;
  change.code = code;
  change.id = "X-" + NewNumber();
  change.customer = CustomerName(facts.customer);
  if (IsPoolCode(code)) {
    change.voucher_id = *journal_.pool_vouchers.at(code).begin();
  }
  const Duration about{random.Below(1'200)};
  PerformAfter(about, change);
  if (random.Chance(250)) {
    PerformAfter(about + Duration{random.Below(30)}, change);
  }
  if (random.Chance(200)) {  // two people at once
    change.id += "-other";
    PerformAfter(about + Duration{random.Below(30)}, change);
  }
}

}  // namespace kulanz::simulation
