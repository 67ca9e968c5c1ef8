// kulanzd: the server. Serves until SIGTERM or SIGINT; SIGHUP loads policies and secrets again.

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

#include "service/adapters/system/json_log.h"
#include "service/kulanzd/config.h"
#include "service/kulanzd/server.h"

namespace kulanz::server {
namespace {

constexpr long kTickNs = 250'000'000;
constexpr int kExitForRestart = 70;  // EX_SOFTWARE of sysexits.h

// Before any thread exists: they inherit it, so that signals reach the main thread only.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    sigaddset(&signals, signal);
  }
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);  // A peer that hangs up is an error of a write, not the end of us.
  return signals;
}

// Each connection is a descriptor, and gRPC copes badly with having none left.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

// Lets a thread finish what it does before another gets the processor; threads made later inherit it.
void AskForBatchScheduling(ports::Log& log) {
  const sched_param parameters{};
  if (sched_setscheduler(0, SCHED_BATCH, &parameters) != 0) {
    log.Info("sched_batch_refused", "the scheduling class stays as it was");
  }
}

int Serve(const Config& config) {
  const sigset_t signals = BlockSignals();
  RaiseDescriptorLimit();
  adapters::JsonLog::Options log_options;
  log_options.level_min = config.log_level;
  log_options.events_per_second_of["call"] = config.logging.lines_per_second;
  adapters::JsonLog log(log_options);
  if (config.sched_batch) {
    AskForBatchScheduling(log);
  }
  Result<std::unique_ptr<Server>> server = Server::Start(config, log);
  if (!server.ok()) {
    log.Error("start_failed", server.status().message(),
              {{"reason", std::string(server.status().reason())}});
    std::fprintf(stderr, "kulanzd: %s\n", server.status().message().c_str());
    return 1;
  }
  int exit_code = 0;
  while (true) {
    const timespec tick{0, kTickNs};
    const int signal = sigtimedwait(&signals, nullptr, &tick);
    if (signal == SIGHUP) {
      (*server)->Reload();
    } else if (signal == SIGTERM || signal == SIGINT) {
      log.Info("stopping", "stopping; a second signal ends at once", {});
      break;
    }
    (*server)->Tick();
    if ((*server)->NeedsRestart()) {
      log.Error("stopping_for_restart",
                "new connections are not answered; whoever started this "
                "server shall start it anew");
      exit_code = kExitForRestart;
      break;
    }
  }
  signal(SIGHUP, SIG_IGN);  // There is nothing to read again any more.
  pthread_sigmask(SIG_UNBLOCK, &signals,
                  nullptr);  // A second TERM or INT takes its default course.
  (*server)->Stop();
  log.Info("stopped", "stopped in order");
  return exit_code;
}

}  // namespace
}  // namespace kulanz::server

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const kulanz::server::ParsedConfig parsed = kulanz::server::ParseConfig(arguments);
  if (!parsed.serve) {
    std::fputs(parsed.text.c_str(), parsed.exit_code == 0 ? stdout : stderr);
    return parsed.exit_code;
  }
  return kulanz::server::Serve(parsed.config);
}
