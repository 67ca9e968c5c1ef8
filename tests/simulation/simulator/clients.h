// Clients: everybody who calls the service. Each repeats its request at any server until it has an answer
// that it may rely on, or gives up, and writes down what it was told.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "service/app/decided_incident.h"
#include "tests/simulation/simulator/cluster.h"
#include "tests/simulation/simulator/journal.h"
#include "tests/simulation/simulator/plan.h"

namespace kulanz::simulation {

class Clients {
 public:
  // How long the service may take, and how long a client waits for it.
  static constexpr Duration kDeadline{1'000};
  static constexpr Duration kPatience{1'500};

  Clients(Cluster& cluster, Journal& journal, const Plan& plan)
      : cluster_(cluster), journal_(journal), plan_(plan), process_(cluster.world()) {}
  ~Clients() { process_.Kill(); }
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  // Each starts a client of its own. `attempts_max` 0: until there is an answer.
  void Report(const Facts& facts, int attempts_max);
  void Withdraw(std::size_t incident);
  void Introduce(std::size_t customer);  // imports the customer
  void Erase(std::size_t customer);
  void Import(const ImportPlan& plan);  // codes into the pool
  // Somebody knows a code, from an answer or a letter: may go shopping, once per code, or have it changed.
  void Learn(const std::string& code, const Facts& facts);
  // Which voucher a code of the pool was told with.
  void NotePoolCode(const std::string& code, const std::string& voucher_id);
  // From now on nobody goes shopping.
  void CloseShops() { shops_open_ = false; }

  std::size_t open() const { return open_; }
  Deadline Now() const { return process_.Now(); }

  // ---- What the epilogue asks ----
  Task<void> Repeat(const Facts& facts, ReportLog& log, int attempts_max = 0);
  Task<void> Redeem(RedemptionLog& log, int attempts_max);
  Task<void> Perform(ChangeLog& log, int attempts_max);
  Task<void> Get(Facts facts);
  Task<void> Look(std::string code);
  Task<void> List(std::size_t customer);
  Task<void> ListVouchers(std::size_t customer);
  Task<void> PutIntoPool(ImportLog& log);
  Task<void> CountPool();
  // What the servers say, by their metric, that all vouchers are worth.
  std::optional<std::int64_t> Liability() const;

 private:
  template <typename T>
  struct Told {
    Attempt attempt;
    std::optional<T> value;
  };
  template <typename T>
  using Call = std::function<Task<Result<T>>(SimServer&, Deadline)>;

  // One attempt at any server; answers that come too late or from the dead are lost.
  template <typename T>
  Task<Told<T>> Ask(Call<T> call);
  // Asks until there is an answer to rely on.
  template <typename T>
  Task<std::optional<T>> AskOn(Call<T> call, std::string what);
  void Start(Task<void> task) {
    ++open_;
    SpawnThen(std::move(task), [this] { --open_; });
  }
  // Whether the client goes on to another attempt; pauses before it.
  Task<bool> TriesAgain(const Attempt& last, std::size_t attempts, int attempts_max);
  Task<void> Introduction(std::size_t customer);
  Task<void> Erasure(std::size_t customer);
  Task<void> Withdrawal(WithdrawalLog& log);
  void GoShopping(const std::string& code, const Facts& facts);
  void HoldForAnOrder(const std::string& code, const Facts& facts);
  void ChangeSomething(const std::string& code, const Facts& facts);
  void RedeemAfter(Duration pause, RedemptionLog log);
  void PerformAfter(Duration pause, ChangeLog log);
  std::string NewNumber() { return std::to_string(++numbers_); }

  Cluster& cluster_;
  Journal& journal_;
  const Plan& plan_;
  SimProcess process_;
  std::size_t open_ = 0;
  std::size_t numbers_ = 0;
  bool shops_open_ = true;
};

// In a word, for the trace.
std::string OutcomeOf(const Attempt& attempt);

// As it is answered.
SeenDecision Seen(const app::DecidedIncident& decided, const Attempt& attempt);

}  // namespace kulanz::simulation
