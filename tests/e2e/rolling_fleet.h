// RollingFleet: servers that are ended and started one after the other, as an orchestrator does it, under a load of
// clients that do what deploy/client tells them to and nothing else.
//
// Each client has one channel to all servers, with the service config of deploy/client: it balances, looks at health
// and repeats what is UNAVAILABLE up to three times. What a client is told beyond that counts as an error.
//
// Thread-safety: one owner.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/e2e/fleet.h"
#include "tests/e2e/remote_service.h"
#include "tests/support/audit/auditor.h"
#include "tests/support/audit/workload.h"

namespace kulanz::e2e {

class RollingFleet {
 public:
  // `program`: see Fleet::Options.
  RollingFleet(std::size_t servers, const std::string& program, std::string redis_url,
               audit::Auditor& auditor);
  ~RollingFleet();
  RollingFleet(const RollingFleet&) = delete;
  RollingFleet& operator=(const RollingFleet&) = delete;

  // All serve, and the load has begun.
  bool Start();
  // SIGTERM, and how long it took to end. Its exit code, its log and the leases that it left in the store are
  // expectations.
  std::chrono::milliseconds End(std::size_t number);
  // Starts what was ended. True once it serves and every client is answered by it.
  bool Begin(std::size_t number, const std::string& program);
  // Until so many more operations have ended.
  bool GoesOn(std::uint64_t operations) const;
  // Ends the load. Everything that was acknowledged is asked for again, every letter is there and was sent once, the
  // auditor has nothing to say and `kulanz doctor` neither; after that all servers end, and leave no lease at all.
  void Finish();

  std::size_t size() const { return fleet_.size(); }
  const audit::Workload& load() const { return *load_; }
  // What clients were told to repeat beyond the retry policy, by reason.
  std::map<std::string, std::uint64_t> errors() const { return load_->refusals(); }
  // The most servers that were seen to hold leases at once.
  std::size_t holders_max() const { return holders_max_; }
  void Print(const std::string& what) const;

 private:
  // Who has open leases of budgets, by the records of the store.
  std::set<std::string> LeaseHolders() const;

  const std::string redis_url_;
  audit::Auditor& auditor_;
  Fleet fleet_;
  std::vector<std::unique_ptr<RemoteService>> clients_;
  std::unique_ptr<audit::Workload> load_;
  std::size_t holders_max_ = 0;
  std::vector<std::chrono::milliseconds> endings_;
};

}  // namespace kulanz::e2e
