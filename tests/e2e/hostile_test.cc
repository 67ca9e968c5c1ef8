// Clients that mean harm, against a real kulanzd: another caller, on its open connection and on new ones, notices
// nothing, and the server is as it was before.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/e2e/api.h"
#include "tests/e2e/programs.h"
#include "tests/e2e/raw_client.h"
#include "tests/support/eventually.h"

namespace kulanz::e2e {
namespace {

using kulanz::testing::Eventually;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr const char* kReport = "/kulanz.v1.IncidentService/ReportIncident";
constexpr const char* kStream = "/kulanz.v1.IncidentService/StreamIncidents";
constexpr const char* kImport = "/kulanz.v1.CustomerService/ImportCustomers";

// Reports one incident after the other, and opens a new connection now and then, until it is told to stop.
class OtherCaller {
 public:
  explicit OtherCaller(ServerProcess& server) : server_(server) {
    thread_ = std::thread([this] { Run(); });
  }
  ~OtherCaller() { Stop(); }
  OtherCaller(const OtherCaller&) = delete;
  OtherCaller& operator=(const OtherCaller&) = delete;

  void Stop() {
    stopping_ = true;
    if (thread_.joinable()) {
      thread_.join();
    }
  }
  int served() const { return served_; }
  int connected() const { return connected_; }
  // What went wrong, after Stop.
  const std::string& failures() const { return failures_; }
  bool AwaitMore(int calls, int connections) {
    const int served = served_;
    const int connected = connected_;
    return Eventually(
        [&] { return served_ >= served + calls && connected_ >= connected + connections; },
        seconds(60));
  }

 private:
  void Run() {
    Api own(server_.NewChannel());
    for (int number = 0; !stopping_; ++number) {
      Report(own, "other-" + std::to_string(number), served_);
      if (number % 5 == 0) {
        Api fresh(server_.NewChannel());
        Report(fresh, "fresh-" + std::to_string(number), connected_);
      }
    }
  }
  void Report(Api& api, const std::string& id, std::atomic<int>& count) {
    const auto answer = api.Report(LateDelivery(id));
    if (answer.ok()) {
      ++count;
    } else {
      failures_ += id + ": " + Reason(answer.status) + " " + answer.status.error_message() + "\n";
    }
  }

  ServerProcess& server_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> served_{0};
  std::atomic<int> connected_{0};
  std::string failures_;  // of thread_ until it has ended
  std::thread thread_;
};

class HostileTest : public ::testing::Test {
 protected:
  void Serve(std::vector<std::string> more = {}) {
    const std::string& path = directory_.path();
    CopyRules("rules", path + "/rules");
    std::vector<std::string> arguments = {"--store", "memory",        "--data",         path,
                                          "--rules", path + "/rules", "--no-deliveries"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    server_ = std::make_unique<ServerProcess>(arguments);
    ASSERT_TRUE(server_->AwaitServing());
    ASSERT_TRUE(server_->api().Upsert(ACustomer()).ok());
  }
  void ServeAnother(std::vector<std::string> more = {}) {
    Serve(std::move(more));
    other_ = std::make_unique<OtherCaller>(*server_);
    ASSERT_TRUE(other_->AwaitMore(10, 2));
  }
  // The other caller has been served meanwhile, is now, and never was refused.
  void ExpectUnharmed() {
    EXPECT_TRUE(other_->AwaitMore(20, 3)) << server_->log();
    other_->Stop();
    EXPECT_EQ(other_->failures(), "");
    Api fresh(server_->NewChannel());
    const auto health = fresh.Health("");
    ASSERT_TRUE(health.ok());
    EXPECT_EQ(health->status(), grpc::health::v1::HealthCheckResponse::SERVING);
    server_->HangUp();
    server_->Signal(SIGTERM);
    EXPECT_EQ(server_->AwaitExit(), 0) << server_->log();
  }
  std::ptrdiff_t Descriptors() const {
    const std::string path = "/proc/" + std::to_string(server_->pid()) + "/fd";
    return std::distance(std::filesystem::directory_iterator(path),
                         std::filesystem::directory_iterator());
  }
  rlim_t FirstFreeDescriptor() const {
    const std::string path = "/proc/" + std::to_string(server_->pid()) + "/fd/";
    rlim_t free = 0;
    while (std::filesystem::exists(std::filesystem::symlink_status(path + std::to_string(free)))) {
      ++free;
    }
    return free;
  }
  std::size_t ResidentMb() const {
    std::size_t total = 0;
    std::size_t resident = 0;
    std::ifstream("/proc/" + std::to_string(server_->pid()) + "/statm") >> total >> resident;
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) / 1'000'000;
  }
  const std::string& address() const { return server_->address(); }

  const TemporaryDirectory directory_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<OtherCaller> other_;
};

// A byte now and then: neither the preface, nor a block of headers, nor a message ever ends. The first is bounded by
// the time of a handshake, if not before, as the others, by the connection's age.
TEST_F(HostileTest, ClientsThatNeverFinishASentenceAreHungUpOn) {
  ServeAnother({"--connection-age", "3s", "--connection-age-grace", "3s"});
  constexpr std::size_t kClaimed = 16'000;
  const std::string opening = std::string(kPreface) + Settings();
  const std::vector<std::string> beginnings = {
      std::string(kPreface.substr(0, 5)),
      opening + MakeFrame(Frame::kHeaders, 0, 1, "", kClaimed),
      opening + CallHeaders(1, kReport) + MakeFrame(Frame::kData, 0, 1, "", kClaimed),
  };
  std::vector<std::unique_ptr<RawClient>> clients;
  for (std::size_t i = 0; i < 99; ++i) {
    clients.push_back(std::make_unique<RawClient>(address()));
    ASSERT_TRUE(clients.back()->Send(beginnings[i % beginnings.size()]));
  }
  std::vector<std::string> heard(clients.size());
  std::size_t said = 5;
  const auto all_gone = [&] {
    for (std::size_t i = 0; i < clients.size(); ++i) {
      // The preface stops short of its last byte; 'x' is good in headers, and in a message's length.
      const bool preface = i % beginnings.size() == 0;
      clients[i]->SendSome(!preface                     ? "x"
                           : said < kPreface.size() - 1 ? kPreface.substr(said, 1)
                                                        : std::string_view());
      heard[i] += clients[i]->Receive();
    }
    ++said;
    poll(nullptr, 0, 50);
    return std::all_of(clients.begin(), clients.end(),
                       [](const auto& client) { return client->is_closed(); });
  };
  EXPECT_TRUE(Eventually(all_gone, seconds(120)));
  // Not for a mistake of theirs: a graceful GOAWAY (of all streams, no error) is that of a connection's age.
  const std::string goodbye("\x7F\xFF\xFF\xFF\0\0\0\0", 8);
  for (std::size_t i = 0; i < clients.size(); ++i) {
    if (i % beginnings.size() != 0) {
      EXPECT_THAT(heard[i], HasSubstr(goodbye));
    }
  }
  ExpectUnharmed();
}

// It asks and asks, and takes no answer: not a byte is read, and no window is ever opened.
TEST_F(HostileTest, AStreamThatNeverReadsIsNotReadFromEither) {
  ServeAnother();
  RawClient client(address());
  constexpr std::uint16_t kInitialWindow = 4;
  ASSERT_TRUE(
      client.Send(std::string(kPreface) + Settings(kInitialWindow, 0) + CallHeaders(1, kStream)));
  const std::size_t before = ResidentMb();
  const std::string message = MessageFrame(1, "nonsense", false);
  std::string many;
  while (many.size() < 60'000) {
    many += message;
  }
  // Its own window ends after 64 kB; whoever sends on regardless is hung up on.
  std::size_t sent = 0;
  std::size_t last = 1;
  for (int turn = 0; turn < 500 && last > 0 && !client.is_closed(); ++turn) {
    last = client.SendSome(many);
    sent += last;
    poll(nullptr, 0, 2);
  }
  EXPECT_LT(sent, 20'000'000U);
  EXPECT_LT(ResidentMb(), before + 50);
  // And one that reads nothing at all, with answers to many calls in its way.
  RawClient deaf(address());
  std::string calls = std::string(kPreface) + Settings();
  for (std::uint32_t stream = 1; stream < 400; stream += 2) {
    calls += CallHeaders(stream, kReport) + MessageFrame(stream, "nonsense", true);
  }
  deaf.SendSome(calls);
  EXPECT_TRUE(other_->AwaitMore(20, 3));
  EXPECT_LT(ResidentMb(), before + 50);
  ExpectUnharmed();
}

TEST_F(HostileTest, TenThousandConnectionsLeaveRoomForOthers) {
  constexpr int kConnections = 10'000;
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_max < kConnections + 500) {
    GTEST_SKIP() << "this machine gives a process only " << files.rlim_max << " descriptors";
  }
  ServeAnother({"--connections-max", "600", "--connections-per-address", "300"});
  const std::size_t before = ResidentMb();
  std::vector<std::unique_ptr<RawClient>> clients;
  int connected = 0;
  for (int i = 0; i < kConnections; ++i) {
    clients.push_back(std::make_unique<RawClient>(address()));
    connected += clients.back()->is_connected() ? 1 : 0;
  }
  EXPECT_GT(connected, 1'000) << "the attack has to be one";
  EXPECT_TRUE(Eventually([&] {
    return std::count_if(clients.begin(), clients.end(), [](const auto& client) {
             client->Receive();
             return !client->is_closed();
           }) <= 300;
  }));
  EXPECT_LT(Descriptors(), 700);
  EXPECT_TRUE(other_->AwaitMore(20, 3));
  std::cout << "resident: " << before << " MB before, " << ResidentMb() << " MB with 300 of "
            << connected << " connections\n";
  clients.clear();
  EXPECT_THAT(server_->log(), HasSubstr("connection_refused"));
  ExpectUnharmed();
}

// CVE-2023-4785: gRPC would never accept again.
TEST_F(HostileTest, AServerWithoutADescriptorAcceptsAgainWhenItHasSome) {
  Serve({"--self-probe",
         "1d"});  // Whatever else came and went would move the limit that is looked for.
  Api& open = server_->api();
  rlimit before{};
  ASSERT_EQ(prlimit(server_->pid(), RLIMIT_NOFILE, nullptr, &before), 0);
  const rlimit none{.rlim_cur = FirstFreeDescriptor(), .rlim_max = before.rlim_max};
  ASSERT_EQ(prlimit(server_->pid(), RLIMIT_NOFILE, &none, nullptr), 0);
  for (int i = 0; i < 30; ++i) {
    RawClient client(address());
    EXPECT_TRUE(client.IsClosedWithin(seconds(20))) << "turned away, not left in the queue";
    EXPECT_TRUE(open.Report(LateDelivery("meanwhile-" + std::to_string(i))).ok());
  }
  EXPECT_THAT(server_->log(), HasSubstr("no_descriptor"));
  ASSERT_EQ(prlimit(server_->pid(), RLIMIT_NOFILE, &before, nullptr), 0);
  other_ = std::make_unique<OtherCaller>(*server_);
  ExpectUnharmed();
}

TEST_F(HostileTest, TwentyThousandRapidResetsAreWorkedOff) {
  ServeAnother();
  const std::size_t before = ResidentMb();
  {
    RawClient client(address());
    ASSERT_TRUE(client.Send(std::string(kPreface) + Settings()));
    std::uint32_t stream = 1;
    for (int batch = 0; batch < 200; ++batch) {
      std::string bytes;
      for (int i = 0; i < 100; ++i, stream += 2) {
        bytes += CallHeaders(stream, kReport) + Reset(stream);
      }
      if (!client.Send(bytes)) {
        break;  // Hung up on: as good.
      }
      client.Receive();
    }
    EXPECT_TRUE(other_->AwaitMore(20, 3));
    std::cout << "resident: " << before << " MB before, " << ResidentMb() << " MB after "
              << stream / 2 << " resets\n";
  }
  // What the calls had is given back.
  EXPECT_TRUE(Eventually([&] { return ResidentMb() < before + 150; }, seconds(60)));
  ExpectUnharmed();
}

// What the frames' grammar forbids, or allows and nobody means.
TEST_F(HostileTest, FramesThatAreMalformedOrHugeEndTheirOwnConnectionOnly) {
  ServeAnother();
  const std::string opening = std::string(kPreface) + Settings();
  const std::string call = opening + CallHeaders(1, kReport);
  std::string settings_flood = opening;
  std::string pings = opening;
  std::string continuations = opening + MakeFrame(Frame::kHeaders, 0, 1, Header("a", "b"));
  for (int i = 0; i < 20'000; ++i) {
    settings_flood += Settings();
    pings += MakeFrame(Frame::kPing, 0, 0, "12345678");
    continuations += MakeFrame(Frame::kContinuation, 0, 1, Header("x-more", "of the same"));
  }
  const std::vector<std::pair<const char*, std::string>> attacks = {
      {"no HTTP/2 at all", "GET / HTTP/1.1\r\nhost: x\r\n\r\n"},
      {"noise", std::string(100'000, '\xA5')},
      {"a frame larger than agreed", opening + MakeFrame(Frame::kData, 0, 1, "", (1 << 24) - 1)},
      {"settings of odd size", std::string(kPreface) + MakeFrame(Frame::kSettings, 0, 0, "12345")},
      {"headers that are no HPACK",
       opening + MakeFrame(Frame::kHeaders, kEndHeaders, 1, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF")},
      {"data on no stream", opening + MakeFrame(Frame::kData, 0, 0, "data")},
      {"a stream of the server's", opening + CallHeaders(2, kReport)},
      {"a window of nothing",
       opening + MakeFrame(Frame::kWindowUpdate, 0, 0, std::string(4, '\0'))},
      {"a window beyond all bounds", opening +
                                         MakeFrame(Frame::kWindowUpdate, 0, 0, "\x7F\xFF\xFF\xFF") +
                                         MakeFrame(Frame::kWindowUpdate, 0, 0, "\x7F\xFF\xFF\xFF")},
      {"a stream that depends on itself",
       opening + MakeFrame(Frame::kPriority, 0, 1, std::string("\0\0\0\1\0", 5))},
      {"headers without an end", continuations},
      {"one header of a megabyte",
       opening + MakeFrame(Frame::kHeaders, 0, 1, Header("x", std::string(16'000, 'y')))},
      {"settings without an end", settings_flood},
      {"pings without an end", pings},
      {"a message that claims four gigabytes",
       call + MakeFrame(Frame::kData, 0, 1, std::string("\0\xFF\xFF\xFF\xFF", 5) + "x")},
      {"a message that is compressed by nobody knows what",
       call + MakeFrame(Frame::kData, kEndStream, 1, std::string("\1\0\0\0\4", 5) + "abcd")},
      {"half a message", call + MakeFrame(Frame::kData, kEndStream, 1, std::string("\0\0\0", 3))},
      {"a message larger than its window",
       call + MakeFrame(Frame::kData, 0, 1, std::string(16'384, 'z'))},
      {"a path that is none", opening + CallHeaders(1, std::string(4'000, '/'))},
      {"a customer's import of nonsense",
       opening + CallHeaders(1, kImport) + MessageFrame(1, "\xFF\xFF\xFF", false)},
  };
  for (const auto& [name, bytes] : attacks) {
    SCOPED_TRACE(name);
    RawClient client(address());
    ASSERT_TRUE(client.is_connected());
    client.Send(bytes);
    client.IsClosedWithin(milliseconds(50));
    ASSERT_TRUE(server_->api().Report(LateDelivery(std::string("after-") + name)).ok());
  }
  std::string huge(5'000'000, 'm');
  v1::Incident incident = LateDelivery("huge");
  incident.set_incident_id(huge);
  EXPECT_EQ(server_->api().Report(incident).status.error_code(), grpc::RESOURCE_EXHAUSTED);
  ExpectUnharmed();
}

}  // namespace
}  // namespace kulanz::e2e
