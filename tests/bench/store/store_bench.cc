// store_bench: what the Redis store costs. Starts a redis-server of its own and prints
//
//   - operations per second and latency for the three shapes of calls that the main flow makes, by the
//     number of callers at a time, all from coroutines on the store's own loop;
//   - the bare script: the same commands from one thread that only pipelines, the ceiling of the above;
//   - the memory that Redis needs per decided incident.
//
//   store_bench [seconds per measurement, 2] [incidents for the memory, 100000] [appendfsync: everysec]

#include <hiredis/hiredis.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "service/adapters/redis/blocking_client.h"
#include "service/adapters/redis/embedded.h"
#include "service/adapters/redis/initialise.h"
#include "service/adapters/redis/redis_store.h"
#include "service/adapters/redis/transaction_codec.h"
#include "service/base/check.h"
#include "service/base/crypto.h"

namespace kulanz::redis {
namespace {

using ports::Key;
using ports::PartitionId;
using ports::RecordKind;
using ports::Transaction;
using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kPartitions = 256;
constexpr std::uint64_t kIncidentsPerCustomer = 3;
// Sizes as of encoded records with their MAC.
constexpr std::size_t kClaimBytes = 48;
constexpr std::size_t kDecisionBytes = 220;
constexpr std::size_t kVoucherBytes = 110;
constexpr std::size_t kHistoryEntryBytes = 30;

Key KeyOf(RecordKind kind, std::uint64_t number, PartitionId partition) {
  Key key{partition, kind, {}};
  const Sha256Digest digest =
      Sha256(std::string(1, static_cast<char>(kind)) + std::to_string(number));
  std::copy_n(digest.begin(), key.hash.size(), key.hash.begin());
  return key;
}

PartitionId PartitionOf(std::uint64_t number) {
  return {static_cast<std::uint16_t>(Sha256(std::to_string(number))[0])};
}

// What is due, and for which incident.
std::string AgendaMember(std::uint64_t incident) {
  const Key key = KeyOf(RecordKind::kDecision, incident, {0});
  return "m" + std::string(key.hash.begin(), key.hash.end());
}

Transaction ClaimOf(std::uint64_t incident) {
  Transaction claim;
  claim.partition = PartitionOf(incident);
  const Key key = KeyOf(RecordKind::kClaim, incident, claim.partition);
  claim.checks.emplace_back(ports::CheckVersion{key, 0});
  claim.writes.emplace_back(ports::Put{key, std::string(kClaimBytes, 'c'), {}});
  return claim;
}

// Grants a voucher: decision, voucher and history, a lease and a daily counter, the customer's index
// and the agenda.
Transaction DecisionOf(std::uint64_t incident) {
  const std::uint64_t customer = incident / kIncidentsPerCustomer;
  const auto number = static_cast<std::int64_t>(incident);
  Transaction decision;
  const PartitionId partition = decision.partition = PartitionOf(customer);
  const Key key = KeyOf(RecordKind::kDecision, incident, partition);
  const Key index = KeyOf(RecordKind::kDecisionIndex, customer, partition);
  const std::string member(16, static_cast<char>('A' + incident % 26));
  decision.checks.emplace_back(ports::CheckVersion{key, 0});
  decision.writes.emplace_back(ports::Put{key, std::string(kDecisionBytes, 'd'), {}});
  decision.writes.emplace_back(ports::Put{
      KeyOf(RecordKind::kVoucher, incident, partition), std::string(kVoucherBytes, 'v'), {}});
  const std::size_t entries = incident % kIncidentsPerCustomer + 1;
  decision.writes.emplace_back(ports::Put{KeyOf(RecordKind::kHistory, customer, partition),
                                          std::string(entries * kHistoryEntryBytes, 'h'),
                                          {}});
  decision.writes.emplace_back(
      ports::AddToCounter{KeyOf(RecordKind::kLeaseCounter, 1, partition), 1000, {}});
  decision.writes.emplace_back(
      ports::AddToCounter{KeyOf(RecordKind::kDailyCounter, 1, partition), 1, {}});
  decision.writes.emplace_back(ports::IndexPut{index, {member, 1'772'366'400'000 + number}});
  decision.writes.emplace_back(
      ports::IndexPut{KeyOf(RecordKind::kAgenda, 0, partition),
                      {AgendaMember(incident), 1'772'366'400'000 + number}});
  return decision;
}

std::vector<Key> ReadOf(std::uint64_t incident) {
  const std::uint64_t customer = incident / kIncidentsPerCustomer;
  const PartitionId partition = PartitionOf(customer);
  return {KeyOf(RecordKind::kDecision, incident, partition),
          KeyOf(RecordKind::kProfile, customer, partition),
          KeyOf(RecordKind::kHistory, customer, partition)};
}

// Processor time, which other work on the machine does not change much, unlike the time of day.
class CpuMeter {
 public:
  explicit CpuMeter(pid_t server) : server_(server), start_(Read()) {}
  // Microseconds per operation: Redis' and this process'.
  std::pair<double, double> PerOperation(double operations) const {
    const std::pair<double, double> end = Read();
    return {(end.first - start_.first) / operations, (end.second - start_.second) / operations};
  }

 private:
  static double CpuMicros(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
  }
  std::pair<double, double> Read() const {
    clockid_t server_clock = 0;
    KULANZ_CHECK(clock_getcpuclockid(server_, &server_clock) == 0, "the server runs");
    return {CpuMicros(server_clock), CpuMicros(CLOCK_PROCESS_CPUTIME_ID)};
  }
  pid_t server_;
  std::pair<double, double> start_;
};

struct Load {
  explicit Load(ports::Store& loaded) : store(loaded) {}
  ports::Store& store;
  std::atomic<std::uint64_t> next_incident{0};
  Clock::time_point until;
  std::mutex mutex;
  std::condition_variable ended;
  int callers = 0;
  std::vector<double> latencies_us;  // under mutex
};

enum class Shape { kRead, kClaim, kDecision };

Task<void> CallUntilTheEnd(Load& load, Shape shape) {
  std::vector<double> latencies_us;
  while (Clock::now() < load.until) {
    const std::uint64_t incident = load.next_incident.fetch_add(1);
    const Deadline deadline = Clock::now() + std::chrono::seconds(10);
    const auto start = Clock::now();
    bool ok = false;
    if (shape == Shape::kRead) {
      const auto result = co_await load.store.Read(ReadOf(incident), deadline);
      ok = result.ok();
    } else {
      Transaction transaction = shape == Shape::kClaim ? ClaimOf(incident) : DecisionOf(incident);
      const auto result = co_await load.store.Commit(std::move(transaction), deadline);
      ok = result.ok();
    }
    KULANZ_CHECK(ok, "no call may fail here");
    latencies_us.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  const std::lock_guard lock(load.mutex);
  load.latencies_us.insert(load.latencies_us.end(), latencies_us.begin(), latencies_us.end());
  --load.callers;
  load.ended.notify_all();
}

void Measure(ports::Store& store, const char* name, Shape shape, int callers, double seconds,
             pid_t server, std::uint64_t& incident) {
  Load load(store);
  const CpuMeter cpu(server);
  load.next_incident = incident;
  load.callers = callers;
  const auto start = Clock::now();
  load.until =
      start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  for (int caller = 0; caller < callers; ++caller) {
    Spawn(CallUntilTheEnd(load, shape));
  }
  std::unique_lock lock(load.mutex);
  load.ended.wait(lock, [&] { return load.callers == 0; });
  const double took = std::chrono::duration<double>(Clock::now() - start).count();
  std::vector<double>& latencies = load.latencies_us;
  std::sort(latencies.begin(), latencies.end());
  incident = load.next_incident;
  const auto operations = static_cast<double>(latencies.size());
  const auto [server_us, own_us] = cpu.PerOperation(operations);
  std::printf(
      "%-10s %4d at a time %9.0f/s   p50 %7.0f us   p99 %7.0f us   cpu: Redis %5.1f us, "
      "store %5.1f us\n",
      name, callers, operations / took, latencies[latencies.size() / 2],
      latencies[latencies.size() * 99 / 100], server_us, own_us);
}

// The same commands, encoded beforehand, from one thread that does nothing else.
void MeasureBareScript(const RedisAddress& address, const char* name, Shape shape, int depth,
                       double seconds, const Genesis& genesis, pid_t server,
                       std::uint64_t& incident) {
  constexpr std::size_t kCommands = 100'000;
  std::vector<std::string> commands;
  for (std::size_t command = 0; command < kCommands; ++command, ++incident) {
    commands.push_back(
        shape == Shape::kRead
            ? EncodeRead(ReadOf(incident))
            : EncodeTransaction(shape == Shape::kClaim ? ClaimOf(incident) : DecisionOf(incident),
                                genesis, false)
                  .bytes);
  }
  const std::unique_ptr<redisContext, void (*)(redisContext*)> context(
      redisConnectUnix(address.unix_path.c_str()), redisFree);
  const CpuMeter cpu(server);
  const auto start = Clock::now();
  const auto until = start + std::chrono::duration<double>(seconds);
  std::size_t done = 0;
  while (Clock::now() < until && done + static_cast<std::size_t>(depth) <= kCommands) {
    for (int one = 0; one < depth; ++one) {
      const std::string& bytes = commands[done + static_cast<std::size_t>(one)];
      redisAppendFormattedCommand(context.get(), bytes.data(), bytes.size());
    }
    for (int one = 0; one < depth; ++one) {
      void* reply = nullptr;
      KULANZ_CHECK(redisGetReply(context.get(), &reply) == REDIS_OK, "Redis answers");
      freeReplyObject(reply);
    }
    done += static_cast<std::size_t>(depth);
  }
  const double took = std::chrono::duration<double>(Clock::now() - start).count();
  std::printf("%-10s %4d at a time %9.0f/s   bare, batch after batch %*s cpu: Redis %5.1f us\n",
              name, depth, static_cast<double>(done) / took, 13, "",
              cpu.PerOperation(static_cast<double>(done)).first);
}

std::int64_t UsedMemory(const RedisAddress& address) {
  auto client = BlockingClient::Connect(address, Duration(10'000));
  const auto info = client->Run({"INFO", "memory"});
  const std::string field = "used_memory:";
  return std::atoll(info->text.c_str() + info->text.find(field) + field.size());
}

struct Filling {
  explicit Filling(ports::Store& filled) : store(filled) {}
  ports::Store& store;
  std::uint64_t first = 0;
  std::uint64_t incidents = 0;
  bool delivers = false;
  std::atomic<std::uint64_t> next{0};
  std::mutex mutex;
  std::condition_variable ended;
  int callers = 0;
};

Task<void> Fill(Filling& filling) {
  for (std::uint64_t number = 0; (number = filling.next.fetch_add(1)) < filling.incidents;) {
    const std::uint64_t incident = filling.first + number;
    const Deadline deadline = Clock::now() + std::chrono::seconds(10);
    Transaction claim = ClaimOf(incident);
    const auto claimed = co_await filling.store.Commit(std::move(claim), deadline);
    Transaction decision = DecisionOf(incident);
    const auto decided = co_await filling.store.Commit(std::move(decision), deadline);
    KULANZ_CHECK(claimed.ok() && decided.ok(), "no call may fail here");
    if (filling.delivers) {
      Transaction delivered;
      const PartitionId partition = delivered.partition =
          PartitionOf(incident / kIncidentsPerCustomer);
      delivered.writes.emplace_back(
          ports::IndexRemove{KeyOf(RecordKind::kAgenda, 0, partition), AgendaMember(incident)});
      const auto removed = co_await filling.store.Commit(std::move(delivered), deadline);
      KULANZ_CHECK(removed.ok(), "no call may fail here");
    }
  }
  const std::lock_guard lock(filling.mutex);
  --filling.callers;
  filling.ended.notify_all();
}

void MeasureMemory(ports::Store& store, const RedisAddress& address, std::uint64_t incidents,
                   bool delivers) {
  constexpr int kAtOnce = 64;
  Filling filling(store);
  // Everything before belongs to other incidents; these are new ones.
  filling.first = (delivers ? 2ULL : 1ULL) << 40U;
  filling.incidents = incidents;
  filling.delivers = delivers;
  filling.callers = kAtOnce;
  const std::int64_t before = UsedMemory(address);
  for (int caller = 0; caller < kAtOnce; ++caller) {
    Spawn(Fill(filling));
  }
  std::unique_lock lock(filling.mutex);
  filling.ended.wait(lock, [&] { return filling.callers == 0; });
  const std::int64_t bytes = UsedMemory(address) - before;
  std::printf(
      "memory: %.0f bytes of Redis per decided incident, %s (%llu incidents; claim, decision and "
      "voucher each, one history per %llu)\n",
      static_cast<double>(bytes) / static_cast<double>(incidents),
      delivers ? "its letter sent" : "its letter on the agenda",
      static_cast<unsigned long long>(incidents),
      static_cast<unsigned long long>(kIncidentsPerCustomer));
}

int Main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 2;
  const std::uint64_t incidents = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 100'000;
  std::string directory = (std::filesystem::temp_directory_path() / "store-bench-XXXXXX").string();
  KULANZ_CHECK(mkdtemp(directory.data()) != nullptr, "a temporary directory");
  ports::NullLog log;
  ports::NullTelemetry telemetry;
  EmbeddedRedis::Options embedded;
  embedded.directory = directory;
  embedded.append_fsync = argc > 3 && std::string_view(argv[3]) == "always"
                              ? AppendFsync::kAlways
                              : AppendFsync::kEverySecond;
  auto server = EmbeddedRedis::Start(embedded, log);
  KULANZ_CHECK(server.ok(), "redis-server starts");
  const Genesis genesis{"bench", kPartitions};
  RedisOptions options;
  options.address = (*server)->address();
  KULANZ_CHECK(Initialise({options.address, genesis}).ok(), "an empty database");
  auto store = RedisStore::Open(options, log, telemetry, Clock::now() + std::chrono::seconds(10));
  KULANZ_CHECK(store.ok(), "the store opens");

  std::uint64_t incident = 0;
  struct Row {
    const char* name;
    Shape shape;
  };
  for (const Row row : {Row{"read", Shape::kRead}, Row{"claim", Shape::kClaim},
                        Row{"decision", Shape::kDecision}}) {
    for (const int callers : {1, 16, 64, 256}) {
      Measure(**store, row.name, row.shape, callers, seconds, (*server)->pid(), incident);
    }
    MeasureBareScript(options.address, row.name, row.shape, 64, seconds, genesis, (*server)->pid(),
                      incident);
  }
  MeasureMemory(**store, options.address, incidents, false);
  MeasureMemory(**store, options.address, incidents, true);
  store->reset();
  server->reset();
  std::filesystem::remove_all(directory);
  return 0;
}

}  // namespace
}  // namespace kulanz::redis

int main(int argc, char** argv) { return kulanz::redis::Main(argc, argv); }
