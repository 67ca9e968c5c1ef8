#include "tests/unit/app/app_fixture.h"

#include <utility>

#include "service/base/check.h"
#include "service/policy/loader.h"
#include "tests/support/paths/paths.h"

namespace kulanz::app {
namespace {

VoucherSecrets OneSecret() {
  std::vector<CodeSecret> secrets;
  secrets.push_back({"s1", Instant{}, HmacKey(std::string(32, 'c'))});
  return {std::move(secrets), HmacKey(std::string(32, 'l'))};
}

class PlainHold final : public BudgetHold {
 public:
  PlainHold(PlainBudgets& budgets, std::int64_t amount) : budgets_(budgets), amount_(amount) {}
  void SpendIn(ports::Transaction& transaction) override {
    transaction.writes.emplace_back(ports::AddToCounter{
        {transaction.partition, ports::RecordKind::kLeaseCounter, HashOf("lease", "plain")},
        amount_,
        {}});
  }
  void Committed() override { budgets_.committed += amount_; }
  void Released() override { budgets_.held -= amount_; }
  void Unknown() override { budgets_.unknown += amount_; }
  void Fenced() override { budgets_.held -= amount_; }

 private:
  PlainBudgets& budgets_;
  std::int64_t amount_;
};

}  // namespace

Task<Result<BudgetAnswer>> PlainBudgets::Take(engine::BudgetPeriod period, Money amount,
                                              Deadline /*deadline*/) {
  if (held + amount.minor_units() > period.cap.minor_units()) {
    co_return BudgetAnswer(BudgetExhausted{});
  }
  held += amount.minor_units();
  co_return BudgetAnswer(std::make_unique<PlainHold>(*this, amount.minor_units()));
}

Task<Result<ports::CommitOutcome>> FaultyStore::Commit(ports::Transaction transaction,
                                                       Deadline deadline) {
  const Fault fault = on_commit ? on_commit(transaction) : Fault::kNone;
  const Status uncertain(Code::kUnavailable, "STORE_UNCERTAIN", "the reply was lost");
  if (fault == Fault::kLoseRequest) {
    co_return uncertain;
  }
  auto outcome = co_await store_.Commit(std::move(transaction), deadline);
  if (fault == Fault::kLoseReply) {
    co_return uncertain;
  }
  co_return outcome;
}

AppFixture::AppFixture() : secrets_(OneSecret()) {
  auto loaded = policy::LoadPolicySet(test::SourcePath("tests/unit/app/rules"));
  KULANZ_CHECK(loaded.ok(), "the rules of the test are right");
  policies_.Replace(loaded.policies);
}

Deadline AppFixture::Soon() { return std::chrono::steady_clock::now() + std::chrono::seconds(20); }

Money AppFixture::Eur(std::string_view number) {
  return *Money::Parse(number, *Currency::FromCode("EUR"));
}

Customer AppFixture::ACustomer(std::string id) {
  Customer customer;
  customer.id = CustomerId(std::move(id));
  customer.given_name = "Zoë";
  customer.family_name = "Müller";
  customer.email = "zoe@example.com";
  customer.locale = "de-DE";
  customer.orders_completed = 3;
  customer.segment = "gold";
  return customer;
}

Customer AppFixture::KnownCustomer(std::string id) {
  Customer customer = ACustomer(std::move(id));
  const auto created = SyncWait(customers_.Upsert(customer, {}, Soon()));
  KULANZ_CHECK(created.ok(), "a memory store takes a customer");
  return customer;
}

Incident AppFixture::LateDelivery(std::string id, int days_late) {
  Incident incident;
  incident.order = Order{OrderId("O-" + id), Eur("80.00"), std::nullopt};
  incident.id = IncidentId(std::move(id));
  incident.customer = CustomerId("C-1");
  incident.type = "late_delivery";
  incident.occurred_at = now_;
  incident.attributes = {{"delivered_at", now_},
                         {"promised_at", now_ - std::chrono::days(days_late)},
                         {"cause", std::string("carrier")}};
  return incident;
}

Result<DecidedIncident> AppFixture::Report(const Incident& incident) {
  return SyncWait(incidents_.Report(incident, {}, Soon()));
}

}  // namespace kulanz::app
