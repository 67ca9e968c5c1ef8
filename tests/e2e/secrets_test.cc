// Secrets rotate while two real servers work: every code goes on being good, and retries give it again.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include "service/adapters/system/secret_files.h"
#include "service/adapters/system/system_entropy.h"
#include "tests/e2e/api.h"
#include "tests/e2e/programs.h"
#include "tests/support/eventually.h"

namespace kulanz::e2e {
namespace {

using kulanz::testing::Eventually;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

Instant InSeconds(int seconds) {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()) +
         std::chrono::seconds{seconds};
}

class SecretsE2eTest : public ::testing::Test {
 protected:
  void Add(const std::string& id, Instant used_from, const std::string& follows) {
    const auto created = adapters::CreateSecretFileIfMissing(
        store_.secrets(), {.id = id, .used_from = used_from, .follows = follows}, entropy_);
    ASSERT_TRUE(created.ok() && *created) << created.status().ToString();
  }
  static bool Logs(const ServerProcess& server, const std::string& text) {
    return Eventually([&] { return server.log().find(text) != std::string::npos; });
  }
  SharedStore store_;
  adapters::SystemEntropy entropy_;
};

TEST_F(SecretsE2eTest, CodesOfBeforeAndAfterARotationUnderLoadAllRedeem) {
  ServerProcess first(store_.ServerArguments(false));
  ServerProcess second(store_.ServerArguments(false));
  ASSERT_TRUE(first.AwaitServing());
  ASSERT_TRUE(second.AwaitServing());

  std::mutex mutex;
  std::map<std::string, std::pair<v1::Incident, std::string>> given;  // by incident, with its code
  std::atomic<bool> rotated{false};
  std::atomic<int> after{0};
  const auto report = [&](ServerProcess& server, int thread) {
    // A customer for each incident: limits are not what this is about.
    for (int i = 0; after < 40; ++i) {
      const bool is_after = rotated;
      const std::string id = "I-" + std::to_string(thread) + "-" + std::to_string(i);
      const v1::Incident incident = LateDelivery(id, "C-" + id);
      EXPECT_EQ(Reason(server.api().Upsert(ACustomer("C-" + id)).status), "OK");
      const auto answer = server.api().Report(incident);
      ASSERT_EQ(Reason(answer.status), "OK") << server.log();
      const std::lock_guard lock(mutex);
      given[id] = {incident, answer->decision().voucher().code()};
      after += is_after ? 1 : 0;
    }
  };
  std::vector<std::thread> load;
  for (int thread = 0; thread < 4; ++thread) {
    load.emplace_back(report, std::ref(thread % 2 == 0 ? first : second), thread);
  }
  const Instant from = InSeconds(6);
  Add("c2", from, "c1");
  Add("lookup-2", from, "lookup");
  Add("record-2", from, "record");
  for (const ServerProcess* server : {&first, &second}) {
    EXPECT_TRUE(Logs(*server, "record_secret_begins")) << server->log();
    EXPECT_THAT(server->log(), HasSubstr("\"id\":\"lookup-2\""));
  }
  EXPECT_TRUE(Eventually([&] { return InSeconds(0) > from; }));
  rotated = true;
  for (std::thread& thread : load) {
    thread.join();
  }
  for (const auto& [id, incident_and_code] : given) {
    const auto& [incident, code] = incident_and_code;
    ServerProcess& other = id.starts_with("I-0") || id.starts_with("I-2") ? second : first;
    const auto again = other.api().Report(incident);
    ASSERT_EQ(Reason(again.status), "OK") << other.log();
    EXPECT_TRUE(again->replayed());
    EXPECT_EQ(again->decision().voucher().code(), code);
    EXPECT_EQ(Reason(other.api().Redeem(Redemption(code, "R-" + id, "O-" + id, "C-" + id)).status),
              "OK");
  }
  EXPECT_GE(given.size(), 40U);
}

TEST_F(SecretsE2eTest, ARemovedSecretIsRefusedWhileRunningAndToldAfterARestart) {
  v1::Incident incident;
  {
    ServerProcess server(store_.ServerArguments(false));
    ASSERT_TRUE(server.AwaitServing());
    Add("c2", InSeconds(3600), "c1");  // not before the end of this test
    ASSERT_TRUE(Logs(server, "secret_added")) << server.log();
    ASSERT_EQ(Reason(server.api().Upsert(ACustomer()).status), "OK");
    incident = LateDelivery("I-1");
    const auto answer = server.api().Report(incident);
    ASSERT_EQ(Reason(answer.status), "OK");
    fs::rename(store_.secrets() + "/c1.secret", store_.secrets() + "/c1.away");
    ASSERT_TRUE(Logs(server, "SECRET_REMOVED")) << server.log();
    const auto again = server.api().Report(incident);
    EXPECT_EQ(again->decision().voucher().code(), answer->decision().voucher().code());
  }
  ServerProcess server(store_.ServerArguments(false));
  ASSERT_TRUE(server.AwaitServing());
  const auto answer = server.api().Report(incident);
  EXPECT_EQ(Reason(answer.status), "INTERNAL/SECRET_MISSING") << "never another code";
}

TEST_F(SecretsE2eTest, BadFilesChangeNothingAndAreLoggedAndCounted) {
  ServerProcess server(store_.ServerArguments(false));
  ASSERT_TRUE(server.AwaitServing());
  ASSERT_EQ(Reason(server.api().Upsert(ACustomer()).status), "OK");
  const std::string path = store_.secrets() + "/c2.secret";
  const std::string hex(64, 'd');
  const std::string later = "\nused_from: 2099-01-01T00:00:00Z\n";
  const struct {
    std::string text;
    mode_t mode;
    std::string reason;
  } bad[] = {
      {hex + later, 0644, "SECRET_EXPOSED"},
      {"no secret" + later, 0600, "SECRET_MALFORMED"},
      {hex + "\nused_from: 2020-01-01T00:00:00Z\n", 0600, "SECRET_LATE"},
      {hex, 0600, "SECRET_DUPLICATE"},
  };
  for (const auto& file : bad) {
    const std::string temporary = store_.secrets() + "/.new";
    WriteFile(temporary, file.text);
    chmod(temporary.c_str(), file.mode);
    fs::rename(temporary, path);
    EXPECT_TRUE(Logs(server, file.reason)) << server.log();
  }
  EXPECT_THAT(server.log(), Not(HasSubstr(hex)));
  EXPECT_EQ(Reason(server.api().Report(LateDelivery("I-1")).status), "OK");
  // Mended, it is taken.
  WriteFile(store_.secrets() + "/.new", hex + later);
  chmod((store_.secrets() + "/.new").c_str(), 0440);
  fs::rename(store_.secrets() + "/.new", path);
  EXPECT_TRUE(Logs(server, "secret_added")) << server.log();
}

// As Kubernetes mounts a Secret: files are links through ..data, which is swapped as a whole.
TEST_F(SecretsE2eTest, ASwappedMountIsSeen) {
  const std::string directory = store_.secrets();
  const auto make = [&](const std::string& version) {
    fs::create_directory(directory + "/.." + version);
    for (const auto& entry : fs::directory_iterator(directory)) {
      if (entry.path().extension() == ".secret" && !entry.is_directory()) {
        const std::string copy =
            directory + "/.." + version + "/" + entry.path().filename().string();
        fs::copy_file(entry.path(), copy);
        chmod(copy.c_str(), 0440);
      }
    }
  };
  make("first");
  fs::create_directory_symlink("..first", directory + "/..data");
  for (const char* name : {"c1", "lookup", "record"}) {
    const std::string file = directory + "/" + name + ".secret";
    fs::remove(file);
    fs::create_symlink(std::string("..data/") + name + ".secret", file);
  }
  ServerProcess server(store_.ServerArguments(false));
  ASSERT_TRUE(server.AwaitServing());
  make("second");
  WriteFile(directory + "/..second/c2.secret",
            std::string(64, 'e') + "\nused_from: 2099-01-01T00:00:00Z\nfollows: c1\n");
  chmod((directory + "/..second/c2.secret").c_str(), 0440);
  fs::create_directory_symlink("..second", directory + "/..data_tmp");
  fs::rename(directory + "/..data_tmp", directory + "/..data");
  fs::create_symlink("..data/c2.secret", directory + "/c2.secret");
  EXPECT_TRUE(Logs(server, "secret_added")) << server.log();
  EXPECT_THAT(server.log(), Not(HasSubstr("secrets_rejected")));
}

}  // namespace
}  // namespace kulanz::e2e
