// What a reload costs the requests that run meanwhile: threads decide incidents over the policy holder
// while another one loads and swaps in policy sets, 1,000 times. Together they are as many as there are
// processors, so that none waits for another's time slice. Each decision must be that of one
// revision. Other work on the machine takes the processor away for milliseconds as well, so the pauses
// are told beside those of the same threads without a swap, and beside the processor time that one
// decision took: what a swap makes a request do itself shows there.
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "service/app/policy_holder.h"
#include "service/base/check.h"
#include "service/engine/decide.h"
#include "service/policy/loader.h"

namespace kulanz {
namespace {

constexpr double kPauseMaxMs = 5;

// `cents`: what every policy of the set gives, so that a decision tells which set made it.
policy::PolicyFiles Policies(int count, int cents) {
  policy::PolicyFiles files;
  files.files.push_back({.name = "incidents.yaml",
                         .text = "kulanz: v1\nincidents:\n  late:\n    summary: Late\n"
                                 "    attributes: {days: {type: int}}\n"});
  for (int i = 0; i < count; ++i) {
    const std::string number = std::to_string(i);
    files.files.push_back(
        {.name = "policies/p" + number + ".yaml",
         .text = "kulanz: v1\npolicy: p" + number +
                 "\nsummary: A policy\ndepartment: logistics\nincidents: [late]\nzone: UTC\n"
                 "currency: EUR\neligible: customer.segment == \"s" +
                 number + "\" && incident.days >= 1\ngesture: [{amount: eur(0.01) * " +
                 std::to_string(cents) +
                 "}]\nvoucher: {valid_for: 90d}\ndelivery: {message: late, signed_by: anna}\n"});
  }
  return files;
}

double Milliseconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

struct Pauses {
  std::vector<double> wall_ms;  // the longest ones
  double cpu_ms = 0;            // the most that one decision took
  std::uint64_t decisions = 0;
  std::uint64_t mixed = 0;  // decisions that are not of one revision

  void Add(double wall, double cpu) {
    ++decisions;
    cpu_ms = std::max(cpu_ms, cpu);
    wall_ms.push_back(wall);
    if (wall_ms.size() > 100'000) {
      Shrink();
    }
  }
  void Shrink() {
    const std::size_t kept = std::min<std::size_t>(wall_ms.size(), 1000);
    std::partial_sort(wall_ms.begin(), wall_ms.begin() + static_cast<std::ptrdiff_t>(kept),
                      wall_ms.end(), std::greater<>());
    wall_ms.resize(kept);
  }
  void Merge(const Pauses& other) {
    wall_ms.insert(wall_ms.end(), other.wall_ms.begin(), other.wall_ms.end());
    cpu_ms = std::max(cpu_ms, other.cpu_ms);
    decisions += other.decisions;
    mixed += other.mixed;
  }
};

// Decides until told to stop. `expected`: cents by revision.
void Decide(const app::PolicyHolder& holder, const std::vector<std::string>& revisions,
            int policies, const std::atomic<bool>& stop, Pauses& pauses) {
  Incident incident;
  incident.customer = CustomerId("c-1");
  incident.type = "late";
  incident.occurred_at = *ParseInstant("2026-09-07T09:00:00Z");
  incident.attributes["days"] = std::int64_t{2};
  Customer customer;
  customer.id = incident.customer;
  const History history;
  const std::vector<engine::ExhaustedBudget> none;
  for (int i = 0; !stop.load(std::memory_order_relaxed); ++i) {
    incident.id = IncidentId("i-" + std::to_string(i));
    customer.segment = "s" + std::to_string(i % policies);
    const double cpu = Milliseconds(CLOCK_THREAD_CPUTIME_ID);
    const double wall = Milliseconds(CLOCK_MONOTONIC);
    engine::Verdict verdict;
    {
      const auto set = holder.Current();
      verdict = engine::Decide(*set, {.incident = incident,
                                      .customer = customer,
                                      .history = history,
                                      .exhausted = none,
                                      .now = incident.occurred_at});
    }
    pauses.Add(Milliseconds(CLOCK_MONOTONIC) - wall, Milliseconds(CLOCK_THREAD_CPUTIME_ID) - cpu);
    const auto found =
        std::find(revisions.begin(), revisions.end(), verdict.decision.revision.text());
    const bool is_one = found != revisions.end() && verdict.decision.voucher &&
                        verdict.decision.voucher->amount.minor_units() ==
                            static_cast<std::int64_t>(found - revisions.begin()) + 1;
    pauses.mixed += is_one ? 0 : 1;
  }
  pauses.Shrink();
}

void Print(const char* what, Pauses& pauses, double seconds) {
  pauses.Shrink();
  const auto longer = std::count_if(pauses.wall_ms.begin(), pauses.wall_ms.end(),
                                    [](double ms) { return ms > kPauseMaxMs; });
  std::printf(
      "%-22s %8.1f s %12llu decisions, %llu mixed; longest %.3f ms (processor %.3f ms); %ld "
      "above %.0f ms\n",
      what, seconds, static_cast<unsigned long long>(pauses.decisions),
      static_cast<unsigned long long>(pauses.mixed), pauses.wall_ms.front(), pauses.cpu_ms,
      static_cast<long>(longer), kPauseMaxMs);
}

int Run(int swaps, int policies) {
  const auto threads_that_decide = std::max(1U, std::thread::hardware_concurrency() - 1);
  const policy::PolicyFiles files[] = {Policies(policies, 1), Policies(policies, 2)};
  std::vector<std::string> revisions;
  app::PolicyHolder holder;
  for (const policy::PolicyFiles& each : files) {
    const auto loaded = policy::LoadPolicySet(each);
    KULANZ_CHECK(loaded.ok(), "the made-up policies are flawless");
    revisions.push_back(loaded.policies->revision().text());
    holder.Replace(loaded.policies);
  }
  const auto run = [&](const char* what, const auto& meanwhile) {
    std::atomic<bool> stop{false};
    std::vector<Pauses> pauses(threads_that_decide);
    std::vector<std::thread> threads;
    const double begin = Milliseconds(CLOCK_MONOTONIC);
    for (Pauses& each : pauses) {
      threads.emplace_back([&] { Decide(holder, revisions, policies, stop, each); });
    }
    meanwhile();
    stop = true;
    for (std::thread& thread : threads) {
      thread.join();
    }
    for (unsigned i = 1; i < threads_that_decide; ++i) {
      pauses[0].Merge(pauses[static_cast<std::size_t>(i)]);
    }
    Print(what, pauses[0], (Milliseconds(CLOCK_MONOTONIC) - begin) / 1e3);
    return pauses[0].mixed;
  };
  double swap_ms = 0;
  double seconds = 0;
  const auto swap_all = [&] {
    const double begin = Milliseconds(CLOCK_MONOTONIC);
    for (int i = 0; i < swaps; ++i) {
      auto loaded = policy::LoadPolicySet(files[i % 2]);
      const double before = Milliseconds(CLOCK_MONOTONIC);
      holder.Replace(std::move(loaded.policies));
      swap_ms = std::max(swap_ms, Milliseconds(CLOCK_MONOTONIC) - before);
    }
    seconds = (Milliseconds(CLOCK_MONOTONIC) - begin) / 1e3;
  };
  std::printf("%u threads decide; %d policies a set\n", threads_that_decide, policies);
  std::uint64_t mixed = run("while sets are swapped", swap_all);
  // As busy a third thread, without swaps: what the machine does to the same decisions.
  mixed += run("while sets are loaded", [&] {
    const double begin = Milliseconds(CLOCK_MONOTONIC);
    while ((Milliseconds(CLOCK_MONOTONIC) - begin) / 1e3 < seconds) {
      static_cast<void>(policy::LoadPolicySet(files[0]));
    }
  });
  std::printf("%d swaps; the longest call of Replace, with freeing, took %.3f ms\n", swaps,
              swap_ms);
  return mixed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace kulanz

int main(int argc, char** argv) {
  return kulanz::Run(argc > 1 ? std::atoi(argv[1]) : 1000, argc > 2 ? std::atoi(argv[2]) : 200);
}
