// Where a level of durability may lose what was acknowledged, a repeated report mends it: the same code, one
// voucher, once redeemed; and the loss is noticed.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/fault/audited_fixture.h"
#include "tests/support/redis/temp_sentinels.h"

namespace kulanz::testing {
namespace {

using ::testing::IsEmpty;

class LostAcknowledgements : public AuditedTest {
 protected:
  void TearDown() override { servers_.clear(); }

  // Where it appends to.
  static std::filesystem::path NewestFile(const TempRedis& redis) {
    std::filesystem::path newest;
    for (const auto& file :
         std::filesystem::directory_iterator(redis.directory() + "/appendonlydir")) {
      newest = file.path().string().ends_with(".incr.aof") ? file.path() : newest;
    }
    return newest;
  }
  // Whether the decision is stored, now.
  bool IsThere(const std::string& incident) {
    const auto found = Persist([&](Deadline deadline) {
      return SyncWait(
          servers_[0]->use_cases().incidents.Get(IncidentId(incident), std::nullopt, deadline));
    });
    return found.ok();
  }
  // The customer has lost nothing and won nothing by the loss.
  void ExpectTheSameAgain(const Incident& incident, const IssuedCode& code) {
    const auto again = Report(0, incident);
    ASSERT_TRUE(again.ok() && again->code);
    EXPECT_FALSE(again->replayed) << "it was lost, so it is decided anew";
    EXPECT_EQ(again->code->Reveal(), code.Reveal());
    const auto replayed = Report(0, incident);
    ASSERT_TRUE(replayed.ok() && replayed->code);
    EXPECT_TRUE(replayed->replayed);
    EXPECT_EQ(replayed->code->Reveal(), code.Reveal());
    const auto page = Persist([&](Deadline deadline) {
      return SyncWait(servers_[0]->use_cases().incidents.List(incident.customer, 0, "", deadline));
    });
    ASSERT_TRUE(page.ok());
    std::size_t vouchers = 0;
    for (const app::DecidedIncident& decided : page->decisions) {
      vouchers += decided.decision.incident.id == incident.id && decided.code ? 1U : 0U;
    }
    EXPECT_EQ(vouchers, 1U);
    EXPECT_TRUE(AllLettersAreSent());
    EXPECT_THAT(auditor_.Audit(false), IsEmpty());
  }
};

// By their offsets: WAIT waits only for what its own connection has written.
bool HasAll(const TempReplica& replica, const TempReplica& master) {
  const redis::Reply of_replica = replica.Run({"ROLE"});  // "slave", host, port, state, offset
  const redis::Reply of_master = master.Run({"ROLE"});    // "master", offset, replicas
  return of_replica.elements.size() == 5 && of_master.elements.size() == 3 &&
         of_replica.elements[4].integer == of_master.elements[1].integer;
}

TEST_F(LostAcknowledgements, AFailoverThatLostAnAnswerGivesTheSameCodeAgain) {
  TempSentinels redis({.replicas = 1, .sentinels = 1, .down_after_ms = 600});
  Initialise(redis.address());
  AddServers(1, OptionsFor(redis.address()));
  SetTime();
  AddCustomer("C");
  ASSERT_TRUE(Report(0, MakeIncident("I-1", "C")).ok());
  ASSERT_TRUE(AllLettersAreSent());
  TempReplica& master = *redis.servers()[0];
  TempReplica& replica = *redis.servers()[1];
  ASSERT_TRUE(Eventually([&] { return HasAll(replica, master); }));

  replica.Freeze();
  master.Run({"CLIENT", "KILL", "TYPE", "replica"});
  const Incident lost = MakeIncident("I-2", "C");
  const auto acknowledged = Report(0, lost);
  ASSERT_TRUE(acknowledged.ok() && acknowledged->code);
  master.Kill();
  replica.Thaw();
  ASSERT_TRUE(Eventually([&] { return replica.IsMaster(); }, std::chrono::seconds(60)));
  ASSERT_TRUE(Eventually([&] { return servers_[0]->Ready(); }));
  EXPECT_TRUE(IsThere("I-1"));
  EXPECT_FALSE(IsThere("I-2")) << "it had not reached the replica";
  ExpectTheSameAgain(lost, *acknowledged->code);
  EXPECT_TRUE(servers_[0]->lost_writes());
  // And no third one: the customer's limit is two.
  const auto third = Report(0, MakeIncident("I-3", "C"));
  EXPECT_TRUE(third.ok() && !third->code);
  EXPECT_THAT(auditor_.Audit(false), IsEmpty());
  servers_.clear();
}

TEST_F(LostAcknowledgements, AFileCutInItsLastRecordGivesTheSameCodeAgain) {
  TempRedis redis({"--appendfsync", "always"});  // what is acknowledged is in the file
  Initialise(redis.address());
  AddServers(1, OptionsFor(redis.address()));
  SetTime();
  AddCustomer("C");
  const std::filesystem::path newest = NewestFile(redis);
  const auto before = std::filesystem::file_size(newest);
  const Incident lost = MakeIncident("I", "C");
  const auto acknowledged = Report(0, lost);
  ASSERT_TRUE(acknowledged.ok() && acknowledged->code);
  ASSERT_TRUE(AllLettersAreSent());
  redis.Kill();
  // In the first transaction since, so everything of the decision is gone.
  std::filesystem::resize_file(newest, before + 60);
  redis.Start();
  ASSERT_TRUE(Eventually([&] { return servers_[0]->Ready(); }));
  EXPECT_FALSE(IsThere("I"));
  ExpectTheSameAgain(lost, *acknowledged->code);
  servers_.clear();
}

TEST_F(LostAcknowledgements, AnOldBackupIsNoticedAndGivesTheSameCodeAgain) {
  namespace fs = std::filesystem;
  TempRedis redis({"--appendfsync", "always"});  // what is acknowledged is in the file
  Initialise(redis.address());
  AddServers(1, OptionsFor(redis.address()));
  SetTime();
  AddCustomer("C");
  ASSERT_TRUE(Report(0, MakeIncident("I-1", "C")).ok());
  ASSERT_TRUE(AllLettersAreSent());
  const std::string files = redis.directory() + "/appendonlydir";
  fs::copy(files, files + ".backup", fs::copy_options::recursive);
  const Incident lost = MakeIncident("I-2", "C");
  const auto acknowledged = Report(0, lost);
  ASSERT_TRUE(acknowledged.ok() && acknowledged->code);
  ASSERT_TRUE(AllLettersAreSent());
  redis.Kill();
  fs::remove_all(files);
  fs::rename(files + ".backup", files);
  redis.Start();
  ASSERT_TRUE(Eventually([&] { return servers_[0]->Ready(); }));
  EXPECT_TRUE(IsThere("I-1"));
  EXPECT_FALSE(IsThere("I-2"));
  ExpectTheSameAgain(lost, *acknowledged->code);
  EXPECT_TRUE(servers_[0]->lost_writes());
  servers_.clear();
}

TEST_F(LostAcknowledgements, AFlippedBitIsNeverADecision) {
  TempRedis redis({"--appendfsync", "always"});  // what is acknowledged is in the file
  Initialise(redis.address());
  AddServers(1, OptionsFor(redis.address()));
  SetTime();
  AddCustomer("C");
  const Incident flipped = MakeIncident("I-flipped", "C");
  ASSERT_TRUE(Report(0, flipped).ok());
  ASSERT_TRUE(Report(0, MakeIncident("I-whole", "C")).ok());
  ASSERT_TRUE(AllLettersAreSent());
  redis.Kill();
  {
    // The order stands in the decision, and nowhere else.
    const std::filesystem::path file = NewestFile(redis);
    std::fstream bytes(file, std::ios::binary | std::ios::in | std::ios::out);
    std::stringstream text;
    text << bytes.rdbuf();
    const std::size_t at = text.str().find("O-I-flipped");
    ASSERT_NE(at, std::string::npos);
    bytes.seekp(static_cast<std::streamoff>(at));
    bytes.put('O' ^ 1);
    ASSERT_TRUE(bytes.flush());
  }
  redis.Start();
  ASSERT_TRUE(Eventually([&] { return servers_[0]->Ready(); }));
  const auto found = Persist([&](Deadline deadline) {
    return SyncWait(servers_[0]->use_cases().incidents.Get(flipped.id, std::nullopt, deadline));
  });
  EXPECT_EQ(found.status().code(), Code::kDataLoss) << found.status().ToString();
  const auto again = Persist([&](Deadline deadline) {
    return SyncWait(servers_[0]->use_cases().incidents.Report(flipped, {}, deadline));
  });
  EXPECT_EQ(again.status().code(), Code::kDataLoss) << again.status().ToString();
  EXPECT_TRUE(IsThere("I-whole"));
  EXPECT_EQ(auditor_.vouchers(), 2U);
  servers_.clear();
}

}  // namespace
}  // namespace kulanz::testing
