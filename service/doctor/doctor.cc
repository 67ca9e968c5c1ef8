#include "service/doctor/doctor.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>
#include <tuple>
#include <utility>

#include "service/base/task.h"

namespace kulanz::doctor {
namespace {

constexpr std::uint32_t kPageKeys = 500;
constexpr std::chrono::seconds kPageTime{10};

using Suspicion = std::pair<ports::Key, std::size_t>;  // which check

class Examination {
 public:
  Examination(const Tools& tools, const Settings& settings)
      : tools_(tools), settings_(settings), checks_(AllChecks(tools)) {}

  Result<Report> Run() {
    KULANZ_RETURN_IF_ERROR(LookAtGenesis());
    if (!report_.findings.empty()) {
      return std::move(report_);  // Nothing of such a store can be believed.
    }
    for (const auto& check : checks_) {
      KULANZ_RETURN_IF_ERROR(check->Begin());
    }
    KULANZ_RETURN_IF_ERROR(Scan());
    KULANZ_RETURN_IF_ERROR(LookAgain());
    for (const auto& check : checks_) {
      KULANZ_ASSIGN_OR_RETURN(Findings findings, check->End());
      Add(std::move(findings));
    }
    std::sort(report_.findings.begin(), report_.findings.end(),
              [](const Finding& a, const Finding& b) {
                return std::tie(a.kind, a.key) < std::tie(b.kind, b.key);
              });
    return std::move(report_);
  }

 private:
  // Each partition's first answer says whether it belongs to this store.
  Status LookAtGenesis() {
    for (std::uint32_t number = 0; number < tools_.keys.partition_count(); ++number) {
      const ports::PartitionId partition{static_cast<std::uint16_t>(number)};
      const ports::Key key = tools_.keys.Agenda(partition);
      const auto read = ReadIndex(tools_, {key, 0, 0, 1, false});
      if (read.status().reason() == "NO_GENESIS") {
        Add({{"NO_GENESIS", Severity::kDamage, key,
              read.status().message() +
                  "; servers refuse this partition. Was the database emptied, or is it another?"}});
      } else if (!read.ok()) {
        return read.status();
      }
    }
    return Status::Ok();
  }

  Status Scan() {
    std::string cursor;
    do {
      const Deadline deadline = std::chrono::steady_clock::now() + kPageTime;
      KULANZ_ASSIGN_OR_RETURN(ports::ScanPage page,
                              SyncWait(tools_.scan.Scan(cursor, kPageKeys, deadline)));
      std::vector<Suspicion> work;
      for (const ports::Key& key : page.keys) {
        ++report_.records[key.kind];
        for (std::size_t check = 0; check < checks_.size(); ++check) {
          if (checks_[check]->Wants(key.kind)) {
            work.emplace_back(key, check);
          }
        }
      }
      report_.foreign += page.foreign;
      KULANZ_RETURN_IF_ERROR(Spread(work, false, [this](const Suspicion& one, Findings findings) {
        if (!findings.empty()) {
          suspicions_.insert(one);
        }
      }));
      cursor = std::move(page.next);
      if (settings_.progress) {
        settings_.progress(page.per_mille);
      }
    } while (!cursor.empty());
    return Status::Ok();
  }

  Status LookAgain() {
    if (suspicions_.empty()) {
      return Status::Ok();
    }
    std::this_thread::sleep_for(settings_.settle);
    const std::vector<Suspicion> work(suspicions_.begin(), suspicions_.end());
    return Spread(work, settings_.repair, [this](const Suspicion&, Findings findings) {
      report_.passing += findings.empty() ? 1U : 0U;
      Add(std::move(findings));
    });
  }

  void Add(Findings findings) {
    std::move(findings.begin(), findings.end(), std::back_inserter(report_.findings));
  }

  // Examines all of `work` on several threads; `take` is called by one at a time. The first failure.
  Status Spread(const std::vector<Suspicion>& work, bool repair,
                const std::function<void(const Suspicion&, Findings)>& take) {
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    Status failure;  // under mutex, as take
    const auto examine = [&] {
      for (std::size_t i = next++; i < work.size(); i = next++) {
        Result<Findings> findings = checks_[work[i].second]->Examine(work[i].first, repair);
        const std::lock_guard lock(mutex);
        if (!findings.ok()) {
          failure = failure.ok() ? findings.status() : failure;
          next = work.size();
          return;
        }
        take(work[i], *std::move(findings));
      }
    };
    std::vector<std::thread> threads;
    for (std::size_t t = 1; t < std::min(settings_.threads, work.size()); ++t) {
      threads.emplace_back(examine);
    }
    examine();
    for (std::thread& thread : threads) {
      thread.join();
    }
    return failure;
  }

  const Tools& tools_;
  const Settings& settings_;
  const std::vector<std::unique_ptr<Check>> checks_;
  std::set<Suspicion> suspicions_;
  Report report_;
};

}  // namespace

std::size_t Report::Count(Severity severity) const {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(), [severity](const Finding& finding) {
        return finding.severity == severity && !finding.repaired;
      }));
}

std::size_t Report::repaired() const {
  return static_cast<std::size_t>(std::count_if(
      findings.begin(), findings.end(), [](const Finding& finding) { return finding.repaired; }));
}

Result<Report> Examine(const Tools& tools, const Settings& settings) {
  return Examination(tools, settings).Run();
}

}  // namespace kulanz::doctor
