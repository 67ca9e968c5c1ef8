#include "service/adapters/maildir/maildir.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <iterator>
#include <thread>
#include <vector>

#include "tests/support/eventually.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/adapters/system/temp_directory.h"

namespace kulanz::adapters {
namespace {

using kulanz::testing::Eventually;
using kulanz::testing::IsOk;
using kulanz::testing::StatusIs;
using kulanz::testing::TempDirectory;
namespace fs = std::filesystem;

std::size_t FilesIn(const std::string& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), {}));
}

std::string ContentOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class MaildirTest : public ::testing::TestWithParam<Maildir::Durability> {
 protected:
  void SetUp() override { ASSERT_OK_AND_ASSIGN(maildir_, Maildir::Open(path_, GetParam())); }
  TempDirectory directory_;
  const std::string path_ = directory_.File("mail");
  std::unique_ptr<Maildir> maildir_;
};

INSTANTIATE_TEST_SUITE_P(Durabilities, MaildirTest,
                         ::testing::Values(Maildir::Durability::kSynced,
                                           Maildir::Durability::kWritten),
                         [](const auto& instance) {
                           return instance.param == Maildir::Durability::kSynced ? "Synced"
                                                                                 : "Written";
                         });

TEST_P(MaildirTest, ALetterLiesInNewUnderItsOwnName) {
  ASSERT_OK_AND_ASSIGN(const bool written, maildir_->Write("id-1", "letter\r\n"));
  EXPECT_TRUE(written);
  EXPECT_EQ(ContentOf(path_ + "/new/id-1.eml"), "letter\r\n");
  EXPECT_EQ(FilesIn(path_ + "/tmp"), 0U);
  struct stat info {};
  ASSERT_EQ(stat((path_ + "/new/id-1.eml").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U) << "a letter bears a code: nobody else may read it";
}

TEST_P(MaildirTest, WritingItAgainDoesNotMakeASecondOne) {
  ASSERT_THAT(maildir_->Write("id-1", "letter"), IsOk());
  ASSERT_OK_AND_ASSIGN(const bool again, maildir_->Write("id-1", "letter"));
  EXPECT_FALSE(again);
  EXPECT_EQ(FilesIn(path_ + "/new"), 1U);
}

TEST_P(MaildirTest, ALetterThatWasReadIsNotWrittenAgain) {
  for (const std::string flags : {"", ":2,", ":2,FS"}) {
    const std::string name = "id-" + std::to_string(flags.size());
    ASSERT_THAT(maildir_->Write(name, "letter"), IsOk());
    fs::rename(path_ + "/new/" + name + ".eml", path_ + "/cur/" + name + ".eml" + flags);
    ASSERT_OK_AND_ASSIGN(const bool again, maildir_->Write(name, "letter"));
    EXPECT_FALSE(again) << name << flags;
  }
  EXPECT_EQ(FilesIn(path_ + "/new"), 0U);
}

TEST_P(MaildirTest, ALetterThatWasDeletedMayBeWrittenAgain) {
  ASSERT_THAT(maildir_->Write("id-1", "letter"), IsOk());
  fs::remove(path_ + "/new/id-1.eml");
  ASSERT_OK_AND_ASSIGN(const bool again, maildir_->Write("id-1", "letter"));
  EXPECT_TRUE(again);
}

TEST_P(MaildirTest, ManyThreadsThatWriteTheSameLettersMakeEachOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this] {
      for (int i = 0; i < 50; ++i) {
        EXPECT_THAT(maildir_->Write("id-" + std::to_string(i), "letter"), IsOk());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(FilesIn(path_ + "/new"), 50U);
  EXPECT_EQ(FilesIn(path_ + "/tmp"), 0U);
}

TEST_P(MaildirTest, AVanishedFolderIsAnOperatorsBusiness) {
  fs::remove_all(path_);
  EXPECT_THAT(maildir_->Write("id-1", "letter"),
              StatusIs(Code::kFailedPrecondition, "MAILDIR_GONE"));
}

// A limit on the size of files stands for a disk that fills up in the middle of a letter.
TEST_P(MaildirTest, ALetterThatDoesNotFitLeavesNothingBehind) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    setrlimit(RLIMIT_FSIZE, &limit);
    _exit(maildir_->Write("id-1", std::string(10000, 'x')).ok() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0) << "the child's write must fail";
  EXPECT_EQ(FilesIn(path_ + "/new"), 0U);
  EXPECT_EQ(FilesIn(path_ + "/tmp"), 0U);
}

// Killed at any moment, a writer leaves whole letters in new/ and at most strays in tmp/.
TEST_P(MaildirTest, AKilledWriterLeavesNoHalfLetter) {
  const std::string letter(200'000, 'x');
  std::size_t letters = 0;
  for (int round = 0; round < 10; ++round) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      for (int i = 0;; ++i) {
        static_cast<void>(
            maildir_->Write(std::to_string(round) + "-" + std::to_string(i), letter).ok());
      }
    }
    // It dies when it has written some letters, in the middle of the next one.
    const std::string some =
        path_ + "/new/" + std::to_string(round) + "-" + std::to_string(round) + ".eml";
    EXPECT_TRUE(Eventually([&some] { return fs::exists(some); }));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
  }
  for (const auto& entry : fs::directory_iterator(path_ + "/new")) {
    EXPECT_EQ(entry.file_size(), letter.size()) << entry.path();
    ++letters;
  }
  EXPECT_GT(letters, 0U);
  // The next writer takes up where that one was killed.
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Maildir> next, Maildir::Open(path_, GetParam()));
  EXPECT_THAT(next->Write("9-0", letter), IsOk());
  EXPECT_EQ(fs::file_size(path_ + "/new/9-0.eml"), letter.size());
}

TEST(MaildirOpenTest, OldStraysAreRemovedAndYoungOnesLeftAlone) {
  const TempDirectory directory;
  ASSERT_THAT(Maildir::Open(directory.path(), Maildir::Durability::kWritten), IsOk());
  directory.Write("tmp/old", "x");
  directory.Write("tmp/young", "x");
  const std::time_t long_ago = std::time(nullptr) - 40 * 3600;
  const std::array<timespec, 2> times{{{long_ago, 0}, {long_ago, 0}}};
  ASSERT_EQ(utimensat(AT_FDCWD, directory.File("tmp/old").c_str(), times.data(), 0), 0);
  ASSERT_THAT(Maildir::Open(directory.path(), Maildir::Durability::kWritten), IsOk());
  EXPECT_FALSE(fs::exists(directory.File("tmp/old")));
  EXPECT_TRUE(fs::exists(directory.File("tmp/young")));
}

TEST(MaildirOpenTest, AFileInItsPlaceIsAnError) {
  const TempDirectory directory;
  directory.Write("mail", "a file");
  EXPECT_THAT(Maildir::Open(directory.File("mail"), Maildir::Durability::kWritten),
              StatusIs(Code::kFailedPrecondition, "MAILDIR_UNUSABLE"));
  EXPECT_THAT(Maildir::Open(directory.File("no/such"), Maildir::Durability::kWritten),
              StatusIs(Code::kFailedPrecondition, "MAILDIR_UNUSABLE"));
}

}  // namespace
}  // namespace kulanz::adapters
