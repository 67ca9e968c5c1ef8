#include "tests/support/redis/temp_server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>

#include "tests/support/eventually.h"

namespace kulanz::testing {
namespace {

constexpr int kRunAttempts = 5;

// In the child, between fork and exec: only what is safe there.
[[noreturn]] void ExecRedis(const std::vector<std::string>& arguments, const std::string& log) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int log_fd = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  dup2(log_fd, STDOUT_FILENO);
  dup2(log_fd, STDERR_FILENO);
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): exec changes nothing
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  execvp("redis-server", argv.data());
  _exit(127);
}

}  // namespace

std::uint16_t FreePort() {
  // Below the ports that the system gives to connections. Programs that run side by side begin apart.
  constexpr int kFirst = 16'000;
  constexpr int kCount = 16'000;
  static std::atomic<int> next{static_cast<int>(getpid()) * 61 % kCount};
  for (int attempt = 0; attempt < kCount; ++attempt) {
    const auto port = static_cast<std::uint16_t>(kFirst + next.fetch_add(1) % kCount);
    const int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how the sockets API is
    const int bound = bind(socket_fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
    close(socket_fd);
    if (bound == 0) {
      return port;
    }
  }
  ADD_FAILURE() << "no port of loopback is free";
  return 0;
}

TempServer::TempServer() {
  std::string path = (std::filesystem::temp_directory_path() / "kulanz-redis-XXXXXX").string();
  EXPECT_NE(mkdtemp(path.data()), nullptr);
  directory_ = path;
}

TempServer::~TempServer() {
  if (pid_ > 0) {
    Kill();
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

redis::RedisAddress TempServer::address() const {
  redis::RedisAddress address;
  address.unix_path = directory_ + "/s";
  return address;
}

void TempServer::Kill(int signal) {
  ASSERT_GT(pid_, 0) << "it is not running";
  kill(pid_, signal);
  kill(pid_, SIGCONT);  // one that is frozen ends as well
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
}

void TempServer::Start() {
  ASSERT_EQ(pid_, -1) << "it is running already";
  std::vector<std::string> arguments{"redis-server"};
  arguments.insert(arguments.end(), arguments_.begin(), arguments_.end());
  const std::string log = directory_ + "/log";
  pid_ = fork();
  if (pid_ == 0) {
    ExecRedis(arguments, log);
  }
  ASSERT_GT(pid_, 0);
  ASSERT_TRUE(Eventually([this] {
    const Result<redis::Reply> reply = TryRun({"PING"});
    return reply.ok() && reply->text == "PONG";
  })) << "redis-server must come up; see "
      << log;
}

void TempServer::Freeze() { ASSERT_EQ(kill(pid_, SIGSTOP), 0); }
void TempServer::Thaw() { ASSERT_EQ(kill(pid_, SIGCONT), 0); }

redis::Reply TempServer::Run(std::initializer_list<std::string_view> args) const {
  Result<redis::Reply> reply = TryRun(args);
  for (int attempt = 1;
       attempt < kRunAttempts && !reply.ok() && reply.status().reason() == "STORE_UNREACHABLE";
       ++attempt) {
    reply = TryRun(args);
  }
  EXPECT_TRUE(reply.ok()) << *args.begin() << ": " << reply.status().ToString();
  return reply.ok() ? *std::move(reply) : redis::Reply{};
}

Result<redis::Reply> TempServer::TryRun(std::initializer_list<std::string_view> args) const {
  KULANZ_ASSIGN_OR_RETURN(redis::BlockingClient client,
                          redis::BlockingClient::Connect(address(), Duration(5000)));
  return client.Run(args);
}

Result<redis::Reply> TempServer::TryRun(const std::vector<std::string>& args) const {
  KULANZ_ASSIGN_OR_RETURN(redis::BlockingClient client,
                          redis::BlockingClient::Connect(address(), Duration(5000)));
  return client.Run(args);
}

}  // namespace kulanz::testing
