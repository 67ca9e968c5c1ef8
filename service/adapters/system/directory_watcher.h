// DirectoryWatcher: calls back when the files below a directory have changed.
//
// inotify tells at once; a poll tells where inotify cannot (network mounts, watches used up, a link to
// the directory that was set to another one). Both only prompt a look: what counts is a fingerprint over
// names, sizes, times, modes and inodes of all files, links followed. So a Kubernetes ConfigMap, whose files are
// links through `..data` that is swapped as a whole, is one change, and an editor's save as well.
// Hidden names (".x", "..data") are not looked at themselves.
//
// The callback runs on the watcher's thread, never twice at once, after `quiet` without another event
// (at the latest after ten times that). It may look, load and log; a change that falls into it prompts
// another call. The directory may be missing at first or vanish for a while: that is a change, too.
// Changes count from the end of the constructor, so make the watcher first and load after that.
//
// Thread-safety: constructor and destructor by one owner. The destructor waits for a running callback.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "service/base/file_descriptor.h"
#include "service/domain/time.h"

namespace kulanz::adapters {

class DirectoryWatcher {
 public:
  struct Options {
    std::string path;
    Duration quiet = std::chrono::milliseconds{200};
    Duration poll_interval = std::chrono::seconds{30};
  };
  static constexpr int kDepthMax = 8;  // folders below folders, and links that run in a ring
  static constexpr std::size_t kEntriesMax = 10000;  // what is beyond is not watched

  DirectoryWatcher(Options options, std::function<void()> changed);
  ~DirectoryWatcher();
  DirectoryWatcher(const DirectoryWatcher&) = delete;
  DirectoryWatcher& operator=(const DirectoryWatcher&) = delete;

  // Whether inotify works; false: changes are seen at the next poll only.
  bool notified() const { return inotify_.valid(); }

 private:
  void Run();
  void WatchTree();
  // Waits for events or the poll's turn; false when the watcher is to end.
  bool AwaitPrompt();
  // Reads what inotify has; true when there was something.
  bool DrainEvents();

  const Options options_;
  const std::function<void()> changed_;
  FileDescriptor inotify_;
  FileDescriptor stop_event_;
  std::uint64_t fingerprint_ = 0;  // the watcher's thread's own
  std::thread thread_;
};

// Over everything below `path` that the watcher looks at; `directories` receives the folders. For tests.
std::uint64_t FingerprintTree(const std::string& path, std::vector<std::string>* directories);

}  // namespace kulanz::adapters
