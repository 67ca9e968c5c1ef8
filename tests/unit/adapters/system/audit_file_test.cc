#include "service/adapters/system/audit_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace kulanz::adapters {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class AuditFileTest : public ::testing::Test {
 protected:
  AuditFileTest() {
    std::string path = (std::filesystem::temp_directory_path() / "kulanz-audit-XXXXXX").string();
    EXPECT_NE(mkdtemp(path.data()), nullptr);
    directory_ = path;
  }
  ~AuditFileTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  std::string path() const { return directory_ + "/audit.log"; }
  std::unique_ptr<AuditFile> Open() {
    auto opened = AuditFile::Open(
        path(), [] { return Instant(std::chrono::seconds(1'800'000'000)); }, log_);
    EXPECT_TRUE(opened.ok()) << opened.status().ToString();
    return std::move(opened).value();
  }
  static ports::AuditEntry Entry(const std::string& request) {
    ports::AuditEntry entry;
    entry.who = "token:https://login.test#anna";
    entry.request_id = request;
    return entry;
  }
  static std::vector<std::string> Lines(const std::string& path) {
    std::vector<std::string> lines;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
      lines.push_back(line);
    }
    return lines;
  }
  std::string directory_;
  ports::NullLog log_;
};

TEST_F(AuditFileTest, AnEntryIsALineOfJsonThatIsThereWhenItIsAcknowledged) {
  const auto file = Open();
  ports::AuditEntry entry = Entry("r-1");
  entry.phase = ports::AuditPhase::kEnd;
  entry.roles = "agent";
  entry.from = "10.0.0.5";
  entry.what = "kulanz.v1.VoucherService/RevokeVoucher";
  entry.subject = "voucher:\"x\"\n";
  entry.policy_revision = "abc";
  entry.result = "OK";
  EXPECT_TRUE(SyncWait(file->Append(entry)).ok());
  EXPECT_THAT(
      Lines(path()),
      ElementsAre(
          R"({"time":"2027-01-15T08:00:00Z","audit":"end","who":"token:https://login.test#anna",)"
          R"("roles":"agent","from":"10.0.0.5","what":"kulanz.v1.VoucherService/RevokeVoucher",)"
          R"("subject":"voucher:\"x\"\n","request_id":"r-1","policy_revision":"abc","result":"OK"})"));
  struct stat status = {};
  ASSERT_EQ(stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(AuditFileTest, ItIsOnlyEverAddedTo) {
  for (const char* request : {"r-1", "r-2"}) {
    const auto file = Open();
    EXPECT_TRUE(SyncWait(file->Append(Entry(request))).ok());
  }
  EXPECT_THAT(Lines(path()), ElementsAre(HasSubstr("r-1"), HasSubstr("r-2")));
}

TEST_F(AuditFileTest, ALineThatWasCutOffSwallowsNoOther) {
  std::ofstream(path()) << R"({"time":"20)";
  const auto file = Open();
  EXPECT_TRUE(SyncWait(file->Append(Entry("r-1"))).ok());
  EXPECT_THAT(Lines(path()), ElementsAre(R"({"time":"20)", EndsWith(R"("request_id":"r-1"})")));
}

TEST_F(AuditFileTest, WhatIsMovedAwayIsBegunAnew) {
  const auto file = Open();
  EXPECT_TRUE(SyncWait(file->Append(Entry("r-1"))).ok());
  ASSERT_EQ(std::rename(path().c_str(), (path() + ".1").c_str()), 0);
  EXPECT_TRUE(SyncWait(file->Append(Entry("r-2"))).ok());
  EXPECT_THAT(Lines(path() + ".1"), ElementsAre(HasSubstr("r-1")));
  EXPECT_THAT(Lines(path()), ElementsAre(HasSubstr("r-2")));
}

TEST_F(AuditFileTest, WhatCannotBeWrittenIsRefused) {
  EXPECT_EQ(AuditFile::Open(
                directory_ + "/none/audit.log", [] { return Instant{}; }, log_)
                .status()
                .reason(),
            "AUDIT_FILE");
  const auto full = AuditFile::Open(
      "/dev/full", [] { return Instant{}; }, log_);
  ASSERT_TRUE(full.ok());
  const Status status = SyncWait((*full)->Append(Entry("r-1")));
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_EQ(status.reason(), "AUDIT_LOG");
}

TEST_F(AuditFileTest, ManyAtOnceAreAllThereAndWhole) {
  constexpr int kThreads = 8;
  constexpr int kEach = 50;
  const auto file = Open();
  std::vector<std::thread> threads;
  std::atomic<int> written{0};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        written += SyncWait(file->Append(Entry(std::to_string(t) + "-" + std::to_string(i)))).ok();
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(written, kThreads * kEach);
  const std::vector<std::string> lines = Lines(path());
  ASSERT_EQ(lines.size(), static_cast<std::size_t>(kThreads * kEach));
  for (const std::string& line : lines) {
    EXPECT_THAT(line, ::testing::MatchesRegex(R"(\{"time":.*"request_id":"[0-9-]*"\})"));
  }
}

}  // namespace
}  // namespace kulanz::adapters
