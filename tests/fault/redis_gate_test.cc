// RedisStore on a bad network: replies that break off, stall, come in pieces or never; and no Redis at
// all. What the caller is told must be true, and the store must come back by itself.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fault/gate.h"
#include "tests/integration/redis_fixture.h"

namespace kulanz::redis {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kIsSanitized = true;
#else
constexpr bool kIsSanitized = false;
#endif

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Gate;

std::size_t ResidentBytes() {
  std::size_t total = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

std::ptrdiff_t Threads() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"),
                       std::filesystem::directory_iterator());
}

class RedisBehindAGate : public RedisStoreTest {
 protected:
  RedisBehindAGate() : gate_({.unix_path = server_.directory() + "/s"}) {}
  ~RedisBehindAGate() override { store_.reset(); }
  void SetUp() override {
    InitialiseServer();
    OpenStore(GateOptions());
  }
  RedisOptions GateOptions() const {
    RedisOptions options = Options();
    options.address = {};
    options.address.host = "127.0.0.1";
    options.address.port = gate_.port();
    options.reply_timeout = Duration(1000);
    // Nothing is said that the test did not ask for, so that bytes can be counted.
    options.clock_interval = Duration(3'600'000);
    return options;
  }
  // The value as Redis has it.
  std::string Stored(std::string_view name) const {
    std::string key;
    AppendKey(RecordKey(name), key);
    const std::string value = server_.Run({"GET", key}).text;
    return value.size() < kVersionBytes ? value : value.substr(kVersionBytes);
  }
  const decltype(StatusIs(Code::kUnavailable, "")) unreachable_ =
      StatusIs(Code::kUnavailable, "STORE_UNREACHABLE");
  const decltype(StatusIs(Code::kUnavailable, "")) uncertain_ =
      StatusIs(Code::kUnavailable, "STORE_UNCERTAIN");

  Gate gate_;
};

TEST_F(RedisBehindAGate, AReplyThatBreaksOffLeavesTheCommitUncertainAndApplied) {
  for (const std::size_t bytes : {0U, 1U, 3U}) {  // of ":<sequence>\r\n"
    const std::string value = std::to_string(bytes);
    gate_.CutAfter(Gate::kToClient, bytes);
    EXPECT_THAT(Put("a", value), uncertain_) << bytes;
    EXPECT_EQ(Stored("a"), value);
    EXPECT_TRUE(Recovers());
    EXPECT_EQ(*Get("a"), value);
  }
}

TEST_F(RedisBehindAGate, ARequestThatBreaksOffLeavesTheCommitUncertainAndNotApplied) {
  ASSERT_THAT(Put("a", "before"), IsOk());
  gate_.CutAfter(Gate::kToServer, 40);
  EXPECT_THAT(Put("a", "after"), uncertain_) << "from here it cannot be told apart";
  EXPECT_EQ(Stored("a"), "before");
  EXPECT_TRUE(Recovers());
  EXPECT_EQ(*Get("a"), "before");
}

TEST_F(RedisBehindAGate, AReplyThatNeverComesCostsTheConnectionAndMixesUpNothing) {
  ASSERT_THAT(Put("a", "value of a"), IsOk());
  ASSERT_THAT(Put("b", "value of b"), IsOk());
  gate_.Swallow(Gate::kToClient);
  EXPECT_THAT(Get("a", seconds(20)).status(), uncertain_) << "by reply_timeout";
  gate_.Heal();
  EXPECT_TRUE(Recovers());
  EXPECT_EQ(*Get("b"), "value of b");
  EXPECT_EQ(*Get("a"), "value of a");
  EXPECT_GE(gate_.accepted(), 2) << "the connection that missed a reply was not used again";
}

TEST_F(RedisBehindAGate, AStallEndsCallsAtTheirDeadlinesAndLateRepliesFindNobodyElse) {
  RedisOptions patient = GateOptions();
  patient.reply_timeout = Duration(20'000);  // the connection outlives the stall
  store_.reset();
  OpenStore(patient);
  ASSERT_THAT(Put("a", "value of a"), IsOk());
  ASSERT_THAT(Put("b", "value of b"), IsOk());
  const int accepted = gate_.accepted();
  gate_.Stall(Gate::kToClient);
  EXPECT_THAT(Get("a", milliseconds(100)).status(), uncertain_);
  EXPECT_THAT(Put("c", "late", milliseconds(100)), uncertain_);
  EXPECT_TRUE(Eventually([&] { return Stored("c") == "late"; }));
  gate_.Heal();
  EXPECT_EQ(*Get("b"), "value of b");
  EXPECT_EQ(*Get("a"), "value of a");
  EXPECT_EQ(gate_.accepted(), accepted) << "impatient callers do not cost the connection";
}

TEST_F(RedisBehindAGate, PiecesAndDelaysOnlyTakeTime) {
  gate_.Slice(7, milliseconds(1));
  EXPECT_THAT(Put("a", std::string(500, 'x')), IsOk());
  EXPECT_EQ(*Get("a"), std::string(500, 'x'));
  gate_.Heal();
  gate_.Delay(milliseconds(20));
  EXPECT_THAT(Put("a", "2"), IsOk());
  EXPECT_EQ(*Get("a"), "2");
  EXPECT_EQ(gate_.accepted(), 1);
}

TEST_F(RedisBehindAGate, CutsAtEveryByteOfManyCallsLoseNothingThatWasAcknowledged) {
  // Each write is repeated until it is acknowledged; whatever was acknowledged must be there.
  for (int round = 0; round < 60; ++round) {
    gate_.CutAfter(round % 2 == 0 ? Gate::kToServer : Gate::kToClient,
                   static_cast<std::size_t>(round) * 7);
    const std::string value = std::to_string(round);
    ASSERT_TRUE(Eventually([&] { return Put("a", value).ok(); }));
    ASSERT_EQ(Stored("a"), value);
  }
}

TEST_F(RedisBehindAGate, WithRedisGoneTheFirstCallFailsInTimeAndItIsBackWithinASecond) {
  ASSERT_THAT(Put("a", "1"), IsOk());
  // A busy machine may be slow now and then, a defect is slow each time.
  auto quickest_failure = std::chrono::steady_clock::duration::max();
  auto quickest_return = quickest_failure;
  for (int attempt = 0; attempt < 3; ++attempt) {
    gate_.Shut();
    auto start = std::chrono::steady_clock::now();
    EXPECT_THAT(Put("a", "2", seconds(10)), ::testing::AnyOf(unreachable_, uncertain_));
    quickest_failure = std::min(quickest_failure, std::chrono::steady_clock::now() - start);
    EXPECT_THAT(store_->Health(), unreachable_);
    gate_.Heal();
    start = std::chrono::steady_clock::now();
    EXPECT_TRUE(Recovers());
    quickest_return = std::min(quickest_return, std::chrono::steady_clock::now() - start);
  }
  EXPECT_LT(quickest_failure, milliseconds(250));
  EXPECT_LT(quickest_return, seconds(1));
}

TEST_F(RedisBehindAGate, TenThousandWaitingCallsEndInTimeAndLeaveNoMemoryBehind) {
  constexpr int kCalls = 10'000;
  RedisOptions options = GateOptions();
  options.reply_timeout = Duration(20'000);
  store_.reset();
  OpenStore(options);
  std::vector<std::size_t> resident;
  const std::ptrdiff_t threads = Threads();
  int least_late = kCalls;  // of all waves: others may hold up the machine during one
  for (int wave = 0; wave < 4; ++wave) {
    gate_.Stall(Gate::kToServer);
    std::atomic<int> done{0};
    std::atomic<int> shed{0};
    std::atomic<int> late{0};
    // Who asks after the deadline is not shed, so all must have asked by then.
    const auto deadline = In(milliseconds(kIsSanitized ? 4'000 : 1'000));
    for (int call = 0; call < kCalls; ++call) {
      SpawnThen(store_->Read({RecordKey("a")}, deadline),
                [&](Result<std::vector<ports::Record>> records) {
                  EXPECT_FALSE(records.ok());
                  shed.fetch_add(records.status().reason() == "STORE_OVERLOADED" ? 1 : 0);
                  const auto over = std::chrono::steady_clock::now() - deadline;
                  late.fetch_add(over > milliseconds(250) ? 1 : 0);
                  done.fetch_add(1);
                });
    }
    EXPECT_EQ(Threads(), threads) << "who waits is a coroutine, not a thread";
    ASSERT_TRUE(Eventually([&] { return done.load() == kCalls; }));
    least_late = std::min(least_late, late.load());
    EXPECT_GE(shed.load(), kCalls - static_cast<int>(options.calls_max));
    gate_.Heal();
    ASSERT_TRUE(Recovers());
    resident.push_back(ResidentBytes());
  }
  // Sanitizers keep memory of their own and take their time.
  if constexpr (!kIsSanitized) {
    EXPECT_EQ(least_late, 0) << "answered more than 250 ms after the deadline, in every wave";
    // The first waves fill what allocator and sockets keep.
    EXPECT_LT(resident.back(), resident[1] + 4'000'000) << "after waves of waiting calls";
  }
}

}  // namespace
}  // namespace kulanz::redis
