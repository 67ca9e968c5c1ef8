#include "tests/support/redis/temp_redis.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "tests/support/eventually.h"

namespace kulanz::testing {
namespace {

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

TempRedis::TempRedis(std::vector<std::string> arguments) : arguments_(std::move(arguments)) {
  std::string path = (std::filesystem::temp_directory_path() / "kulanz-redis-XXXXXX").string();
  EXPECT_NE(mkdtemp(path.data()), nullptr);
  directory_ = path;
  Start();
}

TempRedis::~TempRedis() {
  if (pid_ > 0) {
    Kill();
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

redis::RedisAddress TempRedis::address() const {
  redis::RedisAddress address;
  address.unix_path = directory_ + "/s";
  return address;
}

void TempRedis::Kill(int signal) {
  ASSERT_GT(pid_, 0) << "it is not running";
  kill(pid_, signal);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
}

void TempRedis::Start() {
  ASSERT_EQ(pid_, -1) << "it is running already";
  std::vector<std::string> arguments{"redis-server",
                                     "--port",
                                     "0",
                                     "--unixsocket",
                                     directory_ + "/s",
                                     "--dir",
                                     directory_,
                                     "--save",
                                     "",
                                     "--appendonly",
                                     "yes",
                                     "--maxmemory-policy",
                                     "noeviction",
                                     "--enable-debug-command",
                                     "yes"};
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

void TempRedis::Freeze() { ASSERT_EQ(kill(pid_, SIGSTOP), 0); }
void TempRedis::Thaw() { ASSERT_EQ(kill(pid_, SIGCONT), 0); }

redis::Reply TempRedis::Run(std::initializer_list<std::string_view> args) const {
  Result<redis::Reply> reply = TryRun(args);
  EXPECT_TRUE(reply.ok()) << *args.begin() << ": " << reply.status().ToString();
  return reply.ok() ? *std::move(reply) : redis::Reply{};
}

Result<redis::Reply> TempRedis::TryRun(std::initializer_list<std::string_view> args) const {
  KULANZ_ASSIGN_OR_RETURN(redis::BlockingClient client,
                          redis::BlockingClient::Connect(address(), Duration(5000)));
  return client.Run(args);
}

}  // namespace kulanz::testing
