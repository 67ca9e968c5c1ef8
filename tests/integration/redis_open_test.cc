// Initialising a database and opening it: what is verified before the first call.

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "service/adapters/redis/blocking_client.h"
#include "tests/integration/redis_fixture.h"
#include "tests/unit/adapters/system/temp_directory.h"

namespace kulanz::redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

std::string FreePort() { return std::to_string(testing::FreePort()); }

class RedisOpen : public RedisStoreTest {
 protected:
  Status TryOpen(const RedisOptions& options, milliseconds time = seconds(10)) {
    Result<std::unique_ptr<RedisStore>> store =
        RedisStore::Open(options, log_, telemetry_, In(time));
    if (store.ok()) {
      store_ = *std::move(store);
    }
    return store.status();
  }
};

TEST_F(RedisOpen, AStoreIsInitialisedOnceAndNeverOverwritten) {
  ASSERT_THAT(Initialise({server_.address(), TestGenesis()}), IsOk());
  OpenStore(Options());
  EXPECT_EQ(store_->partition_count(), kTestPartitions);
  EXPECT_EQ(store_->genesis(), TestGenesis());
  ASSERT_THAT(Put("a", "1"), IsOk());
  EXPECT_THAT(Initialise({server_.address(), TestGenesis()}), IsOk()) << "again: nothing to do";
  EXPECT_EQ(*Get("a"), "1");
  const auto exists = StatusIs(Code::kAlreadyExists, "STORE_EXISTS");
  EXPECT_THAT(Initialise({server_.address(), {"other", kTestPartitions}}), exists);
  EXPECT_THAT(Initialise({server_.address(), {"test", 2 * kTestPartitions}}), exists);
  EXPECT_THAT(Put("a", "2"), IsOk());
}

TEST_F(RedisOpen, ServersThatStartTogetherMayAllInitialise) {
  for (int round = 0; round < 20; ++round) {
    server_.Run({"FLUSHALL"});
    for (const Status& status : InitialiseTogether({server_.address(), TestGenesis()})) {
      EXPECT_THAT(status, IsOk());
    }
  }
}

TEST_F(RedisOpen, AStoreIsNotInitialisedOverOtherKeysUnlessAllowed) {
  server_.Run({"SET", "somebody", "else"});
  InitialiseOptions options{server_.address(), TestGenesis()};
  EXPECT_THAT(Initialise(options), StatusIs(Code::kFailedPrecondition, "STORE_NOT_EMPTY"));
  EXPECT_EQ(server_.Run({"DBSIZE"}).integer, 1);
  options.allow_other_keys = true;
  EXPECT_THAT(Initialise(options), IsOk());
  EXPECT_EQ(server_.Run({"DBSIZE"}).integer, 1 + kTestPartitions);
}

TEST_F(RedisOpen, ADamagedStoreIsNotInitialisedAnew) {
  InitialiseServer();
  server_.Run({"DEL", GenesisKey({5})});
  EXPECT_THAT(Initialise({server_.address(), TestGenesis()}),
              StatusIs(Code::kFailedPrecondition, "STORE_DAMAGED"));
  const Status missing = TryOpen(Options());
  EXPECT_THAT(missing, StatusIs(Code::kFailedPrecondition, "NO_GENESIS"));
  EXPECT_THAT(missing.message(), HasSubstr("partition 5"));
}

TEST_F(RedisOpen, BadNamesAndNumbersAreRefused) {
  const auto limit = StatusIs(Code::kInvalidArgument, "STORE_LIMIT");
  EXPECT_THAT(Initialise({server_.address(), {"", 8}}), limit);
  EXPECT_THAT(Initialise({server_.address(), {std::string(33, 'a'), 8}}), limit);
  EXPECT_THAT(Initialise({server_.address(), {"a/b", 8}}), limit);
  EXPECT_THAT(Initialise({server_.address(), {"test", 0}}), limit);
  EXPECT_THAT(Initialise({server_.address(), {"test", 12}}), limit);
  EXPECT_THAT(Initialise({server_.address(), {"test", 2048}}), limit);
  EXPECT_THAT(Initialise({server_.address(), {std::string(32, 'a'), 1024}}), IsOk());
  EXPECT_THAT(TryOpen(Options()), IsOk());
  EXPECT_EQ(store_->partition_count(), 1024U);
}

TEST_F(RedisOpen, ADatabaseWithoutGenesisIsRefused) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(TryOpen(Options()), StatusIs(Code::kFailedPrecondition, "NO_GENESIS"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(5)) << "waiting changes nothing";
}

TEST_F(RedisOpen, AnotherStoreThanTheExpectedOneIsRefused) {
  InitialiseServer();
  RedisOptions options = Options();
  options.genesis = Genesis{"expected", kTestPartitions};
  EXPECT_THAT(TryOpen(options), StatusIs(Code::kFailedPrecondition, "NO_GENESIS"));
  options.genesis = TestGenesis();
  EXPECT_THAT(TryOpen(options), IsOk());
}

TEST_F(RedisOpen, AServerThatMayEvictOrForgetIsRefusedUnlessWaived) {
  InitialiseServer();
  server_.Run({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"});
  Status refused = TryOpen(Options());
  EXPECT_THAT(refused, StatusIs(Code::kUnavailable, "STORE_REFUSED"));
  EXPECT_THAT(refused.message(), HasSubstr("noeviction"));
  RedisOptions options = Options();
  options.noeviction = Requirement::kWarn;
  EXPECT_THAT(TryOpen(options), IsOk());
  EXPECT_TRUE(log_.Has("store_durability_waived"));

  server_.Run({"CONFIG", "SET", "maxmemory-policy", "noeviction", "appendonly", "no"});
  refused = TryOpen(Options());
  EXPECT_THAT(refused, StatusIs(Code::kUnavailable, "STORE_REFUSED"));
  EXPECT_THAT(refused.message(), HasSubstr("appendonly"));
  options = Options();
  options.append_only = Requirement::kWarn;
  EXPECT_THAT(TryOpen(options), IsOk());
}

TEST_F(RedisOpen, AReplicaIsRefused) {
  InitialiseServer();
  server_.Run({"REPLICAOF", "127.0.0.1", "1"});
  EXPECT_THAT(TryOpen(Options()), StatusIs(Code::kUnavailable, "STORE_READ_ONLY"));
}

TEST_F(RedisOpen, AnAbsentServerIsWaitedForOnlyWhenTheGenesisIsKnown) {
  InitialiseServer();
  server_.Kill();
  RedisOptions options = Options();
  EXPECT_THAT(TryOpen(options, milliseconds(50)),
              StatusIs(Code::kUnavailable, "STORE_UNREACHABLE"));
  options.genesis = TestGenesis();
  ASSERT_THAT(TryOpen(options, milliseconds(50)), IsOk());
  EXPECT_EQ(store_->partition_count(), kTestPartitions);
  EXPECT_EQ(store_->Now(), std::nullopt);
  EXPECT_THAT(store_->Health(), StatusIs(Code::kUnavailable, "STORE_UNREACHABLE"));
  EXPECT_THAT(Put("a", "1"), StatusIs(Code::kUnavailable, "STORE_UNREACHABLE"));
  server_.Start();
  EXPECT_TRUE(Recovers());
  EXPECT_TRUE(store_->Now().has_value());
}

TEST_F(RedisOpen, ThePasswordIsUsedAndNeverShown) {
  InitialiseServer();
  server_.Run({"CONFIG", "SET", "requirepass", "s3cret"});
  RedisOptions options = Options();
  EXPECT_THAT(TryOpen(options), StatusIs(Code::kUnavailable, "STORE_REFUSED"));
  options.address.password = "wr0ng";
  const Status wrong = TryOpen(options);
  EXPECT_THAT(wrong, StatusIs(Code::kUnavailable, "STORE_REFUSED"));
  EXPECT_EQ(wrong.ToString().find("wr0ng"), std::string::npos);
  options.address.password = "s3cret";
  EXPECT_THAT(TryOpen(options), IsOk());
  EXPECT_FALSE(log_.Has("s3cret"));
  EXPECT_FALSE(log_.Has("wr0ng"));
}

TEST_F(RedisOpen, EachDatabaseNumberIsAStoreOfItsOwn) {
  RedisOptions options = Options();
  options.address.database = 3;
  ASSERT_THAT(Initialise({options.address, {"third", 2}}), IsOk());
  ASSERT_THAT(TryOpen(options), IsOk());
  EXPECT_EQ(store_->genesis().store_id, "third");
  EXPECT_THAT(TryOpen(Options()), StatusIs(Code::kFailedPrecondition, "NO_GENESIS"));
  options.address.database = 99;
  EXPECT_THAT(TryOpen(options), StatusIs(Code::kUnavailable, "STORE_REFUSED"));
}

TEST_F(RedisOpen, SeveralConnectionsAreOneStore) {
  RedisOptions options = Options();
  options.connections = 3;
  InitialiseAndOpen(options);
  for (std::uint16_t partition = 0; partition < kTestPartitions; ++partition) {
    const ports::Key key = RecordKey("a", partition);
    ASSERT_THAT(SyncWait(store_->Commit(PutTransaction(key, "x"), In(seconds(10)))), IsOk());
    std::vector<ports::Key> keys{key};
    ASSERT_OK_AND_ASSIGN(const auto records, SyncWait(store_->Read(keys, In(seconds(10)))));
    EXPECT_EQ(records.front().value, "x");
  }
  server_.Run({"CLIENT", "KILL", "TYPE", "normal"});
  EXPECT_TRUE(Recovers());
}

TEST_F(RedisOpen, UselessOptionsAreRefused) {
  const auto bad = StatusIs(Code::kInvalidArgument, "REDIS_OPTIONS");
  RedisOptions options = Options();
  options.connections = 0;
  EXPECT_THAT(TryOpen(options), bad);
  options.connections = kConnectionsMax + 1;
  EXPECT_THAT(TryOpen(options), bad);
  options = Options();
  options.address = {};
  EXPECT_THAT(TryOpen(options), bad);
  options = Options();
  options.reply_timeout = Duration(0);
  EXPECT_THAT(TryOpen(options), bad);
  options = Options();
  options.replicas_to_wait = 1;
  options.wait_timeout = options.reply_timeout;
  EXPECT_THAT(TryOpen(options), bad);
}

// A server on TCP that accepts connections by its backlog and says only what it is told to.
class FakeServer {
 public:
  FakeServer() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): how the sockets API is
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(socket_, 16), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
    port_ = ntohs(address.sin_port);
  }
  ~FakeServer() { close(socket_); }
  std::uint16_t port() const { return port_; }
  // Accepts one connection, reads what comes, and says `words`.
  void Answer(std::string_view words) const {
    const int peer = accept(socket_, nullptr, nullptr);
    std::array<char, 1024> ignored{};
    EXPECT_GT(read(peer, ignored.data(), ignored.size()), 0);
    EXPECT_EQ(write(peer, words.data(), words.size()), static_cast<ssize_t>(words.size()));
    // Until the client has closed it.
    while (read(peer, ignored.data(), ignored.size()) > 0) {
    }
    close(peer);
  }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

// A write to a Unix socket that the server has left raises SIGPIPE at once, which must not end us.
TEST(BlockingClientTest, AServerThatLeftIsAnErrorAndNotTheEnd) {
  testing::TempDirectory directory;
  const std::string path = directory.File("left.sock");
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  path.copy(name.sun_path, sizeof name.sun_path - 1);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how the sockets API is
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  RedisAddress address;
  address.unix_path = path;
  ASSERT_OK_AND_ASSIGN(BlockingClient client, BlockingClient::Connect(address, Duration(5000)));
  close(accept(listener, nullptr, nullptr));
  close(listener);
  EXPECT_THAT(client.Run({"PING"}).status(), StatusIs(Code::kUnavailable, "STORE_UNREACHABLE"));
  EXPECT_THAT(client.Run({"PING"}).status(), StatusIs(Code::kUnavailable, "STORE_UNREACHABLE"));
}

TEST_F(RedisOpen, AServerOnTcpIsFoundByItsUrl) {
  InitialiseServer();
  const std::string port = FreePort();
  server_.Run({"CONFIG", "SET", "port", port});
  RedisOptions options = Options();
  ASSERT_OK_AND_ASSIGN(options.address, ParseRedisUrl("redis://127.0.0.1:" + port));
  ASSERT_THAT(TryOpen(options), IsOk());
  EXPECT_THAT(Put("a", "1"), IsOk());
  EXPECT_EQ(*Get("a"), "1");
}

TEST_F(RedisOpen, AServerThatSaysNothingIsUnreachable) {
  const FakeServer silent;
  RedisOptions options = Options();
  options.address = {};
  options.address.host = "127.0.0.1";
  options.address.port = silent.port();
  options.reply_timeout = Duration(30);
  const Status status = TryOpen(options, milliseconds(1000));
  EXPECT_THAT(status, StatusIs(Code::kUnavailable, "STORE_UNREACHABLE"));
  EXPECT_THAT(status.message(), HasSubstr("does not answer"));
}

TEST_F(RedisOpen, AServerThatIsNoRedisIsUnreachable) {
  const FakeServer web;
  RedisOptions options = Options();
  options.address = {};
  options.address.host = "127.0.0.1";
  options.address.port = web.port();
  options.backoff_min = options.backoff_max = Duration(10'000);
  std::thread answer([&] { web.Answer("HTTP/1.1 400 Bad Request\r\n\r\n"); });
  const Status status = TryOpen(options, milliseconds(1500));
  answer.join();
  EXPECT_THAT(status, StatusIs(Code::kUnavailable, "STORE_UNREACHABLE"));
  EXPECT_THAT(status.message(), HasSubstr("Protocol error"));
}

TEST_F(RedisOpen, AClosedPortIsUnreachable) {
  RedisOptions options = Options();
  ASSERT_OK_AND_ASSIGN(options.address, ParseRedisUrl("redis://127.0.0.1:" + FreePort()));
  const Status status = TryOpen(options, milliseconds(500));
  EXPECT_THAT(status, StatusIs(Code::kUnavailable, "STORE_UNREACHABLE"));
  EXPECT_THAT(status.message(), HasSubstr("Connection refused"));
}

class Replicated : public RedisOpen {
 protected:
  RedisOptions ReplicatedOptions() const {
    RedisOptions options = Options();
    options.replicas_to_wait = 1;
    options.wait_timeout = Duration(300);
    return options;
  }
};

TEST_F(Replicated, ACommitIsAnsweredOnceTheReplicasHaveIt) {
  InitialiseAndOpen(ReplicatedOptions());
  server_.Run({"CONFIG", "SET", "repl-diskless-sync", "yes", "repl-diskless-sync-delay", "0"});
  EXPECT_THAT(Put("a", "alone"), StatusIs(Code::kUnavailable, "STORE_UNCERTAIN"));
  EXPECT_EQ(*Get("a"), "alone") << "it was applied, only not confirmed; reads do not wait";

  TempRedis replica;
  // A replica reaches its master over TCP only.
  const std::string port = FreePort();
  server_.Run({"CONFIG", "SET", "port", port});
  replica.Run({"REPLICAOF", "127.0.0.1", port});
  ASSERT_TRUE(Eventually([&] { return Put("a", "together").ok(); }));
  EXPECT_NE(replica.Run({"INFO", "replication"}).text.find("role:slave"), std::string::npos);
  std::string key;
  AppendKey(RecordKey("a"), key);
  EXPECT_EQ(replica.Run({"GET", key}).text.substr(kVersionBytes), "together");

  // A confirmation without writes waits as well.
  std::vector<ports::Key> keys{RecordKey("a")};
  ASSERT_OK_AND_ASSIGN(const auto records, SyncWait(store_->Read(keys, In(seconds(10)))));
  ports::Transaction confirm;
  confirm.partition = {1};
  confirm.checks.emplace_back(ports::CheckVersion{RecordKey("a"), records.front().version});
  EXPECT_TRUE(Eventually([&] { return SyncWait(store_->Commit(confirm, In(seconds(10)))).ok(); }));
  replica.Freeze();
  EXPECT_THAT(SyncWait(store_->Commit(confirm, In(seconds(10)))),
              StatusIs(Code::kUnavailable, "STORE_UNCERTAIN"));
}

}  // namespace
}  // namespace kulanz::redis
