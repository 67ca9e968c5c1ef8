#include "service/adapters/system/secret_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <thread>
#include <vector>

#include "service/adapters/system/system_entropy.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/adapters/system/temp_directory.h"

namespace kulanz::adapters {
namespace {

using kulanz::testing::IsOk;
using kulanz::testing::StatusIs;
using kulanz::testing::TempDirectory;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kHex(64, 'a');

class SecretFilesTest : public ::testing::Test {
 protected:
  void WriteSecret(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    directory_.Write(name, text);
    chmod(directory_.File(name).c_str(), mode);
  }
  Status Problem() const { return ReadSecretFiles(directory_.path()).status(); }
  void ExpectMalformed(const std::string& text, const std::string& message) const {
    WriteSecret("one.secret", text);
    EXPECT_THAT(Problem(), StatusIs(Code::kFailedPrecondition, "SECRET_MALFORMED"));
    EXPECT_THAT(Problem().message(), HasSubstr(message));
    EXPECT_EQ(Problem().message().find("aaaa"), std::string::npos) << "a message shows a secret";
  }
  TempDirectory directory_;
  SystemEntropy entropy_;
};

TEST_F(SecretFilesTest, ReadsSecretsInOrderOfTheirIds) {
  WriteSecret("b.secret", "# rotated in spring\n" + kHex + "\nused_from: 2026-03-01T00:00:00Z\n");
  WriteSecret("a.secret", kHex + "00\n", 0440);
  WriteSecret("notes.txt", "not a secret", 0644);
  WriteSecret(".hidden.secret", "not looked at", 0644);
  ASSERT_OK_AND_ASSIGN(const std::vector<SecretFile> secrets, ReadSecretFiles(directory_.path()));
  ASSERT_THAT(secrets, SizeIs(2));
  EXPECT_EQ(secrets[0].id, "a");
  EXPECT_EQ(secrets[0].bytes, std::string(32, '\xAA') + '\0');
  EXPECT_EQ(secrets[0].used_from, kMinInstant);
  EXPECT_EQ(secrets[1].id, "b");
  EXPECT_EQ(FormatInstant(secrets[1].used_from), "2026-03-01T00:00:00Z");
}

TEST_F(SecretFilesTest, AnEmptyDirectoryHasNone) {
  ASSERT_OK_AND_ASSIGN(const std::vector<SecretFile> secrets, ReadSecretFiles(directory_.path()));
  EXPECT_THAT(secrets, IsEmpty());
}

TEST_F(SecretFilesTest, AMissingDirectoryIsNamed) {
  const Status status = ReadSecretFiles(directory_.File("nowhere")).status();
  EXPECT_THAT(status, StatusIs(Code::kFailedPrecondition, "SECRET_UNREADABLE"));
  EXPECT_THAT(status.message(), HasSubstr("nowhere"));
}

TEST_F(SecretFilesTest, WhatOthersMayReadOrChangeIsRefused) {
  for (const mode_t mode : {0604U, 0602U, 0644U, 0620U, 0666U}) {
    WriteSecret("one.secret", kHex, mode);
    EXPECT_THAT(Problem(), StatusIs(Code::kFailedPrecondition, "SECRET_EXPOSED"))
        << std::oct << mode;
  }
}

TEST_F(SecretFilesTest, EveryMistakeIsNamedWithItsLine) {
  ExpectMalformed("", "contains no secret");
  ExpectMalformed("# nothing\n", "contains no secret");
  ExpectMalformed(kHex.substr(2), "one.secret:1: the secret has fewer than 64");
  ExpectMalformed(kHex + "a", ":1: the secret is not an even number");
  ExpectMalformed("#\n" + kHex + "zz", ":2: the secret is not an even number");
  ExpectMalformed(kHex + "\n" + kHex, ":2: a second secret");
  ExpectMalformed(kHex + "\nused_from: tomorrow", ":2: used_from");
  ExpectMalformed(kHex + "\nfollows: C 1", ":2: follows");
  ExpectMalformed(std::string(1026, 'a'), "more than 1024");
  ExpectMalformed(std::string(5000, '#'), "larger than 4096");
  WriteSecret("one.secret", std::string(1024, 'a'));
  EXPECT_THAT(Problem(), IsOk());
  WriteSecret("Upper.secret", kHex);
  EXPECT_THAT(Problem(), StatusIs(Code::kFailedPrecondition, "SECRET_MALFORMED"));
}

TEST_F(SecretFilesTest, CreatesOneThatOnlyTheOwnerReads) {
  const std::string path = directory_.File("new");
  ASSERT_OK_AND_ASSIGN(const bool created,
                       CreateSecretFileIfMissing(path, {.id = "first"}, entropy_));
  EXPECT_TRUE(created);
  struct stat info {};
  ASSERT_EQ(stat((path + "/first.secret").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
  ASSERT_OK_AND_ASSIGN(const std::vector<SecretFile> secrets, ReadSecretFiles(path));
  ASSERT_THAT(secrets, SizeIs(1));
  EXPECT_THAT(secrets[0].bytes, SizeIs(32));
  const std::filesystem::directory_iterator begin(path);
  EXPECT_EQ(std::distance(begin, {}), 1) << "a temporary file was left behind";
}

TEST_F(SecretFilesTest, ASuccessorSaysFromWhenAndWhomItFollows) {
  const std::optional<Instant> from = ParseInstant("2027-01-01T00:00:00Z");
  ASSERT_OK_AND_ASSIGN(
      const bool created,
      CreateSecretFileIfMissing(
          directory_.path(),
          {.id = "c2", .used_from = from, .follows = "c1", .group_may_read = true}, entropy_));
  EXPECT_TRUE(created);
  struct stat info {};
  ASSERT_EQ(stat(directory_.File("c2.secret").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0640U);
  ASSERT_OK_AND_ASSIGN(const std::vector<SecretFile> secrets, ReadSecretFiles(directory_.path()));
  ASSERT_THAT(secrets, SizeIs(1));
  EXPECT_EQ(secrets[0].used_from, from);
  EXPECT_EQ(secrets[0].follows, "c1");
}

TEST_F(SecretFilesTest, ModesWithoutAccessForOthersAreFine) {
  for (const mode_t mode : {0400U, 0440U, 0600U, 0640U}) {
    WriteSecret("one.secret", kHex, mode);
    EXPECT_THAT(Problem(), IsOk()) << std::oct << mode;
  }
}

TEST_F(SecretFilesTest, LinksAsKubernetesMountsThemAreFollowed) {
  std::filesystem::create_directory(directory_.File("..first"));
  WriteSecret("..first/c1.secret", kHex, 0440);
  std::filesystem::create_directory_symlink("..first", directory_.File("..data"));
  std::filesystem::create_symlink("..data/c1.secret", directory_.File("c1.secret"));
  ASSERT_OK_AND_ASSIGN(const std::vector<SecretFile> secrets, ReadSecretFiles(directory_.path()));
  ASSERT_THAT(secrets, SizeIs(1));
  EXPECT_EQ(secrets[0].id, "c1");
}

TEST_F(SecretFilesTest, AnExistingSecretIsKept) {
  WriteSecret("first.secret", kHex);
  ASSERT_OK_AND_ASSIGN(const bool created,
                       CreateSecretFileIfMissing(directory_.path(), {.id = "first"}, entropy_));
  EXPECT_FALSE(created);
  ASSERT_OK_AND_ASSIGN(const std::vector<SecretFile> secrets, ReadSecretFiles(directory_.path()));
  EXPECT_EQ(secrets[0].bytes, std::string(32, '\xAA'));
}

TEST_F(SecretFilesTest, OneOfManyCreatesIt) {
  std::atomic<int> created{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      const Result<bool> result =
          CreateSecretFileIfMissing(directory_.path(), {.id = "first"}, entropy_);
      EXPECT_THAT(result, IsOk());
      if (result.ok() && *result) ++created;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(created, 1);
}

TEST_F(SecretFilesTest, AnIdThatWouldLeaveTheDirectoryIsRefused) {
  EXPECT_THAT(CreateSecretFileIfMissing(directory_.path(), {.id = "../x"}, entropy_),
              StatusIs(Code::kFailedPrecondition, "SECRET_NOT_CREATED"));
}

}  // namespace
}  // namespace kulanz::adapters
