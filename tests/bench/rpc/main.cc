// kulanz-bench: throughput and latency of reporting incidents, against a null handler, a bare pipeline
// and the bare script; and Redis' memory per decided incident.
//
//   kulanz-bench [--calls N] [--rounds N] [--memory N] [--in-flight N]
//
// Everything runs on this machine, so client, server and Redis share its processors: what counts are the
// ratios of one round. Each server is a process of its own; the measurements of a round follow each other
// so that no two load the machine at once.

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "service/adapters/redis/embedded.h"
#include "service/adapters/redis/initialise.h"
#include "service/adapters/redis/redis_store.h"
#include "service/adapters/system/system_entropy.h"
#include "service/wiring/secrets.h"
#include "tests/bench/rpc/child_process.h"
#include "tests/bench/rpc/figures.h"
#include "tests/bench/rpc/load.h"
#include "tests/bench/rpc/pipeline_service.h"
#include "tests/bench/rpc/serve.h"
#include "tests/bench/rpc/webhook_sink.h"

namespace kulanz::bench {
namespace {

// Five incidents each at 100,000 incidents.
constexpr std::uint64_t kMemoryCustomers = 20'000;
// So many that nobody has more than a few gestures, as limits see to it in real life.
constexpr std::uint64_t kCustomers = 100'000;
const std::string kReport = "/kulanz.v1.IncidentService/ReportIncident";
const std::string kStream = "/kulanz.v1.IncidentService/StreamIncidents";
const std::string kUpsert = "/kulanz.v1.CustomerService/UpsertCustomer";

struct Settings {
  std::uint64_t calls = 20'000;
  std::uint64_t rounds = 5;
  std::uint64_t memory = 100'000;
  std::uint64_t in_flight = 64;
};

std::string SelfPath() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

// A server process and where it listens.
struct RunningServer {
  std::unique_ptr<ChildProcess> process;
  std::string target;
};

RunningServer StartServer(const std::string& directory, const std::string& name,
                          std::vector<std::string> arguments) {
  const std::string port_file = directory + "/" + name + ".ports";
  std::filesystem::remove(port_file);
  arguments.push_back("--port-file");
  arguments.push_back(port_file);
  RunningServer server;
  server.process = std::make_unique<ChildProcess>(arguments, directory + "/" + name + ".log");
  const auto ports = WaitForFile(port_file, 20);
  if (!ports || !ports->starts_with("grpc=")) {
    std::ifstream log(directory + "/" + name + ".log");
    std::fprintf(stderr, "%s did not start:\n%s\n", name.c_str(),
                 std::string(std::istreambuf_iterator<char>(log), {}).c_str());
    _exit(1);
  }
  server.target = "127.0.0.1:" + ports->substr(5, ports->find('\n') - 5);
  return server;
}

// used_memory of Redis' INFO, in bytes.
std::uint64_t UsedMemory(const std::string& socket) {
  FILE* const pipe = popen(("redis-cli -s '" + socket + "' INFO memory").c_str(), "r");
  char line[256];
  std::uint64_t bytes = 0;
  while (pipe != nullptr && fgets(line, sizeof line, pipe) != nullptr) {
    std::sscanf(line, "used_memory:%lu", &bytes);
  }
  if (pipe != nullptr) {
    pclose(pipe);
  }
  return bytes;
}

// The deciding transaction alone, straight on the store: `in_flight` coroutines, one after another each.
class ScriptLoad {
 public:
  ScriptLoad(ports::Store& store, std::uint64_t calls) : trips_(store), calls_(calls) {}

  LoadResult Run(std::uint64_t in_flight) {
    const auto started = std::chrono::steady_clock::now();
    std::vector<std::unique_ptr<std::atomic<bool>>> done;
    for (std::uint64_t i = 0; i < in_flight; ++i) {
      done.push_back(std::make_unique<std::atomic<bool>>(false));
      SpawnThen(Worker(), [flag = done.back().get()] {
        flag->store(true);
        flag->notify_one();
      });
    }
    for (const auto& flag : done) {
      flag->wait(false);
    }
    LoadResult result;
    result.per_second =
        static_cast<double>(calls_) /
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    result.failures = failures_;
    return result;
  }

 private:
  Task<void> Worker() {
    static std::atomic<std::uint64_t> numbers{1ULL << 40};
    while (taken_.fetch_add(1) < calls_) {
      const Deadline deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
      const Status status = co_await trips_.Record(numbers.fetch_add(1), deadline);
      failures_ += status.ok() ? 0 : 1;
    }
  }
  StoreTrips trips_;
  const std::uint64_t calls_;
  std::atomic<std::uint64_t> taken_{0};
  std::atomic<std::size_t> failures_{0};
};

class Benchmark {
 public:
  Benchmark(Settings settings, std::string directory)
      : settings_(settings), directory_(std::move(directory)) {}

  int Run() {
    if (!StartRedis()) {
      return 1;
    }
    CopyRules();
    null_ = StartServer(directory_, "null", {SelfPath(), "serve", "null"});
    pipeline_ = StartServer(directory_, "pipeline",
                            {SelfPath(), "serve", "pipeline", "--redis", RedisUrl()});
    adapters::SystemEntropy entropy;
    if (Status status = wiring::CreateSecrets(directory_ + "/secrets", entropy); !status.ok()) {
      std::fprintf(stderr, "%s\n", status.ToString().c_str());
      return 1;
    }
    MeasureMemory();
    kulanzd_ = StartKulanzd("kulanzd", {"--no-deliveries"});
    const LoadResult customers =
        CallUnary(kulanzd_.target, kUpsert, CustomerRequests(kCustomers), settings_.in_flight);
    if (customers.failures > 0) {
      std::printf("customers were refused: %s\n", customers.first_failure.c_str());
      return 1;
    }
    StartTelling();
    for (std::uint64_t round = 0; round <= settings_.rounds; ++round) {
      MeasureRound(round);
    }
    Print();
    return figures_.failed() ? 1 : 0;
  }

 private:
  bool StartRedis() {
    redis::EmbeddedRedis::Options options;
    options.directory = directory_ + "/redis";
    auto started = redis::EmbeddedRedis::Start(options, log_);
    if (!started.ok()) {
      std::fprintf(stderr, "%s\n", started.status().ToString().c_str());
      return false;
    }
    redis_ = *std::move(started);
    redis::InitialiseOptions initialise;
    initialise.address = redis_->address();
    initialise.genesis = {"bench", 256};
    const Status status = redis::Initialise(initialise);
    redis::RedisOptions store_options;
    store_options.address = redis_->address();
    auto opened =
        redis::RedisStore::Open(store_options, log_, telemetry_,
                                std::chrono::steady_clock::now() + std::chrono::seconds(10));
    if (!status.ok() || !opened.ok()) {
      std::fprintf(stderr, "%s %s\n", status.ToString().c_str(),
                   opened.status().ToString().c_str());
      return false;
    }
    store_ = *std::move(opened);
    return true;
  }

  std::string RedisUrl() const { return "unix://" + redis_->address().unix_path; }

  // The benchmark's policy with the shipped letters.
  void CopyRules() const {
    const std::filesystem::path source = KULANZ_SOURCE_DIR;
    constexpr auto kAll = std::filesystem::copy_options::recursive;
    std::filesystem::copy(source / "tests/bench/rpc/rules", directory_ + "/rules", kAll);
    std::filesystem::copy(source / "rules/messages", directory_ + "/rules/messages", kAll);
  }

  RunningServer StartKulanzd(const std::string& name, const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {
        (std::filesystem::path(SelfPath()).parent_path() / "kulanzd").string()};
    const std::pair<const char*, std::string> options[] = {{"--redis", RedisUrl()},
                                                           {"--store-id", "bench"},
                                                           {"--data", directory_ + "/" + name},
                                                           {"--secrets", directory_ + "/secrets"},
                                                           {"--rules", directory_ + "/rules"},
                                                           {"--listen", "127.0.0.1:0"},
                                                           {"--metrics", "127.0.0.1:0"},
                                                           {"--intake-max-age", "3650d"},
                                                           {"--log-level", "warning"}};
    for (const auto& [option, value] : options) {
      arguments.insert(arguments.end(), {option, value});
    }
    arguments.insert(arguments.end(), more.begin(), more.end());
    return StartServer(directory_, name, std::move(arguments));
  }

  // What stays of an incident whose letter is sent. The customers are there already, so that what is
  // counted is the incidents' own.
  void MeasureMemory() {
    if (settings_.memory == 0) {
      return;
    }
    const std::string mail = directory_ + "/mail";
    const RunningServer server = StartKulanzd("kulanzd-letters", {"--mail-dir", mail});
    CallUnary(server.target, kUpsert, CustomerRequests(kMemoryCustomers), settings_.in_flight);
    const std::string socket = redis_->address().unix_path;
    const std::uint64_t before = UsedMemory(socket);
    const LoadResult result = CallStream(
        server.target, kStream,
        ReportRequests({"memory", settings_.memory, kMemoryCustomers}, Shape::kStream), 64);
    const std::uint64_t waiting = UsedMemory(socket);
    const std::size_t letters = WaitForLetters(mail + "/new");
    const std::uint64_t after = UsedMemory(socket);
    memory_per_incident_ =
        static_cast<double>(after - before) / static_cast<double>(settings_.memory);
    std::printf(
        "memory: %llu incidents of %llu customers, %zu granted, %zu letters; bytes of Redis each: "
        "%.0f while letters wait, %.0f when they are sent\n",
        static_cast<unsigned long long>(settings_.memory),
        static_cast<unsigned long long>(kMemoryCustomers), result.grants, letters,
        static_cast<double>(waiting - before) / static_cast<double>(settings_.memory),
        memory_per_incident_);
  }

  // The number of letters once all are there, or after five minutes.
  std::size_t WaitForLetters(const std::string& folder) const {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(5);
    std::size_t letters = 0;
    while (letters < settings_.memory && std::chrono::steady_clock::now() < give_up) {
      sleep(1);
      const std::filesystem::directory_iterator entries(folder);
      letters = static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
    }
    sleep(2);  // the courier's last records
    return letters;
  }

  // Another server over the same store, which tells all events of what it decides.
  void StartTelling() {
    const std::string secret = directory_ + "/events.secret";
    std::ofstream(secret) << "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n";
    std::filesystem::permissions(secret, std::filesystem::perms::owner_read);
    telling_ = StartKulanzd("kulanzd-events", {"--no-deliveries", "--event-webhook", sink_.url(),
                                               "--webhook-allow-host", "127.0.0.1",
                                               "--event-webhook-secret-file", secret});
  }

  // Decides while the events of what was decided before are told; the next measurement waits for the last of them.
  LoadResult CallTelling(const std::vector<grpc::ByteBuffer>& requests) {
    const std::uint64_t before = sink_.received();
    LoadResult result = CallUnary(telling_.target, kReport, requests, settings_.in_flight);
    told_meanwhile_ = sink_.received() - before;
    sink_.WaitFor(before + requests.size() + result.grants);
    told_ = sink_.received() - before;
    return result;
  }

  void MeasureRound(std::uint64_t round) {
    const bool warm_up = round == 0;
    std::printf(warm_up ? "warming up\n" : "round %llu\n", static_cast<unsigned long long>(round));
    Figures ignored;
    Figures& figures = warm_up ? ignored : figures_;
    const std::string tag = "r" + std::to_string(round);
    const std::uint64_t calls = settings_.calls;
    const auto unary = ReportRequests({tag + "u", calls, kCustomers}, Shape::kUnary);
    const auto told = ReportRequests({tag + "t", calls, kCustomers}, Shape::kUnary);
    const auto stream = ReportRequests({tag + "s", calls, kCustomers}, Shape::kStream);
    const std::size_t n = settings_.in_flight;
    figures.Add("null handler, unary", CallUnary(null_.target, kReport, unary, n));
    figures.Add("bare pipeline, unary", CallUnary(pipeline_.target, kReport, unary, n));
    figures.Add("kulanzd, unary", CallUnary(kulanzd_.target, kReport, unary, n));
    figures.Add("kulanzd, unary, events told", CallTelling(told));
    figures.Add("kulanzd, unary, replayed", CallUnary(kulanzd_.target, kReport, unary, n));
    figures.Add("null handler, stream", CallStream(null_.target, kStream, stream, n));
    figures.Add("kulanzd, stream", CallStream(kulanzd_.target, kStream, stream, n));
    figures.Add("bare script", ScriptLoad(*store_, calls).Run(n));
  }

  void Print() const {
    figures_.PrintTable();
    std::printf("\n%-70s %5s\n", "ratios of one round, median (least to most)", "");
    figures_.PrintRatio("kulanzd, unary", "bare pipeline, unary", "0.70");
    figures_.PrintRatio("kulanzd, stream", "kulanzd, unary", "above 1");
    figures_.PrintRatio("kulanzd, unary, events told", "kulanzd, unary");
    figures_.PrintRatio("kulanzd, unary, replayed", "kulanzd, unary", "above 1");
    figures_.PrintRatio("kulanzd, unary", "null handler, unary");
    figures_.PrintRatio("bare pipeline, unary", "null handler, unary");
    figures_.PrintRatio("kulanzd, stream", "null handler, stream");
    figures_.PrintRatio("kulanzd, unary", "bare script");
    std::printf("\nevents of the last round: %llu, %llu of them told while it was decided\n",
                static_cast<unsigned long long>(told_),
                static_cast<unsigned long long>(told_meanwhile_));
    if (settings_.memory > 0) {
      std::printf(
          "\nRedis memory per decided incident with its voucher, at %llu: %.0f bytes"
          "   target below 900\n",
          static_cast<unsigned long long>(settings_.memory), memory_per_incident_);
    }
  }

  const Settings settings_;
  const std::string directory_;
  ports::NullLog log_;
  ports::NullTelemetry telemetry_;
  std::unique_ptr<redis::EmbeddedRedis> redis_;
  std::unique_ptr<redis::RedisStore> store_;
  RunningServer null_;
  RunningServer pipeline_;
  RunningServer kulanzd_;
  WebhookSink sink_;
  RunningServer telling_;
  std::uint64_t told_ = 0;
  std::uint64_t told_meanwhile_ = 0;
  Figures figures_;
  double memory_per_incident_ = 0;
};

int Main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto option = [&arguments](const std::string& name) -> std::string {
    for (std::size_t i = 0; i + 1 < arguments.size(); ++i) {
      if (arguments[i] == name) {
        return arguments[i + 1];
      }
    }
    return "";
  };
  if (arguments.size() > 1 && arguments[0] == "serve") {
    return Serve(arguments[1], option("--redis"), option("--port-file"));
  }
  Settings settings;
  const std::pair<const char*, std::uint64_t*> numbers[] = {{"--calls", &settings.calls},
                                                            {"--rounds", &settings.rounds},
                                                            {"--memory", &settings.memory},
                                                            {"--in-flight", &settings.in_flight}};
  for (const auto& [name, number] : numbers) {
    const std::string text = option(name);
    if (!text.empty() &&
        std::from_chars(text.data(), text.data() + text.size(), *number).ec != std::errc{}) {
      std::fprintf(stderr, "%s needs a number\n", name);
      return 2;
    }
  }
  char directory[] = "/tmp/kulanz-bench-XXXXXX";
  if (mkdtemp(directory) == nullptr) {
    std::perror("mkdtemp");
    return 1;
  }
  const int exit_code = Benchmark(settings, directory).Run();
  std::filesystem::remove_all(directory);
  return exit_code;
}

}  // namespace
}  // namespace kulanz::bench

int main(int argc, char** argv) { return kulanz::bench::Main(argc, argv); }
