#include "service/wiring/secrets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "service/app/keys.h"
#include "tests/support/status_matchers.h"

namespace kulanz::wiring {
namespace {

using adapters::SecretFile;
using kulanz::testing::IsOk;
using kulanz::testing::StatusIs;
using ::testing::HasSubstr;

const Instant kStart = InstantFromMillis(1'790'000'000'000);
Instant At(int minutes) { return kStart + std::chrono::minutes{minutes}; }

SecretFile File(const std::string& id, Instant used_from = kMinInstant,
                const std::string& follows = "") {
  return {id, used_from, follows, std::string(32, 'x') + id};
}
std::vector<SecretFile> First() { return {File("c1"), File("lookup"), File("record")}; }
std::vector<SecretFile> With(std::vector<SecretFile> files, const SecretFile& more) {
  files.push_back(more);
  return files;
}
std::string Problem(const Status& status) {
  return std::string(status.reason()) + ": " + status.message();
}

TEST(SecretsTest, NamesSayThePurpose) {
  EXPECT_EQ(PurposeOf("record"), SecretPurpose::kRecords);
  EXPECT_EQ(PurposeOf("record-2"), SecretPurpose::kRecords);
  EXPECT_EQ(PurposeOf("lookup-2027"), SecretPurpose::kLookups);
  EXPECT_EQ(PurposeOf("c1"), SecretPurpose::kCodes);
  EXPECT_EQ(PurposeOf("records"), SecretPurpose::kCodes);
}

TEST(SecretsTest, EveryPurposeNeedsOne) {
  EXPECT_THAT(ValidateSecrets(First()), IsOk());
  for (const std::size_t missing : {0U, 1U, 2U}) {
    std::vector<SecretFile> files = First();
    files.erase(files.begin() + static_cast<std::ptrdiff_t>(missing));
    EXPECT_THAT(ValidateSecrets(files), StatusIs(Code::kFailedPrecondition, "SECRET_MISSING"));
  }
}

TEST(SecretsTest, DuplicatesAreNamed) {
  SecretFile copy = File("c2", At(1));
  copy.bytes = File("c1").bytes;
  EXPECT_THAT(Problem(ValidateSecrets(With(First(), copy))),
              HasSubstr("SECRET_DUPLICATE: c1.secret and c2.secret hold the same secret"));
  EXPECT_THAT(Problem(ValidateSecrets(With(First(), File("c2")))),
              HasSubstr("SECRET_DUPLICATE: c1.secret and c2.secret are used from the same time"));
  EXPECT_THAT(Problem(ValidateSecrets(With(With(First(), File("c2", At(1))), File("c3", At(1))))),
              HasSubstr("SECRET_DUPLICATE: c2.secret and c3.secret"));
}

TEST(SecretsTest, OldOnesAreRetiredFromTheOldestOn) {
  const std::vector<SecretFile> three =
      With(With(First(), File("c2", At(1), "c1")), File("c3", At(2), "c2"));
  EXPECT_THAT(ValidateSecrets(three), IsOk());
  std::vector<SecretFile> without_middle = three;
  std::erase_if(without_middle, [](const SecretFile& file) { return file.id == "c2"; });
  EXPECT_THAT(Problem(ValidateSecrets(without_middle)),
              HasSubstr("SECRET_GAP: c3.secret follows c2.secret"));
  std::vector<SecretFile> without_first = three;
  std::erase_if(without_first, [](const SecretFile& file) { return file.id == "c1"; });
  EXPECT_THAT(ValidateSecrets(without_first), IsOk());
  const Secrets secrets(without_first);
  EXPECT_THAT(secrets.vouchers.Derive(IncidentId("i"), 0, At(0), {}).status(),
              StatusIs(Code::kInternal, "SECRET_MISSING"))
      << "an incident of the retired secret's time never gets another code";
}

TEST(SecretsTest, NewOnesAreTakenOverAndOldOnesStay) {
  Secrets secrets(First());
  const auto before = secrets.vouchers.Derive(IncidentId("i"), 0, At(4), {});
  const std::vector<SecretFile> more =
      With(With(With(First(), File("c2", At(5), "c1")), File("lookup-2", At(5))),
           File("record-2", At(5)));
  ASSERT_OK_AND_ASSIGN(const std::size_t added, secrets.TakeOver(more, At(0)));
  EXPECT_EQ(added, 3U);
  EXPECT_EQ(secrets.known().size(), 6U);
  EXPECT_EQ(secrets.vouchers.Derive(IncidentId("i"), 0, At(4), {})->code, before->code);
  EXPECT_EQ(secrets.vouchers.Derive(IncidentId("i"), 0, At(5), {})->secret_id, "c2");
  ASSERT_OK_AND_ASSIGN(const std::size_t again, secrets.TakeOver(more, At(10)));
  EXPECT_EQ(again, 0U) << "what is known is not late";
}

TEST(SecretsTest, WhatWouldChangeACodeIsRefusedAndChangesNothing) {
  Secrets secrets(With(First(), File("c0", At(-100))));
  const auto refused = [&](const std::vector<SecretFile>& files) {
    return Problem(secrets.TakeOver(files, At(0)).status());
  };
  EXPECT_THAT(refused(First()), HasSubstr("SECRET_REMOVED: c0.secret"));
  const std::vector<SecretFile> good = With(First(), File("c0", At(-100)));
  EXPECT_THAT(refused(With(good, File("c2", At(0)))), HasSubstr("SECRET_LATE: c2.secret"));
  EXPECT_THAT(refused(With(good, File("lookup-2", At(-1)))), HasSubstr("SECRET_LATE"));
  EXPECT_THAT(refused(With(good, File("record-2", At(-1)))), HasSubstr("SECRET_LATE"));
  EXPECT_THAT(refused(With(good, File("c2"))), HasSubstr("SECRET_DUPLICATE"));
  std::vector<SecretFile> changed = good;
  changed[0].bytes += "!";
  EXPECT_THAT(refused(changed), HasSubstr("SECRET_CHANGED: c1.secret"));
  EXPECT_THAT(refused(With(First(), File("c0", At(-99)))), HasSubstr("SECRET_CHANGED: c0.secret"));
  EXPECT_EQ(secrets.known().size(), 4U);
  EXPECT_EQ(secrets.vouchers.Derive(IncidentId("i"), 0, At(100), {})->secret_id, "c0");
}

// For the thread sanitizer: requests go on while secrets are added.
TEST(SecretsTest, RequestsGoOnMeanwhile) {
  Secrets secrets(First());
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  const auto first = secrets.vouchers.Derive(IncidentId("i"), 0, At(0), {});
  const ports::Key key{{3}, ports::RecordKind::kClaim, app::HashOf(IncidentId("i"))};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      while (!stop) {
        const auto code = secrets.vouchers.Derive(IncidentId("i"), 0, At(0), {});
        wrong += code.ok() && code->code == first->code ? 0 : 1;
        wrong += secrets.codec.Open(key, secrets.codec.Seal(key, "payload")).ok() ? 0 : 1;
      }
    });
  }
  std::vector<SecretFile> files = First();
  for (int i = 2; i < 20; ++i) {
    files.push_back(File("c" + std::to_string(i), At(i)));
    files.push_back(File("record-" + std::to_string(i), At(i)));
    EXPECT_TRUE(secrets.TakeOver(files, At(0)).ok());
    secrets.codec.UseAt(At(i));
  }
  stop = true;
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(secrets.codec.sealing_id(), "record-19");
}

}  // namespace
}  // namespace kulanz::wiring
