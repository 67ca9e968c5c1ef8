// Workload: shops that report, repeat, contradict, ask and redeem through several servers at once, each call
// until its answer is definite, and the auditor who is told of all answers.
//
//   Workload workload({.seed = 7, .clients = 8}, {&first, &second}, auditor);
//   workload.Start();  ...faults...  workload.Stop();
//   workload.Confirm();   // everything once more: it must be found as it was acknowledged
//   EXPECT_THAT(auditor.Audit(true), IsEmpty());
//
// A client's retry policy is the documented one: what is UNAVAILABLE or shed (RESOURCE_EXHAUSTED) is
// repeated, identically, after the pause that the answer asks for, at any server. Any other failure that was
// not asked for is a broken promise.
//
// Incidents come in rounds of kIncidentsPerRound over kCustomersPerRound customers, with a budget per round
// that pays for most of what the limits allow; so every round meets the limit and the end of its budget.
//
// Thread-safety: one owner.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "service/base/result.h"
#include "service/domain/incident.h"
#include "tests/support/audit/audited_server.h"
#include "tests/support/audit/auditor.h"
#include "tests/support/audit/service_client.h"

namespace kulanz::audit {

// SplitMix64: the same numbers everywhere, from a seed.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}
  std::uint64_t Next();
  int Below(int bound) { return static_cast<int>(Next() % static_cast<std::uint64_t>(bound)); }
  bool Percent(int percent) { return Below(100) < percent; }

 private:
  std::uint64_t state_;
};

class Workload {
 public:
  static constexpr int kIncidentsPerRound = 300;
  static constexpr int kCustomersPerRound = 40;
  static constexpr int kIncidentsMax = AuditedSetup::kRounds * kIncidentsPerRound;

  struct Options {
    std::uint64_t seed = 1;
    int clients = 8;
    // Where its rounds begin: below AuditedSetup::kRounds. Workloads over one store need rounds of their own.
    int first_round = 0;
    // Of one attempt.
    Duration deadline = std::chrono::seconds(2);
    // An operation without a definite answer for so long is a broken promise.
    Duration patience = std::chrono::seconds(120);
    // Of every incident; not after the store's now.
    Instant occurred_at = AMomentAgo();
  };
  Workload(const Options& options, std::vector<ServiceClient*> servers, Auditor& auditor);
  // Stops.
  ~Workload();
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  void Start();
  // Each client gets the answer that it waits for first.
  void Stop();
  // Once the faults are over: repeats every report, looks every voucher up, drains every budget, and waits
  // for every letter.
  void Confirm();

  // With a definite answer; and the calls that it took.
  std::uint64_t operations() const { return operations_.load(); }
  std::uint64_t attempts() const { return attempts_.load(); }
  // Calls that were told to be repeated, by reason.
  std::map<std::string, std::uint64_t> refusals() const;
  // Reads under faults that told of less than was acknowledged: for as long as a server has not heard of a
  // failover, the master before, just woken, may answer what has no effect. Once the faults are over,
  // Confirm takes no such answer.
  std::uint64_t stale_reads() const { return stale_reads_.load(); }
  // The longest that an operation waited for its definite answer.
  Duration longest_wait() const { return Duration(longest_wait_ms_.load()); }

 private:
  struct Known {
    std::string code;
    std::string customer;
  };
  void Client(std::uint64_t seed);
  void Act(Chance& chance);
  Incident MakeIncident(int number, bool contradicts) const;
  static ReportedIncident ToReport(const Incident& incident, int number, bool contradicts);
  void EnsureCustomer(const CustomerId& customer, Chance& chance);
  void Report(int number, bool contradicts, Chance& chance);
  void Ask(int number, bool is_calm, Chance& chance);
  void Redeem(Chance& chance);
  void Look(const Known& voucher, bool is_calm, Chance& chance);
  // Calls until the answer is definite.
  template <typename R>
  R Persist(const char* what, Chance& chance,
            const std::function<R(ServiceClient&, Deadline)>& call);
  bool PickVoucher(Chance& chance, Known& voucher) const;
  // All of `count` numbers on all client threads.
  void InParallel(int count, const std::function<void(int, Chance&)>& work);
  void Drain(int round, Chance& chance);

  const Options options_;
  const std::vector<ServiceClient*> servers_;
  Auditor& auditor_;
  const Instant occurred_;

  std::atomic<bool> stopping_{false};
  const int first_incident_;
  std::atomic<int> next_incident_;
  std::atomic<std::uint64_t> operations_{0};
  std::atomic<std::uint64_t> attempts_{0};
  std::atomic<std::uint64_t> stale_reads_{0};
  std::atomic<std::int64_t> longest_wait_ms_{0};
  mutable std::mutex mutex_;
  std::vector<Known> vouchers_;                    // under mutex_
  std::map<std::string, std::uint64_t> refusals_;  // under mutex_
  std::set<std::string> customers_;                // that are stored, under mutex_
  std::vector<std::thread> threads_;
};

}  // namespace kulanz::audit
