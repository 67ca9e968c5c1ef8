#include "tests/e2e/programs.h"

#include <fcntl.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <sstream>

#include "service/adapters/system/system_entropy.h"
#include "service/base/check.h"
#include "service/wiring/secrets.h"
#include "tests/support/eventually.h"
#include "tests/support/paths/paths.h"

namespace kulanz::e2e {
namespace {

using kulanz::testing::Eventually;

// Starts a program with both outputs in `log`; it dies with us.
pid_t Start(const std::string& program, const std::vector<std::string>& arguments,
            const std::string& log) {
  const std::string path = program.starts_with('/') ? program : test::BinPath(program);
  std::vector<std::string> texts = {path};
  texts.insert(texts.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  argv.reserve(texts.size() + 1);
  for (std::string& text : texts) {
    argv.push_back(text.data());
  }
  argv.push_back(nullptr);
  const int out = open(log.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
  KULANZ_CHECK(out >= 0, "a test can write its files");
  const pid_t pid = fork();
  KULANZ_CHECK(pid >= 0, "a test can start a program");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execv(path.c_str(), argv.data());
    _exit(127);
  }
  close(out);
  return pid;
}

int ExitCodeOf(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Outcome RunProgram(const std::string& program, const std::vector<std::string>& arguments) {
  const TemporaryDirectory directory;
  const std::string log = directory.path() + "/output";
  const pid_t pid = Start(program, arguments, log);
  int status = 0;
  waitpid(pid, &status, 0);
  return {ExitCodeOf(status), ReadFile(log)};
}

ServerProcess::ServerProcess(std::vector<std::string> arguments, const std::string& listen,
                             const std::string& program) {
  for (const std::string& text :
       {std::string("--listen"), listen, std::string("--metrics"), std::string("127.0.0.1:0"),
        std::string("--port-file"), directory_.path() + "/ports"}) {
    arguments.push_back(text);
  }
  pid_ = Start(program, arguments, directory_.path() + "/log");
}

ServerProcess::~ServerProcess() {
  if (pid_ > 0) {
    Signal(SIGKILL);
    AwaitExit();
  }
}

bool ServerProcess::AwaitPorts() {
  const std::string file = directory_.path() + "/ports";
  const auto has_ended = [&] {
    siginfo_t info{};
    waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
    return info.si_pid != 0;
  };
  const bool there = Eventually([&] { return std::filesystem::exists(file) || has_ended(); });
  std::istringstream lines(ReadFile(file));
  std::string grpc;
  std::string metrics;
  if (!there || !(lines >> grpc >> metrics)) {
    std::fprintf(stderr, "kulanzd did not open its ports:\n%s\n", log().c_str());
    return false;
  }
  address_ = "127.0.0.1:" + grpc.substr(grpc.find('=') + 1);
  metrics_ = "127.0.0.1:" + metrics.substr(metrics.find('=') + 1);
  api_ = std::make_unique<Api>(NewChannel());
  return true;
}

bool ServerProcess::AwaitServing() {
  if (!AwaitPorts()) {
    return false;
  }
  const bool serving = Eventually([&] {
    const auto answer = api_->Health("");
    return answer.ok() && answer->status() == grpc::health::v1::HealthCheckResponse::SERVING;
  });
  if (!serving) {
    std::fprintf(stderr, "kulanzd does not serve:\n%s\n", log().c_str());
  }
  return serving;
}

std::shared_ptr<grpc::Channel> ServerProcess::NewChannel() const {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // A connection of its own.
  return grpc::CreateCustomChannel(address_, grpc::InsecureChannelCredentials(), arguments);
}

void ServerProcess::Signal(int signal) const {
  // To kill(), -1 is everybody.
  KULANZ_CHECK(pid_ > 0, "only a running program is sent a signal");
  kill(pid_, signal);
}

int ServerProcess::AwaitExit(std::chrono::seconds at_most) {
  int status = 0;
  if (!Eventually([&] { return waitpid(pid_, &status, WNOHANG) == pid_; }, at_most)) {
    return -1;
  }
  pid_ = -1;
  return ExitCodeOf(status);
}

std::string ServerProcess::log() const { return ReadFile(directory_.path() + "/log"); }

SharedStore::SharedStore() {
  CopyRules("rules", rules());
  adapters::SystemEntropy entropy;
  KULANZ_CHECK(wiring::CreateSecrets(directory_.path() + "/secrets", entropy).ok(),
               "a test can make secrets");
  redis::EmbeddedRedis::Options options;
  options.directory = directory_.path() + "/redis";
  auto redis = redis::EmbeddedRedis::Start(options, log_);
  KULANZ_CHECK(redis.ok(), "a test can start a Redis");
  redis_ = std::move(redis).value();
}

std::vector<std::string> SharedStore::ServerArguments(bool deliveries) const {
  const std::string& path = directory_.path();
  std::vector<std::string> arguments = {"--redis",         redis_->address().ToString(),
                                        "--initialise",    "--data",
                                        path + "/data",    "--rules",
                                        rules(),           "--secrets",
                                        path + "/secrets", "--mail-dir",
                                        path + "/mail",    "--trusted-callers",
                                        "loopback"};
  if (!deliveries) {
    arguments.emplace_back("--no-deliveries");
  }
  return arguments;
}

std::size_t SharedStore::letters() const {
  std::size_t count = 0;
  for (const char* folder : {"/mail/new", "/mail/cur"}) {
    std::error_code error;
    for (const auto& entry :
         std::filesystem::directory_iterator(directory_.path() + folder, error)) {
      count += entry.is_regular_file() ? 1U : 0U;
    }
  }
  return count;
}

}  // namespace kulanz::e2e
