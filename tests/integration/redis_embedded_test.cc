// EmbeddedRedis: a server as our child, through crashes of either side.

#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "service/adapters/redis/embedded.h"
#include "tests/integration/redis_fixture.h"

namespace kulanz::redis {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

class RedisEmbedded : public ::testing::Test {
 protected:
  RedisEmbedded() {
    std::string path = (std::filesystem::temp_directory_path() / "kulanz-embedded-XXXXXX").string();
    EXPECT_NE(mkdtemp(path.data()), nullptr);
    directory_ = path + "/data";
  }
  ~RedisEmbedded() override {
    std::error_code ignored;
    std::filesystem::remove_all(std::filesystem::path(directory_).parent_path(), ignored);
  }

  EmbeddedRedis::Options Options() const {
    EmbeddedRedis::Options options;
    options.directory = directory_;
    options.backoff_min = Duration(5);
    return options;
  }
  std::unique_ptr<EmbeddedRedis> Start() {
    Result<std::unique_ptr<EmbeddedRedis>> redis = EmbeddedRedis::Start(Options(), log_);
    EXPECT_THAT(redis, IsOk());
    return redis.ok() ? *std::move(redis) : nullptr;
  }
  static Result<Reply> Run(const RedisAddress& address,
                           std::initializer_list<std::string_view> args) {
    KULANZ_ASSIGN_OR_RETURN(BlockingClient client,
                            BlockingClient::Connect(address, Duration(5000)));
    return client.Run(args);
  }
  static bool IsAlive(pid_t pid) { return kill(pid, 0) == 0; }

  std::string directory_;
  RecordingLog log_;
};

TEST_F(RedisEmbedded, ItKeepsWhatItIsGivenAndListensToItsSocketOnly) {
  auto redis = Start();
  ASSERT_THAT(Run(redis->address(), {"SET", "a", "1"}), IsOk());
  EXPECT_EQ(Run(redis->address(), {"CONFIG", "GET", "port"})->elements[1].text, "0");
  EXPECT_EQ(Run(redis->address(), {"CONFIG", "GET", "appendonly"})->elements[1].text, "yes");
  EXPECT_EQ(Run(redis->address(), {"CONFIG", "GET", "save"})->elements[1].text, "");
  EXPECT_EQ(Run(redis->address(), {"CONFIG", "GET", "appendfsync"})->elements[1].text, "everysec");
  EXPECT_EQ(Run(redis->address(), {"CONFIG", "GET", "maxmemory-policy"})->elements[1].text,
            "noeviction");
  EXPECT_EQ(std::filesystem::status(directory_).permissions(), std::filesystem::perms::owner_all);
  const pid_t pid = redis->pid();
  redis->Stop();
  EXPECT_FALSE(IsAlive(pid));
  redis.reset();

  redis = Start();
  EXPECT_EQ(Run(redis->address(), {"GET", "a"})->text, "1");
}

TEST_F(RedisEmbedded, AKilledServerIsStartedAgainAndTheStoreRecovers) {
  const auto redis = Start();
  ASSERT_THAT(Initialise({redis->address(), {"embedded", 4}}), IsOk());
  RedisOptions options;
  options.address = redis->address();
  options.backoff_min = Duration(5);
  ports::NullTelemetry telemetry;
  ASSERT_OK_AND_ASSIGN(const auto store,
                       RedisStore::Open(options, log_, telemetry, In(seconds(20))));
  const pid_t first = redis->pid();
  kill(first, SIGKILL);
  ASSERT_TRUE(Eventually([&] { return redis->restarts() == 1 && redis->pid() > 0; }));
  EXPECT_NE(redis->pid(), first);
  EXPECT_TRUE(Eventually([&] {
    return SyncWait(store->Commit(PutTransaction(RecordKey("a"), "x"), In(seconds(1)))).ok();
  }));
  EXPECT_TRUE(log_.Has("redis_ended")) << "an operator must hear of it";
}

TEST_F(RedisEmbedded, TwoOwnersNeverShareADirectory) {
  const auto redis = Start();
  EmbeddedRedis::Options options = Options();
  options.start_timeout = Duration(100);
  const auto second = EmbeddedRedis::Start(options, log_);
  EXPECT_THAT(second, StatusIs(Code::kFailedPrecondition, "STORE_IN_USE"));
  EXPECT_THAT(second.status().message(), HasSubstr(std::to_string(redis->pid())));
  EXPECT_THAT(Run(redis->address(), {"PING"}), IsOk()) << "the first goes on";
}

TEST_F(RedisEmbedded, ItEndsWithAnOwnerThatIsKilledAndTheNextOwnerFindsTheData) {
  // The owner is a process of its own, which tells the pid of its server and waits to be killed.
  std::array<int, 2> ready{};
  ASSERT_EQ(pipe(ready.data()), 0);
  const pid_t owner = fork();
  if (owner == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    auto redis = EmbeddedRedis::Start(Options(), log_);
    pid_t server = -1;
    if (redis.ok() && Run((*redis)->address(), {"SET", "a", "1"}).ok()) {
      server = (*redis)->pid();
    }
    [[maybe_unused]] const ssize_t size = write(ready[1], &server, sizeof server);
    for (;;) {
      pause();
    }
  }
  pid_t server = -1;
  ASSERT_EQ(read(ready[0], &server, sizeof server), static_cast<ssize_t>(sizeof server));
  close(ready[0]);
  close(ready[1]);
  ASSERT_GT(server, 0);
  kill(owner, SIGKILL);
  waitpid(owner, nullptr, 0);
  // Started at once: it waits for the left-over server instead of sharing its file.
  const auto redis = Start();
  ASSERT_NE(redis, nullptr);
  EXPECT_NE(redis->pid(), server);
  EXPECT_EQ(Run(redis->address(), {"GET", "a"})->text, "1");
}

TEST_F(RedisEmbedded, AnOrphanThatDoesNotEndIsNamedInsteadOfShared) {
  std::filesystem::create_directories(directory_);
  const int lock = open((directory_ + "/redis.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(flock(lock, LOCK_EX), 0);
  std::ofstream(directory_ + "/redis.pid") << "4711\n";
  EmbeddedRedis::Options options = Options();
  options.start_timeout = Duration(50);
  const auto redis = EmbeddedRedis::Start(options, log_);
  EXPECT_THAT(redis, StatusIs(Code::kFailedPrecondition, "STORE_IN_USE"));
  EXPECT_THAT(redis.status().message(), HasSubstr("4711"));
  close(lock);
}

TEST_F(RedisEmbedded, AStartThatFailsSaysWhy) {
  EmbeddedRedis::Options options = Options();
  options.program = "/nonexistent/redis-server";
  Status failure = EmbeddedRedis::Start(options, log_).status();
  EXPECT_THAT(failure, StatusIs(Code::kUnavailable, "REDIS_NOT_STARTED"));
  EXPECT_THAT(failure.message(), HasSubstr("/nonexistent/redis-server is not installed"));

  { Start(); }
  for (const auto& entry : std::filesystem::directory_iterator(directory_ + "/appendonlydir")) {
    if (entry.path().extension() == ".aof") {
      std::ofstream(entry.path()) << "*3\r\n$3\r\nSET\r\nbroken";
    }
  }
  failure = EmbeddedRedis::Start(Options(), log_).status();
  EXPECT_THAT(failure, StatusIs(Code::kUnavailable, "REDIS_NOT_STARTED"));
  EXPECT_THAT(failure.message(), HasSubstr("AOF")) << "Redis' own words must be there";

  options = Options();
  options.directory = "relative";
  EXPECT_THAT(EmbeddedRedis::Start(options, log_),
              StatusIs(Code::kInvalidArgument, "DATA_DIRECTORY"));
  options.directory = "/" + std::string(120, 'd');
  EXPECT_THAT(EmbeddedRedis::Start(options, log_),
              StatusIs(Code::kInvalidArgument, "DATA_DIRECTORY"));
}

TEST_F(RedisEmbedded, AServerThatIgnoresSigtermIsKilled) {
  EmbeddedRedis::Options options = Options();
  options.stop_timeout = Duration(50);
  ASSERT_OK_AND_ASSIGN(const auto redis, EmbeddedRedis::Start(options, log_));
  const pid_t pid = redis->pid();
  kill(pid, SIGSTOP);
  redis->Stop();
  EXPECT_FALSE(IsAlive(pid));
  EXPECT_TRUE(log_.Has("redis_killed"));
}

}  // namespace
}  // namespace kulanz::redis
