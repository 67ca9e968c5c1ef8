#include "tests/e2e/fleet.h"

#include <poll.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "service/adapters/system/system_entropy.h"
#include "service/base/check.h"
#include "service/wiring/secrets.h"
#include "tests/support/audit/audited_server.h"
#include "tests/support/redis/temp_server.h"

namespace kulanz::e2e {
namespace {

namespace fs = std::filesystem;

// Quoted-printable breaks long lines, also in the middle of a code.
std::string Unfolded(std::string text) {
  for (const char* const line_end : {"=\r\n", "=\n"}) {
    for (std::size_t at = 0; (at = text.find(line_end, at)) != std::string::npos;) {
      text.erase(at, std::string(line_end).size());
    }
  }
  return text;
}

// As the message of the audited policies has it: "Incident I-7, code AUDIT-...".
std::string Between(const std::string& text, const std::string& before, const std::string& after) {
  const std::size_t found = text.find(before);
  if (found == std::string::npos) {
    return "";
  }
  const std::size_t begin = found + before.size();
  std::string between = text.substr(begin, text.find(after, begin) - begin);
  if (!between.empty() && between.back() == '\r') {
    between.pop_back();
  }
  return between;
}

}  // namespace

Fleet::Fleet(const Options& options, std::string redis_url, audit::Auditor& auditor)
    : options_(options),
      redis_url_(std::move(redis_url)),
      auditor_(auditor),
      servers_(options.servers) {
  audit::AuditedSetup::WriteRules(directory_.path() + "/rules");
  // By its variable: a program that is older than the option does not mind it.
  setenv("KULANZ_TRUSTED_CALLERS", "loopback",
         1);  // NOLINT(concurrency-mt-unsafe): before any thread
  adapters::SystemEntropy entropy;
  KULANZ_CHECK(wiring::CreateSecrets(directory_.path() + "/secrets", entropy).ok(),
               "a test can make secrets");
  for (Server& server : servers_) {
    const int port = options.keeps_addresses ? kulanz::testing::FreePort() : 0;
    listen_.push_back("127.0.0.1:" + std::to_string(port));
    server.program = StartProgram(listen_.size() - 1, options.program);
    server.service = std::make_unique<RemoteService>();
  }
  collector_ = std::thread([this] {
    while (!over_.load()) {
      CollectLetters();
      poll(nullptr, 0, 100);
    }
  });
}

Fleet::~Fleet() {
  over_.store(true);
  collector_.join();
}

std::unique_ptr<ServerProcess> Fleet::StartProgram(std::size_t number,
                                                   const std::string& program) const {
  const std::string& path = directory_.path();
  std::vector<std::string> arguments = {
      "--redis",         redis_url_,     "--initialise", "--partitions",     "32",
      "--data",          path + "/data", "--rules",      path + "/rules",    "--secrets",
      path + "/secrets", "--mail-dir",   path + "/mail", "--default-locale", "en"};
  arguments.insert(arguments.end(), options_.arguments.begin(), options_.arguments.end());
  return std::make_unique<ServerProcess>(std::move(arguments), listen_.at(number), program);
}

bool Fleet::AwaitServing() {
  for (Server& server : servers_) {
    if (!server.program->AwaitServing()) {
      return false;
    }
    server.service->ConnectTo(server.program->NewChannel());
  }
  return true;
}

std::vector<audit::ServiceClient*> Fleet::clients() {
  std::vector<audit::ServiceClient*> clients;
  for (const Server& server : servers_) {
    clients.push_back(server.service.get());
  }
  return clients;
}

bool Fleet::Restart(std::size_t number, const std::string& program) {
  Server& server = servers_.at(number);
  if (server.program->is_running()) {
    server.program->Signal(SIGKILL);
    if (options_.keeps_addresses) {
      server.program->AwaitExit();
    }
  }
  auto next = StartProgram(number, program);
  const bool serves = next->AwaitServing();
  logs_of_the_dead_ += server.program->log();
  server.program = std::move(next);
  if (serves) {
    server.service->ConnectTo(server.program->NewChannel());
  }
  return serves;
}

Outcome Fleet::Examine() const {
  return RunProgram("kulanz", {"doctor", "--redis", redis_url_, "--secrets",
                               directory_.path() + "/secrets", "--settle-seconds", "2"});
}

std::string Fleet::AllLogs() const {
  std::string logs = logs_of_the_dead_;
  for (const Server& server : servers_) {
    logs += server.program->log();
  }
  return logs;
}

void Fleet::CollectLetters() {
  std::error_code none_yet;
  for (const auto& file : fs::directory_iterator(directory_.path() + "/mail/new", none_yet)) {
    if (!collected_.insert(file.path().filename()).second) {
      continue;
    }
    const std::string text = Unfolded(ReadFile(file.path()));
    const std::string incident = Between(text, "Incident ", ", code ");
    const std::string code = Between(text, ", code ", "\n");
    if (incident.empty() || code.empty()) {
      auditor_.Broken("a letter without incident and code");
    } else {
      auditor_.Delivered(incident, code);
    }
  }
}

}  // namespace kulanz::e2e
