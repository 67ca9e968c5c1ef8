#include "service/adapters/system/directory_watcher.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>

#include "tests/support/eventually.h"
#include "tests/unit/adapters/system/temp_directory.h"

namespace kulanz::adapters {
namespace {

using kulanz::testing::Eventually;
using kulanz::testing::TempDirectory;
using std::chrono::milliseconds;
namespace fs = std::filesystem;

class DirectoryWatcherTest : public ::testing::Test {
 protected:
  DirectoryWatcher::Options Watch(const std::string& path) const {
    DirectoryWatcher::Options options;
    options.path = path;
    options.quiet = milliseconds{10};
    options.poll_interval = std::chrono::hours{1};
    return options;
  }
  auto Counter() {
    return [this] { changes_.fetch_add(1); };
  }
  bool Changed(int times) {
    return Eventually([&] { return changes_ >= times; });
  }
  // Nothing more arrives within a time that is long against `quiet`.
  bool StaysAt(int times) {
    poll(nullptr, 0, 120);
    return changes_ == times;
  }
  TempDirectory directory_;
  std::atomic<int> changes_{0};
};

TEST_F(DirectoryWatcherTest, WritingDeletingAndRenamingAreChanges) {
  directory_.Write("a.yaml", "1");
  const DirectoryWatcher watcher(Watch(directory_.path()), Counter());
  ASSERT_TRUE(watcher.notified());
  directory_.Write("a.yaml", "22");
  ASSERT_TRUE(Changed(1));
  fs::rename(directory_.File("a.yaml"), directory_.File("b.yaml"));
  ASSERT_TRUE(Changed(2));
  fs::remove(directory_.File("b.yaml"));
  ASSERT_TRUE(Changed(3));
}

TEST_F(DirectoryWatcherTest, ABurstIsOneChange) {
  DirectoryWatcher::Options options = Watch(directory_.path());
  options.quiet = milliseconds{500};  // a busy machine may leave the writer alone for a while
  const DirectoryWatcher watcher(options, Counter());
  for (int i = 0; i < 50; ++i) directory_.Write("f" + std::to_string(i) + ".yaml", "x");
  ASSERT_TRUE(Changed(1));
  EXPECT_TRUE(StaysAt(1) || changes_ == 2) << changes_;
}

TEST_F(DirectoryWatcherTest, NewFoldersAreWatchedToo) {
  const DirectoryWatcher watcher(Watch(directory_.path()), Counter());
  fs::create_directories(directory_.File("messages/late/de"));
  ASSERT_TRUE(Changed(1));
  directory_.Write("messages/late/de/body.txt", "x");
  ASSERT_TRUE(Changed(2));
}

TEST_F(DirectoryWatcherTest, HiddenFilesAndReadingAreNone) {
  directory_.Write("a.yaml", "1");
  const DirectoryWatcher watcher(Watch(directory_.path()), Counter());
  directory_.Write(".a.yaml.swp", "editor");
  std::ifstream(directory_.File("a.yaml")).get();
  EXPECT_TRUE(StaysAt(0));
}

// What the kubelet does: files are links through ..data, which is replaced by a rename.
TEST_F(DirectoryWatcherTest, AConfigMapSwapIsSeenEachTime) {
  const auto publish = [&](const std::string& generation, const std::string& text) {
    fs::create_directory(directory_.File(generation));
    directory_.Write(generation + "/policy.yaml", text);
    fs::create_directory_symlink(generation, directory_.File("..data_tmp"));
    fs::rename(directory_.File("..data_tmp"), directory_.File("..data"));
  };
  publish("..2026_01", "one");
  fs::create_symlink("..data/policy.yaml", directory_.File("policy.yaml"));
  const DirectoryWatcher watcher(Watch(directory_.path()), Counter());
  publish("..2026_02", "two");
  ASSERT_TRUE(Changed(1));
  fs::remove_all(directory_.File("..2026_01"));
  publish("..2026_03", "two");
  ASSERT_TRUE(Changed(2));
}

TEST_F(DirectoryWatcherTest, ThePollSeesWhatNotificationsCannot) {
  fs::create_directory(directory_.File("v1"));
  fs::create_directory(directory_.File("v2"));
  directory_.Write("v2/a.yaml", "2");
  fs::create_directory_symlink("v1", directory_.File("current"));
  DirectoryWatcher::Options options = Watch(directory_.File("current"));
  options.poll_interval = milliseconds{20};
  const DirectoryWatcher watcher(options, Counter());
  fs::create_directory_symlink("v2", directory_.File("next"));
  fs::rename(directory_.File("next"), directory_.File("current"));
  EXPECT_TRUE(Changed(1));
}

TEST_F(DirectoryWatcherTest, AFolderThatComesLaterIsAChange) {
  DirectoryWatcher::Options options = Watch(directory_.File("later"));
  options.poll_interval = milliseconds{20};
  const DirectoryWatcher watcher(options, Counter());
  EXPECT_TRUE(StaysAt(0));
  fs::create_directory(directory_.File("later"));
  EXPECT_TRUE(Changed(1));
}

TEST_F(DirectoryWatcherTest, LinksThatRunInARingEnd) {
  fs::create_directory(directory_.File("ring"));
  fs::create_directory_symlink("..", directory_.File("ring/up"));
  std::vector<std::string> directories;
  FingerprintTree(directory_.path(), &directories);
  EXPECT_LE(directories.size(), 20U);
}

}  // namespace
}  // namespace kulanz::adapters
