// Fleet: several kulanzd over one Redis, with the audited policies (audit::AuditedSetup), whose programs can be killed,
// stopped and started while clients call them. Their letters go to one maildir and from there to the auditor.
//
// Thread-safety: clients() from any thread; everything else by one owner.
#pragma once

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/programs.h"
#include "tests/e2e/remote_service.h"
#include "tests/support/audit/auditor.h"

namespace kulanz::e2e {

class Fleet {
 public:
  struct Options {
    std::size_t servers = 1;
    std::vector<std::string> arguments;  // beside those that all fleets have
    std::string program = "kulanzd";     // that they begin with, as ServerProcess takes it
    bool keeps_addresses = false;        // who is started again listens where it was
  };
  Fleet(const Options& options, std::string redis_url, audit::Auditor& auditor);
  Fleet(std::size_t servers, std::string redis_url, audit::Auditor& auditor)
      : Fleet(Options{servers, {}, "kulanzd", false}, std::move(redis_url), auditor) {}
  ~Fleet();
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  // Every program serves; false, with a log printed, when one does not.
  bool AwaitServing();
  std::vector<audit::ServiceClient*> clients();
  std::size_t size() const { return servers_.size(); }
  ServerProcess& program(std::size_t number) { return *servers_.at(number).program; }
  // In the place of one that has ended, or is killed for it; with another program if told so.
  bool Restart(std::size_t number) { return Restart(number, options_.program); }
  bool Restart(std::size_t number, const std::string& program);
  std::string secrets() const { return directory_.path() + "/secrets"; }
  // What `kulanz doctor` says of the store.
  Outcome Examine() const;
  // Of the living and the dead.
  std::string AllLogs() const;

 private:
  struct Server {
    std::unique_ptr<ServerProcess> program;
    std::unique_ptr<RemoteService> service;
  };
  std::unique_ptr<ServerProcess> StartProgram(std::size_t number, const std::string& program) const;
  void CollectLetters();

  const Options options_;
  const TemporaryDirectory directory_;
  const std::string redis_url_;
  audit::Auditor& auditor_;
  std::vector<Server> servers_;
  std::vector<std::string> listen_;  // by server
  std::string logs_of_the_dead_;
  std::set<std::string> collected_;  // files, by the collector only
  std::atomic<bool> over_{false};
  std::thread collector_;
};

}  // namespace kulanz::e2e
